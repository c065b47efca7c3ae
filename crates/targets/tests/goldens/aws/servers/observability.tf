# `app`, a service of `servers`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/servers-local-app"
  retention_in_days = 30
}
