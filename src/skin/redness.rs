//! Redness: how far a* rises above the person's own baseline, as a mean over the skin, in units of
//! a*.
//!
//! The baseline is the quarter of the face's skin that is least red, so no tone counts as red. A
//! pixel counts for what its a* exceeds the baseline by, beyond the unevenness of calm skin, but for no
//! more than the erythema index, EI = 100·log10(R/G) of linear light (Takiwaki 1998; Yamamoto
//! 2008), exceeds its own: a* also rises with brightness, EI does not. On skin EI
//! rises by 1.3 to 2.8 for one of a*, so it limits what brightness alone would add.
//!
//! One and the same loss of green and blue, a tenth, raises a* by 7.7 on very light skin and by 2.7 on dark: with
//! one allowance for all, mild redness of dark skin is missed.
//!
//! It can't see redness that covers the whole face evenly, and can't tell inflammation from
//! make-up, cold or sunburn.

use crate::lab::{linear, Lab};
use crate::quantile::quantile;
use crate::region::{box_mean, parts, polygons, SkinMap, Zone};

/// How redness is read.
#[derive(Clone, Debug, PartialEq)]
pub struct RednessParams {
    /// Share of the skin that is least red and makes the baseline.
    pub baseline: f32,
    /// Unevenness of a* that calm skin is allowed. Set by eye on portraits, not measured.
    pub calm_a: f32,
    /// The same for EI, also set by eye.
    pub calm_ei: f32,
    /// Radius over which colour is averaged, mm: JPEG's chroma has a quarter of the pixels.
    pub blur_mm: f32,
    /// Excess of a* from which a place is a finding.
    pub finding_a: f32,
    /// Least area of a finding, mm²: a blemish of 4 mm across.
    pub finding_mm2: f32,
    /// Most findings, largest first.
    pub most_findings: usize,
    /// Least skin, mm².
    pub least_mm2: f32,
}

impl Default for RednessParams {
    fn default() -> Self {
        RednessParams {
            baseline: 0.25,
            calm_a: 3.0,
            calm_ei: 2.0,
            blur_mm: 1.0,
            finding_a: 2.5,
            finding_mm2: 12.0,
            most_findings: 24,
            least_mm2: 300.0,
        }
    }
}

/// The redness of a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Redness {
    /// Mean excess of a* over all skin.
    pub value: f32,
    /// Mean excess of a* over each zone that shows skin.
    pub zones: Vec<(Zone, f32)>,
    /// Places that stand out, largest first.
    pub findings: Vec<RedPlace>,
}

/// A place that is redder than the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct RedPlace {
    /// Its outline, pixels of the photo.
    pub polygon: Vec<crate::geometry::Point>,
    /// mm².
    pub area_mm2: f32,
    /// The zone that most of it lies in.
    pub zone: Zone,
}

impl Redness {
    /// Measures a skin map, given the CIELAB of its grid; `None` where there is too little skin.
    pub fn measure(map: &SkinMap, lab: &[Lab], params: &RednessParams) -> Option<Redness> {
        let skin: Vec<usize> = (0..lab.len()).filter(|&i| map.zones[i].is_some()).collect();
        if skin.len() as f32 * map.area_mm2() < params.least_mm2 {
            return None;
        }
        let radius = (params.blur_mm * map.grid.px_per_mm).round() as usize;
        let is_skin: Vec<bool> = map.zones.iter().map(Option::is_some).collect();
        let blur = |values: Vec<f32>| box_mean(&values, &is_skin, map.grid.width, radius);
        let a = blur(lab.iter().map(|c| c.a).collect());
        let ei = blur(map.grid.rgb.iter().map(|&rgb| erythema_index(rgb)).collect());
        let of = |values: &[f32]| skin.iter().map(|&i| values[i]).collect::<Vec<_>>();
        let base_a = quantile(&mut of(&a), params.baseline)?;
        let base_ei = quantile(&mut of(&ei), params.baseline)?;
        let excess: Vec<f32> = (0..lab.len())
            .map(|i| match map.zones[i] {
                Some(_) => (a[i] - base_a - params.calm_a).min(ei[i] - base_ei - params.calm_ei).max(0.0),
                None => 0.0,
            })
            .collect();
        let zones = Zone::ALL
            .into_iter()
            .filter_map(|zone| {
                Some((zone, mean(skin.iter().filter(|&&i| map.zones[i] == Some(zone)).map(|&i| excess[i]))?))
            })
            .collect();
        Some(Redness { value: mean(skin.iter().map(|&i| excess[i]))?, zones, findings: places(map, &excess, params) })
    }
}

/// EI = 100·log10(R/G) on linear light; the offset is the noise of an 8-bit photo.
fn erythema_index(rgb: [f32; 3]) -> f32 {
    100.0 * ((linear(rgb[0]) + 0.003) / (linear(rgb[1]) + 0.003)).log10()
}

/// 0 of nothing redder than calm, falling as it grows: 100·e^(−value/3). A face of which a tenth
/// stands out by 5 a* is at 85.
pub fn score(value: f32) -> f32 {
    100.0 * (-value / 3.0).exp()
}

