//! Turns plans, states, diagnostics and events into words and JSON. Pure: it returns strings and JSON values, and prints nothing.

pub mod diagnostics;
pub mod diagnostics_json;
pub mod events;
pub mod events_json;
pub mod outputs;
pub mod style;
pub mod values;
pub mod words;

pub use diagnostics::{diagnostic, diagnostics};
pub use diagnostics_json::{diagnostic_json, validate_json};
pub use events::{Operation, OutputLine, PlannedOutput, Summary, UiEvent, event_text, plan_events};
pub use events_json::event_json;
pub use outputs::{output_json, output_raw, output_text, outputs_json, outputs_text};
pub use style::Style;

/// The Terraform version whose formats and words are kept; files and streams name it where their readers look for one.
pub const TERRAFORM_VERSION: &str = "1.11.4";
