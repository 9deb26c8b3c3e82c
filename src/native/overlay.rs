//! What was found, drawn over the photo.

use std::path::Path;

use image::{Rgb, RgbImage};
use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::frame::Frame;
use crate::geometry::Point;
use crate::region::Zone;
use crate::report::ConcernId;

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

fn finding_colour(id: ConcernId) -> [u8; 3] {
    match id {
        ConcernId::Acne => [255, 0, 0],
        ConcernId::Redness => [255, 105, 180],
        ConcernId::DarkSpots => [90, 40, 0],
        ConcernId::Pigmentation => [200, 130, 40],
        ConcernId::Wrinkles => [0, 60, 255],
        ConcernId::Oiliness => [255, 255, 0],
        ConcernId::DarkCircles => [120, 0, 200],
        ConcernId::Pores | ConcernId::Texture => [0, 160, 0],
    }
}

const BOX: [u8; 3] = [255, 255, 255];
const FINDING: [u8; 3] = [220, 0, 0];

/// Writes a PNG of the photo with box, zones and findings.
///
/// # Errors
/// `invalid-options` where the file can't be written.
pub fn draw(frame: &Frame, report: &Value, path: &Path) -> Result<()> {
    let mut canvas = canvas(frame)?;
    for face in report["faces"].as_array().into_iter().flatten() {
        let of = |key: &str| face["boundingBox"][key].as_f64().unwrap_or_default();
        let (x, y) = (of("originX"), of("originY"));
        let (right, bottom) = (x + of("width"), y + of("height"));
        outline(&mut canvas, &[[x, y], [right, y], [right, bottom], [x, bottom]], BOX);
        for zone in Zone::ALL {
            for ring in face["skin"]["zones"][name(&zone)]["polygons"].as_array().into_iter().flatten() {
                outline(&mut canvas, &points(ring), colour(zone));
            }
        }
        for id in ConcernId::ALL {
            for finding in face["concerns"][name(&id)]["findings"].as_array().into_iter().flatten() {
                outline(&mut canvas, &points(&finding["polygon"]), finding_colour(id));
            }
        }
    }
    save(&canvas, path)
}

/// What a report calls a zone or a concern.
fn name(of: &impl serde::Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|name| Some(name.as_str()?.to_string())).unwrap_or_default()
}

fn points(ring: &Value) -> Vec<[f64; 2]> {
    ring.as_array().into_iter().flatten().filter_map(|p| Some([p.get(0)?.as_f64()?, p.get(1)?.as_f64()?])).collect()
}

/// Writes a PNG of a photo with outlines over it.
///
/// # Errors
/// `invalid-options` where the file can't be written.
pub fn draw_shapes<'a>(frame: &Frame, shapes: impl Iterator<Item = &'a [Point]>, path: &Path) -> Result<()> {
    let mut canvas = canvas(frame)?;
    for shape in shapes {
        let polygon: Vec<[f64; 2]> = shape.iter().map(|p| [f64::from(p.x), f64::from(p.y)]).collect();
        outline(&mut canvas, &polygon, FINDING);
    }
    save(&canvas, path)
}

fn canvas(frame: &Frame) -> Result<RgbImage> {
    RgbImage::from_raw(frame.width() as u32, frame.height() as u32, frame.rgb().to_vec())
        .ok_or_else(|| Error::new(ErrorCode::Internal, "the frame is not width × height × 3"))
}

fn save(canvas: &RgbImage, path: &Path) -> Result<()> {
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
