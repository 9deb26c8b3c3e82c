//! The photo that a patch of skin is taken on: scale, exposure, white balance, lens, tone curve, sharpening, noise, coarse
//! colour, JPEG; and what the analysis then reads of it.

use std::sync::LazyLock;

use shine_skin_kernels::bell;

use crate::frame::{Border, Frame, Pyramid};
use crate::geometry::{Point, Similarity};
use crate::lab::encode;
use crate::paint::camera::compress;
use crate::paint::canvas::Canvas;
use crate::paint::random::Random;
use crate::surface::{density, gain_of};

/// How a patch is photographed.
pub struct Shot {
    /// Pixels of the photo a millimetre.
    pub native: f32,
    /// Degrees that the head is turned on it.
    pub turn: f32,
    gain: [f32; 3],
    /// Spread of the lens's blur, mm.
    pub blur_mm: f32,
    /// Contrast around the skin's own value.
    contrast: f32,
    /// How much of what is finer than a pixel and a half is added again.
    sharpen: f32,
    /// Spread of the noise in brightness, steps.
    pub noise: f32,
    /// Spread of noise in colour, in steps, over blotches of two pixels.
    blotch: f32,
    coarse_colour: bool,
    jpeg: Option<u8>,
}

/// Normal numbers, many at once: chance by the million is what most of a patch's time would go to.
static NORMAL: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut random = Random::new(0x0015_e5ed);
    (0..1 << 18).map(|_| random.normal()).collect()
});

/// sRGB values of light, by its square root, which makes the steps alike: what is drawn is rounded to 8 bits.
static DRAWN: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let root = |i: usize| i as f32 / (DRAWN_STEPS - 1) as f32 * DRAWN_END;
    (0..DRAWN_STEPS).map(|i| encode(root(i) * root(i))).collect()
});
const DRAWN_STEPS: usize = 1 << 14;
/// The root of the brightest light that is told from any other.
const DRAWN_END: f32 = 1.5;

fn drawn(light: f32) -> f32 {
    let at = light.max(0.0).sqrt() * ((DRAWN_STEPS - 1) as f32 / DRAWN_END);
    DRAWN[(at as usize).min(DRAWN_STEPS - 1)]
}

/// A place in that list that walks through it.
struct Noise(usize);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = (self.0 + 1) % NORMAL.len();
        NORMAL[self.0]
    }
}

impl Shot {
    /// A camera by chance, for a photo of at most `finest` pixels a millimetre of skin whose light is given.
    pub fn new(random: &mut Random, finest: f32, skin: [f32; 3]) -> Shot {
        let native = random.range(0.8f32.ln(), finest.max(0.81).ln()).exp();
        let bright = skin.into_iter().fold(0.0, f32::max);
        // Half of the photos show skin as bright as it is, half go half of the way to what their meter wants; nobody's whole face is white.
        let meter = if random.unit() < 0.5 { 0.5 * (0.35 / bright).log2() } else { 0.0 };
        let stops = (meter + 0.35 * random.normal()).min((0.7 / bright).log2());
        let mut cast = || (0.08 * random.normal()).exp();
        let (red, blue) = (cast(), cast());
        let gain = [red, 1.0, blue].map(|g| g * stops.exp2());
        let careful = random.unit() < 0.5;
        Shot {
            native,
            turn: 8.0 * random.normal(),
            gain,
            blur_mm: random.range(0.2, 0.9) / native,
            contrast: random.range(0.85, 1.2),
            sharpen: if random.unit() < 0.5 { random.range(0.0, 0.8) } else { 0.0 },
            noise: if careful { random.range(0.2, 0.8) } else { random.range(0.5f32.ln(), 4.0f32.ln()).exp() },
            blotch: random.range(0.0, 2.5) * random.unit().powi(2),
            coarse_colour: random.unit() < 0.6,
            jpeg: (random.unit() < 0.8).then(|| random.range(55.0, 97.0) as u8),
        }
    }

    /// The camera that took a photo of this scale, once more, without changing anything.
    pub fn plain(native: f32) -> Shot {
        let (gain, contrast) = ([1.0; 3], 1.0);
        let (turn, blur_mm, sharpen, noise, blotch) = (0.0, 0.0, 0.0, 0.0, 0.0);
        Shot { native, turn, gain, blur_mm, contrast, sharpen, noise, blotch, coarse_colour: false, jpeg: None }
    }

    /// The value of 0 to 255 that a light is drawn as.
    fn value(&self, channel: usize, light: f32, middle: f32) -> f32 {
        let value = drawn(light * self.gain[channel]);
        // A curve that is steepest at the skin's own brightness and ends where it began.
        let t = (value / 255.0).clamp(0.0, 1.0);
        value + 255.0 * (self.contrast - 1.0) * t * (1.0 - t) * 4.0 * (t - middle)
    }

    /// How the skin's own light comes out, 0 to 255.
    pub fn skin(&self, light: [f32; 3]) -> [f32; 3] {
        let middle = encode(light[1] * self.gain[1]) / 255.0;
        [0, 1, 2].map(|c| self.value(c, light[c], middle).clamp(0.0, 255.0))
    }

