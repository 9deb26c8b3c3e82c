//! Family A: pigments in a scattering layer.
//!
//! Skin reflects by the balance of absorption and scattering, R = 1 + q − √(q² + 2q) with q = K/S (Kubelka
//! and Munk 1931). A pigment adds to q in proportion to how much of it there is. K of melanin falls with wavelength
//! by λ^−3.3 (Jacques 2013); that of blood is greatest in the green (Prahl 1999). Light spreads
//! sideways before it leaves, so no edge is sharp: marks fade out, patches are sums of bells, grooves
//! are shaded on the side that looks away from the light.

use super::appearance::{Appearance, Shape, Substance};
use super::canvas::Light;
use super::random::{noise, Random};

/// Family A.
pub struct Scattering;

/// What one unit of a substance adds to K/S of red, green and blue.
fn absorption(substance: Substance) -> Light {
    match substance {
        Substance::Blood => [0.05, 0.55, 0.40],
        Substance::Melanin => [0.25, 0.42, 0.75],
        Substance::Plug => [0.80, 1.00, 1.20],
        Substance::Vein => [0.24, 0.40, 0.28],
        Substance::Pus | Substance::Shine | Substance::Shade => [0.0; 3],
    }
}

impl Appearance for Scattering {
    fn tint(&self, substance: Substance, skin: Light, amount: f32) -> Light {
        match substance {
            Substance::Shine => return skin.map(|r| r + amount),
            Substance::Shade => return skin.map(|r| r * (1.0 - amount).max(0.02)),
            _ => {}
        }
        let k = absorption(substance);
        std::array::from_fn(|c| {
            let r = skin[c].clamp(0.002, 0.98);
            let q = (1.0 - r) * (1.0 - r) / (2.0 * r);
            let q = match substance {
                // Pus scatters, and takes a little of the blue.
                Substance::Pus => q / (1.0 + amount) + if c == 2 { 0.1 * amount } else { 0.0 },
                _ => q + amount * k[c],
            };
            1.0 + q - (q * q + 2.0 * q).sqrt()
        })
    }

    fn most(&self, substance: Substance) -> f32 {
        match substance {
            Substance::Shine => 0.8,
            Substance::Shade => 0.9,
            Substance::Pus => 6.0,
            _ => 40.0,
        }
    }

    fn spot(&self, shape: Shape, x: f32, y: f32) -> f32 {
        let mut random = Random::new(shape.seed);
        let (turn, stretch) = (random.range(0.0, std::f32::consts::PI), random.range(1.0, 1.25));
        let (u, v) = (x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin());
        let r = (u * stretch).hypot(v / stretch);
        // How far light spreads in skin, mm.
        let spread = (0.18 * shape.radius).min(0.30) + 0.05;
        1.0 / (1.0 + ((r - shape.radius) / spread).exp())
    }

    fn relief(&self, shape: Shape, x: f32, y: f32) -> f32 {
        // A dome of a quarter of its radius, lit from above left.
        let bell = (-(x * x + y * y) / (shape.radius * shape.radius)).exp();
        1.0 - 0.12 * bell * (0.6 * x + 0.8 * y) / shape.radius
    }

    fn patch(&self, seed: u64, _: f32, x: f32, y: f32) -> f32 {
        let mut random = Random::new(seed);
        let mut sum = 0.9 * (-(x * x + y * y) * 2.0).exp();
        for _ in 0..4 {
            let (u, v) = (x - random.range(-0.5, 0.5), y - random.range(-0.5, 0.5));
            sum += 0.25 * (-(u * u + v * v) * 7.0).exp();
        }
        if x.hypot(y) > 1.6 {
            return 0.0;
        }
        sum.min(1.0)
    }

    fn groove(&self, seed: u64, across: f32, along: f32) -> f32 {
        let side = if seed.is_multiple_of(2) { 1.0 } else { -1.0 };
        let bell = (-across * across).exp();
        // Deepest in the middle, running out at both ends.
        let ends = (along * (1.0 - along) * 4.0).clamp(0.0, 1.0).sqrt();
        ends * bell * (0.85 + 0.45 * side * across)
    }

    fn pore(&self, seed: u64, x: f32, y: f32) -> f32 {
        (-(x * x + y * y)).exp() * (0.8 + 0.2 * noise(seed, 0.0, 0.0))
    }
}
