//! The real transport: TLS to a server whose certificate comes from a certificate authority of our own.

use std::{net::SocketAddr, process::Command, sync::Arc};

use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use ravelin::azure::{Settings, find_cloud, http};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Names the server in the child process; without it the child's half of the test does nothing.
const SERVER: &str = "RAVELIN_TEST_TLS_SERVER";

const METADATA: &str =
    r#"{"name":"Local","resourceManager":"https://arm.local/","authentication":{"loginEndpoint":"https://login.local","audiences":["https://arm.local"]}}"#;

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust us hangs up here.
            let Ok(tls) = acceptor.accept(stream).await else { return };
            let answer = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(METADATA)))) });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(tls), answer).await;
        });
    }
}

/// Root certificates are read from the environment, which is one for the whole process: the client runs in a child.
async fn child(server: SocketAddr, cert_file: &std::path::Path) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["azure::transport::client_half", "--exact", "--nocapture"]);
    command.env(SERVER, format!("localhost:{}", server.port())).env("SSL_CERT_FILE", cert_file);
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn ssl_cert_file_decides_whom_we_trust() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trusted = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(trusted.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![trusted.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, trusted.cert.pem()).unwrap();
    let said = child(address, &file).await;
    assert!(said.contains("found Local"), "{said}");

    std::fs::write(&file, other.cert.pem()).unwrap();
    let said = child(address, &file).await;
    assert!(said.contains("refused: ") && said.to_lowercase().contains("certificate"), "{said}");
    server.abort();
}

/// Runs in the child process only.
#[test]
fn client_half() {
    let Ok(host) = std::env::var(SERVER) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let settings = Settings { metadata_host: Some(host), ..Settings::default() };
        let found = tokio::time::timeout(std::time::Duration::from_secs(60), find_cloud(&settings, http().unwrap())).await;
        match found {
            Ok(Ok(cloud)) => println!("found {}", cloud.name),
            Ok(Err(error)) => println!("refused: {error}"),
            Err(_) => println!("no answer"),
        }
    });
}
