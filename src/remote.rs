//! What goes to a server, and what its answer is worth.
//!
//! A photo goes there as a new JPEG without metadata, cropped to the face where one is known, and no larger than the analysis
//! needs. The answer is looked at like any stranger's: what is not a report is `server-failed`; what is one is brought back to the
//! pixels of the original.

use std::borrow::Cow;

use image::codecs::jpeg::JpegEncoder;
use image::ExtendedColorType;
use serde_json::{json, Map, Value};

use crate::error::{Error, ErrorCode};
use crate::frame::{Border, Frame, Part, Pyramid};
use crate::geometry::{Point, Rect, Similarity};
use crate::policy::Failure;
use crate::report::{ConcernId, Fallback};

/// The longer side of what is sent, pixels: a face that fills two thirds of it has 5 px/mm, from where on more shows no more (see
/// what pores demand in `skin`).
const LONGEST: f32 = 1600.0;

/// How much of what is around a face is sent with it, as a multiple of its longer side: a detector's box ends at brows and
/// chin, and detectors want to see hair and shoulders.
const AROUND: f32 = 2.4;

/// Of the JPEG: from here on its blocks move no score (see `docs/accuracy.md`, "JPEG 95").
const QUALITY: u8 = 95;

/// The part of a photo that is sent, and at which size.
pub fn part(width: usize, height: usize, face: Option<&Rect>) -> Part {
    let whole = || Part::reduced(width, height, LONGEST as usize).unwrap_or_else(|| Part::whole(width, height));
    let Some(face) = face else { return whole() };
    let side = AROUND * face.width.max(face.height);
    let center = face.center();
    let rect = Rect { x: center.x - side / 2.0, y: center.y - side / 2.0, width: side, height: side };
    Part::of(width, height, &rect, LONGEST / side.max(1.0)).unwrap_or_else(whole)
}

/// A photo as it is sent: a JPEG of the pixels and of nothing else.
///
/// # Errors
/// `internal` where it can't be written.
pub fn jpeg(frame: &Frame) -> Result<Vec<u8>, Error> {
    let failed = |why: String| Error::new(ErrorCode::Internal, format!("the photo can't be encoded: {why}"));
    let side = |pixels: usize| u16::try_from(pixels).map_err(|e| failed(e.to_string()));
    let (width, height) = (side(frame.width())?, side(frame.height())?);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(frame.rgb(), width.into(), height.into(), ExtendedColorType::Rgb8)
        .map_err(|e| failed(e.to_string()))?;
    Ok(bytes)
}

/// A part of a photo, drawn at its size.
pub fn drawn<'a>(frame: &'a Frame, part: &Part) -> Result<Cow<'a, Frame>, Error> {
    if *part == Part::whole(frame.width(), frame.height()) {
        return Ok(Cow::Borrowed(frame));
    }
    let scale = part.scale().0;
    let map = Similarity::rect(part.rect.center(), scale, 0.0, part.columns as f32, part.rows as f32);
    let mut rgb = Vec::with_capacity(3 * part.columns * part.rows);
    Pyramid::new(frame).sample(&map, (part.columns, part.rows), Border::Nearest, |pixel| {
        rgb.extend(pixel.map(|c| (c + 0.5) as u8));
    });
    Frame::from_rgb(part.columns, part.rows, rgb).map(Cow::Owned)
}

