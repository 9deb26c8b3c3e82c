//! The places that BlazeFace speaks of: a fixed list of points, two at each cell of a 16 × 16
//! grid, then six at each cell of an 8 × 8 grid.

use crate::geometry::Point;

/// Side of the model's input, pixels.
pub const INPUT: usize = 128;

/// Stride in input pixels, and anchors at each cell (the model's card).
const LAYERS: [(usize, usize); 2] = [(8, 2), (16, 6)];

/// The 896 anchors in the order of the model's output, pixels of its input.
pub fn anchors() -> Vec<Point> {
    let mut points = Vec::with_capacity(896);
    for (stride, each) in LAYERS {
        let cells = INPUT / stride;
        for y in 0..cells {
            for x in 0..cells {
                let center = |i: usize| (i as f32 + 0.5) * stride as f32;
                points.extend(std::iter::repeat_n(Point::new(center(x), center(y)), each));
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_896_in_two_layers() {
        let points = anchors();
        assert_eq!(points.len(), 896);
        assert_eq!(points[0], Point::new(4.0, 4.0));
        assert_eq!(points[2], Point::new(12.0, 4.0));
        assert_eq!(points[512], Point::new(8.0, 8.0));
        assert_eq!(points[895], Point::new(120.0, 120.0));
    }
}
