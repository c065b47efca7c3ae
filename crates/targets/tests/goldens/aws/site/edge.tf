# `docs`, a site of `pages`.
# The edge signs what it asks of the bucket.
resource "aws_cloudfront_origin_access_control" "docs" {
  name                              = "pages-local-docs"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# Files near the people who read them.
resource "aws_cloudfront_distribution" "docs" {
  default_root_object = "index.html"
  enabled             = true
  price_class         = "PriceClass_100"

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    target_origin_id       = "files"
    viewer_protocol_policy = "redirect-to-https"
  }

  origin {
    domain_name              = aws_s3_bucket.docs-files.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.docs.id
    origin_id                = "files"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
