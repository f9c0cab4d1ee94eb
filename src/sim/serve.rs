//! The HTTPS front (edge): the same answers over the network, so that az, the Azure SDKs and Terraform can talk to it.
//!
//! It makes its own certificate authority on first use. Clients must trust `ca.pem`; nothing else is set up.
#![allow(clippy::disallowed_methods)]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{
    http::{Request, Response, parse_query},
    simulator::{SimError, Simulator, read_body},
};

type Source = Box<dyn std::error::Error + Send + Sync>;

fn failed(what: impl Into<String>, source: impl Into<Source>) -> SimError {
    SimError::Serve { what: what.into(), source: source.into() }
}

/// Serves until the future is dropped. `ready` is called once with the address it listens on (the port is chosen when it is 0)
/// and the path of the authority's certificate that clients must trust.
///
/// Errors: the address is taken, or the certificates under `tls_dir` cannot be made or read.
pub async fn serve(sim: Simulator, addr: SocketAddr, tls_dir: &Path, ready: impl FnOnce(SocketAddr, &Path)) -> Result<(), SimError> {
    let acceptor = TlsAcceptor::from(Arc::new(tls(tls_dir)?));
    let listener = TcpListener::bind(addr).await.map_err(|e| failed(format!("listen on {addr}"), e))?;
    let bound = listener.local_addr().map_err(|e| failed("learn the address listened on", e))?;
    ready(bound, &tls_dir.join("ca.pem"));
    loop {
        // A connection that cannot be accepted is the client's loss; the server goes on.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (acceptor, sim) = (acceptor.clone(), sim.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(move |request| {
                let sim = sim.clone();
                async move { Ok::<_, Infallible>(answer(&sim, request).await) }
            });
            // A connection that breaks off says nothing about the next one.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(sim: &Simulator, request: hyper::Request<hyper::body::Incoming>) -> hyper::Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &parts.headers {
        headers.insert(name.as_str().to_ascii_lowercase(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    if let Some(host) = parts.uri.authority() {
        headers.insert("host".to_owned(), host.to_string());
    }
    let form = headers.get("content-type").is_some_and(|c| c.contains("form-urlencoded"));
    let plain = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parse_query(parts.uri.query().unwrap_or("")),
        headers,
        body: read_body(&bytes, form),
    };
    let response = sim.answer(&plain).unwrap_or_else(|e| {
        let body = serde_json::json!({ "error": { "code": "InternalServerError", "message": e.to_string() } });
        Response::json(500, body)
    });
    wire(response)
}

fn wire(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let body = response.body.map(|b| b.to_string()).unwrap_or_default();
    builder.body(Full::new(Bytes::from(body))).unwrap_or_else(|_| {
        let mut broken = hyper::Response::new(Full::new(Bytes::new()));
        *broken.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

/// The server's certificate and key: those in the folder, or new ones from a new authority.
fn tls(folder: &Path) -> Result<ServerConfig, SimError> {
    let (chain, key) = (folder.join("server.pem"), folder.join("server.key"));
    if !(chain.exists() && key.exists() && folder.join("ca.pem").exists()) {
        make(folder)?;
    }
    let certificates: Vec<CertificateDer> =
        CertificateDer::pem_file_iter(&chain).and_then(Iterator::collect).map_err(|e| failed(format!("read the certificate {}", chain.display()), e))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|e| failed(format!("read the key {}", key.display()), e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|e| failed("set up TLS", e))?;
    let mut config = builder.with_no_client_auth().with_single_cert(certificates, private).map_err(|e| failed("set up TLS", e))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Makes an authority and a certificate for this machine's own names.
fn make(folder: &Path) -> Result<(), SimError> {
    fs::create_dir_all(folder).map_err(|e| failed(format!("make the folder {}", folder.display()), e))?;
    let wrong = |e: rcgen::Error| failed("make a certificate", e);
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Ravelin simulator authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (authority.not_before, authority.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2044, 1, 1));
    let authority_key = KeyPair::generate().map_err(wrong)?;
    let authority_certificate = authority.self_signed(&authority_key).map_err(wrong)?;
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let mut server = CertificateParams::new(names).map_err(wrong)?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (server.not_before, server.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2044, 1, 1));
    let server_key = KeyPair::generate().map_err(wrong)?;
    let issuer = Issuer::new(authority, authority_key);
    let server_certificate = server.signed_by(&server_key, &issuer).map_err(wrong)?;
    write(&folder.join("server.key"), &server_key.serialize_pem())?;
    write(&folder.join("server.pem"), &server_certificate.pem())?;
    write(&folder.join("ca.pem"), &authority_certificate.pem())
}

fn write(path: &PathBuf, text: &str) -> Result<(), SimError> {
    fs::write(path, text).map_err(|source| SimError::Write { path: path.clone(), source })
}
