//! The one frame of reference that skin is measured in: the face upright at a fixed scale, as optical
//! density.
//!
//! Density is D = −ln R of linear light, for red, green and blue. Twice the light, another white balance
//! or another tone of skin adds one constant to each channel of D, so a difference of densities on one face depends on
//! none of them (Tsumura 1999). Shading adds the same to all three channels, so a difference between channels does not
//! depend on it either.
//!
//! The same difference of density looks weaker on darker skin: lightness goes with the cube root of light (CIE 15), so
//! that ΔL* is 116/3·∛Y·ΔD. All densities of a face are therefore multiplied by one factor, the cube root of its
//! skin's luminance against that of skin of medium brightness: what is measured is the difference that can be seen, as it
//! would be on that skin. The price is that a stop more or less of exposure moves it by a quarter. (A camera's tone curve works the
//! other way: over 191 photos of people, the spread of fine density goes with luminance to the power of −0.5 to −0.6.)

mod place;
mod seen;
mod smooth;
mod spot;
mod trend;

pub use place::{members, place_of, Place};
pub use seen::SeenParams;
pub use smooth::Window;
#[cfg(test)]
pub(crate) use spot::tests::surface_of;
pub use spot::{Spot, SpotParams, Spots};

use std::sync::LazyLock;

use shine_skin_kernels::box_sum;

use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Similarity};
use crate::lab::linear;
use crate::quantile::median;
use crate::region::{SkinMap, Zone};

/// The scale of the frame of reference, pixels a millimetre: a lesion of 2 mm has a dozen pixels, a face
/// a hundred thousand.
pub const PX_PER_MM: f32 = 2.0;

/// The same of what is smallest: no measure reads a photo more finely.
pub const FINEST_PX_PER_MM: f32 = 4.0;

/// Width of the box that a pixel of the photo is, as the spread of a bell, in its own pixels; interpolation
/// between pixels is counted in.
const PIXEL_SPREAD: f32 = 0.5;

/// A face at [`PX_PER_MM`].
#[derive(Clone)]
pub struct Surface {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// From this frame to the photo.
    pub map: Similarity,
    /// Pixels of the photo a millimetre.
    pub native: f32,
    /// Optical density of red, green, blue, each row-major, times [`Surface::gain`]; 0 is white.
    pub density: [Vec<f32>; 3],
    /// How much a density shows on this skin: 1 on skin of medium brightness, less on darker skin.
    pub gain: f32,
    /// The zone of each pixel that shows skin.
    pub zones: Vec<Option<Zone>>,
    /// The same by the mesh alone.
    pub allowed: Vec<Option<Zone>>,
    /// 1 where there is skin, else 0.
    pub skin: Vec<f32>,
    /// Whether a channel of a pixel that shows skin is at its end, so that its colour is not known: shine. It
    /// has no zone.
    pub blown: Vec<bool>,
    /// Whether a pixel is skin and so is all within 1.5 mm: edges of hair, lips and shadow are no
    /// findings.
    pub inner: Vec<bool>,
}

/// How far inside the skin a finding has to lie, mm: as wide as the soft edge of a brow or of hair.
const INNER_MM: f32 = 1.5;

/// The darkest light that is told from black: a quarter of the first step of 8 bits.
const BLACK: f32 = 0.000_08;

/// Pixels a side beyond which it is no face: a metre.
const LONGEST: f32 = 1000.0 * PX_PER_MM;

/// Luminance of skin whose contrast is taken as it is: L* 62.
const MEDIUM: f32 = 0.3;

/// ΔL* of a density of 1 on that skin, where it is small: 116/3·∛0.3.
pub const LIGHTNESS: f32 = 25.88;

