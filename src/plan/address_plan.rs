//! The `address_plan` blocks of the root module, evaluated and checked: what they declare, each part with its place.

use crate::{
    base::{Address, Diagnostic, Diagnostics, ModulePath, Prefix, Severity, Shape, Span, Type, Value, cidr::PrefixError, diag::nearest, shape::Attr},
    lang::{
        Each, Evaluator,
        allocations::{ADDRESS_PLAN, DeclaredPool, Lookup, alone, holding, kind_of, pool_shape, with_label_as},
        blueprint::{Block, Blueprint, Body},
        syntax::NodeKind,
    },
    network::{
        Cidr, Day, Declared, Origin, Range, RangeKind,
        settings::{AddressPool, CODES, Ceiling, Growth, Rate, Reserve, Stack, Waiver, covers},
    },
};

/// The blocks inside, each with the argument that its label stands for.
const BLOCKS: [(&str, Option<&str>); 10] = [
    ("on_premises", Some("name")),
    ("reserved", Some("name")),
    ("pool", Some("name")),
    ("growth", None),
    ("reserve", None),
    ("ceiling", None),
    ("verdicts", None),
    ("thresholds", None),
    ("stack", Some("name")),
    ("waiver", Some("code")),
];

/// Evaluates every `address_plan` of the root module. Several blocks count as one, so that the owners of ranges, growth and
/// waivers may keep a file each.
pub fn read(blueprint: &Blueprint, eval: &Evaluator, diags: &mut Diagnostics) -> Declared {
    let mut reader = Reader { eval, diags, out: Declared::default(), verdicts: Vec::new(), thresholds: Vec::new() };
    for block in blueprint.root.extra.iter().filter(|b| b.kind == ADDRESS_PLAN) {
        reader.plan(block);
    }
    reader.unique_names();
    reader.out
}

/// Declarations that mean nothing that the plan has: most likely a slip of the pen.
pub fn strangers<'a>(declared: &Declared, addresses: impl Iterator<Item = &'a Address> + Clone, diags: &mut Diagnostics) {
    let settings = &declared.settings;
    let growth = settings.growth.iter().filter_map(|g| Some((g.of.as_ref()?, &g.origin)));
    let reserves = settings.reserves.iter().filter_map(|r| Some((r.of.as_ref()?, &r.origin)));
    let ceilings = settings.ceilings.iter().map(|c| (&c.of, &c.origin));
    for (of, origin) in growth.chain(reserves).chain(ceilings) {
        let known: Vec<String> = addresses.clone().map(ToString::to_string).collect();
        if known.iter().any(|a| covers(of, a)) {
            continue;
        }
        let detail = format!("Nothing in the blueprint has an address like {of:?}, so this has no effect.");
        let near = nearest(of, known.iter().map(String::as_str)).map(|n| format!("Did you mean {n:?}?"));
        diags.push(Diagnostic { hint: near, ..Diagnostic::warning("address-plan-no-match", "Address plan names nothing", detail).at(origin.span) });
    }
}

struct Reader<'r, 'a> {
    eval: &'r Evaluator<'a>,
    diags: &'r mut Diagnostics,
    out: Declared,
    /// Arguments of `verdicts` and `thresholds` that were set, to find those set twice.
    verdicts: Vec<(String, Span)>,
    thresholds: Vec<(String, Span)>,
}

/// One block's value with the block it was made from, for places.
struct Part<'p> {
    value: &'p Value,
    block: &'p Block,
    /// Where its arguments stand: its body, or the content of the `dynamic` block that makes it.
    body: &'p Body,
}

impl Part<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.value.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// Where an argument stands; the block where it does not.
    fn at(&self, name: &str) -> Span {
        self.body.attrs.get(name).map_or(self.block.span, |a| a.expr.span)
    }

    fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|v| !v.is_null())
    }

    /// Numbers that a model can hold: whole ones up to `most`. Others are reported.
    fn whole(&self, name: &str, most: i64, what: &str, diags: &mut Diagnostics) -> Option<u64> {
        let value = self.value.get(name).filter(|v| !v.is_null() && !v.is_unknown())?;
        match value.as_i64().filter(|n| (0..=most).contains(n)).and_then(|n| u64::try_from(n).ok()) {
            Some(n) => Some(n),
            None => {
                let shown = value.as_number().map_or_else(String::new, |n| format!(" {n}"));
                diags.push(invalid(format!("{name}{shown} is not {what}."), self.at(name)));
                None
            }
        }
    }
}

