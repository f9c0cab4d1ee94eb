//! The contents of top-level blocks: variables, outputs, resources, module calls and the rest, checked against what each may hold.

use super::{
    blueprint::*,
    eval::expr::{Env, eval},
    parse,
    syntax::{Node, NodeKind, Step, StepKind},
    typeexpr::parse_type,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Mode, PathStep, Sources, Span, Type, Value, address::Target, diag::nearest};

/// What reading blocks needs besides the block.
pub struct Reading<'r> {
    pub sources: &'r Sources,
    pub diags: &'r mut Diagnostics,
}

pub fn unsupported_argument(attr: &Attribute, known: &[&str], blocks: &[&str]) -> Diagnostic {
    let name = &attr.name;
    let mut detail = format!("An argument named {name:?} is not expected here.");
    if blocks.contains(&name.as_str()) {
        detail.push_str(&format!(" Did you mean to define a block of type {name:?}?"));
    } else if let Some(near) = nearest(name, known.iter().copied()) {
        detail.push_str(&format!(" Did you mean {near:?}?"));
    }
    Diagnostic::error("unsupported-argument", "Unsupported argument", detail).at(attr.name_span)
}

pub fn unsupported_block(block: &Block, known: &[&str], attrs: &[&str]) -> Diagnostic {
    let kind = &block.kind;
    let mut detail = format!("Blocks of type {kind:?} are not expected here.");
    if attrs.contains(&kind.as_str()) {
        detail.push_str(&format!(" Did you mean to define argument {kind:?}? If so, use the equals sign to assign it a value."));
    } else if let Some(near) = nearest(kind, known.iter().copied()) {
        detail.push_str(&format!(" Did you mean {near:?}?"));
    }
    Diagnostic::error("unsupported-block", "Unsupported block type", detail).at(block.span)
}

pub fn missing_argument(name: &str, span: Span) -> Diagnostic {
    let detail = format!("The argument {name:?} is required, but no definition was found.");
    Diagnostic::error("missing-argument", "Missing required argument", detail).at(span)
}

