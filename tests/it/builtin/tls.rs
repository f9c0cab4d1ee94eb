//! `tls_*`: keys in all their forms, and certificates that others accept.

use std::{fs, path::Path, process::Command};

use expect_test::expect;
use serde_json::{Value as Json, json};

use super::{create, data, still, text, told, value};
use ravelin::{
    base::{Diagnostic, Value},
    builtin,
};

/// RSA keys of a size that a test can wait for.
fn key(algorithm: &str, curve: &str) -> Value {
    create("tls_private_key", json!({ "id": null, "algorithm": algorithm, "ecdsa_curve": curve, "rsa_bits": 1024 }), &still()).unwrap()
}

const KEYS: [(&str, &str); 6] = [("RSA", "P224"), ("ECDSA", "P224"), ("ECDSA", "P256"), ("ECDSA", "P384"), ("ECDSA", "P521"), ("ED25519", "P224")];

fn openssl() -> bool {
    Command::new("openssl").arg("version").output().is_ok()
}

fn run(dir: &Path, program: &str, args: &[&str]) -> String {
    let ran = Command::new(program).args(args).current_dir(dir).output().unwrap();
    assert!(ran.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// Each form of a key leads to the same public key, here and, where it is installed, in OpenSSL.
#[test]
fn every_form_of_a_key_is_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    for (algorithm, curve) in KEYS {
        let made = key(algorithm, curve);
        for name in ["private_key_pem", "private_key_pem_pkcs8"] {
            let read = data("tls_public_key", json!({ "private_key_pem": text(&made, name), "private_key_openssh": null }), &still()).unwrap();
            assert_eq!(text(&read, "algorithm"), algorithm);
            for same in ["public_key_pem", "public_key_openssh", "public_key_fingerprint_md5", "public_key_fingerprint_sha256", "id"] {
                assert_eq!(text(&read, same), text(&made, same), "{algorithm} {curve} {name} {same}");
            }
        }
        if curve == "P224" && algorithm == "ECDSA" {
            assert_eq!(text(&made, "private_key_openssh"), "");
        } else {
            let read = data("tls_public_key", json!({ "private_key_pem": null, "private_key_openssh": text(&made, "private_key_openssh") }), &still()).unwrap();
            assert_eq!(text(&read, "public_key_pem"), text(&made, "public_key_pem"), "{algorithm} {curve}");
        }
        if openssl() {
            for name in ["private_key_pem", "private_key_pem_pkcs8"] {
                fs::write(dir.path().join("key.pem"), text(&made, name)).unwrap();
                assert_eq!(run(dir.path(), "openssl", &["pkey", "-in", "key.pem", "-pubout"]), text(&made, "public_key_pem"), "{algorithm} {curve} {name}");
            }
        }
    }
}

#[test]
fn a_key_has_the_names_of_its_forms() {
    let made = key("ED25519", "P224");
    let lines: Vec<String> = ["private_key_pem", "private_key_pem_pkcs8", "private_key_openssh", "public_key_pem"]
        .iter()
        .map(|name| format!("{name}: {}", text(&made, name).lines().next().unwrap()))
        .chain(["public_key_openssh", "public_key_fingerprint_md5", "public_key_fingerprint_sha256", "id"].iter().map(|n| format!("{n}: {}", text(&made, n))))
        .collect();
    expect![[r#"
        private_key_pem: -----BEGIN PRIVATE KEY-----
        private_key_pem_pkcs8: -----BEGIN PRIVATE KEY-----
        private_key_openssh: -----BEGIN OPENSSH PRIVATE KEY-----
        public_key_pem: -----BEGIN PUBLIC KEY-----
        public_key_openssh: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpf7zcT2Gi5iHpKPHRyzZWMvccXCKHjxss3NPOAW8dp

        public_key_fingerprint_md5: 84:9e:51:2c:e0:e2:d4:99:77:89:ca:ec:80:35:c3:1c
        public_key_fingerprint_sha256: SHA256:6rvi5k4xe29mflnC8gVgoD9h1/jLNKkOhuaj2RyJImM
        id: 42fbf766d7b56a9ec2a1ff59bc0a4dccf5eb27f8"#]]
    .assert_eq(&lines.join("\n"));
    assert!(text(&key("RSA", "P224"), "private_key_pem").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert!(text(&key("ECDSA", "P256"), "private_key_pem").starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
}

fn authority(key: &Value) -> Value {
    let planned = json!({
        "private_key_pem": text(key, "private_key_pem"), "subject": [{ "common_name": "Root & Söhne", "organization": "Contoso", "country": "DE", "street_address": ["A 1", "B 2"] }],
        "validity_period_hours": 48, "is_ca_certificate": true, "allowed_uses": ["cert_signing", "crl_signing"], "set_subject_key_id": true, "set_authority_key_id": true,
    });
    create("tls_self_signed_cert", planned, &still()).unwrap()
}

fn request(key: &Value) -> Value {
    let planned = json!({
        "private_key_pem": text(key, "private_key_pem"), "subject": [{ "common_name": "www.contoso.com" }],
        "dns_names": ["www.contoso.com", "localhost"], "ip_addresses": ["10.0.0.1", "2001:db8::1"], "uris": ["spiffe://contoso/web"],
    });
    create("tls_cert_request", planned, &still()).unwrap()
}

fn signed(root: &Value, root_key: &Value, request: &Value) -> Result<Value, Diagnostic> {
    let planned = json!({
        "ca_cert_pem": text(root, "cert_pem"), "ca_private_key_pem": text(root_key, "private_key_pem"), "cert_request_pem": text(request, "cert_request_pem"),
        "validity_period_hours": 24, "allowed_uses": ["key_encipherment", "digital_signature", "server_auth", "client_auth"],
    });
    create("tls_locally_signed_cert", planned, &still())
}

/// Every kind of authority signs for every kind of holder, and OpenSSL, where it is installed, finds nothing wrong with chain and request.
#[test]
fn certificates_verify_with_the_key_that_issued_them() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Vec<Value> = KEYS.iter().map(|(algorithm, curve)| key(algorithm, curve)).collect();
    for (i, root_key) in keys.iter().enumerate() {
        let holder = &keys[(i + 1) % keys.len()];
        let (root, request) = (authority(root_key), request(holder));
        let leaf = signed(&root, root_key, &request).unwrap();
        assert_eq!(text(&leaf, "ca_key_algorithm"), KEYS[i].0);
        if openssl() {
            for (name, content) in
                [("root.pem", text(&root, "cert_pem")), ("leaf.pem", text(&leaf, "cert_pem")), ("request.pem", text(&request, "cert_request_pem"))]
            {
                fs::write(dir.path().join(name), content).unwrap();
            }
            run(dir.path(), "openssl", &["verify", "-x509_strict", "-attime", "1772370000", "-CAfile", "root.pem", "leaf.pem"]);
            run(dir.path(), "openssl", &["req", "-in", "request.pem", "-verify", "-noout"]);
            assert_eq!(run(dir.path(), "openssl", &["x509", "-in", "leaf.pem", "-pubkey", "-noout"]), text(holder, "public_key_pem"));
        }
    }
}

#[test]
fn a_certificate_says_what_was_asked_for() {
    let root_key = key("ECDSA", "P256");
    let root = authority(&root_key);
    let leaf = signed(&root, &root_key, &request(&key("ED25519", ""))).unwrap();
    let chain =
        data("tls_certificate", json!({ "content": format!("{}{}", text(&leaf, "cert_pem"), text(&root, "cert_pem")), "url": null }), &still()).unwrap();
    let mut shown: Json = serde_json::from_str(&super::shown(&chain)).unwrap();
    for certificate in shown["certificates"].as_array_mut().unwrap() {
        certificate.as_object_mut().unwrap().retain(|k, _| !["cert_pem", "sha1_fingerprint"].contains(&k.as_str()));
    }
    expect![[r#"
        [
          {
            "is_ca": false,
            "issuer": "CN=Root & Söhne,STREET=A 1+STREET=B 2,O=Contoso,C=DE",
            "max_path_length": -1,
            "not_after": "2026-03-02T12:00:00Z",
            "not_before": "2026-03-01T12:00:00Z",
            "public_key_algorithm": "Ed25519",
            "serial_number": "233679918071146312974785030899244103790",
            "signature_algorithm": "ECDSA-SHA256",
            "subject": "CN=www.contoso.com",
            "version": 3
          },
          {
            "is_ca": true,
            "issuer": "CN=Root & Söhne,STREET=A 1+STREET=B 2,O=Contoso,C=DE",
            "max_path_length": -1,
            "not_after": "2026-03-03T12:00:00Z",
            "not_before": "2026-03-01T12:00:00Z",
            "public_key_algorithm": "ECDSA",
            "serial_number": "233679918071146312974785030899244103790",
            "signature_algorithm": "ECDSA-SHA256",
            "subject": "CN=Root & Söhne,STREET=A 1+STREET=B 2,O=Contoso,C=DE",
            "version": 3
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&shown["certificates"]).unwrap());
    assert_eq!((text(&leaf, "validity_start_time"), text(&leaf, "validity_end_time")), ("2026-03-01T12:00:00Z".into(), "2026-03-02T12:00:00Z".into()));
}

#[test]
fn a_certificate_is_renewed_in_time() {
    let root_key = key("ED25519", "");
    let root = authority(&root_key);
    let at = |now: &str, early: i64| {
        let mut prior = root.entries().unwrap().clone();
        prior.insert("early_renewal_hours".into(), Value::number(early));
        let prior = Value::object(prior);
        builtin::planned("tls_self_signed_cert", &prior, Some(&prior), prior.clone(), now).replace.len()
    };
    assert_eq!((at("2026-03-03T11:59:59Z", 0), at("2026-03-03T12:00:00Z", 0)), (0, 1));
    assert_eq!((at("2026-03-02T11:59:59Z", 24), at("2026-03-02T12:00:00Z", 24)), (0, 1));
    let outside = still();
    *outside.now.borrow_mut() = time::macros::datetime!(2027-01-01 0:00 UTC);
    let read = futures::executor::block_on(builtin::read("tls_self_signed_cert", &root, &outside)).unwrap().unwrap();
    assert_eq!(read.get("ready_for_renewal").and_then(Value::as_bool), Some(true));
}

#[test]
fn mistakes_are_told_with_their_attribute() {
    let root_key = key("ED25519", "");
    let root = authority(&root_key);
    let other = key("ECDSA", "P256");
    expect![[r#"
        Failed to create certificate: The key in ca_private_key_pem is not the one that ca_cert_pem was made for, so that nobody could verify the certificate.
    "#]]
    .assert_eq(&told(signed(&root, &other, &request(&root_key))));
    expect![[r#"
        Failed to parse private key PEM: The attribute private_key_pem: there is no PEM block in the text ("-----BEGIN …-----").
    "#]]
    .assert_eq(&told(create("tls_cert_request", json!({ "private_key_pem": "no key" }), &still())));
    expect![[r#"
        Failed to parse private key PEM: The attribute private_key_pem: unsupported PEM preamble/type: CERTIFICATE.
    "#]]
    .assert_eq(&told(create("tls_cert_request", json!({ "private_key_pem": text(&root, "cert_pem") }), &still())));
    let no_subject =
        json!({ "private_key_pem": text(&root_key, "private_key_pem"), "validity_period_hours": 1, "is_ca_certificate": true, "allowed_uses": [] });
    expect![[r#"
        Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA).
    "#]]
    .assert_eq(&told(create("tls_self_signed_cert", no_subject, &still())));
    let bad_address = json!({ "private_key_pem": text(&root_key, "private_key_pem"), "ip_addresses": ["10.0.0"] });
    expect![[r#"
        Failed to create certificate request: "10.0.0" is not an IP address.
    "#]]
    .assert_eq(&told(create("tls_cert_request", bad_address, &still())));
    let found = builtin::validate("tls_self_signed_cert", &value(json!({ "allowed_uses": ["server_aut"] })));
    expect![[r#"
        Attribute allowed_uses value must be one of: any_extended, cert_signing, client_auth, code_signing, content_commitment, crl_signing, data_encipherment, decipher_only, digital_signature, email_protection, encipher_only, ipsec_end_system, ipsec_tunnel, ipsec_user, key_agreement, key_encipherment, microsoft_commercial_code_signing, microsoft_kernel_code_signing, microsoft_server_gated_crypto, netscape_server_gated_crypto, ocsp_signing, server_auth, timestamping, got: "server_aut".: Some("Did you mean \"server_auth\"?")
    "#]].assert_eq(&found.into_iter().map(|d| format!("{}: {:?}\n", d.detail, d.hint)).collect::<String>());
    expect![[r#"
        Certificates of servers cannot be read: Only the attribute content is supported here; fetch the chain beforehand and give its PEM text.
        openssl s_client -showcerts -connect HOST:443 prints it.
    "#]]
    .assert_eq(&told(data("tls_certificate", json!({ "url": "https://example.com", "content": null }), &still())));
}
