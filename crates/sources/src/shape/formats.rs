//! The forms that scalars of `appia.yaml` take. Each says itself, tests itself and knows its schema.

use appia_diag::codes;
use appia_intent::units::{Bytes, CarbonMass, Cpu, Duration, Rate, UnitError};
use appia_intent::{AppName, Template, TemplateError};

use super::{Format, Refusal, Schema};
use crate::value;
use crate::yaml::Class::{self, Bool, Number, Text};

const TEXTS: &[Class] = &[Text];
const NUMBERS: &[Class] = &[Number];
const QUANTITIES: &[Class] = &[Text, Number];
const SCALARS: &[Class] = &[Text, Number, Bool];
const BOOLS: &[Class] = &[Bool];

type Tested = Result<(), Refusal>;

/// A form that is all in its schema: words, whole numbers, numbers, `true`.
pub(crate) const fn plain(says: &'static str, schema: Schema) -> Format {
    let classes = match schema {
        Schema::Integer(..) | Schema::Number(..) => NUMBERS,
        Schema::True => BOOLS,
        Schema::Open | Schema::Pattern(_) | Schema::Words(_) => TEXTS,
    };
    Format { says, classes, test: anything, schema }
}

/// A text with a test and its pattern.
pub(crate) const fn text(says: &'static str, test: fn(&str) -> Tested, pattern: &'static str) -> Format {
    Format { says, classes: TEXTS, test, schema: Schema::Pattern(pattern) }
}

const fn quantity(says: &'static str, test: fn(&str) -> Tested, pattern: &'static str) -> Format {
    Format { says, classes: QUANTITIES, test, schema: Schema::Pattern(pattern) }
}

pub(crate) static TEXT: Format = text("a text", not_empty, ".");
pub(crate) static SCALAR: Format =
    Format { says: "a text, number or boolean", classes: SCALARS, test: anything, schema: Schema::Open };
pub(crate) static TEMPLATE: Format = Format {
    says: "a text, number or boolean, with placeholders such as `${resources.db.url}`",
    classes: SCALARS,
    test: template,
    schema: Schema::Open,
};
pub(crate) static FLAG: Format =
    Format { says: "`true` or `false`", classes: BOOLS, test: anything, schema: Schema::Open };
pub(crate) static TRUE: Format = plain("`true`", Schema::True);

pub(crate) static NAME: Format = Format {
    says: "a name of lower-case letters, digits and `-`",
    classes: QUANTITIES,
    test: name,
    schema: Schema::Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
};
pub(crate) static TYPE: Format =
    text("a resource type such as `postgres`", resource_type, "^[A-Za-z0-9][A-Za-z0-9.-]*$");
pub(crate) static ENV_NAME: Format = text("the name of a variable", env_name, "^[^=\\u0000]+$");
pub(crate) static KEY: Format = text("a text", not_empty, ".");

pub(crate) static DURATION: Format =
    text("a time with its unit, such as `400ms` or `5m`", duration, "^\\+?[0-9_.]+ ?(us|ms|s|m|h|d)$");
pub(crate) static POSITIVE_DURATION: Format = text(
    "a time with its unit, such as `400ms` or `5m`",
    positive_duration,
    "^\\+?[0-9_.]+ ?(us|ms|s|m|h|d)$",
);
pub(crate) static BYTES: Format =
    quantity("an amount of memory, such as `256Mi`", bytes, "^\\+?[0-9_.]+ ?([KMGTPE]i?B?|k|B)?$");
pub(crate) static CPU: Format =
    quantity("a share of processors, such as `250m` or `2`", cpu, "^\\+?[0-9_.]+ ?m?$");
pub(crate) static RATE: Format =
    quantity("requests a second, such as `1000`", rate, "^\\+?[0-9_.]+ ?(rps)?$");
pub(crate) static AVAILABILITY: Format =
    text("a percentage below 100, such as `99.9%`", availability, "^[0-9]{1,2}(\\.[0-9]{1,7})? ?%$");
