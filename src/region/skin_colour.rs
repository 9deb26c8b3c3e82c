//! Which pixels have the colour of this person's skin under this photo's light.
//!
//! No threshold here is a skin colour. The colour is learnt from the person's own cheeks, forehead
//! and nose, as a smooth surface over the face (light falls off, cheeks curve away), and a
//! pixel is skin where it lies near that surface, measured in the spread of the person's own skin.

use shine_skin_kernels::QuadraticSurface;

use super::beard::{self, BeardParams};
use super::features::{features, Feature, FEATURES};
use super::{box_mean, contour, FaceGrid, Zone};
use crate::fit;
use crate::mesh::{topology, Mesh};
use crate::quantile::median;

/// How far from its own colour skin may lie.
#[derive(Clone, Debug, PartialEq)]
pub struct SkinColourParams {
    /// Squared distance, in spreads, up to which a pixel is skin. Three spreads and a half.
    pub reach: f32,
    /// Least and greatest spread of log luminance, log R/G, log G/B and log texture. Below the least, the
    /// noise of a JPEG decides; above the greatest, a fit that took in hair would take in more.
    pub spread: [(f32, f32); FEATURES],
    /// Radius over which texture is taken, mm: several hairs of a beard.
    pub texture_mm: f32,
    /// Shine and inflammation are skin: how much further it may lie to the bright and the red.
    pub slack: f32,
    /// Radius of the smoothing of the map, mm: a hair's width is not an outline.
    pub smooth_mm: f32,
    /// What is smaller than this with skin all around it is a mark on the skin, not a gap in it, mm²: moles,
    /// birthmarks, flush, shine. Hair, hands and glasses come in from the outline or from eye, brow or mouth.
    pub mark_mm2: f32,
    /// Telling a beard from a chin.
    pub beard: BeardParams,
    /// Islands smaller than this are not counted as skin, mm².
    pub island_mm2: f32,
}

impl Default for SkinColourParams {
    fn default() -> Self {
        SkinColourParams {
            reach: 14.0,
            spread: [(0.20, 0.40), (0.06, 0.14), (0.08, 0.20), (0.7, 0.90)],
            texture_mm: 1.5,
            slack: 2.5,
            smooth_mm: 1.0,
            mark_mm2: 1200.0,
            beard: BeardParams::default(),
            island_mm2: 120.0,
        }
    }
}

/// Whether each pixel of the grid that has a zone shows skin.
#[inline(never)]
pub fn classify(grid: &FaceGrid, mesh: &Mesh, zones: &[Option<Zone>], params: &SkinColourParams) -> Vec<bool> {
    let allowed: Vec<bool> = zones.iter().map(Option::is_some).collect();
    let features = features(grid, &allowed, params.texture_mm);
    let seeds = seeds(grid, mesh, &allowed, &features);
    if seeds.len() < 16 {
        return vec![false; allowed.len()];
    }
    let everything: Vec<usize> = (0..allowed.len()).filter(|&i| allowed[i]).collect();
    // The surface is fitted to thousands of pixels: of a large face that is every third or fourth.
    let everything: Vec<usize> = everything.iter().copied().step_by((everything.len() / 20_000).max(1)).collect();
    // The first surface is a plane, which can't swing far outside the seeds; the later ones bend.
    let mut surface = Surface::fit(grid, &features, &seeds, 3, params);
    for round in 0..6 {
        let distances = surface.distances(grid, &everything, &features, params);
        let near = |(&i, distance): (&usize, f32)| (distance < 9.0).then_some(i);
        let inliers: Vec<usize> = everything.iter().zip(distances).filter_map(near).collect();
        if inliers.len() < 16 {
            return vec![false; allowed.len()];
        }
        surface = Surface::fit(grid, &features, &inliers, if round < 2 { 3 } else { 6 }, params);
    }
    let beard = beard::find(grid, mesh, zones, &features, &seeds, &params.beard);
    let open: Vec<usize> = (0..allowed.len()).filter(|&i| allowed[i] && !beard[i]).collect();
    let mut near = vec![false; allowed.len()];
    for (&i, distance) in open.iter().zip(surface.distances(grid, &open, &features, params)) {
        near[i] = distance < params.reach;
    }
    tidy(grid, &allowed, near, params)
}

