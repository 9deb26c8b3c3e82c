//! What a kernel is told, whether its lists hold all that it will touch, and what follows its sums.
#![allow(unsafe_code)]

use crate::lanes::Lanes;

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// What is negative becomes zero.
    Relu,
    /// What is negative is multiplied by its channel's slope; −∞ becomes no number.
    PRelu,
}

/// A picture whose pixels lie row after row, channels innermost; there may be more floats between rows and pixels.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// From the pixel of row 0 and column 0 on, less the padding.
    pub data: &'a [f32],
    /// Floats from one row to the next.
    pub row: usize,
    /// Floats from one pixel to the next.
    pub pixel: usize,
}

/// What a convolution does at each place of its output.
pub struct Convolution<'a> {
    /// Window, down and across.
    pub kernel: [usize; 2],
    /// Stride, down and across.
    pub stride: [usize; 2],
    /// Height and width of the output.
    pub size: [usize; 2],
    /// Channels of the input; its pixels may be wider.
    pub channels: usize,
    /// The kernel as this tile reads it.
    pub packed: &'a [f32],
    /// Of each channel, padded by zeros to a multiple of eight.
    pub bias: &'a [f32],
    /// What follows.
    pub activation: Activation,
    /// Of each channel, where the activation is PReLU; padded like the bias.
    pub slope: &'a [f32],
    /// What is added before the activation.
    pub residual: Option<View<'a>>,
}

/// Height and width of what windows see; `None` where that is no number.
pub(crate) fn seen(size: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Option<[usize; 2]> {
    let along = |axis: usize| size[axis].checked_sub(1)?.checked_mul(stride[axis])?.checked_add(kernel[axis]);
    Some([along(0)?, along(1)?])
}

/// Whether a list holds a picture of a height and width, neither of which is none, whose pixels are padded to four.
pub(crate) fn holds(data: &[f32], size: Option<[usize; 2]>, row: usize, pixel: usize) -> bool {
    let extent = |[height, width]: [usize; 2]| {
        let last = height.checked_sub(1)?.checked_mul(row)?;
        last.checked_add(width.checked_mul(pixel)?).filter(|_| width > 0)
    };
    pixel.is_multiple_of(4) && size.and_then(extent).is_some_and(|len| len <= data.len())
}

/// How many floats a packed kernel has.
pub(crate) fn packed(kernel: [usize; 2], channels: usize, wide: usize) -> Option<usize> {
    kernel[0].checked_mul(kernel[1])?.checked_mul(channels)?.checked_mul(wide)
}

/// Where the places of a tile lie in the output, and in what is added: floats from row 0 and column 0.
pub(crate) type Places<const P: usize> = [(usize, usize); P];

impl Convolution<'_> {
    /// Where a place lies.
    #[inline(always)]
    pub(crate) fn at(&self, (y, x): (usize, usize), row: usize, pixel: usize) -> (usize, usize) {
        (y * row + x * pixel, self.residual.map_or(0, |view| y * view.row + x * view.pixel))
    }

    /// Whether all that a kernel reads and writes lies in the lists: asked once, so that no kernel has to ask again. `packed`
    /// is how many floats of the kernel it reads.
    ///
    /// # Panics
    /// Where it does not: whoever made the convolution has not checked it.
    pub(crate) fn check(&self, input: View, out: &[f32], (row, pixel): (usize, usize), packed: Option<usize>) {
        let seen = seen(self.size, self.kernel, self.stride);
        assert!(
            self.channels <= input.pixel && holds(input.data, seen, input.row, input.pixel),
            "the input is too short"
        );
        assert!(holds(out, Some(self.size), row, pixel), "the output is too short");
        assert!(packed.is_some_and(|len| len <= self.packed.len()), "the kernel is too short");
        let channels = pixel.next_multiple_of(8);
        assert!(channels <= self.bias.len(), "the bias is too short");
        assert!(self.activation != Activation::PRelu || channels <= self.slope.len(), "the slopes are too few");
        let fits = |view: View| holds(view.data, Some(self.size), view.row, view.pixel);
        assert!(self.residual.is_none_or(fits), "what is added is too short");
    }

    /// Adds to the sums of some places what is to be added, applies the activation and stores: asked once for all of them.
    ///
    /// # Safety
    /// The places and the channels have passed [`Convolution::check`].
    #[inline(always)]
    pub(crate) unsafe fn finish<L: Lanes<N>, const N: usize, const P: usize>(
        &self,
        mut sums: [L; P],
        places: &Places<P>,
        channel: usize,
        out: &mut [f32],
    ) {
        if let Some(view) = &self.residual {
            // It may have fewer channels than the output.
            let left = view.pixel.saturating_sub(channel).min(N);
            if left == N {
                for (sum, (_, from)) in sums.iter_mut().zip(places) {
                    *sum = sum.plus(lanes(view.data, from + channel));
                }
            } else if left > 0 {
                // Pixels are padded to four: four are left. Nothing here is a call, around which a compiler would keep all sums
                // in memory, in the loops before it too.
                for (sum, (_, from)) in sums.iter_mut().zip(places) {
                    let four: &[f32; 4] = &*view.data.get_unchecked(from + channel..).as_ptr().cast();
                    let mut add = [0.0; N];
                    add[..4].copy_from_slice(four);
                    *sum = sum.plus(L::load(&add));
                }
            }
        }
        match self.activation {
            Activation::None => {}
            Activation::Relu => {
                for sum in sums.iter_mut() {
                    *sum = sum.positive();
                }
            }
            Activation::PRelu => {
                let slope = lanes::<L, N>(self.slope, channel);
                for sum in sums.iter_mut() {
                    // One register beside the sums and the slopes, as in the loops before. With two Firefox's compiler keeps
                    // sums in memory, in the loops too.
                    let below = sum.negative();
                    *sum = below.times_plus(slope, sum.less(below));
                }
            }
        }
        for (sum, (to, _)) in sums.into_iter().zip(places) {
            store(sum, out, to + channel);
        }
    }
}

/// The lanes from a place on.
///
/// # Safety
/// They lie in the list.
#[inline(always)]
pub(crate) unsafe fn lanes<L: Lanes<N>, const N: usize>(list: &[f32], from: usize) -> L {
    L::load(&*list.get_unchecked(from..from + N).as_ptr().cast())
}

/// Stores lanes from a place on.
///
/// # Safety
/// They lie in the list.
#[inline(always)]
pub(crate) unsafe fn store<L: Lanes<N>, const N: usize>(lanes: L, list: &mut [f32], from: usize) {
    lanes.store(&mut *list.get_unchecked_mut(from..from + N).as_mut_ptr().cast());
}