pub(crate) static BUDGET: Format = text(
    "an amount of money in a time, such as `1200 USD/month`",
    budget,
    "^\\+?[0-9_.]+ ?[A-Za-z]{3} ?/ ?(month|year)$",
);
pub(crate) static CARBON_MASS: Format =
    text("a mass of CO2 equivalent a month, such as `25kg`", carbon, "^\\+?[0-9_.]+ ?(g|kg|t)$");
pub(crate) static PREFER_LOW: Format = plain("`prefer-low`", Schema::Words(&["prefer-low"]));

pub(crate) static USERS: Format = plain("a number of people", Schema::Integer(1, 10_000_000_000));
pub(crate) static PORT: Format = plain("a port from 1 to 65535", Schema::Integer(1, 65_535));
pub(crate) static REPLICAS: Format = plain("a number of replicas", Schema::Integer(1, 10_000));
pub(crate) static THREADS: Format = plain("a number of threads", Schema::Integer(1, 100_000));
pub(crate) static FAILURES: Format = plain("a number of failures", Schema::Integer(1, 1_000));
pub(crate) static SHARE: Format = plain("a weight above 0", Schema::Number(0.0, 1_000_000.0));
pub(crate) static VISITS: Format = plain("a number of visits above 0", Schema::Number(0.0, 1_000_000.0));
pub(crate) static PEAK: Format = Format {
    says: "a ratio of at least 1",
    classes: NUMBERS,
    test: peak,
    schema: Schema::Number(0.0, 1_000.0),
};

pub(crate) static FOLDER: Format = text("a folder beside this file, such as `./api`", inside, "^[^/]");
pub(crate) static FILE: Format = text("a file beside this file, such as `./app.conf`", inside, "^[^/]");
pub(crate) static MOUNT: Format = text(
    "a path in the container, such as `/data`; on this machine one in the program's folder, such as `data`",
    mount,
    "",
);
pub(crate) static INNER: Format = text("a relative path without `..`", inside, "^[^/]");
pub(crate) static URL_PATH: Format = text("a path that begins with `/`", absolute, "^/");
pub(crate) static HOST: Format = text(
    "a host name such as `shop.example.com`",
    host,
    "^[A-Za-z0-9*]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
);
pub(crate) static IMAGE: Format = text("a container image such as `nginx:1.29`", image, "^[^\\s]+$");
pub(crate) static SCHEDULE: Format =
    text("a crontab time such as `0 3 * * *`", schedule, "^(@[a-z]+|(\\S+\\s+){4}\\S+)$");
pub(crate) static MODE: Format =
    quantity("permission bits in octal, such as `\"0644\"`", mode, "^0?[0-7]{3}$");
pub(crate) static BASE64: Format = text("bytes in base64", base64, "^[A-Za-z0-9+/\\s]*=*\\s*$");
pub(crate) static ARGUMENTS: Format = text("arguments without shell features", arguments, ".");
pub(crate) static COMMAND_LINE: Format =
    text("a command line such as `serve --port $PORT`", command_line, ".");
pub(crate) static VOLUME: Format = text(
    "a resource, such as `data` or `${resources.data}`",
    volume,
    "^(\\$\\{resources\\.)?[a-z0-9-]+\\}?$",
);

fn anything(_: &str) -> Tested {
    Ok(())
}

fn not_empty(text: &str) -> Tested {
    if text.is_empty() {
        return Err(Refusal::new(codes::WRONG_TYPE, "an empty text says nothing here").help("write a value"));
    }
    Ok(())
}

pub(crate) fn template(text: &str) -> Tested {
    Template::parse(text).map(drop).map_err(|error| placeholder(&error))
}

/// A template's error with its way out.
pub(crate) fn placeholder(error: &TemplateError) -> Refusal {
    let refusal = Refusal::new(codes::BAD_PLACEHOLDER, error.to_string());
    match error {
        TemplateError::Unclosed => refusal.help("close it with `}`, or write `$${` for a plain `${`"),
        TemplateError::Incomplete(path) => {
            refusal.on(format!("${{{path}}}")).help("write `$$` where a plain `$` is meant")
        }
        TemplateError::UnknownRoot { root } => {
            let refusal = refusal.on(format!("${{{root}"));
            match appia_diag::closest(root, ["resources", "workloads"]) {
                Some(found) => refusal.help(format!("did you mean `{found}`?")),
                None => refusal.help(format!("write `$${{{root}...}}` where the text itself is meant")),
            }
        }
        TemplateError::BadName(_) => refusal.help("names are lower-case letters, digits and `-`"),
    }
}

