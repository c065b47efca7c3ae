# `resize`, a function of `pages`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "resize" {
  name              = "/aws/lambda/pages-local-resize"
  retention_in_days = 30
}
