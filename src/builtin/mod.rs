//! What the small providers do that real configurations lean on (`random`, `time`, `tls`, `local`, `null`, …), without plugins.
//!
//! Their types are declared in `schemas/` like all others, with the home `local`: there is no ARM object. What they compute
//! is here, one file per provider. Whatever comes from outside (clock, randomness, files, processes, network) comes through
//! [`Outside`], so that every function is as repeatable as what it is given.

mod null;
mod terraform_data;

use async_trait::async_trait;

use crate::base::{Diagnostic, Path, Value};

/// The world outside, as far as built-in providers touch it.
#[async_trait(?Send)]
pub trait Outside {
    /// Now, RFC 3339 in UTC.
    fn now(&self) -> String;
    /// Fills the buffer with random bytes fit for keys.
    fn random(&self, bytes: &mut [u8]);
    /// # Errors
    /// In words, when the file cannot be read; `Ok(None)` when it is not there.
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String>;
    /// Writes a file, and the folders above it; modes are Unix permissions.
    ///
    /// # Errors
    /// In words.
    fn write_file(&self, path: &str, content: &[u8], file_mode: u32, folder_mode: u32) -> Result<(), String>;
    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// In words.
    fn remove_file(&self, path: &str) -> Result<(), String>;
    async fn sleep(&self, duration: std::time::Duration);
    /// Runs a program of the user's.
    ///
    /// # Errors
    /// In words, when it is not allowed or cannot be started.
    async fn run(&self, command: &Command) -> Result<Ran, String>;
    /// # Errors
    /// In words, when there is no answer.
    async fn http(&self, request: &HttpRequest) -> Result<HttpAnswer, String>;
    /// The content of a blob, by the name of its account, container and key.
    ///
    /// # Errors
    /// In words; `Ok(None)` when it is not there.
    async fn blob(&self, account: &str, container: &str, key: &str) -> Result<Option<Vec<u8>>, String>;
}

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    pub program: Vec<String>,
    pub stdin: Vec<u8>,
    pub dir: Option<String>,
    pub env: Vec<(String, String)>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ran {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub timeout: Option<std::time::Duration>,
    pub ca_pem: Option<String>,
    pub insecure: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A problem of a built-in provider, ready to be told.
pub type Outcome<T> = Result<T, Diagnostic>;

/// What a type makes of the value that its schema alone would plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub value: Value,
    /// What forces a replacement beside the schema's own rules, each with its reason in words.
    pub replace: Vec<(Path, String)>,
}

/// The planned value of a managed type. `planned` is what the schema makes of `config` and `prior` (none on create);
/// `now` is RFC 3339.
pub fn planned(kind: &str, config: &Value, prior: Option<&Value>, planned: Value, now: &str) -> Planned {
    let _ = now;
    match kind {
        "terraform_data" => terraform_data::planned(config, prior, planned),
        _ => Planned { value: planned, replace: Vec::new() },
    }
}

/// # Errors
/// When the provider cannot make it.
pub async fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match kind {
        "terraform_data" => Ok(terraform_data::applied(planned, outside)),
        "null_resource" => Ok(null::create(planned, outside)),
        _ => Err(unknown(kind)),
    }
}

/// # Errors
/// When the provider cannot change it.
pub async fn update(kind: &str, prior: &Value, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let _ = prior;
    match kind {
        "terraform_data" => Ok(terraform_data::applied(planned, outside)),
        _ => Ok(planned.clone()),
    }
}

/// # Errors
/// When the provider cannot remove it.
pub async fn delete(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<()> {
    let _ = (kind, prior, outside);
    Ok(())
}

/// What has become of a recorded object; `None` when it is not there any more.
///
/// # Errors
/// When it cannot be looked at.
pub async fn read(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<Option<Value>> {
    let _ = (kind, outside);
    Ok(Some(prior.clone()))
}

/// # Errors
/// When the data source has no answer.
pub async fn data(kind: &str, config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let _ = (config, outside);
    Err(unknown(kind))
}

/// Opens an ephemeral resource.
///
/// # Errors
/// When it cannot be opened.
pub async fn open(kind: &str, config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let _ = (config, outside);
    Err(unknown(kind))
}

/// The object that an import id stands for.
///
/// # Errors
/// When the type cannot be imported, or not from this id.
pub fn import(kind: &str, id: &str) -> Outcome<Value> {
    let _ = id;
    Err(unknown(kind))
}

fn unknown(kind: &str) -> Diagnostic {
    Diagnostic::error("builtin", "Operation not supported", format!("The type {kind} has no such operation."))
}

/// A random UUID, version 4.
pub fn uuid(outside: &dyn Outside) -> String {
    let mut bytes = [0; 16];
    outside.random(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
