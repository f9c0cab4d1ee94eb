//! A blueprint as data: the module tree with every block sorted by what it is, nothing evaluated yet.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use super::syntax::Node;
use crate::base::{Mode, Span, Type};

/// An expression and where it stands. Offsets of inner nodes are bytes of the same file.
#[derive(Clone, Debug)]
pub struct Expr {
    pub node: Arc<Node>,
    pub span: Span,
}

/// The inside of a block: attributes by name (repeats are reported when the file is read) and nested blocks in order.
#[derive(Clone, Debug)]
pub struct Body {
    pub attrs: BTreeMap<String, Attribute>,
    pub blocks: Vec<Block>,
    /// Where it is said to be: the brace that opens it, or the whole file.
    pub span: Span,
    /// Written in JSON, where only the schema tells nested blocks from attributes.
    pub json: bool,
}

impl Body {
    pub fn empty(span: Span) -> Body {
        Body { attrs: BTreeMap::new(), blocks: Vec::new(), span, json: false }
    }
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub name_span: Span,
    pub expr: Expr,
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: String,
    pub labels: Vec<String>,
    pub body: Body,
    /// The header: kind and labels, without the brace.
    pub span: Span,
}

/// The root module with its children.
#[derive(Clone, Debug)]
pub struct Blueprint {
    pub root: Arc<Module>,
}

/// One module's blocks. Loaded once per call path.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Call names from the root; empty for the root.
    pub path: Vec<String>,
    pub dir: PathBuf,
    /// The same relative to the root module: what `path.module` says.
    pub relative: PathBuf,
    pub variables: BTreeMap<String, Variable>,
    pub locals: BTreeMap<String, Local>,
    pub outputs: BTreeMap<String, Output>,
    pub resources: BTreeMap<ResourceKey, Resource>,
    pub calls: BTreeMap<String, ModuleCall>,
    pub providers: Vec<Provider>,
    pub required_version: Option<(String, Span)>,
    pub required_providers: BTreeMap<String, RequiredProvider>,
    /// The block that says so.
    pub required_providers_at: Option<Span>,
    pub backend: Option<Block>,
    /// Notes for providers, by their local names.
    pub provider_meta: BTreeMap<String, Block>,
    pub moved: Vec<Moved>,
    pub imports: Vec<Import>,
    pub removed: Vec<Removed>,
    pub checks: BTreeMap<String, Check>,
    /// Blocks that only Ravelin has, from `*.blueprint.hcl`.
    pub extra: Vec<Block>,
}

/// A resource block's place in its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    pub mode: Mode,
    pub kind: String,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub ty: Type,
    /// Defaults of `optional(T, default)` attributes, found along the type.
    pub defaults: TypeDefaults,
    pub default: Option<Expr>,
    pub description: Option<String>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub nullable: bool,
    pub validations: Vec<Condition>,
    pub span: Span,
}

/// Defaults that a type expression carries, mirrored along its structure.
#[derive(Clone, Debug, Default)]
pub struct TypeDefaults {
    /// For an object: default values by attribute.
    pub values: BTreeMap<String, crate::base::Value>,
    /// For an object: by attribute; for a list, set or map: under `*`; for a tuple: by index as text.
    pub children: BTreeMap<String, TypeDefaults>,
}

/// `condition` and `error_message` of a validation, precondition, postcondition or assertion.
#[derive(Clone, Debug)]
pub struct Condition {
    pub condition: Expr,
    pub error_message: Expr,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Local {
    pub name: String,
    pub expr: Expr,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Output {
    pub name: String,
    pub value: Expr,
    pub description: Option<String>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub depends_on: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Resource {
    pub mode: Mode,
    pub kind: String,
    pub name: String,
    /// Meta-arguments are taken out; what is left belongs to the resource type.
    pub body: Body,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Expr>,
    /// Local provider name and alias, when given: `provider = azurerm.hub`.
    pub provider: Option<ProviderRef>,
    pub lifecycle: Lifecycle,
    /// How provisioners reach what was made, unless they say so themselves.
    pub connection: Option<Block>,
    pub provisioners: Vec<Provisioner>,
    /// The `check` block that a data resource stands in; only that block may refer to it.
    pub check: Option<String>,
    pub span: Span,
}

/// A provider configuration as an argument names it: `azurerm` or `azurerm.hub`, and where.
pub type ProviderRef = (String, Option<String>, Span);

/// What runs when an object was made, or before it is destroyed.
#[derive(Clone, Debug)]
pub struct Provisioner {
    pub kind: String,
    /// Its own arguments: `when`, `on_failure` and `connection` are taken out.
    pub body: Body,
    pub connection: Option<Block>,
    pub when: When,
    pub on_failure: OnFailure,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Create,
    Destroy,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    #[default]
    Fail,
    Continue,
}

#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    pub create_before_destroy: Option<Expr>,
    pub prevent_destroy: Option<Expr>,
    pub ignore_changes: Ignore,
    pub replace_triggered_by: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
}

#[derive(Clone, Debug, Default)]
pub enum Ignore {
    #[default]
    Nothing,
    All(Span),
    /// Each as a path into the resource: `tags["x"]`, `identity[0].type`.
    Paths(Vec<(crate::base::Path, Span)>),
}

/// A provider configuration's local name and alias.
pub type ProviderName = (String, Option<String>);

#[derive(Clone, Debug)]
pub struct ModuleCall {
    pub name: String,
    pub source: String,
    /// Which versions of a registry's module will do.
    pub version: Option<String>,
    pub module: Arc<Module>,
    /// Values for the child's variables.
    pub inputs: BTreeMap<String, Attribute>,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Expr>,
    /// Child provider (name, alias) ← parent provider (name, alias).
    pub providers: Vec<(ProviderName, ProviderName)>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Provider {
    pub name: String,
    pub alias: Option<String>,
    pub body: Body,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct RequiredProvider {
    pub source: Option<String>,
    pub version: Option<String>,
    /// Alternative configurations that the caller has to pass: `azurerm.hub`.
    pub aliases: Vec<ProviderName>,
    pub span: Span,
}

/// `from` and `to` as written (addresses of modules, resources or instances).
#[derive(Clone, Debug)]
pub struct Moved {
    pub from: (crate::base::address::Target, Span),
    pub to: (crate::base::address::Target, Span),
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Import {
    pub to: Expr,
    pub id: Expr,
    pub for_each: Option<Expr>,
    pub provider: Option<ProviderRef>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Removed {
    pub from: (crate::base::address::Target, Span),
    pub destroy: bool,
    /// Only those that run before something is destroyed.
    pub provisioners: Vec<Provisioner>,
    pub connection: Option<Block>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub name: String,
    /// The data resource in it, which is among the module's resources too.
    pub data: Option<ResourceKey>,
    pub asserts: Vec<Condition>,
    pub span: Span,
}
