# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "jobs-staging-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `ledger`, a service of `jobs`.
# A deployment that does not come up is taken back by itself.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "ledger" {
  name            = "jobs-staging-ledger"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.ledger.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.ledger.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }

  service_registries {
    registry_arn = aws_service_discovery_service.ledger.arn
  }
}

# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "ledger" {
  family                   = "jobs-staging-ledger"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.ledger_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.ledger.arn
  depends_on               = [aws_iam_role_policy.ledger_start]

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
      image     = "ghcr.io/example/ledger:2"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.ledger.name
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

# The name by which neighbours find it.
resource "aws_service_discovery_service" "ledger" {
  name = "ledger"

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
resource "aws_iam_role" "ledger" {
  name = "jobs-staging-ledger"

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

resource "aws_iam_role" "ledger_start" {
  name = "jobs-staging-ledger-start"

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
resource "aws_iam_role_policy" "ledger_start" {
  name = "needs"
  role = aws_iam_role.ledger_start.id

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
        Resource = ["${aws_cloudwatch_log_group.ledger.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}

# `migrate`, a job of `jobs`.
resource "aws_ecs_task_definition" "migrate" {
  family                   = "jobs-staging-migrate"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.migrate_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.migrate.arn
  depends_on               = [aws_iam_role_policy.migrate_start]

  container_definitions = jsonencode([
    {
      command    = ["echo $(date) $HOME; exec migrate"]
      cpu        = 256
      entryPoint = ["/bin/sh", "-c"]
      environment = [
        {
          name  = "HOST"
          value = "${aws_db_instance.db.address}:${aws_db_instance.db.port}/db"
        },
      ]
      essential = true
      image     = "ghcr.io/example/migrate:1.4"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.migrate.name
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

resource "aws_iam_role" "migrate" {
  name = "jobs-staging-migrate"

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

resource "aws_iam_role" "migrate_start" {
  name = "jobs-staging-migrate-start"

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

resource "aws_iam_role_policy" "migrate_start" {
  name = "needs"
  role = aws_iam_role.migrate_start.id

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
        Resource = ["${aws_cloudwatch_log_group.migrate.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}

# `report`, a cron of `jobs`.
resource "aws_ecs_task_definition" "report" {
  family                   = "jobs-staging-report"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.report_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.report.arn
  depends_on               = [aws_iam_role_policy.report_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "API"
          value = "http://ledger.jobs-staging.internal:8080"
        },
      ]
      essential = true
      image     = "ghcr.io/example/report@sha256:3b1e9c0f5d7a2468ace013579bdf02468ace013579bdf02468ace013579bdf02"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.report.name
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

# Started by the clock, in UTC.
resource "aws_scheduler_schedule" "report" {
  name                         = "jobs-staging-report"
  schedule_expression          = "cron(0 3 * * ? *)"
  schedule_expression_timezone = "UTC"
  depends_on                   = [aws_iam_role_policy.report_clock]

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.main.arn
    role_arn = aws_iam_role.report_clock.arn

    ecs_parameters {
      launch_type         = "FARGATE"
      task_count          = 1
      task_definition_arn = aws_ecs_task_definition.report.arn

      network_configuration {
        assign_public_ip = false
        security_groups  = [aws_security_group.report.id]
        subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
      }
    }
  }
}

resource "aws_iam_role" "report" {
  name = "jobs-staging-report"

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

resource "aws_iam_role" "report_clock" {
  name = "jobs-staging-report-clock"

  assume_role_policy = jsonencode({
    Statement = [
      {
        Action = ["sts:AssumeRole"]
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role" "report_start" {
  name = "jobs-staging-report-start"

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

resource "aws_iam_role_policy" "report_clock" {
  name = "needs"
  role = aws_iam_role.report_clock.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["ecs:RunTask"]
        Effect   = "Allow"
        Resource = [aws_ecs_task_definition.report.arn]
      },
      {
        Action   = ["iam:PassRole"]
        Effect   = "Allow"
        Resource = [aws_iam_role.report_start.arn, aws_iam_role.report.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role_policy" "report_start" {
  name = "needs"
  role = aws_iam_role.report_start.id

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
        Resource = ["${aws_cloudwatch_log_group.report.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}
