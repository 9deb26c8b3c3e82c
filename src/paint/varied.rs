//! Appearances by chance: what networks are trained on, beside family A.
//!
//! Every patch of skin gets its own: how its pigments absorb, how soft and how ragged its marks are, how their relief is lit,
//! how its grooves are shaped. Light is taken away as in a clear layer, R·e^(−a·k) (Beer 1852), with k by chance around what
//! each pigment has; outlines are circles in a plane that noise has bent.

use super::appearance::{Appearance, Shape, Substance};
use super::canvas::Light;
use super::random::{noise, Random};

/// One appearance by chance.
pub struct Varied {
    blood: Light,
    melanin: Light,
    plug: Light,
    vein: Light,
    pus: Light,
    /// Width of an edge as a share of the radius, and what every edge has, mm.
    edge: (f32, f32),
    /// How far an outline is bent, as a share of the radius, and over how many of it.
    ragged: (f32, f32),
    /// How much longer than round a mark is at most, and as much narrower.
    stretch: f32,
    /// Share of a mark that is mottled.
    mottled: f32,
    /// How much paler than its rim a mark's middle is.
    hollow: f32,
    /// Strength of the relief and the direction of its light.
    relief: (f32, f32),
    /// The power of a groove's flank, how much its sides differ, and its paler rim.
    groove: (f32, f32, f32),
}

impl Varied {
    /// The appearance of a sequence's next numbers.
    pub fn new(random: &mut Random) -> Varied {
        let mut around = |k: Light, by: f32| k.map(|v| v * (by * random.range(-1.0, 1.0)).exp());
        let blood = around([0.10, 0.75, 0.60], 0.35);
        let melanin = around([0.40, 0.65, 1.0], 0.25);
        let plug = around([0.85, 1.0, 1.15], 0.12);
        let vein = around([0.55, 0.85, 0.60], 0.25);
        let pus = around([0.9, 0.8, 0.5], 0.15);
        Varied {
            blood,
            melanin,
            plug,
            vein,
            pus,
            edge: (random.range(0.02, 0.5), random.range(0.02, 0.2)),
            ragged: (random.range(0.0, 0.45), random.range(0.4, 1.2)),
            stretch: random.range(1.0, 1.25),
            mottled: random.range(0.0, 0.4),
            hollow: random.range(0.0, 0.5) * random.unit().powi(2),
            relief: (random.range(-0.05, 0.25), random.range(0.0, std::f32::consts::TAU)),
            groove: (random.range(1.0, 3.0), random.range(-0.6, 0.6), random.range(0.0, 0.25)),
        }
    }
}

impl Appearance for Varied {
    fn tint(&self, substance: Substance, skin: Light, amount: f32) -> Light {
        let k = match substance {
            Substance::Blood => self.blood,
            Substance::Melanin => self.melanin,
            Substance::Plug => self.plug,
            Substance::Vein => self.vein,
            Substance::Shine => return skin.map(|r| r + amount),
            Substance::Shade => return skin.map(|r| r * (-amount).exp()),
            // It hides what lies below, and is as bright as the brightest of it.
            Substance::Pus => {
                let bright = 1.1 * skin.into_iter().fold(0.0, f32::max);
                let share = 1.0 - (-amount).exp();
                return std::array::from_fn(|c| skin[c] + share * (bright * self.pus[c] - skin[c]));
            }
        };
        std::array::from_fn(|c| skin[c] * (-amount * k[c]).exp())
    }

    fn most(&self, substance: Substance) -> f32 {
        match substance {
            Substance::Shine => 0.7,
            _ => 3.0,
        }
    }

    fn spot(&self, shape: Shape, x: f32, y: f32) -> f32 {
        let mut random = Random::new(shape.seed);
        let (turn, stretch) = (random.range(0.0, std::f32::consts::PI), random.range(1.0, self.stretch));
        let (x, y) = (x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin());
        let (x, y) = (x * stretch, y / stretch);
        let reach = self.ragged.1 * shape.radius;
        let bend = |seed: u64| self.ragged.0 * shape.radius * noise(seed, x / reach, y / reach);
        let r = (x + bend(shape.seed)).hypot(y + bend(shape.seed ^ 0x5eed));
        let width = self.edge.0 * shape.radius + self.edge.1;
        let cover = ((shape.radius - r) / width + 0.5).clamp(0.0, 1.0);
        let cover = cover * cover * (3.0 - 2.0 * cover);
        let middle = 1.0 - self.hollow * (1.0 - r / shape.radius).max(0.0);
        let mottle = 1.0 - self.mottled * (0.5 + 0.5 * noise(shape.seed ^ 0xb10b, x / 0.6, y / 0.6));
        cover * middle * mottle
    }

    fn relief(&self, shape: Shape, x: f32, y: f32) -> f32 {
        let (x, y) = (x / shape.radius, y / shape.radius);
        let bell = (-(x * x + y * y)).exp();
        1.0 - self.relief.0 * bell * (x * self.relief.1.cos() + y * self.relief.1.sin())
    }

    fn patch(&self, seed: u64, mm: f32, x: f32, y: f32) -> f32 {
        let bend = |seed: u64| 0.35 * noise(seed, x * mm / 9.0, y * mm / 9.0);
        let r = (x + bend(seed)).hypot(y + bend(seed ^ 1));
        let soft = 0.4 + self.edge.0 * 1.6;
        ((1.0 - r) / soft + 0.5).clamp(0.0, 1.0)
    }

    fn groove(&self, seed: u64, across: f32, along: f32) -> f32 {
        let (power, side, rim) = self.groove;
        let ends = (along.min(1.0 - along) / 0.2).clamp(0.0, 1.0);
        let flank = (-across.abs().powf(power)).exp() * (1.0 + side * across).max(0.0);
        let pale = rim * (-(across.abs() - 1.8).powi(2) / 0.3).exp();
        ends * (flank - pale) * (0.85 + 0.15 * noise(seed, along * 7.0, 0.0))
    }

    fn pore(&self, seed: u64, x: f32, y: f32) -> f32 {
        let bend = 0.3 * self.ragged.0 * noise(seed, x, y);
        (-((x + bend).powi(2) + (y - bend).powi(2)) * 1.2).exp()
    }
}
