# `api`, a service of `shop`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "api" {
  name              = "/ecs/shop-prod-api"
  retention_in_days = 30
}

# `web`, a service of `shop`.
resource "aws_cloudwatch_log_group" "web" {
  name              = "/ecs/shop-prod-web"
  retention_in_days = 30
}
