//! A part of a photo at a smaller size: what a host draws where all pixels are not needed.

use crate::geometry::{Point, Rect};

/// A rectangle of a photo, and the pixels that it is drawn with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Pixels of the photo; whole ones.
    pub rect: Rect,
    /// Pixels across.
    pub columns: usize,
    /// Pixels down.
    pub rows: usize,
}

impl Part {
    /// All of a photo as it is.
    pub fn whole(width: usize, height: usize) -> Part {
        Part { rect: Rect { x: 0.0, y: 0.0, width: width as f32, height: height as f32 }, columns: width, rows: height }
    }

    /// All of a photo, the longer side with at most `longest` pixels; `None` of one that has no more.
    pub fn reduced(width: usize, height: usize, longest: usize) -> Option<Part> {
        let all = Part::whole(width, height);
        (width.max(height) > longest).then(|| all.drawn(longest as f32 / width.max(height) as f32))
    }

    /// The part of a photo that lies in a rectangle, in whole pixels, drawn at a scale of at most 1; `None` of nothing.
    pub fn of(width: usize, height: usize, rect: &Rect, scale: f32) -> Option<Part> {
        if ![rect.x, rect.y, rect.width, rect.height, scale].iter().all(|v| v.is_finite()) {
            return None;
        }
        let all = Part::whole(width, height);
        let inside = rect.intersection(&all.rect);
        let (x, y) = (inside.x.floor(), inside.y.floor());
        let (right, bottom) = ((inside.x + inside.width).ceil(), (inside.y + inside.height).ceil());
        let rect = Rect { x, y, width: right - x, height: bottom - y };
        let whole = rect.width >= 1.0 && rect.height >= 1.0;
        whole.then(|| Part { rect, ..all }.drawn(scale.min(1.0)))
    }

    fn drawn(self, scale: f32) -> Part {
        let pixels = |length: f32| (length * scale).round().max(1.0) as usize;
        Part { columns: pixels(self.rect.width), rows: pixels(self.rect.height), ..self }
    }

    /// Pixels of the photo to one of the part, across and down: alike but for rounding.
    pub fn scale(&self) -> (f32, f32) {
        (self.rect.width / self.columns as f32, self.rect.height / self.rows as f32)
    }

    /// From the part to the photo.
    pub fn point(&self, p: Point) -> Point {
        let (across, down) = self.scale();
        Point::new(self.rect.x + across * p.x, self.rect.y + down * p.y)
    }

    /// From the photo to the part.
    pub fn unpoint(&self, p: Point) -> Point {
        let (across, down) = self.scale();
        Point::new((p.x - self.rect.x) / across, (p.y - self.rect.y) / down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_leads_to_the_photo_and_back() {
        let part = Part::of(1000, 800, &Rect { x: -20.5, y: 300.2, width: 420.5, height: 900.0 }, 0.5).unwrap();
        assert_eq!(part.rect, Rect { x: 0.0, y: 300.0, width: 400.0, height: 500.0 });
        assert_eq!((part.columns, part.rows), (200, 250));
        assert_eq!(part.point(Point::new(100.0, 50.0)), Point::new(200.0, 400.0));
        assert_eq!(part.unpoint(Point::new(200.0, 400.0)), Point::new(100.0, 50.0));
    }

    #[test]
    fn nothing_is_drawn_larger_and_nothing_of_nothing() {
        assert_eq!(Part::reduced(512, 400, 512), None);
        let part = Part::reduced(910, 1137, 512).unwrap();
        assert_eq!((part.columns, part.rows), (410, 512));
        let outside = Rect { x: 50.0, y: 0.0, width: 9.0, height: 9.0 };
        assert_eq!(Part::of(40, 40, &outside, 1.0), None);
        assert_eq!(Part::of(40, 40, &Rect { x: f32::NAN, ..outside }, 1.0), None);
        let all = Part::of(40, 30, &Rect { x: -9.0, y: -9.0, width: 99.0, height: 99.0 }, 7.0).unwrap();
        assert_eq!(all, Part::whole(40, 30));
    }
}
