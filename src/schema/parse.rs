//! A schema file's text to a [`ResourceType`]. Errors name the file's attribute; they are caught by the tests, never by a user.

use hcl::{
    Body, Expression,
    expr::FuncCall,
    structure::{Block, Structure},
};
use serde_json::Value as Json;

use super::{
    declare::{Checks, Codec, ExtraSpec, Field, Group, Home, Lens, Major, PartStep, Pick, ResourceType, Sameness, Timeouts, Transition},
    overlay,
    place::JsonPath,
    template::Template,
    terms::{Head, Parsed, call, json, key_of, minutes, modifier_of, number, optional_template, string, strings, text_of, value, word},
    transform::Transform,
};
use crate::base::{
    Mode, Shape, Type, Value,
    shape::{Attr, Nested, Nesting},
};

/// Reads one file for one major.
pub(crate) fn parse(kind: &str, mode: Mode, major: Major, text: &str) -> Parsed<Option<ResourceType>> {
    let body: Body = hcl::parse(text).map_err(|e| e.to_string())?;
    let (head, blocks) = flatten(&body, major);
    if head.get("only").is_some_and(|only| word(only).as_deref() != Some(if major == Major::V4 { "v4" } else { "v5" })) {
        return Ok(None);
    }
    let mut shape = Shape::default();
    let mut lens = Lens::default();
    let attributes = blocks.iter().find(|b| b.identifier.as_str() == "attributes").ok_or("there is no attributes block")?;
    body_of(&attributes.body, major, &mut shape, &mut lens)?;
    let terraform_id = optional_template(&head, "terraform_id")?;
    let home = home(&head, &blocks)?;
    if matches!(home, Home::Local) {
        strictly(&mut lens);
    } else {
        shape.attrs.entry("id".to_owned()).or_insert_with(|| Attr { computed: true, ..Attr::of(Type::String) });
    }
    let api_version = text_of(&head, "api").unwrap_or_default();
    let mut extras = extras(&head, &api_version)?;
    child_extras(&lens, &api_version, &mut extras);
    let rules = overlay::rules(&shape, &lens, &strings(head.get("readonly"))?);
    Ok(Some(ResourceType {
        kind: kind.to_owned(),
        mode,
        major,
        schema_version: head.get("version").and_then(number).unwrap_or(0.0) as u64,
        shape,
        arm_type: text_of(&head, "type").unwrap_or_default(),
        home,
        provider: provider_of(text_of(&head, "provider").as_deref().unwrap_or("hashicorp/azurerm")),
        looks_outside: head.get("refresh").and_then(word).as_deref() == Some("outside"),
        terraform_id,
        consts: consts(head.get("consts"))?,
        locks: strings(head.get("locks"))?.iter().map(|l| Template::parse(l)).collect::<Parsed<_>>()?,
        timeouts: timeouts(&head)?,
        api_version,
        lens,
        extras,
        transform: text_of(&head, "transform").map(|t| Transform::named(&t)).transpose()?,
        rules,
    }))
}

/// The attributes and blocks that hold for a major: those of `v4 { … }` and `v5 { … }` count as if they stood one level up.
fn flatten(body: &Body, major: Major) -> (Head, Vec<Block>) {
    let (mut head, mut blocks) = (Head::new(), Vec::new());
    for part in body.iter() {
        match part {
            Structure::Attribute(a) => {
                head.insert(a.key.as_str().to_owned(), a.expr.clone());
            }
            Structure::Block(b) => match (b.identifier.as_str(), major) {
                ("v4", Major::V4) | ("v5", Major::V5) => {
                    let (h, bs) = flatten(&b.body, major);
                    head.extend(h);
                    blocks.extend(bs);
                }
                ("v4" | "v5", _) => {}
                _ => blocks.push(b.clone()),
            },
        }
    }
    (head, blocks)
}

/// The attributes and nested blocks of one level.
fn body_of(body: &Body, major: Major, shape: &mut Shape, lens: &mut Lens) -> Parsed<()> {
    let (attrs, blocks) = flatten(body, major);
    for (name, expr) in attrs {
        if name == "self" {
            continue;
        }
        let at = |e| format!("{name}: {e}");
        let call = call(&expr).map_err(at)?;
        let (attr, field) = attribute(&name, call).map_err(at)?;
        shape.attrs.insert(name.clone(), attr);
        lens.fields.insert(name, field);
    }
    for block in blocks {
        let name = block.labels.first().map(|l| l.as_str().to_owned()).ok_or("a block has no label")?;
        let (nested, group) = nested(&block, major).map_err(|e| format!("{name}: {e}"))?;
        shape.blocks.insert(name.clone(), nested);
        lens.groups.insert(name, group);
    }
    Ok(())
}

