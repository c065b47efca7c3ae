# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "shop-prod-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `api`, a service of `shop`.
# A deployment that does not come up is taken back by itself.
# replicas: 2 because stated in appia.yaml, line 1
resource "aws_ecs_service" "api" {
  name            = "shop-prod-api"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 2
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
  family                   = "shop-prod-api"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.api_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.api.arn
  depends_on               = [aws_iam_role_policy.api, aws_iam_role_policy.api_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "8080"
        },
        {
          name  = "NEWS"
          value = aws_sns_topic.news.name
        },
        {
          name  = "ORDERS"
          value = aws_sqs_queue.orders.name
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
          valueFrom = "${aws_secretsmanager_secret_version.db.arn}:url::"
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
  name = "shop-prod-api"

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
  name = "shop-prod-api-start"

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
resource "aws_iam_role_policy" "api" {
  name = "needs"
  role = aws_iam_role.api.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["sns:Publish"]
        Effect   = "Allow"
        Resource = [aws_sns_topic.news.arn]
      },
      {
        Action   = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Effect   = "Allow"
        Resource = [aws_sqs_queue.orders.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

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
        Resource = [aws_secretsmanager_secret_version.db.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

# `web`, a service of `shop`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "web" {
  name                              = "shop-prod-web"
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
  family                   = "shop-prod-web"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.web_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.web.arn
  depends_on               = [aws_iam_role_policy.web, aws_iam_role_policy.web_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "3000"
        },
        {
          name  = "API"
          value = "api.shop-prod.internal"
        },
        {
          name  = "PICTURES"
          value = aws_s3_bucket.pictures.bucket
        },
      ]
      essential = true
      image     = "ghcr.io/example/web@sha256:3b1e9c0f5d7a2468ace013579bdf02468ace013579bdf02468ace013579bdf02"
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
      secrets = [
        {
          name      = "KEY"
          valueFrom = aws_secretsmanager_secret.payment.arn
        },
      ]
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

resource "aws_iam_role" "web" {
  name = "shop-prod-web"

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
  name = "shop-prod-web-start"

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

resource "aws_iam_role_policy" "web" {
  name = "needs"
  role = aws_iam_role.web.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["s3:ListBucket"]
        Effect   = "Allow"
        Resource = [aws_s3_bucket.pictures.arn]
      },
      {
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        Effect   = "Allow"
        Resource = ["${aws_s3_bucket.pictures.arn}/*"]
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
      {
        Action   = ["secretsmanager:GetSecretValue"]
        Effect   = "Allow"
        Resource = [aws_secretsmanager_secret.payment.arn]
      },
    ]
    Version = "2012-10-17"
  })
}