fn name(text: &str) -> Tested {
    match AppName::new(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let refusal = Refusal::new(codes::BAD_NAME, error.to_string());
            let better = Some(value::as_name(text)).filter(|better| !better.is_empty());
            Err(refusal.help(format!("for example `{}`", better.as_deref().unwrap_or("web"))))
        }
    }
}

fn resource_type(text: &str) -> Tested {
    let fits = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    if fits {
        return Ok(());
    }
    let message = format!("`{text}` is not a resource type");
    Err(Refusal::new(codes::BAD_NAME, message).help("use letters, digits and `-`, such as `postgres`"))
}

fn env_name(text: &str) -> Tested {
    if !text.is_empty() && !text.contains(|c: char| c == '=' || c.is_control()) {
        return Ok(());
    }
    let message = format!("`{text}` is not the name of a variable");
    Err(Refusal::new(codes::BAD_NAME, message).help("use letters, digits and `_`, such as `DATABASE_URL`"))
}

/// A unit's error as a refusal: a number in range but wrong unit, or a number out of range.
pub(crate) fn unit(error: &UnitError) -> Refusal {
    let code = match error {
        UnitError::OutOfRange(_) | UnitError::Negative(_) => codes::OUT_OF_RANGE,
        UnitError::NotANumber(_) | UnitError::UnknownUnit { .. } | UnitError::NoUnit { .. } => {
            codes::BAD_UNIT
        }
    };
    Refusal::new(code, error.to_string())
}

fn more_than_zero<T: Default + PartialEq>(value: &T, example: &str) -> Tested {
    if *value != T::default() {
        return Ok(());
    }
    Err(Refusal::new(codes::OUT_OF_RANGE, "zero makes no sense here").help(format!("write {example}")))
}

fn duration(text: &str) -> Tested {
    text.parse::<Duration>()
        .map(drop)
        .map_err(|error| unit(&error).help("write a time such as `400ms` or `5m`"))
}

fn positive_duration(text: &str) -> Tested {
    duration(text)?;
    more_than_zero(&text.parse::<Duration>().unwrap_or_default(), "a time such as `400ms`")
}

fn bytes(text: &str) -> Tested {
    let value = text
        .parse::<Bytes>()
        .map_err(|error| unit(&error).help("write an amount such as `256Mi` or `1Gi`"))?;
    more_than_zero(&value, "an amount such as `256Mi`")
}

fn cpu(text: &str) -> Tested {
    let value =
        text.parse::<Cpu>().map_err(|error| unit(&error).help("write a share such as `250m` or `2`"))?;
    more_than_zero(&value, "a share such as `250m`")
}

fn rate(text: &str) -> Tested {
    let value =
        text.parse::<Rate>().map_err(|error| unit(&error).help("write requests a second, such as `1000`"))?;
    more_than_zero(&value, "requests a second, such as `1000`")
}

fn carbon(text: &str) -> Tested {
    let value =
        text.parse::<CarbonMass>().map_err(|error| unit(&error).help("write a mass such as `25kg`"))?;
    more_than_zero(&value, "a mass such as `25kg`")
}

fn availability(text: &str) -> Tested {
    value::availability(text).map(drop)
}

fn budget(text: &str) -> Tested {
    value::budget(text).map(drop)
}

fn peak(text: &str) -> Tested {
    match text.parse::<f64>() {
        Ok(ratio) if ratio < 1.0 => Err(Refusal::new(codes::OUT_OF_RANGE, format!("`{text}` is below 1"))
            .help("a peak is never lower than the mean: write `1` or more")),
        _ => Ok(()),
    }
}

fn inside(text: &str) -> Tested {
    not_empty(text)?;
    let refuse = |message: String| {
        Err(Refusal::new(codes::BAD_PATH, message)
            .help("name a path inside this file's folder, such as `./api`"))
    };
    if text.starts_with('/') || text.starts_with('~') {
        return refuse(format!("`{text}` is an absolute path"));
    }
    if text.contains('\\') {
        return refuse(format!("`{text}` has a `\\`; paths are written with `/`"));
    }
    if crate::files::clean(text).split('/').any(|part| part == "..") {
        return refuse(format!("`{text}` leaves the folder of this file"));
    }
    Ok(())
}

