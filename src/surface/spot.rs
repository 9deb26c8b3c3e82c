//! Spots: small compact places whose value stands out from the skin around them.
//!
//! Contrast is the plane, smoothed by as much as a spot is wide, minus the plane smoothed more widely, the
//! spots themselves left out of the latter; it counts by what this skin's own unevenness reaches at the same smoothing. A
//! spot is what surrounds a peak of contrast down to half of it.

use super::{Surface, AREA_MM2};
use crate::quantile::{descending, falling};

/// Which spots are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SpotParams {
    /// Smoothing, mm, for small spots and for large ones: noise decides where it is less, and more would lose
    /// them.
    pub smooth_mm: [f32; 2],
    /// Spread of what counts as around, mm: spots themselves are left out of it, so it may be less than the largest is wide;
    /// the wider, the more of the unevenness of a cheek is a spot.
    pub around_mm: f32,
    /// Least contrast, density, on a photo of at least [`SpotParams::native`]; on a coarser one more is asked for.
    pub floor: f32,
    /// Pixels of the photo a millimetre.
    pub native: f32,
    /// Least contrast in steps of the photo's 8 bits: on dark skin and in dim light one step is much, and a JPEG
    /// rounds colours of whole blocks.
    pub steps: f32,
    /// Least contrast as a multiple of the spread of contrast on this skin, on the side where no spots are.
    pub noise: f32,
    /// Share of the pixels, from the side that is no spot, and how many times its contrast is asked for.
    pub tail: (f32, f32),
    /// Least and greatest area, mm².
    pub area: (f32, f32),
    /// Least ratio of the axes of an ellipse of its moments: hairs and folds are longer.
    pub round: f32,
    /// Least share of that ellipse that its pixels fill: the corners of JPEG's blocks fill less.
    pub solid: f32,
}

/// A spot.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Its pixels on the surface.
    pub pixels: Vec<usize>,
    /// Greatest contrast, as a multiple of the least that is told from this skin's own unevenness; of what a network sees, how sure it
    /// and the closed form are, on the same scale.
    pub peak: f32,
}

/// Contrasts, as multiples of the least, from which a spot begins to count, is wholly left out of other measures, and
/// counts in full: over so wide a range that no spot's coming or going is a step, but for what a network sees, which begins with what is
/// drawn: the least.
const FAINT: f32 = 0.7;
const SURE: f32 = 1.8;
pub(super) const CLEAR: f32 = 3.0;

/// All spots of a face.
#[derive(Default)]
pub struct Spots {
    /// Those of the greatest contrast first, or of what a network sees the likeliest; only so many are drawn.
    pub found: Vec<Spot>,
}

impl Spots {
    /// Finds the spots of a plane.
    pub fn find(surface: &Surface, plane: &[f32], params: &SpotParams) -> Spots {
        Spots::among(surface, &clarities(surface, plane, params), params)
    }

    /// The spots among the contrasts of all pixels.
    pub(super) fn among(surface: &Surface, clarity: &[f32], params: &SpotParams) -> Spots {
        let mut found = grow(surface, clarity, FAINT);
        found.retain(|spot| {
            let area = spot.pixels.len() as f32 * AREA_MM2;
            let (round, solid) = form(&spot.pixels, surface.width);
            area >= params.area.0 && area <= params.area.1 && round >= params.round && solid >= params.solid
        });
        Spots { found }
    }

    /// Of so many pixels those that are of a spot.
    pub fn pixels(&self, count: usize) -> Vec<bool> {
        let mut taken = vec![false; count];
        for spot in &self.found {
            spot.pixels.iter().for_each(|&i| taken[i] = true);
        }
        taken
    }

    /// Whether a spot stands out enough to be drawn.
    pub fn is_clear(spot: &Spot) -> bool {
        spot.peak >= 1.0
    }

    /// How clearly a spot stands out, 0–1: one that only just does may not on the next photo.
    pub fn clarity(spot: &Spot) -> f32 {
        super::ramp(spot.peak, FAINT, CLEAR)
    }
}

