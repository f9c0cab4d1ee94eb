//! Resource types as data: each file of `schemas/` declares one type's attributes and, per attribute, its place in the ARM body.
//! The declaration is a lens: read one way it builds a request body, read the other way it turns a response into attributes.
//!
//! ```text
//! schemas/resource/azurerm_subnet.hcl → ResourceType { shape, lens, home }
//! attributes → planned → build → (PUT) → read → attributes
//! ```
//!
//! The file format is described in `schemas/README.md`. What cannot be declared is a small named transform in [`codec`].

mod build;
mod codec;
mod declare;
mod files;
mod overlay;
mod parse;
mod place;
mod planned;
mod read;
mod record;
mod replace;
mod roles;
mod same;
mod target;
mod template;
mod terms;
mod transform;
mod validate;

pub use build::Child;
pub use declare::{Context, Major, ResourceType, Timeouts};
pub use files::{check_all, find, kinds, stand_in};
pub use place::{Place, PlaceStep};
pub use read::EXTRA;
pub use target::{Extra, ExtraMethod, Fetch, Target};
pub use validate::Problem;

/// A JSON value, as ARM bodies are.
pub type Json = serde_json::Value;
