//! Exact reading of decimal numbers.

use super::UnitError;

/// Splits a text in its number and what follows: `1.5Gi` is `1.5` and `Gi`.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(index, c)| {
            !(c.is_ascii_digit() || *c == '.' || *c == '_' || (*index == 0 && (*c == '-' || *c == '+')))
        })
        .map_or(text.len(), |(index, _)| index);
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number, unit.trim())
}

/// A non-negative decimal times `factor`, exactly: `scaled("1.5", 1000)` is 1500.
///
/// # Errors
/// When it is no number, is negative, does not fit, or is not a whole number of the small unit.
pub fn scaled(number: &str, factor: u64) -> Result<u64, UnitError> {
    let digits: String = number.chars().filter(|c| *c != '_').collect();
    if digits.starts_with('-') {
        return Err(UnitError::Negative(number.to_owned()));
    }
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let not_a_number = || UnitError::NotANumber(number.to_owned());
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_number());
    }
    let fraction = fraction.trim_end_matches('0');
    let out_of_range = || UnitError::OutOfRange(number.to_owned());
    let scale = 10u128
        .checked_pow(u32::try_from(fraction.len()).map_err(|_| out_of_range())?)
        .ok_or_else(out_of_range)?;
    let joined = format!("0{whole}{fraction}");
    let value: u128 = joined.parse().map_err(|_| out_of_range())?;
    let product = value.checked_mul(u128::from(factor)).ok_or_else(out_of_range)?;
    if product % scale != 0 {
        return Err(out_of_range());
    }
    u64::try_from(product / scale).map_err(|_| out_of_range())
}

/// Writes `value / factor` as a decimal without trailing zeros.
pub(super) fn unscaled(value: u64, factor: u64) -> String {
    let (whole, rest) = (value / factor, value % factor);
    if rest == 0 {
        return whole.to_string();
    }
    let width = factor.ilog10() as usize;
    format!("{whole}.{}", format!("{rest:0width$}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{scaled, split, unscaled};

    #[test]
    fn is_exact() {
        for (number, factor, expect) in [
            ("1.5", 1000, Ok(1500)),
            ("0.1", 10, Ok(1)),
            ("1_000", 1, Ok(1000)),
            ("12", 1, Ok(12)),
            (".5", 2, Ok(1)),
        ] {
            assert_eq!(scaled(number, factor), expect, "{number}");
        }
        for bad in ["", ".", "abc", "-1", "1.2345", "99999999999999999999999", "1e3"] {
            assert!(scaled(bad, 1000).is_err(), "{bad}");
        }
    }

    #[test]
    fn splits_and_writes_back() {
        assert_eq!(split("1.5Gi"), ("1.5", "Gi"));
        assert_eq!(split(" 1200 USD/month "), ("1200", "USD/month"));
        assert_eq!(unscaled(1500, 1000), "1.5");
        assert_eq!(unscaled(2000, 1000), "2");
    }
}
