//! A head that belongs to nobody, drawn around a mesh: skin of any tone under a light, eyes, brows, lips,
//! nostrils, hair. It is not meant to look like a person, but to hold everything that a measure of skin must pass over.

use super::canvas::{Canvas, Light};
use super::random::{fractal, noise, Random};
use crate::geometry::{Point, Rect, Similarity};
use crate::lab;
use crate::mesh::{topology, Mesh};
use crate::region::FaceGrid;
use crate::skin::tone::MONK;

/// The mean of the meshes of 98 portraits, symmetric and upright, 63 mm between the pupils: x, y, z
/// in hundredths of a millimetre from the middle between the eyes, a point a line.
const MEAN_FACE: &str = include_str!("mean_face.txt");

/// How a head is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadParams {
    /// Tone on the Monk scale, 1 to 10.
    pub monk: usize,
    /// Pixels a millimetre.
    pub px_per_mm: f32,
    /// Degrees to the side, up and clockwise.
    pub turn: [f32; 3],
    /// Where the light comes from, −1 (the picture's left) to 1, and how much of it is directed, 0–1.
    pub light: (f32, f32),
    /// Strength of the skin's own fine unevenness; 1 is a share of two in a hundred.
    pub grain: f32,
}

/// The linear light of a Monk swatch.
pub fn monk_light(monk: usize) -> Light {
    let swatch = MONK[(monk.clamp(1, 10)) - 1];
    [16, 8, 0].map(|shift| lab::linear((swatch >> shift & 0xff) as f32))
}

/// A drawn head and its mesh.
pub fn draw(params: &HeadParams, seed: u64) -> Option<(Canvas, Mesh)> {
    let mut random = Random::new(seed);
    let mesh = place(params, &mut random)?;
    let scale = params.px_per_mm;
    let outline = Rect::around(mesh.chain(&topology::OVAL))?;
    let width = (outline.x * 2.0 + outline.width).ceil() as usize;
    let height = (outline.y * 2.0 + outline.height).ceil() as usize;
    let mut canvas = Canvas::plain(width, height, [0.21, 0.23, 0.25]);
    let grid = whole(width, height, scale);
    let skin = monk_light(params.monk);
    let center = outline.center();
    let (a, b) = (outline.width / 2.0, outline.height / 2.0);

    // Hair behind, neck below, then the face a little wider than its mesh.
    let hair = [0.02 + 0.03 * random.unit(), 0.015, 0.012];
    ellipse(&mut canvas, Point::new(center.x, center.y - 0.12 * b), (1.18 * a, 1.18 * b), |_, light| *light = hair);
    let seeds: [u64; 6] = std::array::from_fn(|_| random.bits());
    let shade = |x: f32, y: f32| {
        let (u, v) = ((x - center.x) / a, (y - center.y) / b);
        // A head curves away to its sides, more on the one that looks away from the light.
        let round = 1.0 - 0.22 * (u * u + 0.5 * v * v).min(1.6);
        round * (1.0 + params.light.1 * (0.45 * params.light.0 * u - 0.15 * v))
    };
    let texture = |x: f32, y: f32| -> Light {
        let (x, y) = (x / scale, y / scale);
        let fine = 0.5 * noise(seeds[0], x / 0.4, y / 0.4)
            + 0.6 * noise(seeds[1], x / 1.1, y / 1.1)
            + 0.8 * fractal(seeds[2], x / 9.0, y / 9.0, 3);
        let blood = fractal(seeds[3], x / 6.0, y / 6.0, 3) + 0.5 * fractal(seeds[4], x / 40.0, y / 40.0, 1);
        let melanin = fractal(seeds[5], x / 12.0, y / 12.0, 3);
        let grain = 0.02 * params.grain;
        [
            1.0 + grain * (fine + 0.2 * melanin),
            1.0 + grain * (fine + 0.6 * blood + 0.4 * melanin),
            1.0 + grain * (fine + 0.5 * blood + 0.7 * melanin),
        ]
    };
    let cover = |i: usize, light: &mut Light| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        let (s, t) = (shade(x, y), texture(x, y));
        *light = std::array::from_fn(|c| skin[c] * s * t[c]);
    };
    let neck = [(-0.55, 0.6), (0.55, 0.6), (0.75, 2.0), (-0.75, 2.0)];
    let neck = neck.map(|(u, v)| Point::new(center.x + u * a, center.y + v * b));
    grid.fill(neck, |i| cover(i, &mut canvas.light[i]));
    let wider = |p: Point| Point::new(center.x + 1.04 * (p.x - center.x), center.y + 1.04 * (p.y - center.y));
    grid.fill(mesh.chain(&topology::OVAL).map(wider), |i| cover(i, &mut canvas.light[i]));
    features(&mut canvas, &grid, &mesh, &mut random, hair);
    Some((canvas, mesh))
}