/// The pixels to begin with: those of the cheeks, forehead and nose whose chroma is near the
/// middle of all, and whose luminance is near the middle of their own place.
#[inline(never)]
fn seeds(grid: &FaceGrid, mesh: &Mesh, allowed: &[bool], features: &[Feature]) -> Vec<usize> {
    use topology::*;
    let left_cheek = mirrored(&RIGHT_CHEEK_SEED);
    let places: Vec<Vec<usize>> = [&RIGHT_CHEEK_SEED[..], &left_cheek, &FOREHEAD_SEED, &NOSE_SEED]
        .iter()
        .map(|chain| {
            let mut place = Vec::new();
            grid.fill(mesh.chain(chain), |i| {
                if allowed[i] {
                    place.push(i);
                }
            });
            place
        })
        .collect();
    let all: Vec<usize> = places.concat();
    let red = median(all.iter().map(|&i| features[i][1]));
    let yellow = median(all.iter().map(|&i| features[i][2]));
    let mut kept = Vec::new();
    for place in places {
        let light = median(place.iter().map(|&i| features[i][0]));
        kept.extend(place.into_iter().filter(|&i| {
            let f = features[i];
            (f[0] - light).abs() < 0.4 && (f[1] - red).abs() < 0.25 && (f[2] - yellow).abs() < 0.35
        }));
    }
    kept
}

/// Skin over the face: a polynomial for luminance, a plane for each chroma, a constant for texture, and the
/// spread around them.
struct Surface {
    coefficients: [[f32; fit::TERMS]; FEATURES],
    spread: [f32; FEATURES],
}

impl Surface {
    /// Least squares through the features of some pixels; `terms` of the luminance's polynomial.
    fn fit(
        grid: &FaceGrid,
        features: &[Feature],
        pixels: &[usize],
        terms: usize,
        params: &SkinColourParams,
    ) -> Surface {
        let mut surface = Surface { coefficients: [[0.0; fit::TERMS]; FEATURES], spread: [0.0; FEATURES] };
        // A tenth of the pixels of a large face say the same.
        let step = (pixels.len() / 8000).max(1);
        let basis = |&i: &usize| (fit::basis(i, grid.width, grid.height), features[i]);
        let sample: Vec<_> = pixels.iter().step_by(step).map(basis).collect();
        for channel in 0..FEATURES {
            let terms = [terms, 3, 3, 1][channel];
            let rows = sample.iter().map(|(basis, feature)| (*basis, feature[channel]));
            surface.coefficients[channel] = fit::least_squares(rows, terms);
            let residuals = sample.iter().map(|(basis, feature)| surface.residual(basis, *feature, channel).abs());
            // The median absolute deviation of a normal distribution is 0.6745 of its spread.
            let (least, greatest) = params.spread[channel];
            surface.spread[channel] = (median(residuals) / 0.6745).clamp(least, greatest);
        }
        surface
    }

    fn residual(&self, basis: &[f32; fit::TERMS], feature: Feature, channel: usize) -> f32 {
        feature[channel] - fit::value(&self.coefficients[channel], basis)
    }

    /// Squared distances of pixels from the surface, in spreads.
    fn distances(
        &self,
        grid: &FaceGrid,
        pixels: &[usize],
        features: &[Feature],
        params: &SkinColourParams,
    ) -> Vec<f32> {
        let polynomials = std::array::from_fn(|term| self.coefficients.map(|coefficients| coefficients[term]));
        let spread = self.spread;
        let slack = params.slack;
        // Skin that is smoother than the rest is skin.
        let below = [1.0 / spread[0], 1.0 / spread[1], 1.0 / spread[2], 0.0];
        let above = [1.0 / spread[0] / slack, 1.0 / spread[1] / slack, 1.0 / spread[2], 1.0 / spread[3]];
        let surface = QuadraticSurface { polynomials, below, above, size: (grid.width, grid.height) };
        surface.distances(features, pixels)
    }
}

