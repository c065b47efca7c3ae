//! What is there, what is wanted, and the operation that leads from one to the other.

use std::collections::BTreeMap;

use appia_intent::{Address, AppName, EnvironmentName};
use appia_plan::{
    Actor, ActorKind, DataFate, Digest, Object, ObjectId, ObjectState, Operation, OperationId, OperationKind,
    Owner, Retention, Step, Undo, Verb,
};
use serde_json::json;

use crate::Chance;

/// A world before and a world wanted.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// For messages: a word, or the seed.
    pub name: String,
    /// What is there.
    pub before: Vec<(Object, ObjectState)>,
    /// What shall be there.
    pub desired: Vec<Object>,
    /// What becomes of the data of what goes.
    pub data: DataFate,
    /// Steps whose undo differs from what the plan says.
    pub undo: BTreeMap<ObjectId, Undo>,
}

/// The owner of everything in a scenario.
///
/// # Panics
/// Never: the names are valid.
pub fn owner() -> Owner {
    Owner {
        organisation: "default".to_owned(),
        app: AppName::new("shop").expect("a valid name"),
        environment: EnvironmentName::new("local").expect("a valid name"),
    }
}

/// `name` needs `needs`; another `place` needs a replacement, another `size` (or other needs) a change.
fn object(name: &str, needs: &str, (place, size): (u64, u64)) -> Object {
    let kept = name.starts_with("data");
    Object {
        id: ObjectId::new("box", name),
        address: Address::parse(&format!("resources.{name}")),
        needs: needs.split_whitespace().map(|need| ObjectId::new("box", need)).collect(),
        body: json!({"place": place, "size": size, "uses": needs}).into(),
        retention: if kept { Retention::Data } else { Retention::Nothing },
    }
}

impl Scenario {
    /// The scenarios that have names.
    pub fn named() -> Vec<Scenario> {
        vec![
            Scenario::first_up(),
            Scenario::upgrade(),
            Scenario::down(DataFate::Kept),
            Scenario::down(DataFate::Deleted),
            Scenario::stubborn(),
            Scenario::undeletable(),
        ]
    }

    /// Nothing is there; six things shall be.
    pub fn first_up() -> Scenario {
        Scenario::new("first up", Vec::new(), Scenario::shop())
    }

    /// Things are changed, replaced, made, resumed, brought back from kept data, and deleted.
    pub fn upgrade() -> Scenario {
        let mut before: Vec<(Object, ObjectState)> =
            Scenario::shop().into_iter().map(|object| (object, ObjectState::Ready)).collect();
        before.push((object("data-old", "", (1, 1)), ObjectState::Retained));
        before.push((object("mail", "", (1, 1)), ObjectState::Paused));
        let desired = vec![
            object("secret", "", (1, 1)),
            object("data-db", "secret", (1, 2)),
            object("data-old", "", (1, 1)),
            object("mail", "", (1, 2)),
            object("queue", "secret", (1, 1)),
            object("api", "data-db queue mail data-old", (2, 1)),
            object("web", "api", (1, 2)),
        ];
        Scenario::new("upgrade", before, desired)
    }

    /// All that is there goes.
    pub fn down(data: DataFate) -> Scenario {
        let before = Scenario::shop().into_iter().map(|object| (object, ObjectState::Ready)).collect();
        let name = format!("down, data {data:?}").to_lowercase();
        Scenario { data, ..Scenario::new(&name, before, Vec::new()) }
    }

    /// As `upgrade`, and two of its steps cannot be taken back.
    pub fn stubborn() -> Scenario {
        let impossible = Undo::Impossible("the old schema is gone".to_owned());
        let undo = [("data-db", impossible.clone()), ("queue", impossible)];
        Scenario::upgrade().named_with("upgrade with steps that cannot be taken back", &undo)
    }

    /// As `upgrade`, and what is deleted can be made again.
    pub fn undeletable() -> Scenario {
        let undo = [("cache", Undo::Reverse), ("route", Undo::Reverse)];
        Scenario::upgrade().named_with("upgrade with deletions that can be taken back", &undo)
    }

    /// Up to `most` objects with random needs, before and wanted, and now and then an undo that is not the usual one.
    pub fn random(seed: u64, most: u64) -> Scenario {
        let mut chance = Chance::seeded(seed);
        let before = random_objects(&mut chance, most).into_iter().map(|object| (object, ObjectState::Ready));
        let mut scenario = Scenario::new(&format!("seed {seed}"), before.collect(), Vec::new());
        scenario.desired = random_objects(&mut chance, most);
        if chance.percent(30) {
            scenario.data = DataFate::Deleted;
        }
        for object in &scenario.desired {
            let undo = match chance.below(10) {
                0 => Undo::Keep,
                1 => Undo::Impossible("it has no way back".to_owned()),
                _ => continue,
            };
            scenario.undo.insert(object.id.clone(), undo);
        }
        scenario
    }

    /// So many things that need nothing of each other but each its tenth predecessor.
    pub fn wide(count: usize) -> Scenario {
        let needs = |at: usize| at.checked_sub(10).map(|need| format!("n{need}")).unwrap_or_default();
        let desired = (0..count).map(|at| object(&format!("n{at}"), &needs(at), (1, 1))).collect();
        Scenario::new(&format!("{count} things"), Vec::new(), desired)
    }

    /// The operation with these steps.
    pub fn operation(&self, number: u64, steps: Vec<Step>) -> Operation {
        let undo = |mut step: Step| {
            // A replacement that failed half way is never left so: there would be two.
            let fits = |undo: &&Undo| **undo != Undo::Keep || step.verb != Verb::Replace;
            step.undo = self.undo.get(&step.object).filter(fits).cloned().unwrap_or(step.undo);
            step
        };
        Operation {
            id: OperationId(format!("operation-{number:04}")),
            kind: if self.desired.is_empty() { OperationKind::Down } else { OperationKind::Up },
            owner: owner(),
            actor: Actor { kind: ActorKind::Person, name: "ada".to_owned() },
            plan: Some(Digest::of(self.name.as_bytes())),
            release: None,
            base_generation: number,
            steps: steps.into_iter().map(undo).collect(),
        }
    }

    fn new(name: &str, before: Vec<(Object, ObjectState)>, desired: Vec<Object>) -> Scenario {
        Scenario { name: name.to_owned(), before, desired, data: DataFate::Kept, undo: BTreeMap::new() }
    }

    fn named_with(mut self, name: &str, undo: &[(&str, Undo)]) -> Scenario {
        name.clone_into(&mut self.name);
        self.undo.extend(undo.iter().map(|(object, undo)| (ObjectId::new("box", *object), undo.clone())));
        self
    }

    fn shop() -> Vec<Object> {
        vec![
            object("secret", "", (1, 1)),
            object("data-db", "secret", (1, 1)),
            object("cache", "", (1, 1)),
            object("api", "data-db cache", (1, 1)),
            object("web", "api", (1, 1)),
            object("route", "web", (1, 1)),
        ]
    }
}

/// Objects out of one pool of names, each needing only names before its own.
fn random_objects(chance: &mut Chance, most: u64) -> Vec<Object> {
    let mut names: Vec<String> = Vec::new();
    let mut objects = Vec::new();
    for at in 0..most {
        if chance.percent(35) {
            continue;
        }
        let name = if at % 4 == 1 { format!("data-{at}") } else { format!("n{at}") };
        let needs: Vec<&str> = names.iter().filter(|_| chance.percent(25)).map(String::as_str).collect();
        objects.push(object(&name, &needs.join(" "), (1 + chance.below(2), 1 + chance.below(2))));
        names.push(name);
    }
    objects
}
