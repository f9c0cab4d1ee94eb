//! Where a module comes from, read from the text of its `source` argument.

use std::path::Path;

use super::files::clean;

/// A module's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path that is relative to the calling module.
    Local(String),
    /// A folder anywhere, by its absolute path.
    Folder {
        path: String,
        subdir: String,
    },
    /// `namespace/name/provider`, from the registry of a host.
    Registry {
        host: String,
        namespace: String,
        name: String,
        provider: String,
        subdir: String,
    },
    Git(Repository),
    /// What other programs would fetch; `kind` is the word for it: `http`, `hg`, `s3`, `gcs`, …
    Other {
        kind: String,
        package: String,
    },
}

/// A git repository at one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// What git is given: `https://github.com/a/b.git`.
    pub url: String,
    /// A branch, tag or commit.
    pub reference: Option<String>,
    /// How much of the history is fetched.
    pub depth: Option<u32>,
    /// The module's folder in the repository; empty for its top.
    pub subdir: String,
}

/// Why a text is no address, in Terraform's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotASource {
    pub summary: &'static str,
    pub detail: String,
}

/// The registry of addresses that name no host.
pub const PUBLIC_REGISTRY: &str = "registry.terraform.io";

/// Reads an address. With `versioned`, for a call with a `version` argument, it has to be one of a registry.
pub fn parse(text: &str, versioned: bool) -> Result<Source, NotASource> {
    if versioned {
        return match read(text) {
            Ok(registry @ Source::Registry { .. }) => Ok(registry),
            Ok(Source::Local(_)) => Err(not_registry(&format!("can't use local directory {text:?} as a module registry address"))),
            _ => Err(not_registry("a module registry source address must have either three or four slash-separated components")),
        };
    }
    read(text)
}

fn read(text: &str) -> Result<Source, NotASource> {
    if is_local(text) {
        return Ok(Source::Local(text.to_owned()));
    }
    if text.is_empty() {
        return Err(invalid("Failed to parse module source address: invalid source address: .".into()));
    }
    if let Some(registry) = registry(text) {
        return Ok(registry);
    }
    remote(text)
}

fn is_local(text: &str) -> bool {
    text == "." || text == ".." || ["./", "../", ".\\", "..\\"].iter().any(|p| text.starts_with(p))
}

/// `namespace/name/provider` with a host before it or not, and a folder behind `//`.
fn registry(text: &str) -> Option<Source> {
    let (address, subdir) = split_subdir(text);
    let parts: Vec<&str> = address.split('/').collect();
    let (host, rest) = match parts.as_slice() {
        [_, _, _] => (PUBLIC_REGISTRY, parts.as_slice()),
        [host, rest @ ..] if rest.len() == 3 && host.contains('.') => (*host, rest),
        _ => return None,
    };
    // These hosts serve repositories, not modules.
    if matches!(host, "github.com" | "bitbucket.org" | "gitlab.com") || matches!(parts.first(), Some(&"github.com" | &"bitbucket.org")) {
        return None;
    }
    let [namespace, name, provider] = rest else { return None };
    let word =
        |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') && w.starts_with(|c: char| c.is_ascii_alphanumeric());
    let plain = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let host_ok = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    if !host_ok || !word(namespace) || !word(name) || !plain(provider) {
        return None;
    }
    let own = |s: &str| s.to_owned();
    Some(Source::Registry { host: host.to_ascii_lowercase(), namespace: own(namespace), name: own(name), provider: own(provider), subdir: own(subdir) })
}

/// What the forms with a prefix, a URL or a well-known host mean.
fn remote(text: &str) -> Result<Source, NotASource> {
    let (forced, rest) = forced(text);
    if let Some(kind) = forced.filter(|k| *k != "git") {
        return Ok(Source::Other { kind: kind.to_owned(), package: text.to_owned() });
    }
    if let Some(found) = known_host(rest)? {
        return Ok(Source::Git(found));
    }
    if let Some(found) = scp_like(rest) {
        return Ok(Source::Git(found));
    }
    let (without_query, _) = rest.split_once('?').unwrap_or((rest, ""));
    if let Some((scheme, _)) = without_query.split_once("://") {
        return Ok(match (forced, scheme) {
            (Some(_), _) => Source::Git(repository(rest)),
            (None, "git" | "ssh") => Source::Git(repository(rest)),
            (None, "file") => folder(rest.trim_start_matches("file://")),
            (None, "http" | "https") => Source::Other { kind: "http".to_owned(), package: text.to_owned() },
            (None, scheme) => Source::Other { kind: scheme.to_owned(), package: text.to_owned() },
        });
    }
    if Path::new(rest).is_absolute() {
        return Ok(if forced.is_some() { Source::Git(repository(&format!("file://{rest}"))) } else { folder(rest) });
    }
    let (package, _) = split_subdir(rest);
    Err(invalid(format!(
        "Ravelin failed to determine your intended installation method for remote module package {package:?}.\n\nIf you intended this as a path relative to \
         the current module, use {:?} instead. The \"./\" prefix indicates that the address is a relative filesystem path.",
        format!("./{rest}")
    )))
}

