//! What of lips and nostrils lies beyond the lines that the mesh draws around them: lipstick, a pout, a nostril seen from
//! below. It has their colour and touches them.

use super::features::colour;
use super::{FaceGrid, Zone};
use crate::mesh::{topology, Mesh};
use crate::quantile::{median, quantile};

/// A part of the face that is no skin, and how it is told from the skin beside it.
struct Opening {
    /// Its outline.
    chain: Vec<usize>,
    /// Which skin lies beside it.
    beside: fn(Zone) -> bool,
    /// Which channel of colour tells it best, and on which side: teeth are not red, nor is the rim of a nostril dark.
    most: (usize, f32),
    /// Steps of log luminance, log R/G and log G/B that count one.
    step: [f32; 3],
    /// How far it may spill, mm.
    reach_mm: f32,
}

/// Distance between its own colour and that of the skin, in steps, below which they are not told apart.
const LEAST: f32 = 2.0;

/// The share of the way from skin to it from which a pixel is part of it.
const SHARE: f32 = 0.45;

/// What is cut off besides, mm: the soft edge.
const EDGE_MM: f32 = 1.0;

/// Takes out of the zones what spills over.
#[inline(never)]
pub fn clear(grid: &FaceGrid, mesh: &Mesh, zones: &mut [Option<Zone>]) {
    let lips = Opening {
        chain: topology::LIPS.to_vec(),
        beside: |zone| matches!(zone, Zone::Chin | Zone::UpperLip),
        most: (1, 1.0),
        // A shadow below the lip is dark, and hardly redder than skin.
        step: [0.6, 0.08, 0.2],
        reach_mm: 5.0,
    };
    let nostril = |chain: Vec<usize>| Opening {
        chain,
        beside: |zone| zone == Zone::Nose,
        most: (0, -1.0),
        step: [0.3, 0.2, 0.3],
        reach_mm: 3.0,
    };
    let right = topology::RIGHT_NOSTRIL;
    for opening in [lips, nostril(topology::mirrored(&right)), nostril(right.to_vec())] {
        opening.clear(grid, mesh, zones);
    }
}

impl Opening {
    fn clear(&self, grid: &FaceGrid, mesh: &Mesh, zones: &mut [Option<Zone>]) {
        let mut inside = Vec::new();
        grid.fill(mesh.chain(&self.chain), |i| inside.push(i));
        let skin = (0..zones.len()).filter(|&i| zones[i].is_some_and(self.beside)).map(|i| colour(grid.rgb[i]));
        let skin: Vec<[f32; 3]> = skin.step_by(3).collect();
        if inside.is_empty() || skin.is_empty() {
            return;
        }
        let (channel, side) = self.most;
        let own: Vec<[f32; 3]> = inside.iter().map(|&i| colour(grid.rgb[i])).collect();
        let half = quantile(&mut own.iter().map(|c| side * c[channel]).collect::<Vec<_>>(), 0.5).unwrap_or(0.0);
        let own = |c: usize| median(own.iter().filter(|o| side * o[channel] >= half).map(|o| o[c]));
        let skin = [0, 1, 2].map(|c| median(skin.iter().map(|s| s[c])));
        let way = [0, 1, 2].map(|c| (own(c) - skin[c]) / self.step[c]);
        let length: f32 = way.iter().map(|w| w * w).sum();
        if length < LEAST * LEAST {
            return;
        }
        let belongs = |i: usize| {
            let at = colour(grid.rgb[i]);
            let along: f32 = (0..3).map(|c| (at[c] - skin[c]) / self.step[c] * way[c]).sum();
            along > SHARE * length
        };
        let px = |mm: f32| (mm * grid.px_per_mm).round() as usize;
        // From what the mesh cut out, step by step over what looks like it, and then over the edge.
        let mut front = inside;
        let mut seen = vec![false; zones.len()];
        front.iter().for_each(|&i| seen[i] = true);
        let mut spilt = Vec::new();
        for _ in 0..px(self.reach_mm) {
            front = around(&front, grid.width, &mut seen, |i| zones[i].is_none() || belongs(i));
            spilt.extend(front.iter().copied().filter(|&i| zones[i].is_some()));
        }
        let mut front = spilt.clone();
        for _ in 0..px(EDGE_MM) {
            front = around(&front, grid.width, &mut seen, |_| true);
            spilt.extend(&front);
        }
        spilt.into_iter().for_each(|i| zones[i] = None);
    }
}

/// The neighbours of some pixels that were not seen yet and pass a test.
fn around(front: &[usize], width: usize, seen: &mut [bool], test: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut next = Vec::new();
    for &i in front {
        let x = i % width;
        let sides = [(x > 0).then(|| i - 1), (x + 1 < width).then_some(i + 1), i.checked_sub(width), Some(i + width)];
        for n in sides.into_iter().flatten() {
            if seen.get(n) == Some(&false) && test(n) {
                seen[n] = true;
                next.push(n);
            }
        }
    }
    next
}

// The head that it draws on is not in every build.
#[cfg(all(test, feature = "evaluate"))]
mod tests {
    use super::*;
    use crate::paint::head::{draw, whole, HeadParams};
    use crate::region::zone;

    #[test]
    fn lipstick_beyond_the_line_is_cut_off_and_a_red_chin_is_not() {
        let params = HeadParams { monk: 5, px_per_mm: 2.0, turn: [0.0; 3], light: (0.0, 0.0), grain: 0.0 };
        let (canvas, mesh) = draw(&params, 1).unwrap();
        let mut grid = whole(canvas.width, canvas.height, params.px_per_mm);
        let (skin, lip) = ([200.0, 150.0, 125.0], [170.0, 70.0, 75.0]);
        grid.rgb = vec![skin; grid.width * grid.height];
        let below = mesh.point(17);
        let at = |mm: f32| {
            let y = below.y + mm * params.px_per_mm;
            y as usize * grid.width + below.x as usize
        };
        let (beyond, chin) = (at(3.0), at(14.0));
        let mut red = Vec::new();
        grid.fill(mesh.chain(&topology::LIPS), |i| red.push(i));
        // Three millimetres and a half of lipstick below the lip, and a spot of the same colour on the chin.
        for i in 0..grid.rgb.len() {
            let (dx, dy) = ((i % grid.width) as f32 - below.x, (i / grid.width) as f32 - below.y);
            let smeared = dx.abs() < 8.0 && (-2.0..7.0).contains(&dy);
            let spot = dx.abs() < 6.0 && (24.0..34.0).contains(&dy);
            if smeared || spot {
                red.push(i);
            }
        }
        let zones = |grid: &FaceGrid| {
            let mut zones = zone::paint(grid, &mesh);
            clear(grid, &mesh, &mut zones);
            [beyond, chin].map(|i| zones[i])
        };
        assert_eq!(zones(&grid), [Some(Zone::Chin); 2], "what has no colour of its own ends at the line");
        red.into_iter().for_each(|i| grid.rgb[i] = lip);
        assert_eq!(zones(&grid), [None, Some(Zone::Chin)]);
    }
}
