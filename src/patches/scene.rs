//! A patch of a person's skin with conditions painted on it, and with what only looks like one; of each pixel it is known what it
//! is, or that nobody knows.

use std::f32::consts::TAU;
use std::sync::LazyLock;

use shine_skin_kernels::bell;

use super::background::{Background, ALLOWED, COVERED, LINE, SKIN, SPOT};
use super::crowd::Crowd;
use super::mark::Mark;
use super::shot::Shot;
use super::told::Told;
use crate::geometry::{Point, Similarity};
use crate::paint::appearance::{amount_for, Appearance, Shape, Substance};
use crate::paint::canvas::Canvas;
use crate::paint::head::monk_light;
use crate::paint::painter::mark;
use crate::paint::random::{fractal, noise, Random};
use crate::paint::scattering::Scattering;
use crate::paint::stroke;
use crate::paint::varied::Varied;
use crate::surface::PX_PER_MM;

/// What a pixel is, one bit a channel of the network, in its order.
pub mod class {
    /// An inflamed lesion.
    pub const INFLAMED: u8 = 1;
    /// A comedone.
    pub const COMEDONE: u8 = 2;
    /// A freckle, mole or age spot.
    pub const PIGMENTED: u8 = 4;
    /// A wrinkle.
    pub const LINE: u8 = 8;
    /// What is not skin, or covers it.
    pub const COVER: u8 = 16;
    /// All round ones.
    pub const SPOTS: u8 = INFLAMED | COMEDONE | PIGMENTED;
    /// All five.
    pub const ALL: u8 = 31;
}

/// Skin around the patch that is painted too, so that nothing ends at its border, mm.
const MARGIN_MM: f32 = 4.0;

/// A patch that is being painted.
pub struct Scene {
    /// Its light, [`MARGIN_MM`] more on each side.
    pub canvas: Canvas,
    /// Pixels of the canvas a millimetre.
    pub px_per_mm: f32,
    /// Pixels of the patch to a side, [`PX_PER_MM`].
    pub side: usize,
    /// What each pixel of the patch is: bits of [`class`].
    pub truth: Vec<u8>,
    /// In which channels that is not known.
    pub unknown: Vec<u8>,
    /// How the marks of this patch look.
    pub look: Box<dyn Appearance>,
    /// What the background has at each pixel.
    pub state: Vec<u8>,
    /// Spread of all that blurs, mm.
    blur_mm: f32,
    /// Spread of the noise, ΔE, of a spot of a square millimetre.
    noise: f32,
    /// The marks painted so far, of which nothing is said yet.
    pub marks: Vec<Mark>,
}

/// How far from the skin's a colour may be to be taken for skin, in the logarithms of red and blue over green.
const ALIKE: f32 = 0.35;

/// Fields of noise, each drawn once: their blotches are 0.4, 1.1 and 9 mm across, and the last two 6 and 12.
struct Grain([Vec<f32>; 5]);

/// Cells of a field to a side, and how many are a millimetre.
const CELLS: usize = 768;
const CELLS_PER_MM: f32 = 6.0;

static GRAIN: LazyLock<Grain> = LazyLock::new(|| {
    let field = |seed: u64, mm: f32, octaves: u32| {
        let at = |i: usize| ((i % CELLS) as f32 / CELLS_PER_MM / mm, (i / CELLS) as f32 / CELLS_PER_MM / mm);
        let of = |(x, y): (f32, f32)| if octaves > 1 { fractal(seed, x, y, octaves) } else { noise(seed, x, y) };
        (0..CELLS * CELLS).map(|i| of(at(i))).collect()
    };
    Grain([field(11, 0.4, 1), field(12, 1.1, 1), field(13, 9.0, 3), field(14, 6.0, 3), field(15, 12.0, 3)])
});

