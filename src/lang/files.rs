//! What reading a blueprint and its file functions may touch.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

/// Read access to a tree of files; [`super::disk::Disk`] is the real one.
pub trait Files: Sync {
    /// A file's bytes.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The paths of a directory's entries, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
    fn is_dir(&self, path: &Path) -> bool;
    fn is_file(&self, path: &Path) -> bool;
}

/// The path without `.` and `x/..`, without looking at the disk; `.` when nothing is left.
pub fn clean(path: &Path) -> PathBuf {
    let mut out: Vec<Component> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.last() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(part),
            },
            part => out.push(part),
        }
    }
    if out.is_empty() { PathBuf::from(".") } else { out.iter().collect() }
}
