//! Crontab expressions of five fields: minute, hour, day of the month, month, day of the week, in UTC.
//!
//! Lists, ranges, steps, `*`, names of months and days, and `@hourly` and its kin. When both day fields are restricted
//! a day matches when either does, as `crontab(5)` says.

use std::collections::BTreeSet;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// Leap days come back within eight years.
const MOST_DAYS: u64 = 366 * 8;

/// When something runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Crontab {
    minutes: BTreeSet<u64>,
    hours: BTreeSet<u64>,
    days: BTreeSet<u64>,
    months: BTreeSet<u64>,
    weekdays: BTreeSet<u64>,
    either_day: bool,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a schedule: write minute, hour, day, month and weekday, such as `0 3 * * 1-5`")]
pub(crate) struct NoSchedule(String);

impl Crontab {
    pub(crate) fn parse(text: &str) -> Result<Crontab, NoSchedule> {
        let wrong = || NoSchedule(text.to_owned());
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return Err(wrong()) };
        let field =
            |text: &str, low, high, names: &[&str]| parse_field(text, low, high, names).ok_or_else(wrong);
        let weekdays = field(weekday, 0, 7, &DAYS)?;
        Ok(Crontab {
            minutes: field(minute, 0, 59, &[])?,
            hours: field(hour, 0, 23, &[])?,
            days: field(day, 1, 31, &[])?,
            months: field(month, 1, 12, &MONTHS)?,
            weekdays: weekdays.into_iter().map(|day| day % 7).collect(),
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        })
    }

    /// The first matching second after this one, both counted from 1970.
    pub(crate) fn next_after(&self, seconds: u64) -> Option<u64> {
        let first_minute = seconds / 60 + 1;
        let first_day = first_minute / 1440;
        (first_day..first_day + MOST_DAYS).filter(|day| self.matches_day(*day)).find_map(|day| {
            let minutes =
                self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| hour * 60 + minute));
            minutes
                .map(|minute| day * 1440 + minute)
                .find(|minute| *minute >= first_minute)
                .map(|minute| minute * 60)
        })
    }

    fn matches_day(&self, day: u64) -> bool {
        let (month, of_month) = month_and_day(day);
        let by_date = self.days.contains(&of_month);
        let by_week = self.weekdays.contains(&((day + 4) % 7));
        self.months.contains(&month) && if self.either_day { by_date || by_week } else { by_date && by_week }
    }
}

fn parse_field(text: &str, low: u64, high: u64, names: &[&str]) -> Option<BTreeSet<u64>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step: u64 = step.map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0)?;
        let value = |text: &str| parse_value(text, low, names).filter(|value| (low..=high).contains(value));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (value(from)?, value(to)?),
            None if range == "*" => (low, high),
            None if part.contains('/') => (value(range)?, high),
            None => (value(range)?, value(range)?),
        };
        if from > to {
            return None;
        }
        values.extend((from..=to).step_by(usize::try_from(step).ok()?));
    }
    Some(values)
}

fn parse_value(text: &str, low: u64, names: &[&str]) -> Option<u64> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    match named {
        Some(index) => Some(u64::try_from(index).ok()? + low),
        None => text.parse().ok(),
    }
}

/// Month and day of the month of a day since 1970. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`.
fn month_and_day(day: u64) -> (u64, u64) {
    let of_era = (day + 719_468) % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::Crontab;

    /// 2024-02-28 23:59:30 UTC, a Wednesday.
    const LEAP_EVE: u64 = 1_709_164_770;

    fn check(schedule: &str, expect: u64) {
        assert_eq!(Crontab::parse(schedule).unwrap().next_after(LEAP_EVE), Some(expect), "{schedule}");
    }

    #[test]
    fn finds_the_next_time() {
        let midnight = LEAP_EVE + 30;
        check("* * * * *", midnight);
        check("5 * * * *", midnight + 300);
        check("*/15 3-4 * * *", midnight + 3 * 3600);
        check("0 0 29 2 *", midnight);
        check("0 0 1 mar *", midnight + 86_400);
        check("0 12 * * fri", midnight + 86_400 + 12 * 3600);
        check("0 0 * * 7", midnight + 3 * 86_400);
        check("0 0 1 * 5", midnight + 86_400);
        check("@hourly", midnight);
        check("30 10,11 * * 1-5", midnight + 10 * 3600 + 1800);
    }

    #[test]
    fn refuses_what_is_no_schedule() {
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
        ] {
            assert!(Crontab::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Crontab::parse("0 0 30 2 *").unwrap().next_after(0), None);
    }
}