impl Scene {
    /// A place of a face, of `side` pixels, in the tone of skin that chance gives it.
    pub fn new(ground: &Background, shot: &Shot, side: usize, skin: [f32; 3], random: &mut Random) -> Scene {
        let px_per_mm = (1.3 * shot.native).clamp(3.0, 5.0);
        let mm = side as f32 / PX_PER_MM;
        let across = ((mm + 2.0 * MARGIN_MM) * px_per_mm).ceil() as usize;
        let mut at = ground.places[random.below(ground.places.len())];
        // Mostly where there is skin: hair by itself teaches little.
        if ground.state[at] & SKIN == 0 && random.unit() < 0.7 {
            at = ground.places[random.below(ground.places.len())];
        }
        let jitter = 6.0;
        let at = Point::new(
            (at % ground.width) as f32 + random.range(-jitter, jitter),
            (at / ground.width) as f32 + random.range(-jitter, jitter),
        );
        // People's faces are of several sizes.
        let native = ground.native * random.range(0.88, 1.14);
        let roll = ground.roll + 0.15 * random.normal();
        let center = ground.map.map(at);
        let map = Similarity::rect(center, native / px_per_mm, roll, across as f32, across as f32);
        let mut light = ground.light(&map, (across, across));
        retone(&mut light, across, (ground.skin, skin), 0.5 * px_per_mm);
        let on_photo = |i: usize| {
            let mm = |k: usize| (k as f32 + 0.5) / PX_PER_MM + MARGIN_MM;
            map.map(Point::new(mm(i % side) * px_per_mm, mm(i / side) * px_per_mm))
        };
        let state: Vec<u8> = (0..side * side).map(|i| ground.state(on_photo(i))).collect();
        let look: Box<dyn Appearance> =
            if random.unit() < 0.4 { Box::new(Scattering) } else { Box::new(Varied::new(random)) };
        let blur_mm = shot.blur_mm.hypot(0.29 / shot.native);
        let mut scene = Scene {
            canvas: Canvas { width: across, height: across, light },
            px_per_mm,
            side,
            truth: vec![0; side * side],
            unknown: vec![0; side * side],
            look,
            state,
            blur_mm,
            // A step of 8 bits is 0.4 of lightness.
            noise: 0.4 * shot.noise / shot.native,
            marks: Vec::new(),
        };
        scene.know();
        scene
    }

    /// What is known of the person's own.
    fn know(&mut self) {
        for i in 0..self.state.len() {
            let state = self.state[i];
            if state & COVERED > 0 {
                self.truth[i] |= class::COVER;
            }
            let unknown = [
                (state & SPOT > 0, class::SPOTS),
                (state & LINE > 0 || state & ALLOWED == 0, class::LINE),
                (state & SKIN == 0 && state & COVERED == 0, class::COVER),
            ];
            self.unknown[i] = unknown.iter().filter(|(so, _)| *so).fold(0, |all, (_, class)| all | class);
        }
        // Where hair begins nobody can say to the millimetre.
        let side = self.side;
        let edge = |i: usize| {
            let near = [i.wrapping_sub(1), i + 1, i.wrapping_sub(side), i + side];
            near.iter().any(|&n| self.state.get(n).is_some_and(|s| (s & COVERED) != (self.state[i] & COVERED)))
        };
        let edges: Vec<usize> = (0..self.state.len()).filter(|&i| edge(i)).collect();
        edges.into_iter().for_each(|i| self.unknown[i] |= class::COVER);
    }

    /// A point of the patch, mm, on the canvas.
    pub fn at(&self, x: f32, y: f32) -> Point {
        Point::new((x + MARGIN_MM) * self.px_per_mm, (y + MARGIN_MM) * self.px_per_mm)
    }

    /// Pixels of the canvas around the patch.
    pub fn margin(&self) -> f32 {
        MARGIN_MM * self.px_per_mm
    }

    /// Millimetres to a side.
    pub fn mm(&self) -> f32 {
        self.side as f32 / PX_PER_MM
    }

    /// Calls `change` with each pixel of the canvas: its place on the patch, mm, and its light.
    pub fn every(&mut self, mut change: impl FnMut(f32, f32, &mut [f32; 3])) {
        let (width, scale) = (self.canvas.width, self.px_per_mm);
        for (i, light) in self.canvas.light.iter_mut().enumerate() {
            let mm = |k: usize| (k as f32 + 0.5) / scale - MARGIN_MM;
            change(mm(i % width), mm(i / width), light);
        }
    }

