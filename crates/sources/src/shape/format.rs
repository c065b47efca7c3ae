//! The form of a scalar: how it is told from others, tested, described and written into a schema.

use appia_diag::{Code, codes};

use crate::yaml::{Class, Scalar};

/// A form that scalars take.
pub(crate) struct Format {
    /// With an article: `a time with its unit, such as `400ms``.
    pub(crate) says: &'static str,
    /// Which YAML scalars it takes.
    pub(crate) classes: &'static [Class],
    /// Whether a text is in this form.
    pub(crate) test: fn(&str) -> Result<(), Refusal>,
    /// The same for a schema; it may accept a little more, never less.
    pub(crate) schema: Schema,
}

/// What a JSON Schema can say about a form.
pub(crate) enum Schema {
    /// Any scalar of its classes.
    Open,
    /// Texts that match.
    Pattern(&'static str),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number in a range, both ends included.
    Integer(u64, u64),
    /// A number above the first and up to the second.
    Number(f64, f64),
    /// Only `true`.
    True,
}

/// Why a text is not in a form.
pub(crate) struct Refusal {
    /// Which kind of finding.
    pub(crate) code: Code,
    /// One sentence.
    pub(crate) message: String,
    /// A way out.
    pub(crate) help: Option<String>,
    /// The part of the value that is meant.
    pub(crate) on: Option<String>,
}

impl Refusal {
    /// A refusal without help.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), help: None, on: None }
    }

    /// With the part of the value that is meant.
    pub(crate) fn on(mut self, part: impl Into<String>) -> Refusal {
        self.on = Some(part.into());
        self
    }

    /// With a way out.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Refusal {
        self.help = Some(help.into());
        self
    }
}

impl Format {
    /// The form in words, its own words among them.
    pub(crate) fn says(&self) -> String {
        match self.schema {
            Schema::Words(words) if words.len() > 1 => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                format!("one of {}", words.join(", "))
            }
            _ => self.says.to_owned(),
        }
    }

    /// Whether a scalar can be meant to be in this form at all.
    pub(crate) fn takes(&self, scalar: &Scalar) -> bool {
        self.classes.contains(&scalar.class())
    }

    /// Whether it is.
    pub(crate) fn check(&self, text: &str) -> Result<(), Refusal> {
        (self.test)(text)?;
        match self.schema {
            Schema::Open | Schema::Pattern(_) => Ok(()),
            Schema::True if text.eq_ignore_ascii_case("true") => Ok(()),
            Schema::True => Err(Refusal::new(codes::WRONG_TYPE, "only `true` means something here")
                .help("leave the key out instead of writing `false`")),
            Schema::Words(words) => one_of(text, words),
            Schema::Integer(least, most) => integer(text, least, most),
            Schema::Number(above, most) => number(text, above, most),
        }
    }
}

fn one_of(text: &str, words: &[&str]) -> Result<(), Refusal> {
    if words.contains(&text) {
        return Ok(());
    }
    let known: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let among = if known.len() == 1 { "" } else { "one of " };
    let refusal = Refusal::new(codes::BAD_ENUM, format!("`{text}` is not {among}{}", known.join(", ")));
    Err(match appia_diag::closest(text, words.iter().copied()) {
        Some(word) => refusal.help(format!("did you mean `{word}`?")),
        None => refusal.help(format!("use {}", known.join(", "))),
    })
}

fn integer(text: &str, least: u64, most: u64) -> Result<(), Refusal> {
    let plain = text.replace('_', "");
    let range =
        || Refusal::new(codes::OUT_OF_RANGE, format!("`{text}` does not lie between {least} and {most}"));
    match plain.parse::<i128>() {
        Ok(value) if (i128::from(least)..=i128::from(most)).contains(&value) => Ok(()),
        Ok(value) if value < 0 => Err(range().help("a negative number makes no sense here")),
        Ok(_) => Err(range().help(format!("write a number from {least} to {most}"))),
        Err(_) => Err(Refusal::new(codes::WRONG_TYPE, format!("`{text}` is not a whole number"))
            .help(format!("write a number from {least} to {most}, such as `{}`", least.max(1)))),
    }
}

fn number(text: &str, above: f64, most: f64) -> Result<(), Refusal> {
    match text.parse::<f64>() {
        Ok(value) if value > above && value <= most => Ok(()),
        Ok(_) => {
            let message = format!("`{text}` does not lie above {above} and up to {most}");
            Err(Refusal::new(codes::OUT_OF_RANGE, message).help("write a number in that range"))
        }
        Err(_) => Err(Refusal::new(codes::WRONG_TYPE, format!("`{text}` is not a number"))
            .help("write a number such as `2` or `0.5`")),
    }
}
