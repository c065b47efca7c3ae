output "_2fa_secret" {
  description = "the secret (resources.2fa)"
  value       = aws_secretsmanager_secret._2fa.arn
}

output "_2fa_password_secret" {
  description = "the secret (resources.2fa)"
  value       = aws_secretsmanager_secret._2fa_password.arn
}

output "_2fa_definition" {
  description = "the definition of the task (workloads.2fa)"
  value       = aws_ecs_task_definition._2fa.arn
}

output "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_definition" {
  description = "the definition of the task (workloads.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x)"
  value       = aws_ecs_task_definition.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.arn
}

output "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_definition" {
  description = "the definition of the task (workloads.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y)"
  value       = aws_ecs_task_definition.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.arn
}

output "default-deny_definition" {
  description = "the definition of the task (workloads.default-deny)"
  value       = aws_ecs_task_definition.default-deny.arn
}
