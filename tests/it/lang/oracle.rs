//! The language against Terraform 1.11: `answers.txt` holds expressions, what Terraform's console answers to them (errors as one
//! line of summary and detail) and, after a colon, the type of the value; `differences.txt` those that Ravelin answers differently, with reasons.
//!
//! `RAVELIN_RECORD=1` asks Terraform anew, also for expressions that were added without an answer.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use ravelin::{
    base::{Diagnostics, ModulePath, Sources, Type, Value},
    lang::{
        self, Blueprint, Each, Evaluator, Inputs,
        console::{answer, format_type},
    },
};

use super::{
    generate,
    record::{self, FIXTURES},
    support::Memory,
};

/// The folder in which the console ran.
pub struct Folder {
    files: Memory,
    sources: Sources,
    blueprint: Blueprint,
}

impl Folder {
    pub fn load() -> Folder {
        let mut files = Memory::default();
        for (path, text) in FIXTURES {
            files.0.insert(path.into(), text.into());
        }
        let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
        let blueprint = lang::load(&files, Path::new("."), &mut sources, &mut diags).expect("it loads");
        assert!(!diags.has_errors(), "{diags:?}");
        Folder { files, sources, blueprint }
    }

    /// What Ravelin answers to expressions, in the console's form.
    pub fn answers(&self, exprs: &[String]) -> Vec<(String, Option<String>)> {
        let mut sources = self.sources.clone();
        let nodes: Vec<_> = exprs
            .iter()
            .map(|expr| {
                let mut diags = Diagnostics::default();
                let file = sources.add("<console-input>", expr.as_str());
                (lang::parse_expression(file, expr, &mut diags), diags)
            })
            .collect();
        let inputs = Inputs { root_dir: ".".into(), cwd: "/work".into(), now: "2026-03-04T05:06:07Z".into(), workspace: "default".into(), ..Inputs::default() };
        let ev = Evaluator::new(&self.blueprint, &sources, &self.files, inputs).with_home(Some(PathBuf::from("/home/u")));
        plan(&ev, &self.blueprint);
        nodes
            .into_iter()
            .map(|(node, mut diags)| {
                let root = ModulePath::root();
                let shown = node.as_ref().and_then(|expr| answer(&ev, &root, expr, &mut diags));
                let Some(shown) = shown else { return (errors(&diags), None) };
                let is_type = |e: &lang::Expr| matches!(&e.node.kind, lang::syntax::NodeKind::Call(c) if &*c.name == "type");
                let typed = node.filter(|e| !is_type(e));
                let ty = typed.map(|e| format_type(&ev.eval(&root, &e, &Each::default(), &mut diags).ty()));
                (shown, ty)
            })
            .collect()
    }
}

/// What the plan of the fixtures knows of its `terraform_data` resources.
/// Why an answer may differ from Terraform's.
fn reason(expr: &str) -> &'static str {
    match expr {
        _ if expr.starts_with("cidrsubnet(") => "a trap: Terraform gives a prefix that lies elsewhere, or none",
        _ if expr.starts_with("base64gzip(") => "the bytes of a compressor differ; what they hold is the same",
        "var" | "local" | "path" | "each" | "count" | "terraform" => "Terraform tells it twice, first of an attribute without a name",
        "terraform_data.keyed.k.input" => "Terraform adds what follows from the first error",
        "{a.b=1}" => "Terraform evaluates the key before it tells that it is no key",
        _ => "",
    }
}

fn plan(ev: &Evaluator, bp: &Blueprint) {
    for resource in bp.root.resources.values() {
        let address = ravelin::base::ResourceAddress::new(ModulePath::root(), resource.mode, &resource.kind, &resource.name);
        let mut diags = Diagnostics::default();
        let expansion = ev.expand(&ModulePath::root(), resource, &mut diags).expect("it is known");
        ev.declare(&address, &expansion);
        for key in expansion.keys() {
            let each = expansion.each(&key);
            let input = ev.eval(&ModulePath::root(), &resource.body.attrs["input"].expr, &each, &mut diags);
            let value = Value::object_of([
                ("id", Value::unknown_not_null(Type::String)),
                ("output", Value::unknown(input.ty())),
                ("input", input),
                ("triggers_replace", Value::null(Type::Any)),
            ]);
            ev.set(&address.instance(key), value);
        }
        assert!(!diags.has_errors(), "{diags:?}");
    }
}

fn errors(diags: &Diagnostics) -> String {
    let errors = diags.items.iter().filter(|d| d.is_error()).map(|d| format!("Error: {} {}", d.summary, d.detail));
    errors.flat_map(|e| e.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>().join(" ")
}

/// An expression and the answer to it: the value as shown, and its type where it is no error.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    pub expr: String,
    pub shown: String,
    pub ty: Option<String>,
}

impl Vector {
    fn text(&self) -> String {
        let ty = self.ty.as_ref().map(|t| format!(": {t}\n")).unwrap_or_default();
        format!("> {}\n{}\n{ty}\n", self.expr, self.shown)
    }
}

