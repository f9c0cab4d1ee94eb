//! The contents of `resource`, `data` and `ephemeral` blocks: meta-arguments, lifecycle rules and provisioners.

use super::{
    blocks::{Reading, STATIC_REFERENCE, reserved_block, start_of, static_path, sub},
    blueprint::*,
    deps::{Target, references},
    syntax::NodeKind,
};
use crate::base::Mode;

/// What labels are called when they are wrong.
fn label_words(mode: Mode) -> [super::blocks::Label; 2] {
    match mode {
        Mode::Managed => [("type", "resource type name"), ("name", "resource name")],
        Mode::Data => [("type", "data source name"), ("name", "data resource name")],
        Mode::Ephemeral => [("type", "ephemeral resource type"), ("name", "ephemeral resource name")],
    }
}

/// What the word `count`, `for_each`, `depends_on` and `provider` say, taken out of a body.
pub struct Meta {
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Expr>,
    pub provider: Option<ProviderRef>,
}

impl Reading<'_> {
    /// Takes the meta-arguments that resources and module calls share out of a body.
    pub fn meta(&mut self, body: &mut Body) -> Meta {
        let json = body.json;
        let mut take = |n: &str| body.attrs.remove(n);
        let (count, for_each, depends, provider) = (take("count"), take("for_each"), take("depends_on"), take("provider"));
        if let (Some(c), Some(f)) = (&count, &for_each) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of \
                          resources to be created.";
            let later = if c.name_span > f.name_span { c } else { f };
            self.error("count-and-for-each", "Invalid combination of \"count\" and \"for_each\"", detail, later.name_span);
        }
        Meta {
            count: count.map(|a| a.expr),
            for_each: for_each.map(|a| a.expr),
            depends_on: self.depends_on(depends.as_ref(), json),
            provider: provider.and_then(|a| self.provider_ref(&a.expr, json)),
        }
    }

    pub fn resource(&mut self, block: &Block, mode: Mode) -> Option<Resource> {
        let labels = self.labels(block, &label_words(mode))?;
        let [kind, name] = <[String; 2]>::try_from(labels).ok()?;
        let mut body = block.body.clone();
        let meta = self.meta(&mut body);
        let mut lifecycle: Option<(Lifecycle, crate::base::Span)> = None;
        let (mut provisioners, mut connection): (Vec<Block>, Option<Block>) = (Vec::new(), None);
        for b in std::mem::take(&mut body.blocks) {
            match b.kind.as_str() {
                "lifecycle" => {
                    if let Some((_, first)) = &lifecycle {
                        let detail = format!("This resource already has a lifecycle block at {}.", self.place(*first));
                        self.error("duplicate-lifecycle", "Duplicate lifecycle block", detail, b.span);
                        continue;
                    }
                    lifecycle = Some((self.lifecycle(&b, mode), b.span));
                }
                "connection" if mode == Mode::Managed => connection = self.connection(connection, b, "resource"),
                "provisioner" if mode == Mode::Managed => provisioners.push(b),
                "locals" => self.diags.push(reserved_block(&b, "resource")),
                // What stands in it belongs to the type even where its names mean something else outside.
                "_" => {
                    body.attrs.extend(b.body.attrs);
                    body.blocks.extend(b.body.blocks);
                }
                _ => body.blocks.push(b),
            }
        }
        let provisioners = provisioners.iter().filter_map(|b| self.provisioner(b)).collect();
        Some(Resource {
            mode,
            kind,
            name,
            body,
            count: meta.count,
            for_each: meta.for_each,
            depends_on: meta.depends_on,
            provider: meta.provider,
            lifecycle: lifecycle.map(|(l, _)| l).unwrap_or_default(),
            connection,
            provisioners,
            check: None,
            span: block.span,
        })
    }

    fn lifecycle(&mut self, block: &Block, mode: Mode) -> Lifecycle {
        self.labels(block, &[]);
        const MANAGED: [&str; 4] = ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];
        let mut body = block.body.clone();
        if mode != Mode::Managed {
            let noun = if mode == Mode::Data { "data" } else { "ephemeral" };
            for name in MANAGED {
                let Some(attr) = body.attrs.remove(name) else { continue };
                let detail = format!(
                    "The lifecycle argument {name:?} is defined only for managed resources (\"resource\" blocks), and is not valid for {noun} resources."
                );
                self.error("invalid-lifecycle", &format!("Invalid {noun} resource lifecycle argument"), detail, attr.name_span);
            }
        }
        self.only(&body, &MANAGED, &["precondition", "postcondition"]);
        let expr = |n: &str| body.attrs.get(n).map(|a| a.expr.clone());
        // Terraform wants these written out; what is computed is looked at when it has a value.
        for name in ["create_before_destroy", "prevent_destroy"] {
            if body.attrs.get(name).is_some_and(|a| references(&a.expr).is_empty()) {
                self.flag(&body, name);
            }
        }
        Lifecycle {
            create_before_destroy: expr("create_before_destroy"),
            prevent_destroy: expr("prevent_destroy"),
            ignore_changes: self.ignore_changes(&body),
            replace_triggered_by: self.replace_triggered_by(&body),
            preconditions: self.conditions(&body, "precondition"),
            postconditions: self.conditions(&body, "postcondition"),
        }
    }

    fn ignore_changes(&mut self, body: &Body) -> Ignore {
        let Some(attr) = body.attrs.get("ignore_changes") else { return Ignore::Nothing };
        let expr = self.syntax(&attr.expr, body.json);
        if matches!(&expr.node.kind, NodeKind::Root(name) if &**name == "all") {
            return Ignore::All(attr.expr.span);
        }
        let NodeKind::Tuple(items) = &expr.node.kind else {
            self.error("invalid-ignore-changes", "Invalid expression", "A static list expression is required.", start_of(&attr.expr, self.sources));
            return Ignore::Nothing;
        };
        let mut paths = Vec::new();
        for item in items {
            let item = sub(item, attr.expr.span.file);
            if item.node.as_literal_str() == Some("*") {
                let detail = "The [\"*\"] form of ignore_changes wildcard is was deprecated and is now invalid. Use \"ignore_changes = all\" to ignore changes to \
                              all attributes.";
                self.error("invalid-ignore-changes", "Invalid ignore_changes wildcard", detail, attr.expr.span);
                return Ignore::Nothing;
            }
            let item = self.unquoted(&item, body.json, "reference");
            match static_path(&item.node) {
                Some(path) => paths.push((path, item.span)),
                None => self.error("invalid-ignore-changes", "Invalid expression", STATIC_REFERENCE, item.span),
            }
        }
        Ignore::Paths(paths)
    }

    /// References to managed resources; their instances may be picked with `count.index` and `each.key`.
    fn replace_triggered_by(&mut self, body: &Body) -> Vec<Expr> {
        let Some(attr) = body.attrs.get("replace_triggered_by") else { return Vec::new() };
        let Some(items) = self.static_list(attr) else { return Vec::new() };
        let mut out = Vec::new();
        for item in items {
            let expr = self.syntax(&item, body.json);
            let mut resources = 0;
            let mut sound = true;
            for reference in references(&expr) {
                match &reference.target {
                    Target::Resource(key) if key.mode == Mode::Managed => resources += 1,
                    Target::Count | Target::Each => {}
                    _ => {
                        let detail = "Only resources, count.index, and each.key may be used in replace_triggered_by.";
                        let summary = "Invalid reference in replace_triggered_by expression";
                        self.error("invalid-replace-triggered-by", summary, detail, reference.span);
                        sound = false;
                    }
                }
            }
            let wrong = match resources {
                0 => Some("Missing"),
                1 => None,
                _ => Some("Multiple"),
            };
            if let Some(wrong) = wrong {
                let noun = if resources == 0 { "reference" } else { "references" };
                let detail = format!("{wrong} resource {noun} in replace_triggered_by expression.");
                self.error("invalid-replace-triggered-by", "Invalid replace_triggered_by expression", detail, expr.span);
                sound = false;
            }
            if sound {
                out.push(expr);
            }
        }
        out
    }
}
