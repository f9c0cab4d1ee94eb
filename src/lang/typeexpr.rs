//! Type constraints: `map(object({ size = optional(number, 3) }))`, and the defaults they carry.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blueprint::{Expr, TypeDefaults},
    convert::{convert, without_optional},
    eval::expr::{Env, eval},
    syntax::{Call, Node, NodeKind},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Kind, Span, Type, Value, types::ObjectType};

/// Reads a type constraint; errors are reported and give `any`.
pub fn parse_type(expr: &Expr, diags: &mut Diagnostics) -> (Type, TypeDefaults) {
    let mut reader = Reader { file: expr.span.file, diags };
    reader.read(&expr.node)
}

struct Reader<'d> {
    file: FileId,
    diags: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn error(&mut self, node: &Node, detail: String) -> (Type, TypeDefaults) {
        let span = Span { file: self.file, start: node.start, end: node.end };
        self.diags.push(Diagnostic::error("invalid-type", "Invalid type specification", detail).at(span));
        (Type::Any, TypeDefaults::default())
    }

    fn read(&mut self, node: &Node) -> (Type, TypeDefaults) {
        let plain = |t| (t, TypeDefaults::default());
        match &node.kind {
            NodeKind::Root(name) => match &**name {
                "any" => plain(Type::Any),
                "bool" => plain(Type::Bool),
                "number" => plain(Type::Number),
                "string" => plain(Type::String),
                // The old short forms.
                "list" => plain(Type::list(Type::Any)),
                "map" => plain(Type::map(Type::Any)),
                "set" => self.error(node, "The set type constructor requires one argument specifying the element type.".into()),
                "object" => self.error(node, "The object type constructor requires one argument specifying the attribute types and values as a map.".into()),
                "tuple" => self.error(node, "The tuple type constructor requires one argument specifying the element types as a list.".into()),
                name => self.error(node, format!("The keyword {name:?} is not a valid type specification.")),
            },
            NodeKind::Call(c) => self.constructor(c, node),
            NodeKind::Paren(inner) => self.read(inner),
            NodeKind::Literal(v) if v.as_str().is_some() => {
                let span = Span { file: self.file, start: node.start, end: node.end };
                let detail = "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is no longer accepted. Remove the \
                              quotes around this type.";
                self.diags.push(Diagnostic::error("invalid-type", "Invalid quoted type constraints", detail).at(span));
                plain(Type::Any)
            }
            _ => self.error(
                node,
                "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).".into(),
            ),
        }
    }

    fn constructor(&mut self, c: &Call, node: &Node) -> (Type, TypeDefaults) {
        let name = &*c.name;
        match (name, c.args.as_slice()) {
            ("list" | "set" | "map", [elem]) => {
                let (t, inner) = self.read(elem);
                let mut defaults = TypeDefaults::default();
                if !inner.is_empty() {
                    defaults.children.insert("*".into(), inner);
                }
                let wrap = match name {
                    "list" => Type::list,
                    "set" => Type::set,
                    _ => Type::map,
                };
                (wrap(t), defaults)
            }
            ("tuple", [Node { kind: NodeKind::Tuple(items), .. }]) => {
                let mut defaults = TypeDefaults::default();
                let mut types = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    let (t, inner) = self.read(item);
                    types.push(t);
                    if !inner.is_empty() {
                        defaults.children.insert(i.to_string(), inner);
                    }
                }
                (Type::Tuple(types), defaults)
            }
            ("object", [Node { kind: NodeKind::Object(items), .. }]) => self.object(items),
            ("list" | "set" | "map", [_, extra, ..]) => {
                self.error(extra, format!("The {name} type constructor requires one argument specifying the element type."))
            }
            ("list" | "set" | "map", _) => self.error(node, format!("The {name} type constructor requires one argument specifying the element type.")),
            ("tuple", _) => self.error(node, "The tuple type constructor requires one argument specifying the element types as a list.".into()),
            ("object", _) => self.error(
                node,
                "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.".into(),
            ),
            ("optional", _) => self.error(node, "Keyword \"optional\" is valid only as a modifier for object type attributes.".into()),
            ("any" | "bool" | "number" | "string", _) => self.error(node, format!("Primitive type keyword {name:?} does not expect arguments.")),
            _ => self.error(node, format!("Keyword {name:?} is not a valid type constructor.")),
        }
    }

    fn object(&mut self, items: &[(Node, Node)]) -> (Type, TypeDefaults) {
        let (mut attrs, mut optional, mut defaults) = (BTreeMap::new(), BTreeSet::new(), TypeDefaults::default());
        for (key, node) in items {
            let Some(name) = key.as_literal_str().map(str::to_owned) else {
                self.error(key, "Object constructor map keys must be attribute names.".into());
                continue;
            };
            let (inner, default) = match &node.kind {
                NodeKind::Call(c) if &*c.name == "optional" => match c.args.as_slice() {
                    [ty] => (ty, None),
                    [ty, default] => (ty, Some(default)),
                    _ => {
                        let detail = "Optional attribute modifier requires the attribute type as its argument, and optionally a default value.";
                        self.error(node, detail.into());
                        continue;
                    }
                },
                _ => (node, None),
            };
            if !std::ptr::eq(inner, node) {
                optional.insert(name.clone());
            }
            let (ty, children) = self.read(inner);
            if let Some(default) = default {
                let value = eval(default, &Env::constant(self.file), self.diags);
                match convert(&value, &ty) {
                    Ok(v) => drop(defaults.values.insert(name.clone(), v)),
                    Err(why) => {
                        let span = Span { file: self.file, start: default.start, end: default.end };
                        let detail = format!("This default value is not compatible with the attribute's type constraint: {why}.");
                        self.diags.push(Diagnostic::error("invalid-default", "Invalid default value for optional attribute", detail).at(span));
                    }
                }
            }
            if !children.is_empty() {
                defaults.children.insert(name.clone(), children);
            }
            attrs.insert(name, ty);
        }
        (Type::Object(ObjectType { attrs, optional }), defaults)
    }
}

impl TypeDefaults {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.children.is_empty()
    }

    /// Puts defaults where an optional attribute is missing or null, at every depth.
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        let child = |key: &str, v: Value| self.children.get(key).or_else(|| self.children.get("*")).map_or(v.clone(), |c| c.apply(&v));
        let out = match &value.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                let items: Vec<Value> = vs.iter().enumerate().map(|(i, v)| child(&i.to_string(), v.clone())).collect();
                // The elements may have grown attributes; conversion to the declared type follows and settles what they are.
                Value::tuple(items)
            }
            Kind::Map(_, m) | Kind::Object(m) => {
                let mut attrs: BTreeMap<String, Value> = m.clone().as_ref().clone();
                for (name, default) in &self.values {
                    if attrs.get(name).is_none_or(Value::is_null) {
                        attrs.insert(name.clone(), default.clone());
                    }
                }
                Value::object(attrs.into_iter().map(|(k, v)| (k.clone(), child(&k, v))).collect())
            }
            _ => return value.clone(),
        };
        out.marked(value.marks)
    }
}

/// A raw value as a variable of this type holds it: defaults filled in, then converted.
pub fn to_variable_type(value: &Value, ty: &Type, defaults: &TypeDefaults) -> Result<Value, String> {
    convert(&defaults.apply(value), ty).map(|v| if v.is_null() { Value::null(without_optional(ty)).marked(v.marks) } else { v })
}
