//! Eight floats in one register of x86-64 machines that have AVX2 and FMA, which all since 2015 do.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::array::Array;
use super::{Lanes, Machine};

/// For code that runs only where [`Avx2::is_here`]: functions compiled for both features.
pub struct Avx2;

impl Avx2 {
    /// Whether this machine has both.
    pub fn is_here() -> bool {
        std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
    }
}

impl Machine for Avx2 {
    const WIDE: bool = true;
    type Four = Array<4, true>;
    type Eight = Eight;
}

/// One register.
#[derive(Clone, Copy)]
pub struct Eight(__m256);

/// One instruction.
macro_rules! avx {
    ($instruction:expr) => {
        // SAFETY: whoever names this machine has asked whether it is here. Memory is reached through references alone.
        unsafe { $instruction }
    };
}

impl Lanes<8> for Eight {
    #[inline(always)]
    fn splat(value: f32) -> Eight {
        Eight(avx!(_mm256_set1_ps(value)))
    }

    #[inline(always)]
    fn load(values: &[f32; 8]) -> Eight {
        Eight(avx!(_mm256_loadu_ps(values.as_ptr())))
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; 8]) {
        avx!(_mm256_storeu_ps(values.as_mut_ptr(), self.0));
    }

    #[inline(always)]
    fn plus(self, other: Eight) -> Eight {
        Eight(avx!(_mm256_add_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn less(self, other: Eight) -> Eight {
        Eight(avx!(_mm256_sub_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn times_plus(self, by: Eight, plus: Eight) -> Eight {
        Eight(avx!(_mm256_fmadd_ps(self.0, by.0, plus.0)))
    }

    #[inline(always)]
    fn positive(self) -> Eight {
        // The second where one is no number.
        Eight(avx!(_mm256_max_ps(self.0, _mm256_setzero_ps())))
    }

    #[inline(always)]
    fn negative(self) -> Eight {
        Eight(avx!(_mm256_min_ps(self.0, _mm256_setzero_ps())))
    }

    #[inline(always)]
    fn greater(self, other: Eight) -> Eight {
        Eight(avx!(_mm256_max_ps(self.0, other.0)))
    }
}
