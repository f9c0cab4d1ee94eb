//! Edge: what built-in providers touch, as a command gives it to them: its clock and randomness, files below its folder,
//! programs that the user allowed, and the network.

#![allow(clippy::disallowed_methods)]

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;

use super::{ui::Ui, world::rfc3339};
use crate::{
    azure,
    base::{Type, Value},
    builtin::{Command, HttpAnswer, HttpRequest, Outside, Ran},
};

/// The world outside of one command.
pub struct Around<'a, 'w> {
    pub ui: &'a Ui<'w>,
    /// The blueprint's folder: relative paths start there.
    pub dir: &'a Path,
    /// Whether Azure is the simulator.
    pub sim: bool,
}

impl Around<'_, '_> {
    fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }
}

#[async_trait(?Send)]
impl Outside for Around<'_, '_> {
    fn now(&self) -> String {
        rfc3339(self.ui.now_ms())
    }

    fn random(&self, bytes: &mut [u8]) {
        (self.ui.world.random.borrow_mut())(bytes);
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match fs::read(self.path(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }

    fn write_file(&self, path: &str, content: &[u8], file_mode: u32, folder_mode: u32) -> Result<(), String> {
        let path = self.path(path);
        if let Some(folder) = path.parent() {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, folder_mode);
            builder.create(folder).map_err(|e| e.to_string())?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, file_mode);
        #[cfg(not(unix))]
        let _ = (file_mode, folder_mode);
        options.open(&path).and_then(|mut file| file.write_all(content)).map_err(|e| e.to_string())
    }

    fn remove_file(&self, path: &str) -> Result<(), String> {
        super::disk::remove(&self.path(path)).map(drop).map_err(|e| e.to_string())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn run(&self, command: &Command) -> Result<Ran, String> {
        if !self.ui.allow_external {
            return Err("programs of a configuration are not allowed to run".into());
        }
        let (program, arguments) = command.program.split_first().ok_or("there is no program to run")?;
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .current_dir(command.dir.as_ref().map_or_else(|| self.dir.to_owned(), |d| self.path(d)))
            .envs(command.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| e.to_string())?;
        let stdin = child.stdin.take();
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read its query is no failure.
                let _ = stdin.write_all(&command.stdin).await;
            }
        };
        let ((), output) = futures::join!(feed, child.wait_with_output());
        let output = output.map_err(|e| e.to_string())?;
        Ok(Ran { code: output.status.code().unwrap_or(-1), stdout: output.stdout, stderr: output.stderr })
    }

    async fn http(&self, request: &HttpRequest) -> Result<HttpAnswer, String> {
        // The command's clock may be virtual, and would let every timeout pass at once: the request has a clock of its own.
        let request = request.clone();
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let answer = match runtime {
                Ok(runtime) => runtime.block_on(send(&request)),
                Err(e) => Err(e.to_string()),
            };
            let _ = tell.send(answer);
        });
        told.await.map_err(|_| "the request was given up".to_owned())?
    }

    async fn blob(&self, account: &str, container: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        if self.sim {
            return Err("the simulator holds no blobs; with --sim, read the state from a file (backend = \"local\")".into());
        }
        let env = |name: &str| self.ui.world.var(name);
        let settings = azure::settings(&Value::null(Type::Any), &env);
        let http = azure::http().map_err(|e| e.to_string())?;
        let signature = env("ARM_SAS_TOKEN");
        azure::read_blob(&settings, http, account, container, key, signature.as_deref()).await.map_err(|e| e.to_string())
    }
}

/// One request, with redirects followed and without retries: those are the caller's.
async fn send(request: &HttpRequest) -> Result<HttpAnswer, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(30)).danger_accept_invalid_certs(request.insecure);
    if let Some(timeout) = request.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(pem) = &request.ca_pem {
        for certificate in reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(|e| causes(&e))? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    let client = builder.build().map_err(|e| causes(&e))?;
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|e| e.to_string())?;
    let mut asked = client.request(method, &request.url);
    for (name, value) in &request.headers {
        asked = asked.header(name, value);
    }
    if let Some(body) = &request.body {
        asked = asked.body(body.clone());
    }
    let answer = asked.send().await.map_err(|e| causes(&e))?;
    let status = answer.status().as_u16();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    let body = answer.bytes().await.map_err(|e| causes(&e))?.to_vec();
    Ok(HttpAnswer { status, headers, body })
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}
