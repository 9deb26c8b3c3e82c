//! The inner loops of shine-skin, a crate of their own so that they alone are compiled for speed where all else is compiled
//! for size. Nothing public is generic: generic code is compiled where it is used.
//!
//! What loops long and has one caller is not inlined: a browser runs what it has compiled for a quick start until the next call of the function, and inlined
//! into the run of a network that would be the next run.
//!
//! What is written once, over `lanes::Machine`, runs on WebAssembly with and without SIMD, on AVX2 and on whatever else there is.

mod convolution;
mod convolve;
mod dense_nx8;
mod depthwise_6xn;
mod enlarge;
mod join;
mod lanes;
mod max_pool;
mod order;
mod pixels;
#[cfg(test)]
mod reference;
mod sample;
mod sigmoid;
mod smooth;
mod surface;

pub use convolution::{Activation, Convolution, View};
pub use convolve::{dense, depthwise, max_pool};
pub use dense_nx8::{pack as pack_dense, CHANNELS};
pub use depthwise_6xn::pack as pack_depthwise;
pub use enlarge::enlarge;
pub use join::{join, spread};
pub use order::{ranked, select};
pub use pixels::{append_rgba, halve, over_white};
pub use sample::{Source, Walk};
pub use sigmoid::logistic;
pub use smooth::{bell, box_sum};
pub use surface::{basis, QuadraticSurface};
