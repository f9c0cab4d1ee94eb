//! What blocks and options ask for: data sources, moves, removals, imports, targets, forced replacement, ignored changes.

use expect_test::{Expect, expect};
use ravelin::plan::{Options, PlanMode};

use super::{
    order::{BASE, GUARDED},
    world::{World, brief},
};

fn check(found: impl AsRef<str>, expected: Expect) {
    expected.assert_eq(&brief(found.as_ref()));
}

fn group(name: &str) -> String {
    format!("resource \"azurerm_resource_group\" \"{name}\" {{\n  name     = \"{name}\"\n  location = \"westeurope\"\n}}\n")
}

fn replace(address: &str) -> Options {
    Options { replace: vec![address.parse().unwrap()], ..Options::default() }
}

fn target(address: &str) -> Options {
    Options { targets: vec![address.parse().unwrap()], ..Options::default() }
}

#[tokio::test(start_paused = true)]
async fn a_data_source_is_read_while_planning_or_during_apply() {
    let mut world = World::new();
    world.stand(&group("a")).await;
    let known =
        group("a") + "data \"azurerm_resource_group\" \"a\" {\n  name = \"a\"\n}\noutput \"where\" {\n  value = data.azurerm_resource_group.a.location\n}\n";
    check(
        world.shown(&known).await,
        expect![[r#"
        output where = "westeurope"
    "#]],
    );
    // It asks for something that this run makes.
    let pending = group("a")
        + &group("b")
        + r#"
data "azurerm_resource_group" "b" {
  name       = "b"
  depends_on = [azurerm_resource_group.b]
}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  resource_group_name = data.azurerm_resource_group.b.name
  location            = data.azurerm_resource_group.b.location
  address_space       = ["10.0.0.0/16"]
}
"#;
    check(
        world.shown(&pending).await,
        expect![[r#"
        <= data.resource_group.b read_because_dependency_pending
        + resource_group.b
        + virtual_network.v
         0 create resource_group.b
         1 read data.resource_group.b <- 0
         2 create virtual_network.v <- 1
    "#]],
    );
    world.stand(&pending).await;
    check(world.shown(&pending).await, expect![["nothing to do\n"]]);
    // Absent.
    let absent = "data \"azurerm_resource_group\" \"x\" {\n  name = \"x\"\n}\n";
    check(
        world.shown(absent).await,
        expect![[r#"
        Error[data-not-found] main.tf:1:1 `data "azurerm_resource_group" "x"`: Data source found nothing
          data.azurerm_resource_group.x asks for /S/resourceGroups/x, which does not exist.
    "#]],
    );
    world.destroy(&pending).await;
}

#[tokio::test(start_paused = true)]
async fn a_data_source_over_a_new_value_waits_for_it() {
    let mut world = World::new();
    let text = format!(
        r#"{BASE}
resource "azurerm_public_ip" "p" {{
  name                = "p-${{azurerm_virtual_network.hub.guid}}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
}}
data "azurerm_public_ip" "p" {{
  name                = azurerm_public_ip.p.name
  resource_group_name = azurerm_public_ip.p.resource_group_name
}}
output "address" {{
  value = data.azurerm_public_ip.p.ip_address
}}
"#
    );
    check(
        world.shown(&text).await,
        expect![[r#"
        <= data.public_ip.p read_because_config_unknown
        + public_ip.p
        + resource_group.rg
        + virtual_network.hub
         0 create resource_group.rg
         1 create virtual_network.hub <- 0
         2 create public_ip.p <- 1
         3 read data.public_ip.p <- 2
        output address = (known after apply)
    "#]],
    );
    world.stand(&text).await;
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn moved_blocks_rename_without_touching_anything() {
    let mut world = World::new();
    let before = format!("{BASE}{GUARDED}");
    world.stand(&before).await;
    let after = before.replace("azurerm_subnet.a.", "azurerm_subnet.b.").replace("\"azurerm_subnet\" \"a\"", "\"azurerm_subnet\" \"b\"")
        + "moved {\n  from = azurerm_subnet.a\n  to   = azurerm_subnet.b\n}\n";
    check(
        world.shown(&after).await,
        expect![[r#"
        = subnet.b moved from subnet.a
    "#]],
    );
    // Destroyed right away: the order has to follow the move.
    world.destroy(&after).await;
}

#[tokio::test(start_paused = true)]
async fn gaining_count_and_moving_into_a_module_keep_objects() {
    let mut world = World::new();
    world.stand(&group("a")).await;
    let counted =
        "resource \"azurerm_resource_group\" \"a\" {\n  count    = 2\n  name     = count.index == 0 ? \"a\" : \"b\"\n  location = \"westeurope\"\n}\n";
    check(
        world.shown(counted).await,
        expect![[r#"
        = resource_group.a[0] moved from resource_group.a
        + resource_group.a[1]
         0 create resource_group.a[1]
    "#]],
    );
    world.stand(counted).await;
    let moved =
        "module \"m\" {\n  source = \"./m\"\n}\nmoved {\n  from = azurerm_resource_group.a\n  to   = module.m.azurerm_resource_group.a\n}\n-- m/main.tf --\n"
            .to_owned()
            + counted;
    check(
        world.shown(&moved).await,
        expect![[r#"
        = module.m.resource_group.a[0] moved from resource_group.a[0]
        = module.m.resource_group.a[1] moved from resource_group.a[1]
    "#]],
    );
    world.stand(&moved).await;
    check(world.shown(&moved).await, expect![["nothing to do\n"]]);
    let fewer = moved.replace("count    = 2", "count    = 1");
    check(
        world.shown(&fewer).await,
        expect![[r#"
        - module.m.resource_group.a[1] delete_because_count_index
         0 delete module.m.resource_group.a[1]
    "#]],
    );
    world.destroy(&fewer).await;
}

#[tokio::test(start_paused = true)]
async fn removed_blocks_forget_or_destroy() {
    let mut world = World::new();
    let text = group("a") + &group("b");
    world.stand(&text).await;
    let forget = group("b") + "removed {\n  from = azurerm_resource_group.a\n  lifecycle {\n    destroy = false\n  }\n}\n";
    check(
        world.shown(&forget).await,
        expect![[r#"
            . resource_group.a delete_because_no_resource_config
             0 forget resource_group.a
        "#]],
    );
    world.stand(&forget).await;
    check(
        world.recorded(),
        expect![[r#"
        azurerm_resource_group.b
    "#]],
    );
    check(world.there().join(" "), expect!["resourceGroups/a resourceGroups/b"]);
    let destroy = "removed {\n  from = azurerm_resource_group.b\n}\n";
    check(
        world.shown(destroy).await,
        expect![[r#"
        - resource_group.b delete_because_no_resource_config
         0 delete resource_group.b
    "#]],
    );
    world.stand(destroy).await;
    check(world.there().join(" "), expect!["resourceGroups/a"]);
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_imported_or_refused() {
    let mut world = World::new();
    world.stand(&(group("a") + &group("b"))).await;
    // Lost: the state no longer knows it.
    let text = group("a") + &group("b");
    world.state.resources.remove(&"azurerm_resource_group.a".parse().unwrap());
    check(
        world.shown(&text).await,
        expect![[r#"
        Error[already-exists] main.tf:1:1 `resource "azurerm_resource_group" "a"`: A resource with this id already exists
          azurerm_resource_group.a is to be created at /S/resourceGroups/a, but Azure already has a resource there that this state does not manage.
          hint: To manage it from now on, import it:
          import {
            to = azurerm_resource_group.a
            id = "/S/resourceGroups/a"
          }
    "#]],
    );
    let import =
        text.clone() + "import {\n  to = azurerm_resource_group.a\n  id = \"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/a\"\n}\n";
    check(
        world.shown(&import).await,
        expect![[r#"
        = resource_group.a imported
    "#]],
    );
    let changed = import.replacen("location = \"westeurope\"\n", "location = \"westeurope\"\n  tags = { x = \"y\" }\n", 1);
    check(
        world.shown(&changed).await,
        expect![[r#"
        ~ resource_group.a imported; tags <- main.tf:4:3
         0 update resource_group.a
    "#]],
    );
    world.stand(&changed).await;
    check(world.shown(&changed).await, expect![["nothing to do\n"]]);
    check(
        world.shown(&import.replace("resourceGroups/a", "resourceGroups/z")).await,
        expect![[r#"
        ~ resource_group.a; tags <- 
         0 update resource_group.a
    "#]],
    );
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn targets_take_what_they_need_and_leave_the_rest() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    check(
        world.shown_with(&text, target("azurerm_virtual_network.hub")).await,
        expect![[r#"
        + resource_group.rg
        + virtual_network.hub
         0 create resource_group.rg
         1 create virtual_network.hub <- 0
    "#]],
    );
    check(world.apply_with(&text, target("azurerm_virtual_network.hub")).await, expect![[""]]);
    check(
        world.shown(&text).await,
        expect![[r#"
        + network_security_group.nsg
        + route_table.rt
        + subnet.a
        + subnet_network_security_group_association.a
        + subnet_route_table_association.a
         0 create network_security_group.nsg
         1 create route_table.rt
         2 create subnet.a <- 0 1
         3 create subnet_network_security_group_association.a in 2 <- 2
         4 create subnet_route_table_association.a in 2 <- 2
    "#]],
    );
    world.stand(&text).await;
    // A destruction takes what depends on the target.
    let gone = Options { mode: PlanMode::Destroy, ..target("azurerm_subnet.a") };
    check(
        world.shown_with(&text, gone).await,
        expect![[r#"
        - subnet.a
        - subnet_network_security_group_association.a
        - subnet_route_table_association.a
         0 delete subnet.a
         1 delete subnet_network_security_group_association.a in 0 <- 0
         2 delete subnet_route_table_association.a in 0 <- 0
    "#]],
    );
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn replacement_can_be_asked_for_and_triggered() {
    let mut world = World::new();
    let text = format!(
        r#"{BASE}{GUARDED}
resource "azurerm_public_ip" "p" {{
  name                = "p"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
  lifecycle {{
    replace_triggered_by = [azurerm_virtual_network.hub.address_space, azurerm_subnet.a]
  }}
}}
"#
    );
    world.stand(&text).await;
    check(
        world.shown_with(&text, replace("azurerm_route_table.rt")).await,
        expect![[r#"
        -/+ route_table.rt replace_by_request
        -/+ subnet_route_table_association.a replace_because_cannot_update; route_table_id: route_table_id cannot be changed in place; route_table_id <- main.tf:35:3
         0 delete subnet_route_table_association.a
         1 delete route_table.rt <- 0
         2 create route_table.rt <- 1
         3 create subnet_route_table_association.a <- 2
    "#]],
    );
    check(world.apply_with(&text, replace("azurerm_route_table.rt")).await, expect![[""]]);
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    let wider = text.replace("[\"10.0.0.0/16\"]", "[\"10.0.0.0/15\"]");
    check(
        world.shown(&wider).await,
        expect![[r#"
            -/+ public_ip.p replace_by_triggers
            ~ virtual_network.hub; address_space <- main.tf:10:3
             0 delete public_ip.p
             1 update virtual_network.hub <- 0
             2 join <- 1
             3 create public_ip.p <- 2
        "#]],
    );
    let tagged = text.replace("  address_space       = [\"10.0.0.0/16\"]\n", "  address_space       = [\"10.0.0.0/16\"]\n  tags = { a = \"b\" }\n");
    check(
        world.shown(&tagged).await,
        expect![[r#"
        ~ virtual_network.hub; tags <- main.tf:11:3
         0 update virtual_network.hub
    "#]],
    );
    world.stand(&wider).await;
    world.destroy(&wider).await;
}

#[tokio::test(start_paused = true)]
async fn ignored_changes_stay_as_they_are() {
    let mut world = World::new();
    let text = |tags: &str, ignore: &str| {
        format!(
            "resource \"azurerm_resource_group\" \"a\" {{\n  name     = \"a\"\n  location = \"westeurope\"\n  tags     = {tags}\n  lifecycle {{\n    ignore_changes = {ignore}\n  }}\n}}\n"
        )
    };
    world.stand(&text("{ a = \"1\", b = \"1\" }", "[tags]")).await;
    check(world.shown(&text("{ a = \"2\" }", "[tags]")).await, expect![["nothing to do\n"]]);
    check(
        world.shown(&text("{ a = \"2\", b = \"2\" }", "[tags[\"a\"]]")).await,
        expect![[r#"
        ~ resource_group.a; tags.b <- main.tf:4:3
         0 update resource_group.a
    "#]],
    );
    check(world.shown(&text("{ a = \"2\" }", "all")).await, expect![["nothing to do\n"]]);
    world.sim.drift("/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/a", &["tags.c=\"9\""]).unwrap();
    check(
        world.shown(&text("{ a = \"1\", b = \"1\" }", "[tags]")).await,
        expect![[r#"
        drift ~ resource_group.a
    "#]],
    );
    check(
        world.shown(&text("{ a = \"1\", b = \"1\" }", "[location]")).await,
        expect![[r#"
        drift ~ resource_group.a
        ~ resource_group.a; tags.c drift <- main.tf:4:3
         0 update resource_group.a
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn what_vanished_is_made_again_with_what_was_in_it() {
    let mut world = World::new();
    let text = format!("{BASE}{GUARDED}");
    world.stand(&text).await;
    world.sim.vanish("/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub").unwrap();
    check(
        world.shown(&text).await,
        expect![[r#"
        drift - subnet.a
        drift - subnet_network_security_group_association.a
        drift - subnet_route_table_association.a
        drift - virtual_network.hub
        + subnet.a
        + subnet_network_security_group_association.a
        + subnet_route_table_association.a
        + virtual_network.hub
         0 create virtual_network.hub
         1 create subnet.a <- 0
         2 create subnet_network_security_group_association.a in 1 <- 1
         3 create subnet_route_table_association.a in 1 <- 1
    "#]],
    );
    let refresh_only = Options { mode: PlanMode::RefreshOnly, ..Options::default() };
    check(
        world.shown_with(&text, refresh_only).await,
        expect![[r#"
        drift - subnet.a
        drift - subnet_network_security_group_association.a
        drift - subnet_route_table_association.a
        drift - virtual_network.hub
    "#]],
    );
    world.stand(&text).await;
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn the_folders_provider_version_picks_the_shape() {
    let world = World::new();
    let subnet = |version: &str| {
        format!(
            r#"terraform {{
  required_providers {{
    azurerm = {{
      source  = "hashicorp/azurerm"
      version = "{version}"
    }}
  }}
}}
{BASE}
resource "azurerm_subnet" "a" {{
  name                 = "a"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.0.1.0/24"]
  service_endpoints    = ["Microsoft.Storage"]
}}
"#
        )
    };
    let mut out = String::new();
    for version in ["~> 4.0", "4.12.0", ">= 4.0, < 5.0", "~> 5.0", ">= 4.0", "~> 3.0"] {
        let found = world.plan(&subnet(version)).await.map(|p| format!("{} changes\n", p.plan.changes.len()));
        out.push_str(&format!("{version}: {}", found.unwrap_or_else(|e| e)));
    }
    check(
        out,
        expect![[r#"
        ~> 4.0: 3 changes
        4.12.0: 3 changes
        >= 4.0, < 5.0: 3 changes
        ~> 5.0: Error[unsupported-argument] main.tf:26:3 `service_endpoints`: Unsupported argument
          An argument named "service_endpoints" is not expected here. Did you mean "service_endpoint"?
        >= 4.0: Error[unsupported-argument] main.tf:26:3 `service_endpoints`: Unsupported argument
          An argument named "service_endpoints" is not expected here. Did you mean "service_endpoint"?
        ~> 3.0: Warning[provider-version] main.tf:3:5 `azurerm`: Provider version is not carried
          The version constraint "~> 3.0" on azurerm admits neither 5.x nor 4.x. The blueprint is read with the shapes of 5.x.
        Error[unsupported-argument] main.tf:26:3 `service_endpoints`: Unsupported argument
          An argument named "service_endpoints" is not expected here. Did you mean "service_endpoint"?
    "#]],
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_alias_may_be_of_another_subscription() {
    let mut world = World::new();
    let text = format!(
        r#"
provider "azurerm" {{
  features {{}}
}}
provider "azurerm" {{
  alias           = "other"
  subscription_id = "99999999-9999-4999-8999-999999999999"
  features {{}}
}}
module "there" {{
  source = "./there"
  providers = {{
    azurerm = azurerm.other
  }}
}}
{}
output "ids" {{
  value = [azurerm_resource_group.a.id, module.there.id]
}}
-- there/main.tf --
{}
output "id" {{
  value = azurerm_resource_group.b.id
}}
"#,
        group("a"),
        group("b")
    );
    check(
        world.shown(&text).await,
        expect![[r#"
        + resource_group.a
        + module.there.resource_group.b
         0 create resource_group.a
         1 create module.there.resource_group.b
        output ids = ["/S/resourceGroups/a", "/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/b"]
    "#]],
    );
    world.stand(&text).await;
    check(world.shown(&text).await, expect![["nothing to do\n"]]);
    world.destroy(&text).await;
}

#[tokio::test(start_paused = true)]
async fn circles_are_told_with_every_member() {
    let world = World::new();
    let text = r#"
resource "azurerm_resource_group" "a" {
  name     = "a"
  location = local.where
}
locals {
  where = azurerm_resource_group.b.location
}
resource "azurerm_resource_group" "b" {
  name     = "b"
  location = azurerm_resource_group.a.location
}
"#;
    check(
        world.shown(text).await,
        expect![[r#"
        Error[cycle] main.tf:11:14 `azurerm_resource_group.a.location`: Cycle
          These refer to each other in a circle, so none can be worked out first: azurerm_resource_group.b → azurerm_resource_group.a → local.where → azurerm_resource_group.b. One of the references has to go.
    "#]],
    );
}
