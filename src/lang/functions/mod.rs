//! The language's functions: a table by file, and the one way they are called: arguments are counted, converted, checked for
//! null, their marks carried over, and unknown arguments give an unknown result of the right type.

mod cidr;
mod cidr_plan;
mod collection;
mod encoding;
mod filesystem;
mod format;
mod hash;
mod json_text;
mod maps;
mod number;
mod provider;
mod random;
mod re2;
mod rsa;
mod sets;
mod string;
mod time;
mod types;
mod yaml;
mod yaml_read;

use std::{collections::BTreeMap, path::PathBuf, rc::Rc, sync::OnceLock};

pub(super) use filesystem::place as template_place;

use super::{
    allocations::Allocations,
    convert::convert,
    eval::expr::{Env, Names, eval, unknown},
    files::Files,
    syntax::{Call, Node, NodeKind, Step},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Kind, Marks, Sources, Span, Type, Value, diag::nearest};

/// What functions may touch besides their arguments.
pub struct World<'e> {
    pub files: &'e dyn Files,
    /// Where expressions stand, for messages that name a place.
    pub sources: &'e Sources,
    /// Where relative paths start.
    pub dir: PathBuf,
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// The user's home directory, for `pathexpand`.
    pub home: Option<PathBuf>,
    /// RFC 3339.
    pub now: String,
    /// `timestamp()` and other answers that differ each time are unknown while planning.
    pub plan_mode: bool,
    /// Whether `templatefile` and `templatestring` may be called (they may not call each other).
    pub templates: bool,
    /// Address ranges given out, for `cidr::allocate`.
    pub allocations: Rc<Allocations>,
}

/// A parameter's type constraint, in a form that tables can hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum T {
    Any,
    Bool,
    Num,
    Str,
    ListAny,
    ListStr,
    ListBool,
    ListNum,
    SetAny,
    SetStr,
    MapAny,
    MapListStr,
}

impl T {
    fn ty(self) -> Type {
        match self {
            T::Any => Type::Any,
            T::Bool => Type::Bool,
            T::Num => Type::Number,
            T::Str => Type::String,
            T::ListAny => Type::list(Type::Any),
            T::ListStr => Type::list(Type::String),
            T::ListBool => Type::list(Type::Bool),
            T::ListNum => Type::list(Type::Number),
            T::SetAny => Type::set(Type::Any),
            T::SetStr => Type::set(Type::String),
            T::MapAny => Type::map(Type::Any),
            T::MapListStr => Type::map(Type::list(Type::String)),
        }
    }
}

/// One parameter and what it takes besides plain known values.
#[derive(Clone, Copy)]
struct Param {
    name: &'static str,
    ty: T,
    null: bool,
    /// Known itself, but parts of it may be unknown.
    part_unknown: bool,
    /// May be unknown as a whole.
    unknown: bool,
    /// Takes a value whose type is not known either.
    dynamic: bool,
    marks: Carry,
}

/// Which marks of an argument go to the result; those that do not, the function sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carry {
    /// All, also those found inside.
    All,
    /// Those of the value itself: the result keeps its parts with theirs.
    Outer,
    None,
}

const fn p(name: &'static str, ty: T) -> Param {
    Param { name, ty, null: false, part_unknown: false, unknown: false, dynamic: false, marks: Carry::All }
}

impl Param {
    const fn null(self) -> Param {
        Param { null: true, ..self }
    }

    const fn partly(self) -> Param {
        Param { part_unknown: true, marks: Carry::Outer, ..self }
    }

    /// Parts may be unknown, and marks found inside go to the whole result.
    const fn known_deep_marks(self) -> Param {
        Param { part_unknown: true, marks: Carry::All, ..self }
    }

    const fn unknown(self) -> Param {
        Param { unknown: true, part_unknown: true, marks: Carry::Outer, ..self }
    }

