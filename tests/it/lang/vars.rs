//! Values for the root module's variables.

use expect_test::expect;
use ravelin::lang::vars::{Argument, assign, gather};

use super::support::*;

const TEXT: &str = r#"
variable "a" { type = string }
variable "b" { type = number }
variable "list" {
  type    = list(object({ name = string, size = optional(number, 3), tags = optional(map(string), {}) }))
  default = []
}
variable "plain" { default = "d" }
variable "strict" {
  type     = string
  default  = "fallback"
  nullable = false
}
variable "secret" {
  type      = string
  default   = "s"
  sensitive = true
}
-- terraform.tfvars --
a       = "from terraform.tfvars"
unknown = 1
strict  = null
-- terraform.tfvars.json --
{ "a": "from json", "list": [{ "name": "n" }, { "name": "m", "size": "9" }] }
-- b.auto.tfvars --
b = "12"
-- a.auto.tfvars --
b = 7
-- extra.tfvars --
plain = [1]
"#;

fn values(environment: &[(&str, &str)], arguments: &[Argument]) -> String {
    let mut l = load(TEXT);
    let bp = l.blueprint.expect("it loads");
    let environment: Vec<(String, String)> = environment.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let given = gather(&l.files, ".".as_ref(), &environment, arguments, &mut l.sources, &mut l.diags);
    let values = assign(&bp.root, given, &mut l.diags);
    let mut out: String = values.iter().map(|(k, v)| format!("{k} = {}\n", text_of(v))).collect();
    out.push_str(&show(&l.diags, &l.sources));
    out
}

#[test]
fn later_sources_win() {
    let arguments = [Argument::Var("a=from -var".into()), Argument::File("extra.tfvars".into()), Argument::Var("list=[{name=\"x\"}]".into())];
    expect![[r#"
        a = "from -var": string
        b = 12: number
        list = [{ name = "x", size = 3, tags = {} }]: list(object({ name = string, size = number, tags = map(string) }))
        plain = [1]: tuple([number])
        secret = (sensitive value): string
        strict = "fallback": string
        Warning[undeclared-variable-value] terraform.tfvars:2:1 `unknown = 1`: Value for undeclared variable
          The root module does not declare a variable named "unknown" but a value was found in a variables file. If you meant to use this value, add a "variable" block to the configuration.
    "#]].assert_eq(&values(&[("TF_VAR_a", "env"), ("TF_VAR_plain", "env"), ("TF_VAR_other", "1"), ("PATH", "/")], &arguments));
}

#[test]
fn mistakes_are_told_all_at_once() {
    let arguments = [
        Argument::Var("b=x".into()),
        Argument::Var("nope=1".into()),
        Argument::Var("a".into()),
        Argument::Var("list=[".into()),
        Argument::File("missing.tfvars".into()),
    ];
    expect![[r#"
        a = "from json": string
        b = (known after apply): number
        list = (known after apply): list(object({ name = string, size = number, tags = map(string) }))
        plain = "d": string
        secret = (sensitive value): string
        strict = "fallback": string
        Error[invalid-var-option]: Invalid -var option
          The given -var option "a" is not correctly specified. Must be a variable name and value separated by an equals sign, like -var="key=value".
        Error[unreadable-file]: Failed to read variables file
          Given variables file missing.tfvars could not be read: entity not found.
        Warning[undeclared-variable-value] terraform.tfvars:2:1 `unknown = 1`: Value for undeclared variable
          The root module does not declare a variable named "unknown" but a value was found in a variables file. If you meant to use this value, add a "variable" block to the configuration.
        Error[undeclared-variable-value]: Value for undeclared variable
          A variable named "nope" was assigned on the command line, but the root module does not declare a variable of that name. To use this value, add a "variable" block to the configuration.
        Error[invalid-variable-value] main.tf:3:1 `variable "b"`: Invalid value for input variable
          The given value is not suitable for var.b set using -var="b=...": a number is required.
        Error[invalid-variable-value]: Invalid value for input variable
          The value given for variable "list" is not a valid expression of type list of object: Missing expression. Expected the start of an expression, but found the end of the file.
    "#]].assert_eq(&values(&[], &arguments));
}

#[test]
fn required_variables_without_a_value_are_listed() {
    let mut l = load("variable \"x\" {}\nvariable \"y\" {\n  type = number\n}\n");
    let bp = l.blueprint.expect("it loads");
    assign(&bp.root, Vec::new(), &mut l.diags);
    expect![[r#"
        Error[missing-variable] main.tf:1:1 `variable "x"`: No value for required variable
          The root module input variable "x" is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable.
        Error[missing-variable] main.tf:2:1 `variable "y"`: No value for required variable
          The root module input variable "y" is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable.
    "#]].assert_eq(&show(&l.diags, &l.sources));
}
