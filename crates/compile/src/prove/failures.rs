//! Years of failures: replicas and zones break and come back, and it is counted how long enough of everything is there.

use appia_plan::model::{Block, Model};

use super::events::Events;
use super::{Chance, Interval, Settings};

/// Parts that the years are cut into, for the interval.
const BATCHES: usize = 20;

/// Seconds of a year.
const YEAR: f64 = 365.0 * 86_400.0;

/// What changes between there and not there.
#[derive(Debug, Clone, Copy)]
enum Part {
    Zone(usize),
    Replica { block: usize, index: usize },
}

struct World<'a> {
    blocks: &'a [Block],
    zones: Vec<bool>,
    replicas: Vec<Vec<bool>>,
    /// Replicas of each block that are there and whose zone lives.
    there: Vec<u32>,
    /// Blocks that have too few.
    lacking: usize,
}

/// Share of the time in which everything needed was there; none when the place promises nothing.
pub(super) fn play(model: &Model, settings: Settings) -> Option<Interval> {
    let first = model.blocks.first()?;
    let mut chance = Chance::new(settings.seed, 2);
    let mut events = Events::new();
    let mut world = World::new(&model.blocks, first.zones_of_place as usize);
    let parts: Vec<Part> = world.parts();
    for part in parts {
        let (between, _) = world.times(part);
        events.add(chance.exponential(between), part);
    }
    let end = f64::from(settings.years) * YEAR;
    let batch = end / BATCHES as f64;
    let mut there = [0.0; BATCHES];
    let mut since = 0.0;
    while let Some((now, part)) = events.next() {
        count(&mut there, batch, (since, now.min(end), world.lacking == 0));
        since = now;
        if now >= end {
            break;
        }
        let lives = world.turn(part);
        let (between, repair) = world.times(part);
        events.add(now + chance.exponential(if lives { between } else { repair }), part);
    }
    Some(Interval::of(&there.map(|time| time / batch)))
}

/// Adds a stretch of time to the batches it touches.
fn count(there: &mut [f64; BATCHES], batch: f64, (from, to, counts): (f64, f64, bool)) {
    if !counts {
        return;
    }
    let mut from = from;
    while from < to {
        let index = ((from / batch) as usize).min(BATCHES - 1);
        let until = if index + 1 == BATCHES { to } else { to.min(batch * (index + 1) as f64) };
        if let Some(time) = there.get_mut(index) {
            *time += until - from;
        }
        if until <= from {
            break;
        }
        from = until;
    }
}

impl<'a> World<'a> {
    fn new(blocks: &'a [Block], zones: usize) -> World<'a> {
        let replicas = blocks.iter().map(|block| vec![true; block.all as usize]).collect();
        let there: Vec<u32> = blocks.iter().map(|block| block.all).collect();
        let lacking = blocks.iter().filter(|block| block.all < block.needed).count();
        World { blocks, zones: vec![true; zones], replicas, there, lacking }
    }

    fn parts(&self) -> Vec<Part> {
        let zones = (0..self.zones.len()).map(Part::Zone);
        let replicas = self.blocks.iter().enumerate();
        let replicas = replicas
            .flat_map(|(block, of)| (0..of.all as usize).map(move |index| Part::Replica { block, index }));
        zones.chain(replicas).collect()
    }

    /// Seconds until it breaks and until it is back: the availability, and how long a repair takes, give both.
    fn times(&self, part: Part) -> (f64, f64) {
        let block = match part {
            Part::Zone(_) => self.blocks.first(),
            Part::Replica { block, .. } => self.blocks.get(block),
        };
        let Some(block) = block else { return (f64::INFINITY, 0.0) };
        let (available, repair) = match part {
            Part::Zone(_) => (block.zone_availability, block.zone_repair_s),
            Part::Replica { .. } => (block.availability, block.repair_s),
        };
        (repair * available / (1.0 - available), repair)
    }

    /// Breaks what lives and brings back what is broken; true when it lives now.
    fn turn(&mut self, part: Part) -> bool {
        let lives = match part {
            Part::Zone(zone) => flip(self.zones.get_mut(zone)),
            Part::Replica { block, index } => {
                flip(self.replicas.get_mut(block).and_then(|replicas| replicas.get_mut(index)))
            }
        };
        for block in 0..self.blocks.len() {
            let touched = match part {
                Part::Zone(_) => true,
                Part::Replica { block: of, .. } => of == block,
            };
            if touched {
                self.recount(block);
            }
        }
        let pairs = self.blocks.iter().zip(&self.there);
        self.lacking = pairs.filter(|(block, there)| **there < block.needed).count();
        lives
    }

    fn recount(&mut self, index: usize) {
        let (Some(block), Some(replicas)) = (self.blocks.get(index), self.replicas.get(index)) else {
            return;
        };
        let zone = |at: usize| at.checked_rem(block.zones as usize).and_then(|zone| self.zones.get(zone));
        let lives = |at: usize| zone(at).copied().unwrap_or(true);
        let there =
            replicas.iter().enumerate().filter(|(at, lives_itself)| **lives_itself && lives(*at)).count();
        if let Some(count) = self.there.get_mut(index) {
            *count = u32::try_from(there).unwrap_or(u32::MAX);
        }
    }
}

fn flip(lives: Option<&mut bool>) -> bool {
    let Some(lives) = lives else { return false };
    *lives = !*lives;
    *lives
}
