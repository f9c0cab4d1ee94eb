//! The `configuration` of a plan's JSON: every block of the blueprint, with what its expressions refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value as J, json};

use crate::{
    base::{Mode, Shape, Sources, Value, json::to_json, value::show_path},
    lang::{
        blueprint::{Blueprint, Body, Expr, Module, ModuleCall, Output, Resource, Variable},
        deps::{Reference, Target, references},
        literal, to_variable_type,
    },
    plan::data::Plan,
};

use super::{
    plan_text::Shapes,
    provider_json::{ProviderKeys, provider_config},
};

/// What the blocks are told with.
struct Teller<'a> {
    sources: &'a Sources,
    shapes: &'a Shapes<'a>,
    /// Schema versions by mode and type, from the plan's own changes.
    versions: BTreeMap<(Mode, &'a str), u64>,
}

/// The blueprint as plan JSON shows it.
pub fn configuration(blueprint: &Blueprint, sources: &Sources, plan: &Plan, shapes: &Shapes<'_>) -> J {
    let versions = plan.changes.iter().map(|c| ((c.address.mode(), c.address.kind()), c.schema_version)).collect();
    let teller = Teller { sources, shapes, versions };
    let expressions = |body: &Body| teller.expressions(body, None);
    let mut out = Map::new();
    let providers = provider_config(blueprint, &expressions);
    if providers != json!({}) {
        out.insert("provider_config".into(), providers);
    }
    out.insert("root_module".into(), teller.module(&blueprint.root, &ProviderKeys::root(&blueprint.root)));
    J::Object(out)
}

impl Teller<'_> {
    fn module(&self, module: &Module, keys: &ProviderKeys<'_>) -> J {
        let mut out = Map::new();
        let mut insert = |key: &str, all: Map<String, J>| {
            if !all.is_empty() {
                out.insert(key.into(), J::Object(all));
            }
        };
        insert("outputs", module.outputs.iter().map(|(n, o)| (n.clone(), self.output(o))).collect());
        insert("module_calls", module.calls.iter().map(|(n, c)| (n.clone(), self.call(c, keys))).collect());
        insert("variables", module.variables.iter().map(|(n, v)| (n.clone(), variable(v))).collect());
        let mut resources: Vec<(String, J)> = module.resources.values().map(|r| self.resource(r, keys)).collect();
        resources.sort_by(|a, b| a.0.cmp(&b.0));
        if !resources.is_empty() {
            out.insert("resources".into(), resources.into_iter().map(|(_, r)| r).collect());
        }
        J::Object(out)
    }

    fn output(&self, output: &Output) -> J {
        let mut out = Map::new();
        if output.sensitive {
            out.insert("sensitive".into(), json!(true));
        }
        out.insert("expression".into(), self.expression(&output.value));
        self.depends_on(&mut out, &output.depends_on);
        if let Some(description) = &output.description {
            out.insert("description".into(), json!(description));
        }
        J::Object(out)
    }

    fn call(&self, call: &ModuleCall, keys: &ProviderKeys<'_>) -> J {
        let mut out = Map::new();
        out.insert("source".into(), json!(call.source));
        let inputs: Map<String, J> = call.inputs.iter().map(|(n, a)| (n.clone(), self.expression(&a.expr))).collect();
        if !inputs.is_empty() {
            out.insert("expressions".into(), J::Object(inputs));
        }
        self.repetition(&mut out, call.count.as_ref(), call.for_each.as_ref());
        out.insert("module".into(), self.module(&call.module, &keys.child(call)));
        self.depends_on(&mut out, &call.depends_on);
        J::Object(out)
    }

    /// The resource with its address in the module, by which resources are sorted.
    fn resource(&self, r: &Resource, keys: &ProviderKeys<'_>) -> (String, J) {
        let address = format!("{}{}.{}", r.mode.prefix(), r.kind, r.name);
        let mut out = Map::new();
        out.insert("address".into(), json!(address));
        out.insert("mode".into(), json!(r.mode.word()));
        out.insert("type".into(), json!(r.kind));
        out.insert("name".into(), json!(r.name));
        out.insert("provider_config_key".into(), json!(keys.of(r)));
        let provisioners = r.provisioners.iter().map(|p| {
            let mut one = Map::from_iter([("type".to_owned(), json!(p.kind))]);
            let expressions = self.expressions(&p.body, None);
            if expressions != json!({}) {
                one.insert("expressions".into(), expressions);
            }
            J::Object(one)
        });
        let provisioners: Vec<J> = provisioners.collect();
        if !provisioners.is_empty() {
            out.insert("provisioners".into(), J::Array(provisioners));
        }
        let expressions = self.expressions(&r.body, (self.shapes)(r.mode, &r.kind));
        if expressions != json!({}) {
            out.insert("expressions".into(), expressions);
        }
        out.insert("schema_version".into(), json!(self.versions.get(&(r.mode, r.kind.as_str())).copied().unwrap_or(0)));
        self.repetition(&mut out, r.count.as_ref(), r.for_each.as_ref());
        self.depends_on(&mut out, &r.depends_on);
        (address, J::Object(out))
    }

    fn repetition(&self, out: &mut Map<String, J>, count: Option<&Expr>, for_each: Option<&Expr>) {
        for (key, expr) in [("count_expression", count), ("for_each_expression", for_each)] {
            // An expression that has to be computed and refers to nothing says nothing.
            let expression = expr.map(|e| self.expression(e)).filter(|e| *e != json!({}));
            out.extend(expression.map(|e| (key.to_owned(), e)));
        }
    }

    fn depends_on(&self, out: &mut Map<String, J>, all: &[Expr]) {
        let names: Vec<String> = all.iter().map(|e| squeeze(self.sources.text(e.span)).trim_matches('"').to_owned()).collect();
        if !names.is_empty() {
            out.insert("depends_on".into(), json!(names));
        }
    }

    /// A body's attributes and nested blocks; what a `dynamic` block makes is not among them.
    fn expressions(&self, body: &Body, shape: Option<&Shape>) -> J {
        let mut out: Map<String, J> = body.attrs.iter().map(|(n, a)| (n.clone(), self.expression(&a.expr))).collect();
        for block in body.blocks.iter().filter(|b| b.kind != "dynamic") {
            let inner = shape.and_then(|s| s.blocks.get(&block.kind)).map(|n| &n.shape);
            let entry = out.entry(block.kind.clone()).or_insert_with(|| J::Array(Vec::new()));
            if let J::Array(all) = entry {
                all.push(self.expressions(&block.body, inner));
            }
        }
        J::Object(out)
    }

    /// The value of a constant, or what an expression refers to, each reference followed by its beginnings.
    fn expression(&self, expr: &Expr) -> J {
        if self.sources.path(expr.span.file).extension().is_some_and(|e| e == "json") {
            return self.json_expression(expr);
        }
        let found: Vec<String> = references(expr).into_iter().flat_map(|r| beginnings(self.sources.text(r.span), &r.target)).collect();
        if !found.is_empty() {
            return json!({ "references": found });
        }
        literal(expr).filter(Value::is_wholly_known).map_or(json!({}), |v| json!({ "constant_value": to_json(&v) }))
    }
}

