# `front-dns`, a dns of `demo`.
# A zone of names.
resource "aws_route53_zone" "front-dns" {
  name = "front.demo.example.com"
}
