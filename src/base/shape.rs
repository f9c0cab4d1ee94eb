//! The shape of a block: which attributes and nested blocks it takes. Written by `schema`, read by `lang` when it decodes a body.

use std::collections::BTreeMap;

use super::{
    types::Type,
    value::{Path, PathStep, Value},
};

/// What a block (a resource, a nested block, a provider block) may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    pub attrs: BTreeMap<String, Attr>,
    pub blocks: BTreeMap<String, Nested>,
}

/// One attribute. Neither required nor optional means that only the platform sets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    pub ty: Type,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub sensitive: bool,
    /// Sent, never stored or shown.
    pub write_only: bool,
    /// A change of it replaces the resource.
    pub force_new: bool,
    pub default: Option<Value>,
    /// Allowed values, when they are a closed set.
    pub one_of: Vec<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    List,
    Set,
}

/// A nested block type; its value is always a list or a set of objects, as azurerm's are (`identity[0].principal_id`).
#[derive(Clone, Debug, PartialEq)]
pub struct Nested {
    pub nesting: Nesting,
    pub shape: Shape,
    pub min: usize,
    pub max: Option<usize>,
    /// The platform may fill it when the configuration does not.
    pub computed: bool,
    /// The configuration may set it (`false`: only the platform does).
    pub optional: bool,
    pub force_new: bool,
    /// May also be written as an attribute: `security_rule = [ … ]`.
    pub as_attribute: bool,
}

impl Shape {
    /// The same shape for a block whose values are used and never kept: ephemeral ones may stand anywhere in it.
    pub fn fleeting(&self) -> Shape {
        let attr = |(name, attr): (&String, &Attr)| (name.clone(), Attr { write_only: true, ..attr.clone() });
        let block = |(name, nested): (&String, &Nested)| (name.clone(), Nested { shape: nested.shape.fleeting(), ..nested.clone() });
        Shape { attrs: self.attrs.iter().map(attr).collect(), blocks: self.blocks.iter().map(block).collect() }
    }
}

impl Attr {
    pub fn of(ty: Type) -> Attr {
        Attr {
            ty,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            force_new: false,
            default: None,
            one_of: Vec::new(),
            deprecated: None,
        }
    }

    /// Whether the configuration may set it.
    pub fn settable(&self) -> bool {
        self.required || self.optional
    }
}

/// What a path of a value leads to in a shape.
#[derive(Clone, Copy, Debug)]
pub enum Member<'a> {
    Attr(&'a Attr),
    Nested(&'a Nested),
}

impl Shape {
    /// The type of a value of this shape.
    pub fn ty(&self) -> Type {
        let attrs = self.attrs.iter().map(|(k, a)| (k.clone(), a.ty.clone()));
        Type::object(attrs.chain(self.blocks.iter().map(|(k, n)| (k.clone(), n.ty()))))
    }

    /// The declaration that governs a path: the innermost attribute or nested block on the way.
    pub fn member(&self, path: &[PathStep]) -> Option<Member<'_>> {
        let mut shape = self;
        let mut found = None;
        for step in path {
            let PathStep::Name(name) = step else { continue };
            if let Some(attr) = shape.attrs.get(name) {
                return Some(Member::Attr(attr));
            }
            let Some(nested) = shape.blocks.get(name) else { return found };
            found = Some(Member::Nested(nested));
            shape = &nested.shape;
        }
        found
    }

    /// Every attribute with its path; nested blocks contribute theirs under the block's name, without indexes.
    pub fn walk(&self, visit: &mut dyn FnMut(&Path, Member<'_>)) {
        fn go(shape: &Shape, path: &mut Path, visit: &mut dyn FnMut(&Path, Member<'_>)) {
            for (name, attr) in &shape.attrs {
                path.push(PathStep::Name(name.clone()));
                visit(path, Member::Attr(attr));
                path.pop();
            }
            for (name, nested) in &shape.blocks {
                path.push(PathStep::Name(name.clone()));
                visit(path, Member::Nested(nested));
                go(&nested.shape, path, visit);
                path.pop();
            }
        }
        go(self, &mut Vec::new(), visit);
    }
}

impl Nested {
    pub fn ty(&self) -> Type {
        match self.nesting {
            Nesting::List => Type::list(self.shape.ty()),
            Nesting::Set => Type::set(self.shape.ty()),
        }
    }
}
