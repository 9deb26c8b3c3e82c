//! What is no condition and may look like one: pores, wet shine, flush, shadows.

use std::f32::consts::TAU;

use super::scene::Scene;
use crate::paint::appearance::{amount_for, Substance};
use crate::paint::random::{noise, Random};

impl Scene {
    /// Pores, of shade, or bright dots of a wet skin, about as deep or as bright as each other.
    pub fn dots(&mut self, what: Substance, count: usize, random: &mut Random) {
        let target = random.range(1.5f32.ln(), 10.0f32.ln()).exp();
        for _ in 0..count {
            self.dot(what, target * (0.3 * random.normal()).exp(), random);
        }
    }

    fn dot(&mut self, what: Substance, target: f32, random: &mut Random) {
        let radius = if what == Substance::Shade { random.range(0.12, 0.34) } else { random.range(0.15, 0.9) };
        let (x, y) = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        let (at, scale) = (self.at(x, y), self.px_per_mm);
        let (amount, _) = amount_for(self.look.as_ref(), what, self.canvas.mean(at, scale), target);
        let (look, seed) = (self.look.as_ref(), random.bits());
        self.canvas.around(at, 3.0 * radius * scale, |_, dx, dy, light| {
            let share = look.pore(seed, dx / scale / radius, dy / scale / radius);
            *light = look.tint(what, *light, amount * share);
        });
    }

    /// A broad patch of flush, pigment, shine or shadow: no spot.
    pub fn patch(&mut self, random: &mut Random) {
        let what = [Substance::Blood, Substance::Melanin, Substance::Shine, Substance::Vein][random.below(4)];
        let (a, b) = (random.range(5.0, 20.0), random.range(5.0, 20.0));
        let (at, scale) = (self.at(random.range(0.0, self.mm()), random.range(0.0, self.mm())), self.px_per_mm);
        let target = random.range(1.0, 9.0);
        let (amount, _) = amount_for(self.look.as_ref(), what, self.canvas.mean(at, 3.0 * scale), target);
        let (look, seed) = (self.look.as_ref(), random.bits());
        self.canvas.around(at, 1.8 * a.max(b) * scale, |_, dx, dy, light| {
            let share = look.patch(seed, a.max(b), dx / scale / a, dy / scale / b);
            *light = look.tint(what, *light, amount * share);
        });
    }

    /// A shadow's edge, hard or soft, or light that falls off: neither is a condition.
    pub fn shadow(&mut self, random: &mut Random) {
        let (angle, soft) = (random.range(0.0, TAU), random.range(0.3f32.ln(), 15.0f32.ln()).exp());
        let (dark, off) = (random.range(0.1, 0.6), random.range(-0.3, 0.3) * self.mm());
        let (seed, middle) = (random.bits(), self.mm() / 2.0);
        self.every(|x, y, light| {
            let (u, v) = (x - middle, y - middle);
            let d = u * angle.cos() + v * angle.sin() + off + 2.0 * noise(seed, u / 9.0, v / 9.0);
            let share = 1.0 - dark / (1.0 + (-d / soft).exp());
            *light = light.map(|l| l * share);
        });
    }
}
