//! The `tls` provider, as its 4.x versions: keys, requests and certificates, all kept in the state.

mod certificate;
mod chain;
mod key;
mod pem;

use bigdecimal::num_bigint::{BigInt, Sign};
use sha1::{Digest, Sha1};
use x509_cert::{der::EncodePem, der::pem::LineEnding};

use self::{
    certificate::{Holder, Terms},
    key::{Curve, Key},
};
use super::{
    Outcome, Outside, Planned,
    clock::{moment, now, show},
    fields::{flag, int, is_set, or_default, path, text, texts, with},
    random::hex,
};
use crate::base::{Diagnostic, Value, diag::nearest};

/// What the shapes cannot say: uses that are none, keys given twice or not at all.
pub fn validate(kind: &str, config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if kind == "tls_self_signed_cert" || kind == "tls_locally_signed_cert" {
        for given in texts(config, "allowed_uses").iter().filter(|u| !certificate::uses().any(|known| known == u.as_str())) {
            let mut known: Vec<&str> = certificate::uses().collect();
            known.sort_unstable();
            let detail = format!("Attribute allowed_uses value must be one of: {}, got: {given:?}.", known.join(", "));
            let wrong = Diagnostic::error("tls-use", "Invalid Attribute Value Match", detail);
            found.push(match nearest(given, known) {
                Some(near) => wrong.hint(format!("Did you mean {near:?}?")),
                None => wrong,
            });
        }
    }
    let pair = match kind {
        "tls_public_key" => Some(("private_key_pem", "private_key_openssh")),
        "tls_certificate" => Some(("content", "url")),
        _ => None,
    };
    if let Some((a, b)) = pair
        && is_set(config, a) == is_set(config, b)
    {
        let detail = format!("Exactly one of these attributes must be configured: [{a},{b}]");
        found.push(Diagnostic::error("exactly-one-of", "Invalid Attribute Combination", detail));
    }
    found
}

/// A certificate whose time (or early renewal) has come is replaced.
pub fn planned(kind: &str, prior: Option<&Value>, planned: Value, now: &str) -> Planned {
    if !matches!(kind, "tls_self_signed_cert" | "tls_locally_signed_cert") {
        return Planned { value: planned, replace: Vec::new() };
    }
    if prior.is_some() && moment("now", now).is_ok_and(|now| due(&planned, now)) {
        return Planned { value: planned, replace: vec![(path("ready_for_renewal"), "the certificate is ready for renewal".to_owned())] };
    }
    Planned { value: with(&planned, [("ready_for_renewal", Value::bool(false))]), replace: Vec::new() }
}

fn due(value: &Value, now: time::OffsetDateTime) -> bool {
    let end = text(value, "validity_end_time").and_then(|t| moment("validity_end_time", t).ok());
    let early = time::Duration::hours(int(value, "early_renewal_hours").unwrap_or(0));
    end.and_then(|end| end.checked_sub(early)).is_some_and(|renewal| now >= renewal)
}

/// A refresh says whether the certificate should be renewed.
///
/// # Errors
/// When the clock cannot be read.
pub fn read(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<Option<Value>> {
    if !matches!(kind, "tls_self_signed_cert" | "tls_locally_signed_cert") {
        return Ok(Some(prior.clone()));
    }
    let due = due(prior, now(outside)?);
    Ok(Some(if due { with(prior, [("ready_for_renewal", Value::bool(true))]) } else { prior.clone() }))
}

/// Makes the key, the request or the certificate.
///
/// # Errors
/// What of the configuration cannot be read or encoded.
pub fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match kind {
        "tls_private_key" => private_key(planned, outside),
        "tls_cert_request" => request(planned, outside),
        "tls_self_signed_cert" => self_signed(planned, outside),
        "tls_locally_signed_cert" => locally_signed(planned, outside),
        _ => Err(super::unknown_kind(kind)),
    }
}

/// # Errors
/// As [`create`].
pub fn data(kind: &str, config: &Value) -> Outcome<Value> {
    match kind {
        "tls_public_key" => public_key(config),
        "tls_certificate" => chain::read(config),
        _ => Err(super::unknown_kind(kind)),
    }
}

/// # Errors
/// As [`create`].
pub fn open(kind: &str, config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match kind {
        "tls_private_key" => private_key(config, outside),
        "tls_public_key" => public_key(config),
        _ => Err(super::unknown_kind(kind)),
    }
}

