//! Any template, with variables in it.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    common::run(&[("main.tf", b"output \"o\" {\n  value = templatefile(\"t\", { a = 1, b = [\"x\", \"y\"], c = { d = true } })\n}\n"), ("t", data)]);
});
