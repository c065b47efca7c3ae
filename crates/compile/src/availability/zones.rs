//! Zones as common cause: everything in a zone is gone with it, at the same time.

use super::blocks::missing;

/// The zones that things are spread over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zones {
    /// How many; each place is one of them.
    pub count: u32,
    /// The availability of each.
    pub each: f64,
}

/// Equal parts of which some have to be there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Parts, spread over the zones as evenly as possible, the first zones getting one more.
    pub all: u32,
    /// Parts that have to be there.
    pub needed: u32,
    /// The availability of each while its zone lives.
    pub each: f64,
    /// Zones it is spread over, counted from the first: 1 for what cannot leave its zone, 0 for what no zone takes down.
    pub zones: u32,
}

impl Group {
    /// P(enough are there) when exactly the zones of this set live; bit i is zone i.
    fn given(&self, alive: u32) -> f64 {
        if self.zones == 0 {
            return missing(self.all, self.each, self.all.saturating_sub(self.needed))
                .into_iter()
                .sum::<f64>()
                .min(1.0);
        }
        let mut lost_with_zones = 0;
        let mut left = Vec::new();
        for zone in 0..self.zones {
            let parts = self.all / self.zones + u32::from(zone < self.all % self.zones);
            if alive & (1 << zone) == 0 {
                lost_with_zones += parts;
            } else {
                left.push(parts);
            }
        }
        let most = self.all.saturating_sub(self.needed);
        if lost_with_zones > most {
            return 0.0;
        }
        let here: u32 = left.iter().sum();
        missing(here, self.each, most - lost_with_zones).into_iter().sum::<f64>().min(1.0)
    }

    /// How many parts are left when the zone with the most of them is lost.
    pub fn after_zone_loss(&self) -> u32 {
        if self.zones <= 1 { self.all } else { self.all - self.all.div_ceil(self.zones) }
    }
}

/// The probability that every group has enough at the same time.
///
/// Over all sets of living zones: P(set) x product over the groups of P(enough | set). Treating groups as independent
/// instead would count each zone's failure once for every group.
///
/// ```
/// use appia_compile::availability::{Group, Zones, together};
/// let zones = Zones { count: 3, each: 0.999 };
/// let group = Group { all: 3, needed: 2, each: 1.0, zones: 3 };
/// // At most one of three zones may be gone, for one group as for two.
/// let expect = 0.999_f64.powi(3) + 3.0 * 0.999_f64.powi(2) * 0.001;
/// assert!((together(zones, &[group, group]) - expect).abs() < 1e-12);
/// ```
pub fn together(zones: Zones, groups: &[Group]) -> f64 {
    let sets = 0..1_u32 << zones.count;
    sets.map(|alive| {
        let living = alive.count_ones();
        let power = |base: f64, exponent: u32| libm::pow(base, f64::from(exponent));
        let chance = power(zones.each, living) * power(1.0 - zones.each, zones.count - living);
        chance * groups.iter().map(|group| group.given(alive)).product::<f64>()
    })
    .sum::<f64>()
    .min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Group, Zones, together};

    #[test]
    fn without_failing_zones_it_is_k_of_n() {
        let group = Group { all: 3, needed: 2, each: 0.99, zones: 3 };
        assert!((together(Zones { count: 3, each: 1.0 }, &[group]) - 0.999702).abs() < 1e-12);
    }

    #[test]
    fn what_stays_in_one_zone_is_never_better_than_it() {
        let group = Group { all: 5, needed: 1, each: 0.99999, zones: 1 };
        let found = together(Zones { count: 3, each: 0.999 }, &[group]);
        assert!((found - 0.999).abs() < 1e-6, "{found}");
    }

    #[test]
    fn what_the_place_promises_does_not_fail_with_a_zone() {
        let group = Group { all: 1, needed: 1, each: 0.9995, zones: 0 };
        assert!((together(Zones { count: 3, each: 0.5 }, &[group]) - 0.9995).abs() < 1e-12);
    }

    #[test]
    fn losing_a_zone_takes_the_larger_share() {
        assert_eq!(Group { all: 7, needed: 1, each: 1.0, zones: 3 }.after_zone_loss(), 4);
        assert_eq!(Group { all: 7, needed: 1, each: 1.0, zones: 1 }.after_zone_loss(), 7);
    }
}
