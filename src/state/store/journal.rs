//! The journal (edge: appends to and reads a file): one event a line, synced before the request it announces is sent.
//!
//! A run writes `Started`, then an intent before and an outcome after each request, and `Finished` once the state that
//! they led to is written. A journal without `Finished` belongs to a run that was cut off; [`recover`] folds it in.

#![allow(clippy::disallowed_methods)]

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    StoreError,
    file::{io, sync_folder},
};
use crate::state::{Entry, Event, Intent, Mark, State, fold, pending, replay};

/// The journal of the run that is on its way.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    run: String,
    /// Of the last entry written.
    seq: u64,
    /// Bytes of whole entries.
    len: u64,
}

/// What a journal on disk says about the state at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// The state with everything the journal knows.
    pub state: State,
    /// Requests whose end is not known: what they were about may exist, or be gone, or be half way.
    pub pending: Vec<Intent>,
    /// The run that was cut off; nothing when the last run ended properly (or there was none).
    pub cut_off: Option<String>,
}

impl Journal {
    /// Starts the journal of a run, replacing that of an earlier, finished one. Intents that are still pending from it
    /// are carried over, so that they are not forgotten before somebody has looked.
    ///
    /// # Errors
    /// [`StoreError::Unfinished`] when an earlier run's journal is not in `state` yet: recover and write the state first.
    pub fn start(path: &Path, run: &str, plan: &str, state: &State, carried: &[Intent], at: &str) -> Result<Journal, StoreError> {
        let before = load(path)?;
        if let (Some(last), Some(cut_off)) = (before.last(), unfinished(&before)) {
            let folded = state.journal.as_ref().is_some_and(|m| m.run == last.run && m.seq >= last.seq);
            if !folded {
                return Err(StoreError::Unfinished { path: path.to_owned(), run: cut_off.to_owned() });
            }
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(io("create", folder))?;
        let first = Event::Started { plan: plan.to_owned(), lineage: state.lineage.clone(), serial: state.serial, at: at.to_owned() };
        let events = std::iter::once(first).chain(carried.iter().cloned().map(Event::Intent));
        let mut text = String::new();
        let mut seq = 0;
        for event in events {
            seq += 1;
            text.push_str(&line(run, seq, event));
        }
        // Replaced as a whole: a crash leaves either the old journal or the new one with all that was carried over.
        let beside = path.with_extension("jsonl.new");
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        private(&mut options);
        let mut file = options.open(&beside).map_err(io("create", &beside))?;
        file.write_all(text.as_bytes()).map_err(io("write", &beside))?;
        file.sync_all().map_err(io("write", &beside))?;
        fs::rename(&beside, path).map_err(io("replace", path))?;
        sync_folder(folder)?;
        Ok(Journal { file, path: path.to_owned(), run: run.to_owned(), seq, len: text.len() as u64 })
    }

    /// Writes an event and waits until it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written; the request must then not be sent.
    pub fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let text = line(&self.run, self.seq + 1, event.clone());
        if let Err(source) = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data()) {
            // Take back what may have been written of it, so that a later entry does not follow half a line.
            let _ = self.file.set_len(self.len).and_then(|()| self.file.seek(SeekFrom::Start(self.len)));
            return Err(io("write", &self.path)(source));
        }
        self.seq += 1;
        self.len += text.len() as u64;
        Ok(())
    }

    /// Writes an event and folds it into the state, which then carries the journal's mark.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn record(&mut self, state: State, event: &Event) -> Result<State, StoreError> {
        self.append(event)?;
        let mut state = fold(state, std::slice::from_ref(event));
        state.journal = Some(self.mark());
        Ok(state)
    }

    /// How far the journal has come; a state into which all of it is folded carries this mark.
    pub fn mark(&self) -> Mark {
        Mark { run: self.run.clone(), seq: self.seq }
    }

    /// Ends the run. To be called when the state has been written. The journal stays until the next run starts.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn finish(mut self, at: &str) -> Result<(), StoreError> {
        self.append(&Event::Finished { at: at.to_owned() })
    }
}

/// Reads the journal and brings the state up to it. Changes nothing on disk.
///
/// # Errors
/// When a line is not an event, or when the journal's run started from another state and none of it is in this one.
pub fn recover(path: &Path, state: State) -> Result<Recovered, StoreError> {
    let entries = load(path)?;
    let events: Vec<Event> = entries.iter().map(|e| e.event.clone()).collect();
    let pending = pending(&events);
    let Some(run) = unfinished(&entries).map(str::to_owned) else {
        return Ok(Recovered { state, pending, cut_off: None });
    };
    if let Some(Entry { event: Event::Started { lineage, serial, .. }, .. }) = entries.first() {
        let partly_in = state.journal.as_ref().is_some_and(|m| m.run == run);
        let same = state.lineage == *lineage && state.serial == *serial;
        if !partly_in && !same {
            return Err(StoreError::StrangeJournal { path: path.to_owned(), run, expected: (lineage.clone(), *serial), found: (state.lineage, state.serial) });
        }
    }
    let state = replay(state.clone(), &entries).succeed(&state);
    Ok(Recovered { state, pending, cut_off: Some(run) })
}

/// The run of a journal that does not end with `Finished`.
fn unfinished(entries: &[Entry]) -> Option<&str> {
    let last = entries.last()?;
    if matches!(last.event, Event::Finished { .. }) { None } else { Some(&last.run) }
}

/// The entries of a journal; none when there is no file. A last line without line break was being written when the
/// process died: its request was never sent, or its outcome is unknown, so it does not count.
fn load(path: &Path) -> Result<Vec<Entry>, StoreError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(io("read", path)(source)),
    };
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let lines = bytes.get(..whole).unwrap_or_default().split(|b| *b == b'\n').filter(|l| !l.is_empty());
    let bad = |line: usize, what: String| StoreError::BadJournal { path: path.to_owned(), line, what };
    lines.enumerate().map(|(i, line)| serde_json::from_slice(line).map_err(|e| bad(i + 1, e.to_string()))).collect()
}

fn line(run: &str, seq: u64, event: Event) -> String {
    let entry = Entry { run: run.to_owned(), seq, event };
    // Every part has text keys and plain values, so this cannot fail.
    let mut text = serde_json::to_string(&entry).unwrap_or_default();
    text.push('\n');
    text
}

/// The journal holds attributes in the clear; only its owner may read it.
#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}
