//! HCL text → syntax → [`Blueprint`] → evaluation: the Terraform language.
//!
//! In reading order: [`load`] turns a folder into a [`Blueprint`] (`parse`, `json` and `recover` give the syntax, `blocks`
//! the contents of blocks); [`deps`] says what refers to what; [`vars`] gathers the root variables' values; [`Evaluator`]
//! computes values; `functions` holds the functions.

pub mod allocations;
mod blocks;
pub mod blueprint;
mod calls;
pub mod console;
pub mod convert;
pub mod deps;
pub mod disk;
pub mod eval;
pub mod files;
pub mod fmt;
pub mod functions;
mod grammar;
mod json;
mod load;
pub mod lock;
pub mod manifest;
pub mod module_source;
mod overrides;
pub mod own;
mod parse;
mod providers;
pub mod provisioners;
mod refactor_check;
mod refactoring;
pub mod refer;
mod resource_block;
mod settings;
pub mod syntax;
mod template;
pub mod testfile;
mod typeexpr;
pub mod unify;
pub mod vars;
pub mod version;

pub use allocations::Allocations;
pub use blueprint::{Blueprint, Body, Expr, Module, Resource, ResourceKey};
pub use calls::{Called, calls, vendor_hint, vendored};
pub use deps::validate_references;
pub use disk::Disk;
pub use eval::{ConditionKind, Each, Evaluator, Expansion, Inputs, Judged, Standing};
pub use files::Files;
pub use grammar::parse_input as parse_expression;
pub use load::{check_syntax, load};
pub use parse::readings;
pub use refer::literal;
pub use typeexpr::to_variable_type;
