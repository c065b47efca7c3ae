//! libFuzzer's entry to [`appia_fuzz::wire`]; run it with `cargo xtask fuzz wire`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| appia_fuzz::wire(bytes));
