//! What is said about references that lead nowhere. Texts as Terraform's.

use crate::{
    base::{Diagnostic, Mode, Span, diag::nearest},
    lang::blueprint::{Module, ResourceKey},
};

/// ` Did you mean "x"?`, when a known name is close.
pub fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, known).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default()
}

/// No such variable in the module.
pub fn undeclared_variable(name: &str, module: &Module, span: Span) -> Diagnostic {
    let known = did_you_mean(name, module.variables.keys().map(String::as_str));
    let remedy = if known.is_empty() { format!(" This variable can be declared with a variable {name:?} {{}} block.") } else { known };
    let detail = format!("An input variable with the name {name:?} has not been declared.{remedy}");
    Diagnostic::error("undeclared-variable", "Reference to undeclared input variable", detail).at(span)
}

/// No such local value in the module.
pub fn undeclared_local(name: &str, module: &Module, span: Span) -> Diagnostic {
    let detail = format!("A local value with the name {name:?} has not been declared.{}", did_you_mean(name, module.locals.keys().map(String::as_str)));
    Diagnostic::error("undeclared-local", "Reference to undeclared local value", detail).at(span)
}

/// No such module call in the module.
pub fn undeclared_module(name: &str, module: &Module, place: &str, span: Span) -> Diagnostic {
    let known = did_you_mean(name, module.calls.keys().map(String::as_str));
    let detail = format!("No module call named {name:?} is declared in {place}.{known}");
    Diagnostic::error("undeclared-module", "Reference to undeclared module", detail).at(span)
}

/// No such output in a module that is called.
pub fn undeclared_output(name: &str, call: &str, child: &Module, span: Span) -> Diagnostic {
    let detail = format!("This object does not have an attribute named {name:?}.");
    let mut d = Diagnostic::error("unsupported-attribute", "Unsupported attribute", detail).at(span);
    d.hint = nearest(name, child.outputs.keys().map(String::as_str)).map(|n| format!("Did you mean {n:?}?"));
    let outputs = match child.outputs.len() {
        0 => "is object with no attributes".to_owned(),
        1 => format!("is object with 1 attribute {:?}", child.outputs.keys().next().map_or("", String::as_str)),
        n => format!("is object with {n} attributes"),
    };
    d.value(format!("module.{call}"), outputs)
}

/// No such resource in the module; a resource of the other mode or a near name is suggested.
pub fn undeclared_resource(key: &ResourceKey, module: &Module, place: &str, span: Span) -> Diagnostic {
    let mode = key.mode.word();
    let mut detail = format!("A {mode} resource {:?} {:?} has not been declared in {place}.", key.kind, key.name);
    let others = [Mode::Managed, Mode::Data, Mode::Ephemeral].into_iter().filter(|m| *m != key.mode).map(|mode| ResourceKey { mode, ..key.clone() });
    if let Some(other) = others.into_iter().find(|other| module.resources.contains_key(other)) {
        detail.push_str(&format!("\n\nDid you mean the {} resource {}{}.{}?", other.mode.word(), other.mode.prefix(), key.kind, key.name));
    } else {
        let same_kind = module.resources.keys().filter(|k| k.mode == key.mode && k.kind == key.kind).map(|k| k.name.as_str());
        let same_name = module.resources.keys().filter(|k| k.mode == key.mode && k.name == key.name).map(|k| k.kind.as_str());
        let near =
            nearest(&key.name, same_kind).map(|n| format!("{}.{n}", key.kind)).or_else(|| nearest(&key.kind, same_name).map(|k| format!("{k}.{}", key.name)));
        if let Some(near) = near {
            detail.push_str(&format!(" Did you mean {near}?"));
        }
    }
    Diagnostic::error("undeclared-resource", "Reference to undeclared resource", detail).at(span)
}

pub fn invalid_reference(detail: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid-reference", "Invalid reference", detail).at(span)
}

pub fn count_outside(span: Span) -> Diagnostic {
    let detail = "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.";
    Diagnostic::error("count-outside", "Reference to \"count\" in non-counted context", detail).at(span)
}

pub fn each_outside(span: Span) -> Diagnostic {
    let detail = "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.";
    Diagnostic::error("each-outside", "Reference to \"each\" in context without for_each", detail).at(span)
}
