//! Eight floats in one register of x86-64 machines that have AVX2 and FMA, which all since 2015 do.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::{Lanes, Machine};

/// For code that runs only where [`Avx2::is_here`]: functions compiled for both features.
pub struct Avx2;

impl Avx2 {
    /// Whether this machine has both.
    pub fn is_here() -> bool {
        std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
    }
}

/// One instruction.
macro_rules! avx {
    ($instruction:expr) => {
        // SAFETY: whoever names this machine has asked whether it is here. Memory is reached through references alone.
        unsafe { $instruction }
    };
}

impl Machine for Avx2 {
    const WIDE: bool = true;
    type Four = Four;
    type Eight = Eight;

    #[inline(always)]
    fn from_bytes(bytes: [u8; 4]) -> Four {
        let four = avx!(_mm_cvtsi32_si128(i32::from_le_bytes(bytes)));
        Four(avx!(_mm_cvtepi32_ps(_mm_cvtepu8_epi32(four))))
    }
}

/// Lanes of a register, by the instructions for its width.
macro_rules! register {
    ($name:ident, $register:ty, $lanes:literal, $what:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident,
     $fmadd:ident, $max:ident, $min:ident, $zero:ident) => {
        #[doc = $what]
        #[derive(Clone, Copy)]
        pub struct $name($register);

        impl Lanes<$lanes> for $name {
            #[inline(always)]
            fn splat(value: f32) -> $name {
                $name(avx!($splat(value)))
            }

            #[inline(always)]
            fn load(values: &[f32; $lanes]) -> $name {
                $name(avx!($load(values.as_ptr())))
            }

            #[inline(always)]
            fn store(self, values: &mut [f32; $lanes]) {
                avx!($store(values.as_mut_ptr(), self.0));
            }

            #[inline(always)]
            fn plus(self, other: $name) -> $name {
                $name(avx!($add(self.0, other.0)))
            }

            #[inline(always)]
            fn less(self, other: $name) -> $name {
                $name(avx!($sub(self.0, other.0)))
            }

            #[inline(always)]
            fn times_plus(self, by: $name, plus: $name) -> $name {
                $name(avx!($fmadd(self.0, by.0, plus.0)))
            }

            #[inline(always)]
            fn positive(self) -> $name {
                // The second where one is no number.
                $name(avx!($max(self.0, $zero())))
            }

            #[inline(always)]
            fn negative(self) -> $name {
                $name(avx!($min(self.0, $zero())))
            }

            #[inline(always)]
            fn greater(self, other: $name) -> $name {
                $name(avx!($max(self.0, other.0)))
            }
        }
    };
}

register!(
    Four,
    __m128,
    4,
    "Half a register.",
    _mm_set1_ps,
    _mm_loadu_ps,
    _mm_storeu_ps,
    _mm_add_ps,
    _mm_sub_ps,
    _mm_fmadd_ps,
    _mm_max_ps,
    _mm_min_ps,
    _mm_setzero_ps
);
register!(
    Eight,
    __m256,
    8,
    "One register.",
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_fmadd_ps,
    _mm256_max_ps,
    _mm256_min_ps,
    _mm256_setzero_ps
);
