//! Bodies decoded by their shapes.

use expect_test::{Expect, expect};
use ravelin::{
    base::{
        Diagnostics, ModulePath, Shape, Type,
        shape::{Attr, Nested, Nesting},
    },
    lang::{Each, Evaluator, console::format_value},
};

use super::support::*;

fn attr(ty: Type, how: &str) -> Attr {
    Attr { required: how == "required", optional: how == "optional", computed: how == "computed", ..Attr::of(ty) }
}

fn nested(nesting: Nesting, shape: Shape, min: usize, max: Option<usize>) -> Nested {
    Nested { nesting, shape, min, max, computed: false, optional: true, force_new: false, as_attribute: false }
}

fn shape() -> Shape {
    let action = Shape {
        attrs: [("name".into(), attr(Type::String, "required")), ("ports".into(), attr(Type::list(Type::Number), "optional"))].into(),
        ..Shape::default()
    };
    let mut delegation = Shape { attrs: [("name".into(), attr(Type::String, "required"))].into(), ..Shape::default() };
    delegation.blocks.insert("action".into(), nested(Nesting::Set, action.clone(), 1, None));
    let rule = Nested { as_attribute: true, ..nested(Nesting::Set, action, 0, None) };
    Shape {
        attrs: [
            ("name".into(), attr(Type::String, "required")),
            ("size".into(), attr(Type::Number, "optional")),
            ("tags".into(), attr(Type::map(Type::String), "optional")),
            ("id".into(), attr(Type::String, "computed")),
        ]
        .into(),
        blocks: [("delegation".into(), nested(Nesting::List, delegation, 0, Some(2))), ("rule".into(), rule)].into(),
    }
}

/// Decodes every resource of the text.
fn check(text: &str, expect: Expect) {
    let l = load(text);
    let bp = l.blueprint.expect("it loads");
    let ev = Evaluator::new(&bp, &l.sources, &l.files, inputs());
    let mut out = show(&l.diags, &l.sources);
    for r in bp.root.resources.values() {
        let mut diags = Diagnostics::default();
        let each = Each { key: Some("k".into()), each_value: Some(ravelin::base::Value::string("v")), self_value: None };
        let value = ev.decode(&ModulePath::root(), &r.body, &shape(), &each, &mut diags);
        assert_eq!(value.ty(), shape().ty(), "the value is of the shape's type");
        out.push_str(&format!("{}:\n{}\n{}", r.name, format_value(&value), show(&diags, &l.sources)));
    }
    expect.assert_eq(&out);
}

