# `db`, a postgres of `storefront`.
# Databases stand in the private subnets.
resource "aws_db_subnet_group" "db" {
  name       = "storefront-local-db"
  subnet_ids = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
}

# Connections over TLS only.
resource "aws_db_parameter_group" "db" {
  name   = "storefront-local-db-16"
  family = "postgres16"

  parameter {
    name         = "rds.force_ssl"
    apply_method = "pending-reboot"
    value        = "1"
  }

  parameter {
    name         = "max_connections"
    apply_method = "pending-reboot"
    value        = "200"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# max_connections: 200 because stated in appia.yaml, line 1
# storage: 50Gi because stated in appia.yaml, line 1
# version: 16 because stated in appia.yaml, line 1
resource "aws_db_instance" "db" {
  identifier                 = "storefront-local-db"
  allocated_storage          = 50
  auto_minor_version_upgrade = true
  backup_retention_period    = 7
  copy_tags_to_snapshot      = true
  db_name                    = "db"
  db_subnet_group_name       = aws_db_subnet_group.db.name
  deletion_protection        = true
  engine                     = "postgres"
  engine_version             = "16"
  final_snapshot_identifier  = "storefront-local-db-last"
  instance_class             = "db.t4g.micro"
  multi_az                   = false
  parameter_group_name       = aws_db_parameter_group.db.name
  password_wo                = ephemeral.aws_secretsmanager_secret_version.db_password.secret_string
  password_wo_version        = 1
  publicly_accessible        = false
  skip_final_snapshot        = false
  storage_encrypted          = true
  storage_type               = "gp3"
  username                   = "db"
  vpc_security_group_ids     = [aws_security_group.db-data.id]
}

# Kept for a week after a deletion, in case that was a mistake.
resource "aws_secretsmanager_secret" "db" {
  name                    = "storefront-local-db"
  description             = "db of storefront"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret" "db_password" {
  name                    = "storefront-local-db/password"
  description             = "db_password of storefront"
  recovery_window_in_days = 7
}

# Write-only: the value is sent to the cloud and stands in no plan and no state. A higher version writes a new one.
resource "aws_secretsmanager_secret_version" "db" {
  secret_id                = aws_secretsmanager_secret.db.id
  secret_string_wo_version = 1

  secret_string_wo = jsonencode({
    password = ephemeral.aws_secretsmanager_secret_version.db_password.secret_string
    url      = "postgresql://db:${ephemeral.aws_secretsmanager_secret_version.db_password.secret_string}@${aws_db_instance.db.endpoint}/db"
    username = "db"
  })
}

resource "aws_secretsmanager_secret_version" "db_password" {
  secret_id                = aws_secretsmanager_secret.db_password.id
  secret_string_wo         = substr(replace("${uuid()}${uuid()}", "-", ""), 0, 40)
  secret_string_wo_version = 1
}

# Read when something is applied and kept nowhere.
ephemeral "aws_secretsmanager_secret_version" "db_password" {
  secret_id = aws_secretsmanager_secret_version.db_password.secret_id
}
