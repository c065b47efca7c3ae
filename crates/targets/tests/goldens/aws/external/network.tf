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

# `app`, a service of `outside`.
# Closed until a rule opens it.
resource "aws_security_group" "app" {
  name        = "outside-local-app"
  description = "what may reach app"
  vpc_id      = aws_vpc.main.id
}

# Ways out: to what is called, and over HTTPS to where images, secrets and logs are.
resource "aws_vpc_security_group_egress_rule" "app_out_443" {
  description       = "images, secrets and logs"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  ip_protocol       = "tcp"
  security_group_id = aws_security_group.app.id
  to_port           = 443
}
