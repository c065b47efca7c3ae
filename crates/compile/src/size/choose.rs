//! The cheapest choice that keeps every promise about time.
//!
//! Few stations: integer programming over the candidates, and whenever the nonlinear end-to-end check refuses the
//! answer, a cut that refuses everything no faster, then again: exact over the listed candidates. Many stations: one
//! price of time for all (Lagrange), found by halving: linear, and at most a little dearer. Start at [`cheapest`].

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variable, variables};

use super::problem::{Choice, Problem, nearly_holds};

/// Stations up to which the answer is exact.
const EXACT: usize = 24;

/// Cuts after which the search ends with the answer of the other way.
const CUTS: usize = 80;

/// Halvings of the price of time.
const HALVINGS: u32 = 24;

/// How the answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Nothing cheaper among the candidates keeps the promises.
    Cheapest,
    /// Something a little cheaper might.
    Near,
}

/// The cheapest choice; none when not even the fastest of everything keeps the promises.
pub(super) fn cheapest(problem: &Problem<'_>) -> Option<(Choice, Proof)> {
    let (least, most) = problem.extremes();
    // What has no choice is decided at once.
    if least == most {
        return problem.holds(&least).then_some((least, Proof::Cheapest));
    }
    if problem.holds(&least) {
        return Some((least, Proof::Cheapest));
    }
    if !problem.holds(&most) {
        return None;
    }
    if problem.options.len() <= EXACT
        && let Some(choice) = by_cuts(problem, &most)
    {
        return Some((choice, Proof::Cheapest));
    }
    Some((by_price_of_time(problem, most), Proof::Near))
}

/// Solve, check, cut, again.
fn by_cuts(problem: &Problem<'_>, most: &[usize]) -> Option<Choice> {
    let weights: Vec<Vec<f64>> = problem
        .options
        .iter()
        .map(|options| options.iter().map(|candidate| candidate.weight).collect())
        .collect();
    let mut cuts: Vec<Choice> = Vec::new();
    while cuts.len() < CUTS {
        let choice = solve(&weights, &cuts)?;
        if problem.holds(&choice) {
            return Some(choice);
        }
        cuts.push(lifted(problem, choice, most));
    }
    None
}

/// A refused choice made as fast as it can be while it is still refused: everything no faster is refused with it.
fn lifted(problem: &Problem<'_>, mut choice: Choice, most: &[usize]) -> Choice {
    for place in 0..choice.len() {
        let (Some(now), Some(last)) = (choice.get(place).copied(), most.get(place).copied()) else {
            continue;
        };
        // `low` is refused, whatever is above `high` may not be.
        let (mut low, mut high) = (now, last);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let mut tried = choice.clone();
            if let Some(at) = tried.get_mut(place) {
                *at = middle;
            }
            if problem.holds(&tried) { high = middle - 1 } else { low = middle }
        }
        if let Some(at) = choice.get_mut(place) {
            *at = low;
        }
    }
    choice
}

/// The cheapest choice in which, for each cut, some station is faster than there.
fn solve(weights: &[Vec<f64>], cuts: &[Choice]) -> Option<Choice> {
    let mut variables = variables!();
    let all: Vec<Vec<Variable>> = weights
        .iter()
        .map(|options| options.iter().map(|_| variables.add(variable().binary())).collect())
        .collect();
    let pairs = all.iter().flatten().zip(weights.iter().flatten());
    let cost: Expression = pairs.map(|(taken, weight)| *weight * *taken).sum();
    let mut model = variables.minimise(cost).using(microlp);
    for station in &all {
        let taken: Expression = station.iter().sum();
        model = model.with(constraint!(taken == 1));
    }
    for cut in cuts {
        let faster = all.iter().zip(cut).flat_map(|(station, index)| station.iter().skip(index + 1));
        let faster: Expression = faster.sum();
        model = model.with(constraint!(faster >= 1));
    }
    let solution = model.solve().ok()?;
    let taken = |station: &Vec<Variable>| station.iter().position(|taken| solution.value(*taken) > 0.5);
    all.iter().map(taken).collect()
}

/// Each station takes what is cheapest when a second of a request costs so much; the least price that holds.
fn by_price_of_time(problem: &Problem<'_>, most: Choice) -> Choice {
    let (mut low, mut high) = (1e-6_f64, 1e12_f64);
    for _ in 0..HALVINGS {
        let middle = libm::sqrt(low * high);
        if nearly_holds(problem, &at_price(problem, middle)) { high = middle } else { low = middle }
    }
    // The two moments say nearly what the whole distribution says; it has the last word.
    let prices = (0..HALVINGS).map(|step| high * libm::pow(2.0, f64::from(step)));
    let choices = prices.map(|price| at_price(problem, price));
    choices.into_iter().find(|choice| problem.holds(choice)).unwrap_or(most)
}

fn at_price(problem: &Problem<'_>, second: f64) -> Choice {
    let stations = problem.graph.things.iter().zip(&problem.options);
    let best = stations.map(|(thing, options)| {
        let visits = thing.rate / problem.graph.rate;
        let total = |index: usize| {
            options.get(index).map_or(f64::INFINITY, |of| of.weight + second * visits * of.slowness)
        };
        (0..options.len()).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0)
    });
    best.collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::solve;

    const INSTANCES: usize = 500;

    /// A number from 0 on below `most`, by a linear congruence (Knuth's MMIX).
    fn draw(state: &mut u64, most: u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % most
    }

    /// One candidate for each of 1 to 9 stations, dearer ones last, and 0 to 14 cuts.
    fn instance(state: &mut u64) -> (Vec<Vec<f64>>, Vec<Vec<usize>>) {
        let stations = 1 + draw(state, 9);
        let station = |state: &mut u64| {
            let mut weights: Vec<f64> =
                (0..1 + draw(state, 12)).map(|_| draw(state, 1_000_000) as f64 / 997.0).collect();
            weights.sort_by(f64::total_cmp);
            weights
        };
        let weights: Vec<Vec<f64>> = (0..stations).map(|_| station(state)).collect();
        let cut = |state: &mut u64| weights.iter().map(|of| draw(state, of.len() as u64) as usize).collect();
        let cuts = (0..draw(state, 15)).map(|_| cut(state)).collect();
        (weights, cuts)
    }

    /// The same least cost as HiGHS finds: `tests/solver.py`, by the judge that `cargo xtask test` sets up.
    #[test]
    fn another_solver_agrees() {
        let Some(python) = std::env::var_os("APPIA_JUDGE_HIGHSPY") else {
            appia_testkit::did_not_run(
                "the other solver: APPIA_JUDGE_HIGHSPY names no Python with `highspy`",
            );
            return;
        };
        let mut state = 1;
        let mut lines = String::new();
        for _ in 0..INSTANCES {
            let (weights, cuts) = instance(&mut state);
            let cost = solve(&weights, &cuts).map(|choice| {
                let taken = weights.iter().zip(&choice).filter_map(|(of, index)| of.get(*index));
                taken.sum::<f64>()
            });
            lines.push_str(&format!(
                "{}\n",
                serde_json::json!({"weights": weights, "cuts": cuts, "cost": cost})
            ));
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/solver.py");
        let mut judge = Command::new(python);
        let mut judge = judge.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        judge.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let output = judge.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("solved {INSTANCES}\n"));
    }
}
