//! What covers skin: hair, stubble, glasses, the edge of make-up.

use std::f32::consts::TAU;

use super::scene::{class, Scene};
use crate::geometry::Point;
use crate::paint::canvas::Light;
use crate::paint::random::{noise, Random};

/// How much of each pixel of a canvas hairs take, 0–1, row-major.
struct Hairs {
    width: usize,
    height: usize,
    share: Vec<f32>,
}

impl Hairs {
    fn new(scene: &Scene) -> Hairs {
        let (width, height) = (scene.canvas.width, scene.canvas.height);
        Hairs { width, height, share: vec![0.0; width * height] }
    }

    /// Draws one along a curve; `take` is how much of a pixel it takes.
    fn draw(&mut self, length: f32, point: impl Fn(f32) -> Point, take: f32) {
        let steps = (length * 2.0).ceil().max(2.0);
        for k in 0..=steps as usize {
            let p = point(k as f32 / steps);
            let (x, y) = (p.x - 0.5, p.y - 0.5);
            if x < 0.0 || y < 0.0 || x >= self.width as f32 - 1.0 || y >= self.height as f32 - 1.0 {
                continue;
            }
            let (left, top) = (x as usize, y as usize);
            let (u, v) = (x - left as f32, y - top as f32);
            let at = top * self.width + left;
            for (i, share) in [
                (at, (1.0 - u) * (1.0 - v)),
                (at + 1, u * (1.0 - v)),
                (at + self.width, (1.0 - u) * v),
                (at + self.width + 1, u * v),
            ] {
                self.share[i] = (self.share[i] + 0.5 * take * share).min(take);
            }
        }
    }

    /// Lays the hairs over a scene; within `reach` mm of one a pixel is covered.
    fn lay(self, scene: &mut Scene, colour: Light, reach: f32) {
        for (light, share) in scene.canvas.light.iter_mut().zip(&self.share) {
            *light = std::array::from_fn(|c| light[c] + share * (colour[c] - light[c]));
        }
        let radius = (reach * scene.px_per_mm).round() as usize;
        let dark: Vec<f32> = self.share.iter().map(|s| f32::from(u8::from(*s > 0.12))).collect();
        let near = shine_skin_kernels::box_sum(&dark, self.width, radius);
        for i in (0..near.len()).filter(|&i| near[i] > 0.5) {
            scene.cover(i);
        }
    }
}

impl Scene {
    fn cover(&mut self, on_canvas: usize) {
        if let Some(p) = self.pixel(on_canvas) {
            self.truth[p] = class::COVER;
            // What lies below is not known any more.
            self.unknown[p] = class::ALL & !class::COVER;
        }
    }

    /// Some strands that run alike.
    pub fn strands(&mut self, random: &mut Random) {
        let scale = self.px_per_mm;
        let (angle, bend) = (random.range(0.0, TAU), random.range(-0.5, 0.5));
        let start = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        let count = random.range(1.0f32.ln(), 60.0f32.ln()).exp() as usize;
        let spread = random.range(0.5, 10.0);
        let colour = hair(random);
        let mut hairs = Hairs::new(self);
        for _ in 0..count.max(1) {
            let length = random.range(12.0, 60.0);
            let (own, off) = (angle + 0.08 * random.normal(), spread * random.normal());
            let curve = bend + 0.1 * random.normal();
            let take = (random.range(0.05, 0.13) * scale).min(1.0) * random.range(0.6, 1.0);
            let from = (start.0 - off * angle.sin(), start.1 + off * angle.cos());
            let at = |t: f32| {
                let (u, v) = ((t - 0.5) * length, curve * length * (t - 0.5) * (t - 0.5));
                (from.0 + u * own.cos() - v * own.sin(), from.1 + u * own.sin() + v * own.cos())
            };
            hairs.draw(length * scale, |t| self.at(at(t).0, at(t).1), take);
        }
        hairs.lay(self, colour, 0.35);
    }

    /// A beard of a few days.
    pub fn stubble(&mut self, random: &mut Random) {
        let scale = self.px_per_mm;
        let middle = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        let reach = random.range(6.0, 25.0);
        let per_mm2 = random.range(0.15, 0.7);
        let (angle, long) = (random.range(0.8, 2.4), random.range(0.2, 2.5));
        let colour = hair(random);
        let thick = random.range(0.07, 0.14);
        let mut hairs = Hairs::new(self);
        let count = (per_mm2 * 4.0 * reach * reach) as usize;
        let seed = random.bits();
        for _ in 0..count {
            let (x, y) = (random.range(-reach, reach), random.range(-reach, reach));
            if x.hypot(y) > reach * (0.9 + 0.25 * noise(seed, x / 6.0, y / 6.0)) {
                continue;
            }
            let own = angle + 0.35 * random.normal();
            let length = long * random.range(0.5, 1.2);
            let take = (thick * scale).min(1.0) * random.range(0.5, 1.0);
            let at = (middle.0 + x, middle.1 + y);
            let point = |t: f32| self.at(at.0 + t * length * own.cos(), at.1 + t * length * own.sin());
            hairs.draw(length * scale, point, take);
        }
        // Between stubbles there is beard too.
        hairs.lay(self, colour, 0.8);
    }

