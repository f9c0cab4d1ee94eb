//! The contents of variables, outputs, providers and checks, and what reading any block needs: its labels, what it may hold,
//! and values and references that are written out. Resources are in `resource_block`, `moved` and its like in `refactoring`.

use super::{
    blueprint::*,
    eval::expr::{Env, eval},
    fmt::scan::{Kind, scan},
    parse,
    syntax::{Node, NodeKind, Step, StepKind},
    typeexpr::parse_type,
};
use crate::base::{Diagnostic, Diagnostics, FileId, PathStep, Sources, Span, Type, Value, diag::nearest};

/// What reading blocks needs besides the block.
pub struct Reading<'r> {
    pub sources: &'r Sources,
    pub diags: &'r mut Diagnostics,
}

/// What a label says, and what a wrong one is called: `("type", "resource type name")`.
pub type Label = (&'static str, &'static str);

const BAD_NAME: &str = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
pub(super) const STATIC_REFERENCE: &str = "A single static variable reference is required: only attribute access and indexing with constant keys. No \
                                           calculations, function calls, template expressions, etc are allowed here.";

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

/// A block where only arguments belong.
pub fn unexpected_block(block: &Block) -> Diagnostic {
    Diagnostic::error("unexpected-block", format!("Unexpected {:?} block", block.kind), "Blocks are not allowed here.").at(block.span)
}

pub fn missing_argument(name: &str, span: Span) -> Diagnostic {
    let detail = format!("The argument {name:?} is required, but no definition was found.");
    Diagnostic::error("missing-argument", "Missing required argument", detail).at(span)
}

/// A block type that Terraform keeps for later.
pub fn reserved_block(block: &Block, place: &str) -> Diagnostic {
    let detail = format!("The block type name {:?} is reserved for use by Terraform in a future version.", block.kind);
    Diagnostic::error("reserved-block", format!("Reserved block type name in {place} block"), detail).at(block.span)
}