    /// The fine unevenness of skin, which a coarse photo does not have.
    pub fn grain(&mut self, random: &mut Random) {
        let strength = 0.02 * random.range(0.1f32.ln(), 1.8f32.ln()).exp();
        let blood = strength * random.range(0.0, 1.2);
        let melanin = strength * random.range(0.0, 1.0);
        let room = CELLS - ((self.mm() + 2.0 * MARGIN_MM) * CELLS_PER_MM) as usize - 2;
        let corners: [(usize, usize); 5] = std::array::from_fn(|_| (random.below(room), random.below(room)));
        let fields = &GRAIN.0;
        self.every(|x, y, light| {
            let cell = |mm: f32| ((mm + MARGIN_MM) * CELLS_PER_MM) as usize;
            let (x, y) = (cell(x), cell(y));
            let of = |k: usize| fields[k][(corners[k].1 + y) * CELLS + corners[k].0 + x];
            let fine = strength * (0.5 * of(0) + 0.6 * of(1) + 0.8 * of(2));
            let (red, brown) = (blood * of(3), melanin * of(4));
            *light = [
                light[0] * (1.0 + fine + 0.2 * brown),
                light[1] * (1.0 + fine + 0.6 * red + 0.4 * brown),
                light[2] * (1.0 + fine + 0.5 * red + 0.7 * brown),
            ];
        });
    }

    /// A place for a mark in the middle of skin, mm.
    fn place(&self, radius: f32, crowd: &Crowd, random: &mut Random) -> Option<(f32, f32)> {
        for _ in 0..30 {
            let (x, y) = crowd.point(self.mm(), random);
            let skin = |x: f32, y: f32| {
                let (u, v) = ((x * PX_PER_MM) as usize, (y * PX_PER_MM) as usize);
                // What lies beyond the patch is what its border is.
                let i = v.min(self.side - 1) * self.side + u.min(self.side - 1);
                self.state[i] & SKIN > 0 && self.truth[i] & class::COVER == 0
            };
            let around = (0..8).all(|k| {
                let angle = k as f32 * TAU / 8.0;
                let reach = radius + 0.7;
                skin((x + reach * angle.cos()).max(0.0), (y + reach * angle.sin()).max(0.0))
            });
            let apart = |m: &Mark| (m.place.0 - x).hypot(m.place.1 - y) > m.radius + radius + 0.5;
            if skin(x, y) && around && self.marks.iter().all(apart) {
                return Some((x, y));
            }
        }
        None
    }

    /// The pixels of a mark and `beyond` mm around it, and how far each lies from its middle, mm.
    pub fn around(&self, mark: &Mark, beyond: f32) -> impl Iterator<Item = (usize, f32)> {
        let (side, (x, y), outer) = (self.side, mark.place, mark.radius + beyond);
        let reach = move |c: f32| {
            let low = ((c - outer) * PX_PER_MM).floor().max(0.0) as usize;
            low..(((c + outer) * PX_PER_MM).ceil().max(0.0) as usize).min(side)
        };
        let middle = |k: usize| (k as f32 + 0.5) / PX_PER_MM;
        let far = move |(v, u): (usize, usize)| (v * side + u, (middle(u) - x).hypot(middle(v) - y));
        reach(y).flat_map(move |v| reach(x).map(move |u| (v, u))).map(far).filter(move |(_, d)| *d <= outer)
    }

    /// Whether a pixel is skin of which it is known that nothing is on it.
    pub fn is_bare(&self, pixel: usize) -> bool {
        self.state[pixel] & SKIN > 0 && self.truth[pixel] == 0 && self.unknown[pixel] & class::SPOTS == 0
    }