/// `required(string, force_new, at("properties.x"))`.
fn attribute(name: &str, call: &FuncCall) -> Parsed<(Attr, Field)> {
    let (ty, rest) = call.args.split_first().ok_or("a type is missing")?;
    let (ty, whole) = type_of(ty)?;
    let mut attr = Attr::of(ty);
    match call.name.name.as_str() {
        "required" => attr.required = true,
        "optional" => attr.optional = true,
        "computed" => attr.computed = true,
        other => return Err(format!("{other} is neither required, optional nor computed")),
    }
    let mut field = Field { checks: Checks { whole, ..Checks::default() }, ..Field::default() };
    for modifier in rest {
        let (word, args) = modifier_of(modifier)?;
        if !shape_modifier(&word, args, &mut attr)? && !check_modifier(&word, args, &mut field.checks)? {
            field_modifier(&word, args, &mut field)?;
        }
    }
    if field.same == Sameness::Exact {
        field.same = usual_sameness(name, &attr);
    }
    if field.codec == Codec::Plain && field.same == Sameness::Location {
        field.codec = Codec::Location;
    }
    if attr.write_only {
        field.same = Sameness::Always;
        field.secret = true;
    }
    Ok((attr, field))
}

/// What most attributes of a name mean by equal: regions, ARM ids and closed sets of words are compared without case.
fn usual_sameness(name: &str, attr: &Attr) -> Sameness {
    match name {
        "location" => Sameness::Location,
        _ if name == "id" || name.ends_with("_id") || name.ends_with("_ids") || !attr.one_of.is_empty() => Sameness::NoCase,
        _ => Sameness::Exact,
    }
}

