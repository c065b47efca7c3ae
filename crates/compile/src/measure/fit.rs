//! A straight line through points, by least squares.

/// A line and how sure its slope is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// How much higher for one more.
    pub slope: f64,
    /// The standard error of the slope; 0 with only two points.
    pub error: f64,
    /// Its height at 0.
    pub intercept: f64,
}

/// The line with the least squares of vertical distances; none when all points stand above one place.
///
/// Slope = Sxy / Sxx, its variance = RSS / (n - 2) / Sxx. Source: N. R. Draper, H. Smith, Applied Regression Analysis,
/// 3rd edition, 1998, sections 1.2 and 1.4.
///
/// ```
/// let line = appia_compile::measure::fit(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).unwrap();
/// assert_eq!((line.slope, line.intercept, line.error), (2.0, 1.0, 0.0));
/// ```
pub fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / count, y / count);
    let (sxx, sxy) = points.iter().fold((0.0, 0.0), |sum, point| {
        (sum.0 + (point.0 - x).powi(2), sum.1 + (point.0 - x) * (point.1 - y))
    });
    if points.len() < 2 || sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let intercept = y - slope * x;
    let rest: f64 = points.iter().map(|point| (point.1 - intercept - slope * point.0).powi(2)).sum();
    let error = if points.len() == 2 { 0.0 } else { libm::sqrt(rest / (count - 2.0) / sxx) };
    Some(Fit { slope, error, intercept })
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn gives_the_error_of_a_textbook_line() {
        // By hand: x 1..4, y 2 4 5 8: slope 1.9, intercept 0, rest 0.7, Sxx 5.
        let line = fit(&[(1.0, 2.0), (2.0, 4.0), (3.0, 5.0), (4.0, 8.0)]).unwrap();
        assert!((line.slope - 1.9).abs() < 1e-12 && line.intercept.abs() < 1e-12);
        assert!((line.error - f64::sqrt(0.7 / 2.0 / 5.0)).abs() < 1e-12, "{line:?}");
    }

    #[test]
    fn one_place_has_no_slope() {
        assert_eq!((fit(&[]), fit(&[(1.0, 1.0)]), fit(&[(1.0, 1.0), (1.0, 2.0)])), (None, None, None));
    }
}
