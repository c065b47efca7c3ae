# `2fa`, a postgres of `names`.
# Databases stand in the private subnets.
resource "aws_db_subnet_group" "_2fa" {
  name       = "names-pr-42-2fa"
  subnet_ids = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
}

# Connections over TLS only.
resource "aws_db_parameter_group" "_2fa" {
  name   = "names-pr-42-2fa-16"
  family = "postgres16"

  parameter {
    name         = "rds.force_ssl"
    apply_method = "pending-reboot"
    value        = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# storage: 20Gi because nothing is stated, so the default stands: the least that gp3 storage of RDS has
# (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html)
# version: 16 because nothing is stated, so the default stands: Appia's default, chosen as a version with years of
# support left
resource "aws_db_instance" "_2fa" {
  identifier                 = "names-pr-42-2fa"
  allocated_storage          = 20
  auto_minor_version_upgrade = true
  backup_retention_period    = 7
  copy_tags_to_snapshot      = true
  db_name                    = "app_2fa"
  db_subnet_group_name       = aws_db_subnet_group._2fa.name
  deletion_protection        = true
  engine                     = "postgres"
  engine_version             = "16"
  final_snapshot_identifier  = "names-pr-42-2fa-last"
  instance_class             = "db.t4g.micro"
  multi_az                   = false
  parameter_group_name       = aws_db_parameter_group._2fa.name
  password_wo                = ephemeral.aws_secretsmanager_secret_version._2fa_password.secret_string
  password_wo_version        = 1
  publicly_accessible        = false
  skip_final_snapshot        = false
  storage_encrypted          = true
  storage_type               = "gp3"
  username                   = "app_2fa"
  vpc_security_group_ids     = [aws_security_group._2fa-data.id]
}

# Kept for a week after a deletion, in case that was a mistake.
resource "aws_secretsmanager_secret" "_2fa" {
  name                    = "names-pr-42-2fa"
  description             = "2fa of names"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret" "_2fa_password" {
  name                    = "names-pr-42-2fa/password"
  description             = "2fa_password of names"
  recovery_window_in_days = 7
}

# Write-only: the value is sent to the cloud and stands in no plan and no state. A higher version writes a new one.
resource "aws_secretsmanager_secret_version" "_2fa" {
  secret_id                = aws_secretsmanager_secret._2fa.id
  secret_string_wo_version = 1

  secret_string_wo = jsonencode({
    password = ephemeral.aws_secretsmanager_secret_version._2fa_password.secret_string
    url      = "postgresql://app_2fa:${ephemeral.aws_secretsmanager_secret_version._2fa_password.secret_string}@${aws_db_instance._2fa.endpoint}/app_2fa"
    username = "app_2fa"
  })
}

resource "aws_secretsmanager_secret_version" "_2fa_password" {
  secret_id                = aws_secretsmanager_secret._2fa_password.id
  secret_string_wo         = substr(replace("${uuid()}${uuid()}", "-", ""), 0, 40)
  secret_string_wo_version = 1
}

# Read when something is applied and kept nowhere.
ephemeral "aws_secretsmanager_secret_version" "_2fa_password" {
  secret_id = aws_secretsmanager_secret_version._2fa_password.secret_id
}
