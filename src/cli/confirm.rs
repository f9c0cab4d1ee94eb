//! Asking before something is done.

use super::ui::Ui;

/// Whether the user typed `yes`. Without anybody to ask, the answer is no.
pub fn confirm(ui: &Ui, question: &str, description: &str) -> bool {
    let prompt = format!("\n{}\n{description}\n\n  {} ", ui.style.bold(question), ui.style.bold("Enter a value:"));
    ui.world.ask(&prompt).is_some_and(|a| a.trim() == "yes")
}