    /// Labels a disc as a class; its edge is of no class for certain.
    pub fn know_spot(&mut self, mark: &Mark, told: Told) {
        let disc = mark.disc();
        let pixels: Vec<(usize, f32)> = self.around(&disc, disc.edge()).collect();
        // What covers skin has been said already.
        for (i, d) in pixels.into_iter().filter(|_| told != Told::No) {
            match (self.truth[i] & class::COVER > 0, told) {
                (true, _) => {}
                (_, Told::Yes) if d <= disc.radius => {
                    self.truth[i] |= mark.class;
                    self.unknown[i] &= !class::SPOTS;
                }
                (_, Told::Yes) => self.unknown[i] |= mark.class,
                _ => self.unknown[i] |= class::SPOTS,
            }
        }
    }

    /// Paints one spot; `None` where there is no room.
    fn spot(
        &mut self,
        (class, what): (u8, Substance),
        radius: f32,
        delta_e: f32,
        raised: bool,
        crowd: &Crowd,
        random: &mut Random,
    ) -> Option<((f32, f32), Shape)> {
        let place = self.place(radius, crowd, random)?;
        let (at, scale) = (self.at(place.0, place.1), self.px_per_mm);
        let shape = Shape { radius, seed: random.bits() };
        let under = self.canvas.mean(at, radius * scale);
        let (amount, _) = amount_for(self.look.as_ref(), what, under, delta_e);
        mark(&mut self.canvas, self.look.as_ref(), scale, at, shape, (what, amount), raised);
        self.marks.push(Mark { place, radius, class });
        Some((place, shape))
    }

    /// Papules and pustules.
    pub fn inflamed(&mut self, crowd: &Crowd, random: &mut Random) {
        let radius = random.range(0.45f32.ln(), 3.0f32.ln()).exp();
        let delta_e = crowd.delta_e(random);
        let raised = random.unit() < 0.7;
        let found = self.spot((class::INFLAMED, Substance::Blood), radius, delta_e, raised, crowd, random);
        if let Some((place, shape)) = found.filter(|_| radius > 0.7 && random.unit() < 0.3) {
            let core = Shape { radius: random.range(0.25, 0.6) * radius, seed: shape.seed ^ 1 };
            let at = self.at(place.0, place.1);
            let under = self.canvas.mean(at, core.radius * self.px_per_mm);
            let target = random.range(0.4, 1.2) * delta_e;
            let (amount, _) = amount_for(self.look.as_ref(), Substance::Pus, under, target);
            mark(&mut self.canvas, self.look.as_ref(), self.px_per_mm, at, core, (Substance::Pus, amount), false);
        }
    }

    /// A comedone, open, or closed as a pale one is.
    pub fn comedone(&mut self, crowd: &Crowd, random: &mut Random) {
        let radius = random.range(0.3, 0.8);
        let (delta_e, raised) = (crowd.delta_e(random), random.unit() < 0.3);
        self.spot((class::COMEDONE, Substance::Plug), radius, delta_e, raised, crowd, random);
    }

    /// A freckle, mole or age spot.
    pub fn pigmented(&mut self, largest: f32, crowd: &Crowd, random: &mut Random) {
        let radius = random.range(0.4f32.ln(), largest.ln()).exp();
        let delta_e = crowd.delta_e(random);
        self.spot((class::PIGMENTED, Substance::Melanin), radius, delta_e, false, crowd, random);
    }

    /// One or several wrinkles side by side.
    pub fn wrinkles(&mut self, random: &mut Random) {
        let (length, angle) = (random.range(6.0f32.ln(), 55.0f32.ln()).exp(), random.range(0.0, TAU));
        let (bend, apart) = (random.range(-0.2, 0.2), random.range(2.5, 9.0));
        let (x, y) = (random.range(0.0, self.mm()), random.range(0.0, self.mm()));
        for k in 0..1 + random.below(4) {
            let aside = k as f32 * apart;
            let along = length * random.range(0.7, 1.1);
            let wave = random.range(0.0, TAU);
            let point = |t: f32| {
                let u = (t - 0.5) * along;
                let v = aside + along * bend * (4.0 * t * (1.0 - t)) + 0.4 * (wave + 9.0 * t).sin();
                self.at(x + u * angle.cos() - v * angle.sin(), y + u * angle.sin() + v * angle.cos())
            };
            let line: Vec<Point> = (0..=16).map(|s| point(s as f32 / 16.0)).collect();
            self.groove(&line, random);
        }
    }

