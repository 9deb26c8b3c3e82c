//! One run of the detector on one square view of the photo.

use super::anchors::{anchors, INPUT};
use super::Detection;
use crate::engine::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Rect, Similarity};

/// How wide a face is, as a share of a view's side, that the view shows without fail: of 49 people set into photos of 900 × 900 all
/// were found at 0.1, and 27 at 0.08.
pub const REACH: f32 = 0.1;

/// A square of the photo, possibly turned or reaching outside: what is outside is black, so the
/// view of a whole photo is its letterbox.
pub struct View {
    map: Similarity,
    /// The x of the photo's edge, in the middle of the view, beyond which it shows the mirror image of what lies before it.
    edge: Option<f32>,
}

impl View {
    /// A square of `side` photo pixels around `center`, turned clockwise by `angle` radians.
    pub fn around(center: Point, side: f32, angle: f32) -> View {
        View { map: Similarity::square(center, side, angle, INPUT as f32), edge: None }
    }

    /// Views for a face of which an edge of the photo leaves a part: the whole photo from farther away, so that
    /// there is room for what is missing, above more than elsewhere; and the photo beside its mirror image, which begins at its left or its right edge.
    pub fn beyond((width, height): (usize, usize)) -> [View; 3] {
        let (width, height) = (width as f32, height as f32);
        let side = 1.4 * width.max(height);
        let farther = View::around(Point::new(width / 2.0, height / 2.0 - 0.1 * side), side, 0.0);
        let beside =
            |x| View { edge: Some(x), ..View::around(Point::new(x, height / 2.0), height.max(2.0 * width), 0.0) };
        [farther, beside(0.0), beside(width)]
    }

    /// The smallest square that holds all of the photo.
    pub fn whole((width, height): (usize, usize)) -> View {
        View::around(middle(width, height), width.max(height) as f32, 0.0)
    }

    /// The whole photo turned: by a quarter and half, as a camera held otherwise leaves it where no
    /// tag says so, and by an eighth for a head on a pillow.
    pub fn turned((width, height): (usize, usize)) -> impl Iterator<Item = View> {
        let side = width.max(height) as f32;
        [-2, 2, 4, -1, 1]
            .into_iter()
            .map(move |eighths| View::around(middle(width, height), side, eighths as f32 * std::f32::consts::FRAC_PI_4))
    }

    /// Squares of a given share of the photo's shorter side that cover it, each overlapping the next
    /// by half and more. None where a tile would be too small to show a face.
    pub fn tiles((width, height): (usize, usize), share: f32) -> Vec<View> {
        // A face of a third of this is still eight pixels wide in the photo.
        const SMALLEST: f32 = 40.0;
        let (width, height) = (width as f32, height as f32);
        let side = share * width.min(height);
        if side < SMALLEST {
            return Vec::new();
        }
        let columns = starts(width, side);
        let rows = starts(height, side).into_iter();
        let row = |y| columns.iter().map(move |x| View::around(Point::new(x + side / 2.0, y + side / 2.0), side, 0.0));
        rows.flat_map(row).collect()
    }

    /// Whether a sighting is what the view is for: with a mirror image, what the image completes.
    pub fn completes(&self, sighting: &Detection) -> bool {
        self.edge.is_none_or(|x| (sighting.rect.center().x - x).abs() < sighting.rect.width / 4.0)
    }

    /// Photo pixels along a side.
    pub fn side(&self) -> f32 {
        self.map.scale() * INPUT as f32
    }
}

fn middle(width: usize, height: usize) -> Point {
    Point::new(width as f32 / 2.0, height as f32 / 2.0)
}

/// Where tiles of `side` start that cover `length` evenly, each overlapping the next by half or more.
fn starts(length: f32, side: f32) -> Vec<f32> {
    // A panorama does not cost without end: beyond this many the tiles lie apart.
    const MOST: f32 = 24.0;
    let steps = ((length - side) / (side / 2.0)).ceil().clamp(0.0, MOST);
    (0..=steps as usize)
        .map(|i| if steps > 0.0 { i as f32 * (length - side) / steps } else { (length - side) / 2.0 })
        .collect()
}

/// The model and what its output means.
pub struct Look<'m> {
    model: &'m dyn Model,
    anchors: Vec<Point>,
}

impl<'m> Look<'m> {
    pub fn new(model: &'m dyn Model) -> Self {
        Look { model, anchors: anchors() }
    }

