//! Puts conditions onto the skin of a face, and knows what it put where.

use super::appearance::{amount_for, Appearance, Shape, Substance};
use super::canvas::{self, Canvas, Light};
use super::head::monk_light;
use super::random::Random;
use super::stroke;
use super::truth::{Mark, Truth};
use crate::geometry::Point;
use crate::mesh::{topology, Mesh};
use crate::region::{SkinMap, Zone};
use crate::report::ConcernId;

/// What stays the same when a condition is painted on other skin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dose {
    /// The difference that can be seen: ΔE.
    Appearance,
    /// The same of lesions and spots that hardly show: 2 to 4 ΔE.
    Faint,
    /// The amount of substance: as much as makes that difference on Monk tone 4.
    Substance,
}

/// An amount of a substance.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    amount: f32,
    /// The ΔE that it makes on this skin.
    looks: f32,
    /// The ΔE that its truth counts: on this skin, or on Monk tone 4.
    dosed: f32,
}

/// A face and what to paint it with.
pub struct Painter<'a> {
    /// How conditions look.
    pub family: &'a dyn Appearance,
    /// What a strength means.
    pub dose: Dose,
    /// The face's mesh, pixels of the canvas.
    pub mesh: &'a Mesh,
    /// Where its skin is: nothing is painted elsewhere.
    pub skin: &'a SkinMap,
    /// What is drawn by chance.
    pub random: Random,
}

