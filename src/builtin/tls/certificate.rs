//! X.509: subjects, extensions, requests and certificates, laid out as Go's `crypto/x509` does, which the real provider uses.

use std::net::IpAddr;

use sha1::{Digest, Sha1};
use x509_cert::{
    Certificate, TbsCertificate, Version,
    attr::{Attribute, AttributeTypeAndValue},
    der::{
        Decode, DecodePem, Encode, EncodePem,
        asn1::{Any, BitString, GeneralizedTime, Ia5String, ObjectIdentifier, OctetString, PrintableStringRef, SetOfVec, UtcTime, Utf8StringRef},
        pem::LineEnding,
    },
    ext::{
        Extension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints, SubjectAltName, SubjectKeyIdentifier,
            constraints::name::GeneralSubtree, name::GeneralName,
        },
    },
    name::{Name, RdnSequence, RelativeDistinguishedName},
    request::{CertReq, CertReqInfo, ExtensionReq},
    serial_number::SerialNumber,
    spki::SubjectPublicKeyInfoOwned,
    time::{Time, Validity},
};

use super::key::Key;
use crate::{
    base::Value,
    builtin::{
        Outside,
        fields::{text, texts},
    },
};

const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const AUTHORITY_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The parts of a subject in the order in which they are written, with their object identifiers.
const SUBJECT: [(&str, &str); 9] = [
    ("country", "2.5.4.6"),
    ("organization", "2.5.4.10"),
    ("organizational_unit", "2.5.4.11"),
    ("locality", "2.5.4.7"),
    ("province", "2.5.4.8"),
    ("street_address", "2.5.4.9"),
    ("postal_code", "2.5.4.17"),
    ("common_name", "2.5.4.3"),
    ("serial_number", "2.5.4.5"),
];

/// Uses by the names of the provider: bits of the key usage …
const USAGES: [(&str, KeyUsages); 9] = [
    ("digital_signature", KeyUsages::DigitalSignature),
    ("content_commitment", KeyUsages::NonRepudiation),
    ("key_encipherment", KeyUsages::KeyEncipherment),
    ("data_encipherment", KeyUsages::DataEncipherment),
    ("key_agreement", KeyUsages::KeyAgreement),
    ("cert_signing", KeyUsages::KeyCertSign),
    ("crl_signing", KeyUsages::CRLSign),
    ("encipher_only", KeyUsages::EncipherOnly),
    ("decipher_only", KeyUsages::DecipherOnly),
];
/// … and purposes of the extended key usage.
const PURPOSES: [(&str, &str); 14] = [
    ("any_extended", "2.5.29.37.0"),
    ("server_auth", "1.3.6.1.5.5.7.3.1"),
    ("client_auth", "1.3.6.1.5.5.7.3.2"),
    ("code_signing", "1.3.6.1.5.5.7.3.3"),
    ("email_protection", "1.3.6.1.5.5.7.3.4"),
    ("ipsec_end_system", "1.3.6.1.5.5.7.3.5"),
    ("ipsec_tunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsec_user", "1.3.6.1.5.5.7.3.7"),
    ("timestamping", "1.3.6.1.5.5.7.3.8"),
    ("ocsp_signing", "1.3.6.1.5.5.7.3.9"),
    ("microsoft_server_gated_crypto", "1.3.6.1.4.1.311.10.3.3"),
    ("netscape_server_gated_crypto", "2.16.840.1.113730.4.1"),
    ("microsoft_commercial_code_signing", "1.3.6.1.4.1.311.2.1.22"),
    ("microsoft_kernel_code_signing", "1.3.6.1.4.1.311.61.1.1"),
];

fn told(error: impl ToString) -> String {
    error.to_string()
}

/// Every use that `allowed_uses` may name.
pub fn uses() -> impl Iterator<Item = &'static str> {
    USAGES.iter().map(|(name, _)| *name).chain(PURPOSES.iter().map(|(name, _)| *name))
}

