//! What a network sees of a photo: which part, at which size, and as which numbers.

use crate::engine::Tensor;
use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Rect, Similarity};
use crate::mesh::Mesh;
use crate::region::SkinMap;
use crate::store::Form;
use crate::surface::{Surface, PX_PER_MM};

/// Fewest and most pixels to a side.
const SIDES: std::ops::RangeInclusive<usize> = 8..=1024;

/// The picture that a network takes.
#[derive(Clone, Debug)]
pub struct View {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Whether each colour is a picture of its own.
    pub planar: bool,
    /// Whether it is of densities, cut off at these; else of colours.
    pub density: Option<[f32; 2]>,
    /// Whether blue comes first.
    reversed: bool,
    /// What a value of 0–255 is multiplied with, and what is added then, by colour.
    linear: [(f32, f32); 3],
    crop: Crop,
}

const RANGE: &str = "input.range: it is what 0 and 255 become, two numbers";

/// A number a colour, or the same for each where none is said; `None` of what is neither.
fn three(said: &[f32], default: f32) -> Option<[f32; 3]> {
    match *said {
        [] => Some([default; 3]),
        [r, g, b] if said.iter().all(|v| v.abs() < 1e6) => Some([r, g, b]),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug)]
enum Crop {
    Letterbox,
    AlignedSquare(f32),
    FaceFrame,
}

impl View {
    /// The view that a manifest describes.
    ///
    /// # Errors
    /// The field that does not fit, and what would.
    pub fn new(form: &Form) -> Result<View, &'static str> {
        let (planar, axes) = match (form.layout.as_str(), &form.shape[..]) {
            ("NHWC", &[1, height, width, colours]) => (false, [height, width, colours]),
            ("NCHW", &[1, colours, height, width]) => (true, [height, width, colours]),
            _ => return Err("input.shape and layout: it is one picture, NHWC or NCHW"),
        };
        let [height, width, colours] = axes;
        if colours != 3 || !SIDES.contains(&width) || !SIDES.contains(&height) {
            return Err(
                "input.shape: it is of three colours, and of 8 to 1024 pixels to a side, where the layout has them",
            );
        }
        let (mean, std) = (three(&form.mean, 0.0), three(&form.std, 1.0));
        let (Some(mean), Some(std)) = (mean, std.filter(|std| std.iter().all(|&s| s >= 1e-6))) else {
            return Err("input.mean and std: they are three numbers each, std above 0");
        };
        let &[low, high] = &form.range[..] else { return Err(RANGE) };
        if !(low < high && high - low < 1e6) {
            return Err(RANGE);
        }
        let crop = match form.crop.as_str() {
            "letterbox" => Crop::Letterbox,
            "aligned-square" if (0.0..=2.0).contains(&form.margin) => Crop::AlignedSquare(form.margin),
            "aligned-square" => return Err("input.margin: it is 0 to 2"),
            "face-frame" => Crop::FaceFrame,
            _ => return Err("input.crop: it is letterbox, aligned-square or face-frame"),
        };
        let density = match form.colour.as_str() {
            "RGB" | "BGR" => None,
            "density" if matches!(crop, Crop::FaceFrame) && form.mean.is_empty() && form.std.is_empty() => {
                Some([low, high])
            }
            _ => return Err("input.colour: it is RGB or BGR; or density, of a face-frame, without mean and std"),
        };
        let linear = [0, 1, 2].map(|c| ((high - low) / 255.0 / std[c], (low - mean[c]) / std[c]));
        Ok(View { width, height, planar, density, reversed: form.colour == "BGR", linear, crop })
    }

    /// From the picture to the photo.
    pub fn place(&self, photo: &Pyramid, mesh: &Mesh, map: &SkinMap) -> Similarity {
        let (center, scale, angle) = self.frame(photo.size(), mesh);
        let grid = &map.grid;
        let center =
            center.unwrap_or_else(|| grid.map.map(Point::new(grid.width as f32 / 2.0, grid.height as f32 / 2.0)));
        Similarity::rect(center, scale, angle, self.width as f32, self.height as f32)
    }

    /// Pixels of a photo of a size for one of the picture; the middle of the picture, where it is not that of the face's map; and how far
    /// its corners lie from there, pixels of the photo. Nothing of one of densities, which are a surface's.
    pub fn reach(&self, size: (usize, usize), mesh: &Mesh) -> Option<(f32, Option<Point>, f32)> {
        let (center, scale, _) = self.frame(size, mesh);
        self.density.is_none().then(|| (scale, center, 0.5 * scale * (self.width as f32).hypot(self.height as f32)))
    }

    /// The middle of the picture in a photo of a size, where it is not that of the face's map; pixels of the photo for one of it; its angle.
    fn frame(&self, size: (usize, usize), mesh: &Mesh) -> (Option<Point>, f32, f32) {
        let (width, height) = (self.width as f32, self.height as f32);
        let (center, scale, angle) = match self.crop {
            Crop::Letterbox => {
                let (across, down) = (size.0 as f32, size.1 as f32);
                (Some(Point::new(across / 2.0, down / 2.0)), (across / width).max(down / height), 0.0)
            }
            Crop::AlignedSquare(margin) => {
                let upright = Similarity::rect(Point::new(0.0, 0.0), 1.0, mesh.roll(), 0.0, 0.0);
                let points = mesh.points().iter().map(|p| upright.unmap(Point::new(p[0], p[1])));
                let rect = Rect::around(points).unwrap_or(Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
                let side = rect.width.max(rect.height) * (1.0 + 2.0 * margin);
                (Some(upright.map(rect.center())), side / width.min(height), mesh.roll())
            }
            Crop::FaceFrame => (None, mesh.px_per_mm() / PX_PER_MM, mesh.roll()),
        };
        // A mesh that is a point is seen at no scale.
        (center, scale.max(1e-3), angle)
    }

    /// The colours of a photo at a place.
    pub fn of_photo(&self, photo: &Pyramid, place: &Similarity) -> Tensor {
        let mut pixels = Vec::with_capacity(self.width * self.height);
        photo.sample(place, (self.width, self.height), Border::Black, |rgb| pixels.push(rgb));
        self.tensor(|i| {
            let [r, g, b] = pixels[i];
            let colours = if self.reversed { [b, g, r] } else { [r, g, b] };
            std::array::from_fn(|c| colours[c] * self.linear[c].0 + self.linear[c].1)
        })
    }

    /// The densities of a surface less the skin's, at a place; 0 beyond it.
    pub fn of_surface(&self, surface: &Surface, place: &Similarity, [low, high]: [f32; 2]) -> Tensor {
        let middle = [0, 1, 2].map(|c| surface.median(&surface.density[c]));
        self.tensor(|i| {
            let at = Point::new((i % self.width) as f32 + 0.5, (i / self.width) as f32 + 0.5);
            match surface.pixel(place.map(at)) {
                Some(pixel) => std::array::from_fn(|c| (surface.density[c][pixel] - middle[c]).clamp(low, high)),
                None => [0.0; 3],
            }
        })
    }

    fn tensor(&self, pixel: impl Fn(usize) -> [f32; 3]) -> Tensor {
        let count = self.width * self.height;
        let mut data = vec![0.0; 3 * count];
        for i in 0..count {
            for (c, value) in pixel(i).into_iter().enumerate() {
                data[if self.planar { c * count + i } else { 3 * i + c }] = value;
            }
        }
        let shape = match self.planar {
            true => vec![1, 3, self.height, self.width],
            false => vec![1, self.height, self.width, 3],
        };
        Tensor { shape, data }
    }
}