fn invalid(detail: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::error("address-plan", "Invalid address plan", detail).at(at)
}

fn missing(detail: impl Into<String>, at: Span) -> Diagnostic {
    Diagnostic::error("missing-argument", "Missing required argument", detail).at(at)
}

fn optional(ty: Type) -> Attr {
    Attr { optional: true, ..Attr::of(ty) }
}

fn required(ty: Type) -> Attr {
    Attr { required: true, ..Attr::of(ty) }
}

/// The shape of one kind of block, its label among the arguments.
fn shape(kind: &str) -> Shape {
    let text = || optional(Type::String);
    let number = || optional(Type::Number);
    let attrs: Vec<(&str, Attr)> = match kind {
        "pool" => return pool_shape(),
        "on_premises" | "reserved" => vec![("name", required(Type::String)), ("prefixes", required(Type::list(Type::String)))],
        "growth" => vec![
            ("of", text()),
            ("nodes_per_month", number()),
            ("addresses_per_month", number()),
            ("percent_per_month", number()),
            ("horizon_months", number()),
        ],
        "reserve" => vec![("of", text()), ("addresses", number()), ("percent", number()), ("why", text())],
        "ceiling" => vec![("of", required(Type::String)), ("nodes", required(Type::Number))],
        "verdicts" => vec![("now", text()), ("autoscaled", text()), ("peak", text())],
        "thresholds" => vec![("warning_percent", number()), ("error_percent", number())],
        "stack" => vec![("name", required(Type::String)), ("path", required(Type::String))],
        "waiver" => {
            vec![("code", required(Type::String)), ("of", text()), ("reason", required(Type::String)), ("expires", required(Type::String))]
        }
        _ => Vec::new(),
    };
    Shape { attrs: attrs.into_iter().map(|(n, a)| (n.to_owned(), a)).collect(), ..Shape::default() }
}

impl Reader<'_, '_> {
    fn plan(&mut self, plan: &Block) {
        if !plan.labels.is_empty() {
            let detail = format!("No labels are expected for {ADDRESS_PLAN} blocks.");
            self.diags.push(Diagnostic::error("extraneous-label", format!("Extraneous label for {ADDRESS_PLAN}"), detail).at(plan.span));
        }
        let mut rest = plan.body.clone();
        rest.blocks.retain(|b| !BLOCKS.iter().any(|(kind, _)| *kind == kind_of(b)));
        let all = BLOCKS.iter().fold(Shape::default(), |mut whole, (kind, _)| {
            whole.blocks.extend(holding(kind, shape(kind)).blocks);
            whole
        });
        self.decode(&rest, &all);
        for block in &plan.body.blocks {
            let Some((kind, label)) = BLOCKS.iter().find(|(kind, _)| *kind == kind_of(block)) else { continue };
            match label {
                Some(argument) if !self.labelled(kind, argument, block) => continue,
                Some(argument) => self.block(kind, with_label_as(block, argument)),
                None => self.block(kind, block.clone()),
            }
        }
    }

    /// Whether a block says once what it is called; `dynamic` blocks do so in their content.
    fn labelled(&mut self, kind: &str, argument: &str, block: &Block) -> bool {
        let given = block.body.attrs.contains_key(argument);
        let wrong = match block.labels.len() {
            _ if block.kind == "dynamic" => return true,
            0 if given => return true,
            0 => ("missing-label", format!("Missing {argument} for {kind}"), format!("All {kind} blocks must have 1 labels ({argument}).")),
            1 if given => {
                let detail = format!("The label of a {kind} block is its {argument}; it cannot be given as an argument too.");
                self.diags.push(invalid(detail, block.span));
                return false;
            }
            1 => return true,
            _ => ("extraneous-label", format!("Extraneous label for {kind}"), format!("Only 1 labels ({argument}) are expected for {kind} blocks.")),
        };
        self.diags.push(Diagnostic::error(wrong.0, wrong.1, wrong.2).at(block.span));
        false
    }

    /// Decodes a body; what an earlier look at the same block (for its pools) has reported is not told again.
    fn decode(&mut self, body: &Body, shape: &Shape) -> Value {
        let mut found = Diagnostics::default();
        let value = self.eval.decode(&ModulePath::root(), body, shape, &Each::default(), &mut found);
        for diagnostic in found {
            if !self.diags.items.contains(&diagnostic) {
                self.diags.push(diagnostic);
            }
        }
        value
    }