/// What a certificate or a request says of its holder.
#[derive(Clone, Debug)]
pub struct Holder {
    pub subject: Name,
    pub names: Vec<GeneralName>,
}

impl Holder {
    /// From the attributes `subject`, `dns_names`, `ip_addresses` and `uris`.
    ///
    /// # Errors
    /// When an address is none, or a name has characters that certificates cannot hold.
    pub fn of(value: &Value) -> Result<Holder, String> {
        let subject = match value.get("subject").and_then(Value::elements).and_then(<[Value]>::first) {
            Some(subject) => subject_of(subject)?,
            None => RdnSequence::default(),
        };
        let mut names = Vec::new();
        for name in texts(value, "dns_names") {
            names.push(GeneralName::DnsName(ia5(&name)?));
        }
        for address in texts(value, "ip_addresses") {
            let bytes = match address.parse::<IpAddr>().map_err(|_| format!("{address:?} is not an IP address"))? {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            names.push(GeneralName::IpAddress(OctetString::new(bytes).map_err(told)?));
        }
        for uri in texts(value, "uris") {
            names.push(GeneralName::UniformResourceIdentifier(ia5(&uri)?));
        }
        Ok(Holder { subject, names })
    }

    /// The extension with the further names; critical when there is no subject, as RFC 5280 (4.2.1.6) demands.
    fn alt_names(&self) -> Result<Option<Extension>, String> {
        if self.names.is_empty() {
            return Ok(None);
        }
        extension(SUBJECT_ALT_NAME, self.subject.is_empty(), &SubjectAltName(self.names.clone())).map(Some)
    }
}

fn ia5(text: &str) -> Result<Ia5String, String> {
    Ia5String::new(text).map_err(|_| format!("{text:?} has characters beyond ASCII; write international names in their ASCII form"))
}

fn subject_of(value: &Value) -> Result<Name, String> {
    let mut parts = Vec::new();
    for (name, oid) in SUBJECT {
        let given = match text(value, name) {
            Some(one) => vec![one.to_owned()],
            None => texts(value, name),
        };
        let values = given.iter().filter(|t| !t.is_empty()).map(|t| Ok(AttributeTypeAndValue { oid: oid_of(oid)?, value: directory_string(t)? }));
        let values = values.collect::<Result<Vec<_>, String>>()?;
        if !values.is_empty() {
            parts.push(RelativeDistinguishedName::try_from(values).map_err(told)?);
        }
    }
    Ok(RdnSequence(parts))
}

/// A text as the smaller of the two string types that holds it.
fn directory_string(text: &str) -> Result<Any, String> {
    let printable = text.chars().all(|c| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c));
    if printable {
        return Any::encode_from(&PrintableStringRef::new(text).map_err(told)?).map_err(told);
    }
    Any::encode_from(&Utf8StringRef::new(text).map_err(told)?).map_err(told)
}

fn oid_of(text: &str) -> Result<ObjectIdentifier, String> {
    ObjectIdentifier::new(text).map_err(told)
}

fn extension(id: ObjectIdentifier, critical: bool, content: &impl Encode) -> Result<Extension, String> {
    Ok(Extension { extn_id: id, critical, extn_value: OctetString::new(content.to_der().map_err(told)?).map_err(told)? })
}

/// A signed request, in PEM.
///
/// # Errors
/// When something cannot be encoded or signed.
pub fn request(holder: &Holder, key: &Key, outside: &dyn Outside) -> Result<String, String> {
    let mut attributes = SetOfVec::new();
    if let Some(names) = holder.alt_names()? {
        let asked = Any::encode_from(&ExtensionReq(vec![names])).map_err(told)?;
        attributes.insert(Attribute { oid: EXTENSION_REQUEST, values: SetOfVec::try_from(vec![asked]).map_err(told)? }).map_err(told)?;
    }
    let info = CertReqInfo { version: x509_cert::request::Version::V1, subject: holder.subject.clone(), public_key: key.public()?, attributes };
    let signature = key.sign(&info.to_der().map_err(told)?, outside)?;
    CertReq { info, algorithm: key.signature_algorithm(), signature }.to_pem(LineEnding::LF).map_err(told)
}