    const fn raw(self) -> Param {
        Param { unknown: true, part_unknown: true, dynamic: true, marks: Carry::None, ..self }
    }

    /// Without it, a value of no known type makes the result one too.
    const fn dynamic(self) -> Param {
        Param { dynamic: true, ..self }
    }
}

/// A function's result type, for when its arguments are not known.
#[derive(Clone, Copy)]
enum Res {
    Is(T),
    /// From the arguments, which may be unknown.
    Of(fn(&[Value]) -> Type),
}

/// Why a call fails.
enum Fault {
    /// The argument at this place is not acceptable.
    Arg(usize, String),
    Call(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Call(why)
    }
}

impl From<&str> for Fault {
    fn from(why: &str) -> Fault {
        Fault::Call(why.to_owned())
    }
}

fn arg<R>(place: usize, why: impl Into<String>) -> Result<R, Fault> {
    Err(Fault::Arg(place, why.into()))
}

/// What an implementation gets.
struct Cx<'c> {
    args: &'c [Value],
    /// Which arguments were sensitive: messages must not show them.
    secret: &'c [bool],
    world: &'c World<'c>,
    names: &'c dyn Names,
    /// The call.
    at: Span,
}

type Outcome = Result<Value, Fault>;

struct Function {
    name: &'static str,
    params: &'static [Param],
    rest: Option<Param>,
    result: Res,
    /// The result may be null.
    null_result: bool,
    /// Called with `provider::terraform::` before its name.
    of_provider: bool,
    run: fn(&Cx) -> Outcome,
}

const fn f(name: &'static str, params: &'static [Param], result: Res, run: fn(&Cx) -> Outcome) -> Function {
    Function { name, params, rest: None, result, null_result: false, of_provider: false, run }
}

impl Function {
    const fn rest(self, rest: Param) -> Function {
        Function { rest: Some(rest), ..self }
    }

    const fn of_provider(self) -> Function {
        Function { of_provider: true, ..self }
    }

    const fn may_be_null(self) -> Function {
        Function { null_result: true, ..self }
    }
}

impl Cx<'_> {
    fn value(&self, i: usize) -> Value {
        self.args.get(i).cloned().unwrap_or(Value::null(Type::Any))
    }

    /// A string argument; conversion has made sure that it is one.
    fn str(&self, i: usize) -> &str {
        self.args.get(i).and_then(Value::as_str).unwrap_or("")
    }

    /// A string argument for a message: quoted, unless it is sensitive.
    fn shown(&self, i: usize) -> String {
        if self.secret.get(i) == Some(&true) { "(sensitive value)".into() } else { format!("{:?}", self.str(i)) }
    }

    fn num(&self, i: usize) -> crate::base::Number {
        self.args.get(i).and_then(Value::as_number).cloned().unwrap_or(crate::base::Number::from(0))
    }

    fn int(&self, i: usize) -> Result<i64, Fault> {
        self.num(i).as_i64().ok_or_else(|| not_whole().into())
    }

    fn items(&self, i: usize) -> &[Value] {
        self.args.get(i).and_then(Value::elements).unwrap_or(&[])
    }

    fn entries(&self, i: usize) -> BTreeMap<String, Value> {
        self.args.get(i).and_then(Value::entries).cloned().unwrap_or_default()
    }
}

fn not_whole() -> String {
    format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX)
}

fn table() -> &'static BTreeMap<&'static str, &'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let all: [&'static [Function]; 17] = [
            cidr::FUNCTIONS,
            cidr_plan::FUNCTIONS,
            collection::FUNCTIONS,
            encoding::FUNCTIONS,
            filesystem::FUNCTIONS,
            format::FUNCTIONS,
            hash::FUNCTIONS,
            number::FUNCTIONS,
            provider::FUNCTIONS,
            random::FUNCTIONS,
            rsa::FUNCTIONS,
            sets::FUNCTIONS,
            string::FUNCTIONS,
            maps::FUNCTIONS,
            time::FUNCTIONS,
            types::FUNCTIONS,
            yaml::FUNCTIONS,
        ];
        all.into_iter().flatten().map(|f| (f.name, f)).collect()
    })
}