impl Reading<'_> {
    /// Reports arguments and blocks that do not belong here.
    pub fn only(&mut self, body: &Body, attrs: &[&str], blocks: &[&str]) {
        for attr in parse::in_order(&body.attrs) {
            let is_comment = body.json && attr.name == "//";
            if !is_comment && !attrs.contains(&attr.name.as_str()) {
                self.diags.push(unsupported_argument(attr, attrs, blocks));
            }
        }
        for block in &body.blocks {
            if !blocks.contains(&block.kind.as_str()) {
                self.diags.push(unsupported_block(block, blocks, attrs));
            }
        }
    }

    /// The block's labels, when there are as many as `names`.
    pub fn labels(&mut self, block: &Block, names: &[&str]) -> Option<Vec<String>> {
        let kind = &block.kind;
        if let Some(missing) = names.get(block.labels.len()) {
            let detail = format!("All {kind} blocks must have {} labels ({}).", names.len(), names.join(", "));
            self.diags.push(Diagnostic::error("missing-label", format!("Missing {missing} for {kind}"), detail).at(block.span));
            return None;
        }
        if block.labels.len() > names.len() {
            let detail = if names.is_empty() {
                format!("No labels are expected for {kind} blocks.")
            } else {
                format!("Only {} labels ({}) are expected for {kind} blocks.", names.len(), names.join(", "))
            };
            self.diags.push(Diagnostic::error("extraneous-label", format!("Extraneous label for {kind}"), detail).at(block.span));
            return None;
        }
        for label in names.iter().zip(&block.labels).filter(|(n, _)| **n != "path").map(|(_, l)| l) {
            if !crate::base::value::is_identifier(label) {
                let detail = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
                self.diags.push(Diagnostic::error("invalid-name", format!("Invalid {kind} name"), detail).at(block.span));
                return None;
            }
        }
        Some(block.labels.clone())
    }

    pub fn constant(&mut self, expr: &Expr) -> Value {
        eval(&expr.node, &Env::constant(expr.span.file), self.diags)
    }

    fn constant_as(&mut self, attr: Option<&Attribute>, ty: &Type) -> Option<Value> {
        let attr = attr?;
        let value = self.constant(&attr.expr);
        match super::convert::convert(&value, ty) {
            Ok(v) => Some(v).filter(|v| !v.is_null() && !v.is_unknown()),
            Err(why) => {
                let detail = format!("Unsuitable value: {why}.");
                self.diags.push(Diagnostic::error("unsuitable-value", "Unsuitable value type", detail).at(attr.expr.span));
                None
            }
        }
    }

    pub fn string(&mut self, body: &Body, name: &str) -> Option<String> {
        self.constant_as(body.attrs.get(name), &Type::String).and_then(|v| v.as_str().map(str::to_owned))
    }

    fn flag(&mut self, body: &Body, name: &str) -> Option<bool> {
        self.constant_as(body.attrs.get(name), &Type::Bool).and_then(|v| v.as_bool())
    }

    /// In JSON, places for bare syntax hold it as text.
    fn syntax(&mut self, expr: &Expr, json: bool) -> Expr {
        match expr.node.as_literal_str() {
            Some(text) if json => match parse::parse_expr(expr.span.file, text, self.diags) {
                Some(parsed) => Expr { node: std::sync::Arc::new(respan((*parsed.node).clone(), expr.span)), span: expr.span },
                None => expr.clone(),
            },
            _ => expr.clone(),
        }
    }

    /// A list of references, as `depends_on` and `replace_triggered_by` hold.
    fn list(&mut self, body: &Body, name: &str) -> Vec<Expr> {
        let Some(attr) = body.attrs.get(name) else { return Vec::new() };
        let NodeKind::Tuple(items) = &attr.expr.node.kind else {
            let detail = "A static list expression is required.";
            self.diags.push(Diagnostic::error("invalid-expression", "Invalid expression", detail).at(attr.expr.span));
            return Vec::new();
        };
        let file = attr.expr.span.file;
        let items: Vec<Expr> = items.iter().map(|n| sub(n, file)).collect();
        items.iter().map(|e| self.syntax(e, body.json)).collect()
    }

    pub fn conditions(&mut self, body: &Body, kind: &str) -> Vec<Condition> {
        let blocks: Vec<&Block> = body.blocks.iter().filter(|b| b.kind == kind).collect();
        blocks.into_iter().filter_map(|b| self.condition(b)).collect()
    }

    fn condition(&mut self, block: &Block) -> Option<Condition> {
        self.only(&block.body, &["condition", "error_message"], &[]);
        let condition = self.required(block, "condition");
        let error_message = self.required(block, "error_message");
        Some(Condition { condition: condition?, error_message: error_message?, span: block.span })
    }

    pub fn required(&mut self, block: &Block, name: &str) -> Option<Expr> {
        let found = block.body.attrs.get(name).map(|a| a.expr.clone());
        if found.is_none() {
            self.diags.push(missing_argument(name, block.span));
        }
        found
    }

    pub fn variable(&mut self, block: &Block) -> Option<Variable> {
        let name = self.labels(block, &["name"])?.pop()?;
        let body = &block.body;
        self.only(body, &["type", "default", "description", "sensitive", "ephemeral", "nullable", "deprecated"], &["validation"]);
        const RESERVED: [&str; 8] = ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];
        if RESERVED.contains(&name.as_str()) {
            let detail = format!("The variable name {name:?} is reserved due to its special meaning inside module blocks.");
            self.diags.push(Diagnostic::error("reserved-name", "Invalid variable name", detail).at(block.span));
        }
        let (ty, defaults) = match body.attrs.get("type") {
            Some(a) => {
                let expr = self.syntax(&a.expr, body.json);
                parse_type(&expr, self.diags)
            }
            None => (Type::Any, TypeDefaults::default()),
        };
        let nullable = self.flag(body, "nullable").unwrap_or(true);
        let default = body.attrs.get("default").map(|a| a.expr.clone());
        if let Some(expr) = &default {
            self.check_default(expr, &ty, &defaults, nullable);
        }
        Some(Variable {
            ty,
            defaults,
            default,
            description: self.string(body, "description"),
            sensitive: self.flag(body, "sensitive").unwrap_or(false),
            ephemeral: self.flag(body, "ephemeral").unwrap_or(false),
            nullable,
            validations: self.conditions(body, "validation"),
            span: block.span,
            name,
        })
    }

    fn check_default(&mut self, expr: &Expr, ty: &Type, defaults: &TypeDefaults, nullable: bool) {
        let value = self.constant(expr);
        if let Err(why) = super::typeexpr::to_variable_type(&value, ty, defaults) {
            let detail = format!("This default value is not compatible with the variable's type constraint: {why}.");
            self.diags.push(Diagnostic::error("invalid-default", "Invalid default value for variable", detail).at(expr.span));
        } else if value.is_null() && !nullable {
            let detail = "A null default value is not valid when nullable=false.";
            self.diags.push(Diagnostic::error("invalid-default", "Invalid default value for variable", detail).at(expr.span));
        }
    }

    pub fn output(&mut self, block: &Block) -> Option<Output> {
        let name = self.labels(block, &["name"])?.pop()?;
        let body = &block.body;
        self.only(body, &["value", "description", "sensitive", "ephemeral", "depends_on", "deprecated"], &["precondition"]);
        Some(Output {
            value: self.required(block, "value")?,
            description: self.string(body, "description"),
            sensitive: self.flag(body, "sensitive").unwrap_or(false),
            ephemeral: self.flag(body, "ephemeral").unwrap_or(false),
            depends_on: self.list(body, "depends_on"),
            preconditions: self.conditions(body, "precondition"),
            span: block.span,
            name,
        })
    }

    pub fn resource(&mut self, block: &Block, mode: Mode) -> Option<Resource> {
        let labels = self.labels(block, &["type", "name"])?;
        let [kind, name] = <[String; 2]>::try_from(labels).ok()?;
        let mut body = block.body.clone();
        let mut take = |n: &str| body.attrs.remove(n);
        let (count, for_each, depends, provider) = (take("count"), take("for_each"), take("depends_on"), take("provider"));
        if let (Some(c), Some(_)) = (&count, &for_each) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.";
            self.diags.push(Diagnostic::error("count-and-for-each", "Invalid combination of \"count\" and \"for_each\"", detail).at(c.name_span));
        }
        let (mut lifecycle, mut provisioners) = (Lifecycle::default(), Vec::new());
        let mut seen_lifecycle = None;
        let blocks = std::mem::take(&mut body.blocks);
        for b in blocks {
            match b.kind.as_str() {
                "lifecycle" => {
                    if let Some(first) = seen_lifecycle.replace(b.span) {
                        let detail = format!("This resource already has a lifecycle block at {}.", self.place(first));
                        self.diags.push(Diagnostic::error("duplicate-lifecycle", "Duplicate lifecycle block", detail).at(b.span));
                    }
                    lifecycle = self.lifecycle(&b, mode);
                }
                "provisioner" if mode == Mode::Managed => provisioners.extend(self.provisioner(&b)),
                // How to log in to a machine; nothing that is run here does.
                "connection" if mode == Mode::Managed => {}
                _ => body.blocks.push(b),
            }
        }
        let depends_on = depends.map_or(Vec::new(), |a| {
            let mut only = Body { json: body.json, ..Body::empty(body.span) };
            only.attrs.insert("depends_on".into(), a);
            self.list(&only, "depends_on")
        });
        let json = body.json;
        Some(Resource {
            mode,
            kind,
            name,
            body,
            count: count.map(|a| a.expr),
            for_each: for_each.map(|a| a.expr),
            depends_on,
            provider: provider.and_then(|a| self.provider_ref(&a.expr, json)),
            lifecycle,
            provisioners,
            span: block.span,
        })
    }

    fn lifecycle(&mut self, block: &Block, mode: Mode) -> Lifecycle {
        let body = &block.body;
        let attrs: &[&str] = if mode == Mode::Managed { &["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"] } else { &[] };
        self.only(body, attrs, &["precondition", "postcondition"]);
        let expr = |n: &str| body.attrs.get(n).map(|a| a.expr.clone());
        Lifecycle {
            create_before_destroy: expr("create_before_destroy"),
            prevent_destroy: expr("prevent_destroy"),
            ignore_changes: self.ignore_changes(body),
            replace_triggered_by: self.list(body, "replace_triggered_by"),
            preconditions: self.conditions(body, "precondition"),
            postconditions: self.conditions(body, "postcondition"),
        }
    }

    fn ignore_changes(&mut self, body: &Body) -> Ignore {
        let Some(attr) = body.attrs.get("ignore_changes") else { return Ignore::Nothing };
        let expr = self.syntax(&attr.expr, body.json);
        if matches!(&expr.node.kind, NodeKind::Root(name) if &**name == "all") {
            return Ignore::All(attr.expr.span);
        }
        let NodeKind::Tuple(items) = &expr.node.kind else {
            let detail = "A static list of attribute references is required, or the keyword \"all\".";
            self.diags.push(Diagnostic::error("invalid-ignore-changes", "Invalid expression", detail).at(attr.expr.span));
            return Ignore::Nothing;
        };
        let mut paths = Vec::new();
        for item in items {
            let mut item = sub(item, attr.expr.span.file);
            // The old form quoted each attribute.
            item = self.syntax(&item, true);
            if matches!(&item.node.kind, NodeKind::Literal(v) if v.as_str() == Some("*")) {
                return Ignore::All(attr.expr.span);
            }
            match static_path(&item.node) {
                Some(path) => paths.push((path, item.span)),
                None => {
                    let detail = "Each item must be the name of an attribute, with static keys and indexes.";
                    self.diags.push(Diagnostic::error("invalid-ignore-changes", "Invalid ignore_changes item", detail).at(item.span));
                }
            }
        }
        Ignore::Paths(paths)
    }

    /// `azurerm` or `azurerm.hub`.
    pub fn provider_ref(&mut self, expr: &Expr, json: bool) -> Option<(String, Option<String>, Span)> {
        let parsed = self.syntax(expr, json);
        match static_path(&parsed.node).as_deref() {
            Some([PathStep::Name(name)]) => Some((name.clone(), None, expr.span)),
            Some([PathStep::Name(name), PathStep::Name(alias)]) => Some((name.clone(), Some(alias.clone()), expr.span)),
            _ => {
                let detail = "The provider argument requires a provider type name, optionally followed by a period and then a configuration alias.";
                self.diags.push(Diagnostic::error("invalid-provider-reference", "Invalid provider configuration reference", detail).at(expr.span));
                None
            }
        }
    }

    pub fn provider(&mut self, block: &Block) -> Option<Provider> {
        let name = self.labels(block, &["name"])?.pop()?;
        let mut body = block.body.clone();
        let alias = self.string(&body, "alias");
        body.attrs.remove("alias");
        body.attrs.remove("version");
        Some(Provider { name, alias, body, span: block.span })
    }

    pub fn check(&mut self, block: &Block) -> Option<Check> {
        let name = self.labels(block, &["name"])?.pop()?;
        self.only(&block.body, &[], &["assert", "data"]);
        Some(Check { name, asserts: self.conditions(&block.body, "assert"), span: block.span })
    }

    /// An address written as a reference: `module.a["x"].azurerm_subnet.b`.
    pub fn target(&mut self, block: &Block, name: &str) -> Option<(Target, Span)> {
        let expr = self.required(block, name)?;
        let text = match expr.node.as_literal_str() {
            Some(text) if block.body.json => text.to_owned(),
            _ => self.sources.text(expr.span).split_whitespace().collect(),
        };
        match text.parse::<Target>() {
            Ok(target) => Some((target, expr.span)),
            Err(why) => {
                self.diags.push(Diagnostic::error("invalid-address", "Invalid address", why.to_string()).at(expr.span));
                None
            }
        }
    }

    pub fn moved(&mut self, block: &Block) -> Option<Moved> {
        self.only(&block.body, &["from", "to"], &[]);
        let (from, to) = (self.target(block, "from"), self.target(block, "to"));
        Some(Moved { from: from?, to: to?, span: block.span })
    }

    pub fn removed(&mut self, block: &Block) -> Option<Removed> {
        self.only(&block.body, &["from"], &["lifecycle", "connection", "provisioner"]);
        let from = self.target(block, "from")?;
        let lifecycle = block.body.blocks.iter().find(|b| b.kind == "lifecycle");
        let destroy = lifecycle.and_then(|l| {
            self.only(&l.body, &["destroy"], &[]);
            self.flag(&l.body, "destroy")
        });
        Some(Removed { from, destroy: destroy.unwrap_or(true), span: block.span })
    }

    pub fn import(&mut self, block: &Block) -> Option<Import> {
        self.only(&block.body, &["to", "id", "for_each", "provider", "identity"], &[]);
        let (to, id) = (self.required(block, "to"), self.required(block, "id"));
        let to = self.syntax(&to?, block.body.json);
        Some(Import { to, id: id?, for_each: block.body.attrs.get("for_each").map(|a| a.expr.clone()), span: block.span })
    }

    pub fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }
}