/// Lips, nostrils, brows and eyes.
fn features(canvas: &mut Canvas, grid: &FaceGrid, mesh: &Mesh, random: &mut Random, hair: Light) {
    use topology::*;
    let (width, scale) = (canvas.width, grid.px_per_mm);
    grid.fill(mesh.chain(&LIPS), |i| {
        let light = &mut canvas.light[i];
        *light = [light[0] * 0.72, light[1] * 0.45, light[2] * 0.5];
    });
    let seed = random.bits();
    let twin = |chain: &[usize]| [chain.to_vec(), mirrored(chain)];
    for chain in twin(&RIGHT_NOSTRIL) {
        grid.fill(mesh.chain(&chain), |i| canvas.light[i] = canvas.light[i].map(|v| v * 0.15));
    }
    for chain in twin(&RIGHT_BROW) {
        grid.fill(mesh.chain(&chain), |i| {
            let (x, y) = ((i % width) as f32 / scale, (i / width) as f32 / scale);
            if noise(seed, x / 0.35 + y / 0.7, y / 2.0) > -0.3 {
                canvas.light[i] = hair;
            }
        });
    }
    for chain in twin(&RIGHT_EYE_OPENING) {
        let around = Rect::around(mesh.chain(&chain)).map(|r| (r.center(), r.width));
        let Some((middle, across)) = around else { continue };
        grid.fill(mesh.chain(&chain), |i| {
            let p = Point::new((i % width) as f32, (i / width) as f32);
            canvas.light[i] = match p.distance(middle) / across {
                r if r < 0.08 => [0.005; 3],
                r if r < 0.2 => [0.05, 0.035, 0.025],
                _ => [0.55, 0.52, 0.5],
            };
        });
        // Lashes.
        let points: Vec<Point> = mesh.chain(&chain).collect();
        for (i, p) in points.iter().enumerate() {
            let q = points[(i + 1) % points.len()];
            for step in 0..12 {
                let t = step as f32 / 12.0;
                let at = Point::new(p.x + t * (q.x - p.x), p.y + t * (q.y - p.y));
                canvas.around(at, 0.4 * scale, |_, _, _, light| *light = hair);
            }
        }
    }
}

/// The mean face, with a little of a person's own, turned and placed on a canvas with a margin.
fn place(params: &HeadParams, random: &mut Random) -> Option<Mesh> {
    let [yaw, pitch, roll] = params.turn.map(f32::to_radians);
    let (wide, long) = (random.range(0.95, 1.05), random.range(0.95, 1.05));
    let points = MEAN_FACE.lines().map(|line| {
        let mut c = line.split_whitespace().map(|n| n.parse::<f32>().unwrap_or(0.0) / 100.0);
        let (x, y, z) = (c.next().unwrap_or(0.0) * wide, c.next().unwrap_or(0.0) * long, c.next().unwrap_or(0.0));
        let (y, z) = (y * pitch.cos() + z * pitch.sin(), z * pitch.cos() - y * pitch.sin());
        let (x, z) = (x * yaw.cos() - z * yaw.sin(), x * yaw.sin() + z * yaw.cos());
        let (x, y) = (x * roll.cos() - y * roll.sin(), x * roll.sin() + y * roll.cos());
        [x, y, z].map(|v| v * params.px_per_mm)
    });
    let mesh = Mesh::new(points.collect())?;
    let outline = Rect::around(mesh.chain(&topology::OVAL))?;
    let margin = 0.25 * outline.width;
    let shift = |p: &[f32; 3]| [p[0] - outline.x + margin, p[1] - outline.y + margin, p[2]];
    Mesh::new(mesh.points().iter().map(shift).collect())
}

/// A grid that is the canvas itself.
pub fn whole(width: usize, height: usize, px_per_mm: f32) -> FaceGrid {
    let center = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let map = Similarity::rect(center, 1.0, 0.0, width as f32, height as f32);
    let photo = (width, height);
    FaceGrid { width, height, map, px_per_mm, photo, rgb: Vec::new() }
}

fn ellipse(canvas: &mut Canvas, center: Point, (a, b): (f32, f32), mut change: impl FnMut(usize, &mut Light)) {
    canvas.around(center, a.max(b), |i, dx, dy, light| {
        if (dx / a).hypot(dy / b) <= 1.0 {
            change(i, light);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Pose;

    fn params() -> HeadParams {
        HeadParams { monk: 5, px_per_mm: 2.0, turn: [0.0; 3], light: (0.0, 0.3), grain: 1.0 }
    }

    #[test]
    fn the_mean_face_is_a_face_of_its_size() {
        let (_, mesh) = draw(&params(), 1).unwrap();
        assert!((mesh.interocular() - 126.0).abs() < 8.0, "{}", mesh.interocular());
        for turn in [[0.0, 0.0, 0.0], [15.0, 0.0, 0.0], [0.0, 0.0, -20.0]] {
            let (_, mesh) = draw(&HeadParams { turn, ..params() }, 2).unwrap();
            let pose = Pose::of(&mesh);
            assert!((pose.yaw - turn[0]).abs() < 4.0 && (pose.roll - turn[2]).abs() < 3.0, "{turn:?}: {pose:?}");
        }
    }

    #[test]
    fn its_cheek_has_the_tone_that_was_asked_for() {
        for monk in 1..=10 {
            let (canvas, mesh) = draw(&HeadParams { monk, ..params() }, 3).unwrap();
            let cheek = canvas.mean(mesh.point(50), 8.0);
            let swatch = monk_light(monk);
            // The light falls off towards the sides.
            assert!((0.6..1.15).contains(&(cheek[1] / swatch[1])), "{monk}: {cheek:?} of {swatch:?}");
        }
    }
}
