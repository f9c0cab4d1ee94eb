//! Configuration checks beyond the shape: allowed values, ranges, and attributes that exclude or need each other.

use super::{
    declare::{Checks, Codec, Lens, ResourceType},
    roles,
};
use crate::base::{Path, PathStep, Shape, Value, diag::nearest, shape::Attr, value::show_path};

/// One finding about a configuration, with the path it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub path: Path,
    /// Stable kebab-case code.
    pub code: &'static str,
    pub summary: &'static str,
    pub detail: String,
    pub hint: Option<String>,
}

impl ResourceType {
    /// What is wrong with a configuration (unset = null, nested blocks as lists). Unknown values are given the benefit of the doubt.
    pub fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut out = Vec::new();
        let check = Check { kind: &self.kind, root: config, in_arm: !self.is_local() };
        check.object(&self.shape, &self.lens, config, &mut Vec::new(), &mut out);
        out.dedup();
        out
    }
}

struct Check<'a> {
    kind: &'a str,
    root: &'a Value,
    /// Whether blocks need a place in an ARM body to have an effect.
    in_arm: bool,
}

impl Check<'_> {
    fn object(&self, shape: &Shape, lens: &Lens, value: &Value, path: &mut Path, out: &mut Vec<Problem>) {
        for (name, attr) in &shape.attrs {
            let (Some(field), Some(v)) = (lens.fields.get(name), value.get(name)) else { continue };
            path.push(PathStep::Name(name.clone()));
            if field.unsupported && is_set(v) {
                let detail = format!("{} of {} is not modelled yet, so it would have no effect; remove it.", show_path(path), self.kind);
                out.push(problem(path, "unsupported-attribute", "Attribute not supported", detail));
            }
            if field.codec == Codec::RoleName {
                out.extend(v.as_str().filter(|name| roles::guid(name).is_none()).map(|name| unknown_role(path, name)));
            }
            if attr.settable() {
                self.attribute(attr, &field.checks, v, path, out);
                self.relations(&field.checks, v, path, out);
            }
            path.pop();
        }
        for (name, nested) in &shape.blocks {
            let (Some(group), Some(v)) = (lens.groups.get(name), value.get(name)) else { continue };
            path.push(PathStep::Name(name.clone()));
            if nested.optional && self.in_arm && group.at.is_none() && group.child.is_none() && is_set(v) {
                let detail = format!("{} blocks of {} are not modelled yet, so they would have no effect; remove them.", show_path(path), self.kind);
                out.push(problem(path, "unsupported-attribute", "Attribute not supported", detail));
            }
            if nested.optional {
                self.relations(&group.checks, v, path, out);
            }
            for (i, element) in v.elements().unwrap_or(&[]).iter().enumerate() {
                path.push(PathStep::Index(i));
                self.object(&nested.shape, &group.lens, element, path, out);
                path.pop();
            }
            path.pop();
        }
    }

    fn attribute(&self, attr: &Attr, checks: &Checks, value: &Value, path: &Path, out: &mut Vec<Problem>) {
        if let Some(text) = value.as_str() {
            allowed(&attr.one_of, text, path, out);
            if let Some((pattern, what)) = &checks.pattern
                && !pattern.is_match(text)
            {
                out.push(problem(path, "bad-value-form", "Value of the wrong form", format!("{} must be {what}; {text:?} is not.", show_path(path))));
            }
        }
        if let Some(number) = value.as_number() {
            let text = number.to_string();
            allowed(&attr.one_of, &text, path, out);
            if checks.whole && !number.is_integer() {
                out.push(problem(path, "not-whole", "Whole number needed", format!("{} must be a whole number; {text} is not.", show_path(path))));
            }
            if let Some((low, high)) = checks.range
                && (number.as_f64() < low || number.as_f64() > high)
            {
                out.push(problem(path, "out-of-range", "Value out of range", format!("{} must be from {low} to {high}; it is {text}.", show_path(path))));
            }
        }
        if let Some(items) = value.elements() {
            let count = items.len();
            if checks.min_items.is_some_and(|min| count < min) && items.iter().all(Value::is_wholly_known) {
                let detail = format!("{} needs at least {} elements; it has {count}.", show_path(path), checks.min_items.unwrap_or(0));
                out.push(problem(path, "too-few-elements", "Too few elements", detail));
            }
            if let Some(max) = checks.max_items.filter(|max| count > *max) {
                out.push(problem(path, "too-many-elements", "Too many elements", format!("{} takes at most {max} elements; it has {count}.", show_path(path))));
            }
            for (i, item) in items.iter().enumerate() {
                let mut inner = path.clone();
                inner.push(PathStep::Index(i));
                if let Some(text) = item.as_str() {
                    allowed(&checks.items_one_of, text, &inner, out);
                }
            }
        }
    }

    fn relations(&self, checks: &Checks, value: &Value, path: &Path, out: &mut Vec<Problem>) {
        let me = show_path(path);
        if is_set(value) {
            if let Some(other) = checks.conflicts_with.iter().find(|c| self.is_set(c)) {
                let detail = format!("{me} and {} exclude each other in {}; set one of them.", shown(other), self.kind);
                out.push(problem(path, "conflicting-attributes", "Attributes exclude each other", detail));
            }
            let missing: Vec<String> = checks.required_with.iter().filter(|r| !self.may_be_set(r)).map(|r| shown(r)).collect();
            if !missing.is_empty() {
                let detail = format!("{me} needs {} to be set too.", missing.join(" and "));
                out.push(problem(path, "missing-companion", "Attribute needs another", detail));
            }
        }
        // A group is reported once, at its first member.
        let first = |group: &[String]| group.first().is_some_and(|f| shown(f) == shown(&me));
        if first(&checks.exactly_one_of) {
            self.group(&checks.exactly_one_of, true, path, out);
        }
        if first(&checks.at_least_one_of) {
            self.group(&checks.at_least_one_of, false, path, out);
        }
    }

    fn group(&self, names: &[String], only_one: bool, path: &Path, out: &mut Vec<Problem>) {
        let list = names.iter().map(|n| shown(n)).collect::<Vec<_>>().join(", ");
        let set: Vec<String> = names.iter().filter(|n| self.is_set(n)).map(|n| shown(n)).collect();
        let how = if only_one { "Exactly one" } else { "At least one" };
        if set.is_empty() && !names.iter().any(|n| self.may_be_set(n)) {
            let detail = format!("{how} of {list} must be set in {}; none is.", self.kind);
            out.push(problem(path, "missing-alternative", "Attribute missing", detail));
        } else if only_one && set.len() > 1 {
            let detail = format!("Exactly one of {list} must be set in {}; {} are.", self.kind, set.join(" and "));
            out.push(problem(path, "conflicting-attributes", "Attributes exclude each other", detail));
        }
    }

    /// Whether a path of the schema (`default_node_pool.0.name`) is certainly set.
    fn is_set(&self, path: &str) -> bool {
        self.find(path).is_some_and(|v| is_set(v) && !v.is_unknown())
    }

    fn may_be_set(&self, path: &str) -> bool {
        let mut here = self.root;
        for step in path.split('.') {
            if here.is_unknown() {
                return true;
            }
            let Some(next) = into(here, step) else { return false };
            here = next;
        }
        is_set(here)
    }

    fn find(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self.root, into)
    }
}

