//! How the marks of one kind go together on a patch: how many there are, where, and how strong.
//!
//! Were they always many, everywhere and each as strong as chance has it, one mark would promise others, and any faint place beside a
//! strong one would be taken for the next.

use crate::paint::random::Random;

/// The marks of a kind.
pub struct Crowd {
    /// How many are painted.
    pub count: usize,
    /// The middle of the place that they lie in, mm, and how far they lie from it; `None` for everywhere.
    place: Option<((f32, f32), f32)>,
    /// The least and the greatest difference, ΔE.
    range: (f32, f32),
    /// The difference that all have, but for a quarter; `None` where each has its own.
    alike: Option<f32>,
}

impl Crowd {
    /// By chance: at most `most` marks, whose differences lie in `range`, on a patch of `mm` to a side.
    pub fn new(most: f32, range: (f32, f32), mm: f32, random: &mut Random) -> Crowd {
        // Few mostly, many now and then.
        let count = if random.unit() < 0.3 { 1 } else { random.range(0.0, (most + 1.0).ln()).exp() as usize };
        let place = (random.unit() < 0.5)
            .then(|| ((random.range(0.0, mm), random.range(0.0, mm)), random.range(3.0f32.ln(), 15.0f32.ln()).exp()));
        let alike = (random.unit() < 0.6).then(|| random.range(range.0.ln(), range.1.ln()).exp());
        Crowd { count, place, range, alike }
    }

    /// The next one's difference, ΔE.
    pub fn delta_e(&self, random: &mut Random) -> f32 {
        match self.alike {
            Some(alike) => (alike * (0.25 * random.normal()).exp()).clamp(self.range.0, self.range.1),
            None => random.range(self.range.0.ln(), self.range.1.ln()).exp(),
        }
    }

    /// A point where the next one may lie, on a patch of `mm` to a side.
    pub fn point(&self, mm: f32, random: &mut Random) -> (f32, f32) {
        let Some(((x, y), reach)) = self.place else { return (random.range(0.0, mm), random.range(0.0, mm)) };
        let mut near = |c: f32| (c + random.range(-reach, reach)).clamp(0.0, mm);
        (near(x), near(y))
    }
}