fn wrong(summary: &'static str, why: impl Into<String>) -> Diagnostic {
    let mut why: String = why.into();
    if let Some(first) = why.get(..1).map(str::to_uppercase) {
        why.replace_range(..1, &first);
    }
    Diagnostic::error("tls", summary, if why.ends_with('.') { why } else { why + "." })
}

fn private_key(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let planned = &or_default(planned, [("rsa_bits", Value::number(2048)), ("ecdsa_curve", Value::string("P224"))]);
    let failed = |why: String| wrong("Unable to generate Key from configuration", why);
    let key = match text(planned, "algorithm").unwrap_or_default() {
        "RSA" => Key::rsa(int(planned, "rsa_bits").unwrap_or(2048), outside).map_err(failed)?,
        "ECDSA" => {
            let name = text(planned, "ecdsa_curve").unwrap_or("P224");
            let curve = Curve::named(name).ok_or_else(|| failed(format!("{name:?} is not a curve; there are P224, P256, P384 and P521")))?;
            Key::ec(curve, outside).map_err(failed)?
        }
        "ED25519" => Key::ed25519(outside),
        other => return Err(failed(format!("{other:?} is not an algorithm; there are RSA, ECDSA and ED25519"))),
    };
    let openssh = key.ssh().map_err(failed)?.map(|ssh| ssh.to_openssh(LineEnding::LF).map(|pem| pem.to_string()).map_err(|e| failed(e.to_string())));
    let private = [
        ("private_key_pem", Value::string(key.pem().map_err(failed)?)),
        ("private_key_pem_pkcs8", Value::string(key.pkcs8_pem().map_err(failed)?)),
        ("private_key_openssh", Value::string(openssh.transpose()?.unwrap_or_default())),
    ];
    Ok(with(planned, private.into_iter().chain(public_attributes(&key).map_err(failed)?)))
}

