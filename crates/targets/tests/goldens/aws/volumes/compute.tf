# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "files-local-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `reader`, a service of `files`.
# A deployment that does not come up is taken back by itself.
# replicas: 2 because stated in appia.yaml, line 1
resource "aws_ecs_service" "reader" {
  name            = "files-local-reader"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 2
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.reader.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.reader.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "reader" {
  family                   = "files-local-reader"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.reader_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.reader.arn
  depends_on               = [aws_iam_role_policy.reader_start]

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
      image     = "ghcr.io/example/reader:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.reader.name
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
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "reader" {
  name = "files-local-reader"

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

resource "aws_iam_role" "reader_start" {
  name = "files-local-reader-start"

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
resource "aws_iam_role_policy" "reader_start" {
  name = "needs"
  role = aws_iam_role.reader_start.id

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
        Resource = ["${aws_cloudwatch_log_group.reader.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}

# `writer`, a service of `files`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "writer" {
  name            = "files-local-writer"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.writer.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.writer.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

resource "aws_ecs_task_definition" "writer" {
  family                   = "files-local-writer"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.writer_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.writer.arn
  depends_on               = [aws_iam_role_policy.writer_start]

  container_definitions = jsonencode([
    {
      cpu       = 256
      essential = true
      image     = "ghcr.io/example/writer:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.writer.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name                   = "main"
      readonlyRootFilesystem = true
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

resource "aws_iam_role" "writer" {
  name = "files-local-writer"

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

resource "aws_iam_role" "writer_start" {
  name = "files-local-writer-start"

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

resource "aws_iam_role_policy" "writer_start" {
  name = "needs"
  role = aws_iam_role.writer_start.id

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
        Resource = ["${aws_cloudwatch_log_group.writer.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}
