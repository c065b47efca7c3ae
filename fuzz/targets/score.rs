//! libFuzzer's entry to [`appia_fuzz::score`]; run it with `cargo xtask fuzz score`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::score(bytes));
