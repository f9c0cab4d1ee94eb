//! `ravelin get`.
use super::{Exit, args::Place, ui::Ui};
use clap::Args;
/// Install the modules that the blueprint calls.
#[derive(Args, Debug)]
pub struct Get {
    #[command(flatten)]
    pub place: Place,
}
pub fn run(_args: Get, _ui: &Ui) -> Exit {
    Exit::Ok
}
