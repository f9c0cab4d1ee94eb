//! The root module's variables: values from the environment, variable files and the command line, by Terraform's precedence.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    blueprint::{Module, Variable},
    convert::without_optional,
    eval::expr::{Env, eval},
    files::Files,
    json, parse,
    typeexpr::to_variable_type,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Marks, Sources, Span, Type, Value, diag::nearest};

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenSource {
    /// `TF_VAR_name`; names without a variable are no mistake there.
    Environment,
    /// A variables file, and the place in it.
    File(Span),
    /// `-var name=value`.
    Argument,
    /// A saved plan, which holds exactly the variables of its blueprint.
    Plan,
}

/// A value as given: text still has to be read by the variable's type.
#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    Text(String),
    Value(Value),
}

/// One value for a variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub name: String,
    pub source: GivenSource,
    pub value: Raw,
}

/// A variable option of the command line, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// `name=value`.
    Var(String),
    File(PathBuf),
}

/// Gathers every value in order of rising precedence: environment, `terraform.tfvars`, `terraform.tfvars.json`,
/// `*.auto.tfvars` and `*.auto.tfvars.json` by name, then the command line's options.
/// `environment` holds the whole environment or just its `TF_VAR_` part.
pub fn gather(
    files: &dyn Files, dir: &Path, environment: &[(String, String)], arguments: &[Argument], sources: &mut Sources, diags: &mut Diagnostics,
) -> Vec<Given> {
    let mut given = Vec::new();
    for (name, value) in environment {
        if let Some(name) = name.strip_prefix("TF_VAR_") {
            given.push(Given { name: name.to_owned(), source: GivenSource::Environment, value: Raw::Text(value.clone()) });
        }
    }
    let mut auto: Vec<PathBuf> = files.list(dir).unwrap_or_default();
    auto.retain(|p| p.to_str().is_some_and(|p| p.ends_with(".auto.tfvars") || p.ends_with(".auto.tfvars.json")));
    auto.sort();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(|n| dir.join(n));
    for path in fixed.iter().chain(&auto).filter(|p| files.is_file(p)) {
        given.extend(read_tfvars(files, path, sources, diags));
    }
    for argument in arguments {
        match argument {
            Argument::File(path) => given.extend(read_tfvars(files, path, sources, diags)),
            Argument::Var(text) => match text.split_once('=') {
                Some((name, value)) => {
                    given.push(Given { name: name.trim().to_owned(), source: GivenSource::Argument, value: Raw::Text(value.to_owned()) });
                }
                None => {
                    let detail = format!(
                        "The given -var option {text:?} is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."
                    );
                    diags.push(Diagnostic::error("invalid-var-option", "Invalid -var option", detail));
                }
            },
        }
    }
    given
}

fn read_tfvars(files: &dyn Files, path: &Path, sources: &mut Sources, diags: &mut Diagnostics) -> Vec<Given> {
    let text = match files.read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            let detail = format!("The variables file {} is not UTF-8 text.", path.display());
            diags.push(Diagnostic::error("unreadable-file", "Failed to read variables file", detail));
            return Vec::new();
        }
        Err(why) => {
            let detail = format!("Given variables file {} could not be read: {why}.", path.display());
            diags.push(Diagnostic::error("unreadable-file", "Failed to read variables file", detail));
            return Vec::new();
        }
    };
    let id = sources.add(path.strip_prefix(".").unwrap_or(path), text);
    let text = sources.file(id).map_or("", |f| f.text.as_str());
    if path.extension().is_some_and(|e| e == "json") { parse_tfvars_json(id, text, diags) } else { parse_tfvars(id, text, diags) }
}

/// Reads the text of a `.tfvars` file.
pub fn parse_tfvars(file: FileId, text: &str, diags: &mut Diagnostics) -> Vec<Given> {
    let body = parse::parse_body(file, text, diags);
    for block in &body.blocks {
        let detail = format!(
            "Blocks are not allowed here. A variables file holds only arguments; to declare a variable, use a .tf file. Found a block of type {:?}.",
            block.kind
        );
        diags.push(Diagnostic::error("unexpected-block", "Unexpected block", detail).at(block.span));
    }
    let env = Env::constant(file);
    let attrs = parse::in_order(&body.attrs);
    let read = |a: &&super::blueprint::Attribute, diags: &mut Diagnostics| Given {
        name: a.name.clone(),
        source: GivenSource::File(a.name_span.to(a.expr.span)),
        value: Raw::Value(eval(&a.expr.node, &env, diags)),
    };
    attrs.iter().map(|a| read(a, diags)).collect()
}

/// Reads the text of a `.tfvars.json` file.
pub fn parse_tfvars_json(file: FileId, text: &str, diags: &mut Diagnostics) -> Vec<Given> {
    let values = json::parse_values(file, text, diags);
    let env = Env::constant(file);
    values.into_iter().map(|(name, expr)| Given { name, source: GivenSource::File(expr.span), value: Raw::Value(eval(&expr.node, &env, diags)) }).collect()
}

