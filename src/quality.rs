//! Whether a photo allows a fair analysis: size, light, sharpness, pose, what covers the face.
//!
//! Advice, not a gate: measuring goes on with lower confidence on what can be seen.

use serde::Serialize;

use crate::frame::Pyramid;
use crate::lab::{linear, Lab};
use crate::mesh::{topology, Mesh, Pose};
use crate::quantile::quantile;
use crate::region::{FaceGrid, SkinMap, Zone};
use crate::surface::ramp;

/// What is wrong with a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QualityIssue {
    /// No face was found.
    NoFace,
    /// There are several; the largest was measured.
    SeveralFaces,
    /// The eyes are too close together, in pixels, for details of the skin.
    FaceTooSmall,
    /// Part of the face lies outside the photo.
    FaceCutOff,
    /// Much of the face is nearly black.
    TooDark,
    /// Much of the face is nearly white.
    TooBright,
    /// One side of the face is lit otherwise than the other.
    UnevenLight,
    /// The face is out of focus or was moved.
    Blurred,
    /// The head is turned.
    OffPose,
    /// Hair, beard, glasses or a hand cover much of the skin.
    Occluded,
    /// The light has a colour that skin does not have.
    ColourCast,
    /// The photo has no colour.
    Monochrome,
}

/// From where on a photo is advised against.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityParams {
    /// Least distance between the pupils, pixels: ISO/IEC 29794-5 asks 90 for identity documents;
    /// a skin finding of 2 mm is two pixels wide at 60.
    pub least_interocular: f32,
    /// Greatest share of the face's outline outside the photo.
    pub cut_off: f32,
    /// Luminance (0–255) up to which a pixel counts as black, and from which as white
    /// (ISO/IEC 29794-5: [0, 25] and [247, 255]).
    pub black_white: (f32, f32),
    /// Greatest share of black, and of white pixels.
    pub most_black: f32,
    /// Skin shows shine; a tenth of the face in white is more than shine.
    pub most_white: f32,
    /// Least overlap of the histograms of both cheeks, 0–1.
    pub least_balance: f32,
    /// Least sharpness, 0–1.
    pub least_sharpness: f32,
    /// Spread of the Laplacian of a face that is as sharp as a photo gets, in units of the face's
    /// own contrast.
    pub sharp: f32,
    /// Greatest turn of the head, degrees of yaw and of pitch.
    pub most_turn: f32,
    /// Least share of skin that is not covered.
    pub least_uncovered: f32,
    /// Hues of skin, degrees in CIELAB: from pink to yellow. A cast moves it out.
    pub skin_hue: (f32, f32),
    /// A chroma below or above which the hue of skin is not skin's.
    pub skin_chroma: (f32, f32),
    /// Lightness above which, and chroma below which, hue and chroma say nothing of the light: the lightest skin is nearly
    /// white, and a camera's white may be as far off as its chroma.
    pub pale: (f32, f32),
    /// Hue and chroma beyond which the light has taken the colour of skin away: of 300 generated people in white
    /// light none lies there, of those under neon, sodium or candle light half do.
    pub tint: ((f32, f32), (f32, f32)),
}

impl Default for QualityParams {
    fn default() -> Self {
        QualityParams {
            least_interocular: 60.0,
            cut_off: 0.05,
            black_white: (25.0, 247.0),
            most_black: 0.25,
            most_white: 0.10,
            least_balance: 0.2,
            least_sharpness: 0.12,
            sharp: 0.6,
            most_turn: 20.0,
            least_uncovered: 0.55,
            skin_hue: (15.0, 85.0),
            skin_chroma: (4.0, 55.0),
            pale: (75.0, 8.0),
            tint: ((5.0, 100.0), (2.5, 47.0)),
        }
    }
}

