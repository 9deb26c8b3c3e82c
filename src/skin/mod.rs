//! What is measured on skin. One quantity a module; its first lines define it.

pub mod acne;
pub mod concern;
pub mod dark_circles;
pub mod dark_spots;
pub mod glasses;
pub mod monochrome;
pub mod oiliness;
pub mod overall;
pub mod pigmentation;
pub mod pores;
pub mod redness;
mod share;
pub mod texture;
pub mod tone;
pub mod wrinkles;

pub use concern::{Measured, Outcome, Scale, SEVERITIES};
pub use tone::{Tone, ToneParams};

use std::collections::BTreeMap;

use crate::frame::{Border, Pyramid};
use crate::geometry::{Rect, Similarity};
use crate::lab::Lab;
use crate::mesh::{Mesh, Pose};
use crate::network::Segments;
use crate::quality::{Quality, QualityParams};
use crate::quantile::keyed;
use crate::region::{SkinMap, Zone};
use crate::report::{ConcernId, Reason};
use crate::surface::{ramp, Spots, Surface};

/// CIELAB of each pixel of a skin map's grid, row-major.
#[inline(never)]
pub fn lab_map(map: &SkinMap) -> Vec<Lab> {
    map.grid.rgb.iter().map(|&rgb| Lab::from_srgb(rgb)).collect()
}

/// CIELAB of a rectangle of the photo, resampled to 64 × 64 pixels.
pub fn lab_of(photo: &Pyramid, rect: &Rect) -> Vec<Lab> {
    const SIDE: usize = 64;
    let map = Similarity::square(rect.center(), rect.width.max(rect.height), 0.0, SIDE as f32);
    let mut lab = Vec::with_capacity(SIDE * SIDE);
    photo.sample(&map, (SIDE, SIDE), Border::Nearest, |rgb| lab.push(Lab::from_srgb(rgb)));
    lab
}

/// Every threshold of the nine measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkinParams {
    /// Inflamed lesions.
    pub acne: acne::AcneParams,
    /// Flush.
    pub redness: redness::RednessParams,
    /// Freckles, moles, age spots.
    pub dark_spots: dark_spots::DarkSpotParams,
    /// Patches.
    pub pigmentation: pigmentation::PigmentationParams,
    /// Pores.
    pub pores: pores::PoreParams,
    /// Lines.
    pub wrinkles: wrinkles::WrinkleParams,
    /// Unevenness.
    pub texture: texture::TextureParams,
    /// Shine.
    pub oiliness: oiliness::OilinessParams,
    /// Below the eyes.
    pub dark_circles: dark_circles::DarkCircleParams,
}

/// From the raw quantity of a concern to its score.
pub fn scale(id: ConcernId) -> Scale {
    match id {
        ConcernId::Acne => acne::SCALE,
        ConcernId::Redness => redness::SCALE,
        ConcernId::DarkSpots => dark_spots::SCALE,
        ConcernId::Pigmentation => pigmentation::SCALE,
        ConcernId::Pores => pores::SCALE,
        ConcernId::Wrinkles => wrinkles::SCALE,
        ConcernId::Texture => texture::SCALE,
        ConcernId::Oiliness => oiliness::SCALE,
        ConcernId::DarkCircles => dark_circles::SCALE,
    }
}

/// What blur does to a concern.
#[derive(Clone, Copy, PartialEq)]
enum Blur {
    /// Nothing: it is larger.
    Spares,
    /// Takes the small ones.
    Weakens,
    /// Removes it.
    Removes,
}

/// What a photo must offer for a concern.
struct Demand {
    /// Whether it is a matter of colour.
    colour: bool,
    /// What blur does to it.
    blur: Blur,
    /// Whether it means the same wherever on a face it is, and coarse enough that a guess of the scale does.
    anywhere: bool,
    /// Pixels of the photo a millimetre below which it is not measured, and from which it is fully trusted.
    native: (f32, f32),
}

