//! Functions on files and paths. Relative paths start at the root module.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Cx, Fault, Function, Outcome, Param, Res, T, World, arg, f, hash::hex, p};
use crate::{
    base::{Diagnostics, FileId, Span, Type, Value},
    lang::{
        eval::{
            expr::{Env, Names, unknown},
            template::render_template,
        },
        files::clean,
        parse::parse_template,
        syntax::Step,
    },
};

const PATH: &[Param] = &[p("path", T::Str)];
const S: Res = Res::Is(T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("abspath", PATH, S, |c| Ok(path_value(&absolute(c.world, Path::new(c.str(0)))))),
    f("basename", PATH, S, |c| Ok(Value::string(basename(c.str(0))))),
    f("dirname", PATH, S, |c| Ok(Value::string(dirname(c.str(0))))),
    f("file", PATH, S, |c| Ok(Value::string(read_text(c, 0)?))),
    f("filebase64", PATH, S, |c| Ok(Value::string(STANDARD.encode(read(c)?)))),
    f("filebase64sha256", PATH, S, |c| Ok(Value::string(STANDARD.encode(Sha256::digest(open(c)?))))),
    f("filebase64sha512", PATH, S, |c| Ok(Value::string(STANDARD.encode(Sha512::digest(open(c)?))))),
    f("fileexists", PATH, Res::Is(T::Bool), fileexists),
    f("filemd5", PATH, S, |c| Ok(Value::string(hex(&Md5::digest(open(c)?))))),
    f("fileset", &[p("path", T::Str), p("pattern", T::Str)], Res::Is(T::SetStr), fileset),
    f("filesha1", PATH, S, |c| Ok(Value::string(hex(&Sha1::digest(open(c)?))))),
    f("filesha256", PATH, S, |c| Ok(Value::string(hex(&Sha256::digest(open(c)?))))),
    f("filesha512", PATH, S, |c| Ok(Value::string(hex(&Sha512::digest(open(c)?))))),
    f("pathexpand", PATH, S, pathexpand),
    f("templatefile", &[p("path", T::Str), p("vars", T::Any).partly()], Res::Is(T::Any), templatefile),
    f("templatestring", &[p("template", T::Any).null().partly().dynamic(), p("vars", T::Any).partly()], S, templatestring),
];

fn path_value(path: &Path) -> Value {
    Value::string(path.to_string_lossy())
}

fn basename(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.rsplit('/').next()) {
        (true, _) => ".".into(),
        (_, Some("")) | (_, None) => "/".into(),
        (_, Some(last)) => last.to_owned(),
    }
}

fn dirname(path: &str) -> String {
    match path.rsplit_once('/') {
        None => ".".into(),
        Some(("", _)) => "/".into(),
        Some((dir, _)) => clean(Path::new(dir)).to_string_lossy().into_owned(),
    }
}

fn expand_home(world: &World, path: &str) -> PathBuf {
    match (path.strip_prefix('~'), &world.home) {
        (Some(""), Some(home)) => home.clone(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

fn absolute(world: &World, path: &Path) -> PathBuf {
    clean(&world.cwd.join(&world.dir).join(path))
}

fn pathexpand(c: &Cx) -> Outcome {
    if c.str(0).starts_with('~') && !matches!(c.str(0).get(1..2), None | Some("/")) {
        return Err("cannot expand user-specific home dir".into());
    }
    Ok(path_value(&expand_home(c.world, c.str(0))))
}

/// Where to find a file that the blueprint names.
fn locate(c: &Cx) -> PathBuf {
    let expanded = expand_home(c.world, c.str(0));
    clean(&c.world.dir.join(expanded))
}

/// What a digest is made of.
fn open(c: &Cx) -> Result<Vec<u8>, Fault> {
    let path = locate(c);
    match c.world.files.read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("open {}: no such file or directory", clean(Path::new(c.str(0))).display()).into())
        }
        Err(_) if c.world.files.is_dir(&path) => Err(format!("read {}: is a directory", clean(Path::new(c.str(0))).display()).into()),
        Err(why) => Err(format!("open {}: {why}", c.str(0)).into()),
    }
}

fn read(c: &Cx) -> Result<Vec<u8>, Fault> {
    let path = locate(c);
    if c.world.files.is_dir(&path) && !c.world.files.is_file(&path) {
        return arg(0, format!("failed to read file: read {}: is a directory", clean(Path::new(c.str(0))).display()));
    }
    match c.world.files.read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => arg(
            0,
            format!(
                "no file exists at {}; this function works only with files that are distributed as part of the configuration source code, so if this file will \
                 be created by a resource in this configuration you must instead obtain this result from an attribute of that resource",
                c.shown(0)
            ),
        ),
        Err(why) => arg(0, format!("failed to read {:?}: {why}", c.str(0))),
    }
}

fn read_text(c: &Cx, place: usize) -> Result<String, Fault> {
    match String::from_utf8(read(c)?) {
        Ok(text) => Ok(text),
        Err(_) => arg(
            place,
            format!(
                "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. \
                 filemd5, filesha256) to obtain file hashing results instead",
                c.shown(0)
            ),
        ),
    }
}

fn fileexists(c: &Cx) -> Outcome {
    let path = locate(c);
    if c.world.files.is_dir(&path) && !c.world.files.is_file(&path) {
        return Err(format!("{:?} is a directory, not a file", clean(Path::new(c.str(0))).to_string_lossy()).into());
    }
    Ok(Value::bool(c.world.files.is_file(&path)))
}

