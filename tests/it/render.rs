//! Words and JSON: held against what Terraform 1.11 said of the same plans, and in small examples.

mod recorded;

use ravelin::{
    base::{Mode, Sources},
    render::{Style, Telling, plan_text},
};

#[test]
fn dev_compare() {
    let Ok(dir) = std::env::var("RENDER_TRUTH") else { return };
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{dir}/schema.json")).unwrap()).unwrap();
    let shapes = recorded::shapes(&schema);
    for name in std::env::var("RENDER_PLANS").unwrap().split(',') {
        let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{dir}/{name}.json")).unwrap()).unwrap();
        let plan = recorded::plan(&json, &shapes);
        let find = |mode: Mode, kind: &str| shapes.get(&(mode, kind.to_owned()));
        let text = plan_text(&plan, &Telling { shapes: &find, sources: &Sources::default(), style: &Style::plain(), errored: false });
        std::fs::write(format!("{dir}/{name}.ours.txt"), text).unwrap();
    }
}
