//! 468 points on a face, and the pose of the head that they show.

mod pose;
pub mod topology;

pub use pose::Pose;

use crate::engine::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::face::Detection;
use crate::frame::{Border, Pyramid};
use crate::geometry::{cos_sin, Point, Rect, Similarity};

/// Distance between the pupils that stands for every adult's, mm (the mean of Dodgson 2004).
pub const INTERPUPILLARY_MM: f32 = 63.0;

/// Side of the model's input, pixels.
const INPUT: usize = 192;

/// The points of a face: x and y in pixels of the photo, z in the same unit, towards the camera
/// negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    points: Vec<[f32; 3]>,
}

impl Mesh {
    /// How many points a mesh has.
    pub const POINTS: usize = 468;

    /// A mesh from its points; `None` unless there are 468 finite ones.
    pub fn new(points: Vec<[f32; 3]>) -> Option<Mesh> {
        let whole = points.len() == Mesh::POINTS && points.iter().flatten().all(|c| c.is_finite());
        whole.then_some(Mesh { points })
    }

    /// x, y, z of each point.
    pub fn points(&self) -> &[[f32; 3]] {
        &self.points
    }

    /// A point on the photo, by its number below 468.
    pub fn point(&self, index: usize) -> Point {
        Point::new(self.points[index][0], self.points[index][1])
    }

    /// Points on the photo by their numbers.
    pub fn chain<'a>(&'a self, indices: &'a [usize]) -> impl Iterator<Item = Point> + 'a {
        indices.iter().map(|&i| self.point(i))
    }

    /// The turn of the line between the outer eye corners, radians, clockwise on the photo.
    pub fn roll(&self) -> f32 {
        let (right, left) = (self.point(topology::RIGHT_EYE_OUTER), self.point(topology::LEFT_EYE_OUTER));
        (left.y - right.y).atan2(left.x - right.x)
    }

    /// Pixels of the photo to a millimetre, of a face of ordinary size.
    pub fn px_per_mm(&self) -> f32 {
        self.interocular() / INTERPUPILLARY_MM
    }

    /// Distance between the middles of the eyes, pixels of the photo. Depth is counted in, so
    /// that a turned head is not a smaller one.
    pub fn interocular(&self) -> f32 {
        let middle = |corners: [usize; 2]| -> [f32; 3] {
            std::array::from_fn(|c| (self.points[corners[0]][c] + self.points[corners[1]][c]) / 2.0)
        };
        let (a, b) = (middle(topology::RIGHT_EYE_CORNERS), middle(topology::LEFT_EYE_CORNERS));
        (0..3).map(|c| (a[c] - b[c]).powi(2)).sum::<f32>().sqrt()
    }
}

/// How the mesh is placed.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshParams {
    /// Side of the crop as a multiple of the face's longer side; MediaPipe's own value, which the
    /// model was trained with.
    pub margin: f32,
    /// Crops: the first around the detection, the others around the mesh before.
    pub passes: usize,
    /// Least probability that the crop shows a face, 0–1.
    pub min_score: f32,
    /// The same where one of many crops is taken.
    pub sure_score: f32,
    /// How far eyes, nose and mouth of such a crop's mesh may lie from those of the detection, in the mean, as a share of the face's longer side. Of
    /// 17 heads seen from the side seven have one that lies 0.034 to 0.063 away, and on the face; one lies 0.095 away, the rest have none within 0.15.
    pub apart: f32,
}

impl Default for MeshParams {
    fn default() -> Self {
        MeshParams { margin: 1.5, passes: 2, min_score: 0.5, sure_score: 0.9, apart: 0.065 }
    }
}

/// Places a mesh on a detected face with a FaceMesh model.
pub struct MeshFitter<'m> {
    model: &'m dyn Model,
    params: MeshParams,
}

impl<'m> MeshFitter<'m> {
    /// A fitter over a model of the role `face-mesh`.
    pub fn new(model: &'m dyn Model, params: MeshParams) -> Self {
        MeshFitter { model, params }
    }

