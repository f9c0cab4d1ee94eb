//! What is said about references that lead nowhere. Texts as Terraform's.

use crate::{
    base::{Diagnostic, Mode, PathStep, Span, diag::nearest},
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
        if let Some(near) = near.or_else(|| block_for_object(key, module)) {
            detail.push_str(&format!(" Did you mean {near}?"));
        }
    }
    Diagnostic::error("undeclared-resource", "Reference to undeclared resource", detail).at(span)
}

/// The value that is meant where the name of a block stands for the name of an object: `locals.a` for `local.a`.
fn block_for_object(key: &ResourceKey, module: &Module) -> Option<String> {
    let (object, declared) = match key.kind.as_str() {
        "locals" => ("local", module.locals.contains_key(&key.name)),
        "variable" | "variables" | "vars" => ("var", module.variables.contains_key(&key.name)),
        "modules" => ("module", module.calls.contains_key(&key.name)),
        _ => return None,
    };
    declared.then(|| format!("{object}.{}", key.name))
}

pub fn invalid_reference(detail: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid-reference", "Invalid reference", detail).at(span)
}

pub fn count_outside(span: Span) -> Diagnostic {
    let detail = "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.";
    Diagnostic::error("count-outside", "Reference to \"count\" in non-counted context", detail).at(span)
}

pub fn self_outside(span: Span) -> Diagnostic {
    let detail =
        "The \"self\" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.";
    Diagnostic::error("invalid-self", "Invalid \"self\" reference", detail).at(span)
}

fn first_name(path: &[PathStep]) -> Option<&str> {
    path.first().map(|step| if let PathStep::Name(n) = step { n.as_str() } else { "" })
}

fn direct(root: &str, span: Span) -> Diagnostic {
    invalid_reference(&format!("The {root:?} object cannot be accessed directly. Instead, access one of its attributes."), span)
}

/// What is wrong with the attribute of `terraform` that is asked for.
pub fn terraform_attribute(path: &[PathStep], span: Span) -> Diagnostic {
    let Some(name) = first_name(path) else { return direct("terraform", span) };
    let detail = format!(
        "The \"terraform\" object does not have an attribute named {name:?}. The only supported attributes are terraform.workspace, the name of the \
         currently-selected workspace, and terraform.applying, a boolean which is true only during apply."
    );
    Diagnostic::error("invalid-terraform-attribute", "Invalid \"terraform\" attribute", detail).at(span)
}

/// What is wrong with the attribute of `each` that is asked for, if anything.
pub fn each_attribute(path: &[PathStep], span: Span) -> Option<Diagnostic> {
    let name = match first_name(path) {
        None => return Some(direct("each", span)),
        Some("key" | "value") => return None,
        Some(name) => name,
    };
    let detail = format!(
        "The \"each\" object does not have an attribute named {name:?}. The supported attributes are each.key and each.value, the current key and value \
         pair of the \"for_each\" attribute set."
    );
    Some(Diagnostic::error("invalid-each-attribute", "Invalid \"each\" attribute", detail).at(span))
}

/// What is wrong with the attribute of `count` that is asked for, if anything.
pub fn count_attribute(path: &[PathStep], span: Span) -> Option<Diagnostic> {
    let name = match first_name(path) {
        None => return Some(direct("count", span)),
        Some("index") => return None,
        Some(name) => name,
    };
    let detail = format!(
        "The \"count\" object does not have an attribute named {name:?}. The only supported attribute is count.index, which is the index of each instance \
         of a resource block that has the \"count\" argument set."
    );
    Some(Diagnostic::error("invalid-count-attribute", "Invalid \"count\" attribute", detail).at(span))
}

/// `each` where there is no `for_each`.
pub fn each_unavailable(path: &[PathStep], span: Span) -> Diagnostic {
    if first_name(path) == Some("key") {
        return each_outside(span);
    }
    let detail = "A reference to \"each.value\" has been used in a context in which it is unavailable, such as when the configuration no longer contains the \
                  value in its \"for_each\" expression. Remove this reference to each.value in your configuration to work around this error.";
    Diagnostic::error("each-outside", "each.value cannot be used in this context", detail).at(span)
}

pub fn each_outside(span: Span) -> Diagnostic {
    let detail = "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.";
    Diagnostic::error("each-outside", "Reference to \"each\" in context without for_each", detail).at(span)
}
