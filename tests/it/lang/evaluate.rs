//! Evaluation: references, unknown and sensitive values, expansion, conditions.

use expect_test::{Expect, expect};
use ravelin::{
    base::{Address, Diagnostics, Key, Mode, ModulePath, ResourceAddress, Type, Value},
    lang::{ConditionKind, Each, Evaluator, Expansion, Inputs},
};

use super::support::*;

fn check(text: &str, expect: Expect) {
    expect.assert_eq(&outputs(text));
}

fn resource(kind: &str, name: &str) -> ResourceAddress {
    ResourceAddress::new(ModulePath::root(), Mode::Managed, kind, name)
}

fn id(text: &str) -> Value {
    Value::object_of([("id", Value::string(text)), ("name", Value::string(text.to_uppercase()))])
}

#[test]
fn references_that_lead_nowhere() {
    check(
        r#"
variable "cidr" {
  default = "10.0.0.0/16"
}
locals {
  prefix = "x"
}
resource "azurerm_subnet" "node" {}
resource "azurerm_subnet" "many" {
  count = 2
}
data "azurerm_subnet" "live" {}
module "net" {
  source = "./net"
}
output "a" { value = var.cird }
output "b" { value = local.prefx }
output "c" { value = azurerm_subnet.nod.id }
output "d" { value = azurerm_subnet.live.id }
output "e" { value = module.nett.id }
output "f" { value = module.net.idd }
output "g" { value = each.key }
output "h" { value = count.index }
output "i" { value = self.id }
output "j" { value = azurerm_subnet.node[0].id }
output "k" { value = azurerm_subnet.many.id }
output "l" { value = var }
output "m" { value = foo }
output "n" { value = path.modul }
output "o" { value = terraform.env }
output "p" { value = locals.prefix }
output "q" { value = variable.cidr }
-- net/main.tf --
output "id" { value = 1 }
"#,
        expect![[r#"
            Error[undeclared-variable] main.tf:16:22 `var.cird`: Reference to undeclared input variable
              An input variable with the name "cird" has not been declared. Did you mean "cidr"?
            Error[undeclared-local] main.tf:17:22 `local.prefx`: Reference to undeclared local value
              A local value with the name "prefx" has not been declared. Did you mean "prefix"?
            Error[undeclared-resource] main.tf:18:22 `azurerm_subnet.nod.id`: Reference to undeclared resource
              A managed resource "azurerm_subnet" "nod" has not been declared in the root module. Did you mean azurerm_subnet.node?
            Error[undeclared-resource] main.tf:19:22 `azurerm_subnet.live.id`: Reference to undeclared resource
              A managed resource "azurerm_subnet" "live" has not been declared in the root module.

              Did you mean the data resource data.azurerm_subnet.live?
            Error[undeclared-module] main.tf:20:22 `module.nett.id`: Reference to undeclared module
              No module call named "nett" is declared in the root module. Did you mean "net"?
            Error[unsupported-attribute] main.tf:21:32 `.idd`: Unsupported attribute
              This object does not have an attribute named "idd".
              hint: Did you mean "id"?
              module.net is object with 1 attribute "id"
            Error[each-outside] main.tf:22:22 `each.key`: Reference to "each" in context without for_each
              The "each" object can be used only in "module" or "resource" blocks, and only when the "for_each" argument is set.
            Error[count-outside] main.tf:23:22 `count.index`: Reference to "count" in non-counted context
              The "count" object can only be used in "module", "resource", and "data" blocks, and only when the "count" argument is set.
            Error[invalid-self] main.tf:24:22 `self.id`: Invalid "self" reference
              The "self" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.
            Error[unexpected-instance-key] main.tf:25:22 `azurerm_subnet.node[0].id`: Unexpected resource instance key
              Because azurerm_subnet.node does not have "count" or "for_each" set, references to it must not include an index key. Remove the bracketed index to refer to the single instance of this resource.
            Error[missing-instance-key] main.tf:26:22 `azurerm_subnet.many.id`: Missing resource instance key
              Because azurerm_subnet.many has "count" set, its attributes must be accessed on specific instances.

              For example, to correlate with indices of a referring resource, use:
                  azurerm_subnet.many[count.index]
            Error[invalid-reference] main.tf:27:22 `var`: Invalid reference
              The "var" object cannot be accessed directly. Instead, access one of its attributes.
            Error[invalid-reference] main.tf:28:22 `foo`: Invalid reference
              A reference to a resource type must be followed by at least one attribute access, specifying the resource name.
            Error[invalid-terraform-attribute] main.tf:30:22 `terraform.env`: Invalid "terraform" attribute
              The "terraform" object does not have an attribute named "env". The only supported attributes are terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a boolean which is true only during apply.
            Error[undeclared-resource] main.tf:31:22 `locals.prefix`: Reference to undeclared resource
              A managed resource "locals" "prefix" has not been declared in the root module. Did you mean local.prefix?
            Error[undeclared-resource] main.tf:32:22 `variable.cidr`: Reference to undeclared resource
              A managed resource "variable" "cidr" has not been declared in the root module. Did you mean var.cidr?
        "#]],
    );
}

#[test]
fn errors_name_the_place_and_the_values() {
    check(
        r#"
variable "n" {
  default = [1, 2]
}
variable "o" {
  default = { a = 1 }
}
output "a" { value = var.n[5] }
output "b" { value = var.o.b }
output "c" { value = "${var.o}" }
output "d" { value = var.n + 1 }
output "e" { value = cidrsubnet("10.0.0.0/24", 9, 0) }
output "f" { value = upper(var.n) }
output "g" { value = [for x in var.n : x.foo] }
output "h" { value = var.n ? 1 : 2 }
output "i" { value = { for k in [1, 1] : k => var.o } }
"#,
        expect![[r#"
            a = (known after apply): any
            b = (known after apply): any
            c = { a = 1 }: object({ a = number })
            d = (known after apply): number
            e = (known after apply): string
            f = (known after apply): string
            g = (known after apply): any
            h = (known after apply): number
            i = (known after apply): any
            Error[invalid-index] main.tf:8:27 `[5]`: Invalid index
              The given key does not identify an element in this collection value.
              var.n is tuple with 2 elements
            Error[unsupported-attribute] main.tf:9:27 `.b`: Unsupported attribute
              This object does not have an attribute named "b".
              var.o is object with 1 attribute "a"
            Error[invalid-operand] main.tf:11:22 `var.n`: Invalid operand
              Unsuitable value for left operand: number required.
              var.n is tuple with 2 elements
            Error[function-call-failed] main.tf:12:22 `cidrsubnet(`: Error in function call
              Call to function "cidrsubnet" failed: insufficient address space to extend prefix of 24 by 9.
            Error[invalid-function-argument] main.tf:13:28 `var.n`: Invalid function argument
              Invalid value for "str" parameter: string required.
              var.n is tuple with 2 elements
            Error[unsupported-attribute] main.tf:14:41 `.foo`: Unsupported attribute
              Can't access attributes on a primitive-typed value (number).
            Error[incorrect-condition-type] main.tf:15:22 `var.n`: Incorrect condition type
              The condition expression must be of type bool.
              var.n is tuple with 2 elements
            Error[duplicate-object-key] main.tf:16:42 `k`: Duplicate object key
              Two different items produced the key "1" in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.
              k is 1
        "#]],
    );
}

#[test]
fn instances_are_read_by_key() {
    let text = r#"
resource "azurerm_subnet" "one" {}
resource "azurerm_subnet" "many" {
  count = 2
}
resource "azurerm_subnet" "keyed" {
  for_each = toset(["a", "b"])
}
resource "azurerm_subnet" "later" {}
output "one" { value = azurerm_subnet.one.id }
output "many" { value = [azurerm_subnet.many[1].id, azurerm_subnet.many[*].name, length(azurerm_subnet.many)] }
output "keyed" { value = [azurerm_subnet.keyed["a"].id, [for k, s in azurerm_subnet.keyed : "${k}=${s.name}"], keys(azurerm_subnet.keyed)] }
output "none" { value = azurerm_subnet.keyed["c"].id }
output "far" { value = azurerm_subnet.many[7].id }
output "wrong" { value = azurerm_subnet.one.idd }
output "later" { value = ["${azurerm_subnet.later.id}/x", azurerm_subnet.later] }
output "new" { value = azurerm_subnet.keyed["b"].id }
"#;
    let out = outputs_with(text, |ev| {
        ev.declare(&resource("azurerm_subnet", "one"), &Expansion::Single);
        ev.set(&resource("azurerm_subnet", "one").instance(None), id("one"));
        let many = resource("azurerm_subnet", "many");
        ev.declare(&many, &Expansion::Count(2));
        (0..2).for_each(|i| ev.set(&many.instance(Some(Key::Int(i))), id(&format!("m{i}"))));
        let keyed = resource("azurerm_subnet", "keyed");
        let values = ["a", "b"].map(|k| (k.to_owned(), Value::string(k)));
        ev.declare(&keyed, &Expansion::ForEach(values.into_iter().collect()));
        ev.set(&keyed.instance(Some("a".into())), id("ka"));
        ev.set(&keyed.instance(Some("b".into())), Value::unknown(Type::Any));
    });
    expect![[r#"
        far = (known after apply): any
        keyed = ["ka", ["a=KA", (known after apply)], ["a", "b"]]: tuple([string, tuple([string, string]), tuple([string, string])])
        later = [(known after apply), (known after apply)]: tuple([string, any])
        many = ["m1", ["M0", "M1"], 2]: tuple([string, tuple([string, string]), number])
        new = (known after apply): any
        none = (known after apply): any
        one = "one": string
        wrong = (known after apply): any
        Error[invalid-index] main.tf:14:43 `[7]`: Invalid index
          The given key does not identify an element in this collection value.
          azurerm_subnet.many is tuple with 2 elements
        Error[invalid-index] main.tf:13:45 `["c"]`: Invalid index
          The given key does not identify an element in this collection value.
          azurerm_subnet.keyed is object with 2 attributes
        Error[unsupported-attribute] main.tf:15:44 `.idd`: Unsupported attribute
          This object has no argument, nested block, or exported attribute named "idd".
          hint: Did you mean "id"?
          azurerm_subnet.one is object with 2 attributes
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_depends_on_a_resource_follows_it() {
    let l = load(
        r#"
resource "azurerm_subnet" "a" {}
locals {
  id  = azurerm_subnet.a.id
  all = { x = local.id }
}
module "m" {
  source = "./m"
  in     = local.all.x
}
output "o" { value = "${module.m.out}!" }
-- m/main.tf --
variable "in" { type = string }
output "out" { value = var.in }
"#,
    );
    let bp = l.blueprint.expect("it loads");
    let ev = Evaluator::new(&bp, &l.sources, &l.files, inputs());
    let mut diags = Diagnostics::default();
    let a: Address = "azurerm_subnet.a".parse().expect("an address");
    let mut seen = Vec::new();
    let mut look = |ev: &Evaluator| seen.push(ev.output(&ModulePath::root(), "o", &mut diags).to_string());
    look(&ev);
    ev.declare(&a.resource, &Expansion::Single);
    ev.set(&a, id("first"));
    look(&ev);
    ev.set(&a, id("second"));
    look(&ev);
    ev.unset(&a);
    look(&ev);
    expect![[r#"
        [
            "(known after apply)",
            "\"first!\"",
            "\"second!\"",
            "(known after apply)",
        ]
    "#]]
    .assert_eq(&format!("{seen:#?}\n"));
}

#[test]
fn expansions_follow_terraforms_rules() {
    let l = load(
        r#"
variable "secret" {
  default   = 2
  sensitive = true
}
resource "azurerm_subnet" "later" {}
resource "r" "single" {}
resource "r" "three" { count = "3" }
resource "r" "negative" { count = -1 }
resource "r" "null" { count = null }
resource "r" "text" { count = "x" }
resource "r" "fraction" { count = 1.5 }
resource "r" "unknown" { count = length(azurerm_subnet.later.names) }
resource "r" "secret" { count = var.secret }
resource "r" "map" { for_each = { b = 1, a = 2 } }
resource "r" "set" { for_each = toset(["x", "y"]) }
resource "r" "tuple" { for_each = ["x"] }
resource "r" "nullmap" { for_each = null }
resource "r" "numbers" { for_each = toset([1]) }
resource "r" "nulls" { for_each = toset([null]) }
resource "r" "laterset" { for_each = toset([azurerm_subnet.later.id]) }
resource "r" "latermap" { for_each = azurerm_subnet.later.tags }
resource "r" "latervalue" { for_each = { a = azurerm_subnet.later.id } }
resource "r" "secretmap" { for_each = { for k in ["a"] : k => 1 if var.secret > 1 } }
resource "r" "broken" { for_each = local.nope }
"#,
    );
    let bp = l.blueprint.expect("it loads");
    let ev = Evaluator::new(&bp, &l.sources, &l.files, inputs());
    let mut out = String::new();
    for r in bp.root.resources.values().filter(|r| r.kind == "r") {
        let mut diags = Diagnostics::default();
        let found = ev.expand(&ModulePath::root(), r, &mut diags);
        out.push_str(&format!("{}: {:?}\n{}", r.name, found.map(|e| e.keys()), show(&diags, &l.sources)));
    }
    expect![[r#"
        broken: None
        Error[undeclared-local] main.tf:25:36 `local.nope`: Reference to undeclared local value
          A local value with the name "nope" has not been declared.
        fraction: None
        Error[invalid-count] main.tf:12:35 `1.5`: Invalid count argument
          The given "count" argument value is unsuitable: value must be a whole number, between 0 and 2147483647 inclusive.
        latermap: None
        Error[unknown-for-each] main.tf:22:38 `azurerm_subnet.later.tags`: Invalid for_each argument
          The "for_each" map includes keys derived from resource attributes that cannot be determined until apply, and so Ravelin cannot determine the full set of keys that will identify the instances of this resource.

          When working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in the map values.

          Alternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge.
          azurerm_subnet.later.tags will be known only after apply
        laterset: None
        Error[unknown-for-each] main.tf:21:38 `toset([azurerm_subnet.later.id])`: Invalid for_each argument
          The "for_each" set includes values derived from resource attributes that cannot be determined until apply, and so Ravelin cannot determine the full set of keys that will identify the instances of this resource.

          When working with unknown values in for_each, it's better to use a map value where the keys are defined statically in your configuration and where only the values contain apply-time results.

          Alternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge.
          azurerm_subnet.later.id will be known only after apply
        latervalue: Some([Some(Str("a"))])
        map: Some([Some(Str("a")), Some(Str("b"))])
        negative: None
        Error[invalid-count] main.tf:9:35 `-1`: Invalid count argument
          The given "count" argument value is unsuitable: must be greater than or equal to zero.
        null: None
        Error[invalid-count] main.tf:10:31 `null`: Invalid count argument
          The given "count" argument value is null. An integer is required.
        nullmap: None
        Error[invalid-for-each] main.tf:18:37 `null`: Invalid for_each argument
          The given "for_each" argument value is unsuitable: the given "for_each" argument value is null. A map, or set of strings is allowed.
        nulls: None
        Error[invalid-for-each] main.tf:20:35 `toset([null])`: Invalid for_each set argument
          The given "for_each" argument value is unsuitable: "for_each" sets must not contain null values.
        numbers: None
        Error[invalid-for-each] main.tf:19:37 `toset([1])`: Invalid for_each set argument
          The given "for_each" argument value is unsuitable: "for_each" supports maps and sets of strings, but you have provided a set containing type number.
        secret: None
        Error[invalid-count] main.tf:14:33 `var.secret`: Invalid count argument
          Sensitive values, or values derived from sensitive values, cannot be used as count arguments. If used, the sensitive value could be exposed as a resource instance key.
          var.secret has a sensitive value
        secretmap: None
        Error[invalid-for-each] main.tf:24:39 `{ for k in ["a"] : k => 1 if var.secret > 1 }`: Invalid for_each argument
          Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.
          var.secret has a sensitive value
        set: Some([Some(Str("x")), Some(Str("y"))])
        single: Some([None])
        text: None
        Error[invalid-count] main.tf:11:31 `"x"`: Incorrect value type
          Invalid expression value: a number is required.
        three: Some([Some(Int(0)), Some(Int(1)), Some(Int(2))])
        tuple: None
        Error[invalid-for-each] main.tf:17:35 `["x"]`: Invalid for_each argument
          The given "for_each" argument value is unsuitable: the "for_each" argument must be a map, or set of strings, and you have provided a value of type tuple.
        unknown: None
        Error[unknown-count] main.tf:13:34 `length(azurerm_subnet.later.names)`: Invalid count argument
          The "count" value depends on resource attributes that cannot be determined until apply, so Ravelin cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.
          azurerm_subnet.later.names will be known only after apply
    "#]].assert_eq(&out);
}

#[test]
fn sensitive_values_stay_hidden() {
    check(
        r#"
variable "password" {
  default   = "hunter2"
  sensitive = true
}
output "shown" { value = "x-${var.password}" }
output "hidden" {
  value     = { a = var.password, b = upper(var.password) }
  sensitive = true
}
output "length" { value = nonsensitive(length(var.password)) }
output "wrong" { value = nonsensitive(var.password) + 1 }
output "inside" { value = [for c in split("", var.password) : c][0] }
"#,
        expect![[r#"
            hidden = (sensitive value): object({ a = string, b = string })
            inside = (sensitive value): string
            length = 7: number
            shown = (sensitive value): string
            wrong = (known after apply): number
            Error[sensitive-output] main.tf:13:1 `output "inside"`: Output refers to sensitive values
              To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root module output containing sensitive data must be explicitly marked as sensitive, to confirm your intent.
  
              If you do intend to export this data, annotate the output value as sensitive by adding the following argument:
                  sensitive = true
            Error[sensitive-output] main.tf:6:1 `output "shown"`: Output refers to sensitive values
              To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root module output containing sensitive data must be explicitly marked as sensitive, to confirm your intent.
  
              If you do intend to export this data, annotate the output value as sensitive by adding the following argument:
                  sensitive = true
            Error[invalid-operand] main.tf:12:26 `nonsensitive(var.password)`: Invalid operand
              Unsuitable value for left operand: a number is required.
        "#]],
    );
}

#[test]
fn conditions_are_told_with_their_reason() {
    let text = r#"
variable "size" {
  type    = number
  default = 7
  validation {
    condition     = var.size < 5
    error_message = "The size must be below 5, not ${var.size}."
  }
  validation {
    condition     = var.size
    error_message = "x"
  }
}
module "m" {
  source = "./m"
  name   = "BAD"
}
output "guarded" {
  value = 1
  precondition {
    condition     = var.size == 1
    error_message = "Only one."
  }
}
check "health" {
  assert {
    condition     = var.size == 2
    error_message = "Not two."
  }
}
-- m/main.tf --
variable "name" {
  type = string
  validation {
    condition     = can(regex("^[a-z]+$", var.name))
    error_message = "Lower case only."
  }
}
"#;
    let l = load(text);
    let bp = l.blueprint.expect("it loads");
    let variables = [("size".to_owned(), Value::number(7))].into();
    let ev = Evaluator::new(&bp, &l.sources, &l.files, Inputs { variables, ..inputs() });
    let mut diags = l.diags;
    ev.check_variables(&mut diags);
    ev.output(&ModulePath::root(), "guarded", &mut diags);
    let asserts = &bp.root.checks["health"].asserts;
    ev.conditions(&ModulePath::root(), asserts, &Each::default(), ConditionKind::CheckAssertion, &mut diags);
    expect![[r#"
        Error[invalid-variable-value] main.tf:2:1 `variable "size"`: Invalid value for variable
          The size must be below 5, not 7.
  
          This was checked by the validation rule at main.tf:5,3-13.
          var.size is 7
        Error[invalid-condition] main.tf:10:21 `var.size`: Invalid condition result
          Invalid condition result value: bool required.
          var.size is 7
        Error[invalid-variable-value] main.tf:16:12 `"BAD"`: Invalid value for variable
          Lower case only.
  
          This was checked by the validation rule at m/main.tf:3,3-13.
          var.name is "BAD"
        Error[precondition-failed] main.tf:21:21 `var.size == 1`: Module output value precondition failed
          Only one.
          var.size is 7
        Warning[check-failed] main.tf:27:21 `var.size == 2`: Check block assertion failed
          Not two.
          var.size is 7
    "#]]
    .assert_eq(&show(&diags, &l.sources));
}

#[test]
fn cycles_are_reported_once_and_end() {
    check(
        r#"
locals {
  a = local.b
  b = "${local.c}x"
  c = local.a
  self = local.self
}
output "a" { value = local.a }
output "self" { value = local.self }
"#,
        expect![[r#"
            a = (known after apply): string
            self = (known after apply): any
            Error[cycle] main.tf:5:3 `c`: Cycle
              local.c depends on itself, directly or through others.
            Error[cycle] main.tf:6:3 `self`: Cycle
              local.self depends on itself, directly or through others.
        "#]],
    );
}

#[test]
fn try_does_not_swallow_what_is_wrong_elsewhere() {
    check(
        r#"
locals {
  bad = [][0]
  ok  = try({}.a, "fallback")
}
output "a" { value = try(local.bad, "hidden") }
output "b" { value = local.ok }
output "c" { value = can({}.x) }
"#,
        expect![[r#"
            a = (known after apply): any
            b = "fallback": string
            c = false: bool
            Error[invalid-index] main.tf:3:11 `[0]`: Invalid index
              The given key does not identify an element in this collection value: the collection has no elements.
        "#]],
    );
}

#[test]
fn unknown_values_keep_what_is_certain() {
    let text = r#"
resource "azurerm_subnet" "later" {}
locals {
  u = azurerm_subnet.later.id
}
output "text" { value = "a-${local.u}" }
output "starts" { value = [startswith("a-${local.u}", "a-"), startswith("a-${local.u}", "b")] }
output "equal" { value = ["a-${local.u}" == "b", "a-${local.u}" == null, local.u == null] }
output "list" { value = [for x in [local.u] : x == "a"] }
output "cond" { value = local.u == "x" ? "yes" : "no" }
output "tuple" { value = length([local.u, local.u]) }
output "keys" { value = keys({ a = local.u }) }
output "merged" { value = merge({ a = local.u }, { b = 1 }) }
output "joined" { value = join(",", ["a", local.u]) }
output "logic" { value = [tobool(local.u) && false, tobool(local.u) || true] }
output "json" { value = jsonencode({ a = local.u }) }
output "format" { value = format("x-%s", local.u) }
output "time" { value = [timestamp(), plantimestamp(), uuid()] }
output "coalesce" { value = coalesce(local.u, "b") }
output "set" { value = length(toset([local.u, "b"])) }
output "try" { value = try(local.u.foo, "x") }
"#;
    let out = outputs_with(text, |ev| {
        let later = resource("azurerm_subnet", "later");
        ev.declare(&later, &Expansion::Single);
        ev.set(&later.instance(None), Value::object_of([("id", Value::unknown_not_null(Type::String))]));
    });
    expect![[r#"
        coalesce = (known after apply): string
        cond = (known after apply): string
        equal = [false, false, false]: tuple([bool, bool, bool])
        format = (known after apply): string
        joined = (known after apply): string
        json = (known after apply): string
        keys = ["a"]: tuple([string])
        list = [(known after apply)]: tuple([bool])
        logic = [(known after apply), (known after apply)]: tuple([bool, bool])
        merged = { a = (known after apply), b = 1 }: object({ a = string, b = number })
        set = (known after apply): number
        starts = [true, false]: tuple([bool, bool])
        text = (known after apply): string
        time = [(known after apply), "2026-03-04T05:06:07Z", (known after apply)]: tuple([string, string, string])
        try = "x": string
        tuple = 2: number
    "#]]
    .assert_eq(&out);
}

#[test]
fn templates_and_heredocs() {
    // The texts are those that Terraform 1.11 gives for the same blocks.
    check(
        r#"
locals {
  names = ["a", "b"]
  flush = <<-EOT
    first
      ${join(",", local.names)}
    %{ for n in local.names ~}
    - ${n}
    %{ endfor ~}
    last "quoted" $${kept}
  EOT
  plain = <<EOT
  x
EOT
  empty = <<-EOT
  EOT
  start = <<-EOT
    ${local.names[0]}
      deeper

    back
  EOT
  two = <<-EOT
    %{ if true }
    yes
    %{ else }
    no
    %{ endif }
      tail
  EOT
  three = <<-EOT
    a
      %{~ if true ~}
      b
    %{~ endif ~}
    c
  EOT
  four = <<-EOT
	tab
	  x
    EOT
  five = <<EOT
EOT
  six = <<-EOT
    x ${~ "y" ~}

    z
  EOT
}
output "all" {
  value = [local.flush, local.plain, local.empty, local.start, local.two, local.three, local.four, local.five, local.six]
}
output "file" { value = templatefile("${path.module}/t.tpl", { n = 2 }) }
-- t.tpl --
n=${n}
"#,
        expect![[r#"
            all = ["first\n  a,b\n    - a\n    - b\n    last \"quoted\" ${kept}\n", "  x\n", "", "a\n  deeper\n\nback\n", "\nyes\n\n  tail\n", "    a\n      b\n    c\n", "tab\n  x\n", "", "xy\nz\n"]: tuple([string, string, string, string, string, string, string, string, string])
            file = "n=2\n": string
        "#]],
    );
}
