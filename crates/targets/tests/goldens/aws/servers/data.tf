# `cache`, a redis of `servers`.
# Caches stand in the private subnets.
resource "aws_elasticache_subnet_group" "cache" {
  name       = "servers-local-cache"
  subnet_ids = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
}

# Without a password, which this resource would keep in its state: the network lets in those who declare its use, and
# only over TLS.
# version: 7.1 because nothing is stated, so the default stands: the newest of ElastiCache for Redis OSS
resource "aws_elasticache_replication_group" "cache" {
  description                = "cache of servers"
  at_rest_encryption_enabled = true
  auto_minor_version_upgrade = true
  automatic_failover_enabled = false
  engine                     = "redis"
  engine_version             = "7.1"
  multi_az_enabled           = false
  node_type                  = "cache.t4g.micro"
  num_cache_clusters         = 1
  replication_group_id       = "servers-local-cache"
  security_group_ids         = [aws_security_group.cache-data.id]
  snapshot_retention_limit   = 7
  subnet_group_name          = aws_elasticache_subnet_group.cache.name
  transit_encryption_enabled = true
}

# `pg-main`, a mysql of `servers`.
# Databases stand in the private subnets.
resource "aws_db_subnet_group" "pg-main" {
  name       = "servers-local-pg-main"
  subnet_ids = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
}

# Connections over TLS only.
resource "aws_db_parameter_group" "pg-main" {
  name   = "servers-local-pg-main-8-4"
  family = "mysql8.4"

  parameter {
    name         = "require_secure_transport"
    apply_method = "pending-reboot"
    value        = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# storage: 20Gi because nothing is stated, so the default stands: the least that gp3 storage of RDS has
# (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html)
# version: 8.4 because nothing is stated, so the default stands: Appia's default, chosen as a version with years of
# support left
resource "aws_db_instance" "pg-main" {
  identifier                 = "servers-local-pg-main"
  allocated_storage          = 20
  auto_minor_version_upgrade = true
  backup_retention_period    = 7
  copy_tags_to_snapshot      = true
  db_name                    = "app_pg_main"
  db_subnet_group_name       = aws_db_subnet_group.pg-main.name
  deletion_protection        = true
  engine                     = "mysql"
  engine_version             = "8.4"
  final_snapshot_identifier  = "servers-local-pg-main-last"
  instance_class             = "db.t4g.micro"
  multi_az                   = false
  parameter_group_name       = aws_db_parameter_group.pg-main.name
  password_wo                = ephemeral.aws_secretsmanager_secret_version.pg-main_password.secret_string
  password_wo_version        = 1
  publicly_accessible        = false
  skip_final_snapshot        = false
  storage_encrypted          = true
  storage_type               = "gp3"
  username                   = "app_pg_main"
  vpc_security_group_ids     = [aws_security_group.pg-main-data.id]
}

# Kept for a week after a deletion, in case that was a mistake.
resource "aws_secretsmanager_secret" "pg-main" {
  name                    = "servers-local-pg-main"
  description             = "pg-main of servers"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret" "pg-main_password" {
  name                    = "servers-local-pg-main/password"
  description             = "pg-main_password of servers"
  recovery_window_in_days = 7
}

# Write-only: the value is sent to the cloud and stands in no plan and no state. A higher version writes a new one.
resource "aws_secretsmanager_secret_version" "pg-main" {
  secret_id                = aws_secretsmanager_secret.pg-main.id
  secret_string_wo_version = 1

  secret_string_wo = jsonencode({
    password = ephemeral.aws_secretsmanager_secret_version.pg-main_password.secret_string
    url      = "mysql://app_pg_main:${ephemeral.aws_secretsmanager_secret_version.pg-main_password.secret_string}@${aws_db_instance.pg-main.endpoint}/app_pg_main"
    username = "app_pg_main"
  })
}

resource "aws_secretsmanager_secret_version" "pg-main_password" {
  secret_id                = aws_secretsmanager_secret.pg-main_password.id
  secret_string_wo         = substr(replace("${uuid()}${uuid()}", "-", ""), 0, 40)
  secret_string_wo_version = 1
}

# Read when something is applied and kept nowhere.
ephemeral "aws_secretsmanager_secret_version" "pg-main_password" {
  secret_id = aws_secretsmanager_secret_version.pg-main_password.secret_id
}
