//! Where a face may be, by one look at the photo at 96 pixels.
//!
//! Windows of a face's shape slide over the photo. Each is judged by a weighted sum of what a face has: skin's hue under any light, one
//! colour inside and another around (but for the neck), likeness of left and right, edges where brows, eyes, nose and mouth are,
//! and a place and a size as on portraits. No brightness takes part, so that dark skin counts as light skin does.
//!
//! The weights were fitted to windows of half of the development photos, by how much better the right window ranks than all
//! others; what came of it is a table of `docs/accuracy.md` ("Without models").

use super::small::{Small, PLANES};
use crate::frame::Pyramid;
use crate::geometry::Rect;

/// Longer side of the photo as it is looked at, pixels.
const LONGEST: f32 = 96.0;

/// Cells of a window with one ring around it: across and down.
const GRID: (usize, usize) = (7, 8);

/// A face's height by its width, from hairline to chin.
const TALL: f32 = 1.25;

/// Widths of windows: the least in pixels, and the least and the greatest as shares of the shorter side.
const WIDTHS: (f32, f32, f32) = (9.0, 0.13, 0.92);

/// Log ratios of red to green and of green to blue of skin, in the middle of all tones and lights.
const SKIN: (f32, f32) = (0.29, 0.21);

/// The inverse of their spread.
const SPREAD: [f32; 3] = [66.806, -70.981, 50.104];

/// Spread of the colour of one face.
const ONE_COLOUR: f32 = 0.12;

/// Weights of edges in each cell, by row, and by column from the outer to the middle.
const EDGES: [[f32; 3]; 6] = [
    [1.54, 1.49, 0.41],
    [1.79, 2.13, 0.73],
    [1.44, 1.75, 0.61],
    [1.16, 1.47, 0.94],
    [1.46, 1.52, 1.01],
    [1.78, 1.54, 0.84],
];

/// A window with its score.
#[derive(Clone, Copy)]
struct Window {
    rect: Rect,
    score: f32,
}

/// The box of the face that a photo seems to show, in its pixels from hairline to chin, and its score; above 0 a face is more likely
/// than not.
pub fn face(photo: &Pyramid) -> Option<(Rect, f32)> {
    let (width, height) = (photo.size().0 as f32, photo.size().1 as f32);
    let scale = (width.max(height) / LONGEST).max(1e-3);
    let (columns, rows) = ((width / scale).round().max(1.0), (height / scale).round().max(1.0));
    let all = Rect { x: 0.0, y: 0.0, width, height };
    let sums = Sums::of(&Small::cut(photo, all.center(), scale, (columns as usize, rows as usize)));
    let windows = windows(&sums);
    let best = windows.iter().copied().reduce(|best, other| if other.score > best.score { other } else { best })?;
    let rect = around(&best, &windows);
    let back = |v: f32| v * scale;
    let rect = Rect { x: back(rect.x), y: back(rect.y), width: back(rect.width), height: back(rect.height) };
    (best.score > 0.0).then_some((rect, best.score))
}

fn windows(sums: &Sums) -> Vec<Window> {
    let (columns, rows) = (sums.width as f32, sums.height as f32);
    let shorter = columns.min(rows);
    let mut windows = Vec::new();
    let mut width = WIDTHS.0.max(WIDTHS.1 * shorter);
    while width <= WIDTHS.2 * shorter {
        let height = TALL * width;
        if height <= columns.max(rows) + 1.0 {
            let step = (width / 8.0).max(1.0);
            let places =
                |from: f32, to: f32| (0..).map(move |i| from + i as f32 * step).take_while(move |at| *at <= to);
            for y in places(-0.1 * height, rows - 0.9 * height) {
                for x in places(-0.1 * width, columns - 0.9 * width) {
                    let rect = Rect { x, y, width, height };
                    windows.push(Window { rect, score: score(sums, &rect) });
                }
            }
        }
        width *= 1.22;
    }
    windows
}

/// The mean of the windows that agree with the best one.
fn around(best: &Window, windows: &[Window]) -> Rect {
    let (mut sum, mut weights) = ([0.0f32; 4], 0.0f32);
    for Window { rect, score } in windows.iter().filter(|other| other.rect.iou(&best.rect) > 0.5) {
        let weight = (score - best.score).exp();
        for (to, from) in sum.iter_mut().zip([rect.x, rect.y, rect.width, rect.height]) {
            *to += weight * from;
        }
        weights += weight;
    }
    // The best one agrees with itself.
    let [x, y, width, height] = sum.map(|v| v / weights.max(1e-6));
    Rect { x, y, width, height }
}

