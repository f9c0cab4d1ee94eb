//! Addresses of resources: `module.hub["weu"].azurerm_subnet.node[0]`.

use std::{fmt, str::FromStr};

/// An instance key: `count` gives integers, `for_each` strings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Key {
    Int(i64),
    Str(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    Data,
    /// Opened when it is needed and closed again; never in a state.
    Ephemeral,
    Managed,
}

impl Mode {
    /// What stands before the type in an address: `data.`, `ephemeral.` or nothing.
    pub fn prefix(self) -> &'static str {
        match self {
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
            Mode::Managed => "",
        }
    }

    /// As state and plan files name it.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
            Mode::Managed => "managed",
        }
    }
}

/// One module call on the way down, with its instance key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    pub name: String,
    pub key: Option<Key>,
}

/// A module instance; empty for the root module.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<ModuleStep>);

impl ModulePath {
    pub fn root() -> ModulePath {
        ModulePath::default()
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn child(&self, name: &str, key: Option<Key>) -> ModulePath {
        let mut steps = self.0.clone();
        steps.push(ModuleStep { name: name.to_owned(), key });
        ModulePath(steps)
    }

    pub fn parent(&self) -> Option<ModulePath> {
        let (_, rest) = self.0.split_last()?;
        Some(ModulePath(rest.to_vec()))
    }

    /// The call names without instance keys.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|s| s.name.clone()).collect()
    }
}

/// A resource block in a module instance, before `count` or `for_each` is applied to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddress {
    pub module: ModulePath,
    pub mode: Mode,
    pub kind: String,
    pub name: String,
}

/// One resource instance. Orders as Terraform prints: by module, data before managed, type, name, key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub resource: ResourceAddress,
    pub key: Option<Key>,
}

impl ResourceAddress {
    pub fn new(module: ModulePath, mode: Mode, kind: &str, name: &str) -> ResourceAddress {
        ResourceAddress { module, mode, kind: kind.to_owned(), name: name.to_owned() }
    }

    pub fn instance(&self, key: Option<Key>) -> Address {
        Address { resource: self.clone(), key }
    }
}

impl Address {
    pub fn module(&self) -> &ModulePath {
        &self.resource.module
    }

    pub fn kind(&self) -> &str {
        &self.resource.kind
    }

    pub fn name(&self) -> &str {
        &self.resource.name
    }

    pub fn mode(&self) -> Mode {
        self.resource.mode
    }

    pub fn is_managed(&self) -> bool {
        self.resource.mode == Mode::Managed
    }
}

impl From<&str> for Key {
    fn from(s: &str) -> Key {
        Key::Str(s.to_owned())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Int(i) => write!(f, "[{i}]"),
            Key::Str(s) => {
                f.write_str("[\"")?;
                for c in s.chars() {
                    match c {
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        c => write!(f, "{c}")?,
                    }
                }
                f.write_str("\"]")
            }
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            write!(f, "{}module.{}", if i > 0 { "." } else { "" }, step.name)?;
            if let Some(key) = &step.key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ResourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}.{}", self.mode.prefix(), self.kind, self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource)?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(pub String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for AddressError {}

/// What a `-target` may name: a module instance (or call), a resource, or one instance of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Module(ModulePath),
    Resource(ResourceAddress),
    Instance(Address),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(module) => module.fmt(f),
            Target::Resource(resource) => resource.fmt(f),
            Target::Instance(address) => address.fmt(f),
        }
    }
}

impl Target {
    /// The module that it is, or that it is in.
    pub fn module(&self) -> &ModulePath {
        match self {
            Target::Module(path) => path,
            Target::Resource(resource) => &resource.module,
            Target::Instance(address) => address.module(),
        }
    }

    /// Whether the target covers an instance. A step without a key covers every instance of that call.
    pub fn covers(&self, address: &Address) -> bool {
        match self {
            Target::Module(path) => covers_module(path, address.module()),
            Target::Resource(r) => {
                let a = &address.resource;
                a.mode == r.mode && a.kind == r.kind && a.name == r.name && a.module.0.len() == r.module.0.len() && covers_module(&r.module, &a.module)
            }
            Target::Instance(i) => i == address,
        }
    }
}

fn covers_module(target: &ModulePath, module: &ModulePath) -> bool {
    target.0.len() <= module.0.len() && target.0.iter().zip(&module.0).all(|(t, m)| t.name == m.name && (t.key.is_none() || t.key == m.key))
}

impl FromStr for Target {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Target, AddressError> {
        let bad = |why: &str| AddressError(format!("{text:?} is not a resource address: {why}."));
        let parts = split(text).map_err(|why| bad(&why))?;
        let mut rest = parts.as_slice();
        let mut module = ModulePath::root();
        while let [(word, None), (name, key), tail @ ..] = rest {
            if word != "module" {
                break;
            }
            module = module.child(name, key.clone());
            rest = tail;
        }
        let mut mode = Mode::Managed;
        if let [(word, None), tail @ ..] = rest {
            mode = match word.as_str() {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            rest = if mode == Mode::Managed { rest } else { tail };
        }
        match rest {
            [] if mode == Mode::Managed && !module.is_root() => Ok(Target::Module(module)),
            [(kind, None), (name, key)] => {
                let resource = ResourceAddress::new(module, mode, kind, name);
                Ok(match key {
                    None => Target::Resource(resource),
                    Some(_) => Target::Instance(resource.instance(key.clone())),
                })
            }
            [] => Err(bad("a resource type and name are missing")),
            [_] => Err(bad("a type and a name are needed, separated by a dot")),
            _ => Err(bad("there is more after the resource name")),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        match text.parse()? {
            Target::Resource(resource) => Ok(resource.instance(None)),
            Target::Instance(address) => Ok(address),
            Target::Module(_) => Err(AddressError(format!("{text:?} names a module, not a resource."))),
        }
    }
}

impl FromStr for ModulePath {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<ModulePath, AddressError> {
        if text.is_empty() {
            return Ok(ModulePath::root());
        }
        match text.parse()? {
            Target::Module(path) => Ok(path),
            _ => Err(AddressError(format!("{text:?} names a resource, not a module."))),
        }
    }
}

/// Splits `a.b["x.y"].c[0]` into names, each with its key.
fn split(text: &str) -> Result<Vec<(String, Option<Key>)>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        if !super::value::is_identifier(name) {
            return Err(format!("{name:?} is not a name"));
        }
        rest = &rest[end..];
        let mut key = None;
        if rest.starts_with('[') {
            let (k, tail) = bracket(rest)?;
            key = Some(k);
            rest = tail;
        }
        parts.push((name.to_owned(), key));
        match rest.strip_prefix('.') {
            Some(tail) => rest = tail,
            None if rest.is_empty() => return Ok(parts),
            None => return Err(format!("unexpected {rest:?}")),
        }
    }
}

fn bracket(text: &str) -> Result<(Key, &str), String> {
    let inner = &text[1..];
    if let Some(quoted) = inner.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = quoted.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    let tail = quoted[i + 1..].strip_prefix(']').ok_or("a closing bracket is missing")?;
                    return Ok((Key::Str(out), tail));
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, c)) => out.push(c),
                    None => break,
                },
                c => out.push(c),
            }
        }
        return Err("a closing quote is missing".into());
    }
    let end = inner.find(']').ok_or("a closing bracket is missing")?;
    let n = inner[..end].parse().map_err(|_| format!("{:?} is neither a number nor a quoted key", &inner[..end]))?;
    Ok((Key::Int(n), &inner[end + 1..]))
}
