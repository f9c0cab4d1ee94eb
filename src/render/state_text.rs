//! A state in words: what `show`, `state show` and `state list` print.

use crate::{
    base::{Address, ModulePath},
    state::{Instance, State},
};

use super::{
    diff,
    diff_text::{View, node_text},
    plan_text::{Shapes, is_legacy},
    state_json::instance_value,
    style::Style,
};

/// The whole state as `show` prints it.
pub fn state_text(state: &State, shapes: &Shapes<'_>, style: &Style) -> String {
    if state.is_empty() {
        return "No state.\n".into();
    }
    let mut entries: Vec<(&Address, Option<&str>, &Instance)> = state.resources.iter().map(|(a, i)| (a, None, i)).collect();
    entries.extend(state.deposed.iter().map(|((a, key), i)| (a, Some(key.as_str()), i)));
    entries.sort_by_key(|(a, key, _)| (a.module().to_string(), a.is_managed(), (*a).clone(), key.map(str::to_owned)));
    let mut out = String::new();
    let mut module: Option<&ModulePath> = None;
    for (address, deposed, instance) in entries {
        // A blank line between resources, and one more where another module begins.
        if module.is_some() {
            out.push_str(if module == Some(address.module()) { "\n" } else { "\n\n" });
        }
        module = Some(address.module());
        out.push_str(&instance_text(address, deposed, instance, shapes, style));
    }
    if !state.outputs.is_empty() {
        out.push_str("\n\nOutputs:\n\n");
        let view = View { bare: true, all: true, ..View::new(style) };
        for (name, output) in &state.outputs {
            let value = if output.sensitive { output.value.clone().sensitive() } else { output.value.clone() };
            let node = diff::of_type(Some(&value), Some(&value), &output.ty);
            out.push_str(&format!("{name} = {}\n", node_text(&node, 0, view)));
        }
    }
    out
}

/// One instance as `state show` prints it.
pub fn instance_text(address: &Address, deposed: Option<&str>, instance: &Instance, shapes: &Shapes<'_>, style: &Style) -> String {
    let note = match deposed {
        Some(key) => format!(" (deposed object {key})"),
        None if instance.tainted => " (tainted)".into(),
        None => String::new(),
    };
    let declared = shapes(address.mode(), address.kind());
    let value = instance_value(instance, declared);
    let fallback;
    let shape = match declared {
        Some(shape) => shape,
        None => {
            fallback = diff::shape_of(&[Some(&value)]);
            &fallback
        }
    };
    let node = diff::resource(Some(&value), Some(&value), shape, &[], is_legacy(&instance.provider));
    let view = View { bare: true, all: true, ..View::new(style) };
    let mode = if address.is_managed() { "resource" } else { "data" };
    format!("# {address}:{note}\n{mode} \"{}\" \"{}\" {}\n", address.kind(), address.name(), node_text(&node, 0, view))
}

/// What `state list` prints: addresses in order, those alone that the test admits.
pub fn state_list(state: &State, admit: &dyn Fn(&Address) -> bool) -> String {
    let mut addresses: Vec<&Address> = state.resources.keys().filter(|a| admit(a)).collect();
    addresses.sort_by_key(|a| (a.module().to_string(), *a));
    addresses.into_iter().map(|a| format!("{a}\n")).collect()
}
