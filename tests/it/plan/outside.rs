//! A world outside that stands still: one moment, a counting dice, files in memory, nothing else.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use ravelin::builtin::{Command, HttpAnswer, HttpRequest, Outside, Ran};

#[derive(Default)]
pub struct Still {
    dice: RefCell<u8>,
    pub files: RefCell<BTreeMap<String, Vec<u8>>>,
}

#[async_trait::async_trait(?Send)]
impl Outside for Still {
    fn now(&self) -> String {
        "2026-03-04T05:06:07Z".to_owned()
    }

    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let next = self.dice.borrow().wrapping_add(1);
            *self.dice.borrow_mut() = next;
            *byte = next;
        }
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.files.borrow().get(path).cloned())
    }

    fn write_file(&self, path: &str, content: &[u8], _file_mode: u32, _folder_mode: u32) -> Result<(), String> {
        self.files.borrow_mut().insert(path.to_owned(), content.to_vec());
        Ok(())
    }

    fn remove_file(&self, path: &str) -> Result<(), String> {
        self.files.borrow_mut().remove(path);
        Ok(())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn run(&self, _command: &Command) -> Result<Ran, String> {
        Err("there are no programs here".to_owned())
    }

    async fn http(&self, _request: &HttpRequest) -> Result<HttpAnswer, String> {
        Err("there is no network here".to_owned())
    }

    async fn blob(&self, _account: &str, _container: &str, _key: &str) -> Result<Option<Vec<u8>>, String> {
        Err("there are no blobs here".to_owned())
    }
}
