//! Crontab times: `minute hour day-of-month month day-of-week`, or a word such as `@daily`.

use appia_diag::{Code, codes};

/// What is wrong with a crontab time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CronError {
    /// Not five fields.
    #[error("a crontab time has five fields, this one has {0}")]
    Fields(usize),
    /// An `@` word that crontab does not know.
    #[error("`{0}` is not a time that crontab knows")]
    Word(String),
    /// A field that cannot be read.
    #[error("`{text}` is not {field}")]
    Field {
        /// As written.
        text: String,
        /// `a minute`, `an hour`, ...
        field: &'static str,
    },
    /// A range that ends before it begins.
    #[error("`{0}` ends before it begins")]
    Backwards(String),
    /// A number outside of its field's range.
    #[error("`{text}` does not lie in the range of {field}, {least} to {most}")]
    Range {
        /// As written.
        text: String,
        /// `a minute`, `an hour`, ...
        field: &'static str,
        /// Smallest.
        least: u32,
        /// Largest.
        most: u32,
    },
}

impl CronError {
    /// The kind of finding.
    pub(crate) fn code(&self) -> Code {
        match self {
            CronError::Range { .. } | CronError::Backwards(_) => codes::OUT_OF_RANGE,
            CronError::Fields(_) | CronError::Word(_) | CronError::Field { .. } => codes::WRONG_TYPE,
        }
    }
}

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "a minute", least: 0, most: 59, words: &[] },
    Field { name: "an hour", least: 0, most: 23, words: &[] },
    Field { name: "a day of the month", least: 1, most: 31, words: &[] },
    Field {
        name: "a month",
        least: 1,
        most: 12,
        words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field {
        name: "a day of the week",
        least: 0,
        most: 7,
        words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

const WORDS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Whether a text is a crontab time.
pub(crate) fn check(text: &str) -> Result<(), CronError> {
    if text.starts_with('@') {
        return if WORDS.contains(&text) { Ok(()) } else { Err(CronError::Word(text.to_owned())) };
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(CronError::Fields(parts.len()));
    }
    parts
        .iter()
        .zip(&FIELDS)
        .try_for_each(|(part, field)| part.split(',').try_for_each(|item| field.item(item)))
}

/// Whether it names only days that no year has, such as `31 2`. A restricted day of the week counts for itself.
pub(crate) fn never_comes(text: &str) -> bool {
    /// With the leap day.
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [_, _, days, months, weekdays] = parts.as_slice() else { return false };
    let [_, _, day, month, _] = &FIELDS;
    if !weekdays.starts_with('*') || check(text).is_err() {
        return false;
    }
    let first = days.split(',').filter_map(|item| day.first(item)).min().unwrap_or(1);
    let months =
        (1..).zip(LONGEST).filter(|(number, _)| months.split(',').any(|item| month.has(item, *number)));
    months.into_iter().all(|(_, longest)| first > longest)
}

impl Field {
    /// The smallest number of an item.
    fn first(&self, item: &str) -> Option<u32> {
        (self.least..=self.most).find(|number| self.has(item, *number))
    }

    /// Whether a number is meant by an item that was checked.
    fn has(&self, item: &str, number: u32) -> bool {
        let (range, step) =
            item.split_once('/').map_or((item, None), |(range, step)| (range, step.parse().ok()));
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.least, self.most),
            (_, Some((first, last))) => {
                (self.number(first).unwrap_or(self.least), self.number(last).unwrap_or(self.most))
            }
            (single, None) => {
                let single = self.number(single).unwrap_or(self.least);
                (single, if step.is_some() { self.most } else { single })
            }
        };
        (first..=last).contains(&number) && (number - first).is_multiple_of(step.unwrap_or(1u32).max(1))
    }

    /// `*`, `5`, `1-5`, each with or without `/step`.
    fn item(&self, item: &str) -> Result<(), CronError> {
        let unreadable = || CronError::Field { text: item.to_owned(), field: self.name };
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        if let Some(step) = step {
            match step.parse::<u32>() {
                Ok(1..) => {}
                _ => return Err(unreadable()),
            }
        }
        if range == "*" {
            return Ok(());
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (self.number(first)?, self.number(last)?);
        if first <= last { Ok(()) } else { Err(CronError::Backwards(range.to_owned())) }
    }

    fn number(&self, text: &str) -> Result<u32, CronError> {
        let lower = text.to_ascii_lowercase();
        if let Some(index) = self.words.iter().position(|word| *word == lower) {
            return Ok(self.least + u32::try_from(index).unwrap_or(0));
        }
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let value: u32 = digits
            .unwrap_or_default()
            .parse()
            .map_err(|_| CronError::Field { text: text.to_owned(), field: self.name })?;
        if (self.least..=self.most).contains(&value) {
            return Ok(value);
        }
        Err(CronError::Range { text: text.to_owned(), field: self.name, least: self.least, most: self.most })
    }
}

#[cfg(test)]
mod tests {
    use super::{check, never_comes};

    #[test]
    fn days_that_no_year_has_never_come() {
        for never in ["0 0 31 2 *", "0 0 30,31 feb *", "0 0 31 4,6,9,11 *", "0 0 30/1 2 *"] {
            assert!(never_comes(never), "{never}");
        }
        for comes in
            ["0 0 29 2 *", "0 0 31 2,3 *", "0 0 31 2 fri", "0 0 1-31 2 *", "@daily", "0 0 31 * *", "x"]
        {
            assert!(!never_comes(comes), "{comes}");
        }
    }

    #[test]
    fn reads_crontab_times() {
        for good in ["* * * * *", "0 3 * * *", "*/15 0-6,20 1 jan mon-fri", "@daily", "0 0 * * 7"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, expect) in [
            ("0 3 * *", "a crontab time has five fields, this one has 4"),
            ("60 3 * * *", "`60` does not lie in the range of a minute, 0 to 59"),
            ("x 3 * * *", "`x` is not a minute"),
            ("*/0 3 * * *", "`*/0` is not a minute"),
            ("5-1 3 * * *", "`5-1` ends before it begins"),
            ("0 0 * * fri-mon", "`fri-mon` ends before it begins"),
            ("0 0 0 * *", "`0` does not lie in the range of a day of the month, 1 to 31"),
            ("0 0 * 13 *", "`13` does not lie in the range of a month, 1 to 12"),
            ("0 0 * * 8", "`8` does not lie in the range of a day of the week, 0 to 7"),
            ("0 0 * foo *", "`foo` is not a month"),
            ("0 0 ? * *", "`?` is not a day of the month"),
            ("0 0 L * *", "`L` is not a day of the month"),
            ("0 0 1,,2 * *", "`` is not a day of the month"),
            ("0 0 +1 * *", "`+1` is not a day of the month"),
            ("*/x * * * *", "`*/x` is not a minute"),
            ("@sometimes", "`@sometimes` is not a time that crontab knows"),
        ] {
            assert_eq!(check(bad).unwrap_err().to_string(), expect, "{bad}");
        }
    }
}
