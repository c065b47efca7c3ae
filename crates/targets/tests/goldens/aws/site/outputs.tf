output "docs_site" {
  description = "where people reach the site (workloads.docs)"
  value       = aws_cloudfront_distribution.docs.domain_name
}

output "resize_url" {
  description = "where the function answers (workloads.resize)"
  value       = aws_lambda_function_url.resize.function_url
}
