//! What a camera has left of a painted mark: where a millimetre is a pixel, blur and JPEG take most of it.

use crate::frame::Frame;
use crate::lab::linear;
use crate::paint::canvas::delta_e;
use crate::paint::Mark;

/// How far the mean colour of a mark's disc is from that of the same place with nothing painted, both taken by one camera, ΔE; `scale`
/// in pixels a millimetre.
pub fn difference(plain: &Frame, painted: &Frame, mark: &Mark, scale: f32) -> f32 {
    let radius = (mark.radius_mm * scale).max(0.75);
    let span = |c: f32, most: usize| ((c - radius).max(0.0) as usize)..((c + radius + 1.0).max(0.0) as usize).min(most);
    let mean = |frame: &Frame| {
        let mut sum = [0.0; 3];
        let mut count = 0.0f32;
        for y in span(mark.center.y, frame.height()) {
            for x in span(mark.center.x, frame.width()) {
                if (x as f32 + 0.5 - mark.center.x).hypot(y as f32 + 0.5 - mark.center.y) > radius {
                    continue;
                }
                let at = 3 * (y * frame.width() + x);
                for (sum, value) in sum.iter_mut().zip(&frame.rgb()[at..at + 3]) {
                    *sum += linear(f32::from(*value));
                }
                count += 1.0;
            }
        }
        sum.map(|sum| sum / count.max(1.0))
    };
    delta_e(mean(plain), mean(painted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use crate::region::Zone;

    #[test]
    fn half_of_a_disc_is_about_half_of_its_difference() {
        let of = |dark: usize| {
            let pixel = |i: usize| if i % 40 < dark { [150u8, 120, 100] } else { [170, 140, 120] };
            Frame::from_rgb(40, 40, (0..1600).flat_map(pixel).collect()).unwrap()
        };
        let mark = Mark { center: Point::new(20.0, 20.0), radius_mm: 3.0, delta_e: 0.0, dosed: 0.0, zone: Zone::Chin };
        let left = |dark| difference(&of(0), &of(dark), &mark, 2.0);
        assert_eq!(left(0), 0.0);
        assert!((0.45..0.55).contains(&(left(20) / left(40))), "{} of {}", left(20), left(40));
    }
}
