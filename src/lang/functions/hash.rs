//! Digests, and identifiers made from names.

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Cx, Function, Outcome, Param, Res, T, f, p};
use crate::base::Value;

const STR: &[Param] = &[p("str", T::Str)];
const S: Res = Res::Is(T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("base64sha256", STR, S, |c| Ok(Value::string(STANDARD.encode(Sha256::digest(c.str(0)))))),
    f("base64sha512", STR, S, |c| Ok(Value::string(STANDARD.encode(Sha512::digest(c.str(0)))))),
    f("md5", STR, S, |c| Ok(Value::string(hex(&Md5::digest(c.str(0)))))),
    f("sha1", STR, S, |c| Ok(Value::string(hex(&Sha1::digest(c.str(0)))))),
    f("sha256", STR, S, |c| Ok(Value::string(hex(&Sha256::digest(c.str(0)))))),
    f("sha512", STR, S, |c| Ok(Value::string(hex(&Sha512::digest(c.str(0)))))),
    f("uuidv5", &[p("namespace", T::Str), p("name", T::Str)], S, uuidv5),
];

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
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
