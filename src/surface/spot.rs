//! Spots: small compact places whose value stands out from the skin around them.
//!
//! Contrast is the plane, smoothed to less than the smallest spot, minus the plane smoothed to more than the largest, the
//! spots themselves left out of the latter. A spot is what surrounds a peak of contrast down to half of it.

use super::{Surface, AREA_MM2};
use crate::quantile::{median, quantile};

/// Which spots are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SpotParams {
    /// Smoothing, mm: below half the smallest spot's radius it would be lost, above noise would decide.
    pub smooth_mm: f32,
    /// Spread of what counts as around, mm: wider than the largest spot, narrower than a cheek.
    pub around_mm: f32,
    /// Least contrast, density, on a photo of at least [`SpotParams::native`]; on a coarser one more is asked for.
    pub floor: f32,
    /// Pixels of the photo a millimetre.
    pub native: f32,
    /// Least contrast in steps of the photo's 8 bits: on dark skin and in dim light one step is much, and a JPEG
    /// rounds colours of whole blocks.
    pub steps: f32,
    /// Least contrast as a multiple of the spread of contrast on this skin (the median absolute
    /// deviation, which spots on less than a quarter of the skin hardly move).
    pub noise: f32,
    /// Share of the pixels, from the side that is no spot, and how many times its contrast is asked for.
    pub tail: (f32, f32),
    /// The most that is asked for on account of the skin's own unevenness: skin full of spots is uneven too.
    pub most: f32,
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
    /// Greatest contrast, density.
    pub peak: f32,
}

/// Contrasts, as multiples of the least, from which a spot begins to count and counts in full.
const FAINT: f32 = 0.7;
const CLEAR: f32 = 1.8;

/// All spots of a face, and the contrast that they were found in.
pub struct Spots {
    /// Strongest first.
    pub found: Vec<Spot>,
    /// Density above the skin around, row-major.
    pub contrast: Vec<f32>,
    /// The contrast that was asked for.
    pub least: f32,
}

impl Spots {
    /// Finds the spots of a plane.
    pub fn find(surface: &Surface, plane: &[f32], params: &SpotParams) -> Spots {
        let fine = surface.window(params.smooth_mm).mean(plane);
        let spread = surface.spread(params.around_mm);
        let mut weight = surface.skin.clone();
        let mut contrast = Vec::new();
        // The fewer pixels a spot has, the more each one's noise counts.
        let few = (params.native / surface.native.max(1e-3)).max(1.0).sqrt();
        let floor = params.floor.max(params.steps * surface.step()) * few;
        let mut least = floor;
        for _ in 0..2 {
            let around = super::Window::new(&weight, surface.width, spread).mean(plane);
            contrast = fine.iter().zip(&around).map(|(f, a)| f - a).collect();
            least = floor.max(noise(surface, &contrast, params).min(params.most * few));
            for (w, (s, c)) in weight.iter_mut().zip(surface.skin.iter().zip(&contrast)) {
                *w = if c.abs() < least { *s } else { 0.0 };
            }
        }
        let mut found = grow(surface, &contrast, least);
        found.retain(|spot| {
            let area = spot.pixels.len() as f32 * AREA_MM2;
            let (round, solid) = form(&spot.pixels, surface.width);
            area >= params.area.0 && area <= params.area.1 && round >= params.round && solid >= params.solid
        });
        Spots { found, contrast, least }
    }

    /// How clearly a spot stands out, 0–1: one that only just does may not on the next photo.
    pub fn clarity(&self, spot: &Spot) -> f32 {
        super::ramp(spot.peak, FAINT * self.least, CLEAR * self.least)
    }
}

/// The contrast that chance reaches on this skin: a multiple of its spread (1.48 times the median absolute
/// deviation), or what only a few in a thousand pixels fall short by, since spots stand out to one side and noise to
/// both: the blocks of a JPEG reach far more often than their spread says.
fn noise(surface: &Surface, contrast: &[f32], params: &SpotParams) -> f32 {
    let mut inner: Vec<f32> = contrast.iter().zip(&surface.inner).filter(|(_, &i)| i).map(|(c, _)| *c).collect();
    let middle = quantile(&mut inner, 0.5).unwrap_or(0.0);
    let short = middle - quantile(&mut inner, params.tail.0).unwrap_or(0.0);
    let spread = 1.4826 * median(inner.iter().map(|c| (c - middle).abs()));
    (params.noise * spread).max(params.tail.1 * short)
}

/// Grows a spot around each peak, the strongest first, down to half its contrast.
fn grow(surface: &Surface, contrast: &[f32], least: f32) -> Vec<Spot> {
    let width = surface.width;
    let mut peaks: Vec<usize> = (0..contrast.len())
        .filter(|&i| surface.inner[i] && contrast[i] >= least)
        .filter(|&i| around(i, width, contrast.len()).all(|n| contrast[n] <= contrast[i] || surface.zones[n].is_none()))
        .collect();
    peaks.sort_by(|&a, &b| contrast[b].total_cmp(&contrast[a]));
    let mut taken = vec![false; contrast.len()];
    let mut spots = Vec::new();
    let mut open = Vec::new();
    for peak in peaks {
        if taken[peak] {
            continue;
        }
        let edge = (0.5 * contrast[peak]).max(0.6 * least);
        let mut pixels = vec![peak];
        taken[peak] = true;
        open.push(peak);
        let mut whole = true;
        while let Some(at) = open.pop() {
            for next in around(at, width, contrast.len()) {
                if surface.zones[next].is_none() {
                    // What runs into the edge of the skin is part of what lies beyond.
                    whole = false;
                } else if taken[next] {
                    continue;
                } else if contrast[next] >= edge {
                    taken[next] = true;
                    pixels.push(next);
                    open.push(next);
                }
            }
        }
        if whole {
            spots.push(Spot { pixels, peak: contrast[peak] });
        }
    }
    spots
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
    /// green, blue. Twice the light, another white balance or shading that both share does not change it.
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

    /// The skin's weights without spots and what lies within `mm` of them. What only just is a spot keeps most of its
    /// weight, so that nothing hangs on whether it is one.
    pub fn weight_without(&self, spots: &Spots, mm: f32) -> Vec<f32> {
        let reach = (mm * super::PX_PER_MM).round() as usize;
        let mut weight = self.skin.clone();
        for spot in &spots.found {
            let left = 1.0 - spots.clarity(spot);
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
