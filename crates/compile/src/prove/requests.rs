//! Requests as they happen: each arrives, waits for a server, is served, then calls others one after the other and the
//! parallel ones at once, and is answered when all have answered.
//!
//! Times are seconds. Start reading at [`Simulation::play`].

use std::collections::{BTreeMap, VecDeque};

use appia_intent::Address;
use appia_plan::Discipline;
use appia_plan::model::{Model, Station};

use super::events::Events;
use super::statistics::Samples;
use super::{Chance, ProveError, Settings};

/// Whether a zone is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything is there.
    Whole,
    /// The zone with most replicas is gone.
    ZoneLost,
}

/// The part of the requests that comes first and is not counted: it fills the lines.
const FILLS: f64 = 0.1;

/// What can happen to a visit.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The next request comes in.
    Arrival { entry: usize },
    /// A visit reaches its station.
    Reach { visit: usize },
    /// A visit has been served.
    Served { visit: usize },
    /// The answer of a visit reaches its caller.
    Answered { visit: usize },
}

/// A request at one station.
#[derive(Debug, Clone, Copy)]
struct Visit {
    station: usize,
    line: usize,
    /// Who called.
    caller: Option<usize>,
    /// For those that came in: which entry, and the number of the arrival.
    came: Option<(usize, f64, u64)>,
    /// The place of the next sequential call.
    next: usize,
    /// Calls of that place that are left.
    left: u64,
    /// Parallel calls that have not answered.
    waits: u64,
    /// The parallel calls are made.
    forked: bool,
    /// Network time of the call that made it.
    network: f64,
}

/// A line with its servers.
#[derive(Debug, Clone, Default)]
struct Line {
    busy: u32,
    waiting: VecDeque<usize>,
}

#[derive(Debug, Clone)]
struct Place {
    service: f64,
    scv: f64,
    servers: u32,
    lines: Vec<Line>,
    calls: Vec<Call>,
}

#[derive(Debug, Clone, Copy)]
struct Call {
    to: usize,
    visits: f64,
    parallel: bool,
    network: f64,
}

/// A plan's model, ready to be played.
#[derive(Debug)]
pub(super) struct Simulation {
    places: Vec<Place>,
    /// Station and seconds between two arrivals.
    entries: Vec<(usize, f64)>,
    visits: Vec<Visit>,
    free: Vec<usize>,
    events: Events<Happening>,
}

impl Simulation {
    pub(super) fn new(model: &Model, state: State) -> Result<Simulation, ProveError> {
        let at: BTreeMap<&Address, usize> =
            model.stations.iter().enumerate().map(|(index, station)| (&station.address, index)).collect();
        let mut places = Vec::new();
        for station in &model.stations {
            places.push(place(station, state)?);
        }
        for edge in &model.edges {
            let (Some(from), Some(to)) = (at.get(&edge.from), at.get(&edge.to)) else { continue };
            let call = Call {
                to: *to,
                visits: edge.visits,
                parallel: edge.parallel,
                network: edge.network_ms / 1000.0,
            };
            if let Some(place) = places.get_mut(*from) {
                place.calls.push(call);
            }
        }
        let entries =
            model.entries.iter().filter_map(|entry| Some((*at.get(&entry.address)?, 1.0 / entry.rate_rps)));
        let entries = entries.collect();
        Ok(Simulation { places, entries, visits: Vec::new(), free: Vec::new(), events: Events::new() })
    }

    /// Response times of each entry in milliseconds, in the order of arrival.
    pub(super) fn play(mut self, settings: Settings, tell: &mut dyn FnMut(f64)) -> Vec<Samples> {
        let mut chance = Chance::new(settings.seed, 1);
        let fills = (settings.requests as f64 * FILLS) as u64;
        let all = settings.requests + fills;
        let mut came = 0_u64;
        let mut answers: Vec<Vec<(u64, f64)>> = vec![Vec::new(); self.entries.len()];
        for entry in 0..self.entries.len() {
            self.arrive_later(entry, 0.0, &mut chance);
        }
        while let Some((now, what)) = self.events.next() {
            match what {
                Happening::Arrival { entry } => {
                    came += 1;
                    if came.is_multiple_of(1 << 14) {
                        tell(came as f64 / all as f64);
                    }
                    self.arrive(entry, (now, came), &mut chance);
                    if came < all {
                        self.arrive_later(entry, now, &mut chance);
                    }
                }
                Happening::Reach { visit } => self.reach(visit, now, &mut chance),
                Happening::Served { visit } => self.served(visit, now, &mut chance),
                Happening::Answered { visit } => {
                    if let Some((entry, since, number)) = self.answered(visit, now, &mut chance)
                        && number > fills
                        && let Some(of) = answers.get_mut(entry)
                    {
                        of.push((number, (now - since) * 1000.0));
                    }
                }
            }
        }
        answers.into_iter().map(in_order).collect()
    }

    fn arrive_later(&mut self, entry: usize, now: f64, chance: &mut Chance) {
        if let Some((_, between)) = self.entries.get(entry) {
            self.events.add(now + chance.exponential(*between), Happening::Arrival { entry });
        }
    }

    fn arrive(&mut self, entry: usize, (now, number): (f64, u64), chance: &mut Chance) {
        let Some((station, _)) = self.entries.get(entry).copied() else { return };
        let visit = self.begin(station, None, 0.0);
        if let Some(visit) = self.visits.get_mut(visit) {
            visit.came = Some((entry, now, number));
        }
        self.reach(visit, now, chance);
    }

