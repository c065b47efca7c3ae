//! libFuzzer's entry to [`appia_fuzz::yaml`]; run it with `cargo xtask fuzz yaml`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::yaml(bytes));
