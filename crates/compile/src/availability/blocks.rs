//! Blocks in series, k of n, and what repair makes of failures.
//!
//! Source of the three: M. Rausand, A. Høyland, System Reliability Theory, 2nd edition, 2004, sections 3.10 and 9.

/// The availability of something that fails every `between` and is back after `repair`: MTBF / (MTBF + MTTR).
///
/// ```
/// assert_eq!(appia_compile::availability::of_repair(99.0, 1.0), 0.99);
/// ```
pub fn of_repair(between: f64, repair: f64) -> f64 {
    between / (between + repair)
}

/// All of them have to be there.
///
/// ```
/// let all = appia_compile::availability::series([0.9999, 0.9999, 0.9995]);
/// assert!((all - 0.99930).abs() < 5e-6);
/// ```
pub fn series(parts: impl IntoIterator<Item = f64>) -> f64 {
    parts.into_iter().product()
}

/// At least `needed` of `all` independent equal parts are there: a binomial sum over those that are not.
///
/// ```
/// assert!((appia_compile::availability::at_least(2, (3, 0.99)) - 0.999702).abs() < 1e-12);
/// ```
pub fn at_least(needed: u32, (all, each): (u32, f64)) -> f64 {
    if needed > all {
        return 0.0;
    }
    missing(all, each, all - needed).into_iter().sum::<f64>().min(1.0)
}

/// P(exactly i of `all` are missing) for i up to `most`.
pub(super) fn missing(all: u32, each: f64, most: u32) -> Vec<f64> {
    let (lost, n) = (1.0 - each, f64::from(all));
    let mut term = libm::pow(each, n);
    let mut terms = Vec::new();
    for i in 0..=most.min(all) {
        terms.push(term);
        let i = f64::from(i);
        term *= (n - i) / (i + 1.0) * lost / each;
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::{at_least, series};
    use proptest::prelude::*;

    #[test]
    fn gives_the_published_values() {
        let vectors = [
            (1, 2, 0.995, 0.999975),
            (2, 3, 0.995, 0.99992525),
            (2, 3, 0.99, 0.999702),
            (3, 4, 0.99, 0.99940797),
        ];
        for (needed, all, each, expect) in vectors {
            assert!((at_least(needed, (all, each)) - expect).abs() < 5e-9, "{needed} of {all}");
        }
        assert!((series([0.9999, 0.9999, 0.9995]) - 0.99930).abs() < 5e-6);
        assert!((series([0.9999, 0.9999, 0.9995]) - 0.999_300_13).abs() < 5e-8);
    }

    proptest! {
        #[test]
        fn more_spares_never_hurt(needed in 1_u32..40, spare in 0_u32..20, each in 0.5_f64..0.99999) {
            let found = at_least(needed, (needed + spare, each));
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert!(at_least(needed, (needed + spare + 1, each)) >= found - 1e-12);
            prop_assert!(at_least(needed + 1, (needed + spare, each)) <= found + 1e-12);
        }
    }
}
