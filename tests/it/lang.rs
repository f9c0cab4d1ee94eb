//! Tests of the `lang` room.

pub mod support;

mod broken;
mod cidr_plan;
mod decode;
mod deps;
mod evaluate;
mod fmt;
mod functions;
mod fuzz;
mod generate;
mod json;
mod limits;
mod load;
mod mistakes;
mod oracle;
mod properties;
mod record;
mod vars;
