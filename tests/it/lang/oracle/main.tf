terraform {
  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
variable "secrets" {
  default   = { a = "x", b = ["y", "z"] }
  sensitive = true
}
variable "token" {
  default   = "t0ken"
  ephemeral = true
}
variable "settings" {
  type = object({
    name  = string
    size  = optional(number, 3)
    tags  = optional(map(string), {})
    rules = optional(list(object({ port = number, open = optional(bool, true) })), [])
    note  = optional(string)
  })
  default = { name = "n", rules = [{ port = 80 }, { port = 443, open = false }] }
}
resource "terraform_data" "string" {
  input = "a"
}
resource "terraform_data" "number" {
  input = 1
}
resource "terraform_data" "bool" {
  input = true
}
resource "terraform_data" "list" {
  input = tolist(["a", "b"])
}
resource "terraform_data" "set" {
  input = toset(["a", "b"])
}
resource "terraform_data" "map" {
  input = tomap({ a = "x" })
}
resource "terraform_data" "object" {
  input = { a = "x", b = 2 }
}
resource "terraform_data" "tuple" {
  input = ["x", 2]
}
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "keyed" {
  for_each = { k = 1, l = 2 }
  input    = each.value
}
locals {
  us   = terraform_data.string.output
  un   = terraform_data.number.output
  ub   = terraform_data.bool.output
  ul   = terraform_data.list.output
  uset = terraform_data.set.output
  um   = terraform_data.map.output
  uo   = terraform_data.object.output
  ut   = terraform_data.tuple.output
  ua   = jsondecode(terraform_data.string.output)
  null = null
}
