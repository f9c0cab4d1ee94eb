//! Test files (`*.tftest.hcl`, `*.tftest.json`) and mock files (`*.tfmock.hcl`): read into data, nothing evaluated yet.

use std::{collections::BTreeMap, path::Path};

use super::{
    blocks::{Reading, missing_argument, static_path, unsupported_block},
    blueprint::{Attribute, Block, Body, Condition, Expr, Provider, ProviderName},
    eval::expr::{Env, Names, eval, unknown},
    files::Files,
    functions::World,
    json, parse,
    syntax::{NodeKind, Step, StepKind},
};
use crate::base::{Diagnostic, Diagnostics, Mode, PathStep, Sources, Span, Value, address::Target, diag::nearest};

/// One test file.
#[derive(Clone, Debug, Default)]
pub struct TestFile {
    /// As it is shown: relative to the folder under test.
    pub path: String,
    pub variables: BTreeMap<String, Attribute>,
    pub providers: Vec<Provider>,
    pub mocks: Vec<MockProvider>,
    pub overrides: Vec<Override>,
    pub runs: Vec<TestRun>,
}

/// One `run` block.
#[derive(Clone, Debug)]
pub struct TestRun {
    pub name: String,
    /// `command = plan`; otherwise the plan is applied.
    pub only_plan: bool,
    pub options: PlanOptions,
    pub variables: BTreeMap<String, Attribute>,
    /// Another module than the folder under test, by its source.
    pub module: Option<(String, Span)>,
    /// Provider of the module ← provider of the test file.
    pub providers: Vec<(ProviderName, ProviderName)>,
    pub asserts: Vec<Condition>,
    pub expect_failures: Vec<Expr>,
    pub overrides: Vec<Override>,
    /// Runs with one key share a state.
    pub state_key: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    pub refresh_only: bool,
    /// `None`: as usual.
    pub refresh: Option<bool>,
    pub replace: Vec<Expr>,
    pub target: Vec<Expr>,
}

/// A provider whose objects are made up.
#[derive(Clone, Debug)]
pub struct MockProvider {
    pub name: String,
    pub alias: Option<String>,
    /// Values for what the provider would compute, by type.
    pub types: BTreeMap<(Mode, String), MockType>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct MockType {
    pub defaults: Option<Expr>,
    pub during_plan: bool,
}

/// What an override is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overridden {
    Resource,
    Data,
    Module,
}

/// Values in place of what a resource, a data source or a module would give.
#[derive(Clone, Debug)]
pub struct Override {
    pub of: Overridden,
    pub target: Target,
    pub values: Option<Expr>,
    pub during_plan: bool,
    pub span: Span,
}

/// Reads a file's blocks, in HCL or JSON.
pub fn body(files: &dyn Files, path: &Path, shown: &str, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Body> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            diags.push(Diagnostic::error("unreadable-file", "Failed to read file", format!("The file {shown} cannot be read: {why}.")));
            return None;
        }
    };
    let id = sources.add(path, String::from_utf8_lossy(&bytes));
    let text = sources.file(id).map_or("", |f| f.text.as_str());
    let is_json = shown.ends_with(".json");
    Some(if is_json { json::parse_body(id, text, diags) } else { parse::parse_body(id, text, diags) })
}

