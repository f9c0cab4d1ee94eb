//! Which nodes refer to which.

use expect_test::expect;
use ravelin::lang::deps::{Node, body_references, dependencies};

use super::support::*;

fn name(node: &Node) -> String {
    let at = |path: &[String]| path.iter().map(|p| format!("module.{p}.")).collect::<String>();
    match node {
        Node::Call(p) => format!("call:{}", p.join(".")),
        Node::CallDepends(p) => format!("depends:{}", p.join(".")),
        Node::Whole(p) => format!("whole:{}", p.join(".")),
        Node::Variable(p, n) => format!("{}var.{n}", at(p)),
        Node::Local(p, n) => format!("{}local.{n}", at(p)),
        Node::Provider(p, n) => format!("{}provider.{n}", at(p)),
        Node::Resource(p, k) => format!("{}{}{}.{}", at(p), if k.mode == ravelin::base::Mode::Data { "data." } else { "" }, k.kind, k.name),
        Node::Output(p, n) => format!("{}output.{n}", at(p)),
        Node::Check(p, n) => format!("{}check.{n}", at(p)),
    }
}

fn graph(text: &str) -> String {
    let l = load(text);
    let bp = l.blueprint.expect("it loads");
    let mut out = show(&l.diags, &l.sources);
    for (node, needs) in dependencies(&bp) {
        let needs: Vec<String> = needs.iter().map(|(n, s)| format!("{} ({})", name(n), l.sources.text(*s).lines().next().unwrap_or(""))).collect();
        out.push_str(&format!("{} -> {}\n", name(&node), needs.join(", ")));
    }
    out
}

#[test]
fn every_kind_of_reference_is_an_edge() {
    expect![[r#"
        call:net -> local.tags (local.tags)
        call:net.inner -> call:net (module "inner")
        depends:net -> data.azurerm_x.d (data.azurerm_x.d)
        depends:net.inner -> depends:net (module "inner")
        whole:net -> module.net.azurerm_virtual_network.v (module "net"), module.net.output.id (module "net"), whole:net.inner (module "inner")
        whole:net.inner -> module.net.module.inner.azurerm_route_table.r (module "inner")
        module.net.var.name -> azurerm_resource_group.rg (azurerm_resource_group.rg.name), call:net (module "net")
        local.tags -> var.sub (var.sub)
        provider.azurerm -> var.sub (var.sub)
        provider.azurerm.hub -> 
        data.azurerm_x.d -> provider.azurerm (data "azurerm_x" "d")
        azurerm_resource_group.rg -> local.tags (local.tags), provider.azurerm (resource "azurerm_resource_group" "rg")
        azurerm_subnet.s -> azurerm_resource_group.rg (azurerm_resource_group.rg.name), data.azurerm_x.d (data.azurerm_x.d), var.sub (var.sub), local.tags (local.tags), call:net (module.net), module.net.output.id (module.net), whole:net (module.net), provider.azurerm.hub (resource "azurerm_subnet" "s")
        module.net.azurerm_virtual_network.v -> module.net.var.name (var.name), call:net (resource "azurerm_virtual_network" "v"), depends:net (resource "azurerm_virtual_network" "v"), provider.azurerm.hub (resource "azurerm_virtual_network" "v")
        module.net.module.inner.azurerm_route_table.r -> call:net.inner (resource "azurerm_route_table" "r"), depends:net.inner (resource "azurerm_route_table" "r"), provider.azurerm.hub (resource "azurerm_route_table" "r")
        output.o -> call:net (module.net), module.net.output.id (module.net), azurerm_subnet.s (azurerm_subnet.s)
        module.net.output.id -> module.net.azurerm_virtual_network.v (azurerm_virtual_network.v.id)
    "#]].assert_eq(&graph(
        r#"
provider "azurerm" {
  features {}
  subscription_id = var.sub
}
provider "azurerm" {
  alias = "hub"
  features {}
}
variable "sub" {}
locals {
  tags = { a = var.sub }
}
resource "azurerm_resource_group" "rg" {
  tags = local.tags
}
resource "azurerm_subnet" "s" {
  provider = azurerm.hub
  for_each = { for k in keys(local.tags) : k => k }
  name     = each.value
  rg       = azurerm_resource_group.rg.name
  dynamic "delegation" {
    for_each = data.azurerm_x.d[*].id
    iterator = it
    content {
      name = "${it.value}-${var.sub}-${delegation.value}"
    }
  }
  depends_on = [module.net]
  lifecycle {
    replace_triggered_by = [azurerm_resource_group.rg.location]
    precondition {
      condition     = module.net["a"].id != ""
      error_message = "x ${self.id}"
    }
  }
}
data "azurerm_x" "d" {}
module "net" {
  source     = "./net"
  for_each   = local.tags
  name       = "${each.key}${azurerm_resource_group.rg.name}"
  depends_on = [data.azurerm_x.d]
  providers  = { azurerm = azurerm.hub }
}
output "o" {
  value      = module.net
  depends_on = [azurerm_subnet.s]
}
-- net/main.tf --
variable "name" {}
resource "azurerm_virtual_network" "v" {
  name = var.name
}
module "inner" {
  source = "./inner"
}
output "id" { value = azurerm_virtual_network.v.id }
-- net/inner/main.tf --
resource "azurerm_route_table" "r" {}
"#,
    ));
}

#[test]
fn references_keep_their_static_steps() {
    let l = load("locals {\n  x = [a.b[\"c\"].d[0][each.key].e, module.m[0].out, data.t.n[*].id, var.v.w, [for q in local.y : q.z]]\n}\n");
    let bp = l.blueprint.expect("it loads");
    let mut body = ravelin::lang::Body::empty(bp.root.locals["x"].span);
    let attribute = ravelin::lang::blueprint::Attribute { name: "x".into(), name_span: body.span, expr: bp.root.locals["x"].expr.clone() };
    body.attrs.insert("x".into(), attribute);
    let mut out = String::new();
    for r in body_references(&body) {
        out.push_str(&format!("{} {:?} {}\n", l.sources.text(r.span), r.target, ravelin::base::value::show_path(&r.path)));
    }
    expect![[r#"
        a.b["c"].d[0] Resource(ResourceKey { mode: Managed, kind: "a", name: "b" }) c.d[0]
        each.key Each key
        module.m[0].out Call("m") [0].out
        data.t.n Resource(ResourceKey { mode: Data, kind: "t", name: "n" }) 
        var.v.w Variable("v") w
        local.y Local("y") 
    "#]]
    .assert_eq(&out);
}
