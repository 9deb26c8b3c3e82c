//! CIELAB: L* 0–100, a* and b* about −128 to 127; from sRGB (IEC 61966-2-1) under D65, 2° observer
//! (CIE 15).

use std::sync::LazyLock;

use crate::geometry::cos_sin;

/// sRGB 0–255 to linear light 0–1, straight between 2,040 values of the curve: within 1e-6 of it.
pub fn linear(value: f32) -> f32 {
    const STEPS: usize = 8;
    const END: usize = 255 * STEPS;
    static CURVE: LazyLock<[f32; END + 1]> = LazyLock::new(|| std::array::from_fn(|i| curve(i as f32 / STEPS as f32)));
    // NaN becomes 0.
    let at = (value * STEPS as f32).max(0.0).min(END as f32);
    let low = (at as usize).min(END - 1);
    let (a, b) = (CURVE[low], CURVE[low + 1]);
    a + (b - a) * (at - low as f32)
}

/// The curve of IEC 61966-2-1.
fn curve(value: f32) -> f32 {
    let v = value / 255.0;
    if v <= 0.04045 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

/// Linear light 0–1 to sRGB 0–255, the inverse of [`linear`]; what is brighter than white stays so.
pub fn encode(light: f32) -> f32 {
    let v = light.max(0.0);
    255.0 * if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

/// CIELAB's cube root of a share of white's light, 0–1, straight between 4,096 values of it: within 5e-6, which is
/// 0.001 in a colour.
fn root(light: f32) -> f32 {
    const END: usize = 4096;
    static ROOT: LazyLock<[f32; END + 1]> =
        LazyLock::new(|| std::array::from_fn(|i| exact_root(i as f32 / END as f32)));
    // White itself may come out a little above 1; NaN stays one and is 0 as a place.
    let at = light.clamp(0.0, 1.0) * END as f32;
    let low = (at as usize).min(END - 1);
    let (a, b) = (ROOT[low], ROOT[low + 1]);
    a + (b - a) * (at - low as f32)
}

/// The curve of CIE 15: a cube root, straight near black.
fn exact_root(light: f32) -> f32 {
    const DELTA: f32 = 6.0 / 29.0;
    if light > DELTA * DELTA * DELTA {
        light.cbrt()
    } else {
        light / (3.0 * DELTA * DELTA) + 4.0 / 29.0
    }
}

/// A colour in CIELAB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lab {
    /// Lightness, 0–100.
    pub l: f32,
    /// Green to red.
    pub a: f32,
    /// Blue to yellow.
    pub b: f32,
}

impl Lab {
    /// From sRGB, 0–255 a channel.
    ///
    /// ```
    /// # use shine_skin::lab::Lab;
    /// let white = Lab::from_srgb([255.0, 255.0, 255.0]);
    /// assert!((white.l - 100.0).abs() < 0.01 && white.a.abs() < 0.01 && white.b.abs() < 0.01);
    /// ```
    pub fn from_srgb(rgb: [f32; 3]) -> Lab {
        let [r, g, b] = rgb.map(linear);
        // Rows of the sRGB matrix divided by D65's white, 0.95047 1 1.08883.
        let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
        let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
        let z = (0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / 1.088_83;
        let [x, y, z] = [x, y, z].map(root);
        Lab { l: 116.0 * y - 16.0, a: 500.0 * (x - y), b: 200.0 * (y - z) }
    }

    /// Distance in a*, b* from grey.
    pub fn chroma(self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The CIEDE2000 difference to another colour (Sharma, Wu and Dalal 2005).
    pub fn delta_e2000(self, other: Lab) -> f32 {
        let (c1, c2) = (self.chroma(), other.chroma());
        let c7 = ((c1 + c2) / 2.0).powi(7);
        let g = 0.5 * (1.0 - (c7 / (c7 + 25f32.powi(7))).sqrt());
        let (a1, a2) = ((1.0 + g) * self.a, (1.0 + g) * other.a);
        let (c1, c2) = (a1.hypot(self.b), a2.hypot(other.b));
        let hue = |a: f32, b: f32| if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
        let (h1, h2) = (hue(a1, self.b), hue(a2, other.b));
        let dl = other.l - self.l;
        let dc = c2 - c1;
        let grey = c1 * c2 == 0.0;
        let dh = match h2 - h1 {
            _ if grey => 0.0,
            d if d > 180.0 => d - 360.0,
            d if d < -180.0 => d + 360.0,
            d => d,
        };
        let dh = 2.0 * (c1 * c2).sqrt() * cos_sin(dh.to_radians() / 2.0).1;
        let l = (self.l + other.l) / 2.0;
        let c = (c1 + c2) / 2.0;
        let h = match h1 + h2 {
            sum if grey => sum,
            sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
            sum if sum < 360.0 => (sum + 360.0) / 2.0,
            sum => (sum - 360.0) / 2.0,
        };
        let cos = |degrees: f32| cos_sin(degrees.to_radians()).0;
        let t =
            1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0) - 0.20 * cos(4.0 * h - 63.0);
        let c7 = c.powi(7);
        let rotation = 2.0 * (c7 / (c7 + 25f32.powi(7))).sqrt();
        let turn = cos_sin((60.0 * (-((h - 275.0) / 25.0).powi(2)).exp()).to_radians()).1 * -rotation;
        let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
        let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
        let (dl, dc, dh) = (dl / sl, dc / sc, dh / sh);
        (dl * dl + dc * dc + dh * dh + turn * dc * dh).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_curve_and_encoding_its_inverse() {
        for i in 0..=5100 {
            let value = i as f32 / 20.0;
            assert!((linear(value) - curve(value)).abs() < 1e-6, "{value}");
            assert!((encode(linear(value)) - value).abs() < 0.01, "{value}");
        }
        assert_eq!((linear(-3.0), linear(f32::NAN), linear(999.0)), (0.0, 0.0, 1.0));
        for i in 0..=50_000 {
            let light = i as f32 / 50_000.0;
            assert!((root(light) - exact_root(light)).abs() < 5e-6, "{light}");
        }
    }

    #[test]
    fn known_colours() {
        // Reference values of the sRGB primaries under D65.
        for (rgb, lab) in [
            ([255.0, 0.0, 0.0], [53.24, 80.09, 67.20]),
            ([0.0, 255.0, 0.0], [87.73, -86.18, 83.18]),
            ([0.0, 0.0, 255.0], [32.30, 79.19, -107.86]),
            ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ] {
            let found = Lab::from_srgb(rgb);
            for (f, e) in [found.l, found.a, found.b].iter().zip(lab) {
                assert!((f - e).abs() < 0.05, "{rgb:?}: {found:?}");
            }
        }
    }

    #[test]
    fn differences_of_the_published_test_pairs() {
        // Sharma, Wu and Dalal 2005, table 1: pairs 1, 7, 17, 19, 25 and 34.
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (a, b, expected) in pairs {
            let lab = |v: [f32; 3]| Lab { l: v[0], a: v[1], b: v[2] };
            let found = lab(a).delta_e2000(lab(b));
            assert!((found - expected).abs() < 2e-3, "{a:?} {b:?}: {found}, not {expected}");
            assert!((lab(b).delta_e2000(lab(a)) - found).abs() < 1e-4);
        }
    }
}
