//! What goes wrong in Azure or on our side: others go on, what waits is named, the state stays true, the next run mends it.

use std::time::Duration;

use expect_test::{Expect, expect};

use crate::plan::{
    order::{BASE, GUARDED},
    world::{World, brief},
};

fn check(found: impl AsRef<str>, expected: Expect) {
    expected.assert_eq(&brief(found.as_ref()));
}

fn zone() -> String {
    format!("{BASE}{GUARDED}")
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_other_branches_go_on_and_what_waits_is_named() {
    let mut world = World::new();
    world.fault("PUT", "routeTables/rt", 400, "Refused");
    check(
        world.apply(&zone()).await,
        expect![[r#"
            Error[azure-invalid] main.tf:24:1 `resource "azurerm_route_table" "rt"`: Azure refused the request
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt: 400 Refused: Refused was injected.
            Warning[blocked]: Steps were not started
              They depend on azurerm_route_table.rt, which failed: azurerm_subnet.a, azurerm_subnet_network_security_group_association.a, azurerm_subnet_route_table_association.a.
        "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_virtual_network.hub
    "#]],
    );
    world.no_faults();
    check(
        world.shown(&zone()).await,
        expect![[r#"
        + route_table.rt
        + subnet.a
        + subnet_network_security_group_association.a
        + subnet_route_table_association.a
         0 create route_table.rt
         1 create subnet.a <- 0
         2 create subnet_network_security_group_association.a in 1 <- 1
         3 create subnet_route_table_association.a in 1 <- 1
    "#]],
    );
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn an_output_is_not_told_of_what_did_not_come_about() {
    let mut world = World::new();
    let text =
        format!("{BASE}\noutput \"hub\" {{\n  value = azurerm_virtual_network.hub.id\n}}\noutput \"group\" {{\n  value = azurerm_resource_group.rg.id\n}}\n");
    world.fault("PUT", "virtualNetworks/hub", 400, "Refused");
    world.apply(&text).await;
    check(format!("{:?}", world.state.outputs.keys()), expect![[r#"["group"]"#]]);
    world.no_faults();
    world.stand(&text).await;
    check(format!("{:?}", world.state.outputs.keys()), expect![[r#"["group", "hub"]"#]]);
}

#[tokio::test(start_paused = true)]
async fn what_is_created_and_then_fails_is_tainted_and_replaced() {
    let mut world = World::new();
    world.fault("PUT", "virtualNetworks/hub", 0, "NetworkBroken");
    check(
        world.apply(&zone()).await,
        expect![[r#"
        Error[azure-operation] main.tf:6:1 `resource "azurerm_virtual_network" "hub"`: An operation in Azure failed
          PUT /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub: NetworkBroken: NetworkBroken was injected.
        Warning[blocked]: Steps were not started
          They depend on azurerm_virtual_network.hub, which failed: azurerm_subnet.a, azurerm_subnet_network_security_group_association.a, azurerm_subnet_route_table_association.a.
    "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_route_table.rt
        azurerm_virtual_network.hub (tainted)
    "#]],
    );
    world.no_faults();
    check(
        world.shown(&zone()).await,
        expect![[r#"
        + subnet.a
        + subnet_network_security_group_association.a
        + subnet_route_table_association.a
        -/+ virtual_network.hub replace_because_tainted
         0 delete virtual_network.hub
         1 create virtual_network.hub <- 0
         2 create subnet.a <- 1
         3 create subnet_network_security_group_association.a in 2 <- 2
         4 create subnet_route_table_association.a in 2 <- 2
    "#]],
    );
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_is_tried_again_by_the_next_run() {
    let mut world = World::new();
    world.stand(&zone()).await;
    let wider = zone().replace("[\"10.0.0.0/16\"]", "[\"10.0.0.0/15\"]");
    world.fault("PUT", "virtualNetworks/hub", 400, "Refused");
    check(
        world.apply(&wider).await,
        expect![[r#"
            Error[azure-invalid] main.tf:6:1 `resource "azurerm_virtual_network" "hub"`: Azure refused the request
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub: 400 Refused: Refused was injected.
        "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_route_table.rt
        azurerm_subnet.a
        azurerm_subnet_network_security_group_association.a
        azurerm_subnet_route_table_association.a
        azurerm_virtual_network.hub
    "#]],
    );
    world.no_faults();
    check(
        world.shown(&wider).await,
        expect![[r#"
        ~ virtual_network.hub; address_space <- main.tf:10:3
         0 update virtual_network.hub
    "#]],
    );
    world.stand(&wider).await;
    world.destroy(&wider).await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_keeps_what_it_could_not_delete() {
    let mut world = World::new();
    world.stand(&zone()).await;
    world.fault("DELETE", "subnets/a", 403, "AuthorizationFailed");
    check(
        world.tear_down(&zone()).await,
        expect![[r#"
            Error[azure-forbidden] main.tf:13:1 `resource "azurerm_subnet" "a"`: Not allowed by Azure
              DELETE /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a: 403 AuthorizationFailed: AuthorizationFailed was injected.
              hint: Ask for a role that grants this action at this scope; a new role assignment can take some minutes to take effect.
            Warning[blocked]: Steps were not started
              They depend on azurerm_subnet.a, which failed: azurerm_subnet_network_security_group_association.a, azurerm_network_security_group.nsg, azurerm_subnet_route_table_association.a, azurerm_route_table.rt, azurerm_virtual_network.hub, azurerm_resource_group.rg.
            left in Azure: ["resourceGroups/rg", "networkSecurityGroups/nsg", "routeTables/rt", "virtualNetworks/hub"]
            left in the state: azurerm_network_security_group.nsg
            azurerm_resource_group.rg
            azurerm_route_table.rt
            azurerm_subnet.a
            azurerm_subnet_network_security_group_association.a
            azurerm_subnet_route_table_association.a
            azurerm_virtual_network.hub

        "#]],
    );
    world.no_faults();
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_without_end_is_given_up_and_the_state_says_so() {
    let mut world = World::new();
    // A second is allowed, and Azure is slower.
    let slow =
        zone().replace("  address_space       = [\"10.0.0.0/16\"]\n", "  address_space       = [\"10.0.0.0/16\"]\n  timeouts {\n    create = \"1s\"\n  }\n");
    check(
        world.apply(&slow).await,
        expect![[r#"
            Error[azure-timeout] main.tf:6:1 `resource "azurerm_virtual_network" "hub"`: Azure did not finish in time
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub: Not finished in the time allowed; its state was InProgress.
              hint: The operation may still be running; plan again to see its outcome.
            Warning[blocked]: Steps were not started
              They depend on azurerm_virtual_network.hub, which failed: azurerm_subnet.a, azurerm_subnet_network_security_group_association.a, azurerm_subnet_route_table_association.a.
        "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_route_table.rt
        azurerm_virtual_network.hub (tainted)
    "#]],
    );
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn busy_and_throttling_answers_are_waited_out() {
    let mut world = World::new();
    for (method, path, status, code) in [
        ("PUT", "virtualNetworks/hub", 429, "TooManyRequests"),
        ("PUT", "subnets/a", 429, "RetryableError"),
        ("PUT", "routeTables/rt", 409, "AnotherOperationInProgress"),
        ("DELETE", "subnets/a", 409, "AnotherOperationInProgress"),
        ("GET", "subnets/a", 429, "TooManyRequests"),
        ("PUT", "networkSecurityGroups/nsg", 503, "ServiceUnavailable"),
    ] {
        world.fault(method, path, status, code);
        world.sim.store().script.faults.last_mut().unwrap().times = Some(2);
    }
    world.stand(&zone()).await;
    check(world.shown(&zone()).await, expect![["nothing to do\n"]]);
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn a_part_is_written_again_when_somebody_wrote_in_between() {
    let mut world = World::new();
    let alone = zone().split("resource \"azurerm_subnet_network_security_group_association\"").next().unwrap().to_owned();
    world.stand(&alone).await;
    world.fault("PUT", "subnets/a", 412, "PreconditionFailed");
    world.sim.store().script.faults[0].times = Some(2);
    world.stand(&zone()).await;
    check(world.shown(&zone()).await, expect![["nothing to do\n"]]);
    // For ever is too long.
    world.stand(&alone).await;
    world.fault("PUT", "subnets/a", 412, "PreconditionFailed");
    check(
        world.apply(&zone()).await,
        expect![[r#"
            Error[azure-precondition] main.tf:29:1 `resource "azurerm_subnet_network_security_group_association" "a"`: Changed in Azure since it was read
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a: 412 PreconditionFailed: PreconditionFailed was injected.
              hint: Plan again: someone else created or changed it in the meantime.
            Error[azure-precondition] main.tf:33:1 `resource "azurerm_subnet_route_table_association" "a"`: Changed in Azure since it was read
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a: 412 PreconditionFailed: PreconditionFailed was injected.
              hint: Plan again: someone else created or changed it in the meantime.
        "#]],
    );
    world.no_faults();
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_journal_is_full_nothing_more_is_sent() {
    let mut world = World::new();
    world.room = Some(3);
    check(
        world.apply(&zone()).await,
        expect![[r#"
        Error[state-io]: State cannot be accessed
          Cannot write the journal: no space left on device.
        Error[state-io]: State cannot be accessed
          Cannot write the journal: no space left on device.
        Error[state-io]: State cannot be accessed
          Cannot write the journal: no space left on device.
        Warning[blocked]: Steps were not started
          They depend on azurerm_route_table.rt, which failed: azurerm_subnet.a, azurerm_subnet_network_security_group_association.a, azurerm_subnet_route_table_association.a.
    "#]],
    );
    check(
        world.sent(),
        expect![[r#"
        PUT resourceGroups/rg
        PUT networkSecurityGroups/nsg
    "#]],
    );
    world.room = None;
    world.stand(&zone()).await;
    check(world.shown(&zone()).await, expect![["nothing to do\n"]]);
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_state_cannot_be_written_the_journal_has_it() {
    let mut world = World::new();
    world.writable = false;
    check(world.apply(&zone()).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.writable = true;
    check(world.shown(&zone()).await, expect![["nothing to do\n"]]);
    world.stand(&zone()).await;
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_route_table.rt
        azurerm_subnet.a
        azurerm_subnet_network_security_group_association.a
        azurerm_subnet_route_table_association.a
        azurerm_virtual_network.hub
    "#]],
    );
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_end_what_is_under_way_and_begins_nothing() {
    let mut world = World::new();
    world.stop_after = Some(Duration::from_millis(1500));
    check(world.apply(&zone()).await, expect![[""]]);
    check(
        world.steps.take().join("\n") + "\n",
        expect![[r#"
        start create resource_group.rg
        end create resource_group.rg
        start create network_security_group.nsg
        start create route_table.rt
        start create virtual_network.hub
        end create network_security_group.nsg
        end create route_table.rt
        end create virtual_network.hub
    "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_network_security_group.nsg
        azurerm_resource_group.rg
        azurerm_route_table.rt
        azurerm_virtual_network.hub
    "#]],
    );
    world.stop_after = None;
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_created_first_that_fails_keeps_the_old_one() {
    let mut world = World::new();
    let address = |name: &str| {
        format!(
            r#"{BASE}
resource "azurerm_public_ip" "p" {{
  name                = "{name}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
  lifecycle {{
    create_before_destroy = true
  }}
}}
"#
        )
    };
    world.stand(&address("old")).await;
    world.fault("PUT", "publicIPAddresses/new", 400, "Refused");
    check(
        world.apply(&address("new")).await,
        expect![[r#"
            Error[azure-invalid] main.tf:13:1 `resource "azurerm_public_ip" "p"`: Azure refused the request
              PUT /S/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/new: 400 Refused: Refused was injected.
            Warning[blocked]: Steps were not started
              They depend on azurerm_public_ip.p, which failed: azurerm_public_ip.p (destruction of the old object).
        "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_resource_group.rg
        azurerm_virtual_network.hub
        azurerm_public_ip.p (deposed)
    "#]],
    );
    world.no_faults();
    check(
        world.shown(&address("new")).await,
        expect![[r#"
        + public_ip.p
        - public_ip.p (deposed)
         0 create public_ip.p
         1 delete public_ip.p (deposed) <- 0
    "#]],
    );
    // The old one cannot be deleted, and meanwhile the name changes once more: both old ones are remembered.
    world.fault("DELETE", "publicIPAddresses", 400, "InUse");
    check(
        world.apply(&address("new")).await,
        expect![[r#"
            Error[azure-invalid] main.tf:13:1 `resource "azurerm_public_ip" "p"`: Azure refused the request
              DELETE /S/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/old: 400 InUse: InUse was injected.
        "#]],
    );
    check(
        world.apply(&address("newer")).await,
        expect![[r#"
            Error[azure-invalid] main.tf:13:1 `resource "azurerm_public_ip" "p"`: Azure refused the request
              DELETE /S/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/new: 400 InUse: InUse was injected.
            Error[azure-invalid] main.tf:13:1 `resource "azurerm_public_ip" "p"`: Azure refused the request
              DELETE /S/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/old: 400 InUse: InUse was injected.
        "#]],
    );
    check(
        world.recorded(),
        expect![[r#"
        azurerm_public_ip.p
        azurerm_resource_group.rg
        azurerm_virtual_network.hub
        azurerm_public_ip.p (deposed)
        azurerm_public_ip.p (deposed)
    "#]],
    );
    world.no_faults();
    world.stand(&address("newer")).await;
    check(world.there().join(" "), expect!["resourceGroups/rg publicIPAddresses/newer virtualNetworks/hub"]);
    world.destroy(&address("newer")).await;
}
