//! Family B: drawn layers, as a retoucher would paint them.
//!
//! Colour is a layer multiplied over the picture in the picture's own gamma-coded values; outlines are
//! irregular with an edge a tenth of a millimetre wide; insides are mottled; patches are cut
//! out of fractal noise; grooves are strokes of uneven pressure with a paler rim; pores are tilted ellipses with a bright
//! crescent.

use super::appearance::{Appearance, Shape, Substance};
use super::canvas::Light;
use super::random::{fractal, noise, Random};

/// Family B.
pub struct Layers;

/// The colour of a whole layer, gamma-coded 0–1.
fn layer(substance: Substance) -> Light {
    match substance {
        Substance::Blood => [0.88, 0.50, 0.54],
        Substance::Melanin => [0.58, 0.42, 0.30],
        Substance::Pus => [0.96, 0.90, 0.66],
        Substance::Plug => [0.34, 0.29, 0.26],
        Substance::Vein => [0.55, 0.48, 0.56],
        Substance::Shine => [1.0; 3],
        Substance::Shade => [0.30; 3],
    }
}

const GAMMA: f32 = 2.2;

impl Appearance for Layers {
    fn tint(&self, substance: Substance, skin: Light, amount: f32) -> Light {
        let layer = layer(substance);
        let coded = skin.map(|r| r.max(0.0).powf(1.0 / GAMMA));
        let brightest = coded.iter().copied().fold(0.0, f32::max);
        std::array::from_fn(|c| {
            let v = match substance {
                Substance::Shine => 1.0 - (1.0 - coded[c]) * (1.0 - amount),
                // Pale yellow of the skin's own brightness and a little more.
                Substance::Pus => coded[c] + amount * ((brightest * 1.1).min(1.0) * layer[c] - coded[c]),
                _ => coded[c] * (1.0 - amount * (1.0 - layer[c])),
            };
            v.max(0.0).powf(GAMMA)
        })
    }

    fn most(&self, substance: Substance) -> f32 {
        match substance {
            Substance::Shine => 0.7,
            _ => 1.0,
        }
    }

    fn spot(&self, shape: Shape, x: f32, y: f32) -> f32 {
        let mut random = Random::new(shape.seed);
        let angle = y.atan2(x);
        let mut edge = 1.0;
        for wave in 2..6 {
            edge += random.range(0.0, 0.24) / wave as f32 * (wave as f32 * angle + random.range(0.0, 6.3)).cos();
        }
        let off = (shape.radius * edge - x.hypot(y)) / 0.1;
        let cover = (0.5 + 0.5 * off).clamp(0.0, 1.0);
        cover * (0.88 + 0.12 * noise(shape.seed, x / 0.5, y / 0.5))
    }

    fn relief(&self, _: Shape, _: f32, _: f32) -> f32 {
        1.0
    }

    fn patch(&self, seed: u64, mm: f32, x: f32, y: f32) -> f32 {
        let from_edge = 1.0 - x.hypot(y);
        let grain = fractal(seed, x * mm / 7.0, y * mm / 7.0, 3);
        let cover = ((from_edge + 0.45 * grain) / 0.25).clamp(0.0, 1.0);
        cover * (0.85 + 0.15 * noise(seed ^ 1, x * mm / 2.0, y * mm / 2.0))
    }

    fn groove(&self, seed: u64, across: f32, along: f32) -> f32 {
        let pressure = 0.8 + 0.2 * noise(seed, along * 9.0, 0.0);
        let ends = ((along.min(1.0 - along)) / 0.08).clamp(0.0, 1.0);
        let u = across.abs();
        let stroke = if u < 1.0 { 1.0 - u.powf(1.5) } else { -0.15 * (1.0 - ((u - 1.5) / 0.5).abs()).max(0.0) };
        pressure * ends * stroke
    }

    fn pore(&self, seed: u64, x: f32, y: f32) -> f32 {
        let mut random = Random::new(seed);
        let (turn, long) = (random.range(0.0, std::f32::consts::PI), random.range(1.0, 1.5));
        let (u, v) = (x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin());
        let r = (u / long).hypot(v * long);
        let crescent = if x + y > 0.0 { -0.3 * (1.0 - ((r - 1.4) / 0.4).abs()).max(0.0) } else { 0.0 };
        ((1.15 - r) / 0.3).clamp(0.0, 1.0) + crescent
    }
}
