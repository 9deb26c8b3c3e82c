//! Beard and moustache: what is darker, rougher and less red than the same person's cheeks and
//! nose, on the part of the face where hair grows.
//!
//! The surface of skin colour alone would follow a beard, which darkens as evenly as a shadow does;
//! but a shadow is not rough.

use super::features::Feature;
use super::{box_mean, contour, FaceGrid, Zone};
use crate::mesh::{topology, Mesh};
use crate::quantile::median;

/// How a beard differs from skin.
#[derive(Clone, Debug, PartialEq)]
pub struct BeardParams {
    /// Radius over which the signs are averaged, mm: several hairs and what is between them.
    pub blur_mm: f32,
    /// The sum of the signs from which a pixel is hair. Chins in shadow reach 2.5, sparse beards
    /// begin at 3.
    pub least: f32,
    /// The log texture above that of skin from which a pixel may be hair, if much beside it is.
    pub sparse: f32,
    /// The share of the pixels that may be hair which have to be surely hair, for all of them to be.
    pub sure: f32,
    /// Log luminance that a chin lies below the cheeks without a beard, the step that counts one,
    /// and the most that darkness counts: a shadow may be black.
    pub dark: (f32, f32, f32),
    /// The step of log texture that counts one.
    pub rough: f32,
    /// The step of log R/G towards grey that counts one.
    pub grey: f32,
}

impl Default for BeardParams {
    fn default() -> Self {
        BeardParams { blur_mm: 2.5, least: 3.0, sparse: 1.0, sure: 0.35, dark: (0.5, 0.5, 2.0), rough: 0.6, grey: 0.25 }
    }
}

/// Whether each pixel shows a beard; `seeds` are pixels of cheeks and nose.
#[inline(never)]
pub fn find(
    grid: &FaceGrid,
    mesh: &Mesh,
    zones: &[Option<Zone>],
    features: &[Feature],
    seeds: &[usize],
    params: &BeardParams,
) -> Vec<bool> {
    let base = |channel: usize| median(seeds.iter().map(|&i| features[i][channel]));
    let (light, red, texture) = (base(0), base(1), base(3));
    let signs: Vec<f32> = features
        .iter()
        .map(|f| {
            let (allowance, step, most) = params.dark;
            let dark = ((light - f[0] - allowance).max(0.0) / step).min(most);
            dark + (f[3] - texture).max(0.0) / params.rough + (red - f[1]).max(0.0) / params.grey
        })
        .collect();
    let below_nose = grid.map.unmap(mesh.point(topology::NOSE_BASE)).y;
    let grows: Vec<bool> = (0..zones.len())
        .map(|i| match zones[i] {
            Some(Zone::Chin | Zone::UpperLip) => true,
            Some(Zone::LeftCheek | Zone::RightCheek) => (i / grid.width) as f32 > below_nose,
            _ => false,
        })
        .collect();
    let radius = (params.blur_mm * grid.px_per_mm).round() as usize;
    let sum = box_mean(&signs, &grows, grid.width, radius);
    let roughness: Vec<f32> = features.iter().map(|f| f[3] - texture).collect();
    let rough = box_mean(&roughness, &grows, grid.width, radius);
    // Hair gets sparse and short towards its edge: a part that may be hair is hair where much of it surely is.
    let may: Vec<bool> =
        (0..zones.len()).map(|i| grows[i] && (sum[i] >= params.least || rough[i] >= params.sparse)).collect();
    let parts = contour::parts(&may, grid.width, grid.height);
    let count = parts.iter().filter(|&&p| p != usize::MAX).max().map_or(0, |last| last + 1);
    let mut sizes = vec![(0, 0); count];
    for (&part, &sum) in parts.iter().zip(&sum).filter(|(&part, _)| part != usize::MAX) {
        let (all, sure) = sizes[part];
        sizes[part] = (all + 1, sure + usize::from(sum >= params.least));
    }
    let surely = |i: usize| sum[i] >= params.least;
    let much = |part: usize| sizes[part].1 as f32 >= params.sure * sizes[part].0 as f32;
    (0..zones.len()).map(|i| may[i] && (surely(i) || much(parts[i]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::features::features;
    use crate::region::grid::tests::plain;

    #[test]
    fn stubble_is_a_beard_and_a_shadow_is_none() {
        let mesh = Mesh::new(vec![[0.0; 3]; Mesh::POINTS]).unwrap();
        for skin in [[220.0, 180.0, 160.0], [90.0, 60.0, 48.0]] {
            for (name, lower, expected) in [
                ("skin", skin, false),
                ("shadow", skin.map(|c: f32| c * 0.6), false),
                ("hair", [skin[1] * 0.35, skin[1] * 0.33, skin[1] * 0.32], true),
            ] {
                let mut grid = plain(60, 60, skin);
                for i in (0..3600).filter(|i| i / 60 >= 30) {
                    // Hairs two pixels apart, between them what is below.
                    let strand = name == "hair" && i % 60 % 3 != 0;
                    grid.rgb[i] = if name == "hair" && !strand { skin } else { lower };
                }
                let zones: Vec<_> =
                    (0..3600).map(|i| Some(if i / 60 < 30 { Zone::Nose } else { Zone::Chin })).collect();
                let seeds: Vec<usize> = (0..1200).collect();
                let found =
                    find(&grid, &mesh, &zones, &features(&grid, &[true; 3600], 1.5), &seeds, &BeardParams::default());
                assert_eq!(found[45 * 60 + 30], expected, "{name} on {skin:?}");
                assert!(!found[10 * 60 + 30], "a nose has no beard");
            }
        }
    }
}
