//! Dark circles: how much darker the skin below an eye is than the cheek straight below it, ΔL*, of the side where it is more.
//!
//! The difference of density, mostly of red, between the darker part of the zone under the eye and the skin a little further down,
//! cheek and wing of the nose,
//! as it can be seen, laid onto a reference skin of L* 60 (ΔL* after Ohshima and Takiwaki 2008). Melanin and the blood of veins
//! take red light away, arterial blood hardly does (Prahl 1999): a flushed cheek is still nearly the same reference. A lamp
//! from the side changes little from the inner corner of the eye straight down, and lights the middle of the cheek by far more.
//! Graders by eye go by the worse side.
//!
//! It can't tell pigment from blood that shows through, nor either from the shadow of a tear trough or of a lamp
//! above; concealer hides them.

use super::concern::{Measured, Scale};
use crate::geometry::Point;
use crate::lab::{encode, Lab};
use crate::mesh::{topology, Mesh};
use crate::quantile::quantile;
use crate::region::Zone;
use crate::report::Reason;
use crate::surface::{members, place_of, Surface, AREA_MM2, PX_PER_MM};

/// Half of the score is lost where it is 18 ΔL* darker: nearly twice what the middle one of 458 faces has. Cut where faces are
/// graded by eye: of 217, those with just noticeable circles have 4.5 in the middle, with mild ones 14, with moderate and
/// marked ones 20.
pub const SCALE: Scale = Scale { unit: "ΔL* below the cheek, on reference skin", half: 18.0, cuts: [8.0, 16.0, 23.0] };

/// The reference skin: linear light of L* 60, a* 8.5, b* 16.4, between Monk tones 5 and 6.
const REFERENCE: [f32; 3] = [0.40, 0.256, 0.175];

/// What counts as dark of the three densities: red, and what green there is that a flush of the cheek does not outweigh.
const DARK: [f32; 3] = [0.8, 0.2, 0.0];

/// How dark circles are read.
#[derive(Clone, Debug, PartialEq)]
pub struct DarkCircleParams {
    /// The zone's darkness is that of this share of its skin, from the dark end: a circle does not fill it.
    pub share: f32,
    /// How far from the inner corner outwards the zone counts, shares of the eye's width: beyond it are lashes and their shadow.
    pub inner: f32,
    /// From where to where the cheek below lies, in the same shares, and to where the one that takes its place where it is hidden.
    pub beneath: [f32; 3],
    /// How far below the line through the eye's corners that cheek lies, mm.
    pub beneath_mm: (f32, f32),
    /// Smoothing, mm: lashes and fine lines are no circle.
    pub smooth_mm: f32,
    /// Least share of that part of the zone that shows skin; glasses and hair leave less.
    pub least_seen: f32,
    /// How much less red and how much darker than the rest of the skin, density, what lies under an eye may be and count as
    /// skin: frames and lashes are less red by all that skin is redder than grey.
    pub less_red: f32,
    /// See [`DarkCircleParams::less_red`].
    pub most_dark: f32,
    /// Least skin of the cheek below, mm².
    pub least_cheek_mm2: f32,
}

impl Default for DarkCircleParams {
    fn default() -> Self {
        DarkCircleParams {
            share: 0.4,
            inner: 0.8,
            beneath: [-0.15, 0.3, 0.75],
            beneath_mm: (24.0, 34.0),
            smooth_mm: 1.2,
            least_seen: 0.35,
            less_red: 0.28,
            most_dark: 1.4,
            least_cheek_mm2: 40.0,
        }
    }
}