/// Reads a test file; mock files that it names are read below `dir`.
pub fn read(files: &dyn Files, dir: &Path, path: &Path, shown: &str, sources: &mut Sources, diags: &mut Diagnostics) -> TestFile {
    let mut file = TestFile { path: shown.to_owned(), ..TestFile::default() };
    let Some(body) = body(files, path, shown, sources, diags) else { return file };
    for attr in parse::in_order(&body.attrs) {
        let detail = format!("An argument named {:?} is not expected here.", attr.name);
        diags.push(Diagnostic::error("unsupported-argument", "Unsupported argument", detail).at(attr.name_span));
    }
    const KNOWN: [&str; 8] = ["run", "variables", "provider", "mock_provider", "override_resource", "override_data", "override_module", "test"];
    for block in expanded(&body, &KNOWN) {
        match block.kind.as_str() {
            "variables" => file.variables.extend(block.body.attrs.clone()),
            "provider" => file.providers.extend(Reading { sources, diags }.provider(&block)),
            "mock_provider" => file.mocks.extend(mock_provider(files, dir, &block, sources, diags)),
            "run" => file.runs.extend(run(&block, sources, diags)),
            "test" => Reading { sources, diags }.only(&block.body, &["parallel"], &[]),
            kind if overridden(kind).is_some() => file.overrides.extend(override_of(&block, sources, diags)),
            _ => diags.push(unsupported_block(&block, &KNOWN, &[])),
        }
    }
    for (i, run) in file.runs.iter().enumerate() {
        if let Some(first) = file.runs.get(..i).into_iter().flatten().find(|r| r.name == run.name) {
            let detail = format!("The run block {:?} has been defined already. Run blocks must have unique names.", run.name);
            diags.push(Diagnostic::error("duplicate-run", "Duplicate \"run\" block names", detail).at(run.span).also(first.span, "first defined here"));
        }
    }
    file
}

/// Blocks in order; in JSON the attributes that stand for blocks.
fn expanded(body: &Body, known: &[&str]) -> Vec<Block> {
    if !body.json {
        return body.blocks.clone();
    }
    let mut blocks = body.blocks.clone();
    for attr in parse::in_order(&body.attrs) {
        if known.contains(&attr.name.as_str()) {
            blocks.extend(json::blocks(attr, &attr.name));
        }
    }
    blocks
}

fn run(block: &Block, sources: &Sources, diags: &mut Diagnostics) -> Option<TestRun> {
    let mut reading = Reading { sources, diags };
    let name = reading.labels(block, &[("name", "run block name")])?.pop()?;
    let body = &block.body;
    const BLOCKS: [&str; 7] = ["variables", "module", "assert", "plan_options", "override_resource", "override_data", "override_module"];
    reading.only(body, &["command", "expect_failures", "providers", "state_key", "parallel"], &BLOCKS);
    let asserts = reading.conditions(body, "assert");
    let state_key = reading.string(body, "state_key");
    let mut run = TestRun {
        name,
        only_plan: word(body.attrs.get("command"), &["apply", "plan"], "command", reading.diags).is_some_and(|w| w == "plan"),
        options: PlanOptions::default(),
        variables: BTreeMap::new(),
        module: None,
        providers: Vec::new(),
        asserts,
        expect_failures: list(body.attrs.get("expect_failures")),
        overrides: Vec::new(),
        state_key,
        span: block.span,
    };
    if let Some(attr) = body.attrs.get("providers") {
        run.providers = provider_map(attr, sources, diags);
    }
    for inner in &body.blocks {
        match inner.kind.as_str() {
            "variables" => run.variables.extend(inner.body.attrs.clone()),
            "module" => {
                let mut reading = Reading { sources, diags };
                reading.only(&inner.body, &["source", "version"], &[]);
                match reading.string(&inner.body, "source") {
                    Some(source) => run.module = Some((source, inner.span)),
                    None => diags.push(missing_argument("source", inner.span)),
                }
            }
            "plan_options" => run.options = options(&inner.body, sources, diags),
            kind if overridden(kind).is_some() => run.overrides.extend(override_of(inner, sources, diags)),
            _ => {}
        }
    }
    Some(run)
}

fn options(body: &Body, sources: &Sources, diags: &mut Diagnostics) -> PlanOptions {
    let mut reading = Reading { sources, diags };
    reading.only(body, &["mode", "refresh", "replace", "target"], &[]);
    let refresh = body.attrs.get("refresh").and_then(|a| reading.constant(&a.expr).as_bool());
    let mode = word(body.attrs.get("mode"), &["normal", "refresh-only"], "mode", diags);
    PlanOptions {
        refresh_only: mode.is_some_and(|m| m == "refresh-only"),
        refresh,
        replace: list(body.attrs.get("replace")),
        target: list(body.attrs.get("target")),
    }
}

