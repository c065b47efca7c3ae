output "db_secret" {
  description = "the secret (resources.db)"
  value       = aws_secretsmanager_secret.db.arn
}

output "db_password_secret" {
  description = "the secret (resources.db)"
  value       = aws_secretsmanager_secret.db_password.arn
}

output "ledger_definition" {
  description = "the definition of the task (workloads.ledger)"
  value       = aws_ecs_task_definition.ledger.arn
}

output "migrate_definition" {
  description = "the definition of the task (workloads.migrate)"
  value       = aws_ecs_task_definition.migrate.arn
}

output "report_definition" {
  description = "the definition of the task (workloads.report)"
  value       = aws_ecs_task_definition.report.arn
}