#[test]
fn arguments_and_blocks_become_an_object() {
    check(
        r#"
resource "t" "full" {
  name = "${each.key}-${each.value}"
  size = "5"
  tags = { a = 1, b = true }
  delegation {
    name = "d"
    action {
      name  = "x"
      ports = [1, "2"]
    }
    dynamic "action" {
      for_each = { p = 80, q = 443 }
      content {
        name  = action.key
        ports = [action.value]
      }
    }
  }
  rule = [{ name = "r" }]
}
resource "t" "dynamic" {
  name = "n"
  dynamic "delegation" {
    for_each = ["one", "two"]
    iterator = it
    content {
      name = "${it.key}-${it.value}"
      dynamic "action" {
        for_each = [it.value]
        content {
          name = "${it.value}/${action.value}"
        }
      }
    }
  }
  dynamic "rule" {
    for_each = r.later.names
    content {
      name = rule.value
    }
  }
}
resource "r" "later" {
  name = "x"
}
"#,
        expect![[r#"
            later:
            {
              "delegation" = tolist([])
              "id" = tostring(null)
              "name" = "x"
              "rule" = toset([])
              "size" = tonumber(null)
              "tags" = tomap(null) /* of string */
            }
            dynamic:
            {
              "delegation" = tolist([
                {
                  "action" = toset([
                    {
                      "name" = "one/one"
                      "ports" = tolist(null) /* of number */
                    },
                  ])
                  "name" = "0-one"
                },
                {
                  "action" = toset([
                    {
                      "name" = "two/two"
                      "ports" = tolist(null) /* of number */
                    },
                  ])
                  "name" = "1-two"
                },
              ])
              "id" = tostring(null)
              "name" = "n"
              "rule" = (known after apply)
              "size" = tonumber(null)
              "tags" = tomap(null) /* of string */
            }
            full:
            {
              "delegation" = tolist([
                {
                  "action" = toset([
                    {
                      "name" = "p"
                      "ports" = tolist([
                        80,
                      ])
                    },
                    {
                      "name" = "q"
                      "ports" = tolist([
                        443,
                      ])
                    },
                    {
                      "name" = "x"
                      "ports" = tolist([
                        1,
                        2,
                      ])
                    },
                  ])
                  "name" = "d"
                },
              ])
              "id" = tostring(null)
              "name" = "k-v"
              "rule" = toset([
                {
                  "name" = "r"
                  "ports" = tolist(null) /* of number */
                },
              ])
              "size" = 5
              "tags" = tomap({
                "a" = "1"
                "b" = "true"
              })
            }
        "#]],
    );
}

#[test]
fn what_does_not_fit_is_told() {
    check(
        r#"
resource "t" "a" {
  nam  = "x"
  size = "big"
  tags = ["a"]
  id   = "y"
  delegation = []
  delegation {
    name = "d"
  }
  delegation {
    name = null
    action {
      name  = "x"
      ports = ["p"]
      extra {}
    }
    acton {}
  }
  delegation "label" {
    name = "q"
    action {
      name = [1]
    }
  }
  tags {
    a = 1
  }
  dynamic "rule" {
    for_each = 5
    content {}
  }
  dynamic "delegations" {
    for_each = []
    content {}
  }
  dynamic "rule" {
    foreach = []
  }
}
"#,
        expect![[r#"
            a:
            {
              "delegation" = tolist([
                {
                  "action" = toset([])
                  "name" = "d"
                },
                {
                  "action" = toset([
                    {
                      "name" = "x"
                      "ports" = (known after apply)
                    },
                  ])
                  "name" = (known after apply)
                },
                {
                  "action" = toset([
                    {
                      "name" = (known after apply)
                      "ports" = tolist(null) /* of number */
                    },
                  ])
                  "name" = "q"
                },
              ])
              "id" = (known after apply)
              "name" = tostring(null)
              "rule" = (known after apply)
              "size" = (known after apply)
              "tags" = (known after apply)
            }
            Error[unsupported-argument] main.tf:3:3 `nam`: Unsupported argument
              An argument named "nam" is not expected here. Did you mean "name"?
            Error[unsupported-argument] main.tf:7:3 `delegation`: Unsupported argument
              An argument named "delegation" is not expected here. Did you mean to define a block of type "delegation"?
            Error[extraneous-label] main.tf:20:3 `delegation "label"`: Extraneous label for delegation
              No labels are expected for delegation blocks.
            Error[unsupported-block] main.tf:26:3 `tags`: Unsupported block type
              Blocks of type "tags" are not expected here. Did you mean to define argument "tags"? If so, use the equals sign to assign it a value.
            Error[unsupported-block] main.tf:33:3 `dynamic "delegations"`: Unsupported block type
              Blocks of type "delegations" are not expected here. Did you mean "delegation"?
            Error[unconfigurable-attribute] main.tf:6:3 `id`: Value for unconfigurable attribute
              Can't configure a value for "id": its value will be decided automatically based on the result of applying this configuration.
            Error[missing-argument] main.tf:2:18 `{`: Missing required argument
              The argument "name" is required, but no definition was found.
            Error[wrong-attribute-type] main.tf:4:10 `"big"`: Incorrect attribute value type
              Inappropriate value for attribute "size": a number is required.
            Error[wrong-attribute-type] main.tf:5:10 `["a"]`: Incorrect attribute value type
              Inappropriate value for attribute "tags": map of string required.
            Error[missing-block] main.tf:8:14 `{`: Insufficient action blocks
              At least 1 "action" blocks are required.
            Error[unsupported-block] main.tf:18:5 `acton`: Unsupported block type
              Blocks of type "acton" are not expected here. Did you mean "action"?
            Error[missing-argument] main.tf:12:12 `null`: Missing required argument
              The argument "name" is required, but the given value is null.
            Error[unsupported-block] main.tf:16:7 `extra`: Unsupported block type
              Blocks of type "extra" are not expected here.
            Error[wrong-attribute-type] main.tf:15:15 `["p"]`: Incorrect attribute value type
              Inappropriate value for attribute "ports": a number is required.
            Error[wrong-attribute-type] main.tf:23:14 `[1]`: Incorrect attribute value type
              Inappropriate value for attribute "name": string required.
            Error[too-many-blocks] main.tf:8:3 `delegation`: Too many delegation blocks
              No more than 2 "delegation" blocks are allowed
            Error[invalid-for-each] main.tf:30:16 `5`: Invalid dynamic for_each value
              Cannot use a number value in for_each. An iterable collection is required.
            Error[unsupported-argument] main.tf:38:5 `foreach`: Unsupported argument
              An argument named "foreach" is not expected here. Did you mean "for_each"?
            Error[missing-argument] main.tf:37:3 `dynamic "rule"`: Missing required argument
              The argument "for_each" is required, but no definition was found.
            Error[missing-block] main.tf:37:3 `dynamic "rule"`: Missing dynamic block content
              A dynamic block must have a nested block of type "content" to describe the body of each generated block.
        "#]],
    );
}

#[test]
fn json_bodies_are_read_by_the_shape() {
    check(
        r#"
-- a.tf.json --
{ "resource": { "t": { "j": {
  "name": "n",
  "tags": { "a": "${1 + 1}" },
  "delegation": [{ "name": "d", "action": { "name": "x", "ports": [1] } }],
  "dynamic": { "rule": { "for_each": ["a", "b"], "content": { "name": "${rule.value}" } } }
} } } }
"#,
        expect![[r#"
            j:
            {
              "delegation" = tolist([
                {
                  "action" = toset([
                    {
                      "name" = "x"
                      "ports" = tolist([
                        1,
                      ])
                    },
                  ])
                  "name" = "d"
                },
              ])
              "id" = tostring(null)
              "name" = "n"
              "rule" = toset([
                {
                  "name" = "a"
                  "ports" = tolist(null) /* of number */
                },
                {
                  "name" = "b"
                  "ports" = tolist(null) /* of number */
                },
              ])
              "size" = tonumber(null)
              "tags" = tomap({
                "a" = "2"
              })
            }
        "#]],
    );
}