/// `git::rest` as `git` and `rest`.
fn forced(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((kind, rest)) if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric()) => (Some(kind), rest),
        _ => (None, text),
    }
}

/// `github.com/owner/repository/folder`, and the same of Bitbucket.
fn known_host(text: &str) -> Result<Option<Repository>, NotASource> {
    for (host, name) in [("github.com/", "GitHub"), ("bitbucket.org/", "Bitbucket")] {
        let Some(rest) = text.strip_prefix(host) else { continue };
        let (path, query) = rest.split_once('?').map_or((rest, String::new()), |(p, q)| (p, format!("?{q}")));
        let (path, mut subdir) = split_subdir(path);
        let parts: Vec<&str> = path.splitn(3, '/').collect();
        let [owner, repository_name, folder @ ..] = parts.as_slice() else {
            return Err(invalid(format!("Failed to parse module source address: {name} URLs should be {host}username/repo.")));
        };
        if let Some(folder) = folder.first().filter(|_| subdir.is_empty()) {
            subdir = folder;
        }
        let stem = repository_name.strip_suffix(".git").unwrap_or(repository_name);
        let mut found = repository(&format!("https://{host}{owner}/{stem}.git{query}"));
        found.subdir = subdir.trim_matches('/').to_owned();
        return Ok(Some(found));
    }
    Ok(None)
}

/// `git@host:owner/repository.git`.
fn scp_like(text: &str) -> Option<Repository> {
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    (word(user) && word(host) && !path.starts_with("//")).then(|| repository(&format!("ssh://{user}@{host}/{}", path.trim_start_matches('/'))))
}

/// A URL with a folder behind `//` and settings behind `?` as what git needs.
fn repository(url: &str) -> Repository {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (address, subdir) = split_subdir(address);
    let mut found = Repository { url: address.to_owned(), reference: None, depth: None, subdir: subdir.trim_matches('/').to_owned() };
    let mut other = Vec::new();
    for setting in query.split('&').filter(|s| !s.is_empty()) {
        match setting.split_once('=') {
            Some(("ref", reference)) => found.reference = Some(decoded(reference)),
            Some(("depth", depth)) => found.depth = depth.parse().ok(),
            _ => other.push(setting),
        }
    }
    if !other.is_empty() {
        found.url = format!("{}?{}", found.url, other.join("&"));
    }
    found
}

/// `%2F` and its like as the characters they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten().and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or(&[]) } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn folder(path: &str) -> Source {
    let (path, subdir) = split_subdir(path);
    Source::Folder { path: path.to_owned(), subdir: subdir.trim_matches('/').to_owned() }
}

/// The address and the folder behind its `//`; that of `https://` is none.
fn split_subdir(text: &str) -> (&str, &str) {
    let start = text.find("://").map_or(0, |i| i + 3);
    match text.get(start..).and_then(|rest| rest.find("//")) {
        Some(at) => (&text[..start + at], &text[start + at + 2..]),
        None => (text, ""),
    }
}

fn invalid(detail: String) -> NotASource {
    NotASource { summary: "Invalid module source address", detail }
}

fn not_registry(why: &str) -> NotASource {
    let detail = format!(
        "Failed to parse module registry address: {why}.\n\nRavelin assumed that you intended a module registry source address because you also set the argument \
         \"version\", which applies only to registry modules."
    );
    NotASource { summary: "Invalid registry module source address", detail }
}

impl Source {
    /// The address as `modules.json` has it.
    pub fn normal(&self) -> String {
        match self {
            Source::Local(path) => {
                let path = clean(Path::new(path)).display().to_string();
                if path.starts_with("../") { path } else { format!("./{path}") }
            }
            Source::Folder { path, subdir } => format!("file://{path}{}", behind(subdir)),
            Source::Registry { host, namespace, name, provider, subdir } => format!("{host}/{namespace}/{name}/{provider}{}", behind(subdir)),
            Source::Git(repository) => {
                let (url, query) = repository.url.split_once('?').unwrap_or((&repository.url, ""));
                format!("git::{url}{}{}", behind(&repository.subdir), repository.settings(query))
            }
            Source::Other { package, .. } => package.clone(),
        }
    }
}

impl Repository {
    /// The repository without a folder in it, as messages and `modules.json` name it.
    pub fn package(&self) -> String {
        let (url, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        format!("git::{url}{}", self.settings(query))
    }

    fn settings(&self, query: &str) -> String {
        let depth = self.depth.map(|d| format!("depth={d}"));
        let reference = self.reference.as_ref().map(|r| format!("ref={r}"));
        let all: Vec<String> = depth.into_iter().chain(reference).chain((!query.is_empty()).then(|| query.to_owned())).collect();
        if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
    }
}

fn behind(subdir: &str) -> String {
    if subdir.is_empty() { String::new() } else { format!("//{subdir}") }
}
