# `ledger`, a service of `jobs`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "ledger" {
  name              = "/ecs/jobs-staging-ledger"
  retention_in_days = 30
}

# `migrate`, a job of `jobs`.
resource "aws_cloudwatch_log_group" "migrate" {
  name              = "/ecs/jobs-staging-migrate"
  retention_in_days = 30
}

# `report`, a cron of `jobs`.
resource "aws_cloudwatch_log_group" "report" {
  name              = "/ecs/jobs-staging-report"
  retention_in_days = 30
}