    fn block(&mut self, kind: &str, block: Block) {
        let value = self.decode(&alone(block.clone()), &holding(kind, shape(kind)));
        let Some(made) = value.get(kind) else { return };
        if made.is_unknown() {
            self.open(&format!("How many {kind} blocks there are"), block.span);
            return;
        }
        let content = block.body.blocks.iter().find(|b| block.kind == "dynamic" && b.kind == "content");
        for value in made.elements().unwrap_or_default() {
            let part = Part { value, block: &block, body: content.map_or(&block.body, |c| &c.body) };
            if let Some(name) = self.open_argument(kind, &part) {
                self.open(&format!("The argument {name:?}"), part.at(&name));
                continue;
            }
            match kind {
                "on_premises" => self.range(&part, RangeKind::OnPremises),
                "reserved" => self.range(&part, RangeKind::Reserved),
                "pool" => self.pool(&part),
                "growth" => self.growth(&part),
                "reserve" => self.reserve(&part),
                "ceiling" => self.ceiling(&part),
                "verdicts" => self.verdicts(&part),
                "thresholds" => self.thresholds(&part),
                "stack" => self.stack(&part),
                _ => self.waiver(&part),
            }
        }
    }

    /// An argument that is not known and that the plan cannot do without; ranges may stay unknown, and are named then.
    fn open_argument(&self, kind: &str, part: &Part) -> Option<String> {
        shape(kind).attrs.into_keys().find(|name| name != "prefixes" && part.value.get(name).is_some_and(Value::is_unknown))
    }

    fn open(&mut self, what: &str, at: Span) {
        let detail = format!("{what} is not known before apply, so this part of the address plan has no effect in this plan.");
        self.diags.push(Diagnostic::warning("address-plan-unknown", "Address plan is not known yet", detail).at(at));
    }

