//! libFuzzer's entry to [`appia_fuzz::placeholders`]; run it with `cargo xtask fuzz placeholders`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::placeholders(bytes));