impl Teller<'_> {
    /// Written in JSON, every expression is a constant as it stands; the templates in it refer to things all the same.
    fn json_expression(&self, expr: &Expr) -> J {
        let mut out = Map::new();
        let found: Vec<String> = references(expr).into_iter().flat_map(|r| beginnings(&written(&r), &r.target)).collect();
        if !found.is_empty() {
            out.insert("references".into(), json!(found));
        }
        if let Ok(value) = serde_json::from_str::<J>(self.sources.text(expr.span)) {
            out.insert("constant_value".into(), value);
        }
        J::Object(out)
    }
}

/// A reference as the language writes it, where its place in the text does not show it.
fn written(reference: &Reference) -> String {
    let head = match &reference.target {
        Target::Variable(name) => format!("var.{name}"),
        Target::Local(name) => format!("local.{name}"),
        Target::Call(name) => format!("module.{name}"),
        Target::Resource(key) => format!("{}{}.{}", key.mode.prefix(), key.kind, key.name),
        Target::Each => "each".to_owned(),
        Target::Count => "count".to_owned(),
        Target::SelfValue => "self".to_owned(),
        Target::Path => "path".to_owned(),
        Target::Terraform => "terraform".to_owned(),
        Target::Bare(name) => name.clone(),
    };
    let tail = show_path(&reference.path);
    if tail.is_empty() || tail.starts_with('[') { head + &tail } else { format!("{head}.{tail}") }
}

fn variable(v: &Variable) -> J {
    let mut out = Map::new();
    if let Some(default) = v.default.as_ref().and_then(literal) {
        // As the module sees it: of its type, with what may be left out filled in.
        out.insert("default".into(), to_json(&to_variable_type(&default, &v.ty, &v.defaults).unwrap_or(default)));
    }
    if let Some(description) = &v.description {
        out.insert("description".into(), json!(description));
    }
    if v.sensitive {
        out.insert("sensitive".into(), json!(true));
    }
    J::Object(out)
}

/// How many pieces of a reference name something by themselves: `var.a`, `data.a.b`, `self`.
fn least(target: &Target, pieces: &[&str]) -> usize {
    match target {
        Target::Resource(key) => 2 + usize::from(key.mode != Mode::Managed) + usize::from(pieces.first() == Some(&"resource")),
        // What begins with an output of one instance of a call ends with that instance.
        Target::Call(_) if pieces.len() > 3 && pieces.get(2).is_some_and(|p| p.starts_with('[')) => 3,
        Target::SelfValue | Target::Bare(_) => 1,
        _ => 2,
    }
}

/// `a.b[0].c` → `a.b[0].c`, `a.b[0]`, `a.b`: the reference and what it begins with, down to what names something.
fn beginnings(text: &str, target: &Target) -> Vec<String> {
    let text = squeeze(text);
    let pieces = pieces(&text);
    let least = least(target, &pieces).min(pieces.len());
    (least..=pieces.len()).rev().map(|n| pieces.iter().take(n).copied().collect()).collect()
}

/// The text without blanks, save those in quotes.
fn squeeze(text: &str) -> String {
    let mut quoted = false;
    text.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            quoted || !c.is_whitespace()
        })
        .collect()
}

/// The text cut before each dot and bracket that is not itself in brackets: `a`, `.b`, `["c.d"]`.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0u32, false, 0);
    let mut out = Vec::new();
    for (i, c) in text.char_indices() {
        let cut = depth == 0 && !quoted && matches!(c, '.' | '[');
        if cut && i > start {
            out.extend(text.get(start..i));
            start = i;
        }
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    out.extend(text.get(start..));
    out
}
