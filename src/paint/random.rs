//! Chance that comes out the same on every machine: a seeded sequence, and noise over the plane.

/// A seeded sequence of numbers (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to below 1, evenly.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// From `low` to below `high`, evenly.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `end`, evenly; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.unit() * end as f32) as usize).min(end.saturating_sub(1))
    }

    /// Around 0 with a spread of 1, normally (Box and Muller 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.unit()).cos()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Smooth noise over the plane, −1 to 1, whose blotches are about one unit across: values at whole
/// coordinates, smoothly joined.
pub fn noise(seed: u64, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let at = |dx: i64, dy: i64| {
        let cell = ((left as i64 + dx) as u64).wrapping_mul(0x9e37_79b9) ^ ((top as i64 + dy) as u64) << 32;
        (mix(cell ^ seed.wrapping_mul(0xd6e8_feb8_6659_fd93)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - left), ease(y - top));
    let upper = at(0, 0) + (at(1, 0) - at(0, 0)) * u;
    let lower = at(0, 1) + (at(1, 1) - at(0, 1)) * u;
    upper + (lower - upper) * v
}

/// Noise whose blotches are of many sizes: each octave half the size and six tenths the strength of
/// the one before. About −1 to 1.
pub fn fractal(seed: u64, x: f32, y: f32, octaves: u32) -> f32 {
    let (mut sum, mut whole, mut size, mut strength) = (0.0, 0.0, 1.0, 1.0);
    for octave in 0..octaves {
        sum += strength * noise(seed.wrapping_add(u64::from(octave)), x * size, y * size);
        whole += strength;
        size *= 2.0;
        strength *= 0.6;
    }
    sum / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_sequence() {
        let mut random = Random::new(7);
        let first: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        // What makes truths comparable from machine to machine and from year to year.
        assert_eq!(first, [0x63cb_e1e4_5932_0dd7, 0x044c_3cd7_f43c_661c, 16_616_101_746_815_609_346]);
        assert_ne!(Random::new(8).bits(), first[0]);
    }

    #[test]
    fn numbers_are_spread_as_they_say() {
        let mut random = Random::new(1);
        let normal: Vec<f32> = (0..4000).map(|_| random.normal()).collect();
        let mean = normal.iter().sum::<f32>() / 4000.0;
        let spread = (normal.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 4000.0).sqrt();
        assert!(mean.abs() < 0.05 && (spread - 1.0).abs() < 0.05, "{mean} {spread}");
        assert!((0..4000).all(|_| (0.0..1.0).contains(&random.unit())));
        assert!((0..100).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn noise_is_smooth_and_bounded() {
        for i in 0..1000 {
            let (x, y) = (i as f32 * 0.37 - 50.0, i as f32 * 0.11);
            let here = fractal(3, x, y, 4);
            assert!(here.abs() <= 1.0);
            assert!((here - fractal(3, x + 1e-3, y, 4)).abs() < 0.05);
        }
    }
}
