//! The local backend (edge: reads, writes and locks files).
//!
//! The state is replaced atomically: written beside, synced, renamed over. The first write of a run keeps what was
//! there as `<state>.backup`. The lock is `.<state>.lock.info` with Terraform's JSON, held by an operating-system lock
//! on that file, so that the lock of a process that died can be told from one that is held.

#![allow(clippy::disallowed_methods)]

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;

use super::{Backend, ENGINE, Lock, LockInfo, StoreError};
use crate::state::{State, v4};

/// The state in a file of the working directory.
#[derive(Debug)]
pub struct LocalFile {
    pub path: PathBuf,
    backed_up: AtomicBool,
}

impl LocalFile {
    pub fn new(path: impl Into<PathBuf>) -> LocalFile {
        LocalFile { path: path.into(), backed_up: AtomicBool::new(false) }
    }

    /// Where the state of before this run's first write is kept.
    pub fn backup_path(&self) -> PathBuf {
        with_suffix(&self.path, ".backup")
    }

    /// Terraform's name for it: a dot before, `.lock.info` after.
    pub fn lock_path(&self) -> PathBuf {
        let name = self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.path.with_file_name(format!(".{name}.lock.info"))
    }

    fn text(&self) -> Result<Option<String>, StoreError> {
        match fs::read_to_string(&self.path) {
            Ok(text) if text.trim().is_empty() => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) if e.kind() == ErrorKind::InvalidData => {
                Err(StoreError::Unreadable { place: self.place(), source: v4::StateError { line: 0, column: 0, what: "the file is not UTF-8 text".into() } })
            }
            Err(source) => Err(io("read", &self.path)(source)),
        }
    }

    fn unreadable(&self, source: v4::StateError) -> StoreError {
        StoreError::Unreadable { place: self.place(), source }
    }
}

#[async_trait]
impl Backend for LocalFile {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn read(&self) -> Result<Option<State>, StoreError> {
        self.text()?.map(|text| v4::read(&text).map_err(|e| self.unreadable(e))).transpose()
    }

    async fn write(&self, state: &State) -> Result<(), StoreError> {
        if let Some(there) = self.text()? {
            let (lineage, serial) = v4::head(&there).map_err(|e| self.unreadable(e))?;
            if lineage != state.lineage && !lineage.is_empty() {
                return Err(StoreError::OtherLineage { place: self.place(), there: lineage, ours: state.lineage.clone() });
            }
            if serial > state.serial {
                return Err(StoreError::Newer { place: self.place(), there: serial, ours: state.serial });
            }
            if !self.backed_up.load(Ordering::Relaxed) {
                replace(&self.backup_path(), there.as_bytes())?;
            }
        }
        self.backed_up.store(true, Ordering::Relaxed);
        replace(&self.path, v4::write(state).as_bytes())
    }

    async fn lock(&self, info: LockInfo) -> Result<Box<dyn Lock>, StoreError> {
        let path = self.lock_path();
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io("create", folder))?;
        }
        let mut file = self.open_locked(&path)?;
        let replaced = read_info(&mut file).map_err(io("read", &path))?;
        match replaced {
            // We hold the operating system's lock, so a Ravelin that wrote this is dead. Terraform locks otherwise
            // and may well be alive.
            Left::By(info) if info.engine.as_deref() != Some(ENGINE) => Err(StoreError::Locked { place: self.place(), info: Some(info) }),
            Left::Garbled => Err(StoreError::Locked { place: self.place(), info: None }),
            left => {
                let info = LockInfo { path: self.place(), engine: Some(ENGINE.to_owned()), ..info };
                write_info(&mut file, &info).map_err(io("write", &path))?;
                let replaced = match left {
                    Left::By(info) => Some(*info),
                    _ => None,
                };
                Ok(Box::new(FileLock { file, path, info, replaced }))
            }
        }
    }

    async fn force_unlock(&self, id: &str) -> Result<LockInfo, StoreError> {
        let path = self.lock_path();
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(StoreError::NotLocked { place: self.place() }),
            Err(source) => return Err(io("open", &path)(source)),
        };
        match read_info(&mut file).map_err(io("read", &path))? {
            Left::By(info) if info.id == id => {
                fs::remove_file(&path).map_err(io("remove", &path))?;
                Ok(*info)
            }
            Left::By(info) => Err(StoreError::OtherLock { place: self.place(), given: id.to_owned(), held: Some(info) }),
            Left::Nothing | Left::Garbled => Err(StoreError::OtherLock { place: self.place(), given: id.to_owned(), held: None }),
        }
    }
}

impl LocalFile {
    /// Opens the lock file and takes the operating system's lock on it. Its last owner may remove the file between our
    /// opening and our locking it; then the lock is on a file nobody else can see, and we begin again.
    fn open_locked(&self, path: &Path) -> Result<File, StoreError> {
        for _ in 0..16 {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io("open", path))?;
            match file.try_lock() {
                Ok(()) if is_still_at(&file, path) => return Ok(file),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let info = match read_info(&mut file) {
                        Ok(Left::By(info)) => Some(info),
                        _ => None,
                    };
                    return Err(StoreError::Locked { place: self.place(), info });
                }
                Err(TryLockError::Error(source)) => return Err(io("lock", path)(source)),
            }
        }
        Err(StoreError::Locked { place: self.place(), info: None })
    }
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// What a lock file holds.
enum Left {
    Nothing,
    By(Box<LockInfo>),
    Garbled,
}

fn read_info(file: &mut File) -> std::io::Result<Left> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    if text.trim().is_empty() {
        return Ok(Left::Nothing);
    }
    Ok(serde_json::from_str(&text).map_or(Left::Garbled, |info| Left::By(Box::new(info))))
}

fn write_info(file: &mut File, info: &LockInfo) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(serde_json::to_string(info)?.as_bytes())?;
    file.sync_all()
}

struct FileLock {
    /// Held open: the operating system's lock lasts as long.
    file: File,
    path: PathBuf,
    info: LockInfo,
    replaced: Option<LockInfo>,
}

#[async_trait]
impl Lock for FileLock {
    fn info(&self) -> &LockInfo {
        &self.info
    }

    fn replaced(&self) -> Option<&LockInfo> {
        self.replaced.as_ref()
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<(), StoreError> {
        // A lock that was force-unlocked meanwhile may belong to somebody else by now.
        if is_still_at(&self.file, &self.path) {
            fs::remove_file(&self.path).map_err(io("remove", &self.path))?;
        }
        Ok(())
    }
}

/// Replaces a file so that a reader, or a crash, meets either the old content or the new one.
fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    // A state that is a link stays one: what it points at is replaced.
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io("create", folder))?;
    let beside = with_suffix(path, ".new");
    let mut file = File::create(&beside).map_err(io("create", &beside))?;
    if let Ok(there) = fs::metadata(path) {
        file.set_permissions(there.permissions()).map_err(io("set the permissions of", &beside))?;
    }
    file.write_all(content).map_err(io("write", &beside))?;
    file.sync_all().map_err(io("write", &beside))?;
    drop(file);
    fs::rename(&beside, path).map_err(io("replace", path))?;
    sync_folder(folder)
}

/// Makes a rename in the folder last through a power failure; only Unix needs and allows it.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(io("sync", folder))?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes an input/output error say what was being done, to what.
pub(super) fn io<'a>(operation: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> StoreError + 'a {
    move |source| StoreError::Io { operation, path: path.to_owned(), source }
}
