//! Configuration for what is to be imported and has no block yet, from what it looks like: pure, like the rest of the plan.
//!
//! [`undeclared`] finds the imports, [`read`] says what they look like or what has to be asked first, [`text`] writes the blocks.

use std::collections::BTreeMap;

use super::{
    live::{Live, Want},
    provider,
    refresh::observed,
    walk::Setup,
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Kind, Mode, ModulePath, Path, PathStep, Shape, Span, Value, diag::nearest, shape::Member},
    builtin,
    lang::{Each, Evaluator, blueprint::ProviderRef, console::quote, fmt},
    schema::{self, Context, ResourceType},
};

/// An import whose target no block declares.
pub struct Undeclared {
    pub address: Address,
    pub id: String,
    ty: &'static ResourceType,
    provider: Option<ProviderRef>,
    span: Span,
}

impl Undeclared {
    /// Whether Azure has to be asked what it looks like.
    pub fn is_in_azure(&self) -> bool {
        !self.ty.is_local()
    }
}

/// The imports of the root module that need a block. Those that a block cannot be written for are reported.
pub fn undeclared(setup: &Setup, diags: &mut Diagnostics) -> Vec<Undeclared> {
    let eval = Evaluator::new(setup.blueprint, setup.sources, setup.files, setup.inputs.clone());
    let major = provider::major(setup.blueprint, &mut Diagnostics::default());
    let root = ModulePath::root();
    let mut found = Vec::new();
    for import in &setup.blueprint.root.imports {
        // With several instances the block would have to repeat, and by what nobody can tell.
        if import.for_each.is_some() {
            continue;
        }
        let Some(address) = eval.address_of(&root, &import.to, &Each::default(), diags) else { continue };
        let (names, key) = super::walk::block_of(&address);
        let declared = provider::module_at(setup.blueprint, &names).is_some_and(|m| m.resources.contains_key(&key));
        if declared || setup.state.resources.contains_key(&address) {
            continue;
        }
        if !address.module().is_root() || address.key.is_some() {
            let detail = format!(
                "No configuration can be written for {address}: only whole resources of the root module, without count or for_each, can have it written. Write its \
                 block by hand."
            );
            diags.push(Diagnostic::error("generate-config", "Cannot generate configuration", detail).at(import.to.span));
            continue;
        }
        let Some(ty) = schema::find(Mode::Managed, address.kind(), major) else {
            let kinds = schema::kinds(Mode::Managed);
            let near = nearest(address.kind(), kinds.iter().copied()).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            let detail = format!("Ravelin does not know the resource type {:?}.{near}", address.kind());
            diags.push(Diagnostic::error("unknown-resource-type", "Invalid resource type", detail).at(import.to.span));
            continue;
        };
        let id = eval.eval(&root, &import.id, &Each::default(), diags);
        let Some(id) = id.as_str().map(str::to_owned) else { continue };
        found.push(Undeclared { address, id, ty, provider: import.provider.clone(), span: import.span });
    }
    found
}

/// What each import looks like. Errors: what has to be asked first.
pub fn read(setup: &Setup, imports: &[Undeclared], live: &Live, diags: &mut Diagnostics) -> Result<Vec<Value>, Vec<Want>> {
    let (mut values, mut wants) = (Vec::new(), Vec::new());
    for import in imports {
        let seen = look(setup, import, live, &mut wants, diags);
        values.push(seen.unwrap_or_else(|| Value::null(import.ty.shape.ty())));
    }
    if wants.is_empty() { Ok(values) } else { Err(wants) }
}

fn look(setup: &Setup, import: &Undeclared, live: &Live, wants: &mut Vec<Want>, diags: &mut Diagnostics) -> Option<Value> {
    let Undeclared { address, id, ty, span, .. } = import;
    if ty.is_local() {
        return match builtin::import(&ty.kind, id) {
            Ok(value) => Some(ty.complete(&value)),
            Err(failure) => {
                diags.push(failure.at(*span).on(address));
                None
            }
        };
    }
    let who = &setup.identity;
    let ctx = Context {
        subscription: who.subscription.clone(),
        tenant: who.tenant.clone(),
        client: who.client.clone(),
        object: who.object.clone(),
        seed: address.to_string(),
    };
    let seed = ty.from_id(id);
    let Some((seed, target)) = seed.and_then(|s| Some((s.clone(), ty.target(&s, &ctx)?))) else {
        let detail = format!("{id:?} is not the id of a {}.", ty.kind);
        diags.push(Diagnostic::error("import-id", "Invalid import id", detail).at(*span).on(address));
        return None;
    };
    match observed(ty, &target, Some(&seed), &ctx, live, wants)? {
        Some(value) => Some(value),
        None => {
            let detail = format!("Azure has nothing at {id}, so {address} cannot be imported from it.");
            diags.push(Diagnostic::error("import-absent", "Cannot import non-existent remote object", detail).at(*span).on(address));
            None
        }
    }
}

