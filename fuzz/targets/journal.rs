//! libFuzzer's entry to [`appia_fuzz::journal`]; run it with `cargo xtask fuzz journal`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::journal(bytes));
