//! Every input that fuzzing kept, once more through the properties of `fuzz/`, without libFuzzer.

use std::path::Path;

#[test]
fn every_kept_input_keeps_every_property() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, holds) in appia_fuzz::TARGETS {
        let inputs = std::fs::read_dir(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut count = 0;
        for input in inputs {
            let path = input.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            // The name of the input that breaks a property is worth more than the place in the code.
            let broken = std::panic::catch_unwind(|| holds(&bytes)).is_err();
            assert!(!broken, "{} breaks `{name}`", path.display());
            count += 1;
        }
        assert!(count > 0, "`{name}` has no inputs");
    }
}
