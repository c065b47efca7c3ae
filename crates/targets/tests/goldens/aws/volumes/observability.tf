# `reader`, a service of `files`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "reader" {
  name              = "/ecs/files-local-reader"
  retention_in_days = 30
}

# `writer`, a service of `files`.
resource "aws_cloudwatch_log_group" "writer" {
  name              = "/ecs/files-local-writer"
  retention_in_days = 30
}
