//! Points, rectangles and the maps between a photo and what is cut out of it.

/// A point in pixels; the centre of the first pixel is (0.5, 0.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

impl Point {
    /// A point from its coordinates.
    pub fn new(x: f32, y: f32) -> Self {
        Point { x, y }
    }

    /// Distance to another point, in the unit of both.
    pub fn distance(self, other: Point) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// Whether it lies on a photo of so many pixels, or on its edge.
    pub fn is_on(self, (width, height): (usize, usize)) -> bool {
        self.x >= 0.0 && self.y >= 0.0 && self.x <= width as f32 && self.y <= height as f32
    }

    /// The point halfway to another.
    pub fn midpoint(self, other: Point) -> Point {
        Point::new((self.x + other.x) / 2.0, (self.y + other.y) / 2.0)
    }
}

/// Cosine and sine of an angle in radians, to the precision of their type for angles of some turns; no number of what is none.
/// On each machine the same to the last bit, and two kilobytes of a module less than those of the standard library, which are for
/// angles of 10³⁸ turns too.
pub fn cos_sin(angle: f32) -> (f32, f32) {
    let angle = f64::from(angle);
    let quarters = (angle * std::f64::consts::FRAC_2_PI).round();
    // Of an angle of more turns than its type tells apart nothing is known; what comes is a cosine and a sine all the same.
    let rest = (angle - quarters * std::f64::consts::FRAC_PI_2).clamp(-0.79, 0.79);
    // Taylor's series, whose next terms are below 2·10⁻⁹ within an eighth of a turn: each term is the one before times −x² and
    // a factor.
    let series = |factors: [f64; 5]| factors.iter().rev().fold(1.0, |sum, factor| 1.0 - rest * rest * factor * sum);
    let cos = series([1.0 / 2.0, 1.0 / 12.0, 1.0 / 30.0, 1.0 / 56.0, 1.0 / 90.0]);
    let sin = rest * series([1.0 / 6.0, 1.0 / 20.0, 1.0 / 42.0, 1.0 / 72.0, 1.0 / 110.0]);
    let (cos, sin) = match (quarters as i64).rem_euclid(4) {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    };
    (cos as f32, sin as f32)
}

/// An upright rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width, not negative.
    pub width: f32,
    /// Height, not negative.
    pub height: f32,
}

impl Rect {
    /// The smallest rectangle around some points; `None` of none.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Rect> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let (mut low, mut high) = (first, first);
        for p in points {
            low = Point::new(low.x.min(p.x), low.y.min(p.y));
            high = Point::new(high.x.max(p.x), high.y.max(p.y));
        }
        Some(Rect { x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y })
    }

    /// The centre.
    pub fn center(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The part that lies inside another rectangle, possibly of no size.
    pub fn intersection(&self, other: &Rect) -> Rect {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let right = (self.x + self.width).min(other.x + other.width);
        let bottom = (self.y + self.height).min(other.y + other.height);
        Rect { x, y, width: (right - x).max(0.0), height: (bottom - y).max(0.0) }
    }

    /// Intersection over union, 0 to 1.
    ///
    /// ```
    /// use shine_skin::geometry::Rect;
    /// let a = Rect { x: 0.0, y: 0.0, width: 2.0, height: 1.0 };
    /// let b = Rect { x: 1.0, y: 0.0, width: 2.0, height: 1.0 };
    /// assert_eq!(a.iou(&b), 1.0 / 3.0);
    /// ```
    pub fn iou(&self, other: &Rect) -> f32 {
        let shared = self.intersection(other).area();
        let union = self.area() + other.area() - shared;
        if union > 0.0 {
            shared / union
        } else {
            0.0
        }
    }
}

/// A turn, a uniform scale and a shift: from a cut-out's pixels to the photo's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Photo pixels for one pixel of the cut-out, turned: scale·cos, scale·sin.
    cos: f32,
    sin: f32,
    /// Where the cut-out's origin lies in the photo.
    shift: Point,
}

