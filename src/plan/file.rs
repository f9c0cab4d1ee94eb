//! The saved plan: a plan with everything that made it, as one JSON document. Apply needs nothing else but Azure and the state.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::{base::Value, lang::Files, network::Model};

/// What `plan -out` writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedPlan {
    /// Marks the file, and its version.
    pub ravelin_plan: u32,
    pub version: String,
    pub plan: Plan,
    /// The blueprint's folder, and every file that was read, so that apply sees the same text.
    pub dir: PathBuf,
    pub cwd: PathBuf,
    pub files: BTreeMap<PathBuf, String>,
    /// The text that spans of the plan point into, in order.
    pub sources: Vec<(PathBuf, String)>,
    pub variables: BTreeMap<String, Value>,
    pub simulated: bool,
    /// The network that the plan's addresses were checked in, with what lives around it; so the check can be told again.
    #[serde(default)]
    pub network: Model,
}

/// The version of the format that this program writes.
pub const FORMAT: u32 = 1;

/// Why a file is not a plan that can be applied.
#[derive(Debug)]
pub enum FileError {
    /// Not written by `plan -out`.
    NotAPlan(String),
    /// Written by a version whose format this one does not know.
    Version(u32),
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::NotAPlan(why) => write!(f, "it is not a saved plan ({why})"),
            FileError::Version(v) => write!(f, "it is a saved plan of format {v}; this program knows format {FORMAT}"),
        }
    }
}
impl std::error::Error for FileError {}

pub fn write(saved: &SavedPlan) -> Result<String, serde_json::Error> {
    serde_json::to_string(saved)
}

pub fn read(text: &str) -> Result<SavedPlan, FileError> {
    #[derive(Deserialize)]
    struct Head {
        ravelin_plan: u32,
    }
    let head: Head = serde_json::from_str(text).map_err(|e| FileError::NotAPlan(e.to_string()))?;
    if head.ravelin_plan != FORMAT {
        return Err(FileError::Version(head.ravelin_plan));
    }
    serde_json::from_str(text).map_err(|e| FileError::NotAPlan(e.to_string()))
}

/// Whether a text looks like a saved plan at all; cheap.
pub fn is_plan(text: &str) -> bool {
    text.get(..400).unwrap_or(text).contains("\"ravelin_plan\"")
}

/// Files that remember what was read through them.
pub struct Remember<'a> {
    inner: &'a dyn Files,
    read: std::sync::Mutex<BTreeMap<PathBuf, Vec<u8>>>,
}

impl<'a> Remember<'a> {
    pub fn new(inner: &'a dyn Files) -> Remember<'a> {
        Remember { inner, read: std::sync::Mutex::default() }
    }

    /// Everything read so far, in base64, by path.
    pub fn taken(&self) -> BTreeMap<PathBuf, String> {
        match self.read.lock() {
            Ok(read) => read.iter().map(|(p, b)| (p.clone(), STANDARD.encode(b))).collect(),
            Err(_) => BTreeMap::new(),
        }
    }
}

impl Files for Remember<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = self.inner.read(path)?;
        if let Ok(mut read) = self.read.lock() {
            read.insert(path.to_owned(), bytes.clone());
        }
        Ok(bytes)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        self.inner.list(dir)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.inner.is_dir(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.inner.is_file(path)
    }
}

/// The files of a saved plan.
pub struct Kept {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Kept {
    pub fn new(saved: &SavedPlan) -> Kept {
        Kept { files: saved.files.iter().filter_map(|(p, text)| Some((p.clone(), STANDARD.decode(text).ok()?))).collect() }
    }
}

impl Files for Kept {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the saved plan does not hold this file"))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.files.keys().filter(|p| p.parent() == Some(dir)).cloned().collect())
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.keys().any(|p| p.starts_with(path) && p != path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }
}

/// The prior state inside a plan, as a state file's text.
pub mod state_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::state::{State, v4};

    pub fn serialize<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&v4::write(state))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<State, D::Error> {
        v4::read(&String::deserialize(deserializer)?).map_err(|e| D::Error::custom(e.to_string()))
    }
}
