//! Build and read are inverse: random attributes of every type go through a body and come back the same, for both majors.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use ravelin::{
    base::{
        Kind, Mode, PathStep, Shape, Type, Value, json as bjson,
        shape::{Attr, Nested},
        value::show_path,
    },
    schema::{EXTRA, Json, Major, ResourceType, Target, find, kinds},
};
use serde_json::json;

use super::context;

/// Source of choices: a deterministic runner per type, so that a failure repeats.
pub(super) struct Dice {
    runner: TestRunner,
}

impl Dice {
    pub(super) fn new(seed: &str) -> Dice {
        let mut bytes = [7u8; 32];
        for (i, b) in seed.bytes().enumerate() {
            bytes[i % 32] = bytes[i % 32].wrapping_mul(31).wrapping_add(b);
        }
        Dice { runner: TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)) }
    }

    fn below(&mut self, n: usize) -> usize {
        (0..n.max(1)).new_tree(&mut self.runner).expect("a choice").current()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Text that suits an attribute's name, so that ids, prefixes and encodings are well formed.
fn text(name: &str, attr: &Attr, dice: &mut Dice) -> String {
    if !attr.one_of.is_empty() {
        return attr.one_of[dice.below(attr.one_of.len())].clone();
    }
    let n = dice.below(200);
    match name {
        "location" => ["westeurope", "northeurope", "swedencentral"][n % 3].into(),
        "effective_until" => "2027-01-01T00:00:00Z".into(),
        "caching" => "ReadWrite".into(),
        "subscription_id" => context().subscription,
        "edge_zone" => "losangeles".into(),
        "role_definition_name" => ["Network Contributor", "Reader", "Private DNS Zone Contributor"][n % 3].into(),
        "role_definition_id" => "acdd72a7-3385-48ef-bd42-f606fba81ae7".into(),
        "scope" | "target_resource_id" => format!("/subscriptions/s/resourceGroups/rg{n}"),
        _ if name.ends_with("_id") || name == "id" => {
            format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v{n}/things/t{n}")
        }
        _ if name.contains("cidr") || name.contains("address_prefix") || name == "address_space" => format!("10.{n}.0.0/16"),
        "private_ip_address" | "ip_address" | "dns_service_ip" => format!("10.0.0.{n}"),
        _ => format!("{}{n}", &name[..name.len().min(12)]),
    }
}

fn leaf(name: &str, ty: &Type, attr: &Attr, dice: &mut Dice) -> Value {
    match ty {
        Type::Bool => Value::bool(dice.one_in(2)),
        Type::Number => match attr.one_of.is_empty() {
            true => Value::number(1 + dice.below(60)),
            false => Value::number(attr.one_of[dice.below(attr.one_of.len())].parse::<i64>().expect("a number")),
        },
        Type::List(t) | Type::Set(t) => {
            let singular = name.strip_suffix('s').unwrap_or(name);
            let mut items: Vec<Value> = (0..1 + dice.below(2)).map(|_| leaf(singular, t, attr, dice)).collect();
            items.dedup();
            if matches!(ty, Type::Set(_)) { Value::set((**t).clone(), items) } else { Value::list((**t).clone(), items) }
        }
        Type::Map(t) => Value::map((**t).clone(), [("a".to_owned(), leaf("v", t, attr, dice)), ("b".to_owned(), leaf("w", t, attr, dice))].into()),
        _ => Value::string(text(name, attr, dice)),
    }
}

/// A random configuration of a shape. Where several attributes share a place in the body, one of them is set.
pub(super) fn random(shape: &Shape, shares: &[&[&str]], dice: &mut Dice, depth: usize) -> Value {
    let mut out = std::collections::BTreeMap::new();
    for (name, attr) in &shape.attrs {
        let set = attr.required || (attr.optional && !dice.one_in(3));
        out.insert(name.clone(), if set { leaf(name, &attr.ty, attr, dice) } else { Value::null(attr.ty.clone()) });
    }
    for group in shares {
        if EXACTLY_ONE.contains(&group[0]) && group.iter().all(|n| out.get(*n).is_some_and(Value::is_null)) {
            out.insert(group[0].to_owned(), leaf(group[0], &Type::String, &shape.attrs[group[0]], dice));
        }
        let set: Vec<&&str> = group.iter().filter(|n| out.get(**n).is_some_and(|v| !v.is_null())).collect();
        let keep = set.get(dice.below(set.len())).map(|n| n.to_string());
        for name in group.iter().filter(|n| Some(n.to_string()) != keep) {
            if let Some(v) = out.get_mut(*name) {
                *v = Value::null(v.ty());
            }
        }
    }
    for pair in BOTH.iter().filter(|p| p.iter().all(|n| shape.attrs.contains_key(*n))) {
        if pair.iter().any(|n| out.get(*n).is_some_and(Value::is_null)) {
            for n in *pair {
                out.insert((*n).to_owned(), Value::null(shape.attrs[*n].ty.clone()));
            }
        }
    }
    for (name, nested) in &shape.blocks {
        let shared =
            shares.iter().any(|g| g.contains(&name.as_str()) && g.iter().any(|n| *n != name && out.get(*n).is_some_and(|v| !v.is_null() && !is_empty(v))));
        out.insert(name.clone(), blocks(nested, name, shares, shared, dice, depth));
    }
    Value::object(out)
}

fn is_empty(value: &Value) -> bool {
    value.elements().is_some_and(<[Value]>::is_empty)
}

fn blocks(nested: &Nested, name: &str, shares: &[&[&str]], shared: bool, dice: &mut Dice, depth: usize) -> Value {
    let most = if nested.optional && !shared { nested.max.unwrap_or(2).min(2) } else { 0 };
    let count = if nested.min > 0 { nested.min.max(1) } else { dice.below(most + 1) };
    let items: Vec<Value> = (0..count)
        .map(|i| {
            let value = random(&nested.shape, shares, dice, depth + 1);
            // Elements are told apart by their names.
            value.map_children(&mut |step, child| match step {
                PathStep::Name(n) if n == "name" && !child.is_null() && nested.shape.attrs.get("name").is_some_and(|a| a.one_of.is_empty()) => {
                    Value::string(format!("{name}-{i}"))
                }
                _ => child,
            })
        })
        .collect();
    match nested.ty() {
        Type::Set(t) => Value::set(*t, items),
        Type::List(t) => Value::list(*t, items),
        other => Value::null(other),
    }
}

/// Attributes and blocks that stand for the same members: at most one of each group can be set.
pub(super) const SHARES: &[&[&str]] = &[
    &["address_prefixes", "ip_address_pool"],
    &["address_space", "ip_address_pool"],
    &["enable_floating_ip", "floating_ip_enabled"],
    &["enable_tcp_reset", "tcp_reset_enabled"],
    &["role_definition_id", "role_definition_name"],
    &["user_assigned_identity_id", "parent_id"],
    &["source_image_id", "source_image_reference"],
    &["local_authentication_disabled", "local_authentication_enabled"],
    &["security_type", "trusted_launch_enabled"],
    &["enabled_metric", "metric"],
    &["container_log_max_files", "container_log_max_line"],
    &["transparent_huge_page", "transparent_huge_page_enabled"],
    &["service_principal", "identity"],
    &["os_profile_linux_config", "os_profile_windows_config"],
];

/// Attributes that are set together or not at all.
const BOTH: &[&[&str]] = &[&["net_ipv4_ip_local_port_range_min", "net_ipv4_ip_local_port_range_max"]];

/// The first members of groups of which one must be set.
const EXACTLY_ONE: &[&str] = &["role_definition_id", "user_assigned_identity_id"];

/// What a response would hold: the body, with the answers for children beside it.
fn echo(ty: &ResourceType, planned: &Value, body: &Json) -> Json {
    let mut out = body.clone();
    let Some(Target::Own { id }) = ty.target(planned, &context()) else { return out };
    out["name"] = json!(id.name());
    let mut extra = serde_json::Map::new();
    for e in ty.extras(&id) {
        extra.insert(e.key.clone(), Json::Null);
    }
    for child in ty.children(None, planned, &context()).expect("children build") {
        let suffix = child.id.as_str()[id.as_str().len() + 1..].to_owned();
        let (list, name) = suffix.split_once('/').expect("a child has a type and a name");
        let mut body = child.body.expect("children are created");
        match list {
            "subnets" => {
                body["name"] = json!(name);
                let members = out["properties"].as_object_mut().expect("properties").entry("subnets").or_insert(json!([]));
                members.as_array_mut().expect("an array").push(body);
            }
            "privateDnsZoneGroups" => {
                body["name"] = json!(name);
                extra.insert(list.to_owned(), json!({ "value": [body] }));
            }
            _ => {
                extra.insert(suffix.clone(), body);
            }
        }
    }
    if !extra.is_empty() {
        out[EXTRA] = Json::Object(extra);
    }
    out
}

/// The first path that was set and came back different. What only the platform or nobody set does not count.
fn lost(ty: &ResourceType, shape: &Shape, planned: &Value, read: &Value, path: &mut Vec<PathStep>) -> Option<String> {
    for (name, attr) in &shape.attrs {
        let (Some(p), Some(r)) = (planned.get(name), read.get(name)) else { continue };
        path.push(PathStep::Name(name.clone()));
        if attr.settable() && !p.is_unknown() && !ty.same(path, p, r) {
            return Some(format!("{} was {p}, came back as {r}", show_path(path)));
        }
        path.pop();
    }
    for (name, nested) in &shape.blocks {
        let (Some(p), Some(r)) = (planned.get(name).and_then(Value::elements), read.get(name).and_then(Value::elements)) else { continue };
        path.push(PathStep::Name(name.clone()));
        if p.len() != r.len() {
            return Some(format!("{} had {} blocks, came back with {}", show_path(path), p.len(), r.len()));
        }
        for (i, element) in p.iter().enumerate() {
            path.push(PathStep::Index(i));
            // Sets come back in their own order: any element that lost nothing will do.
            let losses: Vec<Option<String>> = match nested.nesting {
                ravelin::base::shape::Nesting::Set => r.iter().map(|q| lost(ty, &nested.shape, element, q, &mut path.clone())).collect(),
                ravelin::base::shape::Nesting::List => r.get(i).map(|q| lost(ty, &nested.shape, element, q, &mut path.clone())).into_iter().collect(),
            };
            if losses.iter().all(Option::is_some) {
                return losses.into_iter().flatten().next();
            }
            path.pop();
        }
        path.pop();
    }
    None
}

/// The value without what only the configuration knows, as an import or a first read sees it.
fn forget(ty: &ResourceType, id: &str) -> Option<Value> {
    ty.from_id(id)
}

fn one_round(ty: &ResourceType, dice: &mut Dice) -> Result<(), String> {
    let config = modelled(ty, random(&ty.shape, SHARES, dice, 0));
    let planned = ty.planned(&config, None, &context());
    let body = ty.build(&planned, &context()).map_err(|path| format!("{} could not be built from {planned}", show_path(&path)))?;
    let id = match ty.target(&planned, &context()) {
        Some(Target::Own { id }) => id.as_str().to_owned(),
        Some(Target::Part { id, .. } | Target::Action { id, .. }) => id,
        _ => return Err("there is no target".into()),
    };
    let answer = echo(ty, &planned, &body);
    let read = ty.read(&id, &answer, Some(&planned), &context());
    if !read.is_wholly_known() {
        return Err(format!("something read is unknown: {read}"));
    }
    let why = |loss: String| format!("{loss}\nbody {}\n", serde_json::to_string_pretty(&answer).expect("JSON"));
    if let Some(loss) = lost(ty, &ty.shape, &planned, &read, &mut Vec::new()) {
        return Err(why(loss));
    }
    // Reading again with what was read, and planning the same configuration over it, changes nothing.
    let again = ty.read(&id, &answer, Some(&read), &context());
    if !ty.same(&Vec::new(), &read, &again) {
        return Err(why(format!("a second read differs: {read} and {again}")));
    }
    let replanned = ty.planned(&config, Some(&read), &context());
    if let Some(loss) = lost(ty, &ty.shape, &replanned, &read, &mut Vec::new()) {
        return Err(why(format!("a second plan is not empty: {loss}")));
    }
    if let Some((path, reason)) = ty.replacements(&read, &replanned).first() {
        return Err(format!("a second plan replaces: {} {reason}", show_path(path)));
    }
    let rebuilt = ty.build(&replanned, &context()).map_err(|path| format!("{} could not be built again", show_path(&path)))?;
    let overlaid = ty.overlay(&answer, &rebuilt, Some(&body));
    let after = ty.read(&id, &echo(ty, &replanned, &overlaid), Some(&replanned), &context());
    if let Some(loss) = lost(ty, &ty.shape, &replanned, &after, &mut Vec::new()) {
        return Err(why(format!("the overlay loses something: {loss}")));
    }
    let seed = forget(ty, &id).ok_or_else(|| format!("{id} is not understood"))?;
    let imported = ty.read(&id, &answer, Some(&seed), &context());
    match imported.kind {
        Kind::Object(_) => Ok(()),
        _ => Err("an import read nothing".into()),
    }
}

/// The configuration without what the type refuses as not modelled.
pub(super) fn modelled(ty: &ResourceType, config: Value) -> Value {
    let refused = ty.validate(&config).into_iter().filter(|p| p.code == "unsupported-attribute");
    let names: Vec<PathStep> = refused.filter_map(|p| p.path.into_iter().next()).collect();
    config.map_children(&mut |step, child| match (names.contains(&step), &step) {
        (true, PathStep::Name(n)) => match ty.shape.blocks.get(n) {
            Some(nested) if nested.min == 0 => Value::list(nested.shape.ty(), vec![]),
            // A required block keeps what is modelled of it.
            Some(_) => without(ty, child, n),
            None => Value::null(child.ty()),
        },
        _ => child,
    })
}

fn without(ty: &ResourceType, block: Value, name: &str) -> Value {
    let refused = |inner: &str| {
        let path = format!("{name}[0].{inner}");
        let alone = Value::object_of([(name, Value::list(Type::Any, vec![Value::object_of([(inner, Value::string("x"))])]))]);
        ty.validate(&alone).iter().any(|p| p.code == "unsupported-attribute" && show_path(&p.path) == path)
    };
    block.map_children(&mut |_, e| {
        e.map_children(&mut |step, child| match &step {
            PathStep::Name(n) if refused(n) => Value::null(child.ty()),
            _ => child,
        })
    })
}

#[test]
fn build_and_read_are_inverse_for_every_type() {
    let mut failures = Vec::new();
    for kind in kinds(Mode::Managed) {
        for major in [Major::V4, Major::V5] {
            let Some(ty) = find(Mode::Managed, kind, major).filter(|ty| !ty.is_local()) else { continue };
            let mut dice = Dice::new(kind);
            for round in 0..24 {
                if let Err(why) = one_round(ty, &mut dice) {
                    failures.push(format!("{kind} {major:?} round {round}: {why}"));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} types lose something:\n{}", failures.len(), failures.join("\n"));
}

/// What a state file keeps of a value gives the value again, types of free attributes included.
#[test]
fn what_is_recorded_reads_back_the_same() {
    for kind in kinds(Mode::Managed) {
        let Some(ty) = find(Mode::Managed, kind, Major::V5) else { continue };
        let mut dice = Dice::new(kind);
        for _ in 0..12 {
            let value = random(&ty.shape, SHARES, &mut dice, 0).unmark_deep().0;
            let again = ty.recorded(&ty.record(&value)).expect("what was recorded fits the type");
            assert!(again.same(&value) && again.ty() == value.ty(), "{kind}: {value} became {again}");
        }
    }
    let ty = find(Mode::Managed, "terraform_data", Major::V5).expect("the type is there");
    for input in [
        Value::list(Type::Number, vec![Value::number(1)]),
        Value::set(Type::String, vec![Value::string("a")]),
        Value::map(Type::Bool, [("x".to_owned(), Value::bool(true))].into()),
        Value::tuple(vec![Value::null(Type::Any), Value::object_of([("value", Value::string("v")), ("type", Value::string("string"))])]),
        Value::object_of([("value", Value::string("v")), ("type", Value::string("string"))]),
    ] {
        let value = ty.complete(&Value::object_of([("input", input.clone())]));
        let again = ty.recorded(&ty.record(&value)).expect("what was recorded fits the type");
        assert_eq!(again.get("input"), Some(&input));
    }
}

#[test]
fn every_data_source_reads_an_empty_answer() {
    for kind in kinds(Mode::Data) {
        for major in [Major::V4, Major::V5] {
            let Some(ty) = find(Mode::Data, kind, major).filter(|ty| !ty.is_local()) else { continue };
            let config = random(&ty.shape, SHARES, &mut Dice::new(kind), 0);
            let read = ty.read("/subscriptions/s", &json!({}), Some(&config), &context());
            assert!(read.is_wholly_known(), "{kind}: {read}");
            assert!(bjson::from_json_as(&bjson::to_json(&read), &ty.shape.ty()).is_some(), "{kind} does not fit its shape");
            assert!(ty.fetch(&config, &context()).is_some(), "{kind} cannot be asked for");
        }
    }
}