/// A span as Terraform names one inside a message: `main.tf:3,1-14`.
pub fn place(sources: &Sources, span: Span) -> String {
    let (start, end) = (sources.start(span), sources.end(span));
    format!("{}:{},{}-{}", sources.path(span.file).display(), start.line, start.column, end.column)
}

/// A part of an expression as one of its own.
pub fn sub(node: &Node, file: FileId) -> Expr {
    Expr { node: std::sync::Arc::new(node.clone()), span: Span { file, start: node.start, end: node.end } }
}

/// The node with every offset replaced: for text inside a JSON string, whose own offsets mean nothing.
pub fn respan(mut node: Node, span: Span) -> Node {
    super::json::set_offsets(&mut node, span.start, span.end);
    node
}

/// A reference without anything computed in it, as a path; its root is the first name.
pub fn static_path(node: &Node) -> Option<Vec<PathStep>> {
    let (root, steps): (&Node, &[Step]) = match &node.kind {
        NodeKind::Traversal(t) => (&t.on, &t.steps),
        _ => (node, &[]),
    };
    let NodeKind::Root(name) = &root.kind else { return None };
    let mut path = vec![PathStep::Name(name.to_string())];
    for step in steps {
        path.push(static_step(step)?);
    }
    Some(path)
}

/// A traversal step that is written out: a name, a number or a quoted key.
pub fn static_step(step: &Step) -> Option<PathStep> {
    match &step.kind {
        StepKind::Attr(name) => Some(PathStep::Name(name.to_string())),
        StepKind::LegacyIndex(n) => usize::try_from(*n).ok().map(PathStep::Index),
        StepKind::Index(key) => match &key.kind {
            NodeKind::Literal(v) => match v.as_str() {
                Some(text) => Some(PathStep::Name(text.to_owned())),
                None => v.as_number()?.as_usize().map(PathStep::Index),
            },
            _ => None,
        },
        StepKind::AttrSplat | StepKind::FullSplat => None,
    }
}
