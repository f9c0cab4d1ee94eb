//! Functions of the namespace `cidr::`, which only Ravelin has: ranges of the address plan, and what fits into them.

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p};
use crate::{
    base::{
        Kind, Number, Prefix, Type, Unknown, Value,
        cidr::PrefixError,
        diag::nearest,
        ledger::{Pool, Request},
    },
    lang::allocations::{DeclaredPool, Lookup},
};

pub(super) const NAMESPACE: &str = "cidr::";

const PREFIX: Param = p("prefix", T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("cidr::allocate", &[p("pool", T::Any), p("length", T::Any), p("key", T::Str)], Res::Is(T::Str), allocate),
    f("cidr::capacity", &[PREFIX], Res::Is(T::Num), capacity),
    f("cidr::contains", &[PREFIX, p("inner", T::Str)], Res::Is(T::Bool), contains),
    f("cidr::free", &[PREFIX, p("taken", T::ListStr)], Res::Is(T::ListStr), free),
    f("cidr::nodes", &[PREFIX, p("max_pods", T::Num)], Res::Is(T::Num), nodes).rest(p("mode", T::Str)),
    f("cidr::overlaps", &[PREFIX, p("other", T::Str)], Res::Is(T::Bool), overlaps),
];

/// A prefix without host bits: what is planned with has to be exact.
fn parse(text: &str, place: usize) -> Result<Prefix, Fault> {
    text.parse().map_err(|e| match e {
        PrefixError::Malformed(_) => Fault::Arg(place, format!("{text:?} is not an address range in CIDR notation, such as \"10.0.0.0/24\"")),
        PrefixError::HostBits { network, .. } => {
            Fault::Arg(place, format!("{text:?} has bits set beyond its length; the network is {:?}", network.to_string()))
        }
    })
}

fn prefix(c: &Cx, place: usize) -> Result<Prefix, Fault> {
    parse(c.str(place), place)
}

/// A prefix, or one address as a prefix of its own.
fn prefix_or_address(c: &Cx, place: usize) -> Result<Prefix, Fault> {
    let address = c.str(place).parse().ok();
    let alone = address.and_then(|a: std::net::IpAddr| Prefix::around(a, if a.is_ipv6() { 128 } else { 32 }));
    alone.map_or_else(|| prefix(c, place), Ok)
}

fn contains(c: &Cx) -> Outcome {
    Ok(Value::bool(prefix(c, 0)?.contains(prefix_or_address(c, 1)?)))
}

fn overlaps(c: &Cx) -> Outcome {
    Ok(Value::bool(prefix(c, 0)?.overlaps(prefix(c, 1)?)))
}

/// Addresses that an Azure subnet of this range gives out: all but five.
fn capacity(c: &Cx) -> Outcome {
    Ok(count(prefix(c, 0)?.azure_usable()))
}

fn count(n: u128) -> Value {
    Number::parse(&n.to_string()).map_or_else(|| Value::unknown(Type::Number), Value::number)
}

/// The free aligned blocks beside what is taken, each as large as it can be, in order.
fn free(c: &Cx) -> Outcome {
    let whole = prefix(c, 0)?;
    let taken: Vec<Prefix> = c.items(1).iter().map(|v| parse(v.as_str().unwrap_or(""), 1)).collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    split(whole, &taken, &mut found);
    Ok(Value::list(Type::String, found.iter().map(|p| Value::string(p.to_string())).collect()))
}

/// A block is free, or taken, or each of its halves is looked at with what touches it.
fn split(block: Prefix, taken: &[Prefix], found: &mut Vec<Prefix>) {
    let touching: Vec<Prefix> = taken.iter().copied().filter(|t| t.overlaps(block)).collect();
    if touching.is_empty() {
        found.push(block);
    } else if !touching.iter().any(|t| t.contains(block)) {
        [0, 1].into_iter().filter_map(|half| block.subnet(1, half)).for_each(|half| split(half, &touching, found));
    }
}

/// How a range is used, as `cidr::nodes` counts.
const MODES: [&str; 5] = ["node-subnet", "pod-subnet", "static-block", "overlay", "pod-cidr"];

