//! Erlang's formulas: how likely all servers are busy.

/// Erlang B: the probability that all of `servers` are busy when nobody waits, offered `load` Erlangs.
///
/// By the recursion B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)), which never overflows.
/// Source: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
/// telephone exchanges", 1917; the recursion as in L. Kleinrock, Queueing Systems, volume 1, 1975.
///
/// ```
/// assert!((appia_compile::queueing::erlang_b(5, 3.0) - 0.110054).abs() < 5e-7);
/// ```
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// Erlang C: the probability that a request waits at all (M/M/c), offered `load` Erlangs; 1 when the load is more than
/// the servers carry.
///
/// C = B / (1 - rho (1 - B)) with rho = a / c. Source: D. Gross, C. M. Harris, Fundamentals of Queueing Theory,
/// section 2.3 (M/M/c).
///
/// ```
/// assert!((appia_compile::queueing::erlang_c(4, 3.0) - 0.509434).abs() < 5e-7);
/// ```
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let utilisation = load / f64::from(servers);
    if utilisation >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(servers, load);
    blocked / (1.0 - utilisation * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::{erlang_b, erlang_c};
    use proptest::prelude::*;

    #[test]
    fn gives_the_published_values() {
        let blocked = [
            (2, 1.0, 0.200000),
            (5, 3.0, 0.110054),
            (10, 10.0, 0.214582),
            (20, 12.0, 0.009796),
            (100, 84.06, 0.009992),
        ];
        for (servers, load, expect) in blocked {
            assert!((erlang_b(servers, load) - expect).abs() < 5e-7, "B({servers}, {load})");
        }
        let waiting = [
            (1, 0.5, 0.5),
            (2, 1.0, 0.333333),
            (2, 1.5, 0.642857),
            (3, 2.0, 0.444444),
            (4, 3.0, 0.509434),
            (5, 4.0, 0.554113),
            (10, 8.0, 0.409180),
            (10, 9.0, 0.668732),
            (20, 16.0, 0.256078),
            (50, 45.0, 0.363864),
            (100, 90.0, 0.216940),
        ];
        for (servers, load, expect) in waiting {
            assert!((erlang_c(servers, load) - expect).abs() < 5e-7, "C({servers}, {load})");
        }
    }

    proptest! {
        #[test]
        fn is_a_probability_that_grows_with_load_and_falls_with_servers(servers in 1_u32..400, share in 0.0_f64..0.999) {
            let load = f64::from(servers) * share;
            let waits = erlang_c(servers, load);
            prop_assert!((0.0..=1.0).contains(&waits));
            prop_assert!(erlang_c(servers + 1, load) <= waits + 1e-12);
            prop_assert!(erlang_c(servers, load * 0.9) <= waits + 1e-12);
            prop_assert!(erlang_b(servers, load) <= waits + 1e-12);
        }
    }
}
