//! What the small providers do that real configurations lean on (`random`, `time`, `tls`, `local`, `null`, …), without plugins.
//!
//! Their types are declared in `schemas/` like all others, with the home `local`: there is no ARM object. What they compute
//! is here, one file per provider. Whatever comes from outside (clock, randomness, files, processes, network) comes through
//! [`Outside`], so that every function is as repeatable as what it is given.

use async_trait::async_trait;

use crate::base::Diagnostic;

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
