output "front-dns_servers" {
  description = "the name servers to delegate the zone to (resources.front-dns)"
  value       = aws_route53_zone.front-dns.name_servers
}

output "back_definition" {
  description = "the definition of the task (workloads.back)"
  value       = aws_ecs_task_definition.back.arn
}

output "front_definition" {
  description = "the definition of the task (workloads.front)"
  value       = aws_ecs_task_definition.front.arn
}