    fn groove(&mut self, line: &[Point], random: &mut Random) {
        let (half, depth) = (random.range(0.2, 0.9), random.range(2.0f32.ln(), 14.0f32.ln()).exp());
        let scale = self.px_per_mm;
        let under = self.canvas.mean(line[line.len() / 2], 2.0 * scale);
        let (amount, looks) = amount_for(self.look.as_ref(), Substance::Shade, under, depth);
        let seed = random.bits();
        let (width, height) = (self.canvas.width, self.canvas.height);
        let seen = looks * half / (half + 0.8 * self.blur_mm) >= 1.6f32.max(0.6 * self.noise / half);
        for (i, across, along) in stroke::pixels(line, (3.0 * half + 1.2) * scale, (width, height)) {
            let mm = across.abs() / scale;
            let share = self.look.groove(seed, mm.copysign(across) / half, along);
            if mm < 3.0 * half {
                let look = self.look.as_ref();
                self.canvas.light[i] = look.tint(Substance::Shade, self.canvas.light[i], amount * share);
            }
            let Some(p) = self.pixel(i) else { continue };
            let inner = half.max(0.45);
            if mm <= inner && seen && along > 0.03 && along < 0.97 && self.truth[p] & class::COVER == 0 {
                self.truth[p] |= class::LINE;
                self.unknown[p] &= !class::LINE;
            } else if mm <= inner + 0.8 && self.truth[p] & class::LINE == 0 {
                self.unknown[p] |= class::LINE;
            }
        }
    }

    /// The pixel of the patch that one of the canvas lies in.
    pub fn pixel(&self, i: usize) -> Option<usize> {
        let mm = |k: usize| (k as f32 + 0.5) / self.px_per_mm - MARGIN_MM;
        let (x, y) = (mm(i % self.canvas.width) * PX_PER_MM, mm(i / self.canvas.width) * PX_PER_MM);
        let inside = x >= 0.0 && y >= 0.0 && x < self.side as f32 && y < self.side as f32;
        inside.then_some(y as usize * self.side + x as usize)
    }
}

/// Gives a picture of one tone of skin another, which is first and second of `tones`: what has the colour of skin takes the other's, what
/// has not, as a white wall behind, becomes as much darker or lighter. `soft` pixels lie between them.
fn retone(light: &mut [[f32; 3]], width: usize, (from, to): ([f32; 3], [f32; 3]), soft: f32) {
    let colour = |l: [f32; 3]| [0, 2].map(|c| (l[c].max(1e-3) / l[1].max(1e-3)).ln());
    let [own_red, own_blue] = colour(from);
    let alike = |l: &[f32; 3]| {
        let [red, blue] = colour(*l);
        (-((red - own_red).powi(2) + (blue - own_blue).powi(2)) / ALIKE.powi(2)).exp()
    };
    let skin = bell(&light.iter().map(alike).collect::<Vec<_>>(), width, soft);
    let factor: [f32; 3] = std::array::from_fn(|c| to[c] / from[c].max(1e-3));
    let all = factor[1];
    for (l, share) in light.iter_mut().zip(skin) {
        *l = std::array::from_fn(|c| (l[c] * (all + share * (factor[c] - all))).min(1.2));
    }
}

/// The light of skin of a tone by chance, all tones alike.
pub fn tone(random: &mut Random) -> [f32; 3] {
    let t = random.range(1.0, 10.0);
    let (low, high) = (monk_light(t as usize), monk_light(t as usize + 1));
    let bright = (0.2 * random.normal()).exp();
    std::array::from_fn(|c| {
        let between = low[c] + (high[c] - low[c]) * t.fract();
        (between * bright * (0.06 * random.normal()).exp()).clamp(0.004, 0.85)
    })
}
