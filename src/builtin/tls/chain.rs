//! The data source `tls_certificate`: what the certificates of a PEM text say.

use sha1::{Digest, Sha1};
use time::OffsetDateTime;
use x509_cert::{
    Certificate,
    der::{DecodePem, Encode},
};

use super::{certificate::constraints, wrong};
use crate::{
    base::{Type, Value},
    builtin::{
        Outcome,
        clock::show,
        fields::{text, with},
        random::hex,
    },
};

/// The names that Go gives to the algorithms of signatures and keys.
const ALGORITHMS: [(&str, &str); 14] = [
    ("1.2.840.113549.1.1.5", "SHA1-RSA"),
    ("1.2.840.113549.1.1.11", "SHA256-RSA"),
    ("1.2.840.113549.1.1.12", "SHA384-RSA"),
    ("1.2.840.113549.1.1.13", "SHA512-RSA"),
    ("1.2.840.113549.1.1.10", "SHA256-RSAPSS"),
    ("1.2.840.10045.4.1", "ECDSA-SHA1"),
    ("1.2.840.10045.4.3.2", "ECDSA-SHA256"),
    ("1.2.840.10045.4.3.3", "ECDSA-SHA384"),
    ("1.2.840.10045.4.3.4", "ECDSA-SHA512"),
    ("1.3.101.112", "Ed25519"),
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.10045.2.1", "ECDSA"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.1.4", "MD5-RSA"),
];

/// # Errors
/// When the content holds no certificate, or a server is asked for its own, which is not done here.
pub fn read(config: &Value) -> Outcome<Value> {
    let Some(content) = text(config, "content") else {
        return Err(wrong(
            "Certificates of servers cannot be read",
            "only the attribute content is supported here; fetch the chain beforehand and give its PEM text",
        )
        .hint("openssl s_client -showcerts -connect HOST:443 prints it."));
    };
    let mut certificates = Vec::new();
    for block in super::pem::blocks(content) {
        certificates.push(described(block).map_err(|why| wrong("Failed to parse certificate PEM", why))?);
    }
    if certificates.is_empty() {
        return Err(wrong("Failed to parse certificate PEM", "there is no PEM block in the attribute content"));
    }
    let element = certificates.first().map_or(Type::Any, Value::ty);
    Ok(with(config, [("id", Value::string(hex(&Sha1::digest(content.as_bytes())))), ("certificates", Value::list(element, certificates))]))
}

fn described(block: &str) -> Result<Value, String> {
    let certificate = Certificate::from_pem(block).map_err(|e| e.to_string())?;
    let tbs = &certificate.tbs_certificate;
    let der = certificate.to_der().map_err(|e| e.to_string())?;
    let (is_ca, path) = constraints(&certificate);
    let moment = |t: &x509_cert::time::Time| {
        let seconds = i64::try_from(t.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        OffsetDateTime::from_unix_timestamp(seconds).map(show).unwrap_or_default()
    };
    let algorithm = |oid: String| Value::string(ALGORITHMS.iter().find(|(id, _)| *id == oid).map_or(oid.clone(), |(_, name)| (*name).to_owned()));
    let serial = bigdecimal::num_bigint::BigInt::from_bytes_be(bigdecimal::num_bigint::Sign::Plus, tbs.serial_number.as_bytes());
    Ok(Value::object_of([
        ("cert_pem", Value::string(format!("{block}\n"))),
        ("is_ca", Value::bool(is_ca)),
        ("issuer", Value::string(tbs.issuer.to_string())),
        ("max_path_length", Value::number(path.map_or(-1, i32::from))),
        ("not_after", Value::string(moment(&tbs.validity.not_after))),
        ("not_before", Value::string(moment(&tbs.validity.not_before))),
        ("public_key_algorithm", algorithm(tbs.subject_public_key_info.algorithm.oid.to_string())),
        ("serial_number", Value::string(serial.to_string())),
        ("sha1_fingerprint", Value::string(hex(&Sha1::digest(&der)))),
        ("signature_algorithm", algorithm(certificate.signature_algorithm.oid.to_string())),
        ("subject", Value::string(tbs.subject.to_string())),
        ("version", Value::number(tbs.version as u8 + 1)),
    ]))
}
