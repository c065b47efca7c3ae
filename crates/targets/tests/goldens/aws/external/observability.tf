# `app`, a service of `outside`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/outside-local-app"
  retention_in_days = 30
}