/// Nodes that a range has room for, each with so many pods. Formulas: AKS IP planning pages, as the address check has them.
fn nodes(c: &Cx) -> Outcome {
    let range = prefix(c, 0)?;
    let pods = match c.num(1).as_i64() {
        Some(n @ 10..=250) => n as u128,
        _ => return arg(1, "AKS allows 10 to 250 pods for each node"),
    };
    if c.args.len() > 3 {
        return arg(3, "only one mode may be given");
    }
    let mode = if c.args.len() > 2 { c.str(2) } else { "node-subnet" };
    let usable = range.azure_usable();
    Ok(count(match mode {
        // Each node takes its own address and one for every pod it may run.
        "node-subnet" => usable / (pods + 1),
        "pod-subnet" => usable / pods,
        // Blocks of 16, one address for the node's network container; the first and the last hold Azure's own addresses.
        "static-block" => (range.size() / 16).saturating_sub(2) / (pods + 1).div_ceil(16),
        "overlay" => usable,
        // A /24 for each node, or a /80 of an IPv6 range; nothing is kept back.
        "pod-cidr" => {
            let each: u8 = if range.v6 { 80 } else { 24 };
            each.checked_sub(range.len).map_or(0, |bits| 1u128 << bits)
        }
        other => {
            let near = nearest(other, MODES).map(|n| format!(" (did you mean {n:?}?)")).unwrap_or_default();
            return arg(2, format!("{other:?} is not a mode{near}; the modes are {}", MODES.map(|m| format!("{m:?}")).join(", ")));
        }
    }))
}

/// A range of the pool that belongs to the key, the same in every plan. One that is not given yet is asked for, and unknown.
fn allocate(c: &Cx) -> Outcome {
    let key = c.str(2);
    if key.is_empty() {
        return arg(2, "the key must not be empty");
    }
    let len = length(&c.value(1))?;
    let Some(pool) = pool(c)? else { return Ok(later()) };
    if pool.holding(len).next().is_none() {
        let what = pool.prefixes.iter().map(Prefix::to_string).collect::<Vec<_>>().join(", ");
        return arg(1, format!("no range of {what} can hold a /{len}"));
    }
    let request = Request { len, key: key.to_owned(), pool };
    if let Some(entry) = c.world.allocations.ledger.find(&request)
        && !request.pool.contains(entry.prefix)
    {
        let why = format!(
            "{key:?} was given {}, which {} does not hold any more; extend the pool to hold it, or delete the line of {key:?} from the lock file to have it \
             placed anew",
            entry.prefix, request.pool
        );
        return Err(Fault::Call(why));
    }
    Ok(c.world.allocations.ask(&request, c.at).map_or_else(later, |p| Value::string(p.to_string())))
}

/// A range that will be known in the next attempt.
fn later() -> Value {
    Kind::Unknown(Box::new(Unknown { ty: Type::String, not_null: true, prefix: None, length: (None, None) })).into()
}

/// `24` or `"/24"`.
fn length(value: &Value) -> Result<u8, Fault> {
    let number = value.as_i64();
    let text = value.as_str().and_then(|t| t.strip_prefix('/').unwrap_or(t).parse().ok());
    match number.or(text) {
        Some(n @ 0..=128) => Ok(n as u8),
        _ => arg(1, "the length must be a whole number of bits, such as 24 or \"/24\""),
    }
}

/// The pool that the first argument means: a declared one by name, a range, or several ranges. Nothing while it is not known.
fn pool(c: &Cx) -> Result<Option<Pool>, Fault> {
    let given = c.value(0);
    if let Some(items) = given.elements() {
        let all: Vec<Prefix> = items.iter().map(|v| parse(v.as_str().unwrap_or(""), 0)).collect::<Result<_, _>>()?;
        return if all.is_empty() { arg(0, "the list of ranges must not be empty") } else { Ok(Some(Pool::anonymous(all))) };
    }
    let Some(name) = given.as_str() else { return arg(0, "the name of a pool, a range or a list of ranges is required") };
    if name.contains('/') {
        return Ok(Some(Pool::anonymous(vec![parse(name, 0)?])));
    }
    match c.names.pool(name) {
        Lookup::Found(DeclaredPool::Known(prefixes)) => Ok(Some(Pool::named(name, prefixes))),
        Lookup::Found(DeclaredPool::Unknown) => Ok(None),
        Lookup::Found(DeclaredPool::Resources) => {
            let why = format!(
                "the pool {name:?} depends on resources or data sources, so its ranges are not known in time; give those ranges here instead of its name"
            );
            Err(Fault::Arg(0, why))
        }
        Lookup::Circular => Err(Fault::Arg(0, format!("the pool {name:?} is declared by what it is asked for here"))),
        Lookup::Undeclared(names) => {
            let more = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!(" (did you mean {near:?}?)"),
                None if names.is_empty() => "; pools are declared by an address_plan block in a *.blueprint.hcl file".to_owned(),
                None => format!("; there are {}", names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ")),
            };
            arg(0, format!("there is no pool named {name:?}{more}"))
        }
    }
}
