# The versions that these files were made and checked with.
# State is kept in a file beside them until you add a back-end here, for example `backend "s3" {}`.
terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# What is set here holds for every resource.
provider "aws" {
  region = "ap-southeast-1"

  default_tags {
    tags = {
      app         = "shop"
      environment = "prod"
      managed-by  = "appia"
    }
  }
}
