//! Row `size`: the bytes of the program as it is shipped.

use anyhow::Result;

use super::appia;
use super::measure::{Measure, Target};

pub(super) fn run() -> Result<Vec<Measure>> {
    let bytes = std::fs::metadata(appia()?)?.len();
    let mib = f64::from(u32::try_from(bytes)?) / (1024.0 * 1024.0);
    let what = "size of the binary".to_owned();
    Ok(vec![Measure { what, unit: "MiB", ours: vec![mib], peer: None, target: Some(Target::AtMost(35.0)) }])
}
