terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region                      = var.region
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "two"
  region                      = "eu-west-2"
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "region" {
  type        = string
  default     = "eu-west-1"
  description = "Where."
}

variable "names" {
  type    = map(object({ size = number, tags = optional(map(string)) }))
  default = { a = { size = -1 }, "bc" = { size = 2, tags = { x = "y" } } }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = null
}

locals {
  all = [for k, v in var.names : "${k}-${v.size}"]
}

resource "aws_launch_template" "lt" {
  for_each    = var.names
  name        = "lt-${each.value.size}-${each.key}"
  description = upper("constant")
  user_data   = var.secret

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "sda"
    ebs {
      volume_size = each.value.size
    }
  }

  block_device_mappings {
    device_name = each.key
  }

  dynamic "network_interfaces" {
    for_each = local.all
    content {
      description = network_interfaces.value
    }
  }

  lifecycle {
    ignore_changes = [description]
  }
}

resource "aws_vpc_dhcp_options" "d" {
  provider            = aws.two
  count               = length(local.all) > 0 ? 1 : 0
  domain_name_servers = [var.names["a"].size, local.all[0], "AmazonProvidedDNS"]
  tags = {
    Name = "x"
    Many = join(",", aws_launch_template.lt["a"].*.id)
    One  = aws_launch_template.lt["bc"].arn
    Sub  = module.sub["x"].out.name
    Dir  = path.module
  }
  depends_on = [aws_launch_template.lt, module.sub]
}

module "sub" {
  source   = "./sub"
  for_each = toset(["x"])
  input    = { k = [1, true, null], n = -3 }
  providers = {
    aws = aws.two
  }
}

output "out" {
  description = "An output."
  sensitive   = true
  value       = { s = var.secret, id = one(aws_vpc_dhcp_options.d[*].id) }
  depends_on  = [aws_vpc_dhcp_options.d]
}