/// What a request in PEM asks for: its holder and the holder's public key.
///
/// # Errors
/// When it cannot be read.
pub fn requested(pem: &str) -> Result<(Holder, SubjectPublicKeyInfoOwned), String> {
    let request = CertReq::from_pem(super::pem::first(pem)?).map_err(told)?;
    let mut names = Vec::new();
    for attribute in request.info.attributes.iter().filter(|a| a.oid == EXTENSION_REQUEST) {
        for value in attribute.values.iter() {
            let asked: ExtensionReq = value.decode_as().map_err(told)?;
            for extension in asked.0.iter().filter(|e| e.extn_id == SUBJECT_ALT_NAME) {
                names.extend(SubjectAltName::from_der(extension.extn_value.as_bytes()).map_err(told)?.0);
            }
        }
    }
    // Other kinds of names do not pass from a request into a certificate.
    names.retain(|n| matches!(n, GeneralName::DnsName(_) | GeneralName::IpAddress(_) | GeneralName::UniformResourceIdentifier(_)));
    Ok((Holder { subject: request.info.subject, names }, request.info.public_key))
}

/// Reads the certificate of an authority.
///
/// # Errors
/// When it cannot be read.
pub fn authority(pem: &str) -> Result<Certificate, String> {
    Certificate::from_pem(super::pem::first(pem)?).map_err(told)
}

fn extension_of(certificate: &Certificate, id: ObjectIdentifier) -> Option<&[u8]> {
    let extensions = certificate.tbs_certificate.extensions.as_ref()?;
    extensions.iter().find(|e| e.extn_id == id).map(|e| e.extn_value.as_bytes())
}

/// Whether a certificate may issue others, and how long a chain below it may be.
pub fn constraints(certificate: &Certificate) -> (bool, Option<u8>) {
    let found = extension_of(certificate, BASIC_CONSTRAINTS).and_then(|der| BasicConstraints::from_der(der).ok());
    found.map_or((false, None), |c| (c.ca, c.path_len_constraint))
}

fn subject_key_id(certificate: &Certificate) -> Option<OctetString> {
    extension_of(certificate, SUBJECT_KEY_ID).and_then(|der| SubjectKeyIdentifier::from_der(der).ok()).map(|id| id.0)
}

/// The identifier of a public key: the SHA-1 of its bits, which for Ed25519 are wrapped once more, as the real provider has it.
fn key_id(public: &SubjectPublicKeyInfoOwned) -> Result<OctetString, String> {
    let bits = public.subject_public_key.raw_bytes();
    let hash = if public.algorithm.oid == ED25519 { Sha1::digest(OctetString::new(bits).and_then(|o| o.to_der()).map_err(told)?) } else { Sha1::digest(bits) };
    OctetString::new(hash.to_vec()).map_err(told)
}

/// What a new certificate shall say beside its holder.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub not_before: i64,
    pub not_after: i64,
    pub serial: [u8; 16],
    pub uses: Vec<String>,
    pub is_authority: bool,
    pub max_path: Option<u8>,
    pub subject_key_id: bool,
    pub authority_key_id: bool,
    pub permitted: Vec<String>,
    pub excluded: Vec<String>,
    pub constraints_critical: bool,
}