fn demand(id: ConcernId) -> Demand {
    let (colour, blur, native) = match id {
        // A lesion of 4 mm has three pixels; with fewer, chance decides what is one.
        ConcernId::Acne | ConcernId::DarkSpots => (true, Blur::Weakens, (0.75, 2.5)),
        ConcernId::Redness | ConcernId::Pigmentation | ConcernId::Oiliness | ConcernId::DarkCircles => {
            (true, Blur::Spares, (0.35, 1.0))
        }
        // A line of a millimetre is less than a pixel of a coarser photo, and JPEG's blocks are lines.
        ConcernId::Wrinkles => (false, Blur::Removes, (0.75, 2.0)),
        ConcernId::Texture => (false, Blur::Removes, (0.45, 2.0)),
        // A pore of half a millimetre must be more than a pixel.
        ConcernId::Pores => (false, Blur::Removes, (2.5, 5.0)),
    };
    let anywhere = matches!(id, ConcernId::Redness | ConcernId::DarkSpots | ConcernId::Texture);
    Demand { colour, blur, anywhere, native }
}

/// Whether a concern can't be measured without colour.
pub fn needs_colour(id: ConcernId) -> bool {
    demand(id).colour
}

/// Whether a photo of so many pixels a millimetre is fine enough for a concern to be measured at all.
pub fn is_fine(id: ConcernId, native: f32) -> bool {
    native >= demand(id).native.0
}

/// A face whose skin is to be measured.
pub struct Seen<'a> {
    /// The photo.
    pub photo: &'a Pyramid<'a>,
    /// The face's mesh and its pose; `None` of skin of which nobody knows where on a face it lies.
    pub face: Option<(&'a Mesh, &'a Pose)>,
    /// Its skin.
    pub map: &'a SkinMap,
    /// What the photo allows.
    pub quality: &'a Quality,
    /// Whether the photo has no colour.
    pub colourless: bool,
}

impl Seen<'_> {
    /// Its skin as it is measured.
    pub fn surface(&self) -> Surface {
        let mut surface = Surface::new(self.photo, self.map);
        if let Some((mesh, pose)) = self.face {
            surface.leave_out(|zone| turned_away(zone, pose));
            // Frames and what they mirror lie there.
            if glasses::bar_across_nose(self.photo, mesh) >= glasses::LEAST {
                surface.leave_out(|zone| matches!(zone, Zone::UnderLeftEye | Zone::UnderRightEye));
            }
        }
        surface
    }

    /// All nine concerns, each with how far to trust it, 0–1; with what a network sees of it, where one does.
    pub fn examine(
        &self,
        surface: &Surface,
        segments: Option<&Segments>,
        params: &SkinParams,
        quality: &QualityParams,
    ) -> BTreeMap<ConcernId, (Outcome, f32)> {
        self.some(&ConcernId::ALL, surface, segments, params, quality)
    }

    /// Some of them.
    pub fn some(
        &self,
        wanted: &[ConcernId],
        surface: &Surface,
        segments: Option<&Segments>,
        params: &SkinParams,
        quality: &QualityParams,
    ) -> BTreeMap<ConcernId, (Outcome, f32)> {
        let enough = surface.skin_mm2() >= concern::LEAST_MM2;
        let planes = Planes::of(surface, segments, params);
        let trust = self.quality.confidence(quality);
        let outcome = |id: ConcernId| match self.refusal(id, surface.native, quality) {
            Some(reason) => Err(reason),
            None if !enough => Err(Reason::NoSkin),
            None => self.measure(id, surface, &planes, params),
        };
        keyed(wanted.iter().map(|&id| (id, (outcome(id), trust * self.trust(id, surface)))))
    }

    fn measure(&self, id: ConcernId, surface: &Surface, planes: &Planes, params: &SkinParams) -> Outcome {
        let Planes { darkness, detail, lesions, spots } = planes;
        Ok(match id {
            ConcernId::Acne => acne::measure(surface, lesions),
            ConcernId::Redness => redness::measure(surface, lesions, &params.redness),
            ConcernId::DarkSpots => dark_spots::measure(surface, spots),
            ConcernId::Pigmentation => {
                pigmentation::measure(surface, darkness, &surface.brownness(), lesions, &params.pigmentation)
            }
            ConcernId::Pores => return pores::measure(self.photo, surface, &params.pores),
            ConcernId::Wrinkles => return wrinkles::measure(surface, detail, [lesions, spots], &params.wrinkles),
            ConcernId::Texture => texture::measure(surface, darkness, detail, &params.texture),
            ConcernId::Oiliness => oiliness::measure(surface, &params.oiliness),
            ConcernId::DarkCircles => match self.face {
                Some((mesh, _)) => {
                    return dark_circles::measure(surface, mesh, self.photo.size(), &params.dark_circles)
                }
                None => return Err(Reason::ModelMissing),
            },
        })
    }

    /// Why the photo can't carry a measure, where it can't.
    fn refusal(&self, id: ConcernId, native: f32, quality: &QualityParams) -> Option<Reason> {
        let demand = demand(id);
        if self.face.is_none() && !demand.anywhere {
            return Some(Reason::ModelMissing);
        }
        if demand.colour && self.colourless {
            return Some(Reason::Monochrome);
        }
        if demand.colour && self.quality.tinted {
            return Some(Reason::Light);
        }
        if !is_fine(id, native) {
            return Some(Reason::Resolution);
        }
        // Advice begins at the least sharpness; half of it shows no detail at all.
        let blurred = self.quality.sharpness.is_some_and(|s| s < quality.least_sharpness / 2.0);
        (demand.blur == Blur::Removes && blurred).then_some(Reason::Blurred)
    }

    /// How far the photo's detail goes for a concern, 0–1.
    fn trust(&self, id: ConcernId, surface: &Surface) -> f32 {
        let demand = demand(id);
        let sharpness = self.quality.sharpness.filter(|_| demand.blur != Blur::Spares);
        let sharp = sharpness.map_or(1.0, |s| ramp(s, 0.0, 0.4));
        let light = match id {
            // How far skin shines depends on its lamp.
            ConcernId::Oiliness => self.quality.light(),
            // Blood hardly shows on very dark skin, where a step of the photo's 8 bits is as much as it adds.
            ConcernId::Acne | ConcernId::Redness => (FINE_STEP * surface.gain / surface.step()).min(1.0),
            _ => 1.0,
        };
        light * (ramp(surface.native, 0.0, demand.native.1) * sharp).sqrt()
    }
}

