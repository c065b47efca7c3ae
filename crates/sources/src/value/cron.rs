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
            CronError::Range { .. } => codes::OUT_OF_RANGE,
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

impl Field {
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
        if first <= last { Ok(()) } else { Err(unreadable()) }
    }

    fn number(&self, text: &str) -> Result<u32, CronError> {
        let lower = text.to_ascii_lowercase();
        if let Some(index) = self.words.iter().position(|word| *word == lower) {
            return Ok(self.least + u32::try_from(index).unwrap_or(0));
        }
        let value: u32 =
            text.parse().map_err(|_| CronError::Field { text: text.to_owned(), field: self.name })?;
        if (self.least..=self.most).contains(&value) {
            return Ok(value);
        }
        Err(CronError::Range { text: text.to_owned(), field: self.name, least: self.least, most: self.most })
    }
}

#[cfg(test)]
mod tests {
    use super::check;

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
            ("5-1 3 * * *", "`5-1` is not a minute"),
            ("@sometimes", "`@sometimes` is not a time that crontab knows"),
        ] {
            assert_eq!(check(bad).unwrap_err().to_string(), expect, "{bad}");
        }
    }
}