fn absolute(text: &str) -> Tested {
    if text.starts_with('/') && !text.split('/').any(|part| part == "..") {
        return Ok(());
    }
    let message = format!("`{text}` is not an absolute path");
    Err(Refusal::new(codes::BAD_PATH, message)
        .help(format!("write `/{}`", crate::files::clean(text).trim_start_matches(['.', '/']))))
}

/// Absolute in a container, relative to the program's folder where there is none.
fn mount(text: &str) -> Tested {
    if text.is_empty() || text.starts_with('~') || text.split('/').any(|part| part == "..") {
        let message = format!("`{text}` is no path inside of the container");
        return Err(Refusal::new(codes::BAD_PATH, message)
            .help("write `/data`, or `data` for a folder beside the program"));
    }
    Ok(())
}

fn host(text: &str) -> Tested {
    let label = |part: &str| {
        let inner = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&part.len()) && inner && !part.starts_with('-') && !part.ends_with('-')
    };
    if text.len() <= 253 && text.strip_prefix("*.").unwrap_or(text).split('.').all(label) {
        return Ok(());
    }
    let message = format!("`{text}` is not a host name");
    Err(Refusal::new(codes::BAD_NAME, message)
        .help("write it without scheme, port and path, such as `shop.example.com`"))
}

fn image(text: &str) -> Tested {
    if !text.is_empty() && !text.contains(char::is_whitespace) && !text.contains("${") {
        return Ok(());
    }
    Err(Refusal::new(codes::WRONG_TYPE, format!("`{text}` is not the name of an image"))
        .help("write it as `repository/name:tag`; placeholders are not filled in here"))
}

fn schedule(text: &str) -> Tested {
    value::cron::check(text).map_err(|error| {
        Refusal::new(error.code(), error.to_string())
            .help("write five fields, such as `0 3 * * *` for 3 o'clock each day")
    })
}

fn mode(text: &str) -> Tested {
    if value::mode(text).is_some() {
        return Ok(());
    }
    Err(Refusal::new(codes::WRONG_TYPE, format!("`{text}` are no permission bits"))
        .help("write three octal digits, such as `\"0644\"`"))
}

fn base64(text: &str) -> Tested {
    if value::base64(text).is_some() {
        return Ok(());
    }
    Err(Refusal::new(codes::WRONG_TYPE, "this is not base64").help("write it with `base64 -w0 FILE`"))
}

fn command_line(text: &str) -> Tested {
    value::shell::command_line(text).map(drop).map_err(|error| not_words(text, error))
}

fn arguments(text: &str) -> Tested {
    value::shell::split(text).map(drop).map_err(|error| match error {
        value::shell::ShellError::NeedsShell(_) => Refusal::new(codes::WRONG_TYPE, error.to_string())
            .help("write program and arguments as one `command`, such as `serve --port $PORT`"),
        other => not_words(text, other),
    })
}

fn not_words(text: &str, error: value::shell::ShellError) -> Refusal {
    let refusal = Refusal::new(codes::WRONG_TYPE, error.to_string());
    match error {
        value::shell::ShellError::Empty => refusal.help("write a program and its arguments"),
        value::shell::ShellError::Unclosed(_) => refusal.help("close the quote, or write a list of words"),
        value::shell::ShellError::NeedsShell(_) => refusal
            .help(format!("let a shell read it: `[\"sh\", \"-c\", {}]`", serde_json::Value::from(text))),
    }
}

fn volume(text: &str) -> Tested {
    if value::volume(text).is_some() {
        return Ok(());
    }
    let help = "write a resource's name, or `${resources.NAME}`";
    if !text.contains("${") {
        return Err(
            Refusal::new(codes::BAD_NAME, format!("`{text}` is not the name of a resource")).help(help)
        );
    }
    template(text)?;
    Err(Refusal::new(codes::BAD_PLACEHOLDER, format!("`{text}` names no volume")).help(help))
}