/// Severity by the mean excess of a*.
pub fn severity(value: f32) -> &'static str {
    match value {
        v if v < 0.4 => "none",
        v if v < 1.0 => "mild",
        v if v < 2.0 => "moderate",
        _ => "severe",
    }
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0f64, 0u32), |(s, n), v| (s + f64::from(v), n + 1));
    (count > 0).then(|| (sum / f64::from(count)) as f32)
}

/// The parts of the face whose excess is a finding, largest first.
fn places(map: &SkinMap, excess: &[f32], params: &RednessParams) -> Vec<RedPlace> {
    let (width, height) = (map.grid.width, map.grid.height);
    let mut red: Vec<bool> = excess.iter().map(|&e| e >= params.finding_a).collect();
    // A place ends where it has half of its own colour: around a strong one the blur reaches further.
    for pixels in groups(&red, width, height) {
        let mut strength: Vec<f32> = pixels.iter().map(|&i| excess[i] + params.calm_a).collect();
        let Some(peak) = quantile(&mut strength, 0.9) else { continue };
        pixels.iter().for_each(|&i| red[i] = excess[i] + params.calm_a >= peak / 2.0);
    }
    let mut members = groups(&red, width, height);
    members.retain(|m| m.len() as f32 * map.area_mm2() >= params.finding_mm2);
    members.sort_by_key(|m| std::cmp::Reverse(m.len()));
    members.truncate(params.most_findings);
    members
        .into_iter()
        .filter_map(|pixels| {
            let mut mask = vec![false; red.len()];
            pixels.iter().for_each(|&i| mask[i] = true);
            let polygon = polygons(&mask, width, height).into_iter().next()?;
            let zone =
                Zone::ALL.into_iter().max_by_key(|&z| pixels.iter().filter(|&&i| map.zones[i] == Some(z)).count())?;
            Some(RedPlace {
                polygon: polygon.into_iter().map(|p| map.grid.map.map(p)).collect(),
                area_mm2: pixels.len() as f32 * map.area_mm2(),
                zone,
            })
        })
        .collect()
}

/// The pixels of each connected part of a mask.
fn groups(mask: &[bool], width: usize, height: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, &part) in parts(mask, width, height).iter().enumerate().filter(|(_, &part)| part != usize::MAX) {
        groups.resize(groups.len().max(part + 1), Vec::new());
        groups[part].push(i);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::all_skin;
    use crate::skin::lab_map;

    const TONES: [[f32; 3]; 3] = [[225.0, 185.0, 165.0], [140.0, 95.0, 70.0], [75.0, 48.0, 38.0]];

    fn measure(map: &SkinMap) -> Redness {
        Redness::measure(map, &lab_map(map), &RednessParams::default()).unwrap()
    }

    fn patch(i: usize) -> bool {
        (40..60).contains(&(i % 100)) && (30..50).contains(&(i / 100))
    }

    /// Skin of a tone with less green and blue in a square of 10 × 10 mm.
    fn flushed(tone: [f32; 3], by: f32) -> SkinMap {
        let red = [tone[0], tone[1] * (1.0 - by), tone[2] * (1.0 - by)];
        all_skin(100, 100, |i| if patch(i) { red } else { tone }, Zone::LeftCheek)
    }

    #[test]
    fn even_skin_of_any_tone_is_not_red() {
        for tone in TONES {
            let found = measure(&flushed(tone, 0.0));
            assert_eq!((found.value, found.findings.len()), (0.0, 0), "{tone:?}");
        }
    }

    #[test]
    fn light_that_falls_off_is_not_redness() {
        for tone in TONES {
            let map = all_skin(100, 100, |i| tone.map(|c| c * (1.0 - 0.4 * (i % 100) as f32 / 100.0)), Zone::LeftCheek);
            assert_eq!(measure(&map).findings, [], "{tone:?}");
        }
    }

    #[test]
    fn a_flushed_patch_is_found_where_it_is_and_grows_with_its_colour() {
        for tone in TONES {
            let values: Vec<f32> = [0.15, 0.25, 0.35].map(|by| measure(&flushed(tone, by)).value).to_vec();
            assert!(values.windows(2).all(|w| w[1] > w[0]), "{tone:?}: {values:?}");
            let found = measure(&flushed(tone, 0.35));
            assert_eq!(found.findings.len(), 1, "{tone:?}");
            let place = &found.findings[0];
            assert!((place.area_mm2 - 100.0).abs() < 30.0, "{tone:?}: {}", place.area_mm2);
            assert_eq!(place.zone, Zone::LeftCheek);
            assert!(place.polygon.iter().all(|p| (37.0..63.0).contains(&p.x) && (27.0..53.0).contains(&p.y)));
        }
    }

    #[test]
    fn the_score_falls_and_severity_rises_with_the_value() {
        let steps = [0.0, 0.3, 0.5, 1.2, 3.0, 50.0];
        assert!(steps.windows(2).all(|w| score(w[0]) > score(w[1])));
        assert_eq!(steps.map(severity), ["none", "none", "mild", "moderate", "severe", "severe"]);
        assert_eq!(score(0.0), 100.0);
    }
}
