//! Evaluation of a blueprint: one [`Evaluator`] per run holds what instances the module calls and resources have and the values
//! the plan has worked out for them; locals, variables and outputs are computed when first asked for and kept until a
//! resource they read changes.

pub mod conditions;
pub mod decode;
pub mod expand;
pub mod expr;
pub(super) mod messages;
pub mod ops;
mod outputs;
mod repeat;
mod scope;
pub mod show;
pub mod template;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    rc::Rc,
};

use self::expr::{Env, eval, unknown};
use super::{
    allocations::{Allocations, Pools},
    blueprint::{Blueprint, Expr, Module, ModuleCall, ResourceKey},
    convert::without_optional,
    deps::{Target, references},
    files::Files,
    functions::World,
    typeexpr::to_variable_type,
};
use crate::base::{Address, Diagnostic, Diagnostics, Key, Marks, ModulePath, ResourceAddress, Sources, Type, Value};

pub use self::conditions::{ConditionKind, Judged, Standing};

/// What a run is given from outside.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The root module's variables, already of their types.
    pub variables: BTreeMap<String, Value>,
    /// Those that were given, as they were given; what plan files tell of them.
    pub given: BTreeMap<String, Value>,
    pub workspace: String,
    pub root_dir: PathBuf,
    pub cwd: PathBuf,
    /// RFC 3339.
    pub now: String,
    /// `timestamp()` and its like are unknown while planning.
    pub plan_mode: bool,
    /// Address ranges given out by `cidr::allocate`, and what it asks for.
    pub allocations: Rc<Allocations>,
}

/// The instances of a resource or a module call.
#[derive(Clone, Debug, PartialEq)]
pub enum Expansion {
    Single,
    Count(usize),
    ForEach(BTreeMap<String, Value>),
}

impl Expansion {
    pub fn keys(&self) -> Vec<Option<Key>> {
        match self {
            Expansion::Single => vec![None],
            Expansion::Count(n) => (0..*n).map(|i| Some(Key::Int(i as i64))).collect(),
            Expansion::ForEach(m) => m.keys().map(|k| Some(Key::Str(k.clone()))).collect(),
        }
    }

    pub fn contains(&self, key: &Option<Key>) -> bool {
        match (self, key) {
            (Expansion::Single, None) => true,
            (Expansion::Count(n), Some(Key::Int(i))) => usize::try_from(*i).is_ok_and(|i| i < *n),
            (Expansion::ForEach(m), Some(Key::Str(k))) => m.contains_key(k),
            _ => false,
        }
    }

    /// What `each` and `count` mean in the instance with this key.
    pub fn each(&self, key: &Option<Key>) -> Each {
        let each_value = match (self, key) {
            (Expansion::ForEach(m), Some(Key::Str(k))) => m.get(k).cloned(),
            _ => None,
        };
        Each { key: key.clone(), each_value, self_value: None }
    }
}

/// What `each`, `count` and `self` mean where an expression is evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Each {
    pub key: Option<Key>,
    pub each_value: Option<Value>,
    pub self_value: Option<Value>,
}

/// A resource's instances and values, as the plan declared and set them.
#[derive(Default)]
pub(super) struct Slot {
    version: Cell<u64>,
    state: RefCell<SlotState>,
}

#[derive(Default)]
struct SlotState {
    expansion: Option<Expansion>,
    values: HashMap<Option<Key>, Value>,
    /// The whole resource's value, built when a reference needs it.
    whole: Option<Value>,
}

impl Slot {
    fn change(&self, change: impl FnOnce(&mut SlotState)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        state.whole = None;
        self.version.set(self.version.get() + 1);
    }
}

/// The resources something was computed from, as they were then.
pub(super) type Reads = Vec<(Rc<Slot>, u64)>;

/// How a call expands, and what that was worked out from.
type Expanded = (Option<Expansion>, Rc<Reads>);

/// A value that was computed, and what from.
#[derive(Clone)]
struct Memo {
    /// `None` while it is being computed.
    value: Option<Value>,
    reads: Rc<Reads>,
}