    /// The rim of glasses with its shadow.
    pub fn frame(&mut self, random: &mut Random) {
        let (radius, thick) = (random.range(14.0, 60.0), random.range(0.8f32.ln(), 7.0f32.ln()).exp());
        let turn = random.range(0.0, TAU);
        let on = (random.range(0.1, 0.9) * self.mm(), random.range(0.1, 0.9) * self.mm());
        let middle = (on.0 + radius * turn.cos(), on.1 + radius * turn.sin());
        let colour: Light = if random.unit() < 0.6 {
            let dark = random.range(0.003, 0.05);
            [dark * random.range(0.8, 1.6), dark, dark * random.range(0.6, 1.2)]
        } else {
            [random.range(0.02, 0.8), random.range(0.02, 0.7), random.range(0.02, 0.6)]
        };
        let (gloss, edge) = (random.range(0.0, 0.5), random.range(0.1, 0.4));
        let (shade, below) = (random.range(0.0, 0.5), (random.range(-2.0, 2.0), random.range(0.5, 4.0)));
        let distance = |x: f32, y: f32| ((x - middle.0).hypot(y - middle.1) - radius).abs() - thick / 2.0;
        let shadow = |x: f32, y: f32| {
            let d = distance(x - below.0, y - below.1);
            1.0 - shade / (1.0 + (d / 0.6).exp())
        };
        self.every(|x, y, light| {
            let d = distance(x, y);
            let share = (0.5 - d / edge).clamp(0.0, 1.0);
            let shine = gloss * (-((d + 0.35 * thick) / (0.12 * thick)).powi(2)).exp();
            let dark = shadow(x, y);
            *light = std::array::from_fn(|c| {
                let own = light[c] * dark;
                own + share * (colour[c] + shine - own)
            });
        });
        let scale = self.px_per_mm;
        let (width, margin) = (self.canvas.width, self.margin());
        for i in 0..self.canvas.light.len() {
            let mm = |k: usize| (k as f32 + 0.5 - margin) / scale;
            if distance(mm(i % width), mm(i / width)) < 0.2 {
                self.cover(i);
            }
        }
    }

    /// An edge of lipstick, shadow or blush: what lies beyond it is of another colour.
    pub fn make_up(&mut self, random: &mut Random) {
        let (angle, soft) = (random.range(0.0, TAU), random.range(0.1, 1.2));
        let (off, curve) = (random.range(-0.4, 0.4) * self.mm(), random.range(-0.015, 0.015));
        let (middle, seed, strength) = (self.mm() / 2.0, random.bits(), random.range(0.1, 0.7));
        let layer: Light = [random.range(0.4, 1.0), random.range(0.1, 0.9), random.range(0.1, 0.9)];
        let distance = |x: f32, y: f32| {
            let (u, v) = (x - middle, y - middle);
            let along = v * angle.cos() - u * angle.sin();
            u * angle.cos() + v * angle.sin() + off + curve * along * along + 0.5 * noise(seed, u / 4.0, v / 4.0)
        };
        self.every(|x, y, light| {
            let share = strength / (1.0 + (-distance(x, y) / soft).exp());
            *light = std::array::from_fn(|c| light[c] * (1.0 - share * (1.0 - layer[c])));
        });
        let scale = self.px_per_mm;
        let (width, margin) = (self.canvas.width, self.margin());
        for i in 0..self.canvas.light.len() {
            let mm = |k: usize| (k as f32 + 0.5 - margin) / scale;
            let d = distance(mm(i % width), mm(i / width)).abs();
            let Some(p) = self.pixel(i).filter(|_| d < 1.0 + 2.0 * soft) else { continue };
            if d < 0.6 {
                self.truth[p] |= class::COVER;
                self.unknown[p] &= !class::COVER;
            } else {
                self.unknown[p] |= class::COVER;
            }
        }
    }
}

/// The light of hair by chance: black to blond, red, grey.
fn hair(random: &mut Random) -> Light {
    let bright = random.range(0.006f32.ln(), 0.45f32.ln()).exp();
    let warm = random.range(0.0, 0.5);
    [bright * (1.0 + 0.5 * warm), bright, bright * (1.0 - warm)]
}