    /// All sightings in a view with at least `min_score`, in pixels of the photo, not yet
    /// suppressed.
    pub fn at(&self, photo: &Pyramid, view: &View, min_score: f32) -> Result<Vec<Detection>> {
        let mut data = photo.numbers(&view.map, (INPUT, INPUT), Border::Black, [-1.0, 1.0]);
        if view.edge.is_some() {
            for row in data.chunks_exact_mut(3 * INPUT) {
                for i in 0..3 * INPUT / 2 {
                    let opposite = 3 * (INPUT - 1 - i / 3) + i % 3;
                    // One of both lies outside and is black.
                    let lit = row[i].max(row[opposite]);
                    (row[i], row[opposite]) = (lit, lit);
                }
            }
        }
        let outputs = self.model.run(&Tensor { shape: vec![1, INPUT, INPUT, 3], data })?;
        let (regressors, logits) = match &outputs[..] {
            [r, l, ..] if r.data.len() == self.anchors.len() * 16 && l.data.len() == self.anchors.len() => (r, l),
            _ => {
                let message = "the face detector's output is not 896 × 16 and 896 × 1";
                return Err(Error::new(ErrorCode::ModelIncompatible, message));
            }
        };
        let rows = regressors.data.chunks_exact(16).zip(&logits.data).zip(&self.anchors);
        Ok(rows
            .map(|((row, logit), anchor)| decode(row, *logit, *anchor, &view.map))
            .filter(|detection| detection.score >= min_score)
            .collect())
    }
}

/// One row of the output in pixels of the photo: box centre and size, then six keypoints, each
/// from the anchor and in input pixels.
fn decode(row: &[f32], logit: f32, anchor: Point, map: &Similarity) -> Detection {
    let point = |i: usize| map.map(Point::new(anchor.x + row[i], anchor.y + row[i + 1]));
    let center = point(0);
    let (width, height) = (row[2].abs() * map.scale(), row[3].abs() * map.scale());
    Detection {
        rect: Rect { x: center.x - width / 2.0, y: center.y - height / 2.0, width, height },
        score: sigmoid(logit),
        keypoints: std::array::from_fn(|i| point(4 + 2 * i)),
    }
}

/// The logistic function; logits beyond ±100 are clipped as MediaPipe does.
fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit.clamp(-100.0, 100.0)).exp())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::frame::Frame;

    /// Pixels along a side of what the model is shown.
    pub const INPUTS: usize = INPUT;

    /// What the model answers where the anchor in the middle of the view alone sees a face, around itself.
    pub fn answer(input: &Tensor, [width, height]: [f32; 2], logit: f32) -> Vec<Tensor> {
        assert_eq!(input.shape, [1, INPUT, INPUT, 3]);
        assert!(input.data.iter().all(|v| (-1.0..=1.0).contains(v)));
        let mut regressors = vec![0.0; 896 * 16];
        let mut logits = vec![-9.0; 896];
        // Column 8, row 8 of the first grid: its anchor is at (68, 68).
        let index = (8 * 16 + 8) * 2;
        regressors[index * 16..][..4].copy_from_slice(&[-4.0, -4.0, width, height]);
        logits[index] = logit;
        let tensor = |n, data| Tensor { shape: vec![1, 896, n], data };
        vec![tensor(16, regressors), tensor(1, logits)]
    }

    /// Answers that the anchor in the middle of the view sees a face around itself.
    struct Centred;

    impl Model for Centred {
        fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
            Ok(answer(input, [32.0, 64.0], 2.0))
        }

        fn executor(&self) -> &'static str {
            "onnx"
        }
    }

    #[test]
    fn a_face_in_the_middle_of_the_letterbox_is_in_the_middle_of_the_photo() {
        let frame = Frame::from_rgb(300, 100, vec![128; 300 * 100 * 3]).unwrap();
        let photo = Pyramid::new(&frame);
        let found = Look::new(&Centred).at(&photo, &View::whole(photo.size()), 0.5).unwrap();
        let scale = 300.0 / 128.0;
        let expected =
            Rect { x: 150.0 - 16.0 * scale, y: 50.0 - 32.0 * scale, width: 32.0 * scale, height: 64.0 * scale };
        assert_eq!(found.len(), 1);
        assert!(found[0].rect.iou(&expected) > 0.999, "{:?}", found[0].rect);
        assert!((found[0].score - 0.8808).abs() < 1e-4);
        // Keypoints that the model leaves at zero lie at the anchor.
        assert!(found[0].keypoints[0].distance(Point::new(150.0 + 4.0 * scale, 50.0 + 4.0 * scale)) < 1e-3);
    }

    #[test]
    fn tiles_cover_the_photo_and_overlap_by_half() {
        for (length, side) in [(100.0, 100.0), (100.0, 60.0), (640.0, 192.0), (10.0, 7.0)] {
            let starts = starts(length, side);
            let ends = (starts[0], starts[starts.len() - 1] + side);
            assert!(ends.0.abs() < 1e-3 && (ends.1 - length).abs() < 1e-3, "{ends:?}");
            assert!(starts.windows(2).all(|w| w[1] - w[0] <= side / 2.0 + 1e-3), "{starts:?}");
        }
    }
}