/// Of each pixel the contrast with the skin around it, as a multiple of the least that is told from this skin's own unevenness.
#[inline(never)]
pub(super) fn clarities(surface: &Surface, plane: &[f32], params: &SpotParams) -> Vec<f32> {
    let fine = params.smooth_mm.map(|mm| surface.window(mm).mean(plane));
    let spread = surface.spread(params.around_mm);
    let mut weight = surface.skin.clone();
    let mut clarity = Vec::new();
    // The fewer pixels a spot has, the more each one's noise counts.
    let few = (params.native / surface.native.max(1e-3)).max(1.0).sqrt();
    let floor = params.floor.max(params.steps * surface.step()) * few;
    for _ in 0..2 {
        let around = super::Window::new(&weight, surface.width, spread).mean(plane);
        clarity = vec![f32::NEG_INFINITY; surface.len()];
        for fine in &fine {
            let contrast: Vec<f32> = fine.iter().zip(&around).map(|(f, a)| f - a).collect();
            let least = floor.max(noise(surface, &contrast, params));
            clarity.iter_mut().zip(&contrast).for_each(|(clear, c)| *clear = clear.max(c / least));
        }
        for (w, (s, clear)) in weight.iter_mut().zip(surface.skin.iter().zip(&clarity)) {
            *w = if clear.abs() < 1.0 { *s } else { 0.0 };
        }
    }
    clarity
}

/// The contrast that chance reaches on this skin: a multiple of its spread, or what only a few in a thousand pixels
/// fall short by (the blocks of a JPEG reach far more often than their spread says). Both are taken from the side where
/// no spots are, so that skin full of spots does not hide them.
fn noise(surface: &Surface, contrast: &[f32], params: &SpotParams) -> f32 {
    let mut inner: Vec<f32> = contrast.iter().zip(&surface.inner).filter(|(_, &i)| i).map(|(c, _)| *c).collect();
    let [middle, quarter, few] = falling(&mut inner, [0.5, 0.25, params.tail.0]).unwrap_or_default();
    // A quarter of a normal distribution lies 0.6745 of its spread below the middle.
    let (spread, short) = ((middle - quarter) / 0.6745, middle - few);
    (params.noise * spread).max(params.tail.1 * short)
}

/// Of two peaks with no deeper saddle between them, as a share of the lower one, the lower is part of the other.
const SADDLE: f32 = 0.8;

/// The pixels around each peak, the strongest peak first, down to half its contrast; where two meet, each keeps its side.
#[inline(never)]
pub(super) fn grow(surface: &Surface, contrast: &[f32], least: f32) -> Vec<Spot> {
    let width = surface.width;
    let floor = 0.6 * least;
    let order = (0..contrast.len()).filter(|&i| surface.zones[i].is_some() && contrast[i] >= floor).collect();
    let order = descending(order, |&i| contrast[i]);
    // Water that rises from the peaks down: each pixel joins the basin that reaches it first.
    const NONE: usize = usize::MAX;
    let mut basin = vec![NONE; contrast.len()];
    // Of each basin its peak, and the one it has become part of.
    let mut peaks: Vec<(usize, usize)> = Vec::new();
    for &i in &order {
        let mut own = NONE;
        for n in around(i, width, contrast.len()).filter(|&n| basin[n] != NONE) {
            let other = root(&peaks, basin[n]);
            if own == NONE || own == other {
                own = other;
                continue;
            }
            // Basins are in the order of their peaks.
            let (high, low) = (own.min(other), own.max(other));
            if contrast[i] >= SADDLE * contrast[peaks[low].0] {
                peaks[low].1 = high;
            }
            own = high;
        }
        if own == NONE {
            own = peaks.len();
            peaks.push((i, own));
        }
        basin[i] = own;
    }
    let mut spots: Vec<Option<Spot>> = peaks
        .iter()
        .enumerate()
        .map(|(k, &(peak, part_of))| {
            let counts = part_of == k && surface.inner[peak] && contrast[peak] >= least;
            counts.then(|| Spot { pixels: Vec::new(), peak: contrast[peak] })
        })
        .collect();
    for &i in &order {
        let own = root(&peaks, basin[i]);
        let Some(spot) = &mut spots[own] else { continue };
        if contrast[i] < (0.5 * spot.peak).max(floor) {
            continue;
        }
        // What runs into the edge of the skin is part of what lies beyond; shine in its middle is not beyond.
        if around(i, width, contrast.len()).any(|n| surface.zones[n].is_none() && !surface.blown[n]) {
            spots[own] = None;
        } else {
            spot.pixels.push(i);
        }
    }
    spots.into_iter().flatten().collect()
}

