//! Types without an ARM object: their runs may die between any two events, too, and a fresh run comes to the same end.

use crate::plan::world::{Crash, Ended, World};

const LOCAL: &str = r#"
resource "terraform_data" "a" {
  count = 2
  input = "a${count.index}"
  provisioner "local-exec" {
    command = "echo ${self.id}"
  }
}
resource "terraform_data" "b" {
  input            = terraform_data.a[*].output
  triggers_replace = terraform_data.a[0].id
}
resource "null_resource" "c" {
  triggers = { b = terraform_data.b.id }
}
output "b" {
  value = terraform_data.b.output
}
"#;

/// One run that dies as told, then one that must end well. Whether the first died at all.
async fn dies_and_recovers(crash: Crash) -> bool {
    let mut world = World::new();
    let planned = world.plan(LOCAL).await.unwrap();
    let died = matches!(world.carry_out(&planned, Some(crash)).await, Ended::Died);
    let trouble = world.apply(LOCAL).await;
    assert!(trouble.is_empty(), "{crash:?}: {trouble}");
    assert_eq!(world.shown(LOCAL).await, "nothing to do\n", "{crash:?}: the plan after");
    assert_eq!(world.recorded(), "null_resource.c\nterraform_data.a[0]\nterraform_data.a[1]\nterraform_data.b\n", "{crash:?}");
    let trouble = world.tear_down(LOCAL).await;
    assert!(trouble.is_empty(), "{crash:?}: {trouble}");
    died
}

#[tokio::test(start_paused = true)]
async fn a_local_creation_that_dies_is_gone_on_with() {
    for kind in [Crash::BeforeEvent, Crash::AfterEvent] {
        let mut k = 0;
        while dies_and_recovers(kind(k)).await {
            k += 1;
        }
        assert!(k > 8, "only {k} places to die");
    }
}
