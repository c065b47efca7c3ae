output "main_address" {
  description = "where people reach public services (app)"
  value       = aws_lb.main.dns_name
}

output "db_secret" {
  description = "the secret (resources.db)"
  value       = aws_secretsmanager_secret.db.arn
}

output "db_password_secret" {
  description = "the secret (resources.db)"
  value       = aws_secretsmanager_secret.db_password.arn
}

output "name_servers" {
  description = "the name servers to delegate the zone to (resources.name)"
  value       = aws_route53_zone.name.name_servers
}

output "payment_secret" {
  description = "the secret (resources.payment)"
  value       = aws_secretsmanager_secret.payment.arn
}

output "api_definition" {
  description = "the definition of the task (workloads.api)"
  value       = aws_ecs_task_definition.api.arn
}

output "web_definition" {
  description = "the definition of the task (workloads.web)"
  value       = aws_ecs_task_definition.web.arn
}
