output "pg-main_secret" {
  description = "the secret (resources.pg-main)"
  value       = aws_secretsmanager_secret.pg-main.arn
}

output "pg-main_password_secret" {
  description = "the secret (resources.pg-main)"
  value       = aws_secretsmanager_secret.pg-main_password.arn
}

output "app_definition" {
  description = "the definition of the task (workloads.app)"
  value       = aws_ecs_task_definition.app.arn
}
