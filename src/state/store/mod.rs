//! Where the state is kept: the backend's contract, locks and errors. `file` and `journal` are the edge.

use std::{fmt, path::PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::base::Diagnostic;

use super::{State, StateError};

pub mod file;
pub mod journal;

pub use file::LocalFile;
pub use journal::{Journal, Recovered, recover};

/// A place that holds one state and at most one lock on it. Asynchronous because a remote backend waits on the network;
/// a local one answers at once.
#[async_trait]
pub trait Backend: Send + Sync {
    /// The place, for messages: a path, or a URL.
    fn place(&self) -> String;

    /// The state; nothing when none was ever written.
    ///
    /// # Errors
    /// When it cannot be fetched, or is not a state. An unreadable state is never treated as absent.
    async fn read(&self) -> Result<Option<State>, StoreError>;

    /// Replaces the state as a whole.
    ///
    /// # Errors
    /// When it cannot be written, or when what is there has another lineage or a higher serial.
    async fn write(&self, state: &State) -> Result<(), StoreError>;

    /// Takes the lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when somebody holds it.
    async fn lock(&self, info: LockInfo) -> Result<Box<dyn Lock>, StoreError>;

    /// Removes a lock that its owner left behind, and returns what it said.
    ///
    /// # Errors
    /// When there is none, or one with another id.
    async fn force_unlock(&self, id: &str) -> Result<LockInfo, StoreError>;
}

/// A held lock. Dropping it without [`Lock::release`] leaves its mark behind, as a crash would.
#[async_trait]
pub trait Lock: Send {
    fn info(&self) -> &LockInfo;

    /// The lock of a dead process that was taken over, when there was one.
    fn replaced(&self) -> Option<&LockInfo>;

    /// Extends a lock that expires by itself; nothing to do for a local one.
    async fn renew(&mut self) -> Result<(), StoreError>;

    async fn release(self: Box<Self>) -> Result<(), StoreError>;
}

/// Who holds a lock and since when: the same JSON as Terraform's lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LockInfo {
    #[serde(rename = "ID")]
    pub id: String,
    /// `OperationTypePlan`, `OperationTypeApply`, … as Terraform names them.
    pub operation: String,
    #[serde(default)]
    pub info: String,
    /// `user@host`.
    pub who: String,
    pub version: String,
    /// RFC 3339.
    pub created: String,
    pub path: String,
    /// The program that wrote it; Terraform writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// The value of [`LockInfo::engine`] in locks that Ravelin writes.
pub const ENGINE: &str = "ravelin";

/// Why the store could not do what was asked: which operation, on which thing.
#[derive(Debug)]
pub enum StoreError {
    Io {
        operation: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// There is something, but it is not a state.
    Unreadable {
        place: String,
        source: StateError,
    },
    /// Somebody holds the lock; `info` is missing when it does not say who.
    Locked {
        place: String,
        info: Option<Box<LockInfo>>,
    },
    NotLocked {
        place: String,
    },
    OtherLock {
        place: String,
        given: String,
        held: Option<Box<LockInfo>>,
    },
    OtherLineage {
        place: String,
        there: String,
        ours: String,
    },
    Newer {
        place: String,
        there: u64,
        ours: u64,
    },
    /// A line of the journal that is not an event.
    BadJournal {
        path: PathBuf,
        line: usize,
        what: String,
    },
    /// The journal's run started from a state that is not the one at hand.
    StrangeJournal {
        path: PathBuf,
        run: String,
        expected: (String, u64),
        found: (String, u64),
    },
    /// A run is to start while the journal of another is not folded in yet.
    Unfinished {
        path: PathBuf,
        run: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io { operation, path, .. } => write!(f, "cannot {operation} {}", path.display()),
            StoreError::Unreadable { place, .. } => write!(f, "{place} is not a readable state"),
            StoreError::Locked { place, .. } => write!(f, "the state {place} is locked"),
            StoreError::NotLocked { place } => write!(f, "the state {place} is not locked"),
            StoreError::OtherLock { place, given, held: Some(held) } => write!(f, "the lock on {place} has the ID {}, not {given:?}", held.id),
            StoreError::OtherLock { place, given, held: None } => write!(f, "the lock on {place} does not say its ID, so it cannot be compared with {given:?}"),
            StoreError::OtherLineage { place, there, ours } => write!(f, "the state {place} has the lineage {there}; the one to be written has {ours}"),
            StoreError::Newer { place, there, ours } => write!(f, "the state {place} has serial {there}; the one to be written has {ours}"),
            StoreError::BadJournal { path, line, what } => write!(f, "{}, line {line}: {what}", path.display()),
            StoreError::StrangeJournal { path, run, expected, found } => write!(
                f,
                "the unfinished run {run} in {} started from serial {} of lineage {}; the state has serial {} of lineage {}",
                path.display(),
                expected.1,
                expected.0,
                found.1,
                found.0
            ),
            StoreError::Unfinished { path, run } => write!(f, "the run {run} in {} has not been folded into the state", path.display()),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Io { source, .. } => Some(source),
            StoreError::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl StoreError {
    /// The error as a finding, with what to do about it.
    pub fn diagnostic(&self) -> Diagnostic {
        let detail = match std::error::Error::source(self) {
            Some(source) => format!("{}: {source}.", sentence(&self.to_string())),
            None => format!("{}.", sentence(&self.to_string())),
        };
        match self {
            StoreError::Io { .. } => Diagnostic::error("state-io", "State cannot be accessed", detail),
            StoreError::Unreadable { source, .. } if source.line == 0 => {
                Diagnostic::error("state-unreadable", "State cannot be read", detail).hint("Nothing has been changed. Use the program that wrote it, or one that reads its format.")
            }
            StoreError::Unreadable { place, .. } => Diagnostic::error("state-unreadable", "State cannot be read", detail).hint(format!(
                "Nothing has been changed. Put back a good copy of {place} (the version before the last run is in {place}.backup), or move the file away to begin with no state."
            )),
            StoreError::Locked { info, .. } => locked(detail, info.as_deref()),
            StoreError::NotLocked { .. } => Diagnostic::error("state-not-locked", "State is not locked", detail),
            StoreError::OtherLock { .. } => Diagnostic::error("state-other-lock", "Lock ID does not match", detail).hint("Give the ID which the message about the lock shows."),
            StoreError::OtherLineage { .. } => Diagnostic::error("state-other-lineage", "State belongs to another history", detail)
                .hint("The file was replaced by the state of another configuration while this run was on its way. Put the right file back and plan again."),
            StoreError::Newer { .. } => Diagnostic::error("state-newer", "State has been changed meanwhile", detail).hint("Somebody wrote the state while this run was on its way. Plan again."),
            StoreError::BadJournal { .. } => Diagnostic::error("journal-unreadable", "Journal cannot be read", detail)
                .hint("Nothing has been changed. The lines before it are sound; move the journal away only when the state already holds what it records."),
            StoreError::StrangeJournal { path, .. } => Diagnostic::error("journal-other-state", "Journal belongs to another state", detail).hint(format!(
                "A run was cut off, and the state was changed by something else before it could be recovered. Compare the journal with the state, then move {} away.",
                path.display()
            )),
            StoreError::Unfinished { .. } => Diagnostic::error("journal-unfinished", "An earlier run was cut off", detail).hint("Write the recovered state before starting a new run."),
        }
    }
}

fn locked(detail: String, info: Option<&LockInfo>) -> Diagnostic {
    let Some(info) = info else {
        return Diagnostic::error("state-locked", "State is locked", format!("{detail} The lock does not say by whom."))
            .hint("Another run is just starting or ending. Try again.");
    };
    let detail = format!(
        "{detail}\n  ID:        {}\n  Path:      {}\n  Operation: {}\n  Who:       {}\n  Version:   {}\n  Created:   {}\n  Info:      {}",
        info.id, info.path, info.operation, info.who, info.version, info.created, info.info
    );
    Diagnostic::error("state-locked", "State is locked", detail.trim_end().to_owned())
        .hint(format!("Wait for that run to end. When it is certain that it no longer runs, remove the lock with: ravelin force-unlock {}", info.id))
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // A path at the start keeps its letters.
        Some(c) if text.starts_with("the ") || text.starts_with("cannot ") => c.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