impl Similarity {
    /// The map for a square of `side` photo pixels around `center`, turned clockwise by
    /// `angle` radians, that is cut out at `size` pixels.
    pub fn square(center: Point, side: f32, angle: f32, size: f32) -> Self {
        Similarity::rect(center, side / size, angle, size, size)
    }

    /// The map for a cut-out of `width` × `height` pixels around `center`, each `scale` photo
    /// pixels, turned clockwise by `angle` radians.
    pub fn rect(center: Point, scale: f32, angle: f32, width: f32, height: f32) -> Self {
        let (cos, sin) = cos_sin(angle);
        let (cos, sin) = (scale * cos, scale * sin);
        let (u, v) = (width / 2.0, height / 2.0);
        let shift = Point::new(center.x - cos * u + sin * v, center.y - sin * u - cos * v);
        Similarity { cos, sin, shift }
    }

    /// Photo pixels for one pixel of the cut-out.
    pub fn scale(&self) -> f32 {
        self.cos.hypot(self.sin)
    }

    /// The map for the same cut-out at pixels `factor` times as large.
    pub fn rescaled(&self, factor: f32) -> Similarity {
        Similarity { cos: self.cos * factor, sin: self.sin * factor, shift: self.shift }
    }

    /// The map for a cut-out that begins at a point of this one.
    pub fn moved(&self, origin: Point) -> Similarity {
        Similarity { shift: self.map(origin), ..*self }
    }

    /// From the cut-out to the photo.
    pub fn map(&self, p: Point) -> Point {
        Point::new(self.cos * p.x - self.sin * p.y + self.shift.x, self.sin * p.x + self.cos * p.y + self.shift.y)
    }

    /// From the photo to the cut-out.
    pub fn unmap(&self, p: Point) -> Point {
        let (x, y) = (p.x - self.shift.x, p.y - self.shift.y);
        let square = self.cos * self.cos + self.sin * self.sin;
        Point::new((self.cos * x + self.sin * y) / square, (self.cos * y - self.sin * x) / square)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_and_sine_are_those_of_the_library() {
        for i in -4000..=4000 {
            let angle = i as f32 * 0.01;
            let (cos, sin) = cos_sin(angle);
            let (cos, sin) = (f64::from(cos) - f64::from(angle).cos(), f64::from(sin) - f64::from(angle).sin());
            assert!(cos.abs() < 6.1e-8 && sin.abs() < 6.1e-8, "{angle}: {cos} {sin}");
        }
        let (cos, sin) = cos_sin(1e30);
        assert!((cos.hypot(sin) - 1.0).abs() < 1e-6, "{cos} {sin}");
        assert!([f32::NAN, f32::INFINITY].iter().all(|&angle| cos_sin(angle).0.is_nan()));
    }

    #[test]
    fn the_centre_of_a_square_is_its_centre() {
        let map = Similarity::square(Point::new(30.0, 40.0), 20.0, 0.7, 128.0);
        let p = map.map(Point::new(64.0, 64.0));
        assert!(p.distance(Point::new(30.0, 40.0)) < 1e-4);
        assert!((map.scale() - 20.0 / 128.0).abs() < 1e-6);
    }

    #[test]
    fn a_turned_square_turns_clockwise() {
        let map = Similarity::square(Point::new(0.0, 0.0), 2.0, std::f32::consts::FRAC_PI_2, 2.0);
        // What the cut-out calls right lies below the centre in the photo.
        assert!(map.map(Point::new(2.0, 1.0)).distance(Point::new(0.0, 1.0)) < 1e-5);
    }

    #[test]
    fn disjoint_rectangles_share_nothing() {
        let a = Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        let b = Rect { x: 5.0, y: 5.0, width: 1.0, height: 1.0 };
        assert_eq!(a.iou(&b), 0.0);
        assert_eq!(Rect::around([]), None);
    }
}