/// The blocks, in the order of their import blocks, as a file of its own.
pub fn text(imports: &[Undeclared], values: &[Value]) -> String {
    let mut out = String::from("# __generated__ by Ravelin\n# Please review these resources and move them into your main configuration files.\n");
    for (import, value) in imports.iter().zip(values) {
        let ty = import.ty;
        out.push_str(&format!("\n# __generated__ by Ravelin from {}\n", quote(&import.id)));
        out.push_str(&format!("resource {} {} {{\n", quote(&ty.kind), quote(import.address.name())));
        if let Some((name, alias, _)) = &import.provider {
            let alias = alias.as_ref().map(|a| format!(".{a}")).unwrap_or_default();
            out.push_str(&format!("provider = {name}{alias}\n"));
        }
        body(&ty.shape, &settled(ty, configuration(&ty.shape, value)), &mut out);
        out.push_str("}\n");
    }
    fmt::format(&out)
}

/// What a configuration would say of a value: what only the platform sets, and what is as it would be anyway, is left out.
fn configuration(shape: &Shape, value: &Value) -> Value {
    let attrs = shape.attrs.iter().map(|(name, attr)| {
        let null = || Value::null(attr.ty.clone());
        let given = value.get(name).cloned().unwrap_or_else(null);
        let usual = attr.default.as_ref() == Some(&given);
        let empty = !attr.required && (given.as_str() == Some("") || given.elements().is_some_and(<[Value]>::is_empty) || is_empty_map(&given));
        let leave = !attr.settable() || attr.write_only || attr.deprecated.is_some() && !attr.required || name == "id" || !given.is_wholly_known();
        (name.clone(), if leave || usual || empty { null() } else { given })
    });
    let blocks = shape.blocks.iter().map(|(name, nested)| {
        // What the platform fills by itself mostly belongs to resources of its own.
        let own = nested.optional && !nested.computed;
        let elements = value.get(name).and_then(Value::elements).filter(|_| own).unwrap_or(&[]);
        (name.clone(), Value::tuple(elements.iter().map(|e| configuration(&nested.shape, e)).collect()))
    });
    Value::object(attrs.chain(blocks).collect::<BTreeMap<_, _>>())
}

fn is_empty_map(value: &Value) -> bool {
    matches!(&value.kind, Kind::Map(_, m) if m.is_empty())
}

/// The configuration without what contradicts the rest of it.
fn settled(ty: &ResourceType, mut config: Value) -> Value {
    // Every round takes one attribute away.
    for _ in 0..64 {
        let problems = ty.validate(&config);
        let wrong = problems.iter().filter(|p| matches!(p.code, "conflicting-attributes" | "unsupported-attribute" | "missing-companion"));
        let computed = |path: &Path| matches!(ty.shape.member(path), Some(Member::Attr(a)) if a.computed);
        let mut paths: Vec<&Path> = wrong.map(|p| &p.path).filter(|p| !is_required(&ty.shape, p)).collect();
        paths.sort_by_key(|p| !computed(p));
        match paths.first() {
            Some(path) => config = without(&config, path),
            None => break,
        }
    }
    config
}

fn is_required(shape: &Shape, path: &Path) -> bool {
    matches!(shape.member(path), Some(Member::Attr(a)) if a.required)
}

fn without(value: &Value, path: &[PathStep]) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return if value.elements().is_some() { Value::tuple(Vec::new()) } else { Value::null(value.ty()) };
    };
    value.map_children(&mut |step, child| if step == *first { without(&child, rest) } else { child })
}

fn body(shape: &Shape, config: &Value, out: &mut String) {
    for (name, attr) in &shape.attrs {
        match config.get(name).filter(|v| !v.is_null()) {
            Some(v) if attr.sensitive || v.marks_deep().sensitive => out.push_str(&format!("{name} = null # sensitive\n")),
            Some(v) => {
                out.push_str(&format!("{name} = "));
                literal(v, out);
                out.push('\n');
            }
            None if attr.required => out.push_str(&format!("{name} = null # {}\n", if attr.sensitive { "sensitive" } else { "not told by Azure" })),
            None => {}
        }
    }
    for (name, nested) in &shape.blocks {
        for element in config.get(name).and_then(Value::elements).unwrap_or(&[]) {
            out.push_str(&format!("{name} {{\n"));
            body(&nested.shape, element, out);
            out.push_str("}\n");
        }
    }
}

fn literal(value: &Value, out: &mut String) {
    match &value.kind {
        Kind::String(s) => out.push_str(&quote(s).replace("${", "$${").replace("%{", "%%{")),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                literal(item, out);
            }
            out.push(']');
        }
        Kind::Map(_, m) | Kind::Object(m) => {
            out.push_str("{\n");
            for (key, item) in m.iter() {
                let plain = crate::base::value::is_identifier(key);
                out.push_str(&if plain { key.clone() } else { quote(key) });
                out.push_str(" = ");
                literal(item, out);
                out.push('\n');
            }
            out.push('}');
        }
        Kind::Null(_) | Kind::Unknown(_) => out.push_str("null"),
    }
}
