//! What a run block tests: its module with the file's providers, overrides and variables in place.

use std::{collections::BTreeMap, path::PathBuf, rc::Rc, sync::Arc};

use super::{session::Session, test_file::Suite};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Span, Type, Value, address::Target, diag::nearest},
    lang::{
        Allocations, Blueprint, Disk, Expr, Inputs, Module,
        blueprint::Output,
        functions::World,
        syntax::{Node, NodeKind},
        testfile::{self, Overridden, Override, TestFile, TestRun},
        vars::{self, Given, GivenSource, Raw},
    },
    plan::{Options, PlanMode, StandIns, provider::Config, stand_in::Values},
};

/// A module, ready to be planned.
pub struct Prepared {
    pub blueprint: Blueprint,
    pub variables: BTreeMap<String, Value>,
    /// Where the values of variables stand in the test file.
    pub places: BTreeMap<String, Span>,
    /// All that `var` means in assertions: the module's variables and the file's own.
    pub all: Value,
    pub options: Options,
}

impl Prepared {
    pub fn inputs(&self, session: &Session, planning: bool) -> Inputs {
        Inputs { root_dir: self.blueprint.root.dir.clone(), ..session.inputs(self.variables.clone(), planning) }
    }
}

/// `None` when the test file is wrong; the diagnostics say what.
pub fn prepare(suite: &Suite<'_, '_, '_>, file: &TestFile, run: &TestRun, outputs: &BTreeMap<String, Value>, diags: &mut Diagnostics) -> Option<Prepared> {
    let main = match &run.module {
        Some((source, _)) => suite.modules.get(source)?,
        None => suite.main,
    };
    let scope = Scope { session: suite.session, outputs: Value::object(outputs.clone()) };
    let given = given(suite, file, run, main, &scope, diags);
    let own: BTreeMap<String, Value> = given.own.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
    let variables = vars::assign(&main.root, given.assigned, diags);
    let all = own.into_iter().filter(|(name, _)| !variables.contains_key(name)).chain(variables.clone()).collect();
    let all = Value::object(all);
    let mut root = (*main.root).clone();
    let mut options = options(suite, run, diags);
    provide(file, run, &scope, &all, &mut root, &mut options.stand_ins, diags);
    for (over, strict) in file.overrides.iter().map(|o| (o, run.module.is_none())).chain(run.overrides.iter().map(|o| (o, true))) {
        override_one(over, strict, &scope, &all, &mut root, &mut options.stand_ins, diags);
    }
    let places = given.own.into_iter().map(|(name, (_, span))| (name, span)).collect();
    if diags.has_errors() { None } else { Some(Prepared { blueprint: Blueprint { root: Arc::new(root) }, variables, places, all, options }) }
}

/// What expressions of the test file may refer to.
struct Scope<'a, 'u, 'w> {
    session: &'a Session<'u, 'w>,
    outputs: Value,
}

impl Scope<'_, '_, '_> {
    fn value(&self, expr: &Expr, var: &Value, diags: &mut Diagnostics) -> Value {
        let world = World {
            files: &Disk,
            sources: &self.session.sources,
            dir: self.session.dir.clone(),
            cwd: self.session.ui.dir.clone(),
            home: self.session.ui.world.var("HOME").map(PathBuf::from),
            now: self.session.ui.world.timestamp(),
            plan_mode: false,
            templates: true,
            allocations: Rc::<Allocations>::default(),
        };
        let objects = BTreeMap::from([("var".to_owned(), var.clone()), ("run".to_owned(), self.outputs.clone())]);
        testfile::value(expr, &objects, &world, diags)
    }
}

struct GivenHere {
    assigned: Vec<Given>,
    own: BTreeMap<String, (Value, Span)>,
}

/// Values for the module's variables: of the command line, then of the file, then of the run block.
fn given(suite: &Suite<'_, '_, '_>, file: &TestFile, run: &TestRun, main: &Blueprint, scope: &Scope<'_, '_, '_>, diags: &mut Diagnostics) -> GivenHere {
    let declared = |name: &str| main.root.variables.contains_key(name);
    let mut assigned: Vec<Given> = suite.given.iter().filter(|g| declared(&g.name)).cloned().collect();
    let outer: BTreeMap<String, Value> = suite.given.iter().map(|g| (g.name.clone(), raw(&g.value))).collect();
    let mut own = BTreeMap::new();
    for (name, attribute) in &file.variables {
        if run.variables.contains_key(name) {
            continue;
        }
        own.insert(name.clone(), (scope.value(&attribute.expr, &Value::object(outer.clone()), diags), attribute.expr.span));
    }
    let mut visible = outer;
    visible.extend(own.iter().map(|(name, (value, _)): (&String, &(Value, Span))| (name.clone(), value.clone())));
    let visible = Value::object(visible);
    for (name, attribute) in &run.variables {
        if !declared(name) {
            let near = nearest(name, main.root.variables.keys().map(String::as_str)).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            let detail = format!("The module under test does not declare a variable named {name:?}, but it is declared in run block {:?}.{near}", run.name);
            diags.push(Diagnostic::warning("undeclared-variable-value", "Value for undeclared variable", detail).at(attribute.name_span));
        }
        own.insert(name.clone(), (scope.value(&attribute.expr, &visible, diags), attribute.expr.span));
    }
    for (name, (value, span)) in own.iter().filter(|(name, _)| declared(name)) {
        assigned.push(Given { name: name.clone(), source: GivenSource::File(*span), value: Raw::Value(value.clone()) });
    }
    GivenHere { assigned, own }
}

