# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "outside-local-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `app`, a service of `outside`.
# A deployment that does not come up is taken back by itself.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "app" {
  name            = "outside-local-app"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.app.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.app.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "app" {
  family                   = "outside-local-app"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.app_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.app.arn
  depends_on               = [aws_iam_role_policy.app_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "8080"
        },
        {
          name  = "MAIL"
          value = "smtp://mail.example.org:587"
        },
        {
          name  = "PRICE"
          value = "5$"
        },
        {
          name  = "SELF"
          value = "8080"
        },
      ]
      essential = true
      image     = "ghcr.io/example/app:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.app.name
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
          name      = "QUEUE"
          valueFrom = var.secret_app_queue
        },
      ]
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "app" {
  name = "outside-local-app"

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

resource "aws_iam_role" "app_start" {
  name = "outside-local-app-start"

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
resource "aws_iam_role_policy" "app_start" {
  name = "needs"
  role = aws_iam_role.app_start.id

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
        Resource = ["${aws_cloudwatch_log_group.app.arn}:*"]
      },
      {
        Action   = ["secretsmanager:GetSecretValue"]
        Effect   = "Allow"
        Resource = [var.secret_app_queue]
      },
    ]
    Version = "2012-10-17"
  })
}
