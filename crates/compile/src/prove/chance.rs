//! Chance that is the same on every machine: a seeded generator and the distributions that are drawn from it.

/// xoshiro256**, seeded by splitmix64. Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
/// generators", ACM Transactions on Mathematical Software 47, 2021.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    state: [u64; 4],
}

impl Chance {
    /// Chance that begins there; `stream` tells apart what shall not influence each other.
    pub(super) fn new(seed: u64, stream: u64) -> Chance {
        let mut at = seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = || {
            at = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (at ^ (at >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        Chance { state: [next(), next(), next(), next()] }
    }

    fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        b.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
    }

    /// Above 0 and at most 1.
    pub(super) fn share(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// One of so many, each as likely.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.bits()) * count as u128;
        (wide >> 64) as usize
    }

    /// Exponential with this mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -libm::log(self.share()) * mean
    }

    /// Gamma with this mean and squared coefficient of variation.
    ///
    /// Source: G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM Transactions on
    /// Mathematical Software 26, 2000.
    pub(super) fn gamma(&mut self, mean: f64, scv: f64) -> f64 {
        if scv <= 0.0 {
            return mean;
        }
        if scv == 1.0 {
            return self.exponential(mean);
        }
        let shape = 1.0 / scv;
        let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = boosted - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        let drawn = loop {
            let normal = self.normal();
            let cube = 1.0 + c * normal;
            let cube = cube * cube * cube;
            let fits = cube > 0.0
                && libm::log(self.share()) < 0.5 * normal * normal + d - d * cube + d * libm::log(cube);
            if fits {
                break d * cube;
            }
        };
        let boost = if shape < 1.0 { libm::pow(self.share(), scv) } else { 1.0 };
        drawn * boost * mean * scv
    }

    /// Standard normal, by the polar form of Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.share()));
        radius * libm::cos(2.0 * core::f64::consts::PI * self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn distributions_have_their_moments() {
        for scv in [0.0, 0.25, 1.0, 4.0] {
            let mut chance = Chance::new(7, 1);
            let drawn: Vec<f64> = (0..200_000).map(|_| chance.gamma(2.0, scv)).collect();
            let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
            assert!((mean / 2.0 - 1.0).abs() < 0.02, "{scv}: {mean}");
            assert!((variance - scv * 4.0).abs() < 0.05 * (scv * 4.0).max(0.1), "{scv}: {variance}");
        }
    }

    #[test]
    fn every_one_of_some_is_as_likely() {
        let mut chance = Chance::new(1, 2);
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|_| counts[chance.below(7)] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
    }
}
