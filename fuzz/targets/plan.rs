//! libFuzzer's entry to [`appia_fuzz::plan`]; run it with `cargo xtask fuzz plan`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::plan(bytes));
