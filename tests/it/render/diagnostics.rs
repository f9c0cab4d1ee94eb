//! Diagnostics in words and JSON.

use expect_test::expect;
use ravelin::{
    base::{Diagnostic, Sources, Span},
    render::{Style, diagnostic, diagnostic_json, validate_json},
};

const TEXT: &str =
    "resource \"terraform_data\" \"c\" {\n  input = cidrhost(\"10.0.0.0/24\", 3) == \"x\" ? [\n    1, \"é\"\n  ] : {\n    b = var.cidr\n  }\n}\n";

/// Terraform's own example: a range over several lines.
fn inconsistent(sources: &mut Sources) -> Diagnostic {
    let file = sources.add("main.tf", TEXT);
    let start = TEXT.find("[\n").unwrap();
    let end = TEXT.rfind("  }\n").unwrap() + 3;
    Diagnostic::error(
        "conditional-types",
        "Inconsistent conditional result types",
        "The true and false result expressions must have consistent types. The 'true' value is tuple, but the 'false' value is object.",
    )
    .at(Span::new(file, start, end))
    .within("resource \"terraform_data\" \"c\"")
    .value("var.cidr", "is \"10.0.0.0/16\"")
    .value("local.a", "is a bool")
}

#[test]
fn in_words_without_colour() {
    let mut sources = Sources::default();
    let d = inconsistent(&mut sources);
    expect![[r#"

        Error: Inconsistent conditional result types

          on main.tf line 2, in resource "terraform_data" "c":
           2:   input = cidrhost("10.0.0.0/24", 3) == "x" ? [
           3:     1, "é"
           4:   ] : {
           5:     b = var.cidr
           6:   }
            ├────────────────
            │ local.a is a bool
            │ var.cidr is "10.0.0.0/16"

        The true and false result expressions must have consistent types. The 'true'
        value is tuple, but the 'false' value is object.
    "#]]
    .assert_eq(&diagnostic(&d, &sources, &Style::plain()));
}

#[test]
fn in_a_box() {
    let mut sources = Sources::default();
    let d = inconsistent(&mut sources).on("terraform_data.c");
    let text = diagnostic(&d, &sources, &Style { color: true, width: 78 });
    expect![[r#"
        ^[31m╷^[0m
        ^[31m│^[0m ^[1;31mError: ^[0m^[1mInconsistent conditional result types^[0m
        ^[31m│^[0m 
        ^[31m│^[0m   with terraform_data.c,
        ^[31m│^[0m   on main.tf line 2, in resource "terraform_data" "c":
        ^[31m│^[0m    2:   input = cidrhost("10.0.0.0/24", 3) == "x" ? ^[4m[^[0m
        ^[31m│^[0m    3: ^[4m    1, "é"^[0m
        ^[31m│^[0m    4: ^[4m  ] : {^[0m
        ^[31m│^[0m    5: ^[4m    b = var.cidr^[0m
        ^[31m│^[0m    6: ^[4m  }^[0m
        ^[31m│^[0m     ^[90m├────────────────^[0m
        ^[31m│^[0m     ^[90m│^[0m ^[1mlocal.a^[0m is a bool
        ^[31m│^[0m     ^[90m│^[0m ^[1mvar.cidr^[0m is "10.0.0.0/16"
        ^[31m│^[0m 
        ^[31m│^[0m The true and false result expressions must have consistent types. The
        ^[31m│^[0m 'true' value is tuple, but the 'false' value is object.
        ^[31m╵^[0m
    "#]]
    .assert_eq(&text.replace('\x1b', "^"));
}

#[test]
fn related_place_and_hint() {
    let mut sources = Sources::default();
    let a = sources.add("a.tf", "variable \"x\" {}\n");
    let b = sources.add("b.tf", "\nvariable \"x\" {}\n");
    let d = Diagnostic::warning("duplicate-variable", "Duplicate variable declaration", "A variable named \"x\" was already declared.")
        .at(Span::new(b, 1, 13))
        .also(Span::new(a, 0, 12), "first declared here")
        .hint("Did you mean \"y\"?");
    expect![[r#"

        Warning: Duplicate variable declaration

          on b.tf line 2, in variable "x":
           2: variable "x" {}

          first declared here, on a.tf line 1:
           1: variable "x" {}

        A variable named "x" was already declared.

        Did you mean "y"?
    "#]]
    .assert_eq(&diagnostic(&d, &sources, &Style::plain()));
    expect![[r#"
        {
          "diagnostics": [
            {
              "code": "duplicate-variable",
              "detail": "A variable named \"x\" was already declared.",
              "hint": "Did you mean \"y\"?",
              "range": {
                "end": {
                  "byte": 13,
                  "column": 13,
                  "line": 2
                },
                "filename": "b.tf",
                "start": {
                  "byte": 1,
                  "column": 1,
                  "line": 2
                }
              },
              "related": [
                {
                  "message": "first declared here",
                  "range": {
                    "end": {
                      "byte": 12,
                      "column": 13,
                      "line": 1
                    },
                    "filename": "a.tf",
                    "start": {
                      "byte": 0,
                      "column": 1,
                      "line": 1
                    }
                  }
                }
              ],
              "severity": "warning",
              "snippet": {
                "code": "variable \"x\" {}",
                "context": "variable \"x\"",
                "highlight_end_offset": 12,
                "highlight_start_offset": 0,
                "start_line": 2,
                "values": []
              },
              "summary": "Duplicate variable declaration"
            }
          ],
          "error_count": 0,
          "format_version": "1.0",
          "valid": true,
          "warning_count": 1
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&validate_json([&d], &sources)).unwrap());
}

#[test]
fn without_a_place() {
    let d = Diagnostic::error("no-state", "No state", "There is none.\n  kept: exactly as it is, however long the line may be, because it is indented by two")
        .on("azurerm_subnet.a");
    expect![[r#"

        Error: No state

          with azurerm_subnet.a

        There is none.
          kept: exactly as it is, however long the line may be, because it is indented by two
    "#]]
    .assert_eq(&diagnostic(&d, &Sources::default(), &Style::plain()));
}

#[test]
fn as_json() {
    let mut sources = Sources::default();
    let d = inconsistent(&mut sources);
    expect![[r#"
        {
          "code": "conditional-types",
          "detail": "The true and false result expressions must have consistent types. The 'true' value is tuple, but the 'false' value is object.",
          "range": {
            "end": {
              "byte": 120,
              "column": 4,
              "line": 6
            },
            "filename": "main.tf",
            "start": {
              "byte": 78,
              "column": 47,
              "line": 2
            }
          },
          "severity": "error",
          "snippet": {
            "code": "  input = cidrhost(\"10.0.0.0/24\", 3) == \"x\" ? [\n    1, \"é\"\n  ] : {\n    b = var.cidr\n  }",
            "context": "resource \"terraform_data\" \"c\"",
            "highlight_end_offset": 88,
            "highlight_start_offset": 46,
            "start_line": 2,
            "values": [
              {
                "statement": "is a bool",
                "traversal": "local.a"
              },
              {
                "statement": "is \"10.0.0.0/16\"",
                "traversal": "var.cidr"
              }
            ]
          },
          "summary": "Inconsistent conditional result types"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&diagnostic_json(&d, &sources)).unwrap());
}

/// A span that does not fit its file (or one that is empty) must never stop a message from being shown.
#[test]
fn odd_spans() {
    let mut sources = Sources::default();
    let file = sources.add("main.tf", "é = 1\nx");
    for (start, end) in [(0, 0), (1, 1), (0, 999), (999, 999), (5, 3), (7, 8), (8, 8)] {
        let d = Diagnostic::error("x", "Odd", "d").at(Span { file, start, end });
        let text = diagnostic(&d, &sources, &Style { color: true, width: 10 });
        assert!(text.contains("main.tf line "), "{text}");
        assert!(diagnostic_json(&d, &sources)["snippet"]["code"].is_string());
    }
    let elsewhere = Diagnostic::error("x", "Odd", "d").at(Span { file: ravelin::base::FileId(9), start: 0, end: 1 });
    assert!(diagnostic(&elsewhere, &sources, &Style::plain()).contains("(source code not available)"));
}
