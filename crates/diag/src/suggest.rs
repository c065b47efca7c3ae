//! "Did you mean": the known word nearest to the one written.

/// The known word closest to `word` by edit distance with transpositions (optimal string alignment), if it is close
/// enough to be a likely slip: at most a third of its length, and at least one edit is always allowed.
///
/// ```
/// assert_eq!(appia_diag::closest("hsot", ["host", "port"]), Some("host"));
/// assert_eq!(appia_diag::closest("banana", ["host", "port"]), None);
/// ```
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lowered = word.to_lowercase();
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    known
        .into_iter()
        // So much longer or shorter needs no table to be known as far.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (distance(&lowered, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance, by rows.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&above, j) + usize::from(left != right);
            let mut best = replaced.min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && b.get(j - 1) == Some(left) && a.get(i - 1) == Some(right);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn counts_edits_and_swaps() {
        for (a, b, expect) in [
            ("", "", 0),
            ("", "abc", 3),
            ("hsot", "host", 1),
            ("replica", "replicas", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expect, "{a} -> {b}");
        }
    }

    #[test]
    fn prefers_the_nearest_then_the_first_by_name() {
        assert_eq!(closest("posrt", ["port", "host"]), Some("port"));
        assert_eq!(closest("xost", ["post", "host"]), Some("host"));
        assert_eq!(closest("x", ["workloads"]), None);
    }
}
