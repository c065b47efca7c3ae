# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "containers-local-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `gate`, a service of `containers`.
# A deployment that does not come up is taken back by itself.
# replicas: 2 because stated in appia.yaml, line 1
resource "aws_ecs_service" "gate" {
  name                              = "containers-local-gate"
  cluster                           = aws_ecs_cluster.main.id
  desired_count                     = 2
  health_check_grace_period_seconds = 60
  launch_type                       = "FARGATE"
  propagate_tags                    = "SERVICE"
  task_definition                   = aws_ecs_task_definition.gate.arn
  depends_on                        = [aws_lb_listener.main]

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  load_balancer {
    container_name   = "app"
    container_port   = 80
    target_group_arn = aws_lb_target_group.gate.arn
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.gate.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "gate" {
  family                   = "containers-local-gate"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.gate_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.gate.arn
  depends_on               = [aws_iam_role_policy.gate_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      dependsOn = [
        {
          condition     = "HEALTHY"
          containerName = "cache"
        },
        {
          condition     = "SUCCESS"
          containerName = "migrate"
        },
      ]
      environment = [
        {
          name  = "PORT"
          value = "80"
        },
      ]
      essential = true
      image     = "ghcr.io/example/gate:5"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.gate.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "app"
        }
      }
      name = "app"
      portMappings = [
        {
          containerPort = 80
          name          = "http"
          protocol      = "tcp"
        },
      ]
      readonlyRootFilesystem = true
    },
    {
      cpu       = 256
      essential = false
      image     = "ghcr.io/example/cache:3"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.gate.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "cache"
        }
      }
      name                   = "cache"
      readonlyRootFilesystem = true
    },
    {
      cpu       = 256
      essential = false
      image     = "ghcr.io/example/migrate:1.4"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.gate.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "migrate"
        }
      }
      name                   = "migrate"
      readonlyRootFilesystem = true
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "gate" {
  name = "containers-local-gate"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role" "gate_start" {
  name = "containers-local-gate-start"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

# Only what the intent declares. `ecr:GetAuthorizationToken` takes no narrower resource.
resource "aws_iam_role_policy" "gate_start" {
  name = "needs"
  role = aws_iam_role.gate_start.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["ecr:GetAuthorizationToken"]
        Effect   = "Allow"
        Resource = ["*"]
      },
      {
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Effect   = "Allow"
        Resource = ["arn:aws:ecr:ap-southeast-1:*:repository/*"]
      },
      {
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect   = "Allow"
        Resource = ["${aws_cloudwatch_log_group.gate.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}

# `other`, a service of `containers`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "other" {
  name            = "containers-local-other"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.other.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.other.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }

  service_registries {
    registry_arn = aws_service_discovery_service.other.arn
  }
}

resource "aws_ecs_task_definition" "other" {
  family                   = "containers-local-other"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.other_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.other.arn
  depends_on               = [aws_iam_role_policy.other_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "53"
        },
      ]
      essential = true
      image     = "ghcr.io/example/other:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.other.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name = "main"
      portMappings = [
        {
          containerPort = 53
          name          = "dns"
          protocol      = "udp"
        },
        {
          containerPort = 9000
          name          = "grpc"
          protocol      = "tcp"
        },
      ]
      readonlyRootFilesystem = true
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# The name by which neighbours find it.
resource "aws_service_discovery_service" "other" {
  name = "other"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.main.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_iam_role" "other" {
  name = "containers-local-other"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role" "other_start" {
  name = "containers-local-other-start"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role_policy" "other_start" {
  name = "needs"
  role = aws_iam_role.other_start.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["ecr:GetAuthorizationToken"]
        Effect   = "Allow"
        Resource = ["*"]
      },
      {
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Effect   = "Allow"
        Resource = ["arn:aws:ecr:ap-southeast-1:*:repository/*"]
      },
      {
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect   = "Allow"
        Resource = ["${aws_cloudwatch_log_group.other.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}