/// What is said of a public key in all places; OpenSSH knows no keys on P-224, so that those texts are empty then.
fn public_attributes(key: &Key) -> Result<[(&'static str, Value); 5], String> {
    let spki = key.public()?;
    let der = key::der_of(&spki)?;
    let (mut openssh, mut md5, mut sha256) = (String::new(), String::new(), String::new());
    if let Some(ssh) = key.ssh()? {
        let public = ssh.public_key();
        openssh = format!("{}\n", public.to_openssh().map_err(|e| e.to_string())?.trim_end());
        let blob = public.to_bytes().map_err(|e| e.to_string())?;
        let digest: Vec<String> = md5::Md5::digest(&blob).iter().map(|b| format!("{b:02x}")).collect();
        md5 = digest.join(":");
        sha256 = public.fingerprint(ssh_key::HashAlg::Sha256).to_string();
    }
    Ok([
        ("id", Value::string(state_hash(&der))),
        ("public_key_pem", Value::string(spki.to_pem(LineEnding::LF).map_err(|e| e.to_string())?)),
        ("public_key_openssh", Value::string(openssh)),
        ("public_key_fingerprint_md5", Value::string(md5)),
        ("public_key_fingerprint_sha256", Value::string(sha256)),
    ])
}

/// How the real provider names things in the state: the SHA-1 of a text without the space around it.
fn state_hash(content: &[u8]) -> String {
    hex(&Sha1::digest(content.trim_ascii()))
}

fn public_key(config: &Value) -> Outcome<Value> {
    let failed = |why: String| wrong("Unable to parse private key", why);
    let key = match (text(config, "private_key_pem"), text(config, "private_key_openssh")) {
        (Some(pem), _) => Key::from_pem(pem).map_err(failed)?,
        (_, Some(openssh)) => Key::from_openssh(openssh).map_err(failed)?,
        _ => return Err(failed("no private key was provided via private_key_pem nor private_key_openssh".into())),
    };
    let public = public_attributes(&key).map_err(failed)?;
    Ok(with(config, public.into_iter().chain([("algorithm", Value::string(key.algorithm()))])))
}

/// The key of an attribute.
fn key_in(value: &Value, name: &'static str) -> Outcome<Key> {
    Key::from_pem(text(value, name).unwrap_or_default()).map_err(|why| wrong("Failed to parse private key PEM", format!("the attribute {name}: {why}")))
}

fn request(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let key = key_in(planned, "private_key_pem")?;
    let failed = |why: String| wrong("Failed to create certificate request", why);
    let holder = Holder::of(planned).map_err(failed)?;
    let pem = certificate::request(&holder, &key, outside).map_err(failed)?;
    Ok(with(
        planned,
        [("id", Value::string(state_hash(pem.as_bytes()))), ("key_algorithm", Value::string(key.algorithm())), ("cert_request_pem", Value::string(pem))],
    ))
}

fn self_signed(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let key = key_in(planned, "private_key_pem")?;
    let failed = |why: String| wrong("Failed to create certificate", why);
    let holder = Holder::of(planned).map_err(failed)?;
    let public = key.public().map_err(failed)?;
    let (terms, computed) = terms(planned, &holder, outside)?;
    let pem = certificate::certificate(&holder, &public, None, &key, &terms, outside).map_err(failed)?;
    Ok(with(planned, computed.into_iter().chain([("key_algorithm", Value::string(key.algorithm())), ("cert_pem", Value::string(pem))])))
}

fn locally_signed(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let key = key_in(planned, "ca_private_key_pem")?;
    let pem = |name: &'static str| text(planned, name).unwrap_or_default();
    let (holder, public) = certificate::requested(pem("cert_request_pem"))
        .map_err(|why| wrong("Failed to parse certificate request PEM", format!("the attribute cert_request_pem: {why}")))?;
    let authority =
        certificate::authority(pem("ca_cert_pem")).map_err(|why| wrong("Failed to parse CA certificate PEM", format!("the attribute ca_cert_pem: {why}")))?;
    if key.public().is_ok_and(|own| own != authority.tbs_certificate.subject_public_key_info) {
        let why = "the key in ca_private_key_pem is not the one that ca_cert_pem was made for, so that nobody could verify the certificate";
        return Err(wrong("Failed to create certificate", why));
    }
    let (terms, computed) = terms(planned, &holder, outside)?;
    let pem = certificate::certificate(&holder, &public, Some(&authority), &key, &terms, outside).map_err(|why| wrong("Failed to create certificate", why))?;
    Ok(with(planned, computed.into_iter().chain([("ca_key_algorithm", Value::string(key.algorithm())), ("cert_pem", Value::string(pem))])))
}

/// What the attributes say of a certificate, and the attributes that follow from it.
fn terms(planned: &Value, holder: &Holder, outside: &dyn Outside) -> Outcome<(Terms, [(&'static str, Value); 4])> {
    let start = now(outside)?;
    let hours = int(planned, "validity_period_hours").unwrap_or(0);
    let end = hours.checked_mul(3600).and_then(|s| start.checked_add(time::Duration::seconds(s)));
    let end = end.ok_or_else(|| wrong("Failed to create certificate", format!("a validity of {hours} hours ends after the year 9999")))?;
    let is_authority = flag(planned, "is_ca_certificate").unwrap_or(false);
    if is_authority && holder.subject.is_empty() {
        let why = "must contain at least one Distinguished Name when creating Certificate Authority (CA)";
        return Err(wrong("Invalid Certificate Subject", why));
    }
    let mut serial = [0; 16];
    outside.random(&mut serial);
    let path = int(planned, "max_path_length").filter(|n| *n >= 0 && is_authority);
    let terms = Terms {
        not_before: start.unix_timestamp(),
        not_after: end.unix_timestamp(),
        serial,
        uses: texts(planned, "allowed_uses"),
        is_authority,
        max_path: path.and_then(|n| u8::try_from(n).ok()),
        subject_key_id: flag(planned, "set_subject_key_id").unwrap_or(false),
        authority_key_id: flag(planned, "set_authority_key_id").unwrap_or(false),
        permitted: texts(planned, "name_constraint_permitted_dns_names"),
        excluded: texts(planned, "name_constraint_excluded_dns_names"),
        constraints_critical: flag(planned, "name_constraint_permitted_dns_names_critical").unwrap_or(false),
    };
    let computed = [
        ("id", Value::string(BigInt::from_bytes_be(Sign::Plus, &serial).to_string())),
        ("validity_start_time", Value::string(show(start))),
        ("validity_end_time", Value::string(show(end))),
        ("ready_for_renewal", Value::bool(false)),
    ];
    Ok((terms, computed))
}