/// Deepest folder that `fileset` looks into.
const MAX_DEPTH: usize = 64;

fn fileset(c: &Cx) -> Outcome {
    let base = locate(c);
    let Some(pattern) = glob(c.str(1)) else {
        return Err(format!("failed to glob pattern {:?}: syntax error in pattern", clean(&Path::new(c.str(0)).join(c.str(1))).to_string_lossy()).into());
    };
    let mut found = Vec::new();
    let mut folders = vec![(base.clone(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for path in c.world.files.list(&folder).unwrap_or_default() {
            if c.world.files.is_dir(&path) && depth < MAX_DEPTH {
                folders.push((path.clone(), depth + 1));
            }
            let relative = if base == Path::new(".") { path.strip_prefix(".").unwrap_or(&path) } else { path.strip_prefix(&base).unwrap_or(&path) };
            let relative = relative.to_string_lossy().replace('\\', "/");
            if c.world.files.is_file(&path) && pattern.is_match(&relative) {
                found.push(Value::string(relative));
            }
        }
    }
    Ok(Value::set(Type::String, found))
}

/// A file pattern as a regular expression: `*` and `?` within a folder, `**` across, `{a,b}`, `[a-z]`.
fn glob(pattern: &str) -> Option<regex::Regex> {
    let pattern = clean(Path::new(pattern)).to_string_lossy().into_owned();
    let mut out = String::from("^");
    let mut chars = pattern.chars().peekable();
    let (mut class, mut braces) = (false, 0usize);
    while let Some(ch) = chars.next() {
        match ch {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                class = true;
                out.push('[');
                if chars.peek() == Some(&'!') || chars.peek() == Some(&'^') {
                    chars.next();
                    out.push('^');
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
            ch if class => out.push(ch),
            ch => out.push_str(&regex::escape(&ch.to_string())),
        }
    }
    if class || braces > 0 {
        return None;
    }
    out.push('$');
    regex::Regex::new(&out).ok()
}

/// The variables of a template: nothing else has a meaning in it.
struct TemplateVars<'v> {
    vars: &'v Value,
}

impl Names for TemplateVars<'_> {
    fn resolve(&self, root: &str, _: &[Step], _: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize) {
        match self.vars.get(root) {
            Some(v) => (v.clone(), 0),
            None => {
                let detail = format!("vars map does not contain key {root:?}");
                out.push(crate::base::Diagnostic::error("undeclared-variable", "missing", detail).at(span));
                (unknown(), usize::MAX)
            }
        }
    }
}

fn templatefile(c: &Cx) -> Outcome {
    let text = read_text(c, 0)?;
    render(c, &text, c.str(0))
}

fn templatestring(c: &Cx) -> Outcome {
    if c.value(0).as_str().is_none() {
        return arg(0, "invalid template value: a string is required");
    }
    let value = render(c, c.str(0), "<templatestring argument>")?;
    match crate::lang::convert::convert(&value, &Type::String) {
        Ok(v) => Ok(v),
        Err(why) => arg(0, format!("invalid template result: {why}")),
    }
}

pub(super) fn render(c: &Cx, text: &str, name: &str) -> Outcome {
    let vars = c.value(1);
    if vars.entries().is_none() {
        return arg(1, "invalid vars value: must be a map");
    }
    if let Some(key) = vars.entries().into_iter().flatten().map(|(k, _)| k).find(|k| !crate::base::value::is_identifier(k)) {
        return arg(1, format!("invalid template variable name {key:?}: must start with a letter, followed by zero or more letters, digits, and underscores"));
    }
    let file = FileId(u32::MAX);
    let parts = match parse_template(file, name, text) {
        Ok(parts) => parts,
        Err((offset, d)) => {
            let end = d.span.map_or(offset, |s| s.end as usize);
            return Err(format!("{}: {}; {}", place(name, text, offset, end), d.summary, d.detail).into());
        }
    };
    if !c.world.templates {
        return Err("cannot recursively call templatefile from inside another template function".into());
    }
    let names = TemplateVars { vars: &vars };
    let world = World {
        templates: false,
        dir: c.world.dir.clone(),
        cwd: c.world.cwd.clone(),
        home: c.world.home.clone(),
        now: c.world.now.clone(),
        allocations: c.world.allocations.clone(),
        ..*c.world
    };
    let mut own = Diagnostics::default();
    let value = render_template(&parts, &Env { names: &names, world: Some(&world), file, bound: None, quiet: false }, &mut own);
    let Some(d) = own.items.iter().find(|d| d.is_error()) else {
        if value.is_null() {
            let whole = place(name, text, 0, text.len());
            return Err(format!(
                "{whole}: Template result is null; The result of the template is null, which is not a valid result for a templatestring call."
            )
            .into());
        }
        return Ok(value);
    };
    let at = d.span.map_or_else(|| name.to_owned(), |s| place(name, text, s.start as usize, s.end as usize));
    if d.summary == "missing" {
        return arg(1, format!("{}, referenced at {at}", d.detail));
    }
    Err(format!("{at}: {}; {}", d.summary, d.detail).into())
}

/// `path:line,column-column`.
pub(in crate::lang) fn place(name: &str, text: &str, start: usize, end: usize) -> String {
    let position = |at: usize| {
        let before = text.get(..at.min(text.len())).unwrap_or(text);
        (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or("").chars().count() + 1)
    };
    let ((line, from), (_, to)) = (position(start), position(end));
    format!("{name}:{line},{from}-{to}")
}
