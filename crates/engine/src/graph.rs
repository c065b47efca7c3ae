//! The order of steps: who waits for whom, forward and back. Built once for an operation; linear in steps and needs.

use std::collections::{BTreeSet, HashMap};

use appia_plan::{ObjectId, Step, Verb};

/// Why steps cannot be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// An object has two steps.
    #[error("`{0}` has two steps in one operation")]
    Twice(ObjectId),
    /// Some wait for each other.
    #[error("`{}` wait for each other", names(.0))]
    Cycle(Vec<ObjectId>),
    /// A step needs what the same operation deletes.
    #[error("`{user}` needs `{needed}`, which is to be deleted")]
    NeedsDeleted {
        /// Whose step.
        user: ObjectId,
        /// What goes.
        needed: ObjectId,
    },
}

fn names(objects: &[ObjectId]) -> String {
    objects.iter().map(ObjectId::to_string).collect::<Vec<_>>().join("`, `")
}

/// When a ready step is chosen: the gentlest first, and the last ones only when no other is unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Gentle,
    Replacing,
    Last,
}

/// Steps by index, with who waits for whom.
#[derive(Debug)]
pub(crate) struct Graph {
    /// For each step, those that wait for it.
    waiting: Vec<Vec<usize>>,
    rank: Vec<Rank>,
}

impl Graph {
    /// Towards the plan: what is needed first; deletions after all else. A needed object without a step is there already.
    pub(crate) fn forward(steps: &[Step]) -> Result<Graph, OrderError> {
        let mut index: HashMap<&ObjectId, usize> = HashMap::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            if index.insert(&step.object, at).is_some() {
                return Err(OrderError::Twice(step.object.clone()));
            }
        }
        let mut waiting = vec![Vec::new(); steps.len()];
        for (user, step) in steps.iter().enumerate() {
            let needs: BTreeSet<usize> =
                step.needs.iter().filter_map(|need| index.get(need).copied()).collect();
            for needed in needs {
                refuse_deleted(step, steps.get(needed))?;
                if let Some(users) = waiting.get_mut(needed) {
                    users.push(user);
                }
            }
        }
        let rank = steps.iter().map(forward_rank).collect();
        Graph { waiting, rank }.without_cycle(steps)
    }

    /// Back to what was: the same graph turned round, undeleting first.
    pub(crate) fn back(&self) -> Graph {
        let mut waiting = vec![Vec::new(); self.waiting.len()];
        for (needed, users) in self.waiting.iter().enumerate() {
            for user in users {
                if let Some(list) = waiting.get_mut(*user) {
                    list.push(needed);
                }
            }
        }
        let turned = |rank: &Rank| match rank {
            Rank::Last => Rank::Gentle,
            Rank::Gentle | Rank::Replacing => Rank::Last,
        };
        Graph { waiting, rank: self.rank.iter().map(turned).collect() }
    }

    /// Steps that wait for this one.
    pub(crate) fn waiting_for(&self, step: usize) -> &[usize] {
        self.waiting.get(step).map_or(&[], Vec::as_slice)
    }

    /// The walk through all steps but those that `skip` names.
    pub(crate) fn frontier(&self, skip: impl Fn(usize) -> bool) -> Frontier<'_> {
        let open: Vec<usize> = (0..self.waiting.len()).filter(|step| !skip(*step)).collect();
        let mut waits = vec![0; self.waiting.len()];
        for user in open.iter().flat_map(|step| self.waiting_for(*step)) {
            if let Some(count) = waits.get_mut(*user) {
                *count += 1;
            }
        }
        let free = |step: &&usize| waits.get(**step) == Some(&0);
        let ready = open.iter().filter(free).map(|step| (self.rank(*step), *step)).collect();
        let before_last = open.iter().filter(|step| self.rank(**step) != Rank::Last).count();
        Frontier { graph: self, waits, ready, before_last }
    }

    fn rank(&self, step: usize) -> Rank {
        self.rank.get(step).copied().unwrap_or(Rank::Last)
    }

    fn without_cycle(self, steps: &[Step]) -> Result<Graph, OrderError> {
        let mut frontier = self.frontier(|_| false);
        let mut open: BTreeSet<usize> = (0..steps.len()).collect();
        while let Some(step) = frontier.next() {
            open.remove(&step);
            frontier.done(step);
        }
        match cycle(&self, &open) {
            circle if circle.is_empty() => Ok(self),
            circle => {
                let object = |at: &usize| steps.get(*at).map(|step| step.object.clone());
                Err(OrderError::Cycle(circle.iter().filter_map(object).collect()))
            }
        }
    }
}

