//! Reading folders: blocks, modules, overrides, and what is said about broken ones.

use expect_test::expect;

use super::support::*;

#[test]
fn values_flow_through_variables_locals_and_modules() {
    let text = r#"
variable "name" {
  type    = string
  default = "hub"
}
variable "sizes" {
  type = map(object({ count = number, zone = optional(string, "1") }))
  default = { a = { count = 2 }, b = { count = 3, zone = "2" } }
}
locals {
  prefix = "${var.name}-${local.suffix}"
  suffix = "weu"
  names  = [for k, v in var.sizes : "${local.prefix}-${k}-${v.zone}" if v.count > 1]
}
module "net" {
  source   = "./net"
  for_each = var.sizes
  name     = "${local.prefix}-${each.key}"
  size     = each.value.count
}
output "names" { value = local.names }
output "net" { value = module.net["b"].id }
output "all" { value = { for k, m in module.net : k => m.id } }
output "path" { value = [path.module, module.net["a"].path] }
-- net/main.tf --
variable "name" { type = string }
variable "size" { type = number }
output "id" { value = "${var.name}/${var.size}" }
output "path" { value = path.module }
"#;
    expect![[r#"
        all = { a = "hub-weu-a/2", b = "hub-weu-b/3" }: object({ a = string, b = string })
        names = ["hub-weu-a-1", "hub-weu-b-2"]: tuple([string, string])
        net = "hub-weu-b/3": string
        path = [".", "net"]: tuple([string, string])
    "#]]
    .assert_eq(&outputs(text));
}
