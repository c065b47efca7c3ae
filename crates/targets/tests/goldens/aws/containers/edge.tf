# The only way in for people.
resource "aws_lb" "main" {
  name                       = "containers-local-main"
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  internal                   = false
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.door.id]
  subnets                    = [aws_subnet.public["a"].id, aws_subnet.public["b"].id]
}

# The certificate of the stated host names.
resource "aws_acm_certificate" "main" {
  domain_name       = "gate.example.org"
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# Waits until the certificate is there.
resource "aws_acm_certificate_validation" "main" {
  certificate_arn = aws_acm_certificate.main.arn
}

# Answers 404 until a rule leads somewhere.
resource "aws_lb_listener" "main" {
  certificate_arn   = aws_acm_certificate_validation.main.certificate_arn
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

# `gate`, a service of `containers`.
# A task gets requests only while its readiness answers.
resource "aws_lb_target_group" "gate" {
  name                          = "containers-local-gate"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"
  port                          = 80
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = aws_vpc.main.id

  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/ready"
    unhealthy_threshold = 2
  }
}

# Which host and path leads to which workload.
resource "aws_lb_listener_rule" "gate" {
  listener_arn = aws_lb_listener.main.arn
  priority     = 1

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gate.arn
  }

  condition {
    host_header {
      values = ["gate.example.org"]
    }
  }
}
