# `resize`, a function of `pages`.
resource "aws_lambda_function" "resize" {
  architectures = ["x86_64"]
  function_name = "pages-local-resize"
  image_uri     = var.image_resize
  memory_size   = 1769
  package_type  = "Image"
  role          = aws_iam_role.resize.arn
  timeout       = 30
  depends_on    = [aws_iam_role_policy.resize]

  environment {
    variables = {
      PORT = "9000"
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.resize.name
  }
}

# The address of a public function.
resource "aws_lambda_function_url" "resize" {
  authorization_type = "NONE"
  function_name      = aws_lambda_function.resize.function_name
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "resize" {
  name = "pages-local-resize"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

# Only what the intent declares. `ecr:GetAuthorizationToken` takes no narrower resource.
resource "aws_iam_role_policy" "resize" {
  name = "needs"
  role = aws_iam_role.resize.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect   = "Allow"
        Resource = ["${aws_cloudwatch_log_group.resize.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}
