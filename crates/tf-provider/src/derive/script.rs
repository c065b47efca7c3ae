//! One file of generated bindings, line by line.
//!
//! The generator writes one thing a line and always in the same way, so no parser of JavaScript is needed: classes carry
//! a comment with the flags of each attribute and the class behind it, and functions that write HCL tell block from
//! attribute. Called by `derive.rs` for each file. It judges nothing. Start at [`Script::read`].

use std::collections::BTreeMap;

/// What the files of one resource say.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Attributes by class, in lower case: `bucketruleoutputreference`.
    pub(super) classes: BTreeMap<String, Vec<Flagged>>,
    /// How each is written in HCL: by function, in lower case, or `class NAME` for a root.
    pub(super) written: BTreeMap<String, BTreeMap<String, Written>>,
    /// What the files are there for.
    pub(super) roots: Vec<Root>,
    /// Of the provider.
    pub(super) version: String,
}

/// A resource, a data source or the provider itself.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) class: String,
    pub(super) kind: Kind,
    /// Its type in Terraform.
    pub(super) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Resource,
    Data,
    Provider,
}

/// An attribute or block with its flags.
#[derive(Debug, Default)]
pub(super) struct Flagged {
    pub(super) name: String,
    pub(super) computed: bool,
    pub(super) optional: bool,
    pub(super) required: bool,
    pub(super) behind: Behind,
}

/// What an attribute gives back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Behind {
    /// Nothing was said yet.
    #[default]
    Unknown,
    /// `String`, `NumberList`; the flag of a set is in the name: `ListSet`.
    Plain(String),
    /// One object of a class.
    One(String),
    /// A list or set of them.
    Many(String),
    /// Objects by name.
    Named(String),
}

/// How HCL is written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) block: bool,
    /// `simple list set map struct`.
    pub(super) collection: String,
    /// `stringList`, `boolean`, or the name of a class.
    pub(super) storage: String,
}

impl Script {
    /// Reads one more file.
    pub(super) fn read(&mut self, text: &str) {
        let mut at = Place::default();
        for line in text.lines() {
            self.line(line, &mut at);
        }
    }

    /// After the last file: what is only written, as the blocks of a provider are, has no flags and may be given.
    pub(super) fn finish(&mut self) {
        for (name, written) in &self.written {
            let class =
                name.strip_prefix("class ").map_or_else(|| format!("{name}outputreference"), str::to_owned);
            let known = self.classes.contains_key(&class);
            let flagged = self.classes.entry(class).or_default();
            if !known {
                let optional =
                    |name: &String| Flagged { name: name.clone(), optional: true, ..Flagged::default() };
                flagged.extend(written.keys().map(optional));
            }
            for flagged in flagged.iter_mut().filter(|flagged| flagged.behind == Behind::Unknown) {
                let block = written.get(&flagged.name).filter(|written| written.block);
                let class = block
                    .map(|block| block.storage.strip_suffix("List").unwrap_or(&block.storage).to_owned());
                flagged.behind = class.map_or(Behind::Unknown, Behind::Many);
            }
        }
    }

    fn line(&mut self, line: &str, at: &mut Place) {
        let told = line.trim();
        if let Some(rest) = line.strip_prefix("class ") {
            at.class = before(rest, ' ').to_owned();
            self.classes.entry(at.class.to_lowercase()).or_default();
            self.root(rest, at);
        } else if let Some(name) = told.strip_prefix("static tfResourceType = ") {
            self.name(quoted(name));
        } else if let Some(rest) = line.strip_prefix("function ") {
            at.writes = rest.split_once("ToHclTerraform(").map(|(name, _)| name.to_lowercase());
        } else if told == "synthesizeHclAttributes() {" {
            at.writes = Some(format!("class {}", at.class.to_lowercase()));
        } else if let Some(version) = told.strip_prefix("providerVersion: ") {
            self.version = quoted(version).to_owned();
        } else if let Some(flagged) = told.strip_prefix("// ").and_then(flags) {
            self.classes.entry(at.class.to_lowercase()).or_default().push(flagged);
        } else {
            self.behind(told, at);
            self.write(told, at);
        }
    }