fn shape_modifier(word: &str, args: &[Expression], attr: &mut Attr) -> Parsed<bool> {
    match word {
        "computed" => attr.computed = true,
        "sensitive" => attr.sensitive = true,
        "write_only" => attr.write_only = true,
        "force_new" => attr.force_new = true,
        "default" => attr.default = Some(value(args.first())?),
        "one_of" => attr.one_of = args.iter().map(string).collect::<Parsed<_>>()?,
        "deprecated" => attr.deprecated = Some(string(args.first().ok_or("a reason is missing")?)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn check_modifier(word: &str, args: &[Expression], checks: &mut Checks) -> Parsed<bool> {
    let texts = || args.iter().map(string).collect::<Parsed<Vec<_>>>();
    match word {
        "range" => match args.iter().map(number).collect::<Option<Vec<_>>>().as_deref() {
            Some([low, high]) => checks.range = Some((*low, *high)),
            _ => return Err("range takes two numbers".into()),
        },
        "min" => checks.min_items = args.first().and_then(number).map(|n| n as usize),
        "max" => checks.max_items = args.first().and_then(number).map(|n| n as usize),
        "items" => checks.items_one_of = texts()?,
        "pattern" => match texts()?.as_slice() {
            [pattern, what] => checks.pattern = Some((regex::Regex::new(pattern).map_err(|e| e.to_string())?, what.clone())),
            _ => return Err("pattern takes an expression and what it stands for".into()),
        },
        "conflicts_with" => checks.conflicts_with = texts()?,
        "exactly_one_of" => checks.exactly_one_of = texts()?,
        "at_least_one_of" => checks.at_least_one_of = texts()?,
        "required_with" => checks.required_with = texts()?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn field_modifier(word: &str, args: &[Expression], field: &mut Field) -> Parsed<()> {
    let texts = || args.iter().map(string).collect::<Parsed<Vec<_>>>();
    let first = || texts()?.into_iter().next().ok_or_else(|| format!("{word} lacks an argument"));
    match word {
        "at" => field.at = Some(JsonPath::parse(&first()?)?),
        "also" => field.also = texts()?.iter().map(|t| JsonPath::parse(t)).collect::<Parsed<_>>()?,
        "secret" => field.secret = true,
        "response_only" => field.response_only = true,
        "unsupported" => field.unsupported = true,
        "omit" => field.omit = args.iter().map(|a| value(Some(a))).collect::<Parsed<_>>()?,
        "implies" => {
            field.implies.push((JsonPath::parse(&string(args.first().ok_or("implies lacks a place")?)?)?, json(args.get(1).ok_or("implies lacks a value")?)?))
        }
        "sent_as" => field.sent_as = texts()?.iter().map(|t| Template::parse(t)).collect::<Parsed<_>>()?,
        "quiet" => field.quiet = true,
        "absent" => field.absent = Some(value(args.first())?),
        "filled" => field.filled = args.iter().map(|a| value(Some(a))).collect::<Parsed<_>>()?,
        "predict" => {
            field.predict = Some(Template::parse(&string(args.first().ok_or("predict lacks a template")?)?)?);
            field.predict_max = args.get(1).and_then(number).map(|n| n as usize);
        }
        "changes_with" => field.changes_with = texts()?,
        "replace_unless" => field.replace_unless = texts()?.iter().map(|t| transition(t)).collect::<Parsed<_>>()?,
        "replace_if" => field.replace_if = texts()?.iter().map(|t| transition(t)).collect::<Parsed<_>>()?,
        "because" => field.because = Some(first()?),
        "same" => field.same = sameness(args)?,
        _ => field.codec = codec(word, args)?,
    }
    Ok(())
}

fn sameness(args: &[Expression]) -> Parsed<Sameness> {
    match args.first().and_then(word).as_deref() {
        Some("nocase") => Ok(Sameness::NoCase),
        Some("location") => Ok(Sameness::Location),
        Some("cidr") => Ok(Sameness::Cidr),
        Some("any_order") => Ok(Sameness::AnyOrder),
        Some("last_segment") => Ok(Sameness::LastSegment),
        Some("always") => Ok(Sameness::Always),
        other => Err(format!("{other:?} is not a notion of sameness")),
    }
}

fn codec(word: &str, args: &[Expression]) -> Parsed<Codec> {
    let texts = || args.iter().map(string).collect::<Parsed<Vec<_>>>();
    Ok(match (word, args) {
        ("not", []) => Codec::Not,
        ("text", []) => Codec::Text,
        ("keys", []) => Codec::Keys,
        ("base64", []) => Codec::Base64,
        ("json_text", []) => Codec::JsonText,
        ("last_segment", []) => Codec::LastSegment,
        ("role_name", []) => Codec::RoleName,
        ("kubeconfig", []) => Codec::KubeConfig,
        ("host", []) => Codec::Host,
        ("region", []) => Codec::Location,
        ("edge_zone", []) => Codec::EdgeZone,
        ("primary_first", []) => Codec::PrimaryFirst,
        ("zone_configs", []) => Codec::ZoneConfigs,
        ("joined", []) => Codec::Joined,
        ("peerings", []) => Codec::Peerings,
        ("peering_addresses", []) => Codec::PeeringAddresses,
        ("segment", [_]) => Codec::Segment(texts()?.concat()),
        ("ref", [_]) => Codec::Ref(Template::parse(&texts()?.concat())?),
        ("words", [_, _]) | ("pairs", [_, _]) => match (word, texts()?.as_slice()) {
            ("words", [yes, no]) => Codec::Words(yes.clone(), no.clone()),
            (_, [key, item]) => Codec::Pairs(key.clone(), item.clone()),
            _ => return Err(format!("{word} takes two texts")),
        },
        ("table", rows) => Codec::Table(rows.iter().map(row).collect::<Parsed<_>>()?),
        _ => return Err(format!("{word} is not a modifier")),
    })
}

/// A row of a table: `["attribute value", "JSON value"]`.
fn row(expr: &Expression) -> Parsed<(Value, Json)> {
    match expr {
        Expression::Array(pair) => match pair.as_slice() {
            [a, b] => Ok((value(Some(a))?, json(b)?)),
            _ => Err("a table's row holds two values".into()),
        },
        _ => Err("a table's row is an array".into()),
    }
}

/// `from -> to` with an optional `if attribute = value`.
fn transition(text: &str) -> Parsed<Transition> {
    let (change, when) = text.split_once(" if ").map_or((text, None), |(c, w)| (c, Some(w)));
    let (from, to) = change.split_once("->").ok_or_else(|| format!("{text:?} is not of the form from -> to"))?;
    let when = when.map(|w| w.split_once('=').map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned())).ok_or("an if lacks its =")).transpose()?;
    Ok(Transition { from: from.trim().to_owned(), to: to.trim().to_owned(), when })
}

/// A `block "name" { self = …, … }`.
fn nested(block: &Block, major: Major) -> Parsed<(Nested, Group)> {
    let (attrs, _) = flatten(&block.body, major);
    let call = call(attrs.get("self").ok_or("there is no self")?)?;
    let nesting = match call.args.first().and_then(word).as_deref() {
        Some("list") => Nesting::List,
        Some("set") => Nesting::Set,
        other => return Err(format!("{other:?} is neither list nor set")),
    };
    let how = call.name.name.as_str();
    let (optional, required) = (how != "computed", how == "required");
    let mut nested = Nested {
        nesting,
        shape: Shape::default(),
        min: usize::from(required),
        max: None,
        computed: how == "computed",
        optional,
        force_new: false,
        as_attribute: false,
    };
    let mut group = Group::default();
    for modifier in call.args.iter().skip(1) {
        let (word, args) = modifier_of(modifier)?;
        match word.as_str() {
            "computed" => nested.computed = true,
            "force_new" => nested.force_new = true,
            "as_attribute" => nested.as_attribute = true,
            _ if check_modifier(&word, args, &mut group.checks)? => {}
            _ => group_modifier(&word, args, &mut group)?,
        }
    }
    nested.min = nested.min.max(group.checks.min_items.take().filter(|_| required).unwrap_or(0));
    nested.max = group.checks.max_items.take();
    body_of(&block.body, major, &mut nested.shape, &mut group.lens)?;
    if group.many && group.key.is_none() && group.lens.fields.get("name").is_some_and(|f| f.at.as_ref() == JsonPath::parse("name").ok().as_ref()) {
        group.key = Some("name".to_owned());
    }
    Ok((nested, group))
}

fn group_modifier(word: &str, args: &[Expression], group: &mut Group) -> Parsed<()> {
    let texts = || args.iter().filter(|a| matches!(a, Expression::String(_))).map(string).collect::<Parsed<Vec<_>>>();
    let first = || texts()?.into_iter().next().ok_or_else(|| format!("{word} lacks an argument"));
    match word {
        "at" => {
            let path = JsonPath::parse(&first()?)?;
            group.many = path.each.is_some();
            group.at = Some(JsonPath { each: None, ..path });
        }
        "key" => group.key = Some(first()?),
        "const" => group.consts.push((JsonPath::parse(&first()?)?, json(args.get(1).ok_or("const takes a place and a value")?)?)),
        "filter" => group.filter = true,
        "quiet" => group.quiet = true,
        // A block's fate is told in words only.
        "deprecated" => {}
        "switch" => group.switch = Some(first()?),
        "child" => group.child = Some(first()?),
        "unless" => group.unless = texts()?.get(1).cloned().map(|v| Ok::<_, String>((first()?, v))).transpose()?,
        "transform" => group.transform = Some(Transform::named(&first()?)?),
        "changes_with" => group.changes_with = texts()?,
        _ => return Err(format!("{word} is not a modifier of a block")),
    }
    Ok(())
}

/// A type, and whether a number must be whole.
fn type_of(expr: &Expression) -> Parsed<(Type, bool)> {
    if let Some(word) = word(expr) {
        return Ok(match word.as_str() {
            "string" => (Type::String, false),
            "bool" => (Type::Bool, false),
            "int" => (Type::Number, true),
            "float" | "number" => (Type::Number, false),
            "any" => (Type::Any, false),
            other => return Err(format!("{other} is not a type")),
        });
    }
    let call = call(expr)?;
    let inner = || type_of(call.args.first().ok_or("an element type is missing")?);
    Ok(match call.name.name.as_str() {
        "list" => (Type::list(inner()?.0), inner()?.1),
        "set" => (Type::set(inner()?.0), inner()?.1),
        "map" => (Type::map(inner()?.0), false),
        "object" => match call.args.first() {
            Some(Expression::Object(o)) => {
                let attrs = o.iter().map(|(k, v)| Ok((key_of(k), type_of(v)?.0))).collect::<Parsed<Vec<_>>>()?;
                (Type::object(attrs), false)
            }
            _ => return Err("object takes its attributes".into()),
        },
        other => return Err(format!("{other} is not a type")),
    })
}

/// A provider's source with the registry filled in.
fn provider_of(source: &str) -> String {
    if source.matches('/').count() > 1 { source.to_owned() } else { format!("registry.terraform.io/{source}") }
}

/// Providers without ARM compare exactly, except where a file says otherwise.
pub(super) fn strictly(lens: &mut Lens) {
    for field in lens.fields.values_mut().filter(|f| matches!(f.same, Sameness::Exact | Sameness::NoCase | Sameness::Location)) {
        field.same = Sameness::Strict;
        field.codec = Codec::Plain;
    }
    lens.groups.values_mut().for_each(|group| strictly(&mut group.lens));
}

fn home(head: &Head, blocks: &[Block]) -> Parsed<Home> {
    match head.get("home").and_then(word).as_deref() {
        Some("local") => return Ok(Home::Local),
        Some(other) => return Err(format!("{other} is not a home")),
        None => {}
    }
    if let Some(id) = optional_template(head, "id")? {
        return Ok(Home::Own { id });
    }
    for block in blocks {
        let (inner, _) = flatten(&block.body, Major::V5);
        let template = |name: &str| Template::parse(&text_of(&inner, name).ok_or_else(|| format!("{name} is missing"))?);
        match block.identifier.as_str() {
            "part" => {
                let owner_api = text_of(&inner, "api").or_else(|| text_of(head, "api")).ok_or("api is missing")?;
                return Ok(Home::Part {
                    owner: template("owner")?,
                    owner_api,
                    at: part_steps(&text_of(&inner, "at").ok_or("at is missing")?)?,
                    id: template("id")?,
                });
            }
            "action" => {
                let accept = json(inner.get("accept").ok_or("accept is missing")?)?;
                return Ok(Home::Action { get: template("get")?, cancel: template("cancel")?, accept, id: template("id")? });
            }
            "list" => {
                let pick = strings(inner.get("pick"))?;
                let pick = pick.iter().map(|p| pick_of(p)).collect::<Parsed<_>>()?;
                let id = text_of(&inner, "id").map(|t| Template::parse(&t)).transpose()?;
                return Ok(Home::List { url: template("url")?, pick, id });
            }
            _ => {}
        }
    }
    Ok(Home::Context)
}

/// `properties.roleName=name`, `id:resourceGroups=resource_group_name`.
fn pick_of(text: &str) -> Parsed<Pick> {
    let (place, attribute) = text.split_once('=').ok_or("a pick is of the form place=attribute")?;
    let (place, segment) = place.split_once(':').map_or((place, None), |(p, s)| (p, Some(s.to_owned())));
    Ok(Pick { at: JsonPath::parse(place)?, segment, attribute: attribute.to_owned() })
}

/// `properties.probes[name={name}]`.
fn part_steps(text: &str) -> Parsed<Vec<PartStep>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        if !name.is_empty() {
            steps.push(PartStep::Member(name.to_owned()));
        }
        rest = tail;
        if let Some(inner) = rest.strip_prefix('[') {
            let (selector, tail) = inner.split_once(']').ok_or("a closing bracket is missing")?;
            let (key, value) = selector.split_once('=').ok_or("a selector is of the form key=value")?;
            steps.push(PartStep::Element { key: key.to_owned(), value: Template::parse(value)? });
            rest = tail;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    Ok(steps)
}

fn extras(head: &Head, api: &str) -> Parsed<Vec<ExtraSpec>> {
    let get = strings(head.get("also_get"))?.into_iter().map(|s| (s, false));
    let post = strings(head.get("also_post"))?.into_iter().map(|s| (s, true));
    Ok(get.chain(post).map(|(suffix, post)| ExtraSpec { suffix, api: api.to_owned(), post }).collect())
}

/// Blocks that live in a child resource need that child's answer too.
fn child_extras(lens: &Lens, api: &str, out: &mut Vec<ExtraSpec>) {
    for group in lens.groups.values() {
        if let Some(suffix) = &group.child
            && !suffix.contains('{')
        {
            out.push(ExtraSpec { suffix: suffix.clone(), api: api.to_owned(), post: false });
        }
    }
}

fn timeouts(head: &Head) -> Parsed<Timeouts> {
    let mut out = Timeouts { create: 1800, read: 300, update: 1800, delete: 1800 };
    if let Some(Expression::Object(o)) = head.get("timeouts") {
        for (k, v) in o.iter() {
            let seconds = minutes(&string(v)?)? * 60;
            match key_of(k).as_str() {
                "create" => out.create = seconds,
                "read" => out.read = seconds,
                "update" => out.update = seconds,
                "delete" => out.delete = seconds,
                other => return Err(format!("{other} is not an operation")),
            }
        }
    }
    Ok(out)
}

fn consts(expr: Option<&Expression>) -> Parsed<Vec<(JsonPath, Json)>> {
    match expr {
        None => Ok(Vec::new()),
        Some(Expression::Object(o)) => o.iter().map(|(k, v)| Ok((JsonPath::parse(&key_of(k))?, json(v)?))).collect(),
        Some(_) => Err("consts is an object".into()),
    }
}
