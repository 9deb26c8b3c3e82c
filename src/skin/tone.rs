//! Skin tone: the individual typology angle, ITA = atan2(L* − 50, b*) in degrees (Chardon 1991), of the
//! median L*, a*, b* of evenly lit skin on forehead and cheeks; its category (Del Bino and Bernerd
//! 2013); and the nearest of the ten Monk swatches (Monk 2019) by CIEDE2000.
//!
//! It can't see the light: under a lamp that is too dim, too bright or coloured the same skin has
//! another ITA, and one photo can't tell light from tone. The interval holds what it would be had the camera taken
//! the face a stop darker, brighter as far as it had room for, or a fifth more or less blue, and how
//! far it varies over this face. It says nothing of ancestry or of how skin reacts to the sun.

use crate::lab::{linear, Lab};
use crate::quantile::quantile;
use crate::region::{SkinMap, Zone};

/// How tone is read.
#[derive(Clone, Debug, PartialEq)]
pub struct ToneParams {
    /// Side of the patches whose ITA gives the interval, mm: larger than pores and spots, smaller
    /// than a cheek.
    pub patch_mm: f32,
    /// Shares of the luminance of skin between which it counts as evenly lit: shadows lie
    /// below, shine above.
    pub lit: (f32, f32),
    /// Least skin, mm²; a coin's worth.
    pub least_mm2: f32,
    /// By how many stops a photo may have been taken too bright or too dark.
    pub stops: f32,
    /// By which factor its blue may be too strong or too weak.
    pub blue: f32,
}

impl Default for ToneParams {
    fn default() -> Self {
        ToneParams { patch_mm: 8.0, lit: (0.25, 0.9), least_mm2: 300.0, stops: 1.1, blue: 1.2 }
    }
}

/// The tone of a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Tone {
    /// Degrees, −180 to 180; −90 to 90 where the skin is yellower than grey.
    pub ita: f32,
    /// From the least to the greatest that this face's light leaves possible, degrees.
    pub interval: (f32, f32),
    /// By ITA.
    pub category: &'static str,
    /// 1 to 10.
    pub monk: u8,
    /// Median of the skin.
    pub lab: Lab,
}

/// The swatches of the Monk scale, 1 to 10, sRGB (Monk 2019).
pub const MONK: [u32; 10] =
    [0xf6ede4, 0xf3e7db, 0xf7ead0, 0xeadaba, 0xd7bd96, 0xa07e56, 0x825c43, 0x604134, 0x3a312a, 0x292420];

/// ITA of a colour, degrees.
pub fn ita(lab: Lab) -> f32 {
    (lab.l - 50.0).atan2(lab.b).to_degrees()
}

/// The category of an ITA (Chardon 1991; Del Bino and Bernerd 2013).
pub fn category(ita: f32) -> &'static str {
    match ita {
        i if i > 55.0 => "very light",
        i if i > 41.0 => "light",
        i if i > 28.0 => "intermediate",
        i if i > 10.0 => "tan",
        i if i > -30.0 => "brown",
        _ => "dark",
    }
}

/// The number of the nearest Monk swatch, 1 to 10.
pub fn monk(lab: Lab) -> u8 {
    let distance = |swatch: u32| {
        let channel = |shift: u32| (swatch >> shift & 0xff) as f32;
        lab.delta_e2000(Lab::from_srgb([channel(16), channel(8), channel(0)]))
    };
    let nearest = (0..10).min_by(|&a, &b| distance(MONK[a]).total_cmp(&distance(MONK[b])));
    nearest.map_or(1, |i| i as u8 + 1)
}

impl Tone {
    /// The tone of the skin of a map, given the CIELAB of its grid; `None` where there is too little.
    #[inline(never)]
    pub fn measure(map: &SkinMap, lab: &[Lab], params: &ToneParams) -> Option<Tone> {
        let counts = |i: usize| matches!(map.zones[i], Some(Zone::Forehead | Zone::LeftCheek | Zone::RightCheek));
        let skin: Vec<usize> = (0..lab.len()).filter(|&i| counts(i)).collect();
        if (skin.len() as f32) * map.area_mm2() < params.least_mm2 {
            return None;
        }
        let mut lightness: Vec<f32> = skin.iter().map(|&i| lab[i].l).collect();
        let (low, high) = (quantile(&mut lightness, params.lit.0)?, quantile(&mut lightness, params.lit.1)?);
        let lit: Vec<usize> = skin.iter().copied().filter(|&i| (low..=high).contains(&lab[i].l)).collect();
        let median = median_of(lit.iter().map(|&i| lab[i]))?;
        let mut angles = patch_angles(map, lab, &skin, params.patch_mm);
        let value = ita(median);
        // A face that is as bright as a photo gets was not taken too dark.
        let brightest = quantile(&mut map.grid.rgb.iter().flatten().copied().collect::<Vec<_>>(), 0.98)?;
        let room = -linear(brightest.max(1.0)).log2() + SLACK;
        let brighter = room.clamp(0.0, params.stops).exp2();
        let darker = (-params.stops).exp2();
        let lights = [(darker, 1.0), (brighter, 1.0), (1.0, params.blue), (1.0, 1.0 / params.blue)];
        let possible = lights.map(|(light, blue)| ita(relit(median, light, blue)));
        // The interval holds the value, also where the patches are few.
        let interval = (
            possible.into_iter().fold(quantile(&mut angles, 0.1)?.min(value), f32::min),
            possible.into_iter().fold(quantile(&mut angles, 0.9)?.max(value), f32::max),
        );
        Some(Tone { ita: value, interval, category: category(value), monk: monk(median), lab: median })
    }
}

