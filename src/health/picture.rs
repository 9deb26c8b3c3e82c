//! A face that is drawn, so that a host can prove that it finds one: no photo of anyone, and no file.

use crate::frame::Frame;
use crate::report::DetectionReport;

/// Side of the picture, pixels: the face's boxes are those of a face some way off.
const SIDE: usize = 192;

/// Ellipses, the lowest first: centre, half axes (the picture goes from −1 to 1), RGB, width of the edge (of the
/// half axes), opacity.
const SHAPES: [([f32; 4], [u8; 3], [f32; 2]); 24] = [
    ([0.0, 1.55, 1.12, 0.68], [60, 70, 90], [0.1, 1.0]),
    ([0.0, 0.93, 0.3, 0.53], [180, 135, 110], [0.1, 1.0]),
    ([0.0, -0.18, 0.7, 0.9], [50, 38, 30], [0.1, 1.0]),
    ([0.0, 0.08, 0.6, 0.78], [215, 168, 140], [0.08, 1.0]),
    ([0.0, 0.53, 0.45, 0.3], [200, 150, 122], [0.8, 0.5]),
    // Eye sockets, whites, irises, brows, cheeks.
    ([-0.255, -0.045, 0.18, 0.105], [150, 105, 85], [0.6, 0.8]),
    ([0.255, -0.045, 0.18, 0.105], [150, 105, 85], [0.6, 0.8]),
    ([-0.255, -0.03, 0.113, 0.053], [240, 236, 230], [0.3, 1.0]),
    ([0.255, -0.03, 0.113, 0.053], [240, 236, 230], [0.3, 1.0]),
    ([-0.255, -0.03, 0.05, 0.053], [45, 30, 25], [0.3, 1.0]),
    ([0.255, -0.03, 0.05, 0.053], [45, 30, 25], [0.3, 1.0]),
    ([-0.255, -0.19, 0.173, 0.033], [60, 42, 33], [0.5, 1.0]),
    ([0.255, -0.19, 0.173, 0.033], [60, 42, 33], [0.5, 1.0]),
    ([-0.33, 0.255, 0.165, 0.135], [222, 160, 138], [0.9, 0.6]),
    ([0.33, 0.255, 0.165, 0.135], [222, 160, 138], [0.9, 0.6]),
    // Nose and nostrils, lips and the line between them, chin, ears.
    ([0.045, 0.12, 0.053, 0.21], [190, 140, 115], [0.8, 0.7]),
    ([0.0, 0.285, 0.113, 0.045], [150, 100, 85], [0.6, 0.8]),
    ([-0.06, 0.295, 0.03, 0.018], [90, 55, 45], [0.6, 0.7]),
    ([0.06, 0.295, 0.03, 0.018], [90, 55, 45], [0.6, 0.7]),
    ([0.0, 0.5, 0.18, 0.06], [165, 75, 75], [0.4, 1.0]),
    ([0.0, 0.5, 0.165, 0.012], [100, 40, 42], [0.5, 1.0]),
    ([0.0, 0.72, 0.15, 0.06], [205, 158, 130], [0.9, 0.5]),
    ([-0.6, 0.08, 0.06, 0.14], [200, 150, 124], [0.3, 1.0]),
    ([0.6, 0.08, 0.06, 0.14], [200, 150, 124], [0.3, 1.0]),
];

/// Where the eyes' middles are, pixels: the first two keypoints.
const EYES: [(f64, f64); 2] = [(71.5, 93.1), (120.5, 93.1)];

/// The picture: a face that looks straight ahead.
pub fn face() -> Frame {
    let mut rgb = Vec::with_capacity(3 * SIDE * SIDE);
    let at = |pixel: usize| 2.0 * (pixel as f32 + 0.5) / SIDE as f32 - 1.0;
    for i in 0..SIDE * SIDE {
        let (x, y) = (at(i % SIDE), at(i / SIDE));
        let mut pixel = [92.0, 104.0, 120.0f32];
        for ([centre_x, centre_y, across, down], colour, [edge, opacity]) in SHAPES {
            let off = (((x - centre_x) / across).powi(2) + ((y - centre_y) / down).powi(2)).sqrt() - 1.0;
            let cover = (0.5 - off / edge).clamp(0.0, 1.0) * opacity;
            for (value, colour) in pixel.iter_mut().zip(colour) {
                *value += cover * (f32::from(colour) - *value);
            }
        }
        rgb.extend(pixel.map(|value| (value + 0.5) as u8));
    }
    // As many bytes as the sides say: it does not fail.
    Frame::from_rgb(SIDE, SIDE, rgb).unwrap_or_else(|error| unreachable!("{error}"))
}

/// Whether what was found in the picture is its face, and nothing else is.
pub fn is_found(faces: &[DetectionReport]) -> bool {
    let [face] = faces else { return false };
    face.keypoints.iter().zip(EYES).all(|(p, (x, y))| (p.x - x).hypot(p.y - y) < 0.05 * SIDE as f64)
}