/// A signed certificate, in PEM. Without an issuer the holder signs it himself.
///
/// # Errors
/// When something cannot be encoded or signed, or an authority has no identifier to refer to.
pub fn certificate(
    holder: &Holder, public: &SubjectPublicKeyInfoOwned, issuer: Option<&Certificate>, key: &Key, terms: &Terms, outside: &dyn Outside,
) -> Result<String, String> {
    let own = if terms.is_authority || terms.subject_key_id { Some(key_id(public)?) } else { None };
    let issuer_name = issuer.map_or(&holder.subject, |i| &i.tbs_certificate.subject);
    let above = match issuer {
        // A chain is followed by this identifier, so that it is set whenever the authority has one.
        Some(issuer) => subject_key_id(issuer).filter(|_| *issuer_name != holder.subject || terms.authority_key_id),
        None => own.clone().filter(|_| terms.authority_key_id),
    };
    if terms.authority_key_id && above.is_none() {
        return Err("could not determine the authority key identifier: the authority has no subject key identifier".into());
    }
    let mut extensions = Vec::new();
    extensions.extend(usage(terms)?);
    extensions.push(extension(BASIC_CONSTRAINTS, true, &BasicConstraints { ca: terms.is_authority, path_len_constraint: terms.max_path })?);
    if let Some(id) = own {
        extensions.push(extension(SUBJECT_KEY_ID, false, &SubjectKeyIdentifier(id))?);
    }
    if let Some(id) = above {
        let content = AuthorityKeyIdentifier { key_identifier: Some(id), ..Default::default() };
        extensions.push(extension(AUTHORITY_KEY_ID, false, &content)?);
    }
    extensions.extend(holder.alt_names()?);
    extensions.extend(name_constraints(terms)?);
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&terms.serial).map_err(told)?,
        signature: key.signature_algorithm(),
        issuer: issuer_name.clone(),
        validity: Validity { not_before: time(terms.not_before)?, not_after: time(terms.not_after)? },
        subject: holder.subject.clone(),
        subject_public_key_info: public.clone(),
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signature: BitString = key.sign(&tbs_certificate.to_der().map_err(told)?, outside)?;
    Certificate { tbs_certificate, signature_algorithm: key.signature_algorithm(), signature }.to_pem(LineEnding::LF).map_err(told)
}

fn usage(terms: &Terms) -> Result<Vec<Extension>, String> {
    let wanted = |name: &str| terms.uses.iter().any(|u| u == name);
    let bits =
        USAGES.iter().filter(|(name, _)| wanted(name)).fold(None, |all: Option<KeyUsage>, (_, bit)| Some(KeyUsage(all.map_or((*bit).into(), |a| a.0 | *bit))));
    // Purposes keep the order in which they were given.
    let purposes = terms.uses.iter().filter_map(|u| PURPOSES.iter().find(|(name, _)| name == u)).map(|(_, oid)| oid_of(oid));
    let purposes = purposes.collect::<Result<Vec<_>, _>>()?;
    let mut extensions = Vec::new();
    if let Some(bits) = bits {
        extensions.push(extension(KEY_USAGE, true, &bits)?);
    }
    if !purposes.is_empty() {
        extensions.push(extension(EXTENDED_KEY_USAGE, false, &ExtendedKeyUsage(purposes))?);
    }
    Ok(extensions)
}

fn name_constraints(terms: &Terms) -> Result<Option<Extension>, String> {
    let trees = |names: &[String]| -> Result<Option<Vec<GeneralSubtree>>, String> {
        let all = names.iter().map(|n| Ok(GeneralSubtree { base: GeneralName::DnsName(ia5(n)?), minimum: 0, maximum: None }));
        let all = all.collect::<Result<Vec<_>, String>>()?;
        Ok(if all.is_empty() { None } else { Some(all) })
    };
    let content = NameConstraints { permitted_subtrees: trees(&terms.permitted)?, excluded_subtrees: trees(&terms.excluded)? };
    if content.permitted_subtrees.is_none() && content.excluded_subtrees.is_none() {
        return Ok(None);
    }
    extension(NAME_CONSTRAINTS, terms.constraints_critical, &content).map(Some)
}

/// A moment in seconds since 1970; RFC 5280 wants the short form up to 2049 and the long one after that.
fn time(seconds: i64) -> Result<Time, String> {
    let since = std::time::Duration::from_secs(u64::try_from(seconds).map_err(|_| "certificates know no time before 1970".to_owned())?);
    const YEAR_2050: u64 = 2_524_608_000;
    if since.as_secs() < YEAR_2050 {
        return UtcTime::from_unix_duration(since).map(Time::UtcTime).map_err(told);
    }
    GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime).map_err(told)
}
