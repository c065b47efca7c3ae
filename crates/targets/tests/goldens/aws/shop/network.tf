# The network that everything of the application is in.
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  enable_dns_support   = true
}

# Subnets in each zone: public ones for what faces people, private ones for everything else. Addresses are given to
# what needs one, never to all.
resource "aws_subnet" "private" {
  for_each = {
    a = {
      availability_zone = "ap-southeast-1a"
      cidr_block        = "10.0.16.0/20"
    }
    b = {
      availability_zone = "ap-southeast-1b"
      cidr_block        = "10.0.32.0/20"
    }
  }

  availability_zone       = each.value.availability_zone
  cidr_block              = each.value.cidr_block
  map_public_ip_on_launch = false
  vpc_id                  = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  for_each = {
    a = {
      availability_zone = "ap-southeast-1a"
      cidr_block        = "10.0.0.0/24"
    }
    b = {
      availability_zone = "ap-southeast-1b"
      cidr_block        = "10.0.1.0/24"
    }
  }

  availability_zone       = each.value.availability_zone
  cidr_block              = each.value.cidr_block
  map_public_ip_on_launch = false
  vpc_id                  = aws_vpc.main.id
}

# The way to and from the outside for the public subnets.
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

# Addresses that private subnets are seen with from outside.
resource "aws_eip" "nat" {
  for_each = toset(["a"])
  domain   = "vpc"
}

# The way out of the private subnets: one for each zone where losing a zone has to be possible, else one for all.
resource "aws_nat_gateway" "main" {
  for_each      = toset(["a"])
  allocation_id = aws_eip.nat["a"].id
  subnet_id     = aws_subnet.public["a"].id
}

# Where packets go.
resource "aws_route_table" "private" {
  for_each = toset(["a", "b"])
  vpc_id   = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main["a"].id
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

# Which subnet takes which way.
resource "aws_route_table_association" "private" {
  for_each       = toset(["a", "b"])
  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

resource "aws_route_table_association" "public" {
  for_each       = toset(["a", "b"])
  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.public[each.key].id
}

# Images and files come from S3, and over the endpoint that costs nothing.
resource "aws_vpc_endpoint" "s3" {
  route_table_ids   = [aws_route_table.private["a"].id, aws_route_table.private["b"].id]
  service_name      = "com.amazonaws.ap-southeast-1.s3"
  vpc_endpoint_type = "Gateway"
  vpc_id            = aws_vpc.main.id
}

# The group that a network has from the beginning, without its rules: nothing is open that is not opened below.
resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

# Names of workloads for their neighbours.
resource "aws_service_discovery_private_dns_namespace" "main" {
  name        = "shop-prod.internal"
  description = "names of workloads for their neighbours"
  vpc         = aws_vpc.main.id
}

# Closed until a rule opens it.
resource "aws_security_group" "door" {
  name        = "shop-prod-door"
  description = "what may reach door"
  vpc_id      = aws_vpc.main.id
}

# Opened because the intent declares the call.
resource "aws_vpc_security_group_ingress_rule" "door_from_everyone_443" {
  description       = "everyone calls door"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  ip_protocol       = "tcp"
  security_group_id = aws_security_group.door.id
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "door_from_everyone_80" {
  description       = "everyone calls door"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 80
  ip_protocol       = "tcp"
  security_group_id = aws_security_group.door.id
  to_port           = 80
}

# `db`, a postgres of `shop`.
resource "aws_security_group" "db-data" {
  name        = "shop-prod-db-data"
  description = "what may reach db-data"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "db-data_from_api_5432" {
  description                  = "api calls db-data"
  from_port                    = 5432
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.api.id
  security_group_id            = aws_security_group.db-data.id
  to_port                      = 5432
}

# Ways out: to what is called, and over HTTPS to where images, secrets and logs are.
resource "aws_vpc_security_group_egress_rule" "db-data_from_api_5432" {
  description                  = "api calls db-data"
  from_port                    = 5432
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.db-data.id
  security_group_id            = aws_security_group.api.id
  to_port                      = 5432
}

# `api`, a service of `shop`.
resource "aws_security_group" "api" {
  name        = "shop-prod-api"
  description = "what may reach api"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "api_from_web_8080" {
  description                  = "web calls api"
  from_port                    = 8080
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.web.id
  security_group_id            = aws_security_group.api.id
  to_port                      = 8080
}

resource "aws_vpc_security_group_egress_rule" "api_from_web_8080" {
  description                  = "web calls api"
  from_port                    = 8080
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.api.id
  security_group_id            = aws_security_group.web.id
  to_port                      = 8080
}

resource "aws_vpc_security_group_egress_rule" "api_out_443" {
  description       = "images, secrets and logs"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  ip_protocol       = "tcp"
  security_group_id = aws_security_group.api.id
  to_port           = 443
}

# `web`, a service of `shop`.
resource "aws_security_group" "web" {
  name        = "shop-prod-web"
  description = "what may reach web"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "web_from_door_3000" {
  description                  = "door calls web"
  from_port                    = 3000
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.door.id
  security_group_id            = aws_security_group.web.id
  to_port                      = 3000
}

resource "aws_vpc_security_group_egress_rule" "web_from_door_3000" {
  description                  = "door calls web"
  from_port                    = 3000
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.web.id
  security_group_id            = aws_security_group.door.id
  to_port                      = 3000
}

resource "aws_vpc_security_group_egress_rule" "web_out_443" {
  description       = "images, secrets and logs"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  ip_protocol       = "tcp"
  security_group_id = aws_security_group.web.id
  to_port           = 443
}
