//! Source text by file, and spans into it: what every diagnostic and every `because` points at.

use std::path::{Path, PathBuf};

/// A file held by [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A byte range of one file; `end` is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both; `self` when the files differ.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place as a reader counts it: line and column from 1 (columns in Unicode characters), byte from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub byte: usize,
}

/// One file's path, as the user would write it, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    pub text: String,
    line_starts: Vec<usize>,
}

/// Words that open a block at the top of a file.
const BLOCKS: [&str; 13] =
    ["resource", "data", "ephemeral", "variable", "output", "locals", "module", "provider", "terraform", "moved", "import", "removed", "check"];

/// All source text of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// Paths below this folder are shown without it.
    from: PathBuf,
}

impl Sources {
    /// Sources whose paths are shown as a user in this folder would write them.
    pub fn seen_from(folder: impl Into<PathBuf>) -> Sources {
        Sources { files: Vec::new(), from: folder.into() }
    }

    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        self.files.push(SourceFile { path: path.into(), text, line_starts });
        FileId(self.files.len() as u32 - 1)
    }

    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// A file's path for showing.
    pub fn path(&self, id: FileId) -> &Path {
        let path = self.file(id).map_or(Path::new(""), |f| &f.path);
        if self.from.as_os_str().is_empty() { path } else { path.strip_prefix(&self.from).unwrap_or(path) }
    }

    /// The text a span covers; empty when the span does not fit its file.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// `path:line:column` of the span's start.
    pub fn locate(&self, span: Span) -> String {
        let place = self.start(span);
        format!("{}:{}:{}", self.path(span.file).display(), place.line, place.column)
    }

    /// The header of the block of the configuration that a span lies in: `resource "azurerm_subnet" "nodes"`.
    ///
    /// Found by its looks, so that it is there for a file too that cannot be parsed: the nearest line above that begins,
    /// unindented, with a word that opens a block.
    pub fn block_header(&self, span: Span) -> Option<&str> {
        let file = self.file(span.file).filter(|f| f.path.extension().is_some_and(|e| e != "json"))?;
        let line = file.place(span.start as usize).line;
        for n in (1..=line).rev() {
            let text = file.line(n);
            let word = text.split([' ', '{', '"']).next().unwrap_or_default();
            if let Some((header, _)) = text.split_once('{').filter(|_| BLOCKS.contains(&word)) {
                return Some(header.trim_end());
            }
            // The end of a block above: the span lies between blocks.
            if n < line && text.trim_end() == "}" {
                return None;
            }
        }
        None
    }

    pub fn start(&self, span: Span) -> Place {
        self.file(span.file).map_or(Place { line: 1, column: 1, byte: 0 }, |f| f.place(span.start as usize))
    }

    pub fn end(&self, span: Span) -> Place {
        self.file(span.file).map_or(Place { line: 1, column: 1, byte: 0 }, |f| f.place(span.end as usize))
    }
}

impl SourceFile {
    /// The place of a byte offset; offsets past the end or inside a character are moved back to the nearest boundary.
    pub fn place(&self, byte: usize) -> Place {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.line_starts.partition_point(|s| *s <= byte) - 1;
        let column = self.text[self.line_starts[line]..byte].chars().count() + 1;
        Place { line: line + 1, column, byte }
    }

    /// The text of a line (from 1), without its line break; empty when there is no such line.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|i| self.line_starts.get(i)) else { return "" };
        let end = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// Byte offset at which a line (from 1) starts.
    pub fn line_start(&self, line: usize) -> usize {
        line.checked_sub(1).and_then(|i| self.line_starts.get(i)).copied().unwrap_or(self.text.len())
    }
}