    /// The ranges of a part, each at its own place where the list is written out. What is unsound is reported.
    fn cidrs(&mut self, part: &Part, origin: &Origin) -> Vec<Cidr> {
        let Some(list) = part.value.get("prefixes").filter(|v| !v.is_null()) else { return Vec::new() };
        let whole = part.at("prefixes");
        let Some(items) = list.elements() else { return vec![Cidr::unknown(format!("{}.prefixes", origin.address), whole.into())] };
        let written: Vec<Span> = match part.body.attrs.get("prefixes").map(|a| &a.expr.node.kind) {
            Some(NodeKind::Tuple(nodes)) => nodes.iter().map(|n| Span { file: whole.file, start: n.start, end: n.end }).collect(),
            _ => Vec::new(),
        };
        let mut out = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let at = if written.len() == items.len() { written.get(i).copied().unwrap_or(whole) } else { whole };
            match item.as_str() {
                None if item.is_null() => self.diags.push(invalid("A prefix must not be null.", at)),
                None => out.push(Cidr::unknown(format!("{}.prefixes[{i}]", origin.address), Some(at))),
                Some(text) => match text.parse::<Prefix>() {
                    Ok(prefix) => out.push(Cidr::of(prefix, Some(at))),
                    Err(PrefixError::HostBits { given, network }) => {
                        let detail = format!("{given:?} has bits set beyond its length.");
                        self.diags.push(invalid(detail, at).hint(format!("The network is {:?}.", network.to_string())));
                    }
                    Err(PrefixError::Malformed(given)) => {
                        let detail = format!("{given:?} is not an address range in CIDR notation, such as \"10.0.0.0/24\".");
                        self.diags.push(invalid(detail, at));
                    }
                },
            }
        }
        out
    }

    fn range(&mut self, part: &Part, kind: RangeKind) {
        let name = part.text("name").unwrap_or_default();
        let word = if kind == RangeKind::OnPremises { "on_premises" } else { "reserved" };
        let origin = Origin::new(format!("{word}.{name}"), part.block.span.into());
        for cidr in self.cidrs(part, &origin) {
            let origin = Origin { span: cidr.span.or(origin.span), ..origin.clone() };
            self.out.ranges.push(Range { name: name.clone(), origin, cidr, kind });
        }
    }

    fn pool(&mut self, part: &Part) {
        let name = part.text("name").unwrap_or_default();
        let at = part.at("name");
        if name.is_empty() || name.contains('/') {
            self.diags.push(invalid(format!("The name of a pool must be a word without slashes; {name:?} is not."), at));
            return;
        }
        let origin = Origin::new(format!("pool.{name}"), part.block.span.into());
        let cidrs = self.cidrs(part, &origin);
        if cidrs.is_empty() && part.value.get("prefixes").and_then(Value::elements).is_some_and(<[Value]>::is_empty) {
            self.diags.push(invalid(format!("The pool {name:?} has no prefixes."), part.at("prefixes")));
        }
        if let Lookup::Found(DeclaredPool::Resources) = self.eval.pool(&name) {
            let detail = format!("The pool {name:?} depends on resources or data sources, whose values are not known when ranges are taken from it.");
            self.diags.push(
                invalid(detail, part.at("prefixes"))
                    .hint("Use variables, locals and functions here, or give those ranges to cidr::allocate in place of a name."),
            );
        }
        self.out.settings.pools.push(AddressPool { name, origin, cidrs });
    }

    fn growth(&mut self, part: &Part) {
        const RATES: [&str; 3] = ["nodes_per_month", "addresses_per_month", "percent_per_month"];
        let given: Vec<&str> = RATES.into_iter().filter(|r| part.has(r)).collect();
        let [rate] = given.as_slice() else {
            let detail = format!("A growth block has exactly one of {}.", RATES.join(", "));
            self.diags.push(if given.is_empty() { missing(detail, part.block.span) } else { invalid(detail, part.block.span) });
            return;
        };
        let Some(amount) = part.value.get(rate).and_then(Value::as_number).map(|n| n.as_f64()) else { return };
        if !(0.0..=1e9).contains(&amount) {
            self.diags.push(invalid(format!("{rate} {amount} is not a growth: it must be a number from 0 on."), part.at(rate)));
            return;
        }
        let horizon = part.whole("horizon_months", 1200, "a number of months from 1 to 1200", self.diags);
        if horizon == Some(0) {
            self.diags.push(invalid("horizon_months 0 is not a number of months from 1 to 1200.", part.at("horizon_months")));
        }
        let rate = match *rate {
            "nodes_per_month" => Rate::Nodes(amount),
            "addresses_per_month" => Rate::Addresses(amount),
            _ => Rate::Percent(amount),
        };
        let origin = Origin::new("growth", part.block.span.into());
        let horizon = horizon.and_then(|h| u32::try_from(h).ok()).filter(|h| *h > 0);
        self.out.settings.growth.push(Growth { origin, of: part.text("of"), rate, horizon });
    }

    fn reserve(&mut self, part: &Part) {
        if !part.has("addresses") && !part.has("percent") {
            self.diags.push(missing("A reserve block has addresses, percent or both.", part.block.span));
            return;
        }
        let addresses = part.whole("addresses", i64::from(u32::MAX), "a number of addresses", self.diags);
        let percent = part.whole("percent", 100, "a percentage from 0 to 100", self.diags);
        self.out.settings.reserves.push(Reserve {
            origin: Origin::new("reserve", part.block.span.into()),
            of: part.text("of"),
            addresses: addresses.unwrap_or(0),
            percent: percent.and_then(|p| u32::try_from(p).ok()).unwrap_or(0),
            why: part.text("why"),
        });
    }

    fn ceiling(&mut self, part: &Part) {
        // Source: AKS quotas and limits, nodes of one cluster.
        let nodes = part.whole("nodes", 5000, "a number of nodes that a cluster can have (up to 5000)", self.diags);
        if let (Some(of), Some(nodes)) = (part.text("of"), nodes.and_then(|n| u32::try_from(n).ok())) {
            self.out.settings.ceilings.push(Ceiling { origin: Origin::new("ceiling", part.block.span.into()), of, nodes });
        }
    }

    fn verdicts(&mut self, part: &Part) {
        for name in ["now", "autoscaled", "peak"] {
            let Some(text) = part.text(name) else { continue };
            let at = part.at(name);
            let severity = match text.as_str() {
                "error" => Severity::Error,
                "warning" => Severity::Warning,
                other => {
                    let near = nearest(other, ["error", "warning"]).map(|n| format!("Did you mean {n:?}?"));
                    let d = invalid(format!("{name} must be \"error\" or \"warning\", not {other:?}."), at);
                    self.diags.push(Diagnostic { hint: near, ..d });
                    continue;
                }
            };
            once(&mut self.verdicts, name, at, self.diags);
            let limits = &mut self.out.limits;
            match name {
                "now" => limits.now = severity,
                "autoscaled" => limits.autoscaled = severity,
                _ => limits.peak = severity,
            }
        }
    }

    fn thresholds(&mut self, part: &Part) {
        let mut take = |name: &str| {
            let found = part.whole(name, 100, "a percentage from 1 to 100", self.diags)?;
            if found == 0 {
                self.diags.push(invalid(format!("{name} 0 is not a percentage from 1 to 100."), part.at(name)));
                return None;
            }
            once(&mut self.thresholds, name, part.at(name), self.diags);
            u32::try_from(found).ok()
        };
        let (warning, error) = (take("warning_percent"), take("error_percent"));
        let thresholds = &mut self.out.settings.thresholds;
        thresholds.warning = warning.or(thresholds.warning);
        thresholds.error = error.or(thresholds.error);
        if let (Some(w), Some(e)) = (thresholds.warning, thresholds.error)
            && w > e
        {
            let detail = format!("The warning at {w}% would never come, since {e}% is an error already.");
            self.diags.push(invalid(detail, part.at("warning_percent")));
        }
    }

    fn stack(&mut self, part: &Part) {
        let (Some(name), Some(path)) = (part.text("name"), part.text("path")) else { return };
        if path.is_empty() {
            self.diags.push(invalid("The path of a stack must not be empty.", part.at("path")));
            return;
        }
        let origin = Origin::new(format!("stack.{name}"), part.block.span.into());
        self.out.stacks.push(Stack { name, origin, path, path_span: Some(part.at("path")) });
    }

    fn waiver(&mut self, part: &Part) {
        let code = part.text("code").filter(|code| {
            let known = CODES.contains(&code.as_str());
            if !known {
                let near = nearest(code, CODES.iter().copied()).map(|n| format!("Did you mean {n:?}?"));
                let d = invalid(format!("There is no finding with the code {code:?}, so nothing can be waived by it."), part.at("code"));
                self.diags.push(Diagnostic { hint: near, ..d });
            }
            known
        });
        let reason = part.text("reason").filter(|reason| {
            let empty = reason.trim().is_empty();
            if empty {
                self.diags.push(invalid("A waiver needs a reason: whoever reads it later wants to know why.", part.at("reason")));
            }
            !empty
        });
        let expires = part.text("expires").and_then(|text| {
            let day = Day::parse(&text).filter(|_| text.len() == 10);
            if day.is_none() {
                let hint = "Write the last day on which the waiver holds as year, month and day: \"2027-01-31\".";
                self.diags.push(invalid(format!("{text:?} is not a day of the calendar."), part.at("expires")).hint(hint));
            }
            day
        });
        let (Some(code), Some(reason), Some(expires)) = (code, reason, expires) else { return };
        let origin = Origin::new(format!("waiver.{code}"), part.block.span.into());
        self.out.settings.waivers.push(Waiver { origin, code, of: part.text("of"), reason, expires, expires_span: Some(part.at("expires")) });
    }

    /// Pools and stacks are referred to by name, so no two may share one.
    fn unique_names(&mut self) {
        let pools = self.out.settings.pools.iter().map(|p| ("pool", &p.name, &p.origin));
        let stacks = self.out.stacks.iter().map(|s| ("stack", &s.name, &s.origin));
        let all: Vec<_> = pools.chain(stacks).collect();
        for (i, (kind, name, origin)) in all.iter().enumerate() {
            let first = all.iter().take(i).find(|(k, n, _)| k == kind && n == name);
            if let (Some((_, _, first)), Some(at)) = (first, origin.span) {
                let mut d = invalid(format!("A {kind} named {name:?} is declared already; names must be unique."), at);
                if let Some(span) = first.span {
                    d = d.also(span, "first declared here");
                }
                self.diags.push(d);
            }
        }
    }
}

/// Notes that an argument was set; a second time is a mistake, since one of the two would be ignored.
fn once(seen: &mut Vec<(String, Span)>, name: &str, at: Span, diags: &mut Diagnostics) {
    match seen.iter().find(|(n, _)| n == name) {
        Some((_, first)) => diags.push(invalid(format!("{name} is set already, and may be set once only."), at).also(*first, "first set here")),
        None => seen.push((name.to_owned(), at)),
    }
}