/// The JSON of a server's answer; `retry_after` is its header of that name.
///
/// # Errors
/// `server-busy` where it has no room now, else `server-failed`.
pub fn answer(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<Value, Failure> {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    if (200..300).contains(&status) {
        return parsed.ok_or_else(|| failed("its answer is no JSON").into());
    }
    let said = parsed.as_ref().and_then(|value| value.pointer("/error/message").or(value.get("message"))?.as_str());
    // Whatever it says is shown to people, and may be anything.
    let said: String = said.map(|said| format!(": {}", said.chars().take(200).collect::<String>())).unwrap_or_default();
    if matches!(status, 429 | 503) {
        let wait_ms = retry_after.and_then(|text| text.trim().parse::<u32>().ok());
        let wait_ms = wait_ms.map(|seconds| 1000.0 * f64::from(seconds));
        let error = Error::new(ErrorCode::ServerBusy, format!("the server has no room now (status {status}){said}"));
        return Err(Failure { error, wait_ms });
    }
    Err(failed(&format!("status {status}{said}")).into())
}

fn failed(why: &str) -> Error {
    Error::new(ErrorCode::ServerFailed, format!("the server's answer can't be used: {why}"))
}

/// A server's report on a part of a photo of `width` × `height` as one on the photo; `passed` is why no better engine made it here.
///
/// # Errors
/// `server-failed` where it is no report.
pub fn report(
    mut answer: Value,
    part: &Part,
    (width, height): (usize, usize),
    passed: &[Fallback],
) -> Result<Value, Error> {
    let place = Place { part };
    let size = [("/image/width", part.columns), ("/image/height", part.rows)];
    // A server may have asked another one.
    let by = if answer["engine"] == "server" { "serverEngine" } else { "engine" };
    let engine = answer[by].clone();
    let timed = answer["timings"].as_object().is_some_and(|all| all.values().all(Value::is_number));
    let right = answer["schemaVersion"] == 1
        && matches!(engine.as_str(), Some("enhanced" | "basic"))
        && timed
        && answer["quality"].is_object()
        && answer["disclaimer"].is_string()
        && size.iter().all(|(at, pixels)| answer.pointer(at).and_then(Value::as_u64) == Some(*pixels as u64));
    if !right {
        return Err(failed("it is no report on this photo"));
    }
    place.report(&mut answer).ok_or_else(|| failed("a face of it is not complete"))?;
    answer["engine"] = json!("server");
    let why: Vec<Value> = passed.iter().map(|fallback| json!(fallback)).collect();
    answer["fallbacks"] = Value::Array(why);
    answer["serverEngine"] = engine;
    answer["image"] = json!({ "width": width, "height": height });
    Ok(answer)
}

/// A server's faces on a part of a photo as faces on the photo.
///
/// # Errors
/// `server-failed` where it is no list of faces.
pub fn detections(mut answer: Value, part: &Part) -> Result<Value, Error> {
    let wrong = || failed("it is no list of faces");
    let mut faces = answer.get_mut("detections").map(Value::take).ok_or_else(wrong)?;
    let place = Place { part };
    for face in faces.as_array_mut().ok_or_else(wrong)? {
        place.face_box(face).filter(|()| face["score"].is_number()).ok_or_else(wrong)?;
    }
    Ok(faces)
}

/// From pixels of a part to those of its photo; each method answers `None` where what it should move is not there.
struct Place<'a> {
    part: &'a Part,
}

impl Place<'_> {
    /// Lengths; alike across and down but for rounding.
    fn length(&self, value: &mut Value, digits: i32) -> Option<()> {
        *value = number(value.as_f64()? * f64::from(self.part.scale().0), digits);
        Some(())
    }

    fn area(&self, value: &mut Value) -> Option<()> {
        let (across, down) = self.part.scale();
        *value = json!((value.as_f64()? * f64::from(across * down)).round() as u64);
        Some(())
    }

    fn point(&self, x: &mut Value, y: &mut Value, digits: i32) -> Option<()> {
        let at = self.part.point(Point::new(x.as_f64()? as f32, y.as_f64()? as f32));
        (*x, *y) = (number(at.x.into(), digits), number(at.y.into(), digits));
        Some(())
    }

    fn polygon(&self, points: &mut Value) -> Option<()> {
        points.as_array_mut()?.iter_mut().try_for_each(|point| match point.as_array_mut()?.as_mut_slice() {
            [x, y] => self.point(x, y, 1),
            _ => None,
        })
    }

    /// The box of a face, and its keypoints.
    fn face_box(&self, face: &mut Value) -> Option<()> {
        let bounds = face.get_mut("boundingBox")?.as_object_mut()?;
        let [mut x, mut y] = ["originX", "originY"].map(|key| bounds.get(key).cloned());
        self.point(x.as_mut()?, y.as_mut()?, 2)?;
        bounds.insert("originX".into(), x?);
        bounds.insert("originY".into(), y?);
        self.length(bounds.get_mut("width")?, 2)?;
        self.length(bounds.get_mut("height")?, 2)?;
        face.get_mut("keypoints")?.as_array_mut()?.iter_mut().try_for_each(|point| {
            let [mut x, mut y] = ["x", "y"].map(|key| point.get(key).cloned());
            self.point(x.as_mut()?, y.as_mut()?, 2)?;
            (point["x"], point["y"]) = (x?, y?);
            Some(())
        })
    }

    fn face(&self, face: &mut Value) -> Option<()> {
        self.face_box(face)?;
        let landmarks = face.get_mut("landmarks")?;
        if !landmarks.is_null() {
            for point in landmarks.as_array_mut()? {
                let [x, y, z] = point.as_array_mut()?.as_mut_slice() else { return None };
                self.point(x, y, 2)?;
                self.length(z, 2)?;
            }
        }
        let skin = face.get_mut("skin")?;
        if !skin.is_null() {
            self.area(skin.get_mut("areaPx")?)?;
            for zone in skin.get_mut("zones")?.as_object_mut()?.values_mut() {
                self.area(zone.get_mut("areaPx")?)?;
                zone.get_mut("polygons")?.as_array_mut()?.iter_mut().try_for_each(|ring| self.polygon(ring))?;
            }
        }
        let concerns: &mut Map<String, Value> = face.get_mut("concerns")?.as_object_mut()?;
        if concerns.len() != ConcernId::ALL.len() {
            return None;
        }
        for concern in concerns.values_mut() {
            concern.get("available")?.as_bool()?;
            for finding in concern.get_mut("findings")?.as_array_mut()? {
                self.polygon(finding.get_mut("polygon")?)?;
            }
        }
        face.get("overall")?.get("primary")?.as_array().map(drop)
    }

    fn report(&self, report: &mut Value) -> Option<()> {
        let between = report.get_mut("quality")?.get_mut("interocularPx")?;
        if !between.is_null() {
            self.length(between, 1)?;
        }
        report.get_mut("faces")?.as_array_mut()?.iter_mut().try_for_each(|face| self.face(face))
    }
}

