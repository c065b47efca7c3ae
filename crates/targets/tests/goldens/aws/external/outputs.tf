output "app_definition" {
  description = "the definition of the task (workloads.app)"
  value       = aws_ecs_task_definition.app.arn
}
