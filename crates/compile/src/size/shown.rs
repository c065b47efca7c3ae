//! Numbers as people and other programs read them: shares, times, and few enough digits to be the same
//! everywhere.

/// Six significant digits: what the model knows, and the same text on every machine.
pub(crate) fn quantised(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// As [`quantised`]; none for what has no end.
pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then(|| quantised(value))
}

/// `99.9876%`, rounded down: nothing looks better than it is.
pub(super) fn percent(fraction: f64) -> String {
    let parts = libm::floor(fraction * 1e6 + 1e-7) / 1e4;
    let text = format!("{parts:.4}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `412ms`, `3.2ms`, `1.35s`, or that it has no end.
pub(super) fn seconds(time: f64) -> String {
    let millis = time * 1000.0;
    match millis {
        _ if !millis.is_finite() => "no end".to_owned(),
        _ if millis >= 10_000.0 => format!("{time:.1}s"),
        _ if millis >= 10.0 => format!("{millis:.0}ms"),
        _ => format!("{millis:.2}ms"),
    }
}

/// `1000`, `12.5`: four significant digits or all of the whole number.
pub(super) fn number(value: f64) -> String {
    if value >= 1000.0 || value == libm::floor(value) {
        return format!("{value:.0}");
    }
    let text: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    text.to_string()
}

#[cfg(test)]
mod tests {
    use super::{number, percent, quantised, seconds};

    #[test]
    fn is_short_and_never_better_than_it_is() {
        assert_eq!((percent(0.999), percent(0.999_959_9)), ("99.9%".to_owned(), "99.9959%".to_owned()));
        assert_eq!(
            (seconds(0.4124), seconds(0.0032), seconds(13.0)),
            ("412ms".into(), "3.20ms".into(), "13.0s".to_owned())
        );
        assert_eq!(
            (number(1428.57), number(0.125), number(7.0)),
            ("1429".into(), "0.125".into(), "7".to_owned())
        );
        assert_eq!(quantised(1.0 / 3.0), 0.333_333);
    }
}