/// The quality of a photo. Values from 0 to 1, 1 best; `None` without a face.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// In the order of [`QualityIssue`].
    pub issues: Vec<QualityIssue>,
    /// Detail of the face, at a fixed scale.
    pub sharpness: Option<f32>,
    /// Share of the face that is neither black nor white.
    pub exposure: Option<f32>,
    /// Overlap of the luminance histograms of both cheeks.
    pub illumination_balance: Option<f32>,
    /// Distance between the pupils, pixels of the photo.
    pub interocular: Option<f32>,
    /// By how many stops the photo's mean is brighter than the middle grey that cameras aim at: how little it says
    /// of how much light there was.
    pub stops_off: Option<f32>,
    /// Whether the light is so coloured that colours of skin can't be measured.
    pub tinted: bool,
}

impl Quality {
    /// The quality of a photo without a face, or whose face could not be meshed.
    pub fn without_mesh(issue: QualityIssue) -> Quality {
        Quality { issues: vec![issue], ..Quality::default() }
    }

    /// One more issue, in its order.
    pub fn add(&mut self, issue: QualityIssue) {
        let at = self.issues.partition_point(|other| *other < issue);
        self.issues.insert(at, issue);
    }

    /// Whether nothing speaks against the photo; several faces do not.
    pub fn is_acceptable(&self) -> bool {
        self.issues.iter().all(|issue| *issue == QualityIssue::SeveralFaces)
    }

    /// How far to trust what is measured on colour and area, 0–1: each quantity counts from
    /// nothing to full as it goes from useless to twice what is asked of it.
    pub fn confidence(&self, params: &QualityParams) -> f32 {
        let part = |value: Option<f32>, least: f32| value.map_or(0.5, |v| ramp(v, 0.0, 2.0 * least));
        let light = self.exposure.map_or(0.0, |v| (1.0 - 2.0 * (1.0 - v)).clamp(0.0, 1.0));
        let fair = part(self.interocular, params.least_interocular)
            * part(self.illumination_balance, params.least_balance)
            * part(self.sharpness, params.least_sharpness).sqrt()
            * light;
        // What no ramp knows: each halves the trust.
        let against =
            [QualityIssue::ColourCast, QualityIssue::OffPose, QualityIssue::Occluded, QualityIssue::FaceCutOff];
        let halvings = self.issues.iter().filter(|issue| against.contains(issue)).count();
        fair.sqrt() * 0.5f32.powi(halvings as i32)
    }

    /// How far to trust what one photo can't tell from its light, 0–1: less the farther its mean lies from middle
    /// grey.
    pub fn light(&self) -> f32 {
        1.0 - 0.5 * ramp(self.stops_off.unwrap_or(0.0).abs(), 0.0, 3.0)
    }

    /// Measures the face of a map; `tone` is the colour of its skin, where it has one.
    #[inline(never)]
    pub fn measure(
        photo: &Pyramid,
        map: &SkinMap,
        mesh: &Mesh,
        pose: &Pose,
        tone: Option<Lab>,
        params: &QualityParams,
    ) -> Quality {
        let face = face_pixels(&map.grid, mesh);
        let mut quality = Quality::seen(photo, map, &face, tone, params);
        let interocular = mesh.interocular();
        let (width, height) = photo.size();
        let cut_off = cut_off(mesh, (width, height));
        quality.interocular = Some(interocular);
        let found = [
            (QualityIssue::FaceTooSmall, interocular < params.least_interocular),
            (QualityIssue::FaceCutOff, cut_off > params.cut_off),
            (QualityIssue::OffPose, is_turned(pose, params)),
            (QualityIssue::Occluded, map.uncovered() < params.least_uncovered),
        ];
        found.into_iter().filter(|(_, is)| *is).for_each(|(issue, _)| quality.add(issue));
        quality
    }

    /// What can be said of a map alone: light and sharpness, not size, pose or what is covered.
    pub fn of_skin(photo: &Pyramid, map: &SkinMap, tone: Option<Lab>, params: &QualityParams) -> Quality {
        let skin: Vec<usize> = (0..map.zones.len()).filter(|&i| map.zones[i].is_some()).collect();
        Quality::seen(photo, map, &skin, tone, params)
    }

