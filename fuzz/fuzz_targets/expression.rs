//! Any expression.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [b"locals {\n  n = null\n  l = [1, 2]\n}\noutput \"o\" {\n  value = ".as_slice(), data, b"\n}\n"].concat();
    common::run(&[("main.tf", &text)]);
});
