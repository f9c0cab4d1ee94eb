//! `rsadecrypt`: RSA decryption with PKCS #1 v1.5 padding, on big integers. It opens what a cloud encrypted for the user
//! (first passwords), on the user's own machine, so it takes no care to run in constant time.

use base64::{Engine, engine::general_purpose::STANDARD};
use bigdecimal::num_bigint::BigUint;

use super::{Cx, Function, Outcome, Res, T, arg, f, p};
use crate::base::Value;

pub(super) const FUNCTIONS: &[Function] = &[f("rsadecrypt", &[p("ciphertext", T::Str), p("privatekey", T::Str)], Res::Is(T::Str), rsadecrypt)];

/// Modulus and private exponent.
struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
}

fn rsadecrypt(c: &Cx) -> Outcome {
    let Ok(cipher) = STANDARD.decode(c.str(0).trim()) else {
        return arg(0, format!("failed to decode input {:?}: cipher text must be base64-encoded", c.str(0)));
    };
    let Some(key) = private_key(c.str(1)) else { return arg(1, "invalid private key: ssh: no key found") };
    let Some(plain) = decrypt(&cipher, &key) else { return Err("failed to decrypt: the key does not fit the cipher text".into()) };
    match String::from_utf8(plain) {
        Ok(text) => Ok(Value::string(text)),
        Err(_) => Err("the decrypted text is not valid UTF-8".into()),
    }
}

fn decrypt(cipher: &[u8], key: &PrivateKey) -> Option<Vec<u8>> {
    let size = usize::try_from(key.modulus.bits().div_ceil(8)).ok()?;
    let number = BigUint::from_bytes_be(cipher);
    if number >= key.modulus || cipher.len() > size {
        return None;
    }
    let opened = number.modpow(&key.exponent, &key.modulus).to_bytes_be();
    // The block is 00 02, at least eight bytes that are not zero, 00, and the text; leading zeros are not in the number.
    let block = opened.strip_prefix(&[2])?;
    if opened.len() + 1 != size {
        return None;
    }
    let end = block.iter().position(|b| *b == 0).filter(|i| *i >= 8)?;
    block.get(end + 1..).map(<[u8]>::to_vec)
}

/// The key in a PEM text, as PKCS #1 or PKCS #8 write it.
fn private_key(pem: &str) -> Option<PrivateKey> {
    let (kind, rest) = pem.split_once("-----BEGIN ")?.1.split_once("-----")?;
    let body: String = rest.split_once("-----END")?.0.split_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    match kind {
        "RSA PRIVATE KEY" => pkcs1(&der),
        "PRIVATE KEY" => {
            let (_, inner) = element(&der, 0x30)?;
            let (rest, _) = element(inner, 0x02)?;
            let (rest, _) = element(rest, 0x30)?;
            let (_, key) = element(rest, 0x04)?;
            pkcs1(key)
        }
        _ => None,
    }
}

fn pkcs1(der: &[u8]) -> Option<PrivateKey> {
    let (_, inner) = element(der, 0x30)?;
    let (rest, _version) = element(inner, 0x02)?;
    let (rest, modulus) = element(rest, 0x02)?;
    let (rest, _public) = element(rest, 0x02)?;
    let (_, exponent) = element(rest, 0x02)?;
    let modulus = BigUint::from_bytes_be(modulus);
    (modulus.bits() > 16).then(|| PrivateKey { modulus, exponent: BigUint::from_bytes_be(exponent) })
}

/// One DER element of the given tag: what follows it, and what is in it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (short, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*short) {
        n if n < 0x80 => (n, rest),
        n => {
            let count = n - 0x80;
            let bytes = rest.get(..count).filter(|_| count <= 4)?;
            (bytes.iter().fold(0usize, |l, b| (l << 8) | usize::from(*b)), rest.get(count..)?)
        }
    };
    (*first == tag).then_some(())?;
    Some((rest.get(length..)?, rest.get(..length)?))
}