impl Reading<'_> {
    pub fn error(&mut self, code: &'static str, summary: &str, detail: impl Into<String>, span: Span) {
        self.diags.push(Diagnostic::error(code, summary, detail).at(span));
    }

    /// Reports arguments and blocks that do not belong here.
    pub fn only(&mut self, body: &Body, attrs: &[&str], blocks: &[&str]) {
        for attr in parse::in_order(&body.attrs) {
            let is_comment = body.json && attr.name == "//";
            if !is_comment && !attrs.contains(&attr.name.as_str()) {
                let d = unsupported_argument(attr, attrs, blocks);
                self.diags.push(if body.json { extraneous_property(attr, attrs.iter().chain(blocks).copied()) } else { d });
            }
        }
        for block in &body.blocks {
            if !blocks.contains(&block.kind.as_str()) {
                self.diags.push(unsupported_block(block, blocks, attrs));
            }
        }
    }

    /// The block's labels, when there are as many as `expected`; those that have a word for being wrong have to be names.
    pub fn labels(&mut self, block: &Block, expected: &[Label]) -> Option<Vec<String>> {
        let kind = &block.kind;
        let names = expected.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
        if let Some((missing, _)) = expected.get(block.labels.len()) {
            let detail = format!("All {kind} blocks must have {} labels ({names}).", expected.len());
            self.error("missing-label", &format!("Missing {missing} for {kind}"), detail, block.body.span);
            return None;
        }
        if block.labels.len() > expected.len() {
            let detail = if expected.is_empty() {
                format!("No labels are expected for {kind} blocks.")
            } else {
                format!("Only {} labels ({names}) are expected for {kind} blocks.", expected.len())
            };
            let span = self.label_span(block, expected.len());
            self.error("extraneous-label", &format!("Extraneous label for {kind}"), detail, span);
            return None;
        }
        let mut sound = true;
        for (i, ((_, what), label)) in expected.iter().zip(&block.labels).enumerate() {
            if !what.is_empty() && !crate::base::value::is_identifier(label) {
                let span = self.label_span(block, i);
                self.error("invalid-name", &format!("Invalid {what}"), BAD_NAME, span);
                sound = false;
            }
        }
        sound.then(|| block.labels.clone())
    }

    /// Where a label stands; the whole header when that cannot be told.
    pub fn label_span(&self, block: &Block, index: usize) -> Span {
        let mut at = block.span.start as usize;
        let (mut starts, mut open) = (Vec::new(), None);
        for token in scan(self.sources.text(block.span)) {
            let start = at + token.spaces;
            at = start + token.text.len();
            match token.kind {
                Kind::OpenQuote => open = Some(start),
                Kind::CloseQuote => starts.extend(open.take().map(|from| (from, at))),
                Kind::Ident => starts.push((start, at)),
                _ => {}
            }
        }
        // The first word is the block's kind.
        starts.get(index + 1).filter(|_| !block.body.json).map_or(block.span, |(from, to)| Span::new(block.span.file, *from, *to))
    }

    pub fn constant(&mut self, expr: &Expr) -> Value {
        eval(&expr.node, &Env::constant(expr.span.file), self.diags)
    }

    pub fn constant_as(&mut self, attr: Option<&Attribute>, ty: &Type) -> Option<Value> {
        let attr = attr?;
        let value = self.constant(&attr.expr);
        let why = match super::convert::convert(&value, ty) {
            Ok(v) if v.is_unknown() => "value must be known".to_owned(),
            Ok(v) => return Some(v).filter(|v| !v.is_null()),
            Err(why) => why,
        };
        let span = start_of(&attr.expr, self.sources);
        self.error("unsuitable-value", "Unsuitable value type", format!("Unsuitable value: {why}"), span);
        None
    }

    pub fn string(&mut self, body: &Body, name: &str) -> Option<String> {
        self.constant_as(body.attrs.get(name), &Type::String).and_then(|v| v.as_str().map(str::to_owned))
    }

    pub fn flag(&mut self, body: &Body, name: &str) -> Option<bool> {
        self.constant_as(body.attrs.get(name), &Type::Bool).and_then(|v| v.as_bool())
    }

    /// In JSON, places for bare syntax hold it as text.
    pub fn syntax(&mut self, expr: &Expr, json: bool) -> Expr {
        match expr.node.as_literal_str() {
            Some(text) if json => self.parsed(expr, text, expr.span),
            _ => expr.clone(),
        }
    }

    /// Text in a string as the syntax that it is.
    fn parsed(&mut self, expr: &Expr, text: &str, span: Span) -> Expr {
        let mut quiet = Diagnostics::default();
        match parse::parse_expr(span.file, text, &mut quiet) {
            Some(parsed) => Expr { node: std::sync::Arc::new(respan((*parsed.node).clone(), span)), span },
            None => {
                let why = quiet.items.into_iter().next().map_or(String::new(), |d| d.detail);
                self.error("invalid-expression", "Invalid expression", format!("{text:?} is not a reference: {why}"), span);
                expr.clone()
            }
        }
    }

    /// A reference that may still be in quotes, as it once had to be; that is warned of.
    pub fn unquoted(&mut self, expr: &Expr, json: bool, what: &str) -> Expr {
        let Some(text) = expr.node.as_literal_str() else { return expr.clone() };
        if !json {
            let detail = format!(
                "In this context, {what}s are expected literally rather than in quotes. Terraform 0.11 and earlier required quotes, but quoted {what}s are now \
                 deprecated and will be removed in a future version of Terraform. Remove the quotes surrounding this {what} to silence this warning."
            );
            self.diags.push(Diagnostic::warning("quoted-reference", format!("Quoted {what}s are deprecated"), detail).at(expr.span));
        }
        let inside = Span { start: expr.span.start + 1, end: expr.span.end.saturating_sub(1), ..expr.span };
        self.parsed(expr, text, if json { expr.span } else { inside })
    }

    /// The items of a list that is written out.
    pub fn static_list(&mut self, attr: &Attribute) -> Option<Vec<Expr>> {
        let file = attr.expr.span.file;
        if let NodeKind::Tuple(items) = &attr.expr.node.kind {
            return Some(items.iter().map(|n| sub(n, file)).collect());
        }
        self.error("invalid-expression", "Invalid expression", "A static list expression is required.", start_of(&attr.expr, self.sources));
        None
    }

    /// References as `depends_on` holds them: to whole objects, not to attributes.
    pub fn depends_on(&mut self, attr: Option<&Attribute>, json: bool) -> Vec<Expr> {
        let Some(items) = attr.and_then(|a| self.static_list(a)) else { return Vec::new() };
        let mut out = Vec::new();
        for item in items {
            let expr = self.unquoted(&item, json, "reference");
            if static_path(&expr.node).is_none() {
                self.error("invalid-expression", "Invalid expression", STATIC_REFERENCE, expr.span);
                continue;
            }
            if let Some(span) = attribute_of_resource(&expr) {
                let detail = "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.";
                self.error("invalid-depends-on", "Invalid depends_on reference", detail, span);
                continue;
            }
            out.push(expr);
        }
        out
    }

    pub fn conditions(&mut self, body: &Body, kind: &str) -> Vec<Condition> {
        let blocks: Vec<&Block> = body.blocks.iter().filter(|b| b.kind == kind).collect();
        blocks.into_iter().filter_map(|b| self.condition(b)).collect()
    }

    fn condition(&mut self, block: &Block) -> Option<Condition> {
        self.labels(block, &[])?;
        self.only(&block.body, &["condition", "error_message"], &[]);
        let condition = self.required(block, "condition");
        let error_message = self.required(block, "error_message");
        if let Some(condition) = condition.as_ref().filter(|c| super::deps::references(c).is_empty() && !block.body.json) {
            let detail = "The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be \
                          checking anything.";
            self.error("constant-condition", &format!("Invalid {} expression", block.kind), detail, condition.span);
            if block.kind == "assert" {
                return None;
            }
        }
        Some(Condition { condition: condition?, error_message: error_message?, span: block.span })
    }

    pub fn required(&mut self, block: &Block, name: &str) -> Option<Expr> {
        let found = block.body.attrs.get(name).map(|a| a.expr.clone());
        if found.is_none() {
            self.diags.push(missing_argument(name, block.body.span));
        }
        found
    }

    pub fn variable(&mut self, block: &Block) -> Option<Variable> {
        let name = self.labels(block, &[("name", "variable name")])?.pop()?;
        let body = &block.body;
        self.only(body, &["type", "default", "description", "sensitive", "ephemeral", "nullable", "deprecated"], &["validation"]);
        const RESERVED: [&str; 8] = ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];
        if RESERVED.contains(&name.as_str()) {
            let detail = format!("The variable name {name:?} is reserved due to its special meaning inside module blocks.");
            let span = self.label_span(block, 0);
            self.error("reserved-name", "Invalid variable name", detail, span);
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
        let validations = self.conditions(body, "validation");
        for validation in &validations {
            self.about_itself(&name, &validation.condition);
        }
        Some(Variable {
            ty,
            defaults,
            default,
            description: self.string(body, "description"),
            sensitive: self.flag(body, "sensitive").unwrap_or(false),
            ephemeral: self.flag(body, "ephemeral").unwrap_or(false),
            nullable,
            validations,
            span: block.span,
            name,
        })
    }

    /// A validation has to look at its own variable, whatever else it looks at.
    fn about_itself(&mut self, name: &str, condition: &Expr) {
        let own = super::deps::Target::Variable(name.to_owned());
        if !super::deps::references(condition).iter().any(|r| r.target == own) {
            let detail = format!("The condition for variable {name:?} must refer to var.{name} in order to test incoming values.");
            self.error("foreign-validation", "Invalid variable validation condition", detail, condition.span);
        }
    }

    fn check_default(&mut self, expr: &Expr, ty: &Type, defaults: &TypeDefaults, nullable: bool) {
        let value = self.constant(expr);
        if let Err(why) = super::typeexpr::to_variable_type(&value, ty, defaults) {
            let detail = format!("This default value is not compatible with the variable's type constraint: {why}.");
            self.error("invalid-default", "Invalid default value for variable", detail, expr.span);
        } else if value.is_null() && !nullable {
            let detail = "A null default value is not valid when nullable=false.";
            self.error("invalid-default", "Invalid default value for variable", detail, expr.span);
        }
    }

    pub fn output(&mut self, block: &Block) -> Option<Output> {
        let name = self.labels(block, &[("name", "output name")])?.pop()?;
        let body = &block.body;
        self.only(body, &["value", "description", "sensitive", "ephemeral", "depends_on", "deprecated"], &["precondition"]);
        Some(Output {
            value: self.required(block, "value")?,
            description: self.string(body, "description"),
            sensitive: self.flag(body, "sensitive").unwrap_or(false),
            ephemeral: self.flag(body, "ephemeral").unwrap_or(false),
            depends_on: self.depends_on(body.attrs.get("depends_on"), body.json),
            preconditions: self.conditions(body, "precondition"),
            span: block.span,
            name,
        })
    }

    /// `azurerm` or `azurerm.hub`.
    pub fn provider_ref(&mut self, expr: &Expr, json: bool) -> Option<ProviderRef> {
        let parsed = self.unquoted(expr, json, "reference");
        match static_path(&parsed.node).as_deref() {
            Some([PathStep::Name(name)]) => Some((name.clone(), None, expr.span)),
            Some([PathStep::Name(name), PathStep::Name(alias)]) => Some((name.clone(), Some(alias.clone()), expr.span)),
            _ => {
                let detail = "The provider argument requires a provider type name, optionally followed by a period and then a configuration alias.";
                self.error("invalid-provider-reference", "Invalid provider configuration reference", detail, expr.span);
                None
            }
        }
    }

    pub fn provider(&mut self, block: &Block) -> Option<Provider> {
        let name = self.labels(block, &[("name", "")])?.pop()?;
        let word = |n: &str| n.chars().all(|c| c.is_alphanumeric() || c == '-') && !n.starts_with('-') && !n.ends_with('-') && !n.is_empty();
        if !word(&name) {
            let detail =
                format!("{name} is an invalid provider local name: must contain only letters, digits, and dashes, and may not use leading or trailing dashes");
            self.error("invalid-name", "Invalid provider local name", detail, block.span);
            return None;
        }
        let mut body = block.body.clone();
        let alias = self.string(&body, "alias");
        if let Some(alias) = alias.as_ref().filter(|a| !crate::base::value::is_identifier(a)) {
            let _ = alias;
            let span = body.attrs.get("alias").map_or(block.span, |a| a.expr.span);
            self.error("invalid-name", "Invalid provider configuration alias", format!("An alias must be a valid name. {BAD_NAME}"), span);
        }
        if let Some(version) = body.attrs.get("version") {
            let detail = "Terraform 0.13 and earlier allowed provider version constraints inside the provider configuration block, but that is now deprecated and \
                          will be removed in a future version of Terraform. To silence this warning, move the provider version constraint into the \
                          required_providers block.";
            let summary = "Version constraints inside provider configuration blocks are deprecated";
            self.diags.push(Diagnostic::warning("provider-version", summary, detail).at(version.expr.span));
        }
        for name in ["count", "depends_on", "for_each", "source"] {
            if let Some(attr) = body.attrs.get(name) {
                let detail = format!("The provider argument name {name:?} is reserved for use by Terraform in a future version.");
                self.error("reserved-argument", "Reserved argument name in provider block", detail, attr.name_span);
            }
        }
        for inner in body.blocks.iter().filter(|b| matches!(b.kind.as_str(), "lifecycle" | "locals")) {
            self.diags.push(reserved_block(inner, "provider"));
        }
        for name in ["alias", "version", "count", "depends_on", "for_each", "source"] {
            body.attrs.remove(name);
        }
        body.blocks.retain(|b| !matches!(b.kind.as_str(), "lifecycle" | "locals"));
        Some(Provider { name, alias, body, span: block.span })
    }

    pub fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }
}