    /// Takes the photo: `side` pixels at `scale` a millimetre are what lies `margin` pixels within the canvas. Returns what the
    /// analysis makes of it at its own scale: densities less the skin's, row-major, red, green, blue.
    pub fn take(
        &self,
        canvas: &Canvas,
        (margin, px_per_mm): (f32, f32),
        (side, scale): (usize, f32),
        skin: [f32; 3],
        random: &mut Random,
    ) -> Option<Vec<[f32; 3]>> {
        // What the lens and a pixel's own width blur, in pixels of the canvas.
        let spread = (self.blur_mm.powi(2) + (0.29 / self.native).powi(2)).sqrt() * px_per_mm;
        let planes =
            [0, 1, 2].map(|c| bell(&canvas.light.iter().map(|l| l[c]).collect::<Vec<_>>(), canvas.width, spread));
        let mm = side as f32 / scale;
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let half = (0.5 * mm * self.native * (sin.abs() + cos.abs())).ceil() + 5.0;
        let (width, height) = (2 * half as usize + random.below(8), 2 * half as usize + random.below(8));
        let center = Point::new(half + random.range(-3.0, 3.0), half + random.range(-3.0, 3.0));
        // From the patch to the photo.
        let map = Similarity::rect(center, self.native / scale, self.turn.to_radians(), side as f32, side as f32);
        let on_canvas = |x: usize, y: usize| {
            let p = map.unmap(Point::new(x as f32 + 0.5, y as f32 + 0.5));
            (margin + p.x / scale * px_per_mm, margin + p.y / scale * px_per_mm)
        };
        let middle = encode(skin[1] * self.gain[1]) / 255.0;
        let mut photo = Vec::with_capacity(width * height);
        for i in 0..width * height {
            let (x, y) = on_canvas(i % width, i / width);
            let at = Taps::new(x, y, canvas.width, canvas.height);
            photo.push([0, 1, 2].map(|c| self.value(c, at.read(&planes[c]), middle)));
        }
        self.process(&mut photo, width, random);
        let rgb = photo.iter().flatten().map(|v| v.round().clamp(0.0, 255.0) as u8).collect();
        let frame = Frame::from_rgb(width, height, rgb).ok()?;
        let frame = self.jpeg.map_or(Some(frame.clone()), |quality| compress(&frame, quality))?;
        let middle = self.skin(skin);
        let gain = gain_of(middle);
        let middle = middle.map(density);
        let mut seen = Vec::with_capacity(side * side);
        Pyramid::new(&frame).sample(&map, (side, side), Border::Nearest, |rgb| {
            seen.push([0, 1, 2].map(|c| gain * (density(rgb[c]) - middle[c])));
        });
        Some(seen)
    }

    /// What the camera's own computer and its sensor do.
    fn process(&self, photo: &mut [[f32; 3]], width: usize, random: &mut Random) {
        let mut noise = Noise(random.below(NORMAL.len()));
        if self.blotch > 0.1 {
            let across = width.div_ceil(2);
            let rows = photo.len() / width / 2 + 1;
            let blotches: Vec<[f32; 2]> = (0..across * rows).map(|_| [noise.next(), noise.next()]).collect();
            for (i, v) in photo.iter_mut().enumerate() {
                let [red, blue] = blotches[i / width / 2 * across + i % width / 2].map(|n| self.blotch * n);
                *v = [v[0] + red, v[1] - 0.3 * (red + blue), v[2] + blue];
            }
        }
        // Brightness is noisier than colour once a camera has smoothed both.
        for v in photo.iter_mut() {
            let all = 0.8 * noise.next();
            *v = v.map(|v| v + self.noise * (all + 0.6 * noise.next()));
        }
        if self.sharpen > 0.0 {
            for c in 0..3 {
                let plane: Vec<f32> = photo.iter().map(|v| v[c]).collect();
                let smooth = bell(&plane, width, 1.2);
                let edge = |i: usize| {
                    i < width || i + width >= plane.len() || i.is_multiple_of(width) || (i + 1).is_multiple_of(width)
                };
                for (i, v) in photo.iter_mut().enumerate().filter(|(i, _)| !edge(*i)) {
                    v[c] += self.sharpen * (plane[i] - smooth[i]);
                }
            }
        }
        if self.coarse_colour {
            coarsen(photo, width);
        }
    }
}

/// Colour of 2 × 2 pixels each, as most JPEGs have it.
fn coarsen(photo: &mut [[f32; 3]], width: usize) {
    let height = photo.len() / width;
    let light = |v: [f32; 3]| 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2];
    for (y, x) in (0..height - 1).step_by(2).flat_map(|y| (0..width - 1).step_by(2).map(move |x| (y, x))) {
        let at = [y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1];
        let mean: [f32; 3] = std::array::from_fn(|c| at.iter().map(|&i| photo[i][c] / 4.0).sum());
        let middle = light(mean);
        for i in at {
            let own = light(photo[i]);
            photo[i] = mean.map(|m| m - middle + own);
        }
    }
}

/// The four pixels around a point, and their shares.
struct Taps {
    at: [usize; 4],
    share: [f32; 4],
}

impl Taps {
    fn new(x: f32, y: f32, width: usize, height: usize) -> Taps {
        let clamp = |v: f32, end: usize| (v - 0.5).clamp(0.0, end as f32 - 1.001);
        let (x, y) = (clamp(x, width), clamp(y, height));
        let (left, top) = (x as usize, y as usize);
        let (u, v) = (x - left as f32, y - top as f32);
        let first = top * width + left;
        Taps {
            at: [first, first + 1, first + width, first + width + 1],
            share: [(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v],
        }
    }

    fn read(&self, plane: &[f32]) -> f32 {
        self.at.iter().zip(self.share).map(|(&i, s)| s * plane[i]).sum()
    }
}
