# `back`, a service of `demo`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "back" {
  name              = "/ecs/demo-local-back"
  retention_in_days = 30
}

# `front`, a service of `demo`.
resource "aws_cloudwatch_log_group" "front" {
  name              = "/ecs/demo-local-front"
  retention_in_days = 30
}
