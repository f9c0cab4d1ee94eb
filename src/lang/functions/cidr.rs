//! Functions on address prefixes.

use std::net::IpAddr;

use bigdecimal::num_bigint::{BigInt, Sign};

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p};
use crate::base::{Prefix, Type, Value};

const PREFIX: Param = p("prefix", T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("cidrcontains", &[p("containing_prefix", T::Str), p("contained_ip_or_prefix", T::Str)], Res::Is(T::Bool), cidrcontains),
    f("cidrhost", &[PREFIX, p("hostnum", T::Num)], Res::Is(T::Str), cidrhost),
    f("cidrnetmask", &[PREFIX], Res::Is(T::Str), cidrnetmask),
    f("cidrsubnet", &[PREFIX, p("newbits", T::Num), p("netnum", T::Num)], Res::Is(T::Str), cidrsubnet),
    f("cidrsubnets", &[PREFIX], Res::Is(T::ListStr), cidrsubnets).rest(p("newbits", T::Num)),
];

/// Whether a prefix holds an address or another prefix, as OpenTofu has it.
fn cidrcontains(c: &Cx) -> Outcome {
    let Ok(outer) = prefix(c) else { return arg(0, format!("invalid CIDR expression: invalid CIDR address: {}", c.str(0))) };
    let given = c.str(1);
    let inner = match given.split_once('/') {
        Some((address, len)) => legacy_address(address).zip(len.parse::<u8>().ok()).and_then(|(a, l)| Prefix::around(a, l)),
        None => legacy_address(given).and_then(|a| Prefix::around(a, if a.is_ipv4() { 32 } else { 128 })),
    };
    let Some(inner) = inner else { return arg(1, format!("invalid IP address or prefix: {given}")) };
    if inner.v6 != outer.v6 {
        return Err(format!("address family mismatch: {} vs. {given}", c.str(0)).into());
    }
    Ok(Value::bool(outer.contains(inner)))
}

/// The prefix an address with a length lies in: these functions ignore host bits. IPv4 octets may have leading zeros,
/// as in the parser that Terraform keeps for old configurations.
fn prefix(c: &Cx) -> Result<Prefix, Fault> {
    let given = c.str(0);
    let invalid = || Fault::Call(format!("invalid CIDR expression: invalid CIDR address: {given}"));
    let (address, len) = given.split_once('/').ok_or_else(invalid)?;
    let address = legacy_address(address).ok_or_else(invalid)?;
    if len.is_empty() || !len.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid());
    }
    let len = len.parse::<u8>().map_err(|_| invalid())?;
    Prefix::around(address, len).ok_or_else(invalid)
}

fn legacy_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let octets: Vec<u8> =
        text.split('.').map(|o| if o.is_empty() || !o.bytes().all(|b| b.is_ascii_digit()) { None } else { o.parse().ok() }).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(octets).ok().map(IpAddr::from)
}

fn big(c: &Cx, place: usize) -> Result<BigInt, Fault> {
    let n = c.num(place);
    if !n.is_integer() {
        return Err("value must be a whole number".into());
    }
    Ok(n.decimal().with_scale(0).into_bigint_and_exponent().0)
}

/// The low 64 bits of the magnitude, as the library that Terraform uses compares numbers by.
fn low_bits(n: &BigInt) -> u64 {
    n.magnitude().iter_u64_digits().next().unwrap_or(0)
}

/// The address with a number put into its bits, shifted to the left; nothing when it does not fit any address.
fn with_bits(prefix: Prefix, n: &BigInt, shift: u32) -> Option<IpAddr> {
    let bits = BigInt::from(prefix.base) | (n << shift);
    let bits = u128::try_from(bits).ok()?;
    if prefix.v6 { Some(IpAddr::V6(bits.into())) } else { u32::try_from(bits).ok().map(|b| IpAddr::V4(b.into())) }
}

/// An IPv4 address in IPv6's clothes counts its hosts as IPv4 does.
fn is_mapped(prefix: Prefix) -> bool {
    prefix.v6 && prefix.base >> 32 == 0xffff
}

