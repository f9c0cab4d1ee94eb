//! What the language's own names mean in a module instance: `var`, `local`, `module`, `each`, `count`, `self`, `path`,
//! `terraform`, and resources. An index that follows a resource goes straight to that instance.

use std::rc::Rc;

use super::{
    Each, Evaluator, Expansion, Frame, Name, Slot,
    expr::{Env, Names, eval, unknown},
    messages::*,
};
use crate::{
    base::{Diagnostic, Diagnostics, Key, Kind, Mode, Span, Value},
    lang::{
        allocations::Lookup,
        blueprint::ResourceKey,
        files::clean,
        syntax::{Step, StepKind},
    },
};

pub(super) struct Scope<'s, 'a> {
    pub ev: &'s Evaluator<'a>,
    pub frame: &'s Rc<Frame<'a>>,
    pub each: &'s Each,
}

/// The instance key a step gives: none when it is no index, or when it is not known.
type Picked = Option<Key>;

fn attr_name(step: Option<&Step>) -> Option<&str> {
    match step.map(|s| &s.kind) {
        Some(StepKind::Attr(name)) => Some(name),
        // `module["x"]` and the like are not references, but `local["x"]` never was either: only names are.
        _ => None,
    }
}

impl Names for Scope<'_, '_> {
    fn pool(&self, name: &str) -> Lookup {
        self.ev.pool(name)
    }

    fn resolve(&self, root: &str, steps: &[Step], env: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize) {
        let module = self.frame.module;
        let reach = |n: usize| steps.get(n.saturating_sub(1)).map_or(span, |s| span.to(env.at(s.start, s.end)));
        let failed = |d: Diagnostic, out: &mut Diagnostics| {
            out.push(d);
            (unknown(), steps.len())
        };
        let first = attr_name(steps.first());
        if self.frame.path.is_root()
            && let Some(object) = self.ev.also.borrow().get(root)
        {
            return match first.filter(|name| object.entries().is_some_and(|e| !e.contains_key(*name))) {
                Some(name) if root == "run" || root == "output" => failed(crate::lang::testfile::no_such(root, name, object, reach(1)), out),
                _ => (object.clone(), 0),
            };
        }
        match (root, first) {
            ("var", Some(name)) => match module.variables.get_key_value(name) {
                Some((name, _)) => (self.ev.value_of(self.frame, Name::Variable(name)), 1),
                None => failed(undeclared_variable(name, module, reach(1)), out),
            },
            ("local", Some(name)) => match module.locals.get_key_value(name) {
                Some((name, _)) => (self.ev.value_of(self.frame, Name::Local(name)), 1),
                None => failed(undeclared_local(name, module, reach(1)), out),
            },
            ("module", Some(name)) => self.module(name, steps, env, span, out),
            ("each", Some(name @ ("key" | "value"))) => (self.each_part(name, reach(1), out), 1),
            ("count", Some("index")) => match &self.each.key {
                Some(Key::Int(i)) => (Value::number(*i), 1),
                _ => failed(count_outside(span), out),
            },
            ("self", _) => match &self.each.self_value {
                Some(v) => (v.clone(), 0),
                None => failed(self_outside(span), out),
            },
            ("path", Some(name)) => (self.path(name, reach(1), out), 1),
            ("terraform", Some("applying")) => (Value::bool(!self.ev.inputs.plan_mode).marked(crate::base::Marks::EPHEMERAL), 1),
            ("terraform", Some("workspace")) => (Value::string(&self.ev.inputs.workspace), 1),
            ("terraform", Some(name)) => failed(terraform_attribute(&[crate::base::PathStep::Name(name.to_owned())], reach(1)), out),
            ("data", Some(kind)) => match attr_name(steps.get(1)) {
                Some(name) => self.resource(Mode::Data, kind, name, 2, steps, (env, span), out),
                None => failed(
                    invalid_reference("The \"data\" object must be followed by two attribute names: the data source type and the resource name.", span),
                    out,
                ),
            },
            ("ephemeral", Some(kind)) => match attr_name(steps.get(1)) {
                Some(name) => self.resource(Mode::Ephemeral, kind, name, 2, steps, (env, span), out),
                None => failed(
                    invalid_reference(
                        "The \"ephemeral\" object must be followed by two attribute names: the ephemeral resource type and the resource name.",
                        span,
                    ),
                    out,
                ),
            },
            ("resource", Some(kind)) => match attr_name(steps.get(1)) {
                Some(name) => self.resource(Mode::Managed, kind, name, 2, steps, (env, span), out),
                None => failed(
                    invalid_reference("The \"resource\" object must be followed by two attribute names: the resource type and the resource name.", span),
                    out,
                ),
            },
            ("var" | "local" | "module" | "each" | "count" | "path" | "terraform" | "data" | "resource" | "ephemeral", _) => {
                let detail = format!("The {root:?} object cannot be accessed directly. Instead, access one of its attributes.");
                failed(invalid_reference(&detail, span), out)
            }
            (kind, Some(name)) => self.resource(Mode::Managed, kind, name, 1, steps, (env, span), out),
            _ => {
                let detail = "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.";
                failed(invalid_reference(detail, span), out)
            }
        }
    }
}

