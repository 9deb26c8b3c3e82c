//! Several sightings of one face become one.

use super::Detection;
use crate::geometry::{Point, Rect};
use crate::quantile::descending;

/// Non-maximum suppression, best first: of sightings that overlap by at least `same_face` (IoU)
/// the best gives the score, and all of them, weighted by theirs, the box and the keypoints
/// (Bazarevsky 2019, section 3.3). Returned best first.
pub fn suppress(mut sightings: Vec<Detection>, same_face: f32) -> Vec<Detection> {
    sightings.retain(|s| s.score.is_finite());
    sightings = descending(sightings, |s| s.score);
    let mut faces = Vec::new();
    while let Some(best) = sightings.first().cloned() {
        let (same, other) = sightings.drain(..).skip(1).partition(|s| s.rect.iou(&best.rect) >= same_face);
        sightings = other;
        faces.push(blend(best, &same));
    }
    faces
}

/// The best sighting, its geometry averaged with others of the same face.
fn blend(best: Detection, others: &[Detection]) -> Detection {
    let total: f32 = best.score + others.iter().map(|o| o.score).sum::<f32>();
    if others.is_empty() || total <= 0.0 {
        return best;
    }
    let mean = |value: &dyn Fn(&Detection) -> f32| {
        (value(&best) * best.score + others.iter().map(|o| value(o) * o.score).sum::<f32>()) / total
    };
    Detection {
        rect: Rect {
            x: mean(&|d| d.rect.x),
            y: mean(&|d| d.rect.y),
            width: mean(&|d| d.rect.width),
            height: mean(&|d| d.rect.height),
        },
        score: best.score,
        keypoints: std::array::from_fn(|i| Point::new(mean(&|d| d.keypoints[i].x), mean(&|d| d.keypoints[i].y))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(x: f32, score: f32) -> Detection {
        let rect = Rect { x, y: 0.0, width: 10.0, height: 10.0 };
        Detection { rect, score, keypoints: [rect.center(); 6] }
    }

    #[test]
    fn one_face_is_reported_once_at_its_best_score() {
        let faces =
            suppress(vec![sighting(0.0, 0.6), sighting(50.0, 0.7), sighting(1.0, 0.9), sighting(2.0, 0.5)], 0.3);
        let scores: Vec<_> = faces.iter().map(|f| f.score).collect();
        assert_eq!(scores, [0.9, 0.7]);
        // (0·0.6 + 1·0.9 + 2·0.5) / 2
        assert!((faces[0].rect.x - 0.95).abs() < 1e-6);
        assert_eq!(faces[0].keypoints[3], faces[0].rect.center());
    }

    #[test]
    fn a_score_that_is_no_number_is_dropped() {
        assert_eq!(suppress(vec![sighting(0.0, f32::NAN)], 0.3), []);
    }
}