fn cidrhost(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    let given = big(c, 1)?;
    let room = (BigInt::from(1) << (prefix.width() - prefix.len)) - 1;
    // Negative numbers count from the end.
    let (n, size) = match given.sign() {
        Sign::Minus => (&room + &given + 1, -&given - 1),
        _ => (given.clone(), BigInt::from(low_bits(&given) as i64)),
    };
    let found = if size > room { None } else { with_bits(prefix, &n, if is_mapped(prefix) { 96 } else { 0 }) };
    match found {
        Some(address) => Ok(Value::string(go_text(address))),
        None => Err(format!("prefix of {} does not accommodate a host numbered {n}", prefix.len).into()),
    }
}

/// An address as Go prints it: IPv4 in IPv6's clothes loses them.
fn go_text(address: IpAddr) -> String {
    match address {
        IpAddr::V6(a) => a.to_ipv4_mapped().map_or_else(|| a.to_string(), |v4| v4.to_string()),
        IpAddr::V4(a) => a.to_string(),
    }
}

fn cidrnetmask(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    if prefix.v6 {
        return Err(format!("IPv6 addresses cannot have a netmask: {}", c.str(0)).into());
    }
    Ok(Value::string(prefix.netmask().to_string()))
}

fn cidrsubnet(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    let bits = c.int(1)?;
    let n = big(c, 2)?;
    let len = i128::from(prefix.len) + i128::from(bits);
    let Some(len) = u8::try_from(len).ok().filter(|l| *l <= prefix.width()) else {
        return Err(format!("insufficient address space to extend prefix of {} by {bits}", prefix.len).into());
    };
    let most = u32::try_from(bits).ok().and_then(|b| 1u64.checked_shl(b)).map_or(u64::MAX, |places| places - 1);
    // Below zero Terraform gives prefixes elsewhere, which would be a trap.
    let found = if low_bits(&n) > most || n.sign() == Sign::Minus { None } else { with_bits(prefix, &n, u32::from(prefix.width() - len)) };
    match found {
        Some(address) => Ok(Value::string(format!("{}/{len}", go_text(address)))),
        None => Err(format!("prefix extension of {bits} does not accommodate a subnet numbered {n}").into()),
    }
}

fn cidrsubnets(c: &Cx) -> Outcome {
    let whole = match prefix(c) {
        Err(Fault::Call(why)) => return arg(0, why),
        other => other?,
    };
    let mut next: u128 = whole.base;
    let mut exhausted = false;
    let mut out = Vec::new();
    for place in 1..c.args.len() {
        let bits = c.int(place)?;
        if bits < 1 {
            return arg(place, "must extend prefix by at least one bit");
        }
        if bits > 32 {
            return arg(place, "may not extend prefix by more than 32 bits");
        }
        let len = u8::try_from(bits).ok().and_then(|b| whole.len.checked_add(b)).filter(|l| *l <= whole.width());
        let Some(len) = len else {
            return arg(
                place,
                format!(
                    "would extend prefix to {} bits, which is too long for an {} address",
                    i64::from(whole.len) + bits,
                    if whole.v6 { "IPv6" } else { "IPv4" }
                ),
            );
        };
        let step = 1u128.checked_shl(u32::from(whole.width() - len)).unwrap_or(0);
        // Each block starts at the next place that suits its own size.
        let start = if step == 0 { next } else { next.checked_add(step - 1).map_or(u128::MAX, |n| n / step * step) };
        if exhausted || start > whole.last_bits() {
            return arg(place, format!("not enough remaining address space for a subnet with a prefix of {len} bits after {}", last(&out)));
        }
        out.push(Prefix { v6: whole.v6, base: start, len });
        match start.checked_add(step) {
            Some(n) => next = n,
            None => exhausted = true,
        }
    }
    Ok(Value::list(Type::String, out.iter().map(|p| Value::string(p.to_string())).collect()))
}

fn last(out: &[Prefix]) -> String {
    out.last().map_or_else(|| "the start".into(), Prefix::to_string)
}