/// Luminance of an sRGB colour, 0–1.
fn luminance([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// How much a density shows on skin of a luminance.
fn gain(luminance: f32) -> f32 {
    (luminance.max(1e-3) / MEDIUM).cbrt()
}

/// The same on skin of an sRGB colour.
pub fn gain_of(skin: [f32; 3]) -> f32 {
    gain(luminance(skin))
}

/// From here on a channel is white: sampling between pixels stays below 255.
const CLIPPED: f32 = 253.0;

/// Steps of the table for each of the 255 of 8 bits.
const STEPS: usize = 8;

/// Density of an sRGB value of 0–255.
pub fn density(value: f32) -> f32 {
    static TABLE: LazyLock<[f32; 255 * STEPS + 1]> =
        LazyLock::new(|| std::array::from_fn(|i| -(linear(i as f32 / STEPS as f32) + BLACK).ln()));
    TABLE[((value * STEPS as f32 + 0.5) as usize).min(255 * STEPS)]
}

impl Surface {
    /// The surface of a face whose skin has been mapped. Where the map has this scale already, its
    /// pixels are taken; else the photo is resampled.
    #[inline(never)]
    pub fn new(photo: &Pyramid, skin: &SkinMap) -> Surface {
        let grid = &skin.grid;
        let native = grid.px_per_mm * grid.map.scale();
        let ratio = PX_PER_MM / grid.px_per_mm;
        if (ratio - 1.0).abs() < 1e-3 {
            let zones = (skin.zones.clone(), skin.allowed.clone());
            return Surface::of(&grid.rgb, grid.width, grid.map, native, zones);
        }
        let longest = grid.width.max(grid.height) as f32;
        // A mesh whose pupils nearly meet has no scale: nothing on it counts as skin, and it asks for no memory.
        let absurd = longest * ratio > LONGEST;
        let ratio = if absurd { 1.0 } else { ratio };
        let (width, height) = ((grid.width as f32 * ratio) as usize, (grid.height as f32 * ratio) as usize);
        let map = grid.map.rescaled(1.0 / ratio);
        let mut rgb = Vec::with_capacity(width * height);
        photo.sample(&map, (width, height), Border::Nearest, |pixel| rgb.push(pixel));
        let source = |i: usize| {
            let of = |p: usize, end: usize| (((p as f32 + 0.5) / ratio) as usize).min(end - 1);
            of(i / width, grid.height) * grid.width + of(i % width, grid.width)
        };
        let zones = (0..rgb.len()).map(|i| skin.zones[source(i)].filter(|_| !absurd)).collect();
        let allowed = (0..rgb.len()).map(|i| skin.allowed[source(i)].filter(|_| !absurd)).collect();
        Surface::of(&rgb, width, map, native, (zones, allowed))
    }

    fn of(
        rgb: &[[f32; 3]],
        width: usize,
        map: Similarity,
        native: f32,
        (zones, allowed): (Vec<Option<Zone>>, Vec<Option<Zone>>),
    ) -> Surface {
        let density = [0, 1, 2].map(|c| rgb.iter().map(|pixel| density(pixel[c])).collect());
        // Where a channel is at its end, its colour is not known.
        let known = |pixel: &[f32; 3]| pixel.iter().all(|&c| c < CLIPPED);
        let blown: Vec<bool> = zones.iter().zip(rgb).map(|(zone, pixel)| zone.is_some() && !known(pixel)).collect();
        let zones: Vec<Option<Zone>> = zones.iter().zip(rgb).map(|(z, p)| z.filter(|_| known(p))).collect();
        let skin: Vec<f32> = zones.iter().map(|z| f32::from(u8::from(z.is_some()))).collect();
        let height = rgb.len() / width.max(1);
        let bright = median(rgb.iter().zip(&skin).filter(|(_, &s)| s > 0.0).map(|(p, _)| luminance(*p)));
        let gain = gain(bright);
        let density = density.map(|plane: Vec<f32>| plane.into_iter().map(|d| gain * d).collect());
        // Shine has skin on its other side.
        let within: Vec<f32> = skin.iter().zip(&blown).map(|(s, b)| s + f32::from(u8::from(*b))).collect();
        let inner = box_sum(&within, width, (INNER_MM * PX_PER_MM) as usize);
        let all = (2.0 * (INNER_MM * PX_PER_MM).floor() + 1.0).powi(2) - 0.5;
        let inner = inner.into_iter().zip(&skin).map(|(sum, s)| sum > all && *s > 0.0).collect();
        Surface { width, height, map, native, density, gain, zones, allowed, skin, blown, inner }
    }

    /// Takes zones out of the skin.
    pub fn leave_out(&mut self, out: impl Fn(Zone) -> bool) {
        for i in 0..self.len() {
            if self.allowed[i].is_some_and(&out) {
                self.allowed[i] = None;
                self.zones[i] = None;
                self.skin[i] = 0.0;
                self.blown[i] = false;
                self.inner[i] = false;
            }
        }
    }

    /// A copy in which also those pixels are skin that the mesh allows and a test names.
    pub fn with_skin(&self, test: impl Fn(usize) -> bool) -> Surface {
        let zones: Vec<Option<Zone>> =
            (0..self.len()).map(|i| self.zones[i].or(self.allowed[i].filter(|_| test(i)))).collect();
        let skin = zones.iter().map(|z| f32::from(u8::from(z.is_some()))).collect();
        Surface { zones, skin, ..self.clone() }
    }

    /// Whether each pixel lies outside the face: where the mesh allows no skin, out to the edge of the frame.
    pub fn outside(&self) -> Vec<bool> {
        let not: Vec<bool> = self.allowed.iter().map(Option::is_none).collect();
        let mut outside = vec![false; self.len()];
        let edge = |i: &usize| {
            let (x, y) = (i % self.width, i / self.width);
            x == 0 || y == 0 || x + 1 == self.width || y + 1 == self.height
        };
        for part in members(&not, self.width).into_iter().filter(|part| part.iter().any(edge)) {
            part.into_iter().for_each(|i| outside[i] = true);
        }
        outside
    }

    /// Whether no pixel that a mask names lies within `mm`, in a square.
    pub fn away_from(&self, mask: impl Iterator<Item = bool>, mm: f32) -> Vec<bool> {
        let plane: Vec<f32> = mask.map(|m| f32::from(u8::from(m))).collect();
        box_sum(&plane, self.width, (mm * PX_PER_MM) as usize).into_iter().map(|sum| sum < 0.5).collect()
    }

    /// The middle of a pixel, on the photo.
    pub fn point(&self, pixel: usize) -> Point {
        self.map.map(Point::new((pixel % self.width) as f32 + 0.5, (pixel / self.width) as f32 + 0.5))
    }

    /// The pixel that a point of the photo lies in; `None` beyond the frame.
    pub fn pixel(&self, point: Point) -> Option<usize> {
        let Point { x, y } = self.map.unmap(point);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then(|| y as usize * self.width + x as usize)
    }

    /// How many pixels.
    pub fn len(&self) -> usize {
        self.zones.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// The area of the skin, mm².
    pub fn skin_mm2(&self) -> f32 {
        self.zones.iter().flatten().count() as f32 * AREA_MM2
    }

    /// Density of luminance, by the shares of linear light of sRGB rounded to what JPEG keeps sharpest: green
    /// most. A sum of densities, so it keeps their invariances.
    pub fn darkness(&self) -> Vec<f32> {
        self.mix(DARKNESS)
    }

    /// How red: D of green minus D of red. Blood absorbs green far more than red; shading and exposure
    /// cancel out, melanin nearly. Times 43.4 it is the erythema index, EI = 100·log10(R/G) (Takiwaki 1998).
    pub fn redness(&self) -> Vec<f32> {
        self.mix(REDNESS)
    }

    /// How much blood: D of green above the line from red to blue that melanin follows. Blood absorbs green most, red hardly
    /// and blue less than green (Prahl 1999), melanin the more the shorter the wave is (Jacques 2013); what makes a light
    /// warmer, less blue and more red, hardly moves it.
    pub fn blood(&self) -> Vec<f32> {
        self.mix(BLOOD)
    }

    /// How brown: D of blue, less what blood and shading would give it, which absorb blue about 0.7 of the way from red
    /// to green (Prahl 1999); what is left is melanin's, which absorbs blue most (Jacques 2013).
    pub fn brownness(&self) -> Vec<f32> {
        self.mix([-0.3, -0.7, 1.0])
    }

    /// A weighted sum of the three densities.
    pub fn mix(&self, weights: [f32; 3]) -> Vec<f32> {
        let [r, g, b] = &self.density;
        r.iter().zip(g).zip(b).map(|((r, g), b)| weights[0] * r + weights[1] * g + weights[2] * b).collect()
    }

    /// How much density one of the 255 steps of an sRGB value is, on this skin's own brightness.
    pub fn step(&self) -> f32 {
        // sRGB is close to a power of 2.2.
        let value = 255.0 * (-self.median(&self.density[1]) / self.gain / 2.2).exp();
        self.gain * 2.2 / value.max(1.0)
    }

    /// The spread, in pixels of this frame, of the smoothing that brings the photo to a spread of `mm`: what its own pixels
    /// have already smoothed is not smoothed again, so that a photo of half the size shows the same.
    pub fn spread(&self, mm: f32) -> f32 {
        self.spread_at(mm, PX_PER_MM)
    }

    /// The same on a cut-out of another scale.
    pub fn spread_at(&self, mm: f32, px_per_mm: f32) -> f32 {
        // A finer photo has been brought to the cut-out's pixels.
        let own = PIXEL_SPREAD / self.native.max(1e-3).min(px_per_mm);
        (mm * mm - own * own).max(0.0).sqrt() * px_per_mm
    }

    /// Smoothing over skin alone, to a spread in mm.
    pub fn window(&self, mm: f32) -> Window {
        Window::new(&self.skin, self.width, self.spread(mm))
    }

    /// The middle of a plane's values over skin.
    pub fn median(&self, plane: &[f32]) -> f32 {
        median(plane.iter().zip(&self.skin).filter(|(_, &s)| s > 0.0).map(|(v, _)| *v))
    }

    /// The mean of a plane's values over skin, and over each zone that shows at least `least_mm2` of it.
    pub fn means(&self, plane: &[f32], least_mm2: f32) -> (f32, Vec<(Zone, f32)>) {
        let mut sums = [(0.0f64, 0u32); Zone::ALL.len()];
        for (value, zone) in plane.iter().zip(&self.zones) {
            if let Some(zone) = zone {
                let sum = &mut sums[*zone as usize];
                *sum = (sum.0 + f64::from(*value), sum.1 + 1);
            }
        }
        let mean = |(sum, count): (f64, u32)| (sum / f64::from(count.max(1))) as f32;
        let all = sums.iter().fold((0.0, 0), |a, s| (a.0 + s.0, a.1 + s.1));
        let enough = |s: &(f64, u32)| s.1 as f32 * AREA_MM2 >= least_mm2.max(AREA_MM2);
        let zones = Zone::ALL.into_iter().zip(sums).filter(|(_, s)| enough(s)).map(|(z, s)| (z, mean(s))).collect();
        (mean(all), zones)
    }
}

/// What redness is of the three densities.
pub const REDNESS: [f32; 3] = [-1.0, 1.0, 0.0];

/// What blood is of them: by the absorption of melanin at 600, 540 and 460 nm green would weigh 1.4 and blue −0.4, but the colours
/// of a camera overlap. With blue at −0.5 to −0.85 redness ranks 250 faces most as graders by eye do, with more and
/// less of it worse.
const BLOOD: [f32; 3] = [-1.0, 1.6, -0.6];

/// Shares of the three densities in that of luminance.
pub const DARKNESS: [f32; 3] = [0.3, 0.6, 0.1];

/// Area of a pixel of the frame, mm².
pub const AREA_MM2: f32 = 1.0 / (PX_PER_MM * PX_PER_MM);

/// From 0 at `low` to 1 at `high`, straight between.
pub fn ramp(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::region::tests::all_skin;

    #[test]
    fn a_face_without_a_scale_has_no_skin_and_takes_no_memory() {
        let frame = Frame::from_rgb(60, 60, vec![150; 60 * 60 * 3]).unwrap();
        for (px_per_mm, measured) in [(2.0, true), (1.0, true), (0.001, false), (1e-6, false)] {
            let mut map = all_skin(60, 60, |_| [150.0; 3], Zone::Nose);
            map.grid.px_per_mm = px_per_mm;
            let surface = Surface::new(&Pyramid::new(&frame), &map);
            assert_eq!(surface.skin_mm2() > 0.0, measured, "{px_per_mm}");
            assert!(surface.len() <= 120 * 120);
        }
    }
}