/// Measures dark circles on a photo of so many pixels; `occluded` where neither side can be seen, as where the photo ends below the eyes.
#[inline(never)]
pub fn measure(
    surface: &Surface,
    mesh: &Mesh,
    photo: (usize, usize),
    params: &DarkCircleParams,
) -> Result<Measured, Reason> {
    let darkness = &surface.mix(DARK);
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
    // Where an eye lies that the photo does not show the mesh guesses, and with it where the skin below it begins.
    let sides: Vec<(Zone, [Point; 2])> =
        [(Zone::UnderLeftEye, topology::LEFT_EYE_CORNERS), (Zone::UnderRightEye, topology::RIGHT_EYE_CORNERS)]
            .into_iter()
            .filter(|(_, corners)| mesh.point(corners[1]).is_on(photo))
            .map(|(zone, corners)| (zone, corners.map(|corner| surface.map.unmap(mesh.point(corner)))))
            .collect();
    let mut measured = Measured::default();
    // Where that cheek is hidden below both eyes, by rims, a beard or strands, the one farther out tells.
    for beneath in params.beneath.windows(2) {
        for &(zone, corners) in &sides {
            let beneath = (beneath[0], beneath[1]);
            let Some((value, dark)) = side(surface, &seen, corners, &smooth, zone, beneath, params) else { continue };
            measured.zones.push((zone, value));
            if value >= SCALE.cuts[0] {
                measured.findings.extend(place_of(surface, &dark));
            }
        }
        if !measured.zones.is_empty() {
            break;
        }
    }
    if measured.zones.is_empty() {
        return Err(Reason::Occluded);
    }
    measured.value = measured.zones.iter().fold(0.0, |most, (_, value)| value.max(most));
    Ok(measured)
}

/// ΔL* of one side, and the pixels that are darkest; the eye's corners are the outer one and the inner one.
fn side(
    surface: &Surface,
    seen: &Surface,
    [outer, inner]: [Point; 2],
    smooth: &[f32],
    zone: Zone,
    beneath: (f32, f32),
    params: &DarkCircleParams,
) -> Option<(f32, Vec<usize>)> {
    let (along, width) = (Point::new(outer.x - inner.x, outer.y - inner.y), outer.distance(inner));
    // Shares of the eye's width from the inner corner outwards, and mm below the line through both.
    let place = |i: usize| {
        let from = Point::new((i % surface.width) as f32 + 0.5 - inner.x, (i / surface.width) as f32 + 0.5 - inner.y);
        let down = (along.x * from.y - along.y * from.x) * along.x.signum() / (width * PX_PER_MM);
        ((along.x * from.x + along.y * from.y) / (width * width), down)
    };
    let within = |v: f32, (low, high): (f32, f32)| low <= v && v < high;
    let allowed: Vec<usize> =
        (0..smooth.len()).filter(|&i| surface.allowed[i] == Some(zone) && place(i).0 < params.inner).collect();
    let pixels: Vec<usize> = allowed.iter().copied().filter(|&i| seen.zones[i] == Some(zone)).collect();
    if allowed.is_empty() || (pixels.len() as f32) < params.least_seen * allowed.len() as f32 {
        return None;
    }
    let cheek = |i: &usize| {
        let (across, down) = place(*i);
        within(across, beneath) && within(down, params.beneath_mm)
    };
    let skin = (0..smooth.len()).filter(|&i| surface.skin[i] > 0.0);
    let mut beside: Vec<f32> = skin.filter(cheek).map(|i| smooth[i]).collect();
    if beside.len() as f32 * AREA_MM2 < params.least_cheek_mm2 {
        return None;
    }
    let calm = quantile(&mut beside, 0.5)?;
    let mut under: Vec<f32> = pixels.iter().map(|&i| smooth[i]).collect();
    let edge = quantile(&mut under, 1.0 - params.share)?;
    let lightness = |added: f32| Lab::from_srgb(REFERENCE.map(|r| encode(r * (-added).exp()))).l;
    let value = (lightness(0.0) - lightness(edge - calm)).max(0.0);
    // A circle ends where half of it is left.
    let mut dark = vec![false; smooth.len()];
    pixels.iter().filter(|&&i| smooth[i] - calm >= (edge - calm) / 2.0).for_each(|&i| dark[i] = true);
    // Where the skin below the eye is the lighter one there may be nothing, and no side is hidden for that.
    let largest = members(&dark, surface.width).into_iter().max_by_key(Vec::len).unwrap_or_default();
    Some((value, largest))
}