impl<'a> Scope<'_, 'a> {
    fn each_part(&self, name: &str, span: Span, out: &mut Diagnostics) -> Value {
        match (&self.each.key, &self.each.each_value) {
            (Some(Key::Str(k)), Some(_)) if name == "key" => Value::string(k),
            (_, Some(v)) if name == "value" => v.clone(),
            _ => {
                out.push(each_unavailable(&[crate::base::PathStep::Name(name.to_owned())], span));
                unknown()
            }
        }
    }

    fn path(&self, name: &str, span: Span, out: &mut Diagnostics) -> Value {
        // As Terraform has it: relative to the root module, where relative paths of file functions start too.
        let show = |p: &std::path::Path| Value::string(clean(p).to_string_lossy());
        match name {
            "module" => show(&self.frame.module.relative),
            "root" => Value::string("."),
            "cwd" => Value::string(self.ev.inputs.cwd.to_string_lossy()),
            _ => {
                let near = did_you_mean(name, ["module", "root", "cwd"]);
                let detail = format!("The \"path\" object does not have an attribute named {name:?}.{near}");
                out.push(Diagnostic::error("invalid-path-attribute", "Invalid \"path\" attribute", detail).at(span));
                unknown()
            }
        }
    }

    /// The key in the step after a resource or module name, if it is an index.
    fn picked(&self, step: Option<&Step>, env: &Env, out: &mut Diagnostics) -> Picked {
        let key = match step.map(|s| &s.kind) {
            Some(StepKind::Index(node)) => eval(node, env, out),
            Some(StepKind::LegacyIndex(n)) => Value::number(*n),
            _ => return None,
        };
        match &key.kind {
            Kind::String(s) => Some(Key::Str(s.to_string())),
            Kind::Number(n) => n.as_i64().map(Key::Int),
            _ => None,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn resource(&self, mode: Mode, kind: &str, name: &str, used: usize, steps: &[Step], at: (&Env, Span), out: &mut Diagnostics) -> (Value, usize) {
        let (env, span) = at;
        let key = ResourceKey { mode, kind: kind.to_owned(), name: name.to_owned() };
        if !self.frame.module.resources.contains_key(&key) {
            let reach = steps.get(used - 1).map_or(span, |s| span.to(env.at(s.start, s.end)));
            out.push(undeclared_resource(&key, self.frame.module, &self.frame.show(), reach));
            return (unknown(), steps.len());
        }
        let slot = self.frame.slot(key);
        self.ev.note_read(&slot);
        {
            let state = slot.state.borrow();
            match state.expansion {
                None => return (unknown(), steps.len()),
                // A resource with one instance is that instance; an index after it goes into its value, and fails there.
                Some(Expansion::Single) => return (state.values.get(&None).cloned().unwrap_or_else(unknown), used),
                Some(_) => {}
            }
        }
        if let Some(k) = self.picked(steps.get(used), env, out)
            && let Some(value) = instance(&slot, k)
        {
            let marks = match steps.get(used).map(|s| &s.kind) {
                Some(StepKind::Index(node)) => eval(node, env, &mut Diagnostics::default()).marks,
                _ => Default::default(),
            };
            return (value.marked(marks), used + 1);
        }
        (whole(&slot), used)
    }

    fn module(&self, name: &str, steps: &[Step], env: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize) {
        let reach = |n: usize| steps.get(n - 1).map_or(span, |s| span.to(env.at(s.start, s.end)));
        let Some(call) = self.frame.module.calls.get(name) else {
            out.push(undeclared_module(name, self.frame.module, &self.frame.show(), reach(1)));
            return (unknown(), steps.len());
        };
        let Some(expansion) = self.ev.call_expansion(self.frame, call) else { return (unknown(), steps.len()) };
        if expansion == Expansion::Single {
            return self.module_instance(call, None, 1, steps, (env, span), out);
        }
        if let Some(k) = self.picked(steps.get(1), env, out) {
            let key = Some(normal(&expansion, k));
            if expansion.contains(&key) {
                return self.module_instance(call, key, 2, steps, (env, span), out);
            }
        }
        let instances = expansion.keys().into_iter().map(|key| {
            let outputs: Vec<_> = call.module.outputs.keys().map(|o| (o.clone(), self.output(&call.name, key.clone(), o))).collect();
            (key, Value::object_of(outputs))
        });
        (gather(&expansion, instances.collect()), 1)
    }

    /// One instance of a call: just the output that is asked for, or an object of all.
    #[allow(clippy::too_many_arguments)]
    fn module_instance(
        &self, call: &'a crate::lang::blueprint::ModuleCall, key: Option<Key>, used: usize, steps: &[Step], at: (&Env, Span), out: &mut Diagnostics,
    ) -> (Value, usize) {
        let wanted = match steps.get(used).map(|s| &s.kind) {
            Some(StepKind::Attr(name)) => Some(name.to_string()),
            Some(StepKind::Index(node)) => node.as_literal_str().map(str::to_owned),
            _ => None,
        };
        match wanted {
            Some(name) if call.module.outputs.contains_key(&name) => (self.output(&call.name, key, &name), used + 1),
            Some(name) => {
                let span = steps.get(used).map_or(at.1, |s| at.0.at(s.start, s.end));
                out.push(undeclared_output(&name, &call.name, &call.module, span));
                (unknown(), steps.len())
            }
            None => {
                let outputs = call.module.outputs.keys().map(|o| (o.clone(), self.output(&call.name, key.clone(), o)));
                (Value::object_of(outputs), used)
            }
        }
    }

    fn output(&self, call: &str, key: Option<Key>, output: &str) -> Value {
        let Some(child) = self.ev.frame(&self.frame.path.child(call, key)) else { return unknown() };
        match child.module.outputs.get_key_value(output) {
            Some((name, _)) => self.ev.value_of(&child, Name::Output(name)),
            None => unknown(),
        }
    }
}

/// A key as the expansion counts: `["0"]` picks the first of a counted resource, `[0]` the entry "0" of a map.
fn normal(expansion: &Expansion, key: Key) -> Key {
    match (expansion, key) {
        (Expansion::Count(_), Key::Str(s)) => s.parse().map_or(Key::Str(s), Key::Int),
        (Expansion::ForEach(_), Key::Int(i)) => Key::Str(i.to_string()),
        (_, key) => key,
    }
}

/// One instance's value; `None` when there is no such instance.
fn instance(slot: &Rc<Slot>, key: Key) -> Option<Value> {
    let state = slot.state.borrow();
    let expansion = state.expansion.as_ref()?;
    let key = Some(normal(expansion, key));
    expansion.contains(&key).then(|| state.values.get(&key).cloned().unwrap_or_else(unknown))
}

/// All instances of a resource: a tuple of counted ones, an object of keyed ones.
fn whole(slot: &Rc<Slot>) -> Value {
    if let Some(value) = &slot.state.borrow().whole {
        return value.clone();
    }
    let mut state = slot.state.borrow_mut();
    let Some(expansion) = state.expansion.clone() else { return unknown() };
    let instances = expansion.keys().into_iter().map(|k| {
        let value = state.values.get(&k).cloned().unwrap_or_else(unknown);
        (k, value)
    });
    let value = gather(&expansion, instances.collect());
    state.whole = Some(value.clone());
    value
}

fn gather(expansion: &Expansion, instances: Vec<(Option<Key>, Value)>) -> Value {
    match expansion {
        Expansion::Single => instances.into_iter().next().map_or_else(unknown, |(_, v)| v),
        Expansion::Count(_) => Value::tuple(instances.into_iter().map(|(_, v)| v).collect()),
        Expansion::ForEach(_) => {
            Value::object(instances.into_iter().filter_map(|(k, v)| if let Some(Key::Str(k)) = k { Some((k, v)) } else { None }).collect())
        }
    }
}