/// Stops by which a camera may go on beyond the brightest that it has shown: what clips is a few pixels more.
const SLACK: f32 = 0.2;

/// A colour in so many times the light, and its blue in so many times that. Cube roots of light are the axes of
/// CIELAB (CIE 15), so a factor of light is one of them.
fn relit(lab: Lab, light: f32, blue: f32) -> Lab {
    let y = (lab.l + 16.0) / 116.0;
    let z = y - lab.b / 200.0;
    let (y, z) = (y * light.cbrt(), z * (light * blue).cbrt());
    Lab { l: 116.0 * y - 16.0, a: lab.a * light.cbrt(), b: 200.0 * (y - z) }
}

/// Each channel's median.
fn median_of(colours: impl Iterator<Item = Lab> + Clone) -> Option<Lab> {
    let middle = |channel: fn(Lab) -> f32| quantile(&mut colours.clone().map(channel).collect::<Vec<_>>(), 0.5);
    Some(Lab { l: middle(|c| c.l)?, a: middle(|c| c.a)?, b: middle(|c| c.b)? })
}

/// The ITA of the mean of each square patch of skin.
fn patch_angles(map: &SkinMap, lab: &[Lab], skin: &[usize], side_mm: f32) -> Vec<f32> {
    let side = ((side_mm * map.grid.px_per_mm) as usize).max(1);
    let columns = map.grid.width / side + 1;
    let mut sums = vec![(0.0f32, 0.0f32, 0.0f32); columns * (map.grid.height / side + 1)];
    for &i in skin {
        let sum = &mut sums[(i / map.grid.width / side) * columns + (i % map.grid.width) / side];
        *sum = (sum.0 + 1.0, sum.1 + lab[i].l, sum.2 + lab[i].b);
    }
    let half = (side * side) as f32 / 2.0;
    let full: Vec<f32> =
        sums.iter().filter(|s| s.0 >= half).map(|(n, l, b)| ita(Lab { l: l / n, a: 0.0, b: b / n })).collect();
    if full.is_empty() {
        return skin.iter().map(|&i| ita(lab[i])).collect();
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::encode;
    use crate::region::tests::all_skin;

    #[test]
    fn categories_change_where_the_scale_says() {
        for (ita, name) in [
            (60.0, "very light"),
            (55.0, "light"),
            (41.0, "intermediate"),
            (28.0, "tan"),
            (10.0, "brown"),
            (-30.0, "dark"),
        ] {
            assert_eq!(category(ita), name, "{ita}");
        }
    }

    #[test]
    fn each_swatch_is_nearest_to_itself() {
        for (i, swatch) in MONK.iter().enumerate() {
            let channel = |shift: u32| (swatch >> shift & 0xff) as f32;
            assert_eq!(usize::from(monk(Lab::from_srgb([channel(16), channel(8), channel(0)]))), i + 1);
        }
    }

    fn of(map: &SkinMap) -> Option<Tone> {
        Tone::measure(map, &crate::skin::lab_map(map), &ToneParams::default())
    }

    #[test]
    fn one_colour_has_its_own_ita_and_what_another_light_would_give() {
        let light = [0.45f32, 0.26, 0.17];
        let taken =
            |factor: f32, blue: f32| [light[0] * factor, light[1] * factor, light[2] * factor * blue].map(encode);
        let map = all_skin(60, 60, |_| taken(1.0, 1.0), Zone::Forehead);
        let tone = of(&map).unwrap();
        assert!((tone.ita - ita(Lab::from_srgb(taken(1.0, 1.0)))).abs() < 1e-3);
        for (factor, blue) in [(0.5, 1.0), (2.0, 1.0), (1.0, 0.85), (1.0, 1.15)] {
            let other = ita(Lab::from_srgb(taken(factor, blue)));
            assert!(tone.interval.0 < other && other < tone.interval.1, "{factor} {blue}: {other}, {tone:?}");
        }
        // A face that is as bright as it can be was not taken too dark.
        let map = all_skin(60, 60, |i| if i % 30 == 0 { [255.0; 3] } else { taken(1.0, 1.0) }, Zone::Forehead);
        assert!(of(&map).unwrap().interval.1 < tone.interval.1 - 5.0);
    }

    #[test]
    fn shadow_on_a_side_hardly_moves_the_value() {
        let lit = [200.0, 150.0, 120.0];
        let map = all_skin(80, 80, |i| if i % 80 < 16 { lit.map(|c| c * 0.6) } else { lit }, Zone::Forehead);
        let tone = of(&map).unwrap();
        assert!((tone.ita - ita(Lab::from_srgb(lit))).abs() < 0.5);
    }

    #[test]
    fn too_little_skin_has_no_tone() {
        let map = all_skin(10, 10, |_| [200.0, 150.0, 120.0], Zone::Forehead);
        assert_eq!(of(&map), None);
    }
}
