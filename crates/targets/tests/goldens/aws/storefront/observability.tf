# `api`, a service of `storefront`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "api" {
  name              = "/ecs/storefront-local-api"
  retention_in_days = 30
}

# `web`, a service of `storefront`.
resource "aws_cloudwatch_log_group" "web" {
  name              = "/ecs/storefront-local-web"
  retention_in_days = 30
}

# `worker`, a worker of `storefront`.
resource "aws_cloudwatch_log_group" "worker" {
  name              = "/ecs/storefront-local-worker"
  retention_in_days = 30
}
