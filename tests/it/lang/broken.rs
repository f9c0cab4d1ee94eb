//! What is said about text that is not HCL, and about blocks that are not what they should be.

use expect_test::{Expect, expect};

use super::support::*;

fn check(text: &str, expect: Expect) {
    expect.assert_eq(&outputs(text));
}

/// Each mistake alone, in one argument of a block.
fn mistakes(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let l = load(text);
        out.push_str(&format!("# {}\n{}", text.replace('\n', "⏎"), show(&l.diags, &l.sources)));
    }
    out
}

#[test]
fn syntax_errors_read_as_terraforms() {
    expect![[r##"
        # locals {⏎  a = ⏎}⏎
        Error[invalid-expression] main.tf:2:7 ``: Invalid expression
          Expected the start of an expression, but found an invalid expression token.
        # locals {⏎  a = [1 2]⏎}⏎
        Error[missing-item-separator] main.tf:2:10 `2`: Missing item separator
          Expected a comma to mark the beginning of the next item.
        # locals {⏎  a = f(1 2)⏎}⏎
        Error[missing-argument-separator] main.tf:2:11 `2`: Missing argument separator
          A comma is required to separate each function argument from the next.
        # locals {⏎  a = {b 1}⏎}⏎
        Error[missing-key-separator] main.tf:2:10 `1`: Missing key/value separator
          Expected an equals sign ("=") to mark the beginning of the attribute value.
        # locals {⏎  a = {b = 1 c = 2}⏎}⏎
        Error[missing-attribute-separator] main.tf:2:14 `c`: Missing attribute separator
          Expected a newline or comma to mark the beginning of the next attribute.
        # locals {⏎  a = 1 2⏎}⏎
        Error[missing-newline] main.tf:2:9 `2`: Missing newline after argument
          An argument definition must end with a newline.
        # locals {⏎  a = "x⏎}⏎
        Error[unterminated-string] main.tf:2:9 ``: Invalid multi-line string
          Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \n escape to represent a newline character or use the "heredoc" multi-line template syntax.
        # locals {⏎  a = "\q"⏎}⏎
        Error[invalid-escape] main.tf:2:8 `\q`: Invalid escape sequence
          The symbol "q" is not a valid escape sequence selector.
        # locals {⏎  a = true ? 1⏎}⏎
        Error[missing-false-expression] main.tf:2:15 ``: Missing false expression in conditional
          The conditional operator (...?...:...) requires a false expression, delimited by a colon.
        # locals {⏎  a = b.⏎}⏎
        Error[invalid-attribute-name] main.tf:2:9 ``: Invalid attribute name
          An attribute name is required after a dot.
        # locals {⏎  a = <<EOT⏎x⏎}⏎
        Error[unterminated-string] main.tf:5:1 ``: Unterminated template string
          No closing marker was found for the string.
        # locals {⏎  a⏎}⏎
        Error[argument-or-block-required] main.tf:2:3 `a`: Argument or block definition required
          An argument or block definition is required here. To set an argument, use the equals sign "=" to introduce the argument value.
        # locals⏎{⏎}⏎
        Error[argument-or-block-required] main.tf:1:1 `locals`: Argument or block definition required
          An argument or block definition is required here. To set an argument, use the equals sign "=" to introduce the argument value.
        Error[argument-or-block-required] main.tf:2:1 `{`: Argument or block definition required
          An argument or block definition is required here.
        # locals {⏎  a = 1⏎
        Error[unclosed-block] main.tf:1:8 `{`: Unclosed configuration block
          There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.
        # locals {⏎  a = 1⏎  a = 2⏎}⏎
        Error[attribute-redefined] main.tf:3:3 `a`: Attribute redefined
          The argument "a" was already set at main.tf:2,3-4. Each argument may be set only once.
        # locals { a = 1 } }⏎
        Error[missing-newline] main.tf:1:18 `}`: Missing newline after block definition
          A block definition must end with a newline.
        # = 3⏎
        Error[argument-or-block-required] main.tf:1:1 `=`: Argument or block definition required
          An argument or block definition is required here.
        # locals {⏎  a = (1⏎}⏎
        Error[unbalanced-parentheses] main.tf:3:1 `}`: Unbalanced parentheses
          Expected a closing parenthesis to terminate the expression.
        # locals {⏎  a = "${b"⏎}⏎
        Error[unclosed-interpolation] main.tf:2:8 `${`: Unclosed template interpolation sequence
          There is no closing brace for this interpolation sequence before the end of the quoted template. This might be caused by incorrect nesting inside the given expression.
        Error[unterminated-string] main.tf:2:12 ``: Invalid multi-line string
          Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \n escape to represent a newline character or use the "heredoc" multi-line template syntax.
        # locals { a = 1, b = 2 }⏎
        Error[invalid-block] main.tf:1:15 `,`: Invalid single-argument block definition
          Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument definition per line.
    "##]].assert_eq(&mistakes(&[
        "locals {\n  a = \n}\n",
        "locals {\n  a = [1 2]\n}\n",
        "locals {\n  a = f(1 2)\n}\n",
        "locals {\n  a = {b 1}\n}\n",
        "locals {\n  a = {b = 1 c = 2}\n}\n",
        "locals {\n  a = 1 2\n}\n",
        "locals {\n  a = \"x\n}\n",
        "locals {\n  a = \"\\q\"\n}\n",
        "locals {\n  a = true ? 1\n}\n",
        "locals {\n  a = b.\n}\n",
        "locals {\n  a = <<EOT\nx\n}\n",
        "locals {\n  a\n}\n",
        "locals\n{\n}\n",
        "locals {\n  a = 1\n",
        "locals {\n  a = 1\n  a = 2\n}\n",
        "locals { a = 1 } }\n",
        "= 3\n",
        "locals {\n  a = (1\n}\n",
        "locals {\n  a = \"${b\"\n}\n",
        "locals { a = 1, b = 2 }\n",
    ]));
}

