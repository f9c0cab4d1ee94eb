//! The built-in providers, with an outside that answers the same each time.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use ravelin::{
    base::{Value, json},
    builtin::{self, Command, HttpAnswer, HttpRequest, Outside, Ran},
};

mod clock;
mod files;
mod random;
mod shapes;
mod tls;

/// An outside of which everything is known beforehand: the bytes count up, the clock stands unless somebody sleeps.
pub struct Still {
    pub now: RefCell<time::OffsetDateTime>,
    pub counter: RefCell<u64>,
    pub files: RefCell<BTreeMap<String, (Vec<u8>, u32)>>,
    pub answers: RefCell<Vec<Result<HttpAnswer, String>>>,
    pub asked: RefCell<Vec<HttpRequest>>,
    pub ran: RefCell<Vec<Command>>,
    pub run: Result<Ran, String>,
    pub blobs: BTreeMap<String, Vec<u8>>,
    pub slept: RefCell<Duration>,
}

pub fn still() -> Still {
    Still {
        now: RefCell::new(time::macros::datetime!(2026-03-01 12:00:00 UTC)),
        counter: RefCell::new(0),
        files: RefCell::default(),
        answers: RefCell::default(),
        asked: RefCell::default(),
        ran: RefCell::default(),
        run: Err("no program may run".into()),
        blobs: BTreeMap::new(),
        slept: RefCell::default(),
    }
}

impl Still {
    pub fn write(&self, path: &str, content: &str) {
        self.files.borrow_mut().insert(path.to_owned(), (content.as_bytes().to_vec(), 0o644));
    }
}

#[async_trait(?Send)]
impl Outside for Still {
    fn now(&self) -> String {
        self.now.borrow().format(&time::format_description::well_known::Rfc3339).unwrap()
    }
    fn random(&self, bytes: &mut [u8]) {
        // SplitMix64, so that the bytes look drawn and stay the same.
        for chunk in bytes.chunks_mut(8) {
            let mut counter = self.counter.borrow_mut();
            *counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *counter;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.files.borrow().get(path).map(|(content, _)| content.clone()))
    }
    fn write_file(&self, path: &str, content: &[u8], file_mode: u32, _folder_mode: u32) -> Result<(), String> {
        self.files.borrow_mut().insert(path.to_owned(), (content.to_vec(), file_mode));
        Ok(())
    }
    fn remove_file(&self, path: &str) -> Result<(), String> {
        self.files.borrow_mut().remove(path);
        Ok(())
    }
    async fn sleep(&self, duration: Duration) {
        *self.slept.borrow_mut() += duration;
        *self.now.borrow_mut() += duration;
    }
    async fn run(&self, command: &Command) -> Result<Ran, String> {
        self.ran.borrow_mut().push(command.clone());
        self.run.clone()
    }
    async fn http(&self, request: &HttpRequest) -> Result<HttpAnswer, String> {
        self.asked.borrow_mut().push(request.clone());
        let mut answers = self.answers.borrow_mut();
        if answers.is_empty() { Err("nobody answers".into()) } else { answers.remove(0) }
    }
    async fn blob(&self, account: &str, container: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.blobs.get(&format!("{account}/{container}/{key}")).cloned())
    }
}

/// A value of JSON, with maps where the language would have objects of texts.
pub fn value(json: serde_json::Value) -> Value {
    json::from_json(&json)
}

pub fn shown(value: &Value) -> String {
    serde_json::to_string_pretty(&json::to_json(value)).unwrap()
}

/// Creates, waiting on a runtime whose clock is not needed.
pub fn create(kind: &str, planned: serde_json::Value, outside: &Still) -> Result<Value, ravelin::base::Diagnostic> {
    futures::executor::block_on(builtin::create(kind, &value(planned), outside))
}

pub fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} of {value}")).to_owned()
}

pub fn strings(value: &Value, name: &str) -> Vec<String> {
    value.get(name).and_then(Value::elements).unwrap_or_else(|| panic!("{name} of {value}")).iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

/// Asks a data source.
pub fn data(kind: &str, config: serde_json::Value, outside: &Still) -> Result<Value, ravelin::base::Diagnostic> {
    futures::executor::block_on(builtin::data(kind, &value(config), outside))
}

/// What was made or why not, as text.
pub fn told(result: Result<Value, ravelin::base::Diagnostic>) -> String {
    match result {
        Ok(value) => shown(&value),
        Err(d) => format!("{}: {}{}\n", d.summary, d.detail, d.hint.map(|h| format!("\n{h}")).unwrap_or_default()),
    }
}
