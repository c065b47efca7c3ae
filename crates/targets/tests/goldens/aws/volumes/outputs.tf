output "reader_definition" {
  description = "the definition of the task (workloads.reader)"
  value       = aws_ecs_task_definition.reader.arn
}

output "writer_definition" {
  description = "the definition of the task (workloads.writer)"
  value       = aws_ecs_task_definition.writer.arn
}
