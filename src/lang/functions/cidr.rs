//! Functions on address prefixes.

use std::net::IpAddr;

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p};
use crate::base::{Prefix, Type, Value};

const PREFIX: Param = p("prefix", T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("cidrhost", &[PREFIX, p("hostnum", T::Num)], Res::Is(T::Str), cidrhost),
    f("cidrnetmask", &[PREFIX], Res::Is(T::Str), cidrnetmask),
    f("cidrsubnet", &[PREFIX, p("newbits", T::Num), p("netnum", T::Num)], Res::Is(T::Str), cidrsubnet),
    f("cidrsubnets", &[PREFIX], Res::Is(T::ListStr), cidrsubnets).rest(p("newbits", T::Num)),
];

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

fn big(c: &Cx, place: usize) -> Result<i128, Fault> {
    let n = c.num(place);
    if !n.is_integer() {
        return Err("value must be a whole number".into());
    }
    n.to_string().parse::<i128>().map_err(|_| "the number is too large".into())
}

fn cidrhost(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    let n = big(c, 1)?;
    match prefix.host(n) {
        Some(address) => Ok(Value::string(address.to_string())),
        None => Err(format!("prefix of {} does not accommodate a host numbered {n}", prefix.len).into()),
    }
}

fn cidrnetmask(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    if prefix.v6 {
        return Err(format!("IPv6 addresses cannot have a netmask: {}", c.str(0)).into());
    }
    Ok(Value::string(prefix.netmask().to_string()))
}

fn newbits(c: &Cx, place: usize, prefix: Prefix) -> Result<u8, Fault> {
    let bits = i128::from(c.int(place)?);
    let room = prefix.width() - prefix.len;
    match u8::try_from(bits) {
        Ok(bits) if bits <= room => Ok(bits),
        _ => Err(Fault::Call(format!("insufficient address space to extend prefix of {} by {bits}", prefix.len))),
    }
}

fn cidrsubnet(c: &Cx) -> Outcome {
    let prefix = prefix(c)?;
    let bits = newbits(c, 1, prefix)?;
    let n = big(c, 2)?;
    match u128::try_from(n).ok().and_then(|i| prefix.subnet(bits, i)) {
        Some(found) => Ok(Value::string(found.to_string())),
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
        let bits = big(c, place)?;
        if bits < 1 {
            return arg(place, "must extend prefix by at least one bit");
        }
        let len = u8::try_from(bits).ok().and_then(|b| whole.len.checked_add(b)).filter(|l| *l <= whole.width());
        let Some(len) = len else {
            return arg(
                place,
                format!(
                    "would extend prefix to {} bits, which is too long for an {} address",
                    i128::from(whole.len) + bits,
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
