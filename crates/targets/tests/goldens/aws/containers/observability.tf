# `gate`, a service of `containers`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "gate" {
  name              = "/ecs/containers-local-gate"
  retention_in_days = 30
}

# `other`, a service of `containers`.
resource "aws_cloudwatch_log_group" "other" {
  name              = "/ecs/containers-local-other"
  retention_in_days = 30
}
