//! What covers skin: hair, stubble, glasses, the edge of make-up.

use std::f32::consts::TAU;

use shine_skin_kernels::{bell, box_sum};

use super::background::COVERED;
use super::scene::{class, Scene};
use crate::geometry::Point;
use crate::paint::canvas::Light;
use crate::paint::random::{noise, Random};
use crate::surface::PX_PER_MM;

/// Hairs over a canvas, row-major: how much of each pixel they take, 0–1, and how bright those are, as a multiple of their colour.
struct Hairs {
    width: usize,
    height: usize,
    share: Vec<f32>,
    bright: Vec<f32>,
}

impl Hairs {
    fn new(scene: &Scene) -> Hairs {
        let (width, height) = (scene.canvas.width, scene.canvas.height);
        Hairs { width, height, share: vec![0.0; width * height], bright: vec![1.0; width * height] }
    }

    /// Draws one along a curve of `length` pixels. At each place along it, 0–1: where it runs, how much of a pixel it takes and how
    /// bright it is.
    fn draw(&mut self, length: f32, hair: impl Fn(f32) -> (Point, f32, f32)) {
        let steps = (length * 2.0).ceil().max(2.0);
        for k in 0..=steps as usize {
            let (p, take, bright) = hair(k as f32 / steps);
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
                let own = 0.5 * take * share;
                // Those drawn last lie above.
                self.bright[i] += own * (bright - self.bright[i]) / (self.share[i] + own).max(1e-6);
                self.share[i] = (self.share[i] + own).min(take.max(self.share[i]));
            }
        }
    }

    /// Lays the hairs over a scene with the shadow that they throw, `shade` of the light at most; within `reach` mm of one a pixel is
    /// covered.
    fn lay(self, scene: &mut Scene, colour: Light, shade: f32, reach: f32) {
        let soft = bell(&self.share, self.width, 0.5 * scene.px_per_mm);
        // Light comes from above.
        let below = (0.4 * scene.px_per_mm) as usize * self.width;
        for (i, light) in scene.canvas.light.iter_mut().enumerate() {
            let dark = 1.0 - shade * soft[i.checked_sub(below).unwrap_or(i % self.width)].min(1.0);
            let (share, bright) = (self.share[i], self.bright[i]);
            *light = std::array::from_fn(|c| {
                let skin = light[c] * dark;
                skin + share * (colour[c] * bright - skin)
            });
        }
        let radius = (reach * scene.px_per_mm).round() as usize;
        let dark: Vec<f32> = self.share.iter().map(|s| f32::from(u8::from(*s > 0.06))).collect();
        let near = box_sum(&dark, self.width, radius);
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

    /// The light of hair: of the person's own, as often as a place of the patch shows any, or what else covers skin there; else by chance.
    fn hair(&self, random: &mut Random) -> Light {
        let pixel = random.below(self.side * self.side);
        if self.state[pixel] & COVERED == 0 {
            return hair(random);
        }
        let mm = |k: usize| (k as f32 + 0.5) / PX_PER_MM;
        self.canvas.mean(self.at(mm(pixel % self.side), mm(pixel / self.side)), 1.0)
    }

    /// Strands that run alike, fanned out or in locks, thinner towards their ends.
    pub fn strands(&mut self, random: &mut Random) {
        let scale = self.px_per_mm;
        let (angle, bend) = (random.range(0.0, TAU), random.range(-0.02, 0.02));
        let start = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        let count = random.range(1.0f32.ln(), 120.0f32.ln()).exp() as usize;
        let spread = random.range(0.5, 10.0);
        let (fan, shade) = (random.range(0.02, 0.2), random.range(0.0, 0.5));
        let colour = self.hair(random);
        // Where along them they shine, and how much.
        let (gleam, shine) = (random.range(0.0, 1.0), random.range(0.0, 0.8));
        let locks = 1 + random.below(5);
        let middles: Vec<f32> = (0..locks).map(|_| spread * random.normal()).collect();
        let mut hairs = Hairs::new(self);
        for k in 0..count.max(1) {
            let length = random.range(15.0, 70.0);
            let (own, off) = (angle + fan * random.normal(), middles[k % locks] + 0.25 * spread * random.normal());
            let curve = bend + 0.004 * random.normal();
            let (wave, phase) = (random.range(0.0, 0.5), random.range(0.0, TAU));
            let take = (random.range(0.05, 0.11) * scale).min(1.0) * random.range(0.6, 1.0);
            let bright = (0.3 * random.normal()).exp();
            let along = random.range(-0.3, 0.3) * length;
            let from = (start.0 - off * angle.sin(), start.1 + off * angle.cos());
            hairs.draw(length * scale, |t| {
                let u = (t - 0.5) * length + along;
                let v = curve * u * u + wave * (0.25 * u + phase).sin();
                let p = (from.0 + u * own.cos() - v * own.sin(), from.1 + u * own.sin() + v * own.cos());
                let thin = (8.0 * t * (1.0 - t)).min(1.0);
                let lit = 1.0 + shine * (-((t - gleam) / 0.15).powi(2)).exp();
                (self.at(p.0, p.1), take * thin, bright * lit)
            });
        }
        hairs.lay(self, colour, shade, 0.35);
    }

    /// A beard of a few days, or of some more, that thins out towards its border.
    pub fn stubble(&mut self, random: &mut Random) {
        let scale = self.px_per_mm;
        let middle = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        let reach = random.range(8.0, 30.0);
        let per_mm2 = random.range(0.2, 0.8);
        let (angle, long) = (random.range(0.6, 2.6), random.range(0.15f32.ln(), 3.0f32.ln()).exp());
        let colour = self.hair(random).map(|l| 0.6 * l);
        let thick = random.range(0.06, 0.12);
        let mut hairs = Hairs::new(self);
        let count = (per_mm2 * 4.0 * reach * reach) as usize;
        let seed = random.bits();
        for _ in 0..count {
            let (x, y) = (random.range(-reach, reach), random.range(-reach, reach));
            let inside = 1.0 - x.hypot(y) / reach + 0.4 * noise(seed, x / 5.0, y / 5.0);
            if inside < 0.6 * random.unit() {
                continue;
            }
            let own = angle + 0.6 * noise(seed ^ 1, x / 7.0, y / 7.0) + 0.25 * random.normal();
            let length = long * random.range(0.4, 1.3);
            let take = (thick * scale).min(1.0) * random.range(0.3, 1.0);
            let bright = (0.3 * random.normal()).exp();
            let at = (middle.0 + x, middle.1 + y);
            hairs.draw(length * scale, |t| {
                (self.at(at.0 + t * length * own.cos(), at.1 + t * length * own.sin()), take * (1.0 - 0.5 * t), bright)
            });
        }
        // Between stubbles there is beard too.
        hairs.lay(self, colour, random.range(0.0, 0.6), 0.8);
    }

    /// The rim of glasses with its shadow.
    pub fn frame(&mut self, random: &mut Random) {
        // A lens, or what is as straight as an arm.
        let across = if random.unit() < 0.75 { random.range(16.0, 30.0) } else { random.range(40.0, 120.0) };
        let thick = random.range(0.8f32.ln(), 5.0f32.ln()).exp();
        let (high, square) = (across * random.range(0.6, 1.0), random.range(2.0, 3.5));
        let turn = random.range(0.0, TAU);
        let on = (random.range(0.1, 0.9) * self.mm(), random.range(0.1, 0.9) * self.mm());
        // So that the rim goes through that place.
        let out = (turn.cos().abs().powf(square) + turn.sin().abs().powf(square)).powf(-1.0 / square);
        let middle = (on.0 + out * across * turn.cos(), on.1 + out * high * turn.sin());
        let dark = random.range(0.004f32.ln(), 0.06f32.ln()).exp();
        let colour: Light = match random.unit() {
            // Black and brown, metal, and now and then any colour.
            k if k < 0.65 => [dark * random.range(0.9, 2.2), dark, dark * random.range(0.5, 1.1)],
            k if k < 0.92 => {
                let bright = random.range(0.08, 0.4);
                [bright, bright * random.range(0.7, 1.0), bright * random.range(0.4, 1.0)]
            }
            _ => [0.0; 3].map(|_: f32| random.range(0.01f32.ln(), 0.3f32.ln()).exp()),
        };
        let (gloss, edge, speckled, seed) =
            (random.range(0.0, 0.4) * random.unit(), random.range(0.1, 0.3), random.range(0.0, 0.8), random.bits());
        let (shade, below) = (random.range(0.0, 0.5), (random.range(-1.5, 1.5), random.range(0.5, 4.0)));
        // Of a rounded square around the middle; how far a point lies from its line, as far as that is near.
        let distance = |x: f32, y: f32| {
            let (u, v) = ((x - middle.0) / across, (y - middle.1) / high);
            let r = (u.abs().powf(square) + v.abs().powf(square)).powf(1.0 / square);
            (r - 1.0) * (x - middle.0).hypot(y - middle.1) / r.max(1e-3)
        };
        let shadow = |x: f32, y: f32| {
            let d = distance(x - below.0, y - below.1).abs() - thick / 2.0;
            1.0 - shade / (1.0 + (d / 0.6).exp())
        };
        self.every(|x, y, light| {
            let across = distance(x, y);
            let share = (0.5 - (across.abs() - thick / 2.0) / edge).clamp(0.0, 1.0);
            // A tube that is lit from above, as far as the light there reaches it.
            let upwards = across * (middle.1 - y) / (x - middle.0).hypot(y - middle.1).max(1e-3);
            let lit = (0.5 + 0.5 * noise(seed, x / 9.0, y / 9.0))
                * (-((upwards - 0.3 * thick) / (0.15 * thick)).powi(2)).exp();
            let speck = (speckled * noise(seed ^ 1, x / 1.5, y / 1.5)).exp();
            let dark = shadow(x, y);
            *light = std::array::from_fn(|c| {
                let own = light[c] * dark;
                own + share * (colour[c] * speck + gloss * lit - own)
            });
        });
        let scale = self.px_per_mm;
        let (width, margin) = (self.canvas.width, self.margin());
        for i in 0..self.canvas.light.len() {
            let mm = |k: usize| (k as f32 + 0.5 - margin) / scale;
            if distance(mm(i % width), mm(i / width)).abs() - thick / 2.0 < 0.2 {
                self.cover(i);
            }
        }
    }

    /// An edge of lipstick, shadow or blush: what lies beyond it is of another colour.
    pub fn make_up(&mut self, random: &mut Random) {
        let (angle, soft) = (random.range(0.0, TAU), random.range(0.1, 1.2));
        let (off, curve) = (random.range(-0.4, 0.4) * self.mm(), random.range(-0.015, 0.015));
        let (middle, seed, strength) = (self.mm() / 2.0, random.bits(), random.range(0.1, 0.7));
        // Reds mostly; brown and grey; the blue and green of some lids.
        let layer: Light = match random.unit() {
            k if k < 0.5 => [random.range(0.7, 1.0), random.range(0.15, 0.7), random.range(0.2, 0.75)],
            k if k < 0.85 => {
                let grey = random.range(0.2, 0.9);
                [grey, grey * random.range(0.7, 1.0), grey * random.range(0.5, 1.1)]
            }
            _ => [random.range(0.3, 0.8), random.range(0.4, 0.9), random.range(0.5, 1.0)],
        };
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
    let bright = random.range(0.006f32.ln(), 0.3f32.ln()).exp();
    let warm = random.range(0.0, 0.5);
    [bright * (1.0 + 0.5 * warm), bright, bright * (1.0 - warm)]
}