/// One module instance.
struct Frame<'a> {
    path: ModulePath,
    module: &'a Module,
    above: Option<(Rc<Frame<'a>>, &'a ModuleCall)>,
    memos: RefCell<HashMap<Name<'a>, Memo>>,
    calls: RefCell<HashMap<&'a str, Expanded>>,
    resources: RefCell<HashMap<ResourceKey, Rc<Slot>>>,
    /// Expressions that were prepared, by the identity of their syntax.
    prepared: RefCell<HashSet<usize>>,
}

/// Something of a module instance that is computed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name<'a> {
    Local(&'a str),
    Variable(&'a str),
    Output(&'a str),
}

/// Evaluates a blueprint's expressions. Not shared between threads.
pub struct Evaluator<'a> {
    blueprint: &'a Blueprint,
    sources: &'a Sources,
    world: World<'a>,
    inputs: Inputs,
    frames: RefCell<HashMap<ModulePath, Rc<Frame<'a>>>>,
    /// What went wrong in computed-once values: reported by whichever call came upon it, and never swallowed by a `try`.
    pub(super) pending: RefCell<Diagnostics>,
    /// The resources that the values now being computed have read, innermost last.
    reads: RefCell<Vec<Reads>>,
    /// The pools of `address_plan`, once somebody asked for one.
    pub(super) pools: RefCell<Pools>,
    /// Objects that expressions of the root module may refer to besides its own names: `run`, `output` in tests.
    pub(super) also: RefCell<BTreeMap<String, Value>>,
}

impl<'a> Evaluator<'a> {
    pub fn new(blueprint: &'a Blueprint, sources: &'a Sources, files: &'a dyn Files, inputs: Inputs) -> Evaluator<'a> {
        let world = World {
            files,
            sources,
            dir: inputs.root_dir.clone(),
            cwd: inputs.cwd.clone(),
            home: None,
            now: inputs.now.clone(),
            plan_mode: inputs.plan_mode,
            templates: true,
            allocations: inputs.allocations.clone(),
        };
        Evaluator {
            blueprint,
            sources,
            world,
            inputs,
            frames: RefCell::default(),
            pending: RefCell::default(),
            reads: RefCell::default(),
            pools: RefCell::default(),
            also: RefCell::default(),
        }
    }

    pub(super) fn blueprint(&self) -> &'a Blueprint {
        self.blueprint
    }

    /// The user's home directory, for `pathexpand`.
    pub fn with_home(mut self, home: Option<PathBuf>) -> Evaluator<'a> {
        self.world.home = home;
        self
    }

    /// Gives a name of its own to an object, for expressions that stand outside the blueprint; it goes before the names of the blueprint.
    pub fn also(&self, root: &str, object: Value) {
        self.also.borrow_mut().insert(root.to_owned(), object);
    }

    /// Says which instances a resource has. References to it are unknown until then.
    pub fn declare(&self, resource: &ResourceAddress, expansion: &Expansion) {
        if let Some(slot) = self.slot_of(resource) {
            slot.change(|s| {
                s.expansion = Some(expansion.clone());
                s.values.retain(|k, _| expansion.contains(k));
            });
        }
    }

    /// Sets an instance's value; references read it from now on.
    pub fn set(&self, address: &Address, value: Value) {
        if let Some(slot) = self.slot_of(&address.resource) {
            slot.change(|s| drop(s.values.insert(address.key.clone(), value)));
        }
    }

    /// Forgets an instance's value: it is unknown again.
    pub fn unset(&self, address: &Address) {
        if let Some(slot) = self.slot_of(&address.resource) {
            slot.change(|s| drop(s.values.remove(&address.key)));
        }
    }

    /// The instances of a resource that have been set, in the order of their keys.
    pub fn instances_of(&self, resource: &ResourceAddress) -> Vec<Address> {
        let Some(slot) = self.slot_of(resource) else { return Vec::new() };
        let mut found: Vec<Address> = slot.state.borrow().values.keys().map(|k| resource.instance(k.clone())).collect();
        found.sort();
        found
    }

    /// The value that was set for an instance.
    pub fn get(&self, address: &Address) -> Option<Value> {
        let slot = self.slot_of(&address.resource)?;
        let state = slot.state.borrow();
        state.values.get(&address.key).cloned()
    }

    /// An expression's value in a module instance; unknown after an error.
    pub fn eval(&self, module: &ModulePath, expr: &Expr, each: &Each, diags: &mut Diagnostics) -> Value {
        let Some(frame) = self.frame(module) else { return unknown() };
        self.prepare(&frame, expr);
        let value = self.eval_in(&frame, expr, each, diags);
        self.flush(diags);
        value
    }

    /// Reports references of an expression that lead nowhere from a module, also where evaluation would not come upon them.
    pub fn check_expression(&self, module: &ModulePath, expr: &Expr, diags: &mut Diagnostics) {
        if let Some(frame) = self.frame(module) {
            super::deps::validate_expression(frame.module, expr, diags);
        }
    }

    fn eval_in(&self, frame: &Rc<Frame<'a>>, expr: &Expr, each: &Each, diags: &mut Diagnostics) -> Value {
        let scope = scope::Scope { ev: self, frame, each };
        eval(&expr.node, &self.env(&scope, expr), diags)
    }

    fn env<'s>(&'s self, scope: &'s scope::Scope<'s, 'a>, expr: &Expr) -> Env<'s> {
        Env { names: scope, world: Some(&self.world), file: expr.span.file, bound: None, quiet: false }
    }

    /// Hands over what computed-once values reported.
    fn flush(&self, diags: &mut Diagnostics) {
        diags.extend(std::mem::take(&mut *self.pending.borrow_mut()));
    }

    /// A module instance; `None` when the blueprint has no such call.
    fn frame(&self, path: &ModulePath) -> Option<Rc<Frame<'a>>> {
        if let Some(frame) = self.frames.borrow().get(path) {
            return Some(frame.clone());
        }
        let (module, above) = match path.0.split_last() {
            None => (&*self.blueprint.root, None),
            Some((last, rest)) => {
                let parent = self.frame(&ModulePath(rest.to_vec()))?;
                let call = parent.module.calls.get(&last.name)?;
                (&*call.module, Some((parent, call)))
            }
        };
        let frame = Rc::new(Frame {
            path: path.clone(),
            module,
            above,
            memos: RefCell::default(),
            calls: RefCell::default(),
            resources: RefCell::default(),
            prepared: RefCell::default(),
        });
        self.frames.borrow_mut().insert(path.clone(), frame.clone());
        Some(frame)
    }

    fn slot_of(&self, resource: &ResourceAddress) -> Option<Rc<Slot>> {
        let frame = self.frame(&resource.module)?;
        Some(frame.slot(ResourceKey { mode: resource.mode, kind: resource.kind.clone(), name: resource.name.clone() }))
    }

    /// Notes that what is being computed depends on a resource.
    fn note_read(&self, slot: &Rc<Slot>) {
        if let Some(reads) = self.reads.borrow_mut().last_mut()
            && !reads.iter().any(|(s, _)| Rc::ptr_eq(s, slot))
        {
            reads.push((slot.clone(), slot.version.get()));
        }
    }

    /// A computed-once value that is still good.
    fn remembered(&self, frame: &Frame<'a>, name: Name<'a>) -> Option<Memo> {
        let memos = frame.memos.borrow();
        let memo = memos.get(&name)?;
        still_good(&memo.reads).then(|| memo.clone())
    }

    /// Runs a computation and returns what it read; those around it have read that too.
    pub(super) fn recording<R>(&self, run: impl FnOnce() -> R) -> (R, Rc<Reads>) {
        self.reads.borrow_mut().push(Vec::new());
        let result = run();
        let reads = Rc::new(self.reads.borrow_mut().pop().unwrap_or_default());
        self.note_all(&reads);
        (result, reads)
    }

    fn note_all(&self, reads: &Reads) {
        for (slot, _) in reads {
            self.note_read(slot);
        }
    }

    /// The value of a local, variable or output.
    fn value_of(&self, frame: &Rc<Frame<'a>>, name: Name<'a>) -> Value {
        if let Some(memo) = self.remembered(frame, name) {
            let Some(value) = memo.value else {
                self.report_cycle(frame, name);
                return unknown();
            };
            self.note_all(&memo.reads);
            return value;
        }
        frame.memos.borrow_mut().insert(name, Memo { value: None, reads: Rc::default() });
        let mut own = Diagnostics::default();
        let (value, reads) = self.recording(|| self.compute(frame, name, &mut own));
        self.pending.borrow_mut().extend(own);
        frame.memos.borrow_mut().insert(name, Memo { value: Some(value.clone()), reads });
        value
    }

    fn report_cycle(&self, frame: &Frame<'a>, name: Name<'a>) {
        let (what, span) = match name {
            Name::Local(n) => (format!("local.{n}"), frame.module.locals.get(n).map(|l| l.span)),
            Name::Variable(n) => (format!("var.{n}"), frame.module.variables.get(n).map(|v| v.span)),
            Name::Output(n) => (format!("output.{n}"), frame.module.outputs.get(n).map(|o| o.span)),
        };
        let what = if frame.path.is_root() { what } else { format!("{}.{what}", frame.path) };
        self.pending.borrow_mut().push(Diagnostic::error("cycle", "Cycle", format!("{what} depends on itself, directly or through others.")).at(span));
    }

    fn compute(&self, frame: &Rc<Frame<'a>>, name: Name<'a>, diags: &mut Diagnostics) -> Value {
        match name {
            Name::Local(n) => match frame.module.locals.get(n) {
                Some(local) => self.eval_in(frame, &local.expr, &Each::default(), diags),
                None => unknown(),
            },
            Name::Variable(n) => self.variable(frame, n, diags),
            Name::Output(n) => self.output_value(frame, n, diags),
        }
    }

    fn variable(&self, frame: &Rc<Frame<'a>>, name: &str, diags: &mut Diagnostics) -> Value {
        let Some(variable) = frame.module.variables.get(name) else { return unknown() };
        let marks = Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral };
        let given = match &frame.above {
            None => self.inputs.variables.get(name).cloned().map(|v| (v, variable.span)),
            Some((parent, call)) => call.inputs.get(name).map(|input| (self.eval_in(parent, &input.expr, &self.each_of(frame), diags), input.expr.span)),
        };
        if let Some((value, span)) = &given
            && frame.above.is_some()
            && value.marks_deep().ephemeral
            && !variable.ephemeral
        {
            let detail =
                "This input variable is not declared as accepting a ephemeral values, so it cannot be set to a result derived from an ephemeral value.";
            diags.push(Diagnostic::error("ephemeral-value", "Ephemeral value not allowed", detail).at(*span));
            return Value::unknown(without_optional(&variable.ty)).marked(marks);
        }
        let given = given.filter(|(v, _)| !v.is_null() || variable.nullable);
        let (value, span) = match (given, &variable.default) {
            (Some(given), _) => given,
            (None, Some(default)) => (self.eval_in(frame, default, &Each::default(), diags), default.span),
            (None, None) => {
                let at = frame.above.as_ref().map_or(variable.span, |(_, call)| call.inputs.get(name).map_or(call.span, |i| i.expr.span));
                if frame.above.as_ref().is_some_and(|(_, call)| call.inputs.contains_key(name)) {
                    let detail = format!(
                        "The given value is not suitable for {} defined at {}: required variable may not be set to null.",
                        frame.show_variable(name),
                        super::blocks::place(self.sources, variable.span)
                    );
                    diags.push(Diagnostic::error("required-variable-not-set", "Required variable not set", detail).at(at));
                }
                return Value::unknown(without_optional(&variable.ty)).marked(marks);
            }
        };
        match to_variable_type(&value, &variable.ty, &variable.defaults) {
            Ok(v) => v.marked(marks),
            Err(why) => {
                let detail = format!(
                    "The given value is not suitable for {} defined at {}: {why}.",
                    frame.show_variable(name),
                    super::blocks::place(self.sources, variable.span)
                );
                diags.push(Diagnostic::error("invalid-variable-value", "Invalid value for input variable", detail).at(span));
                Value::unknown(without_optional(&variable.ty)).marked(marks)
            }
        }
    }

    /// What `each` and `count` mean in the inputs of a module instance's call.
    fn each_of(&self, frame: &Rc<Frame<'a>>) -> Each {
        let Some((parent, call)) = &frame.above else { return Each::default() };
        let key = frame.path.0.last().and_then(|s| s.key.clone());
        match self.call_expansion(parent, call) {
            Some(expansion) => expansion.each(&key),
            None => Each { each_value: key.as_ref().map(|_| Value::unknown(Type::Any)), key, self_value: None },
        }
    }

    /// Computes what an expression refers to before it is evaluated itself, deepest first and without recursion: chains of
    /// locals may be as long as they like.
    fn prepare(&self, frame: &Rc<Frame<'a>>, expr: &Expr) {
        // Once is enough: what has changed since is computed again on the way, a few steps deep.
        if !frame.prepared.borrow_mut().insert(std::sync::Arc::as_ptr(&expr.node) as usize) {
            return;
        }
        let mut stack: Vec<(Rc<Frame<'a>>, Name<'a>, bool)> = Vec::new();
        self.push_needs(frame, expr, &mut stack);
        while let Some((frame, name, entered)) = stack.pop() {
            if self.remembered(&frame, name).is_some() {
                continue;
            }
            if entered {
                self.value_of(&frame, name);
                continue;
            }
            stack.push((frame.clone(), name, true));
            let before = stack.len();
            match name {
                Name::Local(n) => {
                    if let Some(local) = frame.module.locals.get(n) {
                        self.push_needs(&frame, &local.expr, &mut stack);
                    }
                }
                Name::Variable(n) => {
                    if let Some((parent, call)) = &frame.above
                        && let Some(input) = call.inputs.get(n)
                    {
                        self.push_needs(parent, &input.expr, &mut stack);
                    }
                }
                Name::Output(n) => {
                    if let Some(output) = frame.module.outputs.get(n) {
                        self.push_needs(&frame, &output.value, &mut stack);
                    }
                }
            }
            // What is already being entered further down would be a cycle; evaluation will come upon it and say so.
            let mut i = before;
            while i < stack.len() {
                let is_open = stack.get(i).is_some_and(|(f, n, _)| stack.iter().take(before).any(|(g, m, e)| *e && n == m && Rc::ptr_eq(f, g)));
                if is_open {
                    stack.swap_remove(i);
                } else {
                    i += 1;
                }
            }
        }
    }

    fn push_needs(&self, frame: &Rc<Frame<'a>>, expr: &Expr, stack: &mut Vec<(Rc<Frame<'a>>, Name<'a>, bool)>) {
        let module = frame.module;
        for reference in references(expr) {
            let (frame, name) = match &reference.target {
                Target::Local(n) => (frame.clone(), module.locals.get_key_value(n).map(|(k, _)| Name::Local(k))),
                Target::Variable(n) => (frame.clone(), module.variables.get_key_value(n).map(|(k, _)| Name::Variable(k))),
                Target::Call(n) => {
                    let Some(call) = module.calls.get(n).filter(|c| c.count.is_none() && c.for_each.is_none()) else { continue };
                    let Some(crate::base::PathStep::Name(output)) = reference.path.first() else { continue };
                    let Some(child) = self.frame(&frame.path.child(&call.name, None)) else { continue };
                    (child, call.module.outputs.get_key_value(output).map(|(k, _)| Name::Output(k)))
                }
                _ => continue,
            };
            if let Some(name) = name
                && self.remembered(&frame, name).is_none()
            {
                stack.push((frame, name, false));
            }
        }
    }
}

fn still_good(reads: &Reads) -> bool {
    reads.iter().all(|(slot, version)| slot.version.get() == *version)
}

impl Frame<'_> {
    fn slot(&self, key: ResourceKey) -> Rc<Slot> {
        self.resources.borrow_mut().entry(key).or_default().clone()
    }

    fn show_variable(&self, name: &str) -> String {
        if self.path.is_root() { format!("var.{name}") } else { format!("{}.var.{name}", self.path) }
    }

    /// `the root module`, or the module's address.
    fn show(&self) -> String {
        if self.path.is_root() { "the root module".into() } else { self.path.to_string() }
    }
}
