//! What the small providers do that real configurations lean on (`random`, `time`, `tls`, `local`, `null`, …), without plugins.
//!
//! Their types are declared in `schemas/` like all others, with the home `local`: there is no ARM object. What they compute
//! is here, one file per provider. Whatever comes from outside (clock, randomness, files, processes, network) comes through
//! [`Outside`], so that every function is as repeatable as what it is given.

mod clock;
mod cloudinit;
mod duration;
mod external;
mod fields;
mod http;
mod local;
mod null;
mod random;
mod remote_state;
mod template;
mod terraform_data;
mod tls;

use async_trait::async_trait;

use crate::base::{Address, Diagnostic, Path, Value};

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
    /// What stands in for an object that a test makes up: the planned value with all filled in.
    fn stand_in(&self, _address: &Address, planned: &Value) -> Value {
        planned.clone()
    }
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

/// What a provider makes of a planned value.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The value with what the provider can say before anything is done, and unknown where it will compute anew.
    pub value: Value,
    /// Attributes whose change replaces the resource, with the reason in words.
    pub replace: Vec<(Path, String)>,
}

/// What a provider finds wrong with a configuration beyond what its shape says (sums, combinations, forms). Values that are not known
/// yet are not judged.
pub fn validate(kind: &str, config: &Value) -> Vec<Diagnostic> {
    match provider(kind) {
        "random" => random::validate(kind, config),
        "time" => clock::validate(kind, config),
        "tls" => tls::validate(kind, config),
        "local" => local::validate(kind, config),
        "cloudinit" => cloudinit::validate(config),
        "template" if kind == "template_cloudinit_config" => cloudinit::validate(config),
        "http" => http::validate(config),
        _ => Vec::new(),
    }
}

/// The plan of one resource as its provider adjusts it. `planned` is the configuration with defaults, with prior values where the
/// configuration says nothing, and with unknowns where there is no prior; `now` is RFC 3339.
pub fn planned(kind: &str, config: &Value, prior: Option<&Value>, planned: Value, now: &str) -> Planned {
    match provider(kind) {
        "random" => random::planned(kind, config, prior, planned),
        "time" => clock::planned(kind, prior, planned, now),
        "tls" => tls::planned(kind, prior, planned, now),
        "terraform" => terraform_data::planned(config, prior, planned),
        _ => Planned { value: planned, replace: Vec::new() },
    }
}

/// Makes the resource: the value with all that was unknown filled in.
///
/// # Errors
/// What the provider finds wrong, or what the world outside refuses.
pub async fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match provider(kind) {
        "random" => random::create(kind, planned, outside),
        "time" => clock::create(kind, planned, outside).await,
        "tls" => tls::create(kind, planned, outside),
        "local" => local::create(kind, planned, outside),
        "cloudinit" => cloudinit::render(planned),
        "terraform" => Ok(terraform_data::applied(planned, outside)),
        "null" => Ok(null::create(planned, outside)),
        _ => Err(unknown_kind(kind)),
    }
}

/// Changes the resource in place.
///
/// # Errors
/// As [`create`].
pub async fn update(kind: &str, prior: &Value, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match provider(kind) {
        "random" | "tls" | "null" | "local" => Ok(planned.clone()),
        "time" => clock::update(kind, prior, planned),
        "cloudinit" => cloudinit::render(planned),
        "terraform" => Ok(terraform_data::applied(planned, outside)),
        _ => Err(unknown_kind(kind)),
    }
}

/// Removes what the resource has left outside; most have left nothing.
///
/// # Errors
/// What the world outside refuses.
pub async fn delete(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<()> {
    match provider(kind) {
        "time" => clock::delete(kind, prior, outside).await,
        "local" => local::delete(prior, outside),
        _ => Ok(()),
    }
}

/// The resource as it is now; `None` when it has to be made anew.
///
/// # Errors
/// What the world outside refuses.
pub async fn read(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<Option<Value>> {
    match provider(kind) {
        "time" => clock::read(kind, prior, outside),
        "tls" => tls::read(kind, prior, outside),
        "local" => local::read(prior, outside),
        _ => Ok(Some(prior.clone())),
    }
}

/// Reads a data source.
///
/// # Errors
/// What the provider finds wrong, or what the world outside refuses.
pub async fn data(kind: &str, config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let config = &fields::settled(config);
    match kind {
        "external" => external::data(config, outside).await,
        "http" => http::data(config, outside).await,
        "terraform_remote_state" => remote_state::data(config, outside).await,
        "template_file" => template::file(config),
        "template_cloudinit_config" | "cloudinit_config" => cloudinit::render(config),
        "null_data_source" => Ok(null::data(config, outside)),
        "local_file" | "local_sensitive_file" => local::data(config, outside),
        "tls_public_key" | "tls_certificate" => tls::data(kind, config),
        _ => Err(unknown_kind(kind)),
    }
}

/// Opens an ephemeral resource.
///
/// # Errors
/// As [`data`].
pub async fn open(kind: &str, config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let config = &fields::settled(config);
    match kind {
        "random_password" => random::open(config, outside),
        "tls_private_key" | "tls_public_key" => tls::open(kind, config, outside),
        _ => Err(unknown_kind(kind)),
    }
}

/// The attributes that an import of the id yields; those it does not name are null.
///
/// # Errors
/// When the id has not the form that the type wants, or the type cannot be imported.
pub fn import(kind: &str, id: &str) -> Outcome<Value> {
    match provider(kind) {
        "random" => random::import(kind, id),
        "time" => clock::import(kind, id),
        _ => Err(fields::no_import(kind)),
    }
}

/// The provider of a type: its name up to the first underscore.
fn provider(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}

fn unknown_kind(kind: &str) -> Diagnostic {
    Diagnostic::error("builtin-unknown-type", "Unknown built-in type", format!("No built-in provider has the type {kind:?}."))
}

/// A random UUID, version 4.
pub fn uuid(outside: &dyn Outside) -> String {
    let mut bytes = [0; 16];
    outside.random(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
