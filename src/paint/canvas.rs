//! A photo in linear light, to be painted on.

use crate::frame::Frame;
use crate::geometry::Point;
use crate::lab::{self, Lab};

/// Linear light of one pixel: RGB with sRGB's primaries, 0–1.
pub type Light = [f32; 3];

/// A photo in linear light, row-major.
#[derive(Clone)]
pub struct Canvas {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Of each pixel.
    pub light: Vec<Light>,
}

impl Canvas {
    /// A canvas of one light.
    pub fn plain(width: usize, height: usize, light: Light) -> Canvas {
        Canvas { width, height, light: vec![light; width * height] }
    }

    /// The light of a photo.
    pub fn of(frame: &Frame) -> Canvas {
        let light = frame.rgb().chunks_exact(3).map(|p| [0, 1, 2].map(|c| lab::linear(f32::from(p[c])))).collect();
        Canvas { width: frame.width(), height: frame.height(), light }
    }

    /// As 8 bits a channel, each value rounded after `dither` (−0.5 to 0.5 of a step, by index and
    /// channel) is added. What is too bright is clipped.
    pub fn develop(&self, mut dither: impl FnMut() -> f32) -> Option<Frame> {
        let value = |v: f32| (lab::encode(v) + dither()).round().clamp(0.0, 255.0) as u8;
        let rgb = self.light.iter().flatten().copied().map(value).collect();
        Frame::from_rgb(self.width, self.height, rgb).ok()
    }

    /// Calls `change` with each pixel whose centre lies within `radius` of a point: its offset in pixels and
    /// its light.
    pub fn around(&mut self, center: Point, radius: f32, mut change: impl FnMut(usize, f32, f32, &mut Light)) {
        let range = |c: f32, end: usize| {
            let low = (c - radius).floor().max(0.0) as usize;
            low.min(end)..((c + radius).ceil().max(0.0) as usize).min(end)
        };
        for y in range(center.y, self.height) {
            for x in range(center.x, self.width) {
                let (dx, dy) = (x as f32 + 0.5 - center.x, y as f32 + 0.5 - center.y);
                if dx.hypot(dy) <= radius {
                    let i = y * self.width + x;
                    change(i, dx, dy, &mut self.light[i]);
                }
            }
        }
    }

    /// The mean light within `radius` pixels of a point; black outside the canvas.
    pub fn mean(&self, center: Point, radius: f32) -> Light {
        let (mut sum, mut count) = ([0.0f32; 3], 0.0);
        let around = |c: f32, end: usize| {
            ((c - radius).max(0.0) as usize).min(end)..((c + radius + 1.0).max(0.0) as usize).min(end)
        };
        for y in around(center.y, self.height) {
            for x in around(center.x, self.width) {
                let light = self.light[y * self.width + x];
                (0..3).for_each(|c| sum[c] += light[c]);
                count += 1.0;
            }
        }
        sum.map(|s| s / f32::max(count, 1.0))
    }
}

/// The colour of a light.
pub fn colour(light: Light) -> Lab {
    Lab::from_srgb(light.map(lab::encode))
}

/// How far apart two lights look: the Euclidean distance in CIELAB (CIE 1976).
pub fn delta_e(a: Light, b: Light) -> f32 {
    let (a, b) = (colour(a), colour(b));
    ((a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_survives_the_way_to_light_and_back() {
        let rgb: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, v / 2]).collect();
        let frame = Frame::from_rgb(16, 16, rgb).unwrap();
        assert!(Canvas::of(&frame).develop(|| 0.0).unwrap() == frame);
    }

    #[test]
    fn a_circle_is_a_circle_also_at_the_edge() {
        let mut canvas = Canvas::plain(20, 20, [0.5; 3]);
        for (center, expected) in
            [(Point::new(10.0, 10.0), 80), (Point::new(0.0, 0.0), 20), (Point::new(-90.0, 5.0), 0)]
        {
            let mut count = 0i32;
            canvas.around(center, 5.0, |_, _, _, _| count += 1);
            assert!((count - expected).abs() <= 6, "{center:?}: {count}");
        }
    }
}
