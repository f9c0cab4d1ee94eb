//! Functions that Terraform's console cannot vouch for: those it lacks, those that differ each time, and marks.

use expect_test::expect;

use super::support::*;

fn all(exprs: &[&str]) -> String {
    exprs.iter().map(|e| format!("{e}\n  {}", eval(e).trim_end().replace('\n', "\n  ") + "\n")).collect()
}

#[test]
fn functions_that_opentofu_has_besides() {
    expect![[r#"
        cidrcontains("10.0.0.0/8", "10.1.2.3")
          o = true: bool
        cidrcontains("10.0.0.0/8", "11.0.0.0/16")
          o = false: bool
        cidrcontains("10.0.0.0/16", "10.0.0.0/8")
          o = false: bool
        cidrcontains("fd00::/8", "fd12::1")
          o = true: bool
        cidrcontains("10.0.0.0/8", "fd00::1")
          o = (known after apply): bool
          Error[function-call-failed] main.tf:2:11 `cidrcontains(`: Error in function call
            Call to function "cidrcontains" failed: address family mismatch: 10.0.0.0/8 vs. fd00::1.
        cidrcontains("10.0.0.0/8", "x")
          o = (known after apply): bool
          Error[invalid-function-argument] main.tf:2:39 `x`: Invalid function argument
            Invalid value for "contained_ip_or_prefix" parameter: invalid IP address or prefix: x.
        urldecode("a+b%20c%C3%A9")
          o = "a b cé": string
        urldecode(urlencode("x/y?z=é&w"))
          o = "x/y?z=é&w": string
        urldecode("%zz")
          o = (known after apply): string
          Error[function-call-failed] main.tf:2:11 `urldecode(`: Error in function call
            Call to function "urldecode" failed: failed to decode URL: invalid URL escape "%zz".
        base64gunzip(base64gzip("hello"))
          o = "hello": string
        base64gunzip("aGk=")
          o = (known after apply): string
          Error[function-call-failed] main.tf:2:11 `base64gunzip(`: Error in function call
            Call to function "base64gunzip" failed: failed to decompress bytestream: unexpected end of file.
    "#]]
    .assert_eq(&all(&[
        "cidrcontains(\"10.0.0.0/8\", \"10.1.2.3\")",
        "cidrcontains(\"10.0.0.0/8\", \"11.0.0.0/16\")",
        "cidrcontains(\"10.0.0.0/16\", \"10.0.0.0/8\")",
        "cidrcontains(\"fd00::/8\", \"fd12::1\")",
        "cidrcontains(\"10.0.0.0/8\", \"fd00::1\")",
        "cidrcontains(\"10.0.0.0/8\", \"x\")",
        "urldecode(\"a+b%20c%C3%A9\")",
        "urldecode(urlencode(\"x/y?z=é&w\"))",
        "urldecode(\"%zz\")",
        "base64gunzip(base64gzip(\"hello\"))",
        "base64gunzip(\"aGk=\")",
    ]));
}

#[test]
fn what_differs_each_time_is_unknown_in_a_plan() {
    expect![[r#"
        timestamp()
          o = (known after apply): string
        plantimestamp()
          o = "2026-03-04T05:06:07Z": string
        uuid()
          o = (known after apply): string
        bcrypt("x")
          o = (known after apply): string
        timeadd(plantimestamp(), "1h")
          o = "2026-03-04T06:06:07Z": string
    "#]]
    .assert_eq(&all(&["timestamp()", "plantimestamp()", "uuid()", "bcrypt(\"x\")", "timeadd(plantimestamp(), \"1h\")"]));
}