    /// The mesh of a face; `None` where the model sees no face in its crop.
    ///
    /// # Errors
    /// `inference-failed`, and `model-incompatible` where the output is not 468 points and a score.
    pub fn fit(&self, photo: &Pyramid, face: &Detection) -> Result<Option<Mesh>> {
        let mut crop = self.crop(face.rect.center(), face.rect.width.max(face.rect.height), face.roll());
        let mut fitted = None;
        for _ in 0..self.params.passes {
            let (mesh, score) = self.run(photo, &crop)?;
            let Some(mesh) = mesh.filter(|_| score >= self.params.min_score) else { return Ok(None) };
            crop = self.around(&mesh);
            fitted = Some(mesh);
        }
        Ok(fitted)
    }

    /// The mesh of a head that is turned far, whose box and whose line between the eyes say little of where its face lies: of crops beside each other, those of which
    /// the model is sure, the one whose mesh agrees best with the detection. `None` where none does.
    ///
    /// # Errors
    /// As [`MeshFitter::fit`].
    pub fn search(&self, photo: &Pyramid, face: &Detection) -> Result<Option<Mesh>> {
        let (center, side, angle) = (face.rect.center(), face.rect.width.max(face.rect.height), face.upright());
        let (cos, sin) = cos_sin(angle);
        let [right, left, nose, mouth, ..] = face.keypoints;
        let apart = |mesh: &Mesh| {
            let middle = |[a, b]: [usize; 2]| mesh.point(a).midpoint(mesh.point(b));
            let eyes = middle([topology::RIGHT_EYE_OUTER, topology::LEFT_EYE_OUTER]).distance(right.midpoint(left));
            let lips = middle(topology::LIPS_MIDDLE).distance(mouth);
            (eyes + mesh.point(topology::NOSE_TIP).distance(nose) + lips) / (3.0 * side)
        };
        let mut best = (self.params.apart, None);
        for scale in [1.0, 1.2] {
            for (x, y) in [(0.0, 0.0), (-0.2, 0.0), (0.2, 0.0), (0.0, -0.2)] {
                let center = Point::new(center.x + side * (x * cos - y * sin), center.y + side * (x * sin + y * cos));
                let mut crop = self.crop(center, scale * side, angle);
                for _ in 0..self.params.passes {
                    let (Some(mesh), score) = self.run(photo, &crop)? else { break };
                    // Around what the model takes for no face there is none.
                    if score < 0.1 {
                        break;
                    }
                    crop = self.around(&mesh);
                    let apart = apart(&mesh);
                    if score >= self.params.sure_score && apart < best.0 {
                        best = (apart, Some(mesh));
                    }
                }
            }
        }
        Ok(best.1)
    }

    /// The mesh of a face that has moved a little, from one crop around where it was; `None` where the model sees none there.
    ///
    /// # Errors
    /// As [`MeshFitter::fit`].
    pub fn again(&self, photo: &Pyramid, mesh: &Mesh) -> Result<Option<Mesh>> {
        let (mesh, score) = self.run(photo, &self.around(mesh))?;
        Ok(mesh.filter(|_| score >= self.params.min_score))
    }

    /// What [`MeshFitter::again`] looks at: the rectangle around its crop, and how many pixels of the photo one of the crop is.
    pub fn place(&self, mesh: &Mesh) -> Option<(Rect, f32)> {
        let (crop, side) = (self.around(mesh), INPUT as f32);
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(x, y)| crop.map(Point::new(x, y)));
        Some((Rect::around(corners)?, crop.scale()))
    }

    fn crop(&self, center: Point, side: f32, angle: f32) -> Similarity {
        Similarity::square(center, side * self.params.margin, angle, INPUT as f32)
    }

    /// The crop that the model would have wanted for this mesh: upright by its eyes, square.
    fn around(&self, mesh: &Mesh) -> Similarity {
        let upright = Similarity::rect(Point::new(0.0, 0.0), 1.0, mesh.roll(), 0.0, 0.0);
        let all = (0..Mesh::POINTS).map(|i| upright.unmap(mesh.point(i)));
        let rect = Rect::around(all).unwrap_or(Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
        self.crop(upright.map(rect.center()), rect.width.max(rect.height), mesh.roll())
    }

    fn run(&self, photo: &Pyramid, crop: &Similarity) -> Result<(Option<Mesh>, f32)> {
        let data = photo.numbers(crop, (INPUT, INPUT), Border::Nearest, [0.0, 1.0]);
        let outputs = self.model.run(&Tensor { shape: vec![1, INPUT, INPUT, 3], data })?;
        let [points, score, ..] = &outputs[..] else { return Err(unexpected()) };
        if points.data.len() != Mesh::POINTS * 3 || score.data.len() != 1 {
            return Err(unexpected());
        }
        let points = points.data.chunks_exact(3).map(|p| {
            let on_photo = crop.map(Point::new(p[0], p[1]));
            [on_photo.x, on_photo.y, p[2] * crop.scale()]
        });
        Ok((Mesh::new(points.collect()), 1.0 / (1.0 + (-score.data[0]).exp())))
    }
}