    /// Light and sharpness of some pixels of a map.
    fn seen(photo: &Pyramid, map: &SkinMap, face: &[usize], tone: Option<Lab>, params: &QualityParams) -> Quality {
        use QualityIssue::*;
        let luma = luminance(&map.grid);
        let (black, white) = black_and_white(&luma, face, params);
        let balance = balance(map, &luma);
        let sharpness = sharpness(&map.grid, &luma, face, params);
        let within = |range: (f32, f32), v: f32| v >= range.0 && v <= range.1;
        let pale = |t: &Lab| t.l > params.pale.0 && t.chroma() < params.pale.1;
        let hue = tone.filter(|t| !pale(t)).map(|t| (t.b.atan2(t.a).to_degrees(), t.chroma()));
        let beyond = |(hues, chromas): ((f32, f32), (f32, f32))| {
            hue.is_some_and(|(hue, chroma)| !within(hues, hue) || !within(chromas, chroma))
        };
        let (cast, tinted) = (beyond((params.skin_hue, params.skin_chroma)), beyond(params.tint));
        let found = [
            (TooDark, black > params.most_black),
            (TooBright, white > params.most_white),
            (UnevenLight, balance.is_some_and(|b| b < params.least_balance)),
            (Blurred, sharpness < params.least_sharpness),
            (ColourCast, cast || tinted),
        ];
        Quality {
            issues: found.into_iter().filter(|(_, is)| *is).map(|(issue, _)| issue).collect(),
            sharpness: Some(sharpness),
            exposure: Some(1.0 - black - white),
            illumination_balance: balance,
            interocular: None,
            stops_off: Some(stops_off(photo)),
            tinted,
        }
    }
}

/// See [`Quality::stops_off`].
fn stops_off(photo: &Pyramid) -> f32 {
    // Middle grey reflects 18% (ISO 12232).
    const GREY: f32 = 0.18;
    let values = photo.smallest().rgb();
    let mean = values.iter().map(|&v| linear(f32::from(v))).sum::<f32>() / values.len().max(1) as f32;
    (mean.max(1e-4) / GREY).log2()
}

/// Share of a face's outline that lies outside a photo of `width` × `height`.
pub(crate) fn cut_off(mesh: &Mesh, size: (usize, usize)) -> f32 {
    let outside = mesh.chain(&topology::OVAL).filter(|point| !point.is_on(size));
    outside.count() as f32 / topology::OVAL.len() as f32
}

/// Whether a head looks aside.
pub(crate) fn is_turned(pose: &Pose, params: &QualityParams) -> bool {
    pose.yaw.abs() > params.most_turn || pose.pitch.abs() > params.most_turn
}

/// Shares of nearly black and of nearly white pixels.
pub(crate) fn black_and_white(luma: &[f32], face: &[usize], params: &QualityParams) -> (f32, f32) {
    let share =
        |test: &dyn Fn(f32) -> bool| face.iter().filter(|&&i| test(luma[i])).count() as f32 / face.len().max(1) as f32;
    (share(&|v| v <= params.black_white.0), share(&|v| v >= params.black_white.1))
}

/// Detail of a face, 0–1.
pub(crate) fn sharpness(grid: &FaceGrid, luma: &[f32], face: &[usize], params: &QualityParams) -> f32 {
    (detail(grid, luma, face) / params.sharp).min(1.0)
}

/// Luma of each pixel, 0–255 (ITU-R BT.601).
pub(crate) fn luminance(grid: &FaceGrid) -> Vec<f32> {
    grid.rgb.iter().map(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b).collect()
}

fn face_pixels(grid: &FaceGrid, mesh: &Mesh) -> Vec<usize> {
    let mut pixels = Vec::new();
    grid.fill(mesh.chain(&topology::OVAL), |i| pixels.push(i));
    pixels
}

/// The intersection of both cheeks' luminance histograms, 0–1 (ISO/IEC 29794-5); `None` where a
/// cheek can't be seen.
fn balance(map: &SkinMap, luma: &[f32]) -> Option<f32> {
    overlap(&of_zone(luma, &map.zones, Zone::LeftCheek), &of_zone(luma, &map.zones, Zone::RightCheek))
}

