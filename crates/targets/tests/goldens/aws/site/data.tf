# `docs`, a site of `pages`.
# Encrypted by the cloud itself.
resource "aws_s3_bucket" "docs-files" {
  bucket        = "pages-local-docs-files"
  force_destroy = false
}

# Nobody outside reads it, whatever a policy says.
resource "aws_s3_bucket_public_access_block" "docs-files" {
  bucket                  = aws_s3_bucket.docs-files.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# What is overwritten or deleted can be had back.
resource "aws_s3_bucket_versioning" "docs-files" {
  bucket = aws_s3_bucket.docs-files.id

  versioning_configuration {
    status = "Enabled"
  }
}

# The edge reads the files of its own site.
resource "aws_s3_bucket_policy" "docs-files" {
  bucket = aws_s3_bucket.docs-files.id

  policy = jsonencode({
    Statement = [
      {
        Action = "s3:GetObject"
        Condition = {
          StringEquals = {
            "AWS:SourceArn" = aws_cloudfront_distribution.docs.arn
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Resource = "${aws_s3_bucket.docs-files.arn}/*"
      },
    ]
    Version = "2012-10-17"
  })
}