#[test]
fn one_broken_block_does_not_hide_the_others() {
    check(
        r#"
locals {
  a = [1 2]
}
resource "azurerm_subnet" "x" {
  name = 
}
variable "v" {
  typo = 1
}
output "o" { value = local.a +  }
"#,
        expect![[r#"
            Error[missing-item-separator] main.tf:3:10 `2`: Missing item separator
              Expected a comma to mark the beginning of the next item.
            Error[invalid-expression] main.tf:6:10 ``: Invalid expression
              Expected the start of an expression, but found an invalid expression token.
            Error[invalid-expression] main.tf:11:33 `}`: Invalid expression
              Expected the start of an expression, but found an invalid expression token.
            Error[unsupported-argument] main.tf:9:3 `typo`: Unsupported argument
              An argument named "typo" is not expected here. Did you mean "type"?
        "#]],
    );
}

#[test]
fn an_unclosed_block_ends_where_the_next_begins() {
    check(
        r#"
resource "azurerm_subnet" "x" {
  name = "a"

variable "v" {
  type = string
}
resource "azurerm_subnet" "y" {
  delegation {
    name = "b"
}
"#,
        expect![[r#"
            Error[unclosed-block] main.tf:2:31 `{`: Unclosed configuration block
              There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.
            Error[unclosed-block] main.tf:8:31 `{`: Unclosed configuration block
              There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.
        "#]],
    );
}

#[test]
fn repeated_object_keys_keep_the_last() {
    check(
        r#"
locals {
  a = { x = 1, y = 2, x = 3, "z" = 1, "z" = 5, ("q") = 1, ("q") = 7, y = 9 }
  b = { Name = "n", Name = "${local.a.x}" }
}
output "a" { value = local.a }
output "b" { value = local.b }
"#,
        expect![[r#"
            a = { q = 7, x = 3, y = 9, z = 5 }: object({ q = number, x = number, y = number, z = number })
            b = { Name = 3 }: object({ Name = number })
            Warning[repeated-key] main.tf:3:23 `x`: Repeated object key
              The key "x" stands in this object more than once; the last value counts.
            Warning[repeated-key] main.tf:3:39 `"z"`: Repeated object key
              The key "z" stands in this object more than once; the last value counts.
            Warning[repeated-key] main.tf:3:70 `y`: Repeated object key
              The key "y" stands in this object more than once; the last value counts.
            Warning[repeated-key] main.tf:4:21 `Name`: Repeated object key
              The key "Name" stands in this object more than once; the last value counts.
        "#]],
    );
}

#[test]
fn blocks_are_checked() {
    check(
        r#"
variable "a" {
  tpye    = string
  default = 1
  validation {
    condition = true
  }
}
variable "b" {
  type    = list(strin)
}
variable "c" {
  type    = number
  default = "abc"
}
variable "source" {}
variable {}
output "o" {}
output "p" "q" { value = 1 }
resource "azurerm_subnet" {}
resource "azurerm_subnet" "9x" {}
resource "azurerm_subnet" "dup" {
  count    = 1
  for_each = {}
  provisioner "local-exec" {}
  lifecycle {
    ignore_change = [name]
    ignore_changes = [foo[var.x]]
  }
}
resource "azurerm_subnet" "dup" {}
data "azurerm_subnet" "dup" {}
data "azurerm_subnet" "dup" {}
locals { x = 1 }
locals { x = 2 }
resorce "a" "b" {}
moved {
  from = azurerm_subnet
}
provider "azurerm" {}
provider "azurerm" {}
terraform {
  backend "local" {}
  backend "azurerm" {}
  cloud {}
}
module "m" {
  source = "hashicorp/consul/aws"
}
module "n" {
  source = "./missing"
}
module "o" {}
"#,
        expect![[r#"
            Error[unsupported-argument] main.tf:3:3 `tpye`: Unsupported argument
              An argument named "tpye" is not expected here. Did you mean "type"?
            Error[missing-argument] main.tf:5:14 `{`: Missing required argument
              The argument "error_message" is required, but no definition was found.
            Error[constant-condition] main.tf:6:17 `true`: Invalid validation expression
              The condition expression must refer to at least one object from elsewhere in the configuration, or else its result would not be checking anything.
            Error[invalid-type] main.tf:10:18 `strin`: Invalid type specification
              The keyword "strin" is not a valid type specification.
            Error[invalid-default] main.tf:14:13 `"abc"`: Invalid default value for variable
              This default value is not compatible with the variable's type constraint: a number is required.
            Error[reserved-name] main.tf:16:10 `"source"`: Invalid variable name
              The variable name "source" is reserved due to its special meaning inside module blocks.
            Error[missing-label] main.tf:17:10 `{`: Missing name for variable
              All variable blocks must have 1 labels (name).
            Error[missing-argument] main.tf:18:12 `{`: Missing required argument
              The argument "value" is required, but no definition was found.
            Error[extraneous-label] main.tf:19:12 `"q"`: Extraneous label for output
              Only 1 labels (name) are expected for output blocks.
            Error[missing-label] main.tf:20:27 `{`: Missing name for resource
              All resource blocks must have 2 labels (type, name).
            Error[invalid-name] main.tf:21:27 `"9x"`: Invalid resource name
              A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.
            Error[count-and-for-each] main.tf:24:3 `for_each`: Invalid combination of "count" and "for_each"
              The "count" and "for_each" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.
            Error[unsupported-argument] main.tf:27:5 `ignore_change`: Unsupported argument
              An argument named "ignore_change" is not expected here. Did you mean "ignore_changes"?
            Error[invalid-ignore-changes] main.tf:28:23 `foo[var.x]`: Invalid expression
              A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.
            Error[missing-argument] main.tf:25:28 `{`: Missing required argument
              The argument "command" is required, but no definition was found.
            Error[duplicate-resource] main.tf:31:1 `resource "azurerm_subnet" "dup"`: Duplicate resource "azurerm_subnet" configuration
              A azurerm_subnet resource named "dup" was already declared at main.tf:22,1-32. Resource names must be unique per type in each module.
            Error[duplicate-resource] main.tf:33:1 `data "azurerm_subnet" "dup"`: Duplicate data "azurerm_subnet" configuration
              A azurerm_subnet data resource named "dup" was already declared at main.tf:32,1-28. Resource names must be unique per type in each module.
            Error[duplicate-local] main.tf:35:10 `x`: Duplicate local value definition
              A local value named "x" was already defined at main.tf:34,10-15. Local value names must be unique within a module.
            Error[unsupported-block] main.tf:36:1 `resorce "a" "b"`: Unsupported block type
              Blocks of type "resorce" are not expected here. Did you mean "resource"?
            Error[invalid-address] main.tf:38:10 `azurerm_subnet`: Invalid address
              "azurerm_subnet" is not a resource address: a type and a name are needed, separated by a dot.
            Error[missing-argument] main.tf:37:7 `{`: Missing required argument
              The argument "to" is required, but no definition was found.
            Error[duplicate-provider] main.tf:41:1 `provider "azurerm"`: Duplicate provider configuration
              A default (non-aliased) provider configuration for "azurerm" was already given at main.tf:40,1-19. If multiple configurations are required, set the "alias" argument for alternative configurations.
            Error[backend-and-cloud] main.tf:43:3 `backend "local"`: Both a backend and cloud configuration are present
              A module may declare either one 'cloud' block OR one 'backend' block configuring a state backend. The 'cloud' block is configured at main.tf:45,3-8; a backend is configured at main.tf:43,3-18. Remove the backend block to configure HCP Terraform or Terraform Enteprise.
            Error[backend-and-cloud] main.tf:44:3 `backend "azurerm"`: Both a backend and cloud configuration are present
              A module may declare either one 'cloud' block OR one 'backend' block configuring a state backend. The 'cloud' block is configured at main.tf:45,3-8; a backend is configured at main.tf:44,3-20. Remove the backend block to configure HCP Terraform or Terraform Enteprise.
            Error[cloud-backend] main.tf:45:3 `cloud`: Unsupported state storage
              State in HCP Terraform is not supported; use a local file or an "azurerm" backend.
            Error[module-not-installed] main.tf:47:1 `module "m"`: Module not installed
              This module is not yet installed. Run "ravelin init" to install all modules required by this configuration.
              hint: Ravelin does not ask module registries. Put the module's files into vendor/modules/hashicorp/consul/aws; what "terraform init" has put under .terraform/modules is used as well.
            Error[unreadable-module] main.tf:51:12 `"./missing"`: Unreadable module directory
              The directory missing could not be read for module "n": it does not exist.
            Error[missing-argument] main.tf:53:12 `{`: Missing required argument
              The argument "source" is required, but no definition was found.
        "#]],
    );
}

#[test]
fn module_inputs_are_checked() {
    check(
        r#"
module "m" {
  source = "./m"
  nmae   = 1
}
module "loop" {
  source = "./loop"
}
-- m/main.tf --
variable "name" {}
variable "size" {}
-- loop/main.tf --
module "again" {
  source = "../loop"
}
"#,
        expect![[r#"
            Error[unsupported-argument] main.tf:4:3 `nmae`: Unsupported argument
              An argument named "nmae" is not expected here. Did you mean "name"?
            Error[missing-argument] main.tf:2:12 `{`: Missing required argument
              The argument "name" is required, but no definition was found.
            Error[missing-argument] main.tf:2:12 `{`: Missing required argument
              The argument "size" is required, but no definition was found.
            Error[module-cycle] loop/main.tf:2:12 `"../loop"`: Module call cycle
              The module loop calls itself, directly or through the modules it calls.
        "#]],
    );
}

#[test]
fn bom_and_crlf_are_no_trouble() {
    check(
        "\u{feff}locals {\r\n  a = <<-EOT\r\n    x\r\n      y\r\n  EOT\r\n  b = [\r\n    1,\r\n  ]\r\n}\r\noutput \"a\" {\r\n  value = [local.a, local.b]\r\n}\r\n",
        expect![[r#"
            a = ["x\r\n  y\r\n", [1]]: tuple([string, tuple([number])])
        "#]],
    );
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let mut files = Memory::parse("locals {}\n");
    files.0.insert("bad.tf".into(), b"locals {\n  a = \"\xff\"\n}\n".to_vec());
    let (mut sources, mut diags) = Default::default();
    ravelin::lang::load(&files, ".".as_ref(), &mut sources, &mut diags);
    expect![[r#"
        Error[invalid-encoding] bad.tf:2:8 ``: Invalid character encoding
          All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your editor.
    "#]]
    .assert_eq(&show(&diags, &sources));
}
