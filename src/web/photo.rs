//! A photo on its way in, and what can be done with one without a model: looked at by the basic engine, or made ready for a server.

use wasm_bindgen::prelude::*;

use super::clock::clock;
use super::error::to_js;
use super::types::{to_value, JsSkinReport};
use crate::analyzer::AnalyzerParams;
use crate::basic;
use crate::error::{Error, ErrorCode};
use crate::frame::{self, Frame, Limits, Part};
use crate::geometry::Rect;
use crate::health::picture;
use crate::remote;

/// A photo, or a part of one, on its way in, some rows at a time: all of the host's pixels beside ours would be twice the memory,
/// which a module never gives back.
#[wasm_bindgen]
pub struct Photo {
    pub(super) part: Part,
    rgb: Vec<u8>,
}

#[wasm_bindgen]
impl Photo {
    /// Room for all of a photo, or for the part that a server needs; see [`upload_place`].
    pub fn at(place: &[f64]) -> Result<Photo, JsValue> {
        Photo::of(part_of(place)?)
    }

    /// The photo of a JPEG, PNG or WebP file.
    pub fn decode(bytes: &[u8], max_bytes: usize, max_pixels: usize) -> Result<Photo, JsValue> {
        frame::decode(bytes, &Limits { max_bytes, max_pixels }).map(Photo::from).map_err(to_js)
    }

    /// The face that is drawn for health.
    #[wasm_bindgen(js_name = ofFace)]
    pub fn of_face() -> Photo {
        Photo::from(picture::face())
    }

    /// The rectangle of the original that it shows: left, top, width, height; then its own width and height.
    #[wasm_bindgen(getter)]
    pub fn place(&self) -> Vec<f64> {
        place_of(&self.part)
    }

    /// Takes the next rows: RGBA, row-major, not premultiplied.
    pub fn push(&mut self, rgba: &[u8]) {
        shine_skin_kernels::append_rgba(&mut self.rgb, rgba);
    }

    /// What the basic engine says of it.
    pub fn basic(self) -> Result<JsSkinReport, JsValue> {
        to_value(&basic::analyze(&self.frame()?, &AnalyzerParams::default(), clock)).map(JsCast::unchecked_into)
    }

    /// It as a server gets it: a JPEG of the pixels and of nothing else.
    pub fn jpeg(self) -> Result<Vec<u8>, JsValue> {
        remote::jpeg(&self.frame()?).map_err(to_js)
    }

    /// A place of all of a photo, as [`upload_place`] says it, drawn as it says.
    pub fn drawn(self, place: &[f64]) -> Result<Photo, JsValue> {
        let part = part_of(place)?;
        let frame = self.frame()?;
        let drawn = remote::drawn(&frame, &part).map_err(to_js)?.into_owned();
        Ok(Photo { part, rgb: drawn.into_rgb() })
    }
}

impl Photo {
    pub(super) fn of(part: Part) -> Result<Photo, JsValue> {
        let mut rgb = Vec::new();
        let room = part.columns.checked_mul(part.rows).and_then(|n| n.checked_mul(3));
        if !room.is_some_and(|room| rgb.try_reserve_exact(room).is_ok()) {
            let message = format!("there is no room for {} × {} pixels", part.columns, part.rows);
            return Err(to_js(Error::new(ErrorCode::OutOfMemory, message)));
        }
        Ok(Photo { part, rgb })
    }

    pub(super) fn frame(self) -> Result<Frame, JsValue> {
        Frame::from_rgb(self.part.columns, self.part.rows, self.rgb).map_err(to_js)
    }
}

impl From<Frame> for Photo {
    fn from(frame: Frame) -> Photo {
        Photo { part: Part::whole(frame.width(), frame.height()), rgb: frame.into_rgb() }
    }
}

fn place_of(part: &Part) -> Vec<f64> {
    let Part { rect, columns, rows } = *part;
    let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(f64::from);
    vec![x, y, width, height, columns as f64, rows as f64]
}

fn part_of(place: &[f64]) -> Result<Part, JsValue> {
    let [x, y, width, height, columns, rows] = place else {
        return Err(to_js(Error::new(ErrorCode::Internal, "a place has six numbers")));
    };
    let [x, y, width, height] = [x, y, width, height].map(|v| *v as f32);
    Ok(Part { rect: Rect { x, y, width, height }, columns: *columns as usize, rows: *rows as usize })
}

/// A face's left, top, width and height, where it is known.
fn face_of(face: &[f64]) -> Option<Rect> {
    let [x, y, width, height] = face else { return None };
    let [x, y, width, height] = [x, y, width, height].map(|v| *v as f32);
    Some(Rect { x, y, width, height })
}

/// The place in a photo of `width` × `height` that a server needs, as [`Photo::place`] says it; `face` is left, top, width and height of
/// one that is known, or empty.
#[wasm_bindgen(js_name = uploadPlace)]
pub fn upload_place(width: usize, height: usize, face: &[f64]) -> Vec<f64> {
    place_of(&remote::part(width, height, face_of(face).as_ref()))
}

/// Refuses by its header a file that is too large or a CMYK JPEG, before the browser decodes it.
#[wasm_bindgen(js_name = checkHeader)]
pub fn check_header(bytes: &[u8], max_bytes: usize, max_pixels: usize) -> Result<(), JsValue> {
    frame::check_header(bytes, &Limits { max_bytes, max_pixels }).map_err(to_js)
}
