//! libFuzzer's entry to [`appia_fuzz::intent`]; run it with `cargo xtask fuzz intent`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::intent(bytes));
