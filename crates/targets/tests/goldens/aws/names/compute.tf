# What all tasks run in.
resource "aws_ecs_cluster" "main" {
  name = "names-pr-42-main"

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

# `2fa`, a cron of `names`.
# Secrets are named here and read by ECS when it starts a container.
resource "aws_ecs_task_definition" "_2fa" {
  family                   = "names-pr-42-2fa"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role._2fa_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role._2fa.arn
  depends_on               = [aws_iam_role_policy._2fa_start]

  container_definitions = jsonencode([
    {
      cpu       = 256
      essential = true
      image     = "ghcr.io/example/c:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group._2fa.name
          awslogs-region        = "ap-southeast-1"
          awslogs-stream-prefix = "main"
        }
      }
      name                   = "main"
      readonlyRootFilesystem = true
      secrets = [
        {
          name      = "DB"
          valueFrom = "${aws_secretsmanager_secret_version._2fa.arn}:url::"
        },
      ]
    },
  ])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
}

# Started by the clock, in UTC.
resource "aws_scheduler_schedule" "_2fa" {
  name                         = "names-pr-42-2fa"
  schedule_expression          = "cron(0 0 * * ? *)"
  schedule_expression_timezone = "UTC"
  depends_on                   = [aws_iam_role_policy._2fa_clock]

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.main.arn
    role_arn = aws_iam_role._2fa_clock.arn

    ecs_parameters {
      launch_type         = "FARGATE"
      task_count          = 1
      task_definition_arn = aws_ecs_task_definition._2fa.arn

      network_configuration {
        assign_public_ip = false
        security_groups  = [aws_security_group._2fa.id]
        subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
      }
    }
  }
}

# Two roles for each workload: one starts it, one is what its program may do.
resource "aws_iam_role" "_2fa" {
  name = "names-pr-42--2fa"

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

resource "aws_iam_role" "_2fa_clock" {
  name = "names-pr-42--2fa-clock"

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

resource "aws_iam_role" "_2fa_start" {
  name = "names-pr-42--2fa-start"

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
resource "aws_iam_role_policy" "_2fa_clock" {
  name = "needs"
  role = aws_iam_role._2fa_clock.id

  policy = jsonencode({
    Statement = [
      {
        Action   = ["ecs:RunTask"]
        Effect   = "Allow"
        Resource = [aws_ecs_task_definition._2fa.arn]
      },
      {
        Action   = ["iam:PassRole"]
        Effect   = "Allow"
        Resource = [aws_iam_role._2fa_start.arn, aws_iam_role._2fa.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

resource "aws_iam_role_policy" "_2fa_start" {
  name = "needs"
  role = aws_iam_role._2fa_start.id

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
        Resource = ["${aws_cloudwatch_log_group._2fa.arn}:*"]
      },
      {
        Action   = ["secretsmanager:GetSecretValue"]
        Effect   = "Allow"
        Resource = [aws_secretsmanager_secret_version._2fa.arn]
      },
    ]
    Version = "2012-10-17"
  })
}

# `a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x`, a service of `names`.
# A deployment that does not come up is taken back by itself.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x" {
  name            = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

resource "aws_ecs_task_definition" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x" {
  family                   = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.arn
  depends_on               = [aws_iam_role_policy.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_start]

  container_definitions = jsonencode([
    {
      cpu = 256
      environment = [
        {
          name  = "PORT"
          value = "8080"
        },
        {
          name  = "OTHER"
          value = "http://a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.names-pr-42.internal:8080"
        },
      ]
      essential = true
      image     = "ghcr.io/example/a:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.name
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

resource "aws_iam_role" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x" {
  name = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-08b7c754"

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

resource "aws_iam_role" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_start" {
  name = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-c69fc776"

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

resource "aws_iam_role_policy" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_start" {
  name = "needs"
  role = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x_start.id

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
        Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect = "Allow"
        Resource = [
          "${aws_cloudwatch_log_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x.arn}:*",
        ]
      },
    ]
    Version = "2012-10-17"
  })
}

# `a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y`, a service of `names`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y" {
  name            = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }

  service_registries {
    registry_arn = aws_service_discovery_service.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.arn
  }
}

resource "aws_ecs_task_definition" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y" {
  family                   = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.arn
  depends_on               = [aws_iam_role_policy.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_start]

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
      image     = "ghcr.io/example/b:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.name
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
resource "aws_service_discovery_service" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y" {
  name = "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.main.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_iam_role" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y" {
  name = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-df11eea1"

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

resource "aws_iam_role" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_start" {
  name = "names-pr-42-a-name-so-long-that-nothing-fits-behind-it-83d412d5"

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

resource "aws_iam_role_policy" "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_start" {
  name = "needs"
  role = aws_iam_role.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y_start.id

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
        Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect = "Allow"
        Resource = [
          "${aws_cloudwatch_log_group.a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y.arn}:*",
        ]
      },
    ]
    Version = "2012-10-17"
  })
}

# `default-deny`, a worker of `names`.
# replicas: 1 because nothing is stated, so the default stands: Appia's default, chosen as the least that runs: what
# has to survive a zone states more
resource "aws_ecs_service" "default-deny" {
  name            = "names-pr-42-default-deny"
  cluster         = aws_ecs_cluster.main.id
  desired_count   = 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  task_definition = aws_ecs_task_definition.default-deny.arn

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.default-deny.id]
    subnets          = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
  }
}

resource "aws_ecs_task_definition" "default-deny" {
  family                   = "names-pr-42-default-deny"
  cpu                      = "256"
  execution_role_arn       = aws_iam_role.default-deny_start.arn
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.default-deny.arn
  depends_on               = [aws_iam_role_policy.default-deny_start]

  container_definitions = jsonencode([
    {
      cpu       = 256
      essential = true
      image     = "ghcr.io/example/d:1"
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.default-deny.name
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

resource "aws_iam_role" "default-deny" {
  name = "names-pr-42-default-deny"

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

resource "aws_iam_role" "default-deny_start" {
  name = "names-pr-42-default-deny-start"

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

resource "aws_iam_role_policy" "default-deny_start" {
  name = "needs"
  role = aws_iam_role.default-deny_start.id

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
        Resource = ["${aws_cloudwatch_log_group.default-deny.arn}:*"]
      },
    ]
    Version = "2012-10-17"
  })
}