fn unexpected() -> Error {
    Error::new(ErrorCode::ModelIncompatible, "the face mesh's output is not 468 × 3 and 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    /// Puts all points in the middle of the crop, but for the outer eye corners.
    struct Middle {
        logit: f32,
    }

    impl Model for Middle {
        fn run(&self, _: &Tensor) -> Result<Vec<Tensor>> {
            let mut points = [96.0, 96.0, 0.0].repeat(Mesh::POINTS);
            points[topology::RIGHT_EYE_OUTER * 3] -= 10.0;
            points[topology::LEFT_EYE_OUTER * 3] += 10.0;
            Ok(vec![
                Tensor { shape: vec![1, Mesh::POINTS, 3], data: points },
                Tensor { shape: vec![1, 1], data: vec![self.logit] },
            ])
        }

        fn executor(&self) -> &'static str {
            "onnx"
        }
    }

    fn fit(logit: f32) -> Option<Mesh> {
        let frame = Frame::from_rgb(100, 80, vec![90; 100 * 80 * 3]).unwrap();
        let rect = Rect { x: 20.0, y: 10.0, width: 40.0, height: 40.0 };
        let face = Detection { rect, score: 1.0, keypoints: [rect.center(); 6] };
        let model = Middle { logit };
        MeshFitter::new(&model, MeshParams::default()).fit(&Pyramid::new(&frame), &face).unwrap()
    }

    #[test]
    fn points_come_back_in_pixels_of_the_photo() {
        let mesh = fit(5.0).unwrap();
        assert!(mesh.point(1).distance(Point::new(40.0, 30.0)) < 1e-3);
        assert!(mesh.roll().abs() < 1e-4);
    }

    #[test]
    fn a_crop_without_a_face_has_no_mesh() {
        assert_eq!(fit(-5.0), None);
        assert_eq!(fit(f32::NAN), None);
    }

    /// Sees a face where the middle of its crop is red.
    struct Red;

    impl Model for Red {
        fn run(&self, crop: &Tensor) -> Result<Vec<Tensor>> {
            let middle = 3 * (INPUT / 2 * INPUT + INPUT / 2);
            Middle { logit: if crop.data[middle] > 0.5 { 5.0 } else { -1.0 } }.run(crop)
        }

        fn executor(&self) -> &'static str {
            "onnx"
        }
    }

    #[test]
    fn a_turned_head_is_searched_for_beside_its_box_and_near_its_eyes_nose_and_mouth() {
        let red = |i: usize| if i % 100 >= 44 { [200, 0, 0] } else { [0, 0, 0] };
        let frame = Frame::from_rgb(100, 80, (0..100 * 80).flat_map(red).collect()).unwrap();
        let rect = Rect { x: 20.0, y: 10.0, width: 40.0, height: 40.0 };
        let fitter = MeshFitter::new(&Red, MeshParams::default());
        let face = |at: Point| Detection { rect, score: 1.0, keypoints: [at; 6] };
        let searched = |at| fitter.search(&Pyramid::new(&frame), &face(at)).unwrap();
        assert_eq!(fitter.fit(&Pyramid::new(&frame), &face(rect.center())).unwrap(), None);
        // A fifth of the box to the right of its middle.
        let mesh = searched(Point::new(48.0, 30.0)).unwrap();
        assert!(mesh.point(1).distance(Point::new(48.0, 30.0)) < 1e-3);
        assert_eq!(searched(Point::new(48.0, 25.0)), None);
    }
}
