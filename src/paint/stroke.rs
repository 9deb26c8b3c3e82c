//! Lines on a face: where folds run, and which pixels lie along them.

use std::collections::BTreeMap;

use super::random::Random;
use crate::geometry::Point;
use crate::mesh::{topology, Mesh};

/// A line where faces fold: across the forehead, between the brows, beside and below the eyes, from nose to
/// mouth. `scale` in pixels a millimetre.
pub fn line(mesh: &Mesh, scale: f32, random: &mut Random) -> Vec<Point> {
    let left = random.unit() < 0.5;
    let side = |right_index: usize| if left { topology::mirrored(&[right_index])[0] } else { right_index };
    // Away from the middle of the face, on the picture.
    let outwards = if left { 1.0 } else { -1.0 };
    let roll = mesh.roll();
    let offset = |p: Point, x: f32, y: f32| {
        let (x, y) = (x * scale, y * scale);
        Point::new(p.x + x * roll.cos() - y * roll.sin(), p.y + x * roll.sin() + y * roll.cos())
    };
    let (start, angle, length) = match random.unit() {
        k if k < 0.35 => {
            let length = random.range(25.0, 70.0);
            (offset(mesh.point(151), -length / 2.0 + random.range(-6.0, 6.0), random.range(-14.0, 10.0)), 0.0, length)
        }
        k if k < 0.5 => {
            (offset(mesh.point(9), random.range(-6.0, 6.0), random.range(-8.0, -2.0)), 1.5, random.range(8.0, 16.0))
        }
        k if k < 0.75 => {
            let at = offset(mesh.point(side(33)), outwards * random.range(5.0, 8.0), random.range(-4.0, 5.0));
            let tilt = random.range(-0.5, 0.6);
            (at, if left { tilt } else { std::f32::consts::PI - tilt }, random.range(9.0, 20.0))
        }
        k if k < 0.88 => {
            let at = offset(mesh.point(side(119)), -outwards * random.range(4.0, 10.0), random.range(-3.0, 2.0));
            (at, if left { 0.3 } else { std::f32::consts::PI - 0.3 }, random.range(10.0, 20.0))
        }
        _ => {
            let at = offset(mesh.point(side(203)), outwards * random.range(2.0, 5.0), random.range(0.0, 4.0));
            (at, if left { 1.1 } else { std::f32::consts::PI - 1.1 }, random.range(15.0, 28.0))
        }
    };
    let (bend, wave) = (random.range(-0.12, 0.12), random.range(0.0, 6.3));
    let steps = 24;
    (0..=steps)
        .map(|k| {
            let t = k as f32 / steps as f32;
            let along = t * length;
            let aside = length * bend * (4.0 * t * (1.0 - t)) + 0.4 * (wave + 9.0 * t).sin();
            offset(start, along * angle.cos() - aside * angle.sin(), along * angle.sin() + aside * angle.cos())
        })
        .collect()
}

/// The pixels of a canvas within `reach` of a line: index, signed distance in pixels, and how far along
/// it the nearest point lies, 0–1.
pub fn pixels(line: &[Point], reach: f32, (width, height): (usize, usize)) -> Vec<(usize, f32, f32)> {
    let mut nearest: BTreeMap<usize, (f32, f32)> = BTreeMap::new();
    let segments = line.len().saturating_sub(1).max(1) as f32;
    for (k, pair) in line.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let length = a.distance(b).max(1e-6);
        let (ux, uy) = ((b.x - a.x) / length, (b.y - a.y) / length);
        let span = |p: f32, q: f32, end: usize| {
            let low = (p.min(q) - reach).floor().max(0.0) as usize;
            low.min(end)..((p.max(q) + reach).ceil().max(0.0) as usize).min(end)
        };
        for y in span(a.y, b.y, height) {
            for x in span(a.x, b.x, width) {
                let (dx, dy) = (x as f32 + 0.5 - a.x, y as f32 + 0.5 - a.y);
                let along = (dx * ux + dy * uy).clamp(0.0, length);
                let distance = (dx - along * ux).hypot(dy - along * uy);
                if distance > reach {
                    continue;
                }
                let across = distance * (dy * ux - dx * uy).signum();
                let entry = nearest.entry(y * width + x).or_insert((f32::INFINITY, 0.0));
                if distance < entry.0.abs() {
                    *entry = (across, (k as f32 + along / length) / segments);
                }
            }
        }
    }
    nearest.into_iter().map(|(i, (across, along))| (i, across, along)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_has_its_width_and_its_length() {
        let line = [Point::new(10.0, 10.0), Point::new(20.0, 10.0), Point::new(30.0, 10.0)];
        let found = pixels(&line, 3.0, (40, 20));
        assert!((found.len() as i32 - (20 * 6 + 28)).abs() < 8, "{}", found.len());
        for (i, across, along) in found {
            let (x, y) = ((i % 40) as f32 + 0.5, (i / 40) as f32 + 0.5);
            if (10.0..30.0).contains(&x) {
                assert!((across - (y - 10.0)).abs() < 1e-3 && (along - (x - 10.0) / 20.0).abs() < 1e-3);
            }
        }
    }
}