fn forward_rank(step: &Step) -> Rank {
    match step.verb {
        Verb::Create | Verb::Change | Verb::Adopt | Verb::Pause | Verb::Resume => Rank::Gentle,
        Verb::Replace => Rank::Replacing,
        Verb::Delete => Rank::Last,
    }
}

fn refuse_deleted(user: &Step, needed: Option<&Step>) -> Result<(), OrderError> {
    match needed {
        Some(needed) if needed.verb == Verb::Delete && user.verb != Verb::Delete => {
            Err(OrderError::NeedsDeleted { user: user.object.clone(), needed: needed.object.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// One circle among steps that never became ready: back from any of them through what it waits for, until one comes again.
fn cycle(graph: &Graph, open: &BTreeSet<usize>) -> Vec<usize> {
    let turned = graph.back();
    let blocker = |step: usize| turned.waiting_for(step).iter().copied().find(|needed| open.contains(needed));
    let Some(mut at) = open.iter().copied().find(|step| blocker(*step).is_some()) else { return Vec::new() };
    let (mut path, mut seen) = (Vec::new(), BTreeSet::new());
    while seen.insert(at) {
        path.push(at);
        match blocker(at) {
            Some(next) => at = next,
            None => return path,
        }
    }
    path.into_iter().skip_while(|step| *step != at).collect()
}

/// How far a walk through a graph has come.
#[derive(Debug)]
pub(crate) struct Frontier<'a> {
    graph: &'a Graph,
    waits: Vec<usize>,
    ready: BTreeSet<(Rank, usize)>,
    before_last: usize,
}

impl Frontier<'_> {
    /// A step that may start now.
    pub(crate) fn next(&mut self) -> Option<usize> {
        let (rank, _) = self.ready.first()?;
        if *rank == Rank::Last && self.before_last > 0 {
            return None;
        }
        self.ready.pop_first().map(|(_, step)| step)
    }

    /// A step has ended; those that waited for it alone are ready.
    pub(crate) fn done(&mut self, step: usize) {
        if self.graph.rank(step) != Rank::Last {
            self.before_last = self.before_last.saturating_sub(1);
        }
        for user in self.graph.waiting_for(step) {
            if let Some(count) = self.waits.get_mut(*user) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.ready.insert((self.graph.rank(*user), *user));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use appia_intent::Address;
    use appia_plan::{DataFate, ObjectId, Step, Undo, Verb};

    use super::{Graph, OrderError};

    /// `api:create:db,cache` reads: create api, which needs db and cache.
    fn steps(text: &str) -> Vec<Step> {
        let step = |line: &str| {
            let mut parts = line.split(':');
            let object = ObjectId::new("box", parts.next().unwrap());
            let verb = match parts.next().unwrap() {
                "create" => Verb::Create,
                "replace" => Verb::Replace,
                "delete" => Verb::Delete,
                other => panic!("no verb {other}"),
            };
            let needs = parts.next().into_iter().flat_map(|needs| needs.split(','));
            Step {
                address: Address::parse(&format!("resources.{}", object.name)),
                object,
                verb,
                before: None,
                desired: None,
                undo: Undo::Reverse,
                data: DataFate::Kept,
                needs: needs.map(|need| ObjectId::new("box", need)).collect(),
            }
        };
        text.split_whitespace().map(step).collect()
    }

    fn order(graph: &Graph, steps: &[Step]) -> String {
        let mut frontier = graph.frontier(|_| false);
        let mut names = Vec::new();
        while let Some(at) = frontier.next() {
            names.push(steps[at].object.name.as_str());
            frontier.done(at);
        }
        names.join(" ")
    }

    fn check(text: &str, forward: &str, back: &str) {
        let steps = steps(text);
        let graph = Graph::forward(&steps).unwrap();
        assert_eq!(order(&graph, &steps), forward);
        assert_eq!(order(&graph.back(), &steps), back);
    }

    #[test]
    fn orders_by_needs_then_gentleness() {
        check("web:create:api api:create:db,db db:create", "db api web", "web api db");
        check("a:create:there", "a", "a");
        check("old:delete a:replace b:create", "b a old", "old a b");
        check("db:delete:api api:delete new:create", "new api db", "db api new");
    }

    fn refused(text: &str, expect: &str) {
        let error: OrderError = Graph::forward(&steps(text)).unwrap_err();
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn refuses_what_has_no_order() {
        refused("a:create a:delete", "`box/a` has two steps in one operation");
        refused("a:create:b b:create:c c:create:b", "`box/b`, `box/c` wait for each other");
        refused("a:create:a", "`box/a` wait for each other");
        refused("a:create:b b:delete", "`box/a` needs `box/b`, which is to be deleted");
    }
}