/// How much a window looks like a face.
fn score(sums: &Sums, rect: &Rect) -> f32 {
    let cells = sums.cells(rect);
    let (across, down) = GRID;
    let cell = |plane: usize, row: usize, column: usize| cells[plane][row * across + column];
    let inner = || (1..down - 1).flat_map(|row| (1..across - 1).map(move |column| (row, column)));
    let count = ((across - 2) * (down - 2)) as f32;
    let mean = |of: &dyn Fn(usize, usize) -> f32| inner().map(|(row, column)| of(row, column)).sum::<f32>() / count;

    // Lightness, in what is alike left and right and what is not.
    let alike = |row, column| (cell(0, row, column) + cell(0, row, across - 1 - column)) / 2.0;
    let unlike = mean(&|row, column| ((cell(0, row, column) - cell(0, row, across - 1 - column)) / 2.0).abs());
    let middle = mean(&alike);
    let spread = (mean(&|row, column| (alike(row, column) - middle).powi(2)) + 0.0025).sqrt();

    // Colour: of cheeks and nose, by skin's; of the rest, by theirs.
    let core = |plane: usize| {
        (3..6).flat_map(|row| (2..5).map(move |column| (row, column))).map(|(r, c)| cell(plane, r, c)).sum::<f32>()
            / 9.0
    };
    let (u, v) = (core(1), core(2));
    let (du, dv) = (u - SKIN.0, v - SKIN.1);
    let far = (SPREAD[0] * du * du + SPREAD[1] * du * dv + SPREAD[2] * dv * dv).min(20.0);
    let same = |row: usize, column: usize| {
        let (du, dv) = ((cell(1, row, column) - u) / ONE_COLOUR, (cell(2, row, column) - v) / ONE_COLOUR);
        1.0 / (1.0 + du * du + dv * dv)
    };
    let side = |column: usize| (1..down - 1).map(|row| same(row, column)).sum::<f32>() / (down - 2) as f32;
    let top = (0..across).map(|column| same(0, column)).sum::<f32>() / across as f32;
    let rim = (top + side(0) + side(across - 1)) / 3.0;

    // Edges, by how many there are in all of the window.
    let usual = mean(&|row, column| cell(3, row, column)) + 0.02;
    let mut edges = 0.0;
    for (row, weights) in EDGES.iter().enumerate() {
        for (column, weight) in weights.iter().enumerate() {
            let pair = cell(3, row + 1, column + 1) + cell(3, row + 1, across - 2 - column);
            edges += weight * (pair / 2.0 / usual).min(3.0);
        }
    }

    let (columns, rows) = (sums.width as f32, sums.height as f32);
    let size = (rect.width / columns.min(rows) / 0.4).max(1e-3).ln();
    let (x, y) = ((rect.center().x - columns / 2.0) / columns, (rect.center().y - rows / 2.0) / rows);
    -23.74 + 0.39 * unlike / spread - 0.67 * spread.ln() - 0.09 * far + 0.15 * (-0.5 * far).exp() + 6.02 * mean(&same)
        - 5.86 * rim
        + 0.90 * size
        - 2.06 * size * size
        - 48.89 * x * x
        - 1.34 * y
        - 35.26 * y * y
        + edges
}

/// Sums over all that lies above and left, so that the mean of any rectangle is four of them.
struct Sums {
    width: usize,
    height: usize,
    planes: [Vec<f64>; PLANES],
}

impl Sums {
    fn of(small: &Small) -> Sums {
        let (width, height) = (small.width, small.height);
        let planes = small.planes.each_ref().map(|plane| {
            let mut sums = vec![0.0f64; (width + 1) * (height + 1)];
            for y in 0..height {
                let mut row = 0.0;
                for x in 0..width {
                    row += f64::from(plane[y * width + x]);
                    sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
                }
            }
            sums
        });
        Sums { width, height, planes }
    }

    /// The mean of each plane over each cell of a window's grid.
    fn cells(&self, rect: &Rect) -> [[f32; GRID.0 * GRID.1]; PLANES] {
        let edges = |from: f32, size: f32, at: usize, end: usize| {
            let edge = |at: usize| (from + (at as f32 - 1.0) * size + 0.5).floor();
            let low = edge(at).clamp(0.0, end as f32 - 1.0) as usize;
            (low, edge(at + 1).clamp(low as f32 + 1.0, end as f32) as usize)
        };
        let (across, down) = GRID;
        let mut cells = [[0.0; GRID.0 * GRID.1]; PLANES];
        for row in 0..down {
            let (top, bottom) = edges(rect.y, rect.height / (down - 2) as f32, row, self.height);
            for column in 0..across {
                let (left, right) = edges(rect.x, rect.width / (across - 2) as f32, column, self.width);
                let count = ((bottom - top) * (right - left)) as f64;
                let at = |x: usize, y: usize| y * (self.width + 1) + x;
                for (plane, cells) in self.planes.iter().zip(&mut cells) {
                    let sum = plane[at(right, bottom)] - plane[at(left, bottom)] - plane[at(right, top)]
                        + plane[at(left, top)];
                    cells[row * across + column] = (sum / count) as f32;
                }
            }
        }
        cells
    }
}