/// Evens out the map: a pixel is skin where most around it are as well; small gaps with skin all
/// around are marks on it; small islands are not skin.
#[inline(never)]
fn tidy(grid: &FaceGrid, allowed: &[bool], near: Vec<bool>, params: &SkinColourParams) -> Vec<bool> {
    let radius = (params.smooth_mm * grid.px_per_mm).round() as usize;
    let set: Vec<f32> = near.iter().map(|&n| f32::from(u8::from(n))).collect();
    let share = box_mean(&set, allowed, grid.width, radius);
    let mut skin: Vec<bool> = (0..near.len()).map(|i| near[i] && share[i] >= 0.5).collect();
    let mm2 = grid.px_per_mm.powi(2);
    // With what the mesh cut out: a gap beside a brow or the outline is the rest of hair there.
    let gaps: Vec<bool> = skin.iter().map(|s| !s).collect();
    flip_small(&mut skin, &gaps, grid, params.mark_mm2 * mm2, true);
    let islands = skin.clone();
    flip_small(&mut skin, &islands, grid, params.island_mm2 * mm2, false);
    // A cut-out smaller than a mark stays one.
    (0..skin.len()).map(|i| skin[i] && allowed[i]).collect()
}

/// Sets the parts of `mask` that are smaller than `area` pixels to `value`.
fn flip_small(skin: &mut [bool], mask: &[bool], grid: &FaceGrid, area: f32, value: bool) {
    let parts = contour::parts(mask, grid.width, grid.height);
    let count = parts.iter().filter(|&&p| p != usize::MAX).max().map_or(0, |m| m + 1);
    let mut sizes = vec![0usize; count];
    parts.iter().filter(|&&p| p != usize::MAX).for_each(|&p| sizes[p] += 1);
    for (pixel, part) in skin.iter_mut().zip(parts) {
        if part != usize::MAX && (sizes[part] as f32) < area {
            *pixel = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::grid::tests::plain;

    #[test]
    fn a_surface_follows_the_light_and_leaves_out_what_is_another_colour() {
        // Skin that darkens to one side, as sRGB, with a grey patch.
        for base in [[225.0, 185.0, 165.0], [140.0, 95.0, 70.0], [70.0, 45.0, 35.0]] {
            let mut grid = plain(80, 80, [0.0; 3]);
            for i in 0..grid.rgb.len() {
                let fall = 1.0 - 0.35 * (i % 80) as f32 / 80.0;
                grid.rgb[i] = base.map(|c: f32| c * fall + ((i * 7919) % 5) as f32 - 2.0);
            }
            let patch = |i: usize| (30..45).contains(&(i % 80)) && (10..25).contains(&(i / 80));
            (0..6400).filter(|&i| patch(i)).for_each(|i| grid.rgb[i] = [base[1] * 0.5; 3]);
            let params = SkinColourParams::default();
            let features = features(&grid, &[true; 6400], params.texture_mm);
            let seeds: Vec<usize> = (0..6400).filter(|i| i / 80 > 40).collect();
            let surface = Surface::fit(&grid, &features, &seeds, 3, &params);
            // Within the reach of texture from an edge neither is asked for.
            let edge = |i: usize| (26..50).contains(&(i % 80)) && (6..30).contains(&(i / 80)) && !patch(i);
            for i in (0..6400).filter(|&i| !edge(i)) {
                let is_skin = surface.distances(&grid, &[i], &features, &params)[0] < params.reach;
                assert_eq!(is_skin, !patch(i), "{base:?} at {} {}", i % 80, i / 80);
            }
        }
    }

    #[test]
    fn marks_are_skin_and_islands_are_not() {
        let (side, rim) = (160, 16);
        let grid = plain(side, side, [0.0; 3]);
        let at = |x0: usize, y0: usize, size: usize| {
            move |i: usize| (x0..x0 + size).contains(&(i % side)) && (y0..y0 + size).contains(&(i / side))
        };
        let face = at(rim, rim, side - 2 * rim);
        let (mole, gap, island) = (at(30, 60, 40), at(90, rim, 50), at(110, 30, 6));
        let allowed: Vec<bool> = (0..side * side).map(face).collect();
        let near: Vec<bool> = (0..side * side).map(|i| face(i) && ((!mole(i) && !gap(i)) || island(i))).collect();
        let skin = tidy(&grid, &allowed, near, &SkinColourParams::default());
        assert!(skin[80 * side + 50], "a mark is skin");
        assert!(!skin[20 * side + 100], "a gap that comes in from outside is not");
        assert!(!skin[32 * side + 112], "an island is not");
    }
}
