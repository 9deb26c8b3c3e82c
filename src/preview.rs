//! What a frame of a video shows of how a photo of it would come out: few enough pixels that each frame can be judged while a person
//! still moves.

use serde::Serialize;

use crate::frame::Pyramid;
use crate::geometry::Point;
use crate::mesh::{topology, Mesh, Pose};
use crate::quality::{self, QualityIssue, QualityParams};
use crate::region::{zone, FaceGrid, GridParams, Zone};
use crate::report::PoseReport;
use crate::write;

/// From where on a frame is advised against; the rest is as of a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewParams {
    /// Least distance between the pupils, by the shorter side of the frame: a face then takes a third of it. Who holds a camera can come
    /// that near, and skin gains by every pixel.
    pub least_share: f32,
    /// Fastest move between the eyes, distances between the pupils a second: within the thirtieth of a second that a camera may need
    /// indoors, 0.6 smear 1.3 mm.
    pub most_movement: f32,
    /// How long a move is remembered, milliseconds: the mesh itself trembles from frame to frame.
    pub memory_ms: f32,
    /// Finest scale that is looked at, pixels a millimetre.
    pub max_px_per_mm: f32,
}

impl Default for PreviewParams {
    fn default() -> Self {
        PreviewParams { least_share: 0.14, most_movement: 0.6, memory_ms: 200.0, max_px_per_mm: 1.0 }
    }
}

/// A side of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// Their left.
    Left,
    /// Their right.
    Right,
}

/// What can be said of a frame.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// What speaks against a photo now: of size, light, sharpness and pose.
    pub issues: Vec<QualityIssue>,
    /// Whether the face moves too fast for a sharp photo.
    pub moving: bool,
    /// The side that gets less light, where the light is uneven.
    pub darker: Option<Side>,
    /// Turn of the head.
    pub pose: PoseReport,
    /// Distance between the pupils, pixels of the frame.
    pub interocular_px: f64,
    /// Share of the face that is neither black nor white, 0–1.
    pub exposure: f64,
    /// Overlap of the luminance histograms of both cheeks, 0–1; `null` where one can't be seen.
    pub illumination_balance: Option<f64>,
    /// Detail of the face at one pixel a millimetre, 0–1.
    pub sharpness: f64,
    /// Distances between the pupils a second, over some frames.
    pub movement: f64,
    /// The mesh: 468 points, pixels of the frame.
    pub landmarks: Vec<[f64; 3]>,
}

/// Where a face was, when, and how fast it moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    at: Point,
    interocular: f32,
    when: f64,
    /// Distances between the pupils a second.
    pub speed: f32,
}

impl Move {
    /// A face that is seen for the first time: nothing is known, so it is not still.
    pub fn begin(mesh: &Mesh, when: f64) -> Move {
        Move { at: mesh.between_eyes(), interocular: mesh.interocular(), when, speed: f32::INFINITY }
    }

    /// The same face later.
    pub fn next(&self, mesh: &Mesh, when: f64, params: &PreviewParams) -> Move {
        let new = Move::begin(mesh, when);
        let ms = (when - self.when) as f32;
        if !(ms > 0.0 && self.interocular > 0.0) {
            return *self;
        }
        let now = self.at.distance(new.at) / self.interocular / (ms / 1000.0);
        // What it was counts less the longer ago it is.
        let share = if self.speed.is_finite() { (-ms / params.memory_ms).exp() } else { 0.0 };
        let before = if share > 0.0 { self.speed * share } else { 0.0 };
        Move { speed: before + now * (1.0 - share), ..new }
    }
}

impl Preview {
    /// Judges the face of a part of a frame of `size`: `near` is its mesh in pixels of the part, `mesh` in those of the frame.
    pub(crate) fn measure(
        photo: &Pyramid,
        (near, mesh): (&Mesh, &Mesh),
        (width, height): (usize, usize),
        movement: f32,
        (params, of_photo): (&PreviewParams, &QualityParams),
    ) -> Preview {
        use QualityIssue::*;
        let grid = FaceGrid::cut(photo, near, &GridParams { max_px_per_mm: params.max_px_per_mm });
        let luma = quality::luminance(&grid);
        let [right, left] = halves(&grid, near);
        let face: Vec<usize> = [&right[..], &left[..]].concat();
        let (black, white) = quality::black_and_white(&luma, &face, of_photo);
        // In the dark, and beside it, contrast hides what is sharp: the sharper half tells of the lens.
        let [right, left] = [&right, &left].map(|half| quality::sharpness(&grid, &luma, half, of_photo));
        let sharpness = right.max(left);
        let zones = zone::paint(&grid, near);
        let [right, left] = [Zone::RightCheek, Zone::LeftCheek].map(|cheek| quality::of_zone(&luma, &zones, cheek));
        let balance = quality::overlap(&left, &right);
        let mean = |cheek: &[f32]| cheek.iter().sum::<f32>() / cheek.len().max(1) as f32;
        let uneven = balance.is_some_and(|b| b < of_photo.least_balance);
        let darker = if mean(&left) < mean(&right) { Side::Left } else { Side::Right };
        let pose = Pose::of(mesh);
        let least = of_photo.least_interocular.max(params.least_share * width.min(height) as f32);
        let found = [
            (FaceTooSmall, mesh.interocular() < least),
            (FaceCutOff, quality::cut_off(mesh, (width, height)) > of_photo.cut_off),
            (TooDark, black > of_photo.most_black),
            (TooBright, white > of_photo.most_white),
            (UnevenLight, uneven),
            (Blurred, sharpness < of_photo.least_sharpness),
            (OffPose, quality::is_turned(&pose, of_photo)),
        ];
        Preview {
            issues: found.into_iter().filter(|(_, is)| *is).map(|(issue, _)| issue).collect(),
            moving: movement > params.most_movement,
            darker: uneven.then_some(darker),
            pose: write::pose(&pose),
            interocular_px: write::round(mesh.interocular(), 1),
            exposure: write::round(1.0 - black - white, 3),
            illumination_balance: balance.map(|v| write::round(v, 3)),
            sharpness: write::round(sharpness, 3),
            movement: write::round(movement.min(99.0), 3),
            landmarks: write::landmarks(mesh),
        }
    }
}

/// The pixels of the right and of the left half of a face, the person's own.
fn halves(grid: &FaceGrid, mesh: &Mesh) -> [Vec<usize>; 2] {
    // The outline runs from the forehead over the left side to the chin, and back over the right one.
    let chin = topology::OVAL.iter().position(|&i| i == topology::MIDLINE.1).unwrap_or(0);
    let [mut down, mut up] = [topology::OVAL[..=chin].to_vec(), topology::OVAL[chin..].to_vec()];
    down.extend(topology::CENTRE.iter().rev());
    up.extend(topology::CENTRE);
    [up, down].map(|chain| {
        let mut found = Vec::new();
        grid.fill(mesh.chain(&chain), |i| found.push(i));
        found
    })
}