/// The names of all functions of Terraform, sorted.
pub fn names() -> Vec<&'static str> {
    let mut all: Vec<&str> = table().values().filter(|f| !f.of_provider && !is_own(f.name)).map(|f| f.name).chain(["can", "try"]).collect();
    all.sort_unstable();
    all
}

/// The names of the functions that only Ravelin has, sorted.
pub fn own_names() -> Vec<&'static str> {
    table().keys().copied().filter(|n| is_own(n)).collect()
}

/// Whether a function's name lies in a namespace that only Ravelin has.
pub fn is_own(name: &str) -> bool {
    name.starts_with(cidr_plan::NAMESPACE)
}

/// Calls a function with evaluated arguments, each with the node it came from.
pub fn call(c: &Call, node: &Node, args: Vec<(&Node, Value)>, world: &World, env: &Env, out: &mut Diagnostics) -> Value {
    // Terraform underlines a failed call with its parenthesis.
    let call_span = env.at(c.name_start, c.name_end + 1);
    let name = c.name.strip_prefix("core::").or(c.name.strip_prefix("provider::terraform::")).unwrap_or(&c.name);
    let known = table().get(name).filter(|f| f.of_provider == c.name.starts_with("provider::"));
    let Some(function) = known else {
        out.push(no_such_function(c, env));
        return unknown();
    };
    if let Some((summary, detail)) = miscounted(function, args.len()) {
        let code = if summary.starts_with("Not") { "missing-function-argument" } else { "extra-function-argument" };
        // The first argument that is too many, or the parenthesis before which one is missing.
        let at = args.get(function.params.len()).map_or(env.at(node.end.max(1) - 1, node.end), |(extra, _)| env.span(extra));
        out.push(env.error(node, at, code, summary, detail));
        return unknown();
    }
    let (mut values, mut marks, mut any_unknown, mut any_dynamic) = (Vec::with_capacity(args.len()), Marks::NONE, false, false);
    let secret: Vec<bool> = args.iter().map(|(_, v)| v.marks.sensitive).collect();
    for (i, (arg_node, value)) in args.iter().enumerate() {
        let Some(param) = function.params.get(i).or(function.rest.as_ref()) else { continue };
        let why = match convert(value, &param.ty.ty()) {
            Ok(v) if v.is_null() && !param.null => "argument must not be null".to_owned(),
            Ok(v) => {
                let (v, m) = match param.marks {
                    Carry::All => v.unmark_deep(),
                    Carry::Outer => v.unmark(),
                    Carry::None => (v, Marks::NONE),
                };
                marks = marks.or(m);
                any_dynamic |=
                    !param.dynamic && matches!(&v.kind, Kind::Null(Type::Any)) || matches!(&v.kind, Kind::Unknown(u) if !param.dynamic && u.ty == Type::Any);
                any_unknown |= v.is_unknown() && !param.unknown || !param.part_unknown && !v.is_wholly_known();
                values.push(v);
                continue;
            }
            Err(why) => why,
        };
        out.push(invalid_argument(param.name, &why, arg_node, env));
        return result_unknown(function, None).marked(marks);
    }
    if any_dynamic {
        return unknown().marked(marks);
    }
    if any_unknown {
        return result_unknown(function, Some(&values)).marked(marks);
    }
    if name == "templatestring"
        && let Some((first, _)) = args.first()
        && let Some(why) = not_a_reference(first)
    {
        out.push(invalid_argument("template", why, first, env));
        return unknown();
    }
    match (function.run)(&Cx { args: &values, secret: &secret, world, names: env.names, at: env.span(node) }) {
        Ok(v) => v.marked(marks),
        Err(Fault::Arg(i, why)) => {
            let param = function.params.get(i).or(function.rest.as_ref()).map_or("", |p| p.name);
            out.push(invalid_argument(param, &why, args.get(i).map_or(node, |a| a.0), env));
            result_unknown(function, None).marked(marks)
        }
        Err(Fault::Call(why)) => {
            let detail = format!("Call to function {:?} failed: {why}.", &*c.name);
            out.push(env.error(node, call_span, "function-call-failed", "Error in function call", detail));
            result_unknown(function, None).marked(marks)
        }
    }
}

