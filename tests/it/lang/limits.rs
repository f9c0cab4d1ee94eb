//! Nothing that a file may hold overflows the stack or runs away.

use super::support::*;

#[test]
fn long_chains_of_locals_are_evaluated() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for i in 1..5000 {
        text.push_str(&format!("  l{i} = local.l{} + 1\n", i - 1));
    }
    text.push_str("}\noutput \"o\" {\n  value = local.l4999\n}\n");
    assert_eq!(outputs(&text), "o = 5000: number\n");
}

#[test]
fn deep_nesting_is_refused_not_crashed() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{a=", "}"), ("-", ""), ("!", ""), ("f(", ")"), ("\"${", "}\"")] {
        let text = format!("locals {{\n  a = {}1{}\n}}\n", open.repeat(3000), close.repeat(3000));
        let l = load(&text);
        assert!(l.diags.has_errors(), "{open} was accepted 3000 times");
    }
    let l = load(&format!("locals {{\n  a = 1{}\n}}\n", "+1".repeat(3000)));
    assert!(l.diags.has_errors());
    let l = load(&format!("-- a.tf.json --\n{{\"locals\": {{\"a\": {}1{}}}}}\n", "[".repeat(3000), "]".repeat(3000)));
    assert!(l.diags.has_errors());
}

#[test]
fn decoders_are_bounded() {
    for expr in [
        "jsondecode(join(\"\", [for i in range(1024) : \"[[[[[[[[[[\"]))",
        "yamldecode(join(\"\", [for i in range(1024) : \"[\"]))",
        "yamldecode(\"a: &a [x,x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\\n\")",
        "setproduct(range(1000), range(1000), range(1000))",
        "format(\"%999999999d\", 1) == 1e999999999",
        "tonumber(\"1e999999999\")",
    ] {
        let out = eval(expr);
        assert!(out.contains("Error["), "{expr}: {}", out.chars().take(200).collect::<String>());
    }
}

#[test]
fn a_large_folder_is_read_and_evaluated_quickly() {
    let mut text = String::from("variable \"p\" {\n  default = \"x\"\n}\n");
    for i in 0..2000 {
        text.push_str(&format!(
            "resource \"azurerm_subnet\" \"s{i}\" {{\n  name = \"${{var.p}}-{i}\"\n  address_prefixes = [cidrsubnet(\"10.0.0.0/8\", 16, {i})]\n}}\n"
        ));
    }
    let l = load(&text);
    let bp = l.blueprint.expect("it loads");
    assert_eq!(bp.root.resources.len(), 2000);
    assert_eq!(ravelin::lang::deps::dependencies(&bp).len(), 2000);
}
