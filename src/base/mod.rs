//! The nouns every room shares: source text and spans, diagnostics, addresses, ARM ids, values, types and prefixes.
//! Nothing here reads a file, a clock or the network.

pub mod address;
pub mod cidr;
pub mod codec;
pub mod diag;
pub mod json;
pub mod ledger;
pub mod number;
pub mod rid;
pub mod shape;
pub mod source;
pub mod types;
pub mod value;

pub use address::{Address, Key, Mode, ModulePath, ModuleStep, ResourceAddress};
pub use cidr::Prefix;
pub use diag::{Diagnostic, Diagnostics, Severity};
pub use ledger::Ledger;
pub use number::Number;
pub use rid::ResourceId;
pub use shape::Shape;
pub use source::{FileId, Sources, Span};
pub use types::Type;
pub use value::{Kind, Marks, Path, PathStep, Unknown, Value};