    fn root(&mut self, declaration: &str, at: &Place) {
        let kinds = [
            ("TerraformResource {", Kind::Resource),
            ("TerraformDataSource {", Kind::Data),
            ("TerraformProvider {", Kind::Provider),
        ];
        if let Some((_, kind)) = kinds.iter().find(|(base, _)| declaration.ends_with(base)) {
            self.roots.push(Root { class: at.class.clone(), kind: *kind, name: String::new() });
        }
    }

    fn name(&mut self, name: &str) {
        if let Some(root) = self.roots.last_mut().filter(|root| root.name.is_empty()) {
            name.clone_into(&mut root.name);
        }
    }

    /// `_rule = new BucketRuleList(this, "rule", false);` or `return this.getStringAttribute('arn');`
    fn behind(&mut self, told: &str, at: &Place) {
        let last = self.classes.get_mut(&at.class.to_lowercase()).and_then(|all| all.last_mut());
        let Some(flagged) = last.filter(|flagged| flagged.behind == Behind::Unknown) else { return };
        if let Some(found) = made(told, &flagged.name).or_else(|| given_back(told, &flagged.name)) {
            flagged.behind = found;
        }
    }

    fn write(&mut self, told: &str, at: &mut Place) {
        let Some(writes) = at.writes.clone() else { return };
        if told == "};" {
            at.writes = None;
            return;
        }
        let written = self.written.entry(writes).or_default();
        if let Some(name) = told.strip_suffix(": {") {
            at.attribute = name.to_owned();
            return;
        }
        let known = written.entry(at.attribute.clone());
        if let Some(block) = told.strip_prefix("isBlock: ") {
            known.or_default().block = block.starts_with("true");
        } else if let Some(collection) = told.strip_prefix("type: ") {
            known.or_default().collection = quoted(collection).to_owned();
        } else if let Some(storage) = told.strip_prefix("storageClassType: ") {
            known.or_default().storage = quoted(storage).to_owned();
        }
    }
}

/// Where in a file we are.
#[derive(Default)]
struct Place {
    class: String,
    /// Whose HCL the lines write.
    writes: Option<String>,
    attribute: String,
}

/// `name - computed: true, optional: false, required: false`.
fn flags(comment: &str) -> Option<Flagged> {
    let (name, flags) = comment.split_once(" - computed: ")?;
    let mut flags = flags.split(", ");
    let computed = flags.next()? == "true";
    let optional = flags.next()?.strip_prefix("optional: ")? == "true";
    let required = flags.next()?.strip_prefix("required: ")? == "true";
    Some(Flagged { name: name.to_owned(), computed, optional, required, behind: Behind::Unknown })
}

fn made(told: &str, name: &str) -> Option<Behind> {
    let (_, rest) = told.split_once(" = new ")?;
    let (class, arguments) = rest.split_once('(')?;
    if !arguments.contains(&format!("\"{name}\"")) {
        return None;
    }
    let class = match class.rsplit_once('.') {
        // `new cdktn.StringMap(this, "tags")`: the generator's own words for values.
        Some(("cdktn" | "cdktf", own)) => return Some(Behind::Plain(own.to_owned())),
        Some((_, class)) => class,
        None => class,
    };
    let one = |suffix| class.strip_suffix(suffix).map(str::to_owned);
    one("OutputReference")
        .map(Behind::One)
        .or_else(|| one("List").map(Behind::Many))
        .or_else(|| one("Map").map(Behind::Named))
}

fn given_back(told: &str, name: &str) -> Option<Behind> {
    let (set, rest) = match told
        .strip_prefix("return cdktn.Fn.tolist(")
        .or_else(|| told.strip_prefix("return cdktf.Fn.tolist("))
    {
        Some(rest) => ("Set", rest),
        None => ("", told.strip_prefix("return ")?),
    };
    let (kind, argument) = rest.strip_prefix("this.get")?.split_once("Attribute(")?;
    (argument.contains(&format!("'{name}'"))).then(|| Behind::Plain(format!("{kind}{set}")))
}

fn before(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or_default()
}

fn quoted(text: &str) -> &str {
    text.trim_end_matches([',', ';']).trim_matches(['"', '\''])
}
