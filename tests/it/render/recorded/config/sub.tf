terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "input" {}

resource "aws_vpc_dhcp_options" "inner" {
  domain_name_servers = ["10.0.0.${var.input.n}"]
}

resource "terraform_data" "t" {
  input = aws_vpc_dhcp_options.inner.id
}

output "out" {
  value = { name = aws_vpc_dhcp_options.inner.arn, t = terraform_data.t.output }
}