/// A keyword: a bare name, or in JSON a text.
fn word(attr: Option<&Attribute>, known: &[&str], what: &str, diags: &mut Diagnostics) -> Option<String> {
    let attr = attr?;
    let given = match static_path(&attr.expr.node).as_deref() {
        Some([PathStep::Name(name)]) => Some(name.clone()),
        _ => attr.expr.node.as_literal_str().map(str::to_owned),
    };
    // `refresh-only` reads as one name here: a dash is part of it.
    match given {
        Some(word) if known.contains(&word.as_str()) => Some(word),
        given => {
            let given = given.unwrap_or_default();
            let near = nearest(&given, known.iter().copied()).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            let detail = format!("The {what:?} argument must be one of {}.{near}", known.join(", "));
            diags.push(Diagnostic::error("invalid-test-keyword", format!("Invalid \"{what}\" keyword"), detail).at(attr.expr.span));
            None
        }
    }
}

fn list(attr: Option<&Attribute>) -> Vec<Expr> {
    let Some(attr) = attr else { return Vec::new() };
    match &attr.expr.node.kind {
        NodeKind::Tuple(items) => items.iter().map(|n| super::blocks::sub(n, attr.expr.span.file)).collect(),
        _ => vec![attr.expr.clone()],
    }
}

fn provider_map(attr: &Attribute, sources: &Sources, diags: &mut Diagnostics) -> Vec<(ProviderName, ProviderName)> {
    let NodeKind::Object(items) = &attr.expr.node.kind else {
        diags.push(
            Diagnostic::error("invalid-providers", "Invalid providers", "The providers argument is an object of provider references.".to_owned())
                .at(attr.expr.span),
        );
        return Vec::new();
    };
    let file = attr.expr.span.file;
    let mut reading = Reading { sources, diags };
    let mut name = |node| reading.provider_ref(&super::blocks::sub(node, file), true).map(|(name, alias, _)| (name, alias));
    items.iter().filter_map(|(key, value)| Some((name(key)?, name(value)?))).collect()
}

fn overridden(kind: &str) -> Option<Overridden> {
    match kind {
        "override_resource" => Some(Overridden::Resource),
        "override_data" => Some(Overridden::Data),
        "override_module" => Some(Overridden::Module),
        _ => None,
    }
}

/// `override_during = plan`: the values are there while planning already.
fn during_plan(body: &Body, diags: &mut Diagnostics) -> Option<bool> {
    word(body.attrs.get("override_during"), &["apply", "plan"], "override_during", diags).map(|w| w == "plan")
}

fn override_of(block: &Block, sources: &Sources, diags: &mut Diagnostics) -> Option<Override> {
    let of = overridden(&block.kind)?;
    let values = if of == Overridden::Module { "outputs" } else { "values" };
    let mut reading = Reading { sources, diags };
    reading.only(&block.body, &["target", values, "override_during"], &[]);
    let (target, span) = reading.target(block, "target")?;
    let fits = match (&target, of) {
        (Target::Module(_), Overridden::Module) => true,
        (Target::Resource(r), of) => of == if r.mode == Mode::Data { Overridden::Data } else { Overridden::Resource },
        (Target::Instance(a), of) => of == if a.mode() == Mode::Data { Overridden::Data } else { Overridden::Resource },
        _ => false,
    };
    if !fits {
        let what = match of {
            Overridden::Resource => "managed resources",
            Overridden::Data => "data sources",
            Overridden::Module => "modules",
        };
        let detail = format!("You can only target {what} from {} blocks.", block.kind);
        diags.push(Diagnostic::error("invalid-override-target", "Invalid override target", detail).at(span));
        return None;
    }
    let during_plan = during_plan(&block.body, diags).unwrap_or(false);
    Some(Override { of, target, values: block.body.attrs.get(values).map(|a| a.expr.clone()), during_plan, span: block.span })
}