fn raw(given: &Raw) -> Value {
    match given {
        Raw::Text(text) => Value::string(text),
        Raw::Value(value) => value.clone(),
    }
}

fn options(suite: &Suite<'_, '_, '_>, run: &TestRun, diags: &mut Diagnostics) -> Options {
    let text = |expr: &Expr| expr.node.as_literal_str().map_or_else(|| suite.session.sources.text(expr.span).to_owned(), str::to_owned);
    let wrong = |expr: &Expr, why: String| Diagnostic::error("test-plan-options", "Invalid address in plan_options", why).at(expr.span);
    let mut options = Options { refresh: run.options.refresh.unwrap_or(true), ..Options::default() };
    if run.options.refresh_only {
        options.mode = PlanMode::RefreshOnly;
    }
    for expr in &run.options.target {
        match text(expr).parse::<Target>() {
            Ok(target) => options.targets.push(target),
            Err(why) => diags.push(wrong(expr, why.to_string())),
        }
    }
    for expr in &run.options.replace {
        match text(expr).parse::<Address>() {
            Ok(address) => options.replace.push(address),
            Err(why) => diags.push(wrong(expr, why.to_string())),
        }
    }
    options
}

/// Puts the file's providers in the place of the module's: all of them, or those that the run block names.
fn provide(file: &TestFile, run: &TestRun, scope: &Scope<'_, '_, '_>, var: &Value, root: &mut Module, stand_ins: &mut StandIns, diags: &mut Diagnostics) {
    let real = file.providers.iter().map(|p| (p.name.clone(), p.alias.clone()));
    let all = real.chain(file.mocks.iter().map(|m| (m.name.clone(), m.alias.clone()))).map(|name| (name.clone(), name));
    let wanted: Vec<(Config, Config)> = if run.providers.is_empty() { all.collect() } else { run.providers.clone() };
    for (inner, outer) in wanted {
        if let Some(mock) = file.mocks.iter().find(|m| (&m.name, &m.alias) == (&outer.0, &outer.1)) {
            let types = mock.types.iter().map(|(kind, of)| {
                let given = of.defaults.as_ref().map_or_else(super::test_file::nothing, |e| scope.value(e, var, diags));
                (kind.clone(), Values { given, during_plan: of.during_plan })
            });
            stand_ins.providers.insert(inner, types.collect());
        } else if let Some(provider) = file.providers.iter().find(|p| (&p.name, &p.alias) == (&outer.0, &outer.1)) {
            let mut provider = provider.clone();
            (provider.name, provider.alias) = inner.clone();
            for attribute in provider.body.attrs.values_mut() {
                let value = scope.value(&attribute.expr, var, diags);
                attribute.expr = constant(value, attribute.expr.span);
            }
            root.providers.retain(|p| (&p.name, &p.alias) != (&inner.0, &inner.1));
            root.providers.push(provider);
        } else {
            let name = outer.1.as_ref().map_or_else(|| outer.0.clone(), |alias| format!("{}.{alias}", outer.0));
            let detail = format!("There is no provider {name} in this test file that could be given to the module.");
            diags.push(Diagnostic::error("test-provider", "Missing provider definition", detail).at(run.span));
        }
    }
}

/// `strict`: what it names has to be in this module; overrides of the file are about the folder under test.
fn override_one(over: &Override, strict: bool, scope: &Scope<'_, '_, '_>, var: &Value, root: &mut Module, stand_ins: &mut StandIns, diags: &mut Diagnostics) {
    let values = over.values.as_ref().map_or_else(|| Value::object(BTreeMap::new()), |e| scope.value(e, var, diags));
    match (&over.target, over.of) {
        (Target::Module(path), Overridden::Module) => {
            let names: Vec<String> = path.names();
            if !hollow(root, &names, &values, over.span) && strict {
                let detail = format!("There is no {} in the module under test that this block could override.", over.target);
                diags.push(Diagnostic::error("test-override", "Invalid override target", detail).at(over.span));
            }
        }
        (target, _) => stand_ins.objects.push((target.clone(), Values { given: values, during_plan: over.during_plan })),
    }
}

/// Leaves of a called module nothing but the outputs that are given; `false` when there is no such call.
fn hollow(module: &mut Module, names: &[String], outputs: &Value, span: Span) -> bool {
    let Some((first, rest)) = names.split_first() else { return false };
    let Some(call) = module.calls.get_mut(first) else { return false };
    let mut inner = (*call.module).clone();
    if !rest.is_empty() {
        let found = hollow(&mut inner, rest, outputs, span);
        call.module = Arc::new(inner);
        return found;
    }
    let output = |(name, old): (&String, &Output)| {
        let value = outputs.get(name).cloned().unwrap_or_else(|| Value::null(Type::Any));
        let kept = Output { value: constant(value, span), preconditions: Vec::new(), depends_on: Vec::new(), ..old.clone() };
        (name.clone(), kept)
    };
    let told = inner.outputs.iter().map(output).collect();
    inner = Module { path: inner.path, dir: inner.dir, relative: inner.relative, variables: inner.variables, outputs: told, ..Module::default() };
    call.module = Arc::new(inner);
    true
}

/// A value as an expression.
fn constant(value: Value, span: Span) -> Expr {
    Expr { node: Arc::new(Node { kind: NodeKind::Literal(value), start: span.start, end: span.end }), span }
}
