//! Any type constraint.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [b"variable \"v\" {\n  default = null\n  type = ".as_slice(), data, b"\n}\n"].concat();
    common::run(&[("main.tf", &text)]);
});
