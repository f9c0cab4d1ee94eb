//! Any file of variable values.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    common::run(&[("main.tf", b"variable \"a\" {\n  type = object({ b = optional(number, 1), c = list(string) })\n  default = null\n}\nvariable \"d\" {\n  default = 1\n}\n"), ("terraform.tfvars", data)]);
});
