//! The outlines of a mask as polygons that any renderer fills to the same mask.

use crate::geometry::Point;

/// The outlines of a mask of `width` × `height` pixels, row-major: one polygon for each
/// 4-connected part, in pixels of the mask, corners at whole numbers.
///
/// A hole is joined to the outline around it by a slit of no width, so a polygon fills alike by
/// the even-odd and the non-zero rule, and its signed area is the number of pixels. Steps of
/// a slanting edge are evened out where that moves the line by at most half a pixel.
///
/// ```
/// # use shine_skin::region::polygons;
/// let found = polygons(&[true, true, false], 3, 1);
/// let corners: Vec<_> = found[0].iter().map(|p| (p.x, p.y)).collect();
/// assert_eq!(corners, [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)]);
/// ```
pub fn polygons(mask: &[bool], width: usize, height: usize) -> Vec<Vec<Point>> {
    let parts = parts(mask, width, height);
    let mut outlines: Vec<Vec<Point>> = Vec::new();
    let mut holes: Vec<(usize, Vec<Point>)> = Vec::new();
    for (part, ring) in rings(mask, &parts, width, height) {
        let ring = simplify(&ring);
        if ring.len() < 3 {
            continue;
        }
        if signed_area(&ring) > 0.0 {
            outlines.resize(outlines.len().max(part + 1), Vec::new());
            outlines[part] = ring;
        } else {
            holes.push((part, ring));
        }
    }
    for (part, hole) in holes {
        if let Some(outline) = outlines.get_mut(part).filter(|o| !o.is_empty()) {
            join(outline, &hole);
        }
    }
    outlines.retain(|outline| !outline.is_empty());
    outlines
}

/// Twice the area inside a ring is the sum of its cross products; positive when clockwise on the
/// screen.
pub fn signed_area(ring: &[Point]) -> f32 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f32>() / 2.0
}

/// The number of its 4-connected part for each pixel of the mask, `usize::MAX` outside.
pub fn parts(mask: &[bool], width: usize, height: usize) -> Vec<usize> {
    let mut part = vec![usize::MAX; mask.len()];
    let mut count = 0;
    let mut open = Vec::new();
    for start in 0..mask.len() {
        if !mask[start] || part[start] != usize::MAX {
            continue;
        }
        open.push(start);
        while let Some(at) = open.pop() {
            if part[at] != usize::MAX {
                continue;
            }
            // All that lies beside it in its row; then where that touches a row of the part above and below.
            let row = at / width * width;
            let left = (row..at).rev().take_while(|&i| mask[i]).last().unwrap_or(at);
            let right = (at..row + width).take_while(|&i| mask[i]).last().unwrap_or(at);
            part[left..=right].fill(count);
            let above = (row > 0).then(|| (left - width, right - width));
            let below = (row / width + 1 < height).then(|| (left + width, right + width));
            for (left, right) in above.into_iter().chain(below) {
                let mut before = false;
                for next in left..=right {
                    let free = mask[next] && part[next] == usize::MAX;
                    if free && !before {
                        open.push(next);
                    }
                    before = free;
                }
            }
        }
        count += 1;
    }
    part
}

/// Directions of an edge between pixels: right, down, left, up.
const STEPS: [(i32, i32); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

/// The rings of edges around each part, the part always to the right of the way; corners only.
#[inline(never)]
fn rings(mask: &[bool], parts: &[usize], width: usize, height: usize) -> Vec<(usize, Vec<Point>)> {
    let inside = |x: i32, y: i32| {
        x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height && mask[y as usize * width + x as usize]
    };
    // From a corner in a direction, the pixel to the right of the way and the one to the left.
    let sides = |x: i32, y: i32, direction: usize| match direction {
        0 => ((x, y), (x, y - 1)),
        1 => ((x - 1, y), (x, y)),
        2 => ((x - 1, y - 1), (x - 1, y)),
        _ => ((x, y - 1), (x - 1, y - 1)),
    };
    let is_edge = |x: i32, y: i32, direction: usize| {
        let (right, left) = sides(x, y, direction);
        inside(right.0, right.1) && !inside(left.0, left.1)
    };
    let mut seen = vec![false; (width + 1) * (height + 1)];
    let mut rings = Vec::new();
    // Every ring has an edge that runs to the right: each is the upper side of a pixel of the mask.
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            let corner = y as usize * (width + 1) + x as usize;
            if seen[corner] || !is_edge(x, y, 0) {
                continue;
            }
            let part = parts[y as usize * width + x as usize];
            let mut ring = Vec::new();
            let (mut at, mut direction) = ((x, y), 0);
            loop {
                if direction == 0 {
                    seen[at.1 as usize * (width + 1) + at.0 as usize] = true;
                }
                at = (at.0 + STEPS[direction].0, at.1 + STEPS[direction].1);
                // The sharpest turn to the right keeps diagonal neighbours apart.
                let turn = [1, 0, 3].into_iter().map(|t| (direction + t) % 4).find(|&d| is_edge(at.0, at.1, d));
                let next = turn.unwrap_or((direction + 2) % 4);
                if next != direction {
                    ring.push(Point::new(at.0 as f32, at.1 as f32));
                }
                direction = next;
                if at == (x, y) && direction == 0 {
                    break;
                }
            }
            // Begin with the first corner in reading order.
            ring.rotate_right(1);
            rings.push((part, ring));
        }
    }
    rings
}

