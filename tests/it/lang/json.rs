//! Blueprints in JSON.

use expect_test::expect;

use super::support::*;

#[test]
fn json_files_say_the_same() {
    expect![[r#"
        names = "1,2,": string
        native = ["x-2.1", true, null, { k1 = 2 }]: tuple([string, bool, any, object({ k1 = number })])
        o = ["x-2.1", true, null, { k1 = 2 }]: tuple([string, bool, any, object({ k1 = number })])
    "#]]
    .assert_eq(&outputs(
        r#"
output "native" { value = local.b }
-- more.tf.json --
{
  "//": "a comment",
  "variable": { "n": { "type": "map(number)", "default": { "x": 1.10 }, "validation": { "condition": "${length(var.n) > 0}", "error_message": "empty" } } },
  "locals": [{ "a": "${var.n.x + 1}" }, { "b": ["x-${local.a}", true, null, { "k${1}": 2 }] }],
  "resource": { "azurerm_subnet": { "s": { "for_each": "${toset([\"a\"])}", "depends_on": ["azurerm_subnet.t"], "name": "${each.key}",
    "lifecycle": { "ignore_changes": ["tags", "delegation[0].name"], "prevent_destroy": true } }, "t": [{}] } },
  "output": { "o": { "value": "${local.b}" }, "names": { "value": "%{ for x in [1, 2] }${x},%{ endfor }" } }
}
"#,
    ));
}

#[test]
fn broken_json_is_told_with_its_place() {
    for (text, expect) in [
        (
            "{\n  \"locals\": {\"a\": }\n}",
            expect![[r#"
            Error[invalid-json] a.tf.json:2:19 `}`: Invalid JSON value
              A JSON value must start with a brace, a bracket, a number, a string, or a keyword.
        "#]],
        ),
        (
            "{\"locals\": {\"a\": \"${1 +}\"}}",
            expect![[r#"
            Error[invalid-expression] a.tf.json:1:18 `"${1 +}"`: Invalid expression
              Expected the start of an expression, but found an invalid expression token.
        "#]],
        ),
        (
            "{\"locals\": {\"a\": \"${local.nope}\"}, \"output\": {\"o\": {\"value\": \"${local.a}\"}}}",
            expect![[r#"
                Error[undeclared-local] a.tf.json:1:18 `"${local.nope}"`: Reference to undeclared local value
                  A local value with the name "nope" has not been declared.
            "#]],
        ),
        (
            "{\"resorce\": {}}",
            expect![[r#"
                Error[unsupported-block] a.tf.json:1:2 `"resorce"`: Extraneous JSON object property
                  No argument or block type is named "resorce". Did you mean "resource"?
            "#]],
        ),
        (
            "[1",
            expect![[r#"
            Error[invalid-json] a.tf.json:1:3 ``: Missing JSON comma
              Expected a comma or the end of the array.
        "#]],
        ),
    ] {
        expect.assert_eq(&outputs(&format!("-- a.tf.json --\n{text}")));
    }
}
