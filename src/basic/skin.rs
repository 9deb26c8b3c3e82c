//! Which pixels of a face's box are surely skin: the colour of the box's own cheeks, nose and forehead, as a smooth surface over it, is
//! followed as far as it goes. No colour is asked for; only likeness.

use super::small::Small;
use crate::fit::{least_squares, value, TERMS};
use crate::frame::Pyramid;
use crate::geometry::Rect;
use crate::quantile::median;
use crate::region::parts;

/// The box as it is looked at, pixels across and down.
pub const SIDES: (usize, usize) = (48, 60);

/// How often the surface is fitted to what lay near the one before.
const ROUNDS: usize = 5;

/// Least and greatest spread of log lightness and of the two log ratios of colour.
const SPREADS: [(f32, f32); 3] = [(0.08, 0.25), (0.03, 0.12), (0.03, 0.12)];

/// Fewest pixels that a surface is fitted to.
const FEWEST: usize = 30;

/// Islands smaller than this are not counted, pixels.
const ISLAND: usize = 40;

/// Whether each pixel of a box, at [`SIDES`], is surely skin; none where its colour is not one.
pub fn sure(photo: &Pyramid, rect: &Rect) -> Vec<bool> {
    let (width, height) = SIDES;
    let small = Small::cut(photo, rect.center(), rect.width / width as f32, SIDES);
    let place = |i: usize| {
        let at = |pixel: usize, side: usize| 2.0 * (pixel as f32 + 0.5) / side as f32 - 1.0;
        (at(i % width, width), at(i / width, height))
    };
    let all = 0..width * height;
    let inside = |i: usize| {
        let (x, y) = place(i);
        (x / 0.8).powi(2) + (y / 0.9).powi(2) < 1.0
    };
    let mut skin: Vec<usize> = all.clone().filter(|&i| seed(place(i))).collect();
    for (plane, least) in small.planes.iter().zip([0.2, 0.05, 0.05]) {
        let middle = median(skin.iter().map(|&i| plane[i]));
        let spread = 1.4826 * median(skin.iter().map(|&i| (plane[i] - middle).abs()));
        skin.retain(|&i| (plane[i] - middle).abs() < (2.5 * spread).max(least));
    }
    for round in 0..ROUNDS {
        if skin.len() < FEWEST {
            return vec![false; width * height];
        }
        let off = [0, 1, 2].map(|plane| {
            let terms = match (plane, round) {
                (0, 0 | 1) => 3,
                (0, _) => TERMS,
                (_, 0) => 1,
                _ => 3,
            };
            residuals(&small.planes[plane], &skin, terms, SPREADS[plane])
        });
        let [light, red, yellow] = &off;
        skin = all.clone().filter(|&i| inside(i) && near(light[i], red[i], yellow[i])).collect();
    }
    tidy(&small.planes[0], &skin)
}

/// Where a face has neither eyes nor mouth.
fn seed((x, y): (f32, f32)) -> bool {
    let cheeks = x.abs() < 0.62 && y > -0.02 && y < 0.40;
    let forehead = x.abs() < 0.45 && y > -0.85 && y < -0.55;
    cheeks || forehead
}

/// Whether a pixel lies near the surface, in spreads: shine less far off than shadow, lips not.
fn near(light: f32, red: f32, yellow: f32) -> bool {
    light > -2.0 && light < 2.8 && red * red + yellow * yellow < 8.0 && red < 2.2
}

/// How far each pixel lies from the surface through some of them, in the spread of these.
fn residuals(plane: &[f32], through: &[usize], terms: usize, (least, greatest): (f32, f32)) -> Vec<f32> {
    let basis = |i: usize| crate::fit::basis(i, SIDES.0, SIDES.1);
    let surface = least_squares(through.iter().map(|&i| (basis(i), plane[i])), terms);
    let off = |i: usize| plane[i] - value(&surface, &basis(i));
    let spread = (1.4826 * median(through.iter().map(|&i| off(i).abs()))).clamp(least, greatest);
    (0..plane.len()).map(|i| off(i) / spread).collect()
}

/// Takes out what is rough, frayed or alone.
fn tidy(light: &[f32], skin: &[usize]) -> Vec<bool> {
    let (width, height) = SIDES;
    let rough = |i: usize| {
        let (x, y) = (i % width, i / width);
        let of = |x: usize, y: usize| light[y * width + x];
        let across = of((x + 1).min(width - 1), y) - of(x.saturating_sub(1), y);
        let down = of(x, (y + 1).min(height - 1)) - of(x, y.saturating_sub(1));
        across.abs() + down.abs()
    };
    let most = (2.2 * median(skin.iter().map(|&i| rough(i)))).max(0.12);
    let mut smooth = vec![0.0; width * height];
    skin.iter().filter(|&&i| rough(i) < most).for_each(|&i| smooth[i] = 1.0);
    let around = shine_skin_kernels::box_sum(&smooth, width, 1);
    let whole: Vec<bool> = smooth.iter().zip(around).map(|(one, sum)| *one > 0.0 && sum > 6.5).collect();
    let parts = parts(&whole, width, height);
    let mut sizes = vec![0usize; whole.len()];
    parts.iter().filter(|&&part| part != usize::MAX).for_each(|&part| sizes[part] += 1);
    parts.iter().map(|&part| part != usize::MAX && sizes[part] >= ISLAND).collect()
}
