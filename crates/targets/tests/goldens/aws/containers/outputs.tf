output "main_address" {
  description = "where people reach public services (app)"
  value       = aws_lb.main.dns_name
}

output "gate_definition" {
  description = "the definition of the task (workloads.gate)"
  value       = aws_ecs_task_definition.gate.arn
}

output "other_definition" {
  description = "the definition of the task (workloads.other)"
  value       = aws_ecs_task_definition.other.arn
}