    fn begin(&mut self, station: usize, caller: Option<usize>, network: f64) -> usize {
        let visit = Visit {
            station,
            line: 0,
            caller,
            came: None,
            next: 0,
            left: 0,
            waits: 0,
            forked: false,
            network,
        };
        match self.free.pop() {
            Some(index) => {
                if let Some(slot) = self.visits.get_mut(index) {
                    *slot = visit;
                }
                index
            }
            None => {
                self.visits.push(visit);
                self.visits.len() - 1
            }
        }
    }

    /// Gets a server, or a place in the line.
    fn reach(&mut self, index: usize, now: f64, chance: &mut Chance) {
        let Some(visit) = self.visits.get_mut(index) else { return };
        let Some(place) = self.places.get_mut(visit.station) else { return };
        visit.line = if place.lines.len() > 1 { chance.below(place.lines.len()) } else { 0 };
        let (service, scv, servers) = (place.service, place.scv, place.servers);
        let Some(line) = place.lines.get_mut(visit.line) else { return };
        if line.busy < servers {
            line.busy += 1;
            self.events.add(now + chance.gamma(service, scv), Happening::Served { visit: index });
        } else {
            line.waiting.push_back(index);
        }
    }

    /// Lets the next one in, and goes on with what it calls.
    fn served(&mut self, index: usize, now: f64, chance: &mut Chance) {
        let Some(visit) = self.visits.get(index).copied() else { return };
        if let Some(place) = self.places.get_mut(visit.station) {
            let (service, scv) = (place.service, place.scv);
            if let Some(line) = place.lines.get_mut(visit.line) {
                match line.waiting.pop_front() {
                    Some(next) => {
                        self.events.add(now + chance.gamma(service, scv), Happening::Served { visit: next });
                    }
                    None => line.busy -= 1,
                }
            }
        }
        self.go_on(index, now, chance);
    }

    /// The answer of `index` has reached its caller; for one that came in, which it was.
    fn answered(&mut self, index: usize, now: f64, chance: &mut Chance) -> Option<(usize, f64, u64)> {
        let visit = self.visits.get(index).copied()?;
        self.free.push(index);
        let Some(caller) = visit.caller else { return visit.came };
        let slot = self.visits.get_mut(caller)?;
        if slot.waits > 0 {
            slot.waits -= 1;
            if slot.waits > 0 {
                return None;
            }
        }
        self.go_on(caller, now, chance);
        None
    }

    /// The next sequential call, then the parallel ones, then the answer.
    fn go_on(&mut self, index: usize, now: f64, chance: &mut Chance) {
        while let Some(visit) = self.visits.get(index).copied() {
            let Some(place) = self.places.get(visit.station) else { return };
            if visit.left > 0 {
                let call = place.calls.get(visit.next - 1).copied();
                self.change(index, |visit| visit.left -= 1);
                if let Some(call) = call {
                    self.call(index, call, now);
                    return;
                }
                continue;
            }
            match place.calls.get(visit.next).copied() {
                Some(call) => {
                    let times = if call.parallel { 0 } else { whole(call.visits, chance) };
                    self.change(index, |visit| (visit.next, visit.left) = (visit.next + 1, times));
                }
                None if !visit.forked => {
                    self.fork(index, now, chance);
                    if self.visits.get(index).is_some_and(|visit| visit.waits > 0) {
                        return;
                    }
                }
                None => {
                    self.events.add(now + visit.network / 2.0, Happening::Answered { visit: index });
                    return;
                }
            }
        }
    }

    fn fork(&mut self, index: usize, now: f64, chance: &mut Chance) {
        let station = self.visits.get(index).map_or(0, |visit| visit.station);
        let calls = self.places.get(station).map(|place| place.calls.clone()).unwrap_or_default();
        let parallel = calls.into_iter().filter(|call| call.parallel);
        let made: Vec<(Call, u64)> = parallel.map(|call| (call, whole(call.visits, chance))).collect();
        let waits = made.iter().map(|(_, times)| times).sum();
        self.change(index, |visit| (visit.forked, visit.waits) = (true, waits));
        for (call, times) in made {
            (0..times).for_each(|_| self.call(index, call, now));
        }
    }

    fn call(&mut self, caller: usize, call: Call, now: f64) {
        let visit = self.begin(call.to, Some(caller), call.network);
        self.events.add(now + call.network / 2.0, Happening::Reach { visit });
    }

    fn change(&mut self, index: usize, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = self.visits.get_mut(index) {
            change(visit);
        }
    }
}

fn place(station: &Station, state: State) -> Result<Place, ProveError> {
    let replicas = match state {
        State::Whole => station.replicas,
        State::ZoneLost => station.replicas_zone_lost,
    };
    let all = replicas * station.servers_per_replica;
    if station.rate_rps * station.service_ms / 1000.0 >= f64::from(all) {
        return Err(ProveError::Endless(station.address.clone()));
    }
    let (lines, servers) = match station.discipline {
        Discipline::Pooled => (1, all),
        Discipline::Random => (replicas as usize, station.servers_per_replica),
    };
    let lines = vec![Line::default(); lines];
    Ok(Place { service: station.service_ms / 1000.0, scv: station.scv, servers, lines, calls: Vec::new() })
}

/// A whole number of calls; a fraction is the probability of one more.
fn whole(visits: f64, chance: &mut Chance) -> u64 {
    let whole = libm::floor(visits);
    let more = visits > whole && chance.share() <= visits - whole;
    whole as u64 + u64::from(more)
}

fn in_order(mut answers: Vec<(u64, f64)>) -> Samples {
    answers.sort_by_key(|(number, _)| *number);
    Samples::of(answers.into_iter().map(|(_, time)| time).collect())
}