fn mock_provider(files: &dyn Files, dir: &Path, block: &Block, sources: &mut Sources, diags: &mut Diagnostics) -> Option<MockProvider> {
    let mut reading = Reading { sources, diags };
    let name = reading.labels(block, &[("name", "")])?.pop()?;
    const BLOCKS: [&str; 5] = ["mock_resource", "mock_data", "override_resource", "override_data", "override_module"];
    reading.only(&block.body, &["alias", "source", "override_during"], &BLOCKS);
    let (alias, source) = (reading.string(&block.body, "alias"), reading.string(&block.body, "source"));
    let all_during_plan = during_plan(&block.body, diags).unwrap_or(false);
    let mut mock = MockProvider { name, alias, types: BTreeMap::new(), span: block.span };
    if let Some(source) = source {
        let folder = dir.join(source);
        let mut found = files.list(&folder).unwrap_or_default();
        found.retain(|p| p.to_str().is_some_and(|p| p.ends_with(".tfmock.hcl") || p.ends_with(".tfmock.json")));
        for path in found {
            let shown = path.to_string_lossy().into_owned();
            if let Some(body) = body(files, &path, &shown, sources, diags) {
                for inner in expanded(&body, &BLOCKS) {
                    mock_type(&inner, all_during_plan, &mut mock, sources, diags);
                }
            }
        }
    }
    for inner in expanded(&block.body, &BLOCKS) {
        mock_type(&inner, all_during_plan, &mut mock, sources, diags);
    }
    Some(mock)
}

fn mock_type(block: &Block, all_during_plan: bool, mock: &mut MockProvider, sources: &Sources, diags: &mut Diagnostics) {
    let mode = match block.kind.as_str() {
        "mock_resource" => Mode::Managed,
        "mock_data" => Mode::Data,
        _ => return,
    };
    let mut reading = Reading { sources, diags };
    let Some(kind) = reading.labels(block, &[("type", "")]).and_then(|mut l| l.pop()) else { return };
    reading.only(&block.body, &["defaults", "override_during"], &["override_resource", "override_data"]);
    let during_plan = during_plan(&block.body, diags).unwrap_or(all_during_plan);
    mock.types.insert((mode, kind), MockType { defaults: block.body.attrs.get("defaults").map(|a| a.expr.clone()), during_plan });
}

/// Whole objects by name, where nothing else is known: `var`, `run`.
struct Objects<'o>(&'o BTreeMap<String, Value>);

impl Names for Objects<'_> {
    fn resolve(&self, root: &str, steps: &[Step], _env: &Env, span: Span, out: &mut Diagnostics) -> (Value, usize) {
        if let Some(object) = self.0.get(root) {
            let first = steps.first().and_then(|s| if let StepKind::Attr(name) = &s.kind { Some(name) } else { None });
            if let (Some(name), Some(entries)) = (first, object.entries())
                && !entries.contains_key(&**name)
            {
                out.push(no_such(root, name, object, span));
                return (unknown(), steps.len());
            }
            return (object.clone(), 0);
        }
        let detail = format!("You can only reference variables and earlier run blocks from here, not {root:?}.");
        out.push(Diagnostic::error("unavailable-reference", "Invalid reference", detail).at(span));
        (unknown(), steps.len())
    }
}

/// A run block, an output or a variable that is not there.
pub(super) fn no_such(root: &str, name: &str, object: &Value, span: Span) -> Diagnostic {
    let (summary, detail) = match root {
        "run" => (
            "Reference to unavailable run block",
            format!(
                "There is no run block {name:?} that has been executed before this one. You can only reference run blocks of the same file that stand before."
            ),
        ),
        "output" => ("Reference to undeclared output value", format!("An output value with the name {name:?} has not been declared in the root module.")),
        _ => ("Reference to undeclared input variable", format!("An input variable with the name {name:?} has no value here.")),
    };
    let known = object.entries().into_iter().flatten().map(|(name, _)| name.as_str());
    let near = nearest(name, known).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    Diagnostic::error("unavailable-reference", summary, format!("{detail}{near}")).at(span)
}

/// An expression of a test file, with objects that it may refer to.
pub fn value(expr: &Expr, objects: &BTreeMap<String, Value>, world: &World, diags: &mut Diagnostics) -> Value {
    eval(&expr.node, &Env { names: &Objects(objects), world: Some(world), file: expr.span.file, bound: None, quiet: false }, diags)
}