/// The luminances of a zone.
pub(crate) fn of_zone(luma: &[f32], zones: &[Option<Zone>], zone: Zone) -> Vec<f32> {
    luma.iter().zip(zones).filter(|(_, of)| **of == Some(zone)).map(|(luma, _)| *luma).collect()
}

/// The intersection of the histograms of two lists of luminances, 0–1; `None` of one with less than a hundred.
pub(crate) fn overlap(left: &[f32], right: &[f32]) -> Option<f32> {
    // Wide enough that a cheek of a hundred pixels fills them.
    const STEPS: usize = 16;
    let histogram = |values: &[f32]| {
        let mut counts = [0.0f32; STEPS];
        for &value in values {
            // Half to each of the two nearest steps, so that a cheek at a step's edge is not alone.
            let at = value / 256.0 * STEPS as f32 - 0.5;
            let low = at.floor().max(0.0) as usize;
            let part = (at - low as f32).clamp(0.0, 1.0);
            counts[low.min(STEPS - 1)] += 1.0 - part;
            counts[(low + 1).min(STEPS - 1)] += part;
        }
        (values.len() >= 100).then(|| counts.map(|c| c / values.len() as f32))
    };
    let (left, right) = (histogram(left)?, histogram(right)?);
    Some(left.iter().zip(right).map(|(l, r)| l.min(r)).sum())
}

/// The Laplacian that nineteen twentieths of the face stay below, by the face's own contrast:
/// eyes and brows have edges on any face, smooth skin on none.
fn detail(grid: &FaceGrid, luma: &[f32], face: &[usize]) -> f32 {
    let (width, height) = (grid.width, grid.height);
    let mut laplacian: Vec<f32> = face
        .iter()
        .filter(|&&i| i % width > 0 && i % width + 1 < width && i / width > 0 && i / width + 1 < height)
        .map(|&i| (4.0 * luma[i] - luma[i - 1] - luma[i + 1] - luma[i - width] - luma[i + width]).abs())
        .collect();
    let mut values: Vec<f32> = face.iter().map(|&i| luma[i]).collect();
    let (Some(low), Some(high)) = (quantile(&mut values, 0.05), quantile(&mut values, 0.95)) else { return 0.0 };
    let Some(strong) = quantile(&mut laplacian, 0.95) else { return 0.0 };
    strong / (high - low).max(10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::all_skin;

    #[test]
    fn cheeks_of_one_light_overlap_and_of_two_do_not() {
        for (left, expected) in [(150.0, 1.0), (60.0, 0.0)] {
            let mut map = all_skin(40, 40, |i| if i % 40 < 20 { [150.0; 3] } else { [left; 3] }, Zone::RightCheek);
            for (i, zone) in map.zones.iter_mut().enumerate() {
                if i % 40 >= 20 {
                    *zone = Some(Zone::LeftCheek);
                }
            }
            let found = balance(&map, &luminance(&map.grid)).unwrap();
            assert!((found - expected).abs() < 1e-3, "{left}: {found}");
        }
        let one = all_skin(40, 40, |_| [150.0; 3], Zone::RightCheek);
        assert_eq!(balance(&one, &luminance(&one.grid)), None);
    }

    #[test]
    fn detail_falls_with_blur_and_not_with_contrast() {
        let edge = |width: f32, contrast: f32| {
            let map = all_skin(
                60,
                60,
                |i| {
                    let x = ((i % 60) as f32 % 20.0 - 10.0).abs() - 5.0;
                    [128.0 + contrast * (x / width).clamp(-1.0, 1.0); 3]
                },
                Zone::Nose,
            );
            let face: Vec<usize> = (0..3600).collect();
            detail(&map.grid, &luminance(&map.grid), &face)
        };
        assert!(edge(1.0, 60.0) > 1.5 * edge(4.0, 60.0));
        assert!((edge(1.0, 60.0) - edge(1.0, 30.0)).abs() < 1e-3);
    }

    #[test]
    fn several_faces_alone_are_acceptable() {
        assert!(Quality::without_mesh(QualityIssue::SeveralFaces).is_acceptable());
        assert!(!Quality::without_mesh(QualityIssue::NoFace).is_acceptable());
    }
}