/// The side of a half profile that is seen edge-on.
fn turned_away(zone: Zone, pose: &Pose) -> bool {
    // Beyond this a cheek is so foreshortened that its edge decides.
    const TURNED: f32 = 28.0;
    match zone {
        Zone::LeftCheek | Zone::UnderLeftEye => pose.yaw > TURNED,
        Zone::RightCheek | Zone::UnderRightEye => pose.yaw < -TURNED,
        _ => false,
    }
}

/// Up to this density a step of 8 bits hides nothing: that of a green of 110, of which skin darker than Monk 7 has less.
const FINE_STEP: f32 = 0.02;

/// Spread of the smoothing below which pores, noise and a JPEG's blocks decide, mm: lines, texture and shine begin there.
pub const DETAIL_MM: f32 = 0.8;

/// What several measures look at.
struct Planes {
    darkness: Vec<f32>,
    /// Darkness smoothed to [`DETAIL_MM`].
    detail: Vec<f32>,
    lesions: Spots,
    spots: Spots,
}

impl Planes {
    fn of(surface: &Surface, segments: Option<&Segments>, params: &SkinParams) -> Planes {
        let redness = surface.redness();
        // Where spots are too coarse to be measured they are too coarse to be left out of anything.
        let fine = |id: ConcernId| is_fine(id, surface.native);
        let fed = |id: ConcernId| segments.filter(|segments| segments.fed(id).next().is_some());
        let lesions = match fed(ConcernId::Acne) {
            _ if !fine(ConcernId::Acne) => Spots::default(),
            Some(segments) => acne::seen(surface, segments, &redness, &params.acne),
            None => acne::lesions(surface, &redness, &params.acne),
        };
        let darkness = surface.darkness();
        let spots = match fed(ConcernId::DarkSpots) {
            _ if !fine(ConcernId::DarkSpots) => Spots::default(),
            Some(segments) => dark_spots::seen(surface, segments, &darkness, &params.dark_spots),
            None => dark_spots::spots(surface, &darkness, &lesions, &params.dark_spots),
        };
        let detail = surface.window(DETAIL_MM).mean(&darkness);
        Planes { darkness, detail, lesions, spots }
    }
}
