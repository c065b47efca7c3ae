//! Seeded chance: the same seed asks for the same kills. (What the machine does meanwhile is its own.)

use std::time::Duration;

/// Numbers that look random (SplitMix64, Steele, Lea and Flood 2014).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    /// One of these.
    pub(super) fn one_of<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let count = u64::try_from(others.len()).unwrap_or_default() + 1;
        let chosen = usize::try_from(self.below(count)).unwrap_or_default();
        chosen.checked_sub(1).and_then(|index| others.get(index)).copied().unwrap_or(first)
    }

    /// A moment within this time.
    pub(super) fn moment(&mut self, within: Duration) -> Duration {
        let micros = u64::try_from(within.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.below(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_every_choice_comes() {
        let numbers = |seed| {
            let mut chance = Chance::seeded(seed);
            (0..50).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        let mut chance = Chance::seeded(3);
        let chosen: std::collections::BTreeSet<u8> = (0..50).map(|_| chance.one_of(1, &[2, 3])).collect();
        assert_eq!(chosen.len(), 3);
    }
}