/// Text from the environment or the command line as a variable's value: literal for text and undeclared types, an expression
/// for others. The result is not converted yet.
pub fn parse_variable_value(variable: &Variable, text: &str) -> Result<Value, Diagnostic> {
    if matches!(variable.ty, Type::String | Type::Bool | Type::Number | Type::Any) {
        return Ok(Value::string(text));
    }
    let mut own = Diagnostics::default();
    let file = FileId(u32::MAX);
    let value = parse::parse_expr(file, text, &mut own).map(|e| eval(&e.node, &Env::constant(file), &mut own));
    match (value, own.items.into_iter().find(Diagnostic::is_error)) {
        (Some(value), None) => Ok(value),
        (_, problem) => {
            let (summary, why) = problem.map_or((String::new(), String::new()), |d| (d.summary, d.detail));
            let detail =
                format!("The value given for variable {:?} is not a valid expression of type {}: {summary}. {why}", variable.name, variable.ty.friendly());
            Err(Diagnostic::error("invalid-variable-value", "Invalid value for input variable", detail))
        }
    }
}

/// The root module's variables with their final values: the last one given counts, defaults fill in, all are converted.
/// Reported: required variables without a value, values of wrong types, and values for variables that are not declared.
pub fn assign(root: &Module, given: Vec<Given>, diags: &mut Diagnostics) -> BTreeMap<String, Value> {
    let mut last: BTreeMap<String, Given> = BTreeMap::new();
    for g in given {
        match root.variables.contains_key(&g.name) {
            true => drop(last.insert(g.name.clone(), g)),
            false => undeclared(root, &g, diags),
        }
    }
    let mut values = BTreeMap::new();
    for (name, variable) in &root.variables {
        let value = match last.get(name) {
            Some(g) => given_value(variable, g, diags),
            None => default(variable, diags),
        };
        let marks = Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral };
        values.insert(name.clone(), value.marked(marks));
    }
    values
}

/// The values as they were given, before they are made to fit their variables' types; text that cannot be read is left out.
pub fn as_given(root: &Module, given: &[Given]) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for g in given {
        let Some(variable) = root.variables.get(&g.name) else { continue };
        let value = match &g.value {
            Raw::Value(value) => Some(value.clone()),
            Raw::Text(text) => parse_variable_value(variable, text).ok(),
        };
        let marks = Marks { sensitive: variable.sensitive, ephemeral: variable.ephemeral };
        out.extend(value.map(|v| (g.name.clone(), v.marked(marks))));
    }
    out
}

fn undeclared(root: &Module, g: &Given, diags: &mut Diagnostics) {
    let name = &g.name;
    let near = nearest(name, root.variables.keys().map(String::as_str)).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    match &g.source {
        GivenSource::Environment | GivenSource::Plan => {}
        GivenSource::File(span) => {
            let detail = format!(
                "The root module does not declare a variable named {name:?} but a value was found in a variables file. If you meant to use this value, add a \
                 \"variable\" block to the configuration.{near}"
            );
            diags.push(Diagnostic::warning("undeclared-variable-value", "Value for undeclared variable", detail).at(*span));
        }
        GivenSource::Argument => {
            let detail = format!(
                "A variable named {name:?} was assigned on the command line, but the root module does not declare a variable of that name. To use this value, \
                 add a \"variable\" block to the configuration.{near}"
            );
            diags.push(Diagnostic::error("undeclared-variable-value", "Value for undeclared variable", detail));
        }
    }
}

fn given_value(variable: &Variable, g: &Given, diags: &mut Diagnostics) -> Value {
    let span = match &g.source {
        GivenSource::File(span) => Some(*span),
        _ => None,
    };
    let raw = match &g.value {
        Raw::Value(v) => Ok(v.clone()),
        Raw::Text(text) => parse_variable_value(variable, text),
    };
    let raw = match raw {
        Ok(v) => v,
        Err(d) => {
            diags.push(d.also(variable.span, "declared here"));
            return Value::unknown(without_optional(&variable.ty));
        }
    };
    if raw.is_null() && !variable.nullable {
        if variable.default.is_some() {
            return default(variable, diags);
        }
        let detail = format!("The given value is not suitable for var.{}: required variable may not be set to null.", variable.name);
        diags.push(Diagnostic::error("required-variable-not-set", "Required variable not set", detail).at(span.or(Some(variable.span))));
        return Value::unknown(without_optional(&variable.ty));
    }
    match to_variable_type(&raw, &variable.ty, &variable.defaults) {
        Ok(v) => v,
        Err(why) => {
            let how = match &g.source {
                GivenSource::Environment => format!(" set using the environment variable TF_VAR_{}", variable.name),
                GivenSource::Argument => format!(" set using -var=\"{}=...\"", variable.name),
                _ => String::new(),
            };
            let detail = format!("The given value is not suitable for var.{}{how}: {why}.", variable.name);
            let d = Diagnostic::error("invalid-variable-value", "Invalid value for input variable", detail);
            diags.push(match span {
                Some(span) => d.at(span).also(variable.span, "declared here"),
                None => d.at(variable.span),
            });
            Value::unknown(without_optional(&variable.ty))
        }
    }
}

fn default(variable: &Variable, diags: &mut Diagnostics) -> Value {
    let Some(expr) = &variable.default else {
        let detail = format!(
            "The root module input variable {:?} is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this \
             variable.",
            variable.name
        );
        diags.push(Diagnostic::error("missing-variable", "No value for required variable", detail).at(variable.span));
        return Value::unknown(without_optional(&variable.ty));
    };
    // The default was checked when the blueprint was read.
    let value = eval(&expr.node, &Env::constant(expr.span.file), &mut Diagnostics::default());
    to_variable_type(&value, &variable.ty, &variable.defaults).unwrap_or_else(|_| Value::unknown(without_optional(&variable.ty)))
}