/// In JSON, a property that is neither an argument nor a block.
pub fn extraneous_property<'k>(attr: &Attribute, known: impl Iterator<Item = &'k str>) -> Diagnostic {
    let near = nearest(&attr.name, known).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    let detail = format!("No argument or block type is named {:?}.{near}", attr.name);
    Diagnostic::error("unsupported-argument", "Extraneous JSON object property", detail).at(attr.name_span)
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

/// Where an expression begins, one character; inside the quotes of a string.
pub fn start_of(expr: &Expr, sources: &Sources) -> Span {
    let quoted = usize::from(sources.text(expr.span).starts_with('"'));
    let start = expr.span.start as usize + quoted;
    Span::new(expr.span.file, start, start + 1)
}

/// The node with every offset replaced: for text inside a JSON string, whose own offsets mean nothing.
pub fn respan(mut node: Node, span: Span) -> Node {
    super::json::set_offsets(&mut node, span.start, span.end);
    node
}

/// The part of a reference that goes into a resource's attributes, when it does.
fn attribute_of_resource(expr: &Expr) -> Option<Span> {
    let NodeKind::Traversal(t) = &expr.node.kind else { return None };
    let NodeKind::Root(root) = &t.on.kind else { return None };
    let head = match &**root {
        "var" | "local" | "path" | "terraform" | "each" | "count" | "self" => 1,
        // An output of a module stands for the module.
        "module" => return None,
        "data" | "ephemeral" | "resource" => 2,
        _ => 1,
    };
    let index = usize::from(t.steps.get(head).is_some_and(|s| matches!(s.kind, StepKind::Index(_) | StepKind::LegacyIndex(_))));
    let first = t.steps.get(head + index)?;
    let last = t.steps.last()?;
    Some(Span { file: expr.span.file, start: first.start, end: last.end })
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
