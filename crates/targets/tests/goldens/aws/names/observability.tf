# `2fa`, a cron of `names`.
# What the workload writes, for thirty days.
resource "aws_cloudwatch_log_group" "_2fa" {
  name              = "/ecs/names-pr-42-2fa"
  retention_in_days = 30
}

# `a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x`, a service of `names`.
resource "aws_cloudwatch_log_group" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x" {
  name              = "/ecs/names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x"
  retention_in_days = 30
}

# `a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y`, a service of `names`.
resource "aws_cloudwatch_log_group" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y" {
  name              = "/ecs/names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y"
  retention_in_days = 30
}

# `default-deny`, a worker of `names`.
resource "aws_cloudwatch_log_group" "default-deny" {
  name              = "/ecs/names-pr-42-default-deny"
  retention_in_days = 30
}
