//! `ravelin version`.

use clap::Args;

use super::{Exit, ui::Ui};

/// Print the version.
#[derive(Args, Debug)]
pub struct Version {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Version, ui: &Ui) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        let text = serde_json::json!({ "ravelin_version": version, "terraform_version": crate::render::TERRAFORM_VERSION });
        ui.world.say(&format!("{text:#}\n"));
    } else {
        ui.world.say(&format!("Ravelin v{version}\nreads and writes the formats of Terraform v{}\n", crate::render::TERRAFORM_VERSION));
    }
    Exit::Ok
}
