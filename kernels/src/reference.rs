//! What the kernels have to compute, one multiplication at a time.

use crate::Activation;

/// A picture without borders or padding: height, width, channels, row-major, channels innermost.
#[derive(Clone)]
pub struct Picture {
    /// Height, width, channels.
    pub size: [usize; 3],
    /// All of it.
    pub data: Vec<f32>,
}

impl Picture {
    fn at(&self, y: isize, x: isize, c: usize) -> f32 {
        let [height, width, channels] = self.size;
        let inside = y >= 0 && x >= 0 && (y as usize) < height && (x as usize) < width && c < channels;
        if inside {
            self.data[(y as usize * width + x as usize) * channels + c]
        } else {
            0.0
        }
    }
}

/// Of a convolution all that a kernel is told.
pub struct Case<'a> {
    pub depthwise: bool,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub out: [usize; 3],
    pub weights: &'a [f32],
    pub bias: &'a [f32],
    pub slope: &'a [f32],
    pub activation: Activation,
    pub residual: Option<&'a Picture>,
}

/// A convolution.
pub fn convolve(input: &Picture, case: &Case) -> Vec<f32> {
    let [height, width, channels] = case.out;
    let mut out = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for o in 0..channels {
                let mut sum = f64::from(case.bias[o]);
                for ky in 0..case.kernel[0] {
                    for kx in 0..case.kernel[1] {
                        let (v, u) = (y * case.stride[0] + ky, x * case.stride[1] + kx);
                        let place = ky * case.kernel[1] + kx;
                        let from = if case.depthwise { o..o + 1 } else { 0..input.size[2] };
                        for i in from {
                            let weight = if case.depthwise {
                                case.weights[place * channels + o]
                            } else {
                                case.weights[(place * input.size[2] + i) * channels + o]
                            };
                            let value = input.at(
                                v as isize - case.padding[0] as isize,
                                u as isize - case.padding[1] as isize,
                                i,
                            );
                            sum += f64::from(value) * f64::from(weight);
                        }
                    }
                }
                if let Some(residual) = case.residual {
                    sum += f64::from(residual.at(y as isize, x as isize, o));
                }
                let sum = sum as f32;
                out.push(match case.activation {
                    Activation::None => sum,
                    Activation::Relu => sum.max(0.0),
                    Activation::PRelu => sum * if sum < 0.0 { case.slope[o] } else { 1.0 },
                });
            }
        }
    }
    out
}
