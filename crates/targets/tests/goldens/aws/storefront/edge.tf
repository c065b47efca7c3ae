# The only way in for people.
resource "aws_lb" "main" {
  name                       = "storefront-local-main"
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  internal                   = false
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.door.id]
  subnets                    = [aws_subnet.public["a"].id, aws_subnet.public["b"].id]
}

# Answers 404 until a rule leads somewhere.
resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

# `web`, a service of `storefront`.
# A task gets requests only while its readiness answers.
resource "aws_lb_target_group" "web" {
  name                          = "storefront-local-web"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"
  port                          = 3000
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = aws_vpc.main.id

  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    unhealthy_threshold = 2
  }
}

# Which host and path leads to which workload.
resource "aws_lb_listener_rule" "web" {
  listener_arn = aws_lb_listener.main.arn
  priority     = 2

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}