/// The basin that one has become part of.
fn root(peaks: &[(usize, usize)], mut basin: usize) -> usize {
    while peaks[basin].1 != basin {
        basin = peaks[basin].1;
    }
    basin
}

/// The four neighbours of a pixel.
fn around(i: usize, width: usize, len: usize) -> impl Iterator<Item = usize> {
    let x = i % width;
    let sides = [
        (x > 0).then(|| i - 1),
        (x + 1 < width).then_some(i + 1),
        i.checked_sub(width),
        Some(i + width).filter(|&n| n < len),
    ];
    sides.into_iter().flatten()
}

/// The shorter axis of the ellipse that has the moments of some pixels, divided by the longer, and the share of its
/// area that they fill; both 1 of a circle.
fn form(pixels: &[usize], width: usize) -> (f32, f32) {
    let n = pixels.len().max(1) as f32;
    let at = |i: &usize| ((i % width) as f32, (i / width) as f32);
    let (mx, my) = pixels.iter().map(at).fold((0.0, 0.0), |s, p| (s.0 + p.0 / n, s.1 + p.1 / n));
    let (mut xx, mut xy, mut yy) = (1.0 / 12.0, 0.0, 1.0 / 12.0);
    for (x, y) in pixels.iter().map(at) {
        xx += (x - mx) * (x - mx) / n;
        xy += (x - mx) * (y - my) / n;
        yy += (y - my) * (y - my) / n;
    }
    let (half, root) = ((xx + yy) / 2.0, (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt());
    let (long, short) = (half + root, (half - root).max(1e-6));
    ((short / long).sqrt(), n / (4.0 * std::f32::consts::PI * (long * short).sqrt()))
}

impl Surface {
    /// How much denser some pixels are than the skin in a ring of a millimetre and a half around them: red,
    /// green, blue. Another white balance or shading that both share does not change it.
    pub fn added_density(&self, pixels: &[usize]) -> [f32; 3] {
        let reach = (1.5 * super::PX_PER_MM) as usize;
        let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
        for &i in pixels {
            let (x, y) = (i % self.width, i / self.width);
            (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        }
        let (left, top) = (left.saturating_sub(reach), top.saturating_sub(reach));
        let (right, bottom) = ((right + reach + 1).min(self.width), (bottom + reach + 1).min(self.height));
        let mut sums = [[0.0f32; 4]; 2];
        let mut add = |kind: usize, i: usize, weight: f32| {
            (0..3).for_each(|c| sums[kind][c] += weight * self.density[c][i]);
            sums[kind][3] += weight;
        };
        pixels.iter().for_each(|&i| add(0, i, 1.0));
        for y in top..bottom {
            (left..right).map(|x| y * self.width + x).for_each(|i| add(1, i, self.skin[i]));
        }
        let [inside, all] = sums;
        let own = pixels.iter().map(|&i| self.skin[i]).sum::<f32>();
        std::array::from_fn(|c| {
            // The rectangle holds the pixels themselves too.
            let around = (all[c] - inside[c] * own / inside[3].max(1.0)) / (all[3] - own).max(1.0);
            inside[c] / inside[3].max(1.0) - around
        })
    }

    /// The same of [`Surface::darkness`].
    pub fn added_darkness(&self, pixels: &[usize]) -> f32 {
        let added = self.added_density(pixels);
        super::DARKNESS.iter().zip(added).map(|(w, d)| w * d).sum()
    }

    /// The skin's weights without spots and what lies within `mm` of them. What only just is a spot keeps most of its
    /// weight, so that nothing hangs on whether it is one.
    pub fn weight_without(&self, spots: &Spots, mm: f32) -> Vec<f32> {
        let reach = (mm * super::PX_PER_MM).round() as usize;
        let mut weight = self.skin.clone();
        for spot in &spots.found {
            let left = 1.0 - super::ramp(spot.peak, FAINT, SURE);
            for &i in &spot.pixels {
                let (x, y) = (i % self.width, i / self.width);
                for v in y.saturating_sub(reach)..(y + reach + 1).min(self.height) {
                    let row = &mut weight[v * self.width..][..self.width];
                    row[x.saturating_sub(reach)..(x + reach + 1).min(self.width)]
                        .iter_mut()
                        .for_each(|w| *w = w.min(left));
                }
            }
        }
        weight
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::{Frame, Pyramid};
    use crate::lab::encode;
    use crate::region::tests::all_skin;
    use crate::region::Zone;
    use crate::skin::acne::AcneParams;

    /// Red spots of 2 mm whose middles lie at these places, mm; those named are white in their middle.
    fn found(places: &[(f32, f32)], shiny: &[(f32, f32)]) -> Spots {
        found_of(0.9, places, shiny)
    }

    /// The same of another spread, mm.
    fn found_of(spread: f32, places: &[(f32, f32)], shiny: &[(f32, f32)]) -> Spots {
        let surface = surface_of(spread, places, shiny);
        Spots::find(&surface, &surface.redness(), &AcneParams::default().spots)
    }

    pub fn surface_of(spread: f32, places: &[(f32, f32)], shiny: &[(f32, f32)]) -> Surface {
        let side = 120;
        let near = |i: usize, places: &[(f32, f32)], spread: f32| {
            let (x, y) = ((i % side) as f32 / 2.0, (i / side) as f32 / 2.0);
            let bell = |p: &(f32, f32)| (-((x - p.0).powi(2) + (y - p.1).powi(2)) / (2.0 * spread * spread)).exp();
            places.iter().map(bell).fold(0.0, f32::max)
        };
        let colour = |i: usize| {
            let blood = 0.3 * near(i, places, spread);
            let skin =
                [(0.5, 0.2), (0.3, 1.0), (0.2, 0.8)].map(|(light, share)| encode(light * (-share * blood).exp()));
            if near(i, shiny, 0.9) > 0.9 {
                [255.0; 3]
            } else {
                skin
            }
        };
        let map = all_skin(side, side, colour, Zone::LeftCheek);
        let frame = Frame::from_rgb(side, side, vec![0; side * side * 3]).unwrap();
        Surface::new(&Pyramid::new(&frame), &map)
    }

    #[test]
    fn spots_that_touch_are_as_many_as_there_are() {
        let apart = [(20.0, 20.0), (40.0, 20.0), (20.0, 40.0)];
        let touching = [(20.0, 20.0), (22.6, 20.0), (25.2, 20.0), (22.6, 22.6)];
        assert_eq!(found(&apart, &[]).found.len(), 3);
        assert_eq!(found(&touching, &[]).found.len(), 4);
    }

    #[test]
    fn spots_of_two_to_nine_millimetres_are_found() {
        // A bell is half as high 2.35 spreads across.
        for across in [2.0f32, 3.0, 4.0, 6.0, 8.0, 9.0] {
            let found = found_of(across / 2.35, &[(16.0, 16.0), (44.0, 44.0)], &[]).found;
            let area = found.iter().map(|s| s.pixels.len()).sum::<usize>() as f32 * AREA_MM2 / 2.0;
            let circle = std::f32::consts::PI * across * across / 4.0;
            assert!(found.len() == 2 && (0.6..1.3).contains(&(area / circle)), "{across}: {} of {area}", found.len());
        }
    }

    #[test]
    fn shine_in_its_middle_leaves_a_spot() {
        let places = [(20.0, 20.0), (40.0, 20.0)];
        assert_eq!(found(&places, &places[..1]).found.len(), 2);
    }
}
