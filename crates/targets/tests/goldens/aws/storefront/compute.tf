# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "storefront-local-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `api`, a service of `storefront`.
# A deployment that does not come up is taken back by itself.
# replicas: 3 because stated in appia.yaml, line 1
resource "aws_ecs_service" "api" {
  name            = "storefront-local-api"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 3
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.api.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.api.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }

  service_registries {
    registry_arn = aws_service_discovery_service.api.arn
  }
}

# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "api" {
  family                   = "storefront-local-api"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.api_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.api.arn
  depends_on               = [aws_iam_role_policy.api_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "8080"
        },
      ]
      essential = true
      image     = var.image_api
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.api.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name = "main"
      portMappings = [
        {
          containerPort = 8080
          name          = "http"
          protocol      = "tcp"
        },
      ]
      readonlyRootFilesystem = true
      secrets = [
        {
          name      = "DATABASE_URL"
          valueFrom = var.secret_api_database_url
        },
      ]
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# The name by which neighbours find it.
resource "aws_service_discovery_service" "api" {
  name = "api"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.main.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "api" {
  name = "storefront-local-api"

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

resource "aws_iam_role" "api_start" {
  name = "storefront-local-api-start"

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
resource "aws_iam_role_policy" "api_start" {
  name = "needs"
  role = aws_iam_role.api_start.id

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
        Resource = ["${aws_cloudwatch_log_group.api.arn}:*"]
      },
      {
        Action   = ["secretsmanager:GetSecretValue"]
        Effect   = "Allow"
        Resource = [var.secret_api_database_url]
      },
    ]
    Version = "2012-10-17"
  })
}

# `web`, a service of `storefront`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "web" {
  name                              = "storefront-local-web"
  cluster                           = aws_ecs_cluster.main.id
  desired_count                     = 1
  health_check_grace_period_seconds = 60
  launch_type                       = "FARGATE"
  propagate_tags                    = "SERVICE"
  task_definition                   = aws_ecs_task_definition.web.arn
  depends_on                        = [aws_lb_listener.main]

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  load_balancer {
    container_name   = "main"
    container_port   = 3000
    target_group_arn = aws_lb_target_group.web.arn
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.web.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "storefront-local-web"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.web_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.web.arn
  depends_on               = [aws_iam_role_policy.web_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "3000"
        },
        {
          name  = "API_URL"
          value = "http://api.storefront-local.internal:8080"
        },
      ]
      essential = true
      image     = var.image_web
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.web.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name = "main"
      portMappings = [
        {
          containerPort = 3000
          name          = "http"
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

resource "aws_iam_role" "web" {
  name = "storefront-local-web"

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

resource "aws_iam_role" "web_start" {
  name = "storefront-local-web-start"

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

resource "aws_iam_role_policy" "web_start" {
  name = "needs"
  role = aws_iam_role.web_start.id

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
        Resource = ["${aws_cloudwatch_log_group.web.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}

# `worker`, a worker of `storefront`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "worker" {
  name            = "storefront-local-worker"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.worker.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.worker.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

resource "aws_ecs_task_definition" "worker" {
  family                   = "storefront-local-worker"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.worker_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.worker.arn
  depends_on               = [aws_iam_role_policy.worker_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PACK_MS"
          value = "1500"
        },
      ]
      essential = true
      image     = var.image_worker
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.worker.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name                   = "main"
      readonlyRootFilesystem = true
      secrets = [
        {
          name      = "DATABASE_URL"
          valueFrom = "${aws_secretsmanager_secret_version.db.arn}:url::"
        },
        {
          name      = "PGPASSWORD"
          valueFrom = "${aws_secretsmanager_secret_version.db.arn}:password::"
        },
      ]
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

resource "aws_iam_role" "worker" {
  name = "storefront-local-worker"

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

resource "aws_iam_role" "worker_start" {
  name = "storefront-local-worker-start"

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

resource "aws_iam_role_policy" "worker_start" {
  name = "needs"
  role = aws_iam_role.worker_start.id

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
        Resource = ["${aws_cloudwatch_log_group.worker.arn}:*"]
      },
      {
        Action   = ["secretsmanager:GetSecretValue"]
        Effect   = "Allow"
        Resource = [aws_secretsmanager_secret_version.db.arn]
      },
    ]
    Version = "2012-10-17"
  })
}
