//! Private keys: RSA, ECDSA over the NIST curves, and Ed25519, made, read, written and used for signatures.

use rand_core::{CryptoRng, RngCore};
use rsa::{
    RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey},
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding, PrivateKeyInfo, SecretDocument},
};
use sec1::{EcParameters, EcPrivateKey, der::Encode, der::pem::PemLabel};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::{
    der::{
        Decode,
        asn1::{Any, AnyRef, BitString, ObjectIdentifier},
    },
    spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoOwned},
};

use crate::builtin::Outside;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The outside's randomness as the cryptographic crates want it.
struct Drawn<'a>(&'a dyn Outside);

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.random(&mut bytes);
        u32::from_le_bytes(bytes)
    }
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.random(&mut bytes);
        u64::from_le_bytes(bytes)
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.random(dest);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.random(dest);
        Ok(())
    }
}
impl CryptoRng for Drawn<'_> {}

/// A curve for ECDSA, by the names of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    P224,
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [(Curve, &'static str, ObjectIdentifier); 4] = [
        (Curve::P224, "P224", ObjectIdentifier::new_unwrap("1.3.132.0.33")),
        (Curve::P256, "P256", ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7")),
        (Curve::P384, "P384", ObjectIdentifier::new_unwrap("1.3.132.0.34")),
        (Curve::P521, "P521", ObjectIdentifier::new_unwrap("1.3.132.0.35")),
    ];

    pub fn named(name: &str) -> Option<Curve> {
        Curve::ALL.iter().find(|(_, n, _)| *n == name).map(|(curve, ..)| *curve)
    }

    fn of(oid: ObjectIdentifier) -> Option<Curve> {
        Curve::ALL.iter().find(|(.., o)| *o == oid).map(|(curve, ..)| *curve)
    }

    fn oid(self) -> ObjectIdentifier {
        Curve::ALL.iter().find(|(curve, ..)| *curve == self).map_or(EC_PUBLIC_KEY, |(.., oid)| *oid)
    }
}

/// A key on a curve: the scalar and the uncompressed point, as SEC 1 writes them.
pub struct Ec {
    pub curve: Curve,
    secret: Vec<u8>,
    public: Vec<u8>,
}

pub enum Key {
    Rsa(Box<RsaPrivateKey>),
    Ec(Ec),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// Runs an expression with `$lib` standing for the crate of a curve.
macro_rules! on_curve {
    ($curve:expr, $lib:ident => $do:expr) => {
        match $curve {
            Curve::P224 => {
                use p224 as $lib;
                $do
            }
            Curve::P256 => {
                use p256 as $lib;
                $do
            }
            Curve::P384 => {
                use p384 as $lib;
                $do
            }
            Curve::P521 => {
                use p521 as $lib;
                $do
            }
        }
    };
}

fn told(error: impl ToString) -> String {
    error.to_string()
}

impl Ec {
    fn new(curve: Curve, secret: &[u8]) -> Result<Ec, String> {
        use p256::elliptic_curve::sec1::ToEncodedPoint;
        let (secret, public) = on_curve!(curve, lib => {
            let key = lib::SecretKey::from_slice(secret).map_err(|_| "the number is not a key of its curve".to_owned())?;
            (key.to_bytes().to_vec(), key.public_key().to_encoded_point(false).as_bytes().to_vec())
        });
        Ok(Ec { curve, secret, public })
    }

    /// The key as SEC 1 has it; on its own it names its curve, in a PKCS #8 envelope the envelope does.
    fn sec1(&self, alone: bool) -> Result<SecretDocument, String> {
        let parameters = alone.then(|| EcParameters::NamedCurve(self.curve.oid()));
        let key = EcPrivateKey { private_key: &self.secret, parameters, public_key: Some(&self.public) };
        SecretDocument::encode_msg(&key).map_err(told)
    }
}

impl Key {
    /// A new RSA key. Azure and browsers want at least 2048 bits; fewer than 512 are no key.
    ///
    /// # Errors
    /// When the size is not one that can be made.
    pub fn rsa(bits: i64, outside: &dyn Outside) -> Result<Key, String> {
        let bits = usize::try_from(bits).ok().filter(|b| (512..=16384).contains(b)).ok_or("an RSA key has from 512 to 16384 bits")?;
        RsaPrivateKey::new(&mut Drawn(outside), bits).map(|key| Key::Rsa(Box::new(key))).map_err(told)
    }

    /// A new key on a curve.
    ///
    /// # Errors
    /// Never with a working generator.
    pub fn ec(curve: Curve, outside: &dyn Outside) -> Result<Key, String> {
        let secret = on_curve!(curve, lib => lib::SecretKey::random(&mut Drawn(outside)).to_bytes().to_vec());
        Ec::new(curve, &secret).map(Key::Ec)
    }

    pub fn ed25519(outside: &dyn Outside) -> Key {
        Key::Ed25519(Box::new(ed25519_dalek::SigningKey::generate(&mut Drawn(outside))))
    }

    /// Reads a key in PEM: PKCS #1, SEC 1 or PKCS #8.
    ///
    /// # Errors
    /// Says what is not understood.
    pub fn from_pem(text: &str) -> Result<Key, String> {
        let (label, document) = SecretDocument::from_pem(super::pem::first(text)?).map_err(|e| format!("the PEM text cannot be read: {e}"))?;
        let der = document.as_bytes();
        match label {
            "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_der(der).map(|key| Key::Rsa(Box::new(key))).map_err(told),
            "EC PRIVATE KEY" => {
                let key = EcPrivateKey::from_der(der).map_err(told)?;
                let curve = key.parameters.and_then(EcParameters::named_curve).and_then(Curve::of).ok_or("the curve of the key is not supported")?;
                Ec::new(curve, key.private_key).map(Key::Ec)
            }
            "PRIVATE KEY" => Key::from_pkcs8(der),
            other => Err(format!("unsupported PEM preamble/type: {other}")),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Key, String> {
        let info = PrivateKeyInfo::try_from(der).map_err(told)?;
        match info.algorithm.oid {
            RSA_ENCRYPTION => RsaPrivateKey::from_pkcs8_der(der).map(|key| Key::Rsa(Box::new(key))).map_err(told),
            ED25519 => {
                let bytes = ed25519_dalek::pkcs8::KeypairBytes::from_pkcs8_der(der).map_err(told)?;
                Ok(Key::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&bytes.secret_key))))
            }
            EC_PUBLIC_KEY => {
                let curve = info.algorithm.parameters_oid().ok().and_then(Curve::of).ok_or("the curve of the key is not supported")?;
                let key = EcPrivateKey::from_der(info.private_key).map_err(told)?;
                Ec::new(curve, key.private_key).map(Key::Ec)
            }
            other => Err(format!("the algorithm {other} is not supported")),
        }
    }

    /// Reads a key as OpenSSH keeps it.
    ///
    /// # Errors
    /// Says what is not understood; keys with a passphrase cannot be read.
    pub fn from_openssh(text: &str) -> Result<Key, String> {
        use ssh_key::private::{EcdsaKeypair, KeypairData};
        if !text.contains("OPENSSH PRIVATE KEY") {
            return Key::from_pem(text);
        }
        let key = ssh_key::PrivateKey::from_openssh(text.trim()).map_err(told)?;
        if key.is_encrypted() {
            return Err("the key is protected by a passphrase".into());
        }
        match key.key_data() {
            KeypairData::Rsa(pair) => {
                // By its numbers: the crates' own conversion takes no keys below 2048 bits, which are weak but can be read.
                let number = |n: &ssh_key::Mpint| n.as_positive_bytes().map(rsa::BigUint::from_bytes_be).ok_or("a number of the key is negative");
                let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
                let key = RsaPrivateKey::from_components(number(&pair.public.n)?, number(&pair.public.e)?, number(&pair.private.d)?, primes);
                key.map(|key| Key::Rsa(Box::new(key))).map_err(told)
            }
            KeypairData::Ed25519(pair) => Ok(Key::Ed25519(Box::new(ed25519_dalek::SigningKey::try_from(pair).map_err(told)?))),
            KeypairData::Ecdsa(pair) => {
                let curve = match pair {
                    EcdsaKeypair::NistP256 { .. } => Curve::P256,
                    EcdsaKeypair::NistP384 { .. } => Curve::P384,
                    EcdsaKeypair::NistP521 { .. } => Curve::P521,
                };
                Ec::new(curve, pair.private_key_bytes()).map(Key::Ec)
            }
            _ => Err("the algorithm of the key is not supported".into()),
        }
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "RSA",
            Key::Ec(_) => "ECDSA",
            Key::Ed25519(_) => "ED25519",
        }
    }

    /// The key in the form that its algorithm is best known by: PKCS #1, SEC 1, and PKCS #8 for Ed25519.
    ///
    /// # Errors
    /// When the encoding fails.
    pub fn pem(&self) -> Result<String, String> {
        match self {
            Key::Rsa(key) => key.to_pkcs1_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(told),
            Key::Ec(key) => key.sec1(true)?.to_pem(EcPrivateKey::PEM_LABEL, LineEnding::LF).map(|pem| pem.to_string()).map_err(told),
            Key::Ed25519(_) => self.pkcs8_pem(),
        }
    }

    /// # Errors
    /// When the encoding fails.
    pub fn pkcs8_pem(&self) -> Result<String, String> {
        let document = match self {
            Key::Rsa(key) => key.to_pkcs8_der().map_err(told)?,
            Key::Ec(key) => {
                let inner = key.sec1(false)?;
                let curve = key.curve.oid();
                let algorithm = AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some((&curve).into()) };
                SecretDocument::encode_msg(&PrivateKeyInfo::new(algorithm, inner.as_bytes())).map_err(told)?
            }
            // The first version of the format, without the public key: others do not read the second.
            Key::Ed25519(key) => ed25519_dalek::pkcs8::KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_der().map_err(told)?,
        };
        document.to_pem(PrivateKeyInfo::PEM_LABEL, LineEnding::LF).map(|pem| pem.to_string()).map_err(told)
    }

    /// The key for OpenSSH, which has none on P-224.
    ///
    /// # Errors
    /// When the encoding fails.
    pub fn ssh(&self) -> Result<Option<ssh_key::PrivateKey>, String> {
        use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
        macro_rules! pair {
            ($variant:ident, $lib:ident, $key:expr) => {{
                let secret = $lib::SecretKey::from_slice(&$key.secret).map_err(told)?;
                KeypairData::Ecdsa(EcdsaKeypair::$variant { public: secret.public_key().into(), private: secret.into() })
            }};
        }
        let data = match self {
            Key::Rsa(key) => KeypairData::Rsa(RsaKeypair::try_from(&**key).map_err(told)?),
            Key::Ec(key) => match key.curve {
                Curve::P224 => return Ok(None),
                Curve::P256 => pair!(NistP256, p256, key),
                Curve::P384 => pair!(NistP384, p384, key),
                Curve::P521 => pair!(NistP521, p521, key),
            },
            Key::Ed25519(key) => KeypairData::Ed25519(Ed25519Keypair::from(&**key)),
        };
        ssh_key::PrivateKey::new(data, "").map(Some).map_err(told)
    }

    /// The public key as certificates carry it.
    ///
    /// # Errors
    /// When the encoding fails.
    pub fn public(&self) -> Result<SubjectPublicKeyInfoOwned, String> {
        let (oid, parameters, bytes) = match self {
            Key::Rsa(key) => {
                let bytes = key.to_public_key().to_pkcs1_der().map_err(told)?.as_bytes().to_vec();
                (RSA_ENCRYPTION, Some(Any::from(AnyRef::NULL)), bytes)
            }
            Key::Ec(key) => (EC_PUBLIC_KEY, Some(Any::encode_from(&key.curve.oid()).map_err(told)?), key.public.clone()),
            Key::Ed25519(key) => (ED25519, None, key.verifying_key().to_bytes().to_vec()),
        };
        let subject_public_key = BitString::from_bytes(&bytes).map_err(told)?;
        Ok(SubjectPublicKeyInfoOwned { algorithm: AlgorithmIdentifierOwned { oid, parameters }, subject_public_key })
    }

    /// How signatures of this key are made: the hash goes by the strength of the key.
    pub fn signature_algorithm(&self) -> AlgorithmIdentifierOwned {
        let ecdsa = |oid| AlgorithmIdentifierOwned { oid, parameters: None };
        match self {
            Key::Rsa(_) => AlgorithmIdentifierOwned { oid: SHA256_WITH_RSA, parameters: Some(Any::from(AnyRef::NULL)) },
            Key::Ec(key) => match key.curve {
                Curve::P224 | Curve::P256 => ecdsa(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2")),
                Curve::P384 => ecdsa(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3")),
                Curve::P521 => ecdsa(ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4")),
            },
            Key::Ed25519(_) => ecdsa(ED25519),
        }
    }

    /// Signs a message.
    ///
    /// # Errors
    /// When an RSA key is too small for the hash.
    pub fn sign(&self, message: &[u8], outside: &dyn Outside) -> Result<BitString, String> {
        let bytes = match self {
            Key::Rsa(key) => key.sign_with_rng(&mut Drawn(outside), rsa::Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).map_err(told)?,
            Key::Ec(key) => {
                let digest = match key.curve {
                    Curve::P224 | Curve::P256 => Sha256::digest(message).to_vec(),
                    Curve::P384 => Sha384::digest(message).to_vec(),
                    Curve::P521 => Sha512::digest(message).to_vec(),
                };
                on_curve!(key.curve, lib => {
                    use lib::ecdsa::signature::hazmat::PrehashSigner;
                    let signer = lib::ecdsa::SigningKey::from_slice(&key.secret).map_err(told)?;
                    let signature: lib::ecdsa::Signature = signer.sign_prehash(&digest).map_err(told)?;
                    signature.to_der().as_bytes().to_vec()
                })
            }
            Key::Ed25519(key) => {
                use ed25519_dalek::Signer;
                key.sign(message).to_bytes().to_vec()
            }
        };
        BitString::from_bytes(&bytes).map_err(told)
    }
}

/// The bytes of something in DER.
///
/// # Errors
/// When the encoding fails.
pub fn der_of(thing: &impl Encode) -> Result<Vec<u8>, String> {
    thing.to_der().map_err(told)
}
