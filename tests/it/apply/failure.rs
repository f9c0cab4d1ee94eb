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
    check(world.apply(&zone()).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.no_faults();
    check(world.shown(&zone()).await, expect![[""]]);
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_created_and_then_fails_is_tainted_and_replaced() {
    let mut world = World::new();
    world.fault("PUT", "virtualNetworks/hub", 0, "NetworkBroken");
    check(world.apply(&zone()).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.no_faults();
    check(world.shown(&zone()).await, expect![[""]]);
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_is_tried_again_by_the_next_run() {
    let mut world = World::new();
    world.stand(&zone()).await;
    let wider = zone().replace("[\"10.0.0.0/16\"]", "[\"10.0.0.0/15\"]");
    world.fault("PUT", "virtualNetworks/hub", 400, "Refused");
    check(world.apply(&wider).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.no_faults();
    check(world.shown(&wider).await, expect![[""]]);
    world.stand(&wider).await;
    world.destroy(&wider).await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_keeps_what_it_could_not_delete() {
    let mut world = World::new();
    world.stand(&zone()).await;
    world.fault("DELETE", "subnets/a", 403, "AuthorizationFailed");
    check(world.tear_down(&zone()).await, expect![[""]]);
    world.no_faults();
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_without_end_is_given_up_and_the_state_says_so() {
    let mut world = World::new();
    // Two minutes allowed, and Azure is slower.
    let slow =
        zone().replace("  address_space       = [\"10.0.0.0/16\"]\n", "  address_space       = [\"10.0.0.0/16\"]\n  timeouts {\n    create = \"1s\"\n  }\n");
    check(world.apply(&slow).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
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
    check(world.apply(&zone()).await, expect![[""]]);
    world.no_faults();
    world.stand(&zone()).await;
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_journal_is_full_nothing_more_is_sent() {
    let mut world = World::new();
    world.room = Some(3);
    check(world.apply(&zone()).await, expect![[""]]);
    check(world.sent(), expect![[""]]);
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
    check(world.recorded(), expect![[""]]);
    world.destroy(&zone()).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_end_what_is_under_way_and_begins_nothing() {
    let mut world = World::new();
    world.stop_after = Some(Duration::from_millis(1500));
    check(world.apply(&zone()).await, expect![[""]]);
    check(world.steps.take().join("\n") + "\n", expect![[""]]);
    check(world.recorded(), expect![[""]]);
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
    check(world.apply(&address("new")).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.no_faults();
    check(world.shown(&address("new")).await, expect![[""]]);
    // The old one cannot be deleted, and meanwhile the name changes once more: both old ones are remembered.
    world.fault("DELETE", "publicIPAddresses", 400, "InUse");
    check(world.apply(&address("new")).await, expect![[""]]);
    check(world.apply(&address("newer")).await, expect![[""]]);
    check(world.recorded(), expect![[""]]);
    world.no_faults();
    world.stand(&address("newer")).await;
    check(world.there().join(" "), expect![[""]]);
    world.destroy(&address("newer")).await;
}