impl Painter<'_> {
    /// Paints one condition, from none of it at an amount of 0 to very much at 1.
    pub fn paint(&mut self, canvas: &mut Canvas, concern: ConcernId, amount: f32) -> Truth {
        let mut truth = Truth { concern, amount: 0.0, marks: Vec::new(), cover: vec![0.0; canvas.light.len()] };
        if amount <= 0.0 {
            return truth;
        }
        let before = canvas.light.clone();
        truth = match concern {
            ConcernId::Acne => self.lesions(canvas, truth, amount, Painter::acne),
            ConcernId::DarkSpots => self.lesions(canvas, truth, amount, Painter::dark_spot),
            ConcernId::Redness => self.patches(canvas, truth, amount, Substance::Blood),
            ConcernId::Pigmentation => self.patches(canvas, truth, amount, Substance::Melanin),
            ConcernId::Oiliness => self.patches(canvas, truth, amount, Substance::Shine),
            ConcernId::DarkCircles => self.dark_circles(canvas, truth, amount),
            ConcernId::Wrinkles => self.wrinkles(canvas, truth, amount),
            ConcernId::Pores => self.pores(canvas, truth, amount),
            // Texture is the grain of the head itself.
            ConcernId::Texture => truth,
        };
        for (cover, (old, new)) in truth.cover.iter_mut().zip(before.into_iter().zip(&canvas.light)) {
            if old != *new {
                *cover = canvas::delta_e(old, *new);
            }
        }
        truth
    }

    /// Pixels of the photo a millimetre.
    pub(super) fn scale(&self) -> f32 {
        self.skin.grid.px_per_mm * self.skin.grid.map.scale()
    }

    pub(super) fn zone(&self, p: Point) -> Option<Zone> {
        let at = self.skin.grid.map.unmap(p);
        let inside = at.x >= 0.0 && at.y >= 0.0 && at.x < self.skin.grid.width as f32;
        let index = inside.then(|| at.y as usize * self.skin.grid.width + at.x as usize)?;
        *self.skin.zones.get(index)?
    }

    /// How much of a substance makes a difference of `delta_e` on this skin, or on Monk tone 4.
    fn amount(&self, substance: Substance, skin: Light, delta_e: f32) -> Amount {
        match self.dose {
            Dose::Appearance | Dose::Faint => {
                let (amount, looks) = amount_for(self.family, substance, skin, delta_e);
                Amount { amount, looks, dosed: looks }
            }
            Dose::Substance => {
                let (amount, dosed) = amount_for(self.family, substance, monk_light(4), delta_e);
                let looks = canvas::delta_e(skin, self.family.tint(substance, skin, amount));
                Amount { amount, looks, dosed }
            }
        }
    }

    /// The middle of a pixel of the skin map, on the photo.
    pub(super) fn anywhere(&mut self) -> Point {
        let grid = &self.skin.grid;
        let i = self.random.below(grid.width * grid.height);
        grid.map.map(Point::new((i % grid.width) as f32 + 0.5, (i / grid.width) as f32 + 0.5))
    }

    /// A place in the middle of skin for a mark, away from those that are there.
    fn place(&mut self, marks: &[Mark], radius: f32) -> Option<(Point, Zone)> {
        let scale = self.scale();
        for _ in 0..200 {
            let at = self.anywhere();
            let Some(zone) = self.zone(at) else { continue };
            let reach = (radius + 2.5) * scale;
            let around = (0..12).all(|k| {
                let angle = k as f32 * std::f32::consts::TAU / 12.0;
                self.zone(Point::new(at.x + reach * angle.cos(), at.y + reach * angle.sin())).is_some()
            });
            let apart = |m: &Mark| m.center.distance(at) > (m.radius_mm + radius + 2.0) * scale;
            if around && marks.iter().all(apart) {
                return Some((at, zone));
            }
        }
        None
    }

    fn lesions(
        &mut self,
        canvas: &mut Canvas,
        mut truth: Truth,
        amount: f32,
        paint: fn(&mut Self, &mut Canvas, Point, Zone) -> Mark,
    ) -> Truth {
        for _ in 0..(amount * 40.0).round() as usize {
            // The place is sought for the largest; the mark may be smaller.
            let Some((at, zone)) = self.place(&truth.marks, 2.5) else { break };
            truth.marks.push(paint(self, canvas, at, zone));
        }
        let area: f32 = truth.marks.iter().map(Mark::area_mm2).sum();
        truth.amount = 100.0 * area / self.skin_mm2().max(1.0);
        truth
    }

    /// How much a lesion differs from the skin around it, ΔE.
    fn delta_e(&mut self, low: f32, high: f32) -> f32 {
        let (low, high) = if self.dose == Dose::Faint { (2.0, 4.0) } else { (low, high) };
        self.random.range(low, high)
    }

    fn skin_mm2(&self) -> f32 {
        self.skin.zones.iter().flatten().count() as f32 * self.skin.area_mm2()
    }

    fn acne(&mut self, canvas: &mut Canvas, at: Point, zone: Zone) -> Mark {
        let kind = self.random.unit();
        let (radius, substance) = match kind {
            k if k < 0.6 => (self.random.range(0.8, 2.5), Substance::Blood),
            k if k < 0.85 => (self.random.range(1.0, 2.2), Substance::Blood),
            _ => (self.random.range(0.35, 0.7), Substance::Plug),
        };
        let delta_e = self.delta_e(4.0, 14.0);
        let shape = Shape { radius, seed: self.random.bits() };
        let found = self.spot(canvas, at, shape, substance, delta_e, kind < 0.85);
        if (0.6..0.85).contains(&kind) {
            let core = Shape { radius: 0.45 * radius, seed: shape.seed ^ 1 };
            self.spot(canvas, at, core, Substance::Pus, 0.8 * delta_e, false);
        }
        Mark { center: at, radius_mm: radius, delta_e: found.looks, dosed: found.dosed, zone }
    }

    fn dark_spot(&mut self, canvas: &mut Canvas, at: Point, zone: Zone) -> Mark {
        // Most are freckles; one in five is a mole.
        let mole = self.random.unit() < 0.2;
        let radius = if mole { self.random.range(1.0, 2.5) } else { self.random.range(0.6, 1.6) };
        let delta_e = if mole { self.delta_e(8.0, 22.0) } else { self.delta_e(4.0, 12.0) };
        let shape = Shape { radius, seed: self.random.bits() };
        let found = self.spot(canvas, at, shape, Substance::Melanin, delta_e, false);
        Mark { center: at, radius_mm: radius, delta_e: found.looks, dosed: found.dosed, zone }
    }

    /// Paints one mark and returns how much its middle has.
    pub(super) fn spot(
        &self,
        canvas: &mut Canvas,
        at: Point,
        shape: Shape,
        what: Substance,
        delta_e: f32,
        raised: bool,
    ) -> Amount {
        let scale = self.scale();
        let found = self.amount(what, canvas.mean(at, shape.radius * scale), delta_e);
        mark(canvas, self.family, scale, at, shape, (what, found.amount), raised);
        found
    }

    /// Paints an oval patch onto skin; returns the ΔE of its middle, and the sum of it over pixels.
    pub(super) fn patch(
        &mut self,
        canvas: &mut Canvas,
        at: Point,
        (a, b): (f32, f32),
        what: Substance,
        delta_e: f32,
    ) -> (f32, f32) {
        let scale = self.scale();
        let Amount { amount, dosed, .. } = self.amount(what, canvas.mean(at, 4.0 * scale), delta_e);
        let (family, seed, roll) = (self.family, self.random.bits(), self.mesh.roll());
        let mut sum = 0.0;
        canvas.around(at, 1.7 * a.max(b) * scale, |_, dx, dy, light| {
            if self.zone(Point::new(at.x + dx, at.y + dy)).is_none() {
                return;
            }
            let (x, y) = (dx * roll.cos() + dy * roll.sin(), dy * roll.cos() - dx * roll.sin());
            let share = family.patch(seed, a.max(b), x / scale / a, y / scale / b);
            *light = family.tint(what, *light, amount * share);
            sum += share * dosed;
        });
        (dosed, sum)
    }

    fn middle(&self, chain: &[usize]) -> Point {
        let (mut x, mut y) = (0.0, 0.0);
        for p in self.mesh.chain(chain) {
            x += p.x / chain.len() as f32;
            y += p.y / chain.len() as f32;
        }
        Point::new(x, y)
    }

    fn skin_pixels(&self) -> f32 {
        self.skin.zones.iter().flatten().count() as f32 * self.skin.photo_area()
    }

    /// Red, brown or shining patches where they are common. The amount is the mean ΔE over all skin.
    fn patches(&mut self, canvas: &mut Canvas, mut truth: Truth, amount: f32, what: Substance) -> Truth {
        let right = self.middle(&topology::RIGHT_CHEEK_SEED);
        let left = self.middle(&topology::mirrored(&topology::RIGHT_CHEEK_SEED));
        let (forehead, nose, chin) = (self.mesh.point(151), self.mesh.point(5), self.mesh.point(199));
        let places: &[(Point, f32)] = match what {
            Substance::Blood => &[(right, 1.0), (left, 1.0), (nose, 0.7), (chin, 0.7)],
            Substance::Shine => &[(forehead, 1.0), (nose, 0.5), (right, 0.7), (left, 0.7), (chin, 0.5)],
            _ => &[(right, 0.8), (left, 0.8), (forehead, 0.8)],
        };
        let mut sum = 0.0;
        for &(at, size) in places {
            let wide = size * self.random.range(8.0, 10.0 + 10.0 * amount);
            let axes = (wide, wide * self.random.range(0.7, 1.0));
            let strength = self.random.range(0.8, 1.2) * (3.0 + 11.0 * amount);
            sum += self.patch(canvas, at, axes, what, strength).1;
        }
        truth.amount = sum / self.skin_pixels().max(1.0);
        truth
    }

    /// A crescent below each eye. The amount is the ΔE of its middle.
    fn dark_circles(&mut self, canvas: &mut Canvas, mut truth: Truth, amount: f32) -> Truth {
        let strength = 2.0 + 14.0 * amount;
        for chain in [topology::UNDER_RIGHT_EYE.to_vec(), topology::mirrored(&topology::UNDER_RIGHT_EYE)] {
            let at = self.middle(&chain);
            let own = strength * self.random.range(0.92, 1.08);
            truth.amount += self.patch(canvas, at, (15.0, 7.5), Substance::Vein, own).0 / 2.0;
        }
        truth
    }

    /// Lines where faces fold. The amount is the sum of length times depth, mm·ΔE for each cm² of skin.
    fn wrinkles(&mut self, canvas: &mut Canvas, mut truth: Truth, amount: f32) -> Truth {
        let scale = self.scale();
        for _ in 0..(amount * 16.0).round() as usize {
            let line = stroke::line(self.mesh, scale, &mut self.random);
            let middle = line[line.len() / 2];
            let (depth, half) = (self.random.range(4.0, 13.0), self.random.range(0.35, 0.8));
            let skin = canvas.mean(middle, 3.0 * scale);
            let shade = self.amount(Substance::Shade, skin, depth);
            let (family, seed) = (self.family, self.random.bits());
            let mut inside = 0.0;
            let width = canvas.width;
            for (i, across, along) in stroke::pixels(&line, 3.0 * half * scale, (width, canvas.height)) {
                let p = Point::new((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
                if self.zone(p).is_some() {
                    let across = across / (half * scale);
                    inside += f32::from(u8::from(across.abs() < 1.0));
                    let share = family.groove(seed, across, along);
                    canvas.light[i] = family.tint(Substance::Shade, canvas.light[i], shade.amount * share);
                }
            }
            let length = inside / (2.0 * half * scale) / scale;
            truth.amount += length * shade.dosed / (self.skin_mm2() / 100.0).max(1.0);
            truth.marks.extend(self.zone(middle).map(|zone| Mark {
                center: middle,
                radius_mm: length / 2.0,
                delta_e: shade.looks,
                dosed: shade.dosed,
                zone,
            }));
        }
        truth
    }

    /// Pores on nose and cheeks. The amount is their number times their ΔE for each cm² of these.
    fn pores(&mut self, canvas: &mut Canvas, mut truth: Truth, amount: f32) -> Truth {
        let scale = self.scale();
        let porous = |z: &&Option<Zone>| matches!(z, Some(Zone::Nose | Zone::LeftCheek | Zone::RightCheek));
        let pixels: Vec<usize> =
            self.skin.zones.iter().enumerate().filter(|(_, z)| porous(z)).map(|(i, _)| i).collect();
        let cm2 = pixels.len() as f32 * self.skin.area_mm2() / 100.0;
        let depth = self.random.range(6.0, 12.0);
        let count = (amount * 60.0 * cm2) as usize;
        let mut sum = 0.0;
        for _ in 0..count {
            let grid = &self.skin.grid;
            let i = pixels[self.random.below(pixels.len())];
            let (x, y) = ((i % grid.width) as f32 + self.random.unit(), (i / grid.width) as f32 + self.random.unit());
            let at = grid.map.map(Point::new(x, y));
            let radius = self.random.range(0.15, 0.32);
            let shade = self.amount(Substance::Shade, canvas.mean(at, scale), depth);
            sum += shade.dosed;
            let (family, seed) = (self.family, self.random.bits());
            canvas.around(at, 3.0 * radius * scale, |_, dx, dy, light| {
                let share = family.pore(seed, dx / scale / radius, dy / scale / radius);
                *light = family.tint(Substance::Shade, *light, shade.amount * share);
            });
        }
        truth.amount = sum / cm2.max(0.1);
        truth
    }
}

/// Paints one mark, `scale` in pixels a millimetre, of an amount of a substance in its middle.
pub fn mark(
    canvas: &mut Canvas,
    family: &dyn Appearance,
    scale: f32,
    at: Point,
    shape: Shape,
    (what, amount): (Substance, f32),
    raised: bool,
) {
    canvas.around(at, (2.0 * shape.radius + 1.0) * scale, |_, dx, dy, light| {
        let (x, y) = (dx / scale, dy / scale);
        let relief = if raised { family.relief(shape, x, y) } else { 1.0 };
        *light = family.tint(what, *light, amount * family.spot(shape, x, y)).map(|v| v * relief);
    });
}
