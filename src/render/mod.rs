//! Turns plans, states, diagnostics and events into words and JSON. Pure: it returns strings and JSON values, and prints nothing.
//!
//! [`plan_text`] tells a plan: [`diff`] compares two values, [`diff_text`] and [`strings`] put the difference in words,
//! [`headline`] and [`causes`] say what happens and why. [`plan_json`] and [`config_json`] write the same plan for machines,
//! [`state_text`] and [`state_json`] a state, [`events`] and [`events_json`] what happens while a command runs.

pub mod addresses;
pub mod align;
pub mod causes;
pub mod config_json;
pub mod diagnostics;
pub mod diagnostics_json;
pub mod diff;
pub mod diff_text;
pub mod events;
pub mod events_json;
pub mod headline;
pub mod ip_edit;
pub mod ip_json;
pub mod ip_overview;
pub mod ip_rows;
pub mod ip_standing;
pub mod ip_table;
pub mod ip_text;
pub mod ip_view;
pub mod ip_words;
pub mod map_strip;
pub mod map_style;
pub mod map_svg;
pub mod map_text;
pub mod mirror;
mod modules;
pub mod outputs;
pub mod plan_json;
pub mod plan_text;
pub mod provider_json;
pub mod relevant;
pub mod sarif;
pub mod sarif_rules;
pub mod state_json;
pub mod state_text;
pub mod strings;
pub mod style;
pub mod svg;
pub mod values;
pub mod words;

pub use addresses::addresses_text;
pub use diagnostics::{diagnostic, diagnostics};
pub use diagnostics_json::{diagnostic_json, validate_json};
pub use events::{Operation, OutputLine, PlannedOutput, Summary, UiEvent, event_text, plan_events};
pub use events_json::event_json;
pub use ip_view::View;
pub use map_svg::map_svg;
pub use map_text::map_text;
pub use outputs::{output_json, output_raw, output_text, outputs_json, outputs_text};
pub use plan_json::{Surroundings, plan_json};
pub use plan_text::{Shapes, Telling, change_text, next_steps_text, plan_text};
pub use sarif::sarif;
pub use state_json::{instance_value, state_json};
pub use state_text::{instance_text, state_list, state_text};
pub use style::Style;

/// The Terraform version whose formats and words are kept; files and streams name it where their readers look for one.
pub const TERRAFORM_VERSION: &str = "1.11.4";
