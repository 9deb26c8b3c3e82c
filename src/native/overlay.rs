//! What was found, drawn over the photo.

use std::path::Path;

use image::{Rgb, RgbImage};

use crate::error::{Error, ErrorCode, Result};
use crate::frame::Frame;
use crate::region::Zone;
use crate::report::SkinReport;

fn colour(zone: Zone) -> [u8; 3] {
    match zone {
        Zone::Forehead => [66, 133, 244],
        Zone::LeftCheek => [52, 168, 83],
        Zone::RightCheek => [0, 172, 193],
        Zone::Nose => [251, 188, 4],
        Zone::Chin => [171, 71, 188],
        Zone::UnderLeftEye => [255, 112, 67],
        Zone::UnderRightEye => [236, 64, 122],
        Zone::UpperLip => [158, 157, 36],
    }
}

const BOX: [u8; 3] = [255, 255, 255];
const FINDING: [u8; 3] = [220, 0, 0];

/// Writes a PNG of the photo with box, zones and findings.
///
/// # Errors
/// `invalid-options` where the file can't be written.
pub fn draw(frame: &Frame, report: &SkinReport, path: &Path) -> Result<()> {
    let size = (frame.width() as u32, frame.height() as u32);
    let Some(mut canvas) = RgbImage::from_raw(size.0, size.1, frame.rgb().to_vec()) else {
        return Err(Error::new(ErrorCode::Internal, "the frame is not width × height × 3"));
    };
    for face in &report.faces {
        let b = &face.bounding_box;
        let (x, y, right, bottom) = (b.origin_x, b.origin_y, b.origin_x + b.width, b.origin_y + b.height);
        outline(&mut canvas, &[[x, y], [right, y], [right, bottom], [x, bottom]], BOX);
        for (zone, area) in face.skin.iter().flat_map(|skin| &skin.zones) {
            for polygon in &area.polygons {
                outline(&mut canvas, polygon, colour(*zone));
            }
        }
        for finding in face.concerns.values().flat_map(|concern| &concern.findings) {
            outline(&mut canvas, &finding.polygon, FINDING);
        }
    }
    canvas
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(|e| Error::new(ErrorCode::InvalidOptions, format!("{} can't be written: {e}", path.display())))
}

fn outline(canvas: &mut RgbImage, polygon: &[[f64; 2]], colour: [u8; 3]) {
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        let steps = ((b[0] - a[0]).abs().max((b[1] - a[1]).abs()).ceil() as usize).clamp(1, 10_000);
        for step in 0..=steps {
            let t = step as f64 / steps as f64;
            let (x, y) = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]));
            if x >= 0.0 && y >= 0.0 && x < f64::from(canvas.width()) && y < f64::from(canvas.height()) {
                canvas.put_pixel(x as u32, y as u32, Rgb(colour));
            }
        }
    }
}