fn into<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match step.parse::<usize>() {
        Ok(i) => value.elements().and_then(|e| e.get(i)),
        Err(_) => value.get(step),
    }
}

/// Neither null nor an empty list of blocks.
fn is_set(value: &Value) -> bool {
    !value.is_null() && !value.elements().is_some_and(<[Value]>::is_empty)
}

/// `a.0.b` as the language writes it: `a.b`, so that both spellings of a path compare.
fn shown(path: &str) -> String {
    path.replace("[0]", "").split('.').filter(|s| s.parse::<usize>().is_err()).collect::<Vec<_>>().join(".")
}

fn allowed(one_of: &[String], text: &str, path: &Path, out: &mut Vec<Problem>) {
    if one_of.is_empty() || one_of.iter().any(|o| o == text) {
        return;
    }
    let list = one_of.iter().map(|o| format!("{o:?}")).collect::<Vec<_>>().join(", ");
    let mut found = problem(path, "value-not-allowed", "Value not allowed", format!("{} must be one of {list}; it is {text:?}.", show_path(path)));
    let spelt = one_of.iter().find(|o| o.eq_ignore_ascii_case(text)).map(String::as_str);
    found.hint = spelt.or_else(|| nearest(text, one_of.iter().map(String::as_str))).map(|n| format!("Did you mean {n:?}?"));
    out.push(found);
}

fn unknown_role(path: &Path, name: &str) -> Problem {
    let detail = format!(
        "{} is {name:?}, which is no built-in role that is known here. For another role set role_definition_id; \
         data \"azurerm_role_definition\" finds it by name.",
        show_path(path)
    );
    let mut found = problem(path, "unknown-role", "Unknown role", detail);
    found.hint = nearest(name, roles::names()).map(|n| format!("Did you mean {n:?}?"));
    found
}

fn problem(path: &Path, code: &'static str, summary: &'static str, detail: String) -> Problem {
    Problem { path: path.clone(), code, summary, detail, hint: None }
}
