//! `ignore_changes` against the type it stands in: names that the type does not have, and names that nobody sets anyway.

use crate::{
    base::{Diagnostic, Diagnostics, PathStep, diag::nearest},
    lang::blueprint::{Ignore, Resource},
    schema::ResourceType,
};

/// Reports what a block's `ignore_changes` names in vain.
pub(super) fn check(resource: &Resource, ty: &ResourceType, diags: &mut Diagnostics) {
    let Ignore::Paths(paths) = &resource.lifecycle.ignore_changes else { return };
    for (path, span) in paths {
        let Some(PathStep::Name(name)) = path.first() else { continue };
        if ty.shape.blocks.contains_key(name) {
            continue;
        }
        match ty.shape.attrs.get(name) {
            None => {
                let known = ty.shape.attrs.keys().chain(ty.shape.blocks.keys()).map(String::as_str);
                let near = nearest(name, known).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
                let detail = format!("This object has no argument, nested block, or exported attribute named {name:?}.{near}");
                diags.push(Diagnostic::error("unsupported-attribute", "Unsupported attribute", detail).at(*span));
            }
            Some(attr) if !attr.settable() => {
                let detail = format!(
                    "Adding an attribute name to ignore_changes tells Ravelin to ignore future changes to the argument in configuration after the object has been \
                     created, retaining the value originally configured.\n\nThe attribute {name} is decided by the provider alone and therefore there can be no \
                     configured value to compare with. Including this attribute in ignore_changes has no effect. Remove the attribute from ignore_changes to quiet \
                     this warning."
                );
                diags.push(Diagnostic::warning("redundant-ignore", "Redundant ignore_changes element", detail).at(*span));
            }
            Some(_) => {}
        }
    }
}