/// Nothing has a name where a template stands alone.
struct Nameless;

impl Names for Nameless {
    fn resolve(&self, _: &str, steps: &[Step], _: &Env, _: Span, _: &mut Diagnostics) -> (Value, usize) {
        (Value::unknown(Type::Any), steps.len())
    }
}

/// The text of a template with variables, as `templatestring` makes it; `name` stands for the template in messages.
///
/// # Errors
/// In words, with the place in the template.
pub fn template_text(template: &str, vars: &Value, world: &World, name: &str) -> Result<String, String> {
    let args = [Value::string(template), vars.clone()];
    let value = filesystem::render(&Cx { args: &args, secret: &[false, false], world, names: &Nameless, at: Span::new(FileId(0), 0, 0) }, template, name)
        .map_err(|fault| match fault {
            Fault::Arg(_, why) | Fault::Call(why) => why,
        })?;
    let text = convert(&value, &Type::String).map_err(|why| format!("invalid template result: {why}"))?;
    text.as_str().map(str::to_owned).ok_or_else(|| "the result is not known yet".to_owned())
}

fn no_such_function(c: &Call, env: &Env) -> Diagnostic {
    let span = env.at(c.name_start, c.name_end);
    if &*c.name == "type" {
        let detail = "The console-only \"type\" function cannot be used as part of an expression.";
        return Diagnostic::error("unknown-function", "Invalid use of type function", detail).at(span);
    }
    let Some((namespace, rest)) = c.name.split_once("::") else {
        let mut detail = format!("There is no function named {:?}.", &*c.name);
        if let Some(near) = nearest(&c.name, names().into_iter().chain(own_names())) {
            detail.push_str(&format!(" Did you mean {near:?}?"));
        }
        return Diagnostic::error("unknown-function", "Call to unknown function", detail).at(span);
    };
    let detail = match rest.split_once("::") {
        Some(("terraform", function)) if namespace == "provider" => format!("The function {function:?} is not available from the provider \"terraform\"."),
        Some((provider, function)) if namespace == "provider" => format!(
            "There is no function named {:?}. Ensure that provider name {provider:?} is declared in this module's required_providers block, and that this \
             provider offers a function named {function:?}.",
            &*c.name
        ),
        _ if is_own(&c.name) => {
            let near = nearest(&c.name, own_names());
            let more = near.map_or_else(|| format!("There are {}.", own_names().join(", ")), |near| format!("Did you mean {near:?}?"));
            let detail = format!("There is no function named {:?}. {more}", &*c.name);
            return Diagnostic::error("unknown-function", "Call to unknown function", detail).at(span);
        }
        _ => {
            let near = nearest(&c.name, own_names()).map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
            format!("The function namespace {namespace:?} is not valid. Provider function calls must use the \"provider::\" namespace prefix.{near}")
        }
    };
    Diagnostic::error("unknown-function", "Unknown provider function", detail).at(span)
}

/// Why `templatestring` does not take an expression as its template: it must be a reference.
fn not_a_reference(node: &Node) -> Option<&'static str> {
    match &node.kind {
        NodeKind::Root(_) => None,
        NodeKind::Traversal(t) if matches!(t.on.kind, NodeKind::Root(_)) => None,
        NodeKind::Literal(v) if v.as_str().is_none() => Some(REFERENCE),
        NodeKind::Literal(_) | NodeKind::Template(_) | NodeKind::Wrap(_) => Some(
            "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing \
             a literal template; consider using a template string expression instead",
        ),
        _ => Some(REFERENCE),
    }
}