fn number(value: f64, digits: i32) -> Value {
    let power = 10f64.powi(digits);
    json!((value * power).round() / power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_no_larger_than_is_needed() {
        assert_eq!(part(900, 1200, None), Part::whole(900, 1200));
        let reduced = part(3000, 4000, None);
        assert_eq!((reduced.columns, reduced.rows), (1200, 1600));
        let face = Rect { x: 1000.0, y: 1000.0, width: 400.0, height: 500.0 };
        let cropped = part(3000, 4000, Some(&face));
        assert_eq!(cropped.rect, Rect { x: 600.0, y: 650.0, width: 1200.0, height: 1200.0 });
        assert_eq!((cropped.columns, cropped.rows), (1200, 1200));
        let large = part(3000, 4000, Some(&Rect { x: 0.0, y: 500.0, width: 3000.0, height: 3000.0 }));
        assert!(large.columns.max(large.rows) <= 1600);
        let beside = Rect { x: 9000.0, y: 0.0, width: 10.0, height: 10.0 };
        assert_eq!(part(900, 1200, Some(&beside)), Part::whole(900, 1200));
    }

    #[test]
    fn it_is_drawn_and_holds_nothing_but_pixels() {
        let rgb = (0..400 * 300).flat_map(|i| [(i % 400 / 2) as u8, (i / 400 / 2) as u8, 90]).collect();
        let frame = Frame::from_rgb(400, 300, rgb).unwrap();
        let part = Part::of(400, 300, &Rect { x: 100.0, y: 100.0, width: 200.0, height: 200.0 }, 0.5).unwrap();
        let sent = drawn(&frame, &part).unwrap();
        assert_eq!((sent.width(), sent.height()), (100, 100));
        let middle = 3 * (50 * 100 + 50);
        // The pixel of the photo there is (201, 201).
        assert!(sent.rgb()[middle].abs_diff(100) <= 1 && sent.rgb()[middle + 1].abs_diff(100) <= 1);
        let bytes = jpeg(&sent).unwrap();
        let read = crate::frame::decode(&bytes, &crate::frame::Limits::default()).unwrap();
        assert!(read.rgb().iter().zip(sent.rgb()).all(|(a, b)| a.abs_diff(*b) < 12));
        // JFIF alone: no EXIF, XMP, ICC or comment.
        let markers: Vec<u8> = bytes.windows(2).filter(|w| w[0] == 0xff && w[1] != 0).map(|w| w[1]).collect();
        assert!(!markers.iter().any(|m| (0xe1..=0xef).contains(m) || *m == 0xfe), "{markers:x?}");
    }

    #[test]
    fn what_a_server_says_of_itself_is_passed_on_and_cut_short() {
        let said = answer(400, None, br#"{"error": {"code": "x", "message": "too dark"}}"#).unwrap_err().error.message;
        assert!(said.contains("status 400: too dark"), "{said}");
        let long = format!(r#"{{"message": "{}"}}"#, "x".repeat(5000));
        assert!(answer(500, None, long.as_bytes()).unwrap_err().error.message.len() < 400);
    }
}
