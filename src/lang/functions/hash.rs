//! Digests, identifiers and password hashes.

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Cx, Function, Outcome, Param, Res, T, arg, f, p};
use crate::base::{Type, Value};

const STR: &[Param] = &[p("str", T::Str)];
const S: Res = Res::Is(T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("base64sha256", STR, S, |c| Ok(Value::string(STANDARD.encode(Sha256::digest(c.str(0)))))),
    f("base64sha512", STR, S, |c| Ok(Value::string(STANDARD.encode(Sha512::digest(c.str(0)))))),
    f("bcrypt", STR, S, bcrypt).rest(p("cost", T::Num)),
    f("md5", STR, S, |c| Ok(Value::string(hex(&Md5::digest(c.str(0)))))),
    f("sha1", STR, S, |c| Ok(Value::string(hex(&Sha1::digest(c.str(0)))))),
    f("sha256", STR, S, |c| Ok(Value::string(hex(&Sha256::digest(c.str(0)))))),
    f("sha512", STR, S, |c| Ok(Value::string(hex(&Sha512::digest(c.str(0)))))),
    f("uuid", &[], S, uuid),
    f("uuidv5", &[p("namespace", T::Str), p("name", T::Str)], S, uuidv5),
];

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Salted, so different each time, and unknown until apply.
fn bcrypt(c: &Cx) -> Outcome {
    if c.args.len() > 2 {
        return Err("bcrypt() takes no more than two arguments".into());
    }
    let cost = if c.args.len() > 1 { c.int(1)? } else { 10 };
    let Some(cost) = u32::try_from(cost).ok().filter(|n| (4..=31).contains(n)) else { return arg(1, "the cost must be between 4 and 31") };
    if c.world.plan_mode {
        return Ok(Value::unknown_not_null(Type::String));
    }
    match bcrypt::hash_with_result(c.str(0), cost) {
        Ok(parts) => Ok(Value::string(parts.format_for_version(bcrypt::Version::TwoA))),
        Err(why) => Err(format!("error occurred generating password {why}").into()),
    }
}

/// Different each time, so unknown until apply.
fn uuid(c: &Cx) -> Outcome {
    if c.world.plan_mode {
        return Ok(Value::unknown_not_null(Type::String));
    }
    Ok(Value::string(uuid::Uuid::new_v4().to_string()))
}

fn uuidv5(c: &Cx) -> Outcome {
    let namespace = match c.str(0) {
        "dns" => uuid::Uuid::NAMESPACE_DNS,
        "url" => uuid::Uuid::NAMESPACE_URL,
        "oid" => uuid::Uuid::NAMESPACE_OID,
        "x500" => uuid::Uuid::NAMESPACE_X500,
        text => match uuid::Uuid::parse_str(text) {
            Ok(found) => found,
            Err(_) => {
                let why =
                    if matches!(text.len(), 32 | 36 | 38 | 45) { "invalid UUID format".to_owned() } else { format!("invalid UUID length: {}", text.len()) };
                return Err(format!("uuidv5() doesn't support namespace {text} ({why})").into());
            }
        },
    };
    Ok(Value::string(uuid::Uuid::new_v5(&namespace, c.str(1).as_bytes()).to_string()))
}
