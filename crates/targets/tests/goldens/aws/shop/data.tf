# `db`, a postgres of `shop`.
# Databases stand in the private subnets.
resource "aws_db_subnet_group" "db" {
  name       = "shop-prod-db"
  subnet_ids = [aws_subnet.private["a"].id, aws_subnet.private["b"].id]
}

# Connections over TLS only.
resource "aws_db_parameter_group" "db" {
  name   = "shop-prod-db-16"
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
resource "aws_db_instance" "db" {
  identifier                 = "shop-prod-db"
  allocated_storage          = 20
  auto_minor_version_upgrade = true
  backup_retention_period    = 7
  copy_tags_to_snapshot      = true
  db_name                    = "db"
  db_subnet_group_name       = aws_db_subnet_group.db.name
  deletion_protection        = true
  engine                     = "postgres"
  engine_version             = "16"
  final_snapshot_identifier  = "shop-prod-db-last"
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
  name                    = "shop-prod-db"
  description             = "db of shop"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret" "db_password" {
  name                    = "shop-prod-db/password"
  description             = "db_password of shop"
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

# `news`, a topic of `shop`.
resource "aws_sns_topic" "news" {
  name              = "shop-prod-news"
  kms_master_key_id = "alias/aws/sns"
}

# `orders`, a queue of `shop`.
# Messages that could not be read five times go to the second queue.
resource "aws_sqs_queue" "orders" {
  name                      = "shop-prod-orders"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "orders_dead" {
  name                      = "shop-prod-orders-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

# `payment`, a secret of `shop`.
resource "aws_secretsmanager_secret" "payment" {
  name                    = "shop-prod-payment"
  description             = "payment of shop"
  recovery_window_in_days = 7
}

# `pictures`, a bucket of `shop`.
# Encrypted by the cloud itself.
resource "aws_s3_bucket" "pictures" {
  bucket        = "shop-prod-pictures"
  force_destroy = false
}

# Nobody outside reads it, whatever a policy says.
resource "aws_s3_bucket_public_access_block" "pictures" {
  bucket                  = aws_s3_bucket.pictures.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# What is overwritten or deleted can be had back.
resource "aws_s3_bucket_versioning" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  versioning_configuration {
    status = "Enabled"
  }
}