/// Farthest that a simplified line may lie from a corner, pixels: a staircase becomes a slope.
const TOLERANCE: f32 = 0.75;

/// Douglas and Peucker 1973 on a closed ring, cut at its first corner and the one farthest from it.
#[inline(never)]
fn simplify(ring: &[Point]) -> Vec<Point> {
    if ring.len() <= 4 {
        return ring.to_vec();
    }
    let far = (0..ring.len()).max_by(|&a, &b| ring[0].distance(ring[a]).total_cmp(&ring[0].distance(ring[b])));
    let far = far.unwrap_or(0);
    let mut kept = vec![false; ring.len()];
    let mut open = vec![(0, far), (far, ring.len())];
    while let Some((from, to)) = open.pop() {
        kept[from] = true;
        let (a, b) = (ring[from], ring[to % ring.len()]);
        let off = |i: usize| {
            let length = a.distance(b);
            if length < 1e-6 {
                return ring[i].distance(a);
            }
            ((b.x - a.x) * (ring[i].y - a.y) - (b.y - a.y) * (ring[i].x - a.x)).abs() / length
        };
        let farthest = (from + 1..to).max_by(|&i, &j| off(i).total_cmp(&off(j)));
        if let Some(middle) = farthest.filter(|&i| off(i) > TOLERANCE) {
            open.extend([(from, middle), (middle, to)]);
        }
    }
    ring.iter().zip(kept).filter(|(_, kept)| *kept).map(|(p, _)| *p).collect()
}

/// Joins a hole to an outline by a slit between their nearest corners.
fn join(outline: &mut Vec<Point>, hole: &[Point]) {
    let mut nearest = (0, 0, f32::INFINITY);
    for (i, a) in outline.iter().enumerate() {
        for (j, b) in hole.iter().enumerate() {
            let distance = a.distance(*b);
            if distance < nearest.2 {
                nearest = (i, j, distance);
            }
        }
    }
    let (at, from, _) = nearest;
    let anchor = outline[at];
    let around = hole[from..].iter().chain(&hole[..=from]).copied().chain([anchor]);
    outline.splice(at + 1..at + 1, around.collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::grid::tests::plain;

    fn mask(rows: &[&str]) -> (Vec<bool>, usize, usize) {
        let width = rows[0].len();
        (rows.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect(), width, rows.len())
    }

    #[test]
    fn a_polygon_fills_to_its_mask() {
        let cases: [&[&str]; 5] = [
            &["###", "###"],
            &["#####", "#...#", "#.#.#", "#...#", "#####"],
            &["##.", "##.", "..#"],
            &["########", "#..##..#", "#..##..#", "########"],
            &["...", "..."],
        ];
        for rows in cases {
            let (mask, width, height) = mask(rows);
            let grid = plain(width, height, [0.0; 3]);
            let found = polygons(&mask, width, height);
            let mut filled = vec![false; mask.len()];
            for polygon in &found {
                grid.fill(polygon.iter().copied(), |i| filled[i] = true);
            }
            assert_eq!(filled, mask, "{rows:?} as {found:?}");
            let area: f32 = found.iter().map(|p| signed_area(p)).sum();
            assert_eq!(area, mask.iter().filter(|m| **m).count() as f32, "{rows:?}");
        }
    }

    #[test]
    fn a_slope_has_few_corners_and_nearly_its_area() {
        let side = 40;
        let mask: Vec<bool> = (0..side * side).map(|i| i % side <= i / side).collect();
        let found = polygons(&mask, side, side);
        assert_eq!(found.len(), 1);
        assert!(found[0].len() <= 6, "{:?}", found[0]);
        let pixels = mask.iter().filter(|m| **m).count() as f32;
        assert!((signed_area(&found[0]) - pixels).abs() < 0.05 * pixels);
    }
}
