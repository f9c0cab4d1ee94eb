//! The store's file (edge): read whole, written whole, replaced in one step so that a reader never sees half of it.
#![allow(clippy::disallowed_methods)]

use std::{fs, io, path::Path};

use super::{simulator::SimError, store::Store};

/// The store's place below a working directory.
pub const PLACE: &str = ".ravelin/sim.json";

/// Reads a store; `None` when there is no file.
pub fn load(path: &Path) -> Result<Option<Store>, SimError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SimError::Read { path: path.to_owned(), source }),
    };
    let refuse = |reason: String| SimError::Format { path: path.to_owned(), reason };
    let store: Store = serde_json::from_str(&text).map_err(|e| refuse(e.to_string()))?;
    if store.version != 1 {
        return Err(refuse(format!("its version is {}, this program reads version 1", store.version)));
    }
    Ok(Some(store.opened()))
}

/// Writes a store beside its place and moves it there. Returns its size in bytes.
pub fn save(path: &Path, store: &Store) -> Result<usize, SimError> {
    let wrong = |source: io::Error| SimError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let text = serde_json::to_vec(store).map_err(|e| wrong(io::Error::other(e)))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let size = text.len();
    fs::write(&beside, text).map_err(wrong)?;
    fs::rename(&beside, path).map_err(wrong)?;
    Ok(size)
}