pub fn read(text: &str) -> Vec<Vector> {
    let blocks = text.split("\n> ").map(|b| b.strip_prefix("> ").unwrap_or(b));
    blocks
        .map(|block| {
            let (expr, answer) = block.split_once('\n').unwrap_or((block, ""));
            let answer = answer.trim_end();
            let (shown, ty) = match answer.rsplit_once("\n: ") {
                Some((shown, ty)) => (shown, Some(ty.to_owned())),
                None => (answer, None),
            };
            Vector { expr: expr.to_owned(), shown: shown.trim_end().to_owned(), ty }
        })
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Terraform's answers, one console call for all values and types.
pub fn ask(exprs: &[String]) -> Option<Vec<Vector>> {
    // A comment would hide the closing parenthesis.
    let commented = |e: &String| (e.contains('#') || e.contains("//")) && !e.contains('"');
    let typed = |e: &String| if commented(e) { "null".to_owned() } else { format!("type({e})") };
    let lines: Vec<String> = exprs.iter().flat_map(|e| [e.clone(), typed(e)]).collect();
    let answers = record::ask(&lines)?;
    let vectors = exprs.iter().zip(answers.chunks(2)).map(|(expr, answer)| {
        let shown = record::kept(answer.first().map_or("", String::as_str));
        let typed = !shown.starts_with("Error: ") && !expr.starts_with("type(") && !commented(expr);
        let ty = answer.get(1).filter(|_| typed).map(|t| one_line(t));
        Vector { expr: expr.clone(), shown, ty }
    });
    Some(vectors.collect())
}

/// An answer without what it suggests: Terraform takes any near name, ours is the nearest.
fn without_suggestion(shown: &str) -> String {
    let Some((before, after)) = shown.split_once(" Did you mean ").filter(|_| shown.starts_with("Error: ")) else { return shown.trim_end().to_owned() };
    let rest = after.split_once('?').map_or("", |(_, rest)| rest);
    format!("{before}{rest}")
}

/// Where Ravelin answers otherwise, one block for each.
fn disagreements(vectors: &[Vector]) -> String {
    let exprs: Vec<String> = vectors.iter().map(|v| v.expr.clone()).collect();
    let mut wrong = String::new();
    for (v, (shown, ty)) in vectors.iter().zip(Folder::load().answers(&exprs)) {
        let ty = ty.map(|t| one_line(&t));
        if v.shown.contains("panic in function implementation") {
            // Terraform crashed: anything but a value will do.
            assert!(shown.starts_with("Error: "), "{}: {shown}", v.expr);
        } else if without_suggestion(&shown) != without_suggestion(&v.shown) {
            wrong.push_str(&format!("> {}\n({})\n--- Terraform\n{}\n--- Ravelin\n{shown}\n\n", v.expr, reason(&v.expr), v.shown));
        } else if ty != v.ty && v.ty.is_some() {
            wrong.push_str(&format!("> {}\n--- Terraform\n: {}\n--- Ravelin\n: {}\n\n", v.expr, v.ty.as_deref().unwrap_or(""), ty.as_deref().unwrap_or("")));
        }
    }
    wrong
}

/// The files of recorded answers.
const FILES: [&str; 2] = ["answers.txt", "generated.txt"];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/lang/oracle").join(file)
}

fn recorded(file: &str) -> Vec<Vector> {
    let path = path(file);
    let vectors = read(&std::fs::read_to_string(&path).expect("the recorded answers"));
    if std::env::var_os("RAVELIN_RECORD").is_none() {
        return vectors;
    }
    let mut exprs: Vec<String> = Vec::new();
    for v in vectors {
        if !exprs.contains(&v.expr) {
            exprs.push(v.expr);
        }
    }
    let vectors = ask(&exprs).expect("terraform and script");
    let text: String = vectors.iter().map(Vector::text).collect();
    std::fs::write(path, text.trim_end().to_owned() + "\n").expect("written");
    vectors
}

#[test]
fn expressions_give_what_terraform_gives() {
    let vectors = recorded("answers.txt");
    assert!(vectors.len() >= 1500, "there are {} vectors", vectors.len());
    let differences = disagreements(&vectors);
    for line in differences.lines().filter_map(|l| l.strip_prefix("> ")) {
        assert!(!reason(line).is_empty(), "no reason is given for another answer to {line}");
    }
    expect_file!["./oracle/differences.txt"].assert_eq(&differences);
}

#[test]
fn generated_expressions_give_what_terraform_gives() {
    let exprs = generate::corpus();
    if std::env::var_os("RAVELIN_RECORD").is_some() {
        let vectors = ask(&exprs).expect("terraform and script");
        let text: String = vectors.iter().map(Vector::text).collect();
        std::fs::write(path("generated.txt"), text.trim_end().to_owned() + "\n").expect("written");
    }
    let vectors = read(&std::fs::read_to_string(path("generated.txt")).expect("the recorded answers"));
    assert_eq!(vectors.iter().map(|v| v.expr.clone()).collect::<Vec<_>>(), exprs, "RAVELIN_RECORD=1 asks Terraform for the expressions as they are now");
    assert_eq!(disagreements(&vectors), "");
}

#[test]
fn a_sample_is_asked_live() {
    if !record::is_here() {
        return;
    }
    let all: Vec<Vector> = FILES.iter().flat_map(|f| read(&std::fs::read_to_string(path(f)).expect("the recorded answers"))).collect();
    let sample: Vec<Vector> = all.into_iter().step_by(41).collect();
    let live = ask(&sample.iter().map(|v| v.expr.clone()).collect::<Vec<_>>()).expect("the console runs");
    let changed: Vec<_> =
        live.iter().zip(&sample).filter(|(now, then)| without_suggestion(&now.shown) != without_suggestion(&then.shown) || now.ty != then.ty).collect();
    assert!(changed.is_empty(), "Terraform says something else now: {changed:#?}");
}
