//! Dark circles: how much darker the skin below the eyes is than the cheek beside it, ΔL*.
//!
//! The difference of the density of red between the darker part of the zone under an eye and the middle of the same side's
//! cheek, as it can be seen, laid onto a reference skin of L* 60 (ΔL* after Ohshima and Takiwaki 2008). Both sides count
//! alike. Melanin and the blood of veins take red light away, arterial blood hardly does (Prahl 1999): a flushed cheek is
//! still the same reference.
//!
//! It can't tell pigment from blood that shows through, nor either from the shadow of a tear trough or of a lamp
//! above; concealer hides them.

use super::concern::{Measured, Scale};
use crate::geometry::Point;
use crate::lab::{encode, Lab};
use crate::mesh::{topology, Mesh};
use crate::quantile::quantile;
use crate::region::{fill, Zone};
use crate::report::Reason;
use crate::surface::{members, place_of, Surface, AREA_MM2};

/// Half of the score is lost where it is 18 ΔL* darker: nearly twice what the middle one of 458 faces has.
pub const SCALE: Scale = Scale { unit: "ΔL* below the cheek, on reference skin", half: 18.0, cuts: [7.0, 14.0, 22.0] };

/// The reference skin: linear light of L* 60, a* 8.5, b* 16.4, between Monk tones 5 and 6.
const REFERENCE: [f32; 3] = [0.40, 0.256, 0.175];

/// How dark circles are read.
#[derive(Clone, Debug, PartialEq)]
pub struct DarkCircleParams {
    /// The zone's darkness is that of this share of its skin, from the dark end: a circle fills the zone's middle
    /// only.
    pub share: f32,
    /// Smoothing, mm: lashes and fine lines are no circle.
    pub smooth_mm: f32,
    /// Least share of the zone under an eye that shows skin; glasses and hair leave less.
    pub least_seen: f32,
    /// How much less red and how much darker than the rest of the skin, density, what lies under an eye may be and count as
    /// skin: frames and lashes are less red by all that skin is redder than grey.
    pub less_red: f32,
    /// See [`DarkCircleParams::less_red`].
    pub most_dark: f32,
    /// Least skin of the cheek's middle, mm².
    pub least_cheek_mm2: f32,
}

impl Default for DarkCircleParams {
    fn default() -> Self {
        DarkCircleParams {
            share: 0.30,
            smooth_mm: 1.2,
            least_seen: 0.5,
            less_red: 0.28,
            most_dark: 1.4,
            least_cheek_mm2: 40.0,
        }
    }
}

/// Measures dark circles; `occluded` where neither side can be seen.
pub fn measure(surface: &Surface, mesh: &Mesh, params: &DarkCircleParams) -> Result<Measured, Reason> {
    let darkness = &surface.density[0];
    // A strong circle is no longer the colour of the rest of the skin. It is still coloured like skin, which frames,
    // lashes and hair are not, and not black.
    let (red, dark) = (surface.redness(), surface.median(darkness));
    let least_red = surface.median(&red) - params.less_red * surface.gain;
    let most_dark = params.most_dark * surface.gain;
    let seen = surface.with_skin(|i| {
        let under = matches!(surface.allowed[i], Some(Zone::UnderLeftEye | Zone::UnderRightEye));
        under && red[i] > least_red && darkness[i] - dark < most_dark
    });
    let smooth = seen.window(params.smooth_mm).mean(darkness);
    let left = topology::mirrored(&topology::RIGHT_CHEEK_SEED);
    let sides = [(Zone::UnderLeftEye, &left[..]), (Zone::UnderRightEye, &topology::RIGHT_CHEEK_SEED[..])];
    let mut measured = Measured::default();
    for (zone, cheek) in sides {
        let Some((value, dark)) = side(surface, &seen, mesh, &smooth, zone, cheek, params) else { continue };
        measured.zones.push((zone, value));
        if value >= SCALE.cuts[0] {
            measured.findings.extend(place_of(surface, &dark));
        }
    }
    if measured.zones.is_empty() {
        return Err(Reason::Occluded);
    }
    measured.value = measured.zones.iter().map(|(_, v)| v).sum::<f32>() / measured.zones.len() as f32;
    Ok(measured)
}

/// ΔL* of one side, and the pixels that are darkest.
fn side(
    surface: &Surface,
    seen: &Surface,
    mesh: &Mesh,
    smooth: &[f32],
    zone: Zone,
    cheek: &[usize],
    params: &DarkCircleParams,
) -> Option<(f32, Vec<usize>)> {
    let allowed = surface.allowed.iter().filter(|z| **z == Some(zone)).count();
    let pixels: Vec<usize> = (0..smooth.len()).filter(|&i| seen.zones[i] == Some(zone)).collect();
    if allowed == 0 || (pixels.len() as f32) < params.least_seen * allowed as f32 {
        return None;
    }
    let outline: Vec<Point> = mesh.chain(cheek).map(|p| surface.map.unmap(p)).collect();
    let mut beside = Vec::new();
    fill(&outline, (surface.width, surface.height), |i| {
        if surface.skin[i] > 0.0 {
            beside.push(smooth[i]);
        }
    });
    if beside.len() as f32 * AREA_MM2 < params.least_cheek_mm2 {
        return None;
    }
    let calm = quantile(&mut beside, 0.5)?;
    let mut under: Vec<f32> = pixels.iter().map(|&i| smooth[i]).collect();
    let edge = quantile(&mut under, 1.0 - params.share)?;
    let lightness = |added: f32| Lab::from_srgb(REFERENCE.map(|r| encode(r * (-added).exp()))).l;
    let value = (lightness(0.0) - lightness(edge - calm)).max(0.0);
    let mut dark = vec![false; smooth.len()];
    pixels.iter().filter(|&&i| smooth[i] >= edge).for_each(|&i| dark[i] = true);
    let largest = members(&dark, surface.width).into_iter().max_by_key(Vec::len)?;
    Some((value, largest))
}