const REFERENCE: &str = "invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax";

fn invalid_argument(param: &str, why: &str, node: &Node, env: &Env) -> Diagnostic {
    let detail = format!("Invalid value for {param:?} parameter: {why}.");
    let (start, end) = node.beginning();
    env.error(node, env.at(start, end), "invalid-function-argument", "Invalid function argument", detail)
}

fn miscounted(function: &Function, given: usize) -> Option<(&'static str, String)> {
    let name = if function.of_provider { format!("provider::terraform::{}", function.name) } else { function.name.to_owned() };
    let wanted = function.params.len();
    if given < wanted {
        let missing = function.params.get(given).map_or("", |p| p.name);
        let at_least = if function.rest.is_some() { "at least " } else { "" };
        return Some(("Not enough function arguments", format!("Function {name:?} expects {at_least}{wanted} argument(s). Missing value for {missing:?}.")));
    }
    if given > wanted && function.rest.is_none() {
        return Some(("Too many function arguments", format!("Function {name:?} expects only {wanted} argument(s).")));
    }
    None
}

fn result_unknown(function: &Function, args: Option<&[Value]>) -> Value {
    let ty = match (function.result, args) {
        (Res::Is(t), _) => t.ty(),
        (Res::Of(of), Some(args)) => of(args),
        (Res::Of(_), None) => Type::Any,
    };
    if function.null_result { Value::unknown(ty) } else { Value::unknown_not_null(ty) }
}

/// `try(a, b, …)`: the first that evaluates without an error.
pub fn try_(c: &Call, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let mut failures = Vec::new();
    for arg in &c.args {
        let mut own = Diagnostics::default();
        let value = eval(arg, env, &mut own);
        if own.has_errors() {
            failures.extend(own);
            continue;
        }
        // What an unknown turns out to be may still decide whether this one fails, and so the type of the result.
        return if value.is_wholly_known() { value } else { unknown().marked(value.marks_deep()) };
    }
    if c.args.is_empty() {
        out.push(env.error(
            node,
            env.span(node),
            "function-call-failed",
            "Error in function call",
            "Call to function \"try\" failed: at least one argument is required.",
        ));
        return unknown();
    }
    let mut detail = "Call to function \"try\" failed: no expression succeeded:\n".to_owned();
    for d in &failures {
        let at = d.span.zip(env.world).filter(|(s, w)| w.sources.file(s.file).is_some());
        let at = at.map(|(s, w)| format!(" (at {})", super::blocks::place(w.sources, s))).unwrap_or_default();
        detail.push_str(&format!("- {}{at}\n  {}\n", d.summary, d.detail.replace('\n', "\n  ")));
    }
    detail.push_str("\nAt least one expression must produce a successful result.");
    out.push(env.error(node, env.at(c.name_start, c.name_end + 1), "function-call-failed", "Error in function call", detail));
    unknown()
}

/// `can(x)`: whether it evaluates without an error.
pub fn can(c: &Call, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let [only] = c.args.as_slice() else {
        let (summary, detail) = if c.args.is_empty() {
            ("Not enough function arguments", "Function \"can\" expects 1 argument(s). Missing value for \"expression\".")
        } else {
            ("Too many function arguments", "Function \"can\" expects only 1 argument(s).")
        };
        out.push(env.error(node, env.span(node), "missing-function-argument", summary, detail));
        return Value::unknown_not_null(Type::Bool);
    };
    let mut own = Diagnostics::default();
    let value = eval(only, env, &mut own);
    if own.has_errors() {
        return Value::bool(false);
    }
    if value.is_unknown() { Value::unknown_not_null(Type::Bool) } else { Value::bool(true) }
}
