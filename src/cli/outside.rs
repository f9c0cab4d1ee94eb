//! What built-in providers touch, as a command gives it to them: clock and randomness are the command's own.

use std::time::Duration;

use async_trait::async_trait;

use super::{ui::Ui, world::rfc3339};
use crate::builtin::{Command, HttpAnswer, HttpRequest, Outside, Ran};

/// The world outside of one command.
pub struct Around<'u, 'w> {
    pub ui: &'u Ui<'w>,
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
        Err(format!("{path} cannot be read"))
    }

    fn write_file(&self, path: &str, _content: &[u8], _file_mode: u32, _folder_mode: u32) -> Result<(), String> {
        Err(format!("{path} cannot be written"))
    }

    fn remove_file(&self, path: &str) -> Result<(), String> {
        Err(format!("{path} cannot be removed"))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn run(&self, command: &Command) -> Result<Ran, String> {
        Err(format!("{} cannot be run", command.program.join(" ")))
    }

    async fn http(&self, request: &HttpRequest) -> Result<HttpAnswer, String> {
        Err(format!("{} cannot be reached", request.url))
    }

    async fn blob(&self, account: &str, container: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        Err(format!("{account}/{container}/{key} cannot be read"))
    }
}
