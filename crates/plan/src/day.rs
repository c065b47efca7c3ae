//! A day of the calendar: the dates of figures, and the day that they are judged against.
//!
//! Nothing here asks a clock: whoever calls the compiler brings the day. Start reading at [`Day`].

use std::fmt;
use std::str::FromStr;

/// A day, as days since 1970-01-01 in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

/// Why a text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day: write it as 2026-01-31")]
pub struct BadDay(String);

/// Days of a year before each month.
const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Days of each month.
const LENGTH: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Day {
    /// A day by its number since 1970-01-01.
    pub const fn from_number(days: i64) -> Day {
        Day(days)
    }

    /// Days from another one until this one.
    pub const fn since(self, other: Day) -> i64 {
        self.0 - other.0
    }

    fn new(year: i64, month: i64, day: i64) -> Option<Day> {
        let index = usize::try_from(month.checked_sub(1)?).ok()?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = LENGTH.get(index)? + i64::from(leap && month == 2);
        if !(1970..=9999).contains(&year) || !(1..=length).contains(&day) {
            return None;
        }
        let past = year - 1;
        let leaps = |year: i64| year / 4 - year / 100 + year / 400;
        let years = (year - 1970) * 365 + leaps(past) - leaps(1969);
        Some(Day(years + BEFORE.get(index)? + i64::from(leap && month > 2) + day - 1))
    }
}

impl FromStr for Day {
    type Err = BadDay;

    fn from_str(text: &str) -> Result<Day, BadDay> {
        let bad = || BadDay(text.to_owned());
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return Err(bad()) };
        let number = |part: &str| part.parse::<i64>().ok();
        let found = number(year).zip(number(month)).zip(number(day));
        found.and_then(|((year, month), day)| Day::new(year, month, day)).ok_or_else(bad)
    }
}

/// As `2026-01-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The year whose first day is not after this one: a year has 365.2425 days on average.
        let guess = 1970 + self.0 * 10_000 / 3_652_425;
        let year = [guess + 1, guess, guess - 1].into_iter().find(|year| starts(*year) <= self.0);
        let year = year.unwrap_or(guess);
        let months = (1..=12).rev().find_map(|month| {
            Day::new(year, month, 1).filter(|first| first.0 <= self.0).map(|first| (month, first))
        });
        let (month, first) = months.unwrap_or((1, Day(0)));
        write!(f, "{year:04}-{month:02}-{:02}", self.0 - first.0 + 1)
    }
}

fn starts(year: i64) -> i64 {
    Day::new(year, 1, 1).map_or(i64::MAX, |day| day.0)
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn counts_days() {
        for (text, number) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-21", 20_778)] {
            let day: Day = text.parse().unwrap();
            assert_eq!((day, day.to_string()), (Day::from_number(number), text.to_owned()));
        }
        for number in (0..40_000).step_by(7) {
            let day = Day::from_number(number);
            assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
        }
        for bad in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1", "today"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }
}
