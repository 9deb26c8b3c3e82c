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
    fn between(bytes: [u8; 8], steps: u32) -> Four {
        // Of each channel the byte and the one three further, as numbers of sixteen bits; −1 is none.
        let of = avx!(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
        let weights = avx!(_mm_set1_epi32(((16_384 - steps) | (steps << 16)) as i32));
        let pairs = avx!(_mm_shuffle_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(bytes)), of));
        Four(avx!(_mm_cvtepi32_ps(_mm_madd_epi16(pairs, weights))))
    }

    #[inline(always)]
    fn halved(top: [u8; 16], bottom: [u8; 16]) -> [u8; 8] {
        // Of each channel the byte and the one three further, side by side, and their sums.
        let of = avx!(_mm_setr_epi8(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, -1, -1, -1, -1));
        let (top, bottom) = (avx!(_mm_loadu_si128(top.as_ptr().cast())), avx!(_mm_loadu_si128(bottom.as_ptr().cast())));
        let top = avx!(_mm_maddubs_epi16(_mm_shuffle_epi8(top, of), _mm_set1_epi8(1)));
        let bottom = avx!(_mm_maddubs_epi16(_mm_shuffle_epi8(bottom, of), _mm_set1_epi8(1)));
        let means = avx!(_mm_srli_epi16(_mm_add_epi16(_mm_add_epi16(top, bottom), _mm_set1_epi16(2)), 2));
        avx!(_mm_cvtsi128_si64(_mm_packus_epi16(means, means))).to_le_bytes()
    }

    #[inline(always)]
    fn opaque(four: [u8; 16]) -> [u8; 16] {
        let of = avx!(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
        let mut without = [0; 16];
        let four = avx!(_mm_loadu_si128(four.as_ptr().cast()));
        avx!(_mm_storeu_si128(without.as_mut_ptr().cast(), _mm_shuffle_epi8(four, of)));
        without
    }
}

/// Lanes of a register, by the instructions for its width.
macro_rules! register {
    ($name:ident, $register:ty, $lanes:literal, $what:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident,
     $fmadd:ident, $max:ident, $min:ident, $floor:ident, $div:ident, $bits:ident, $floats:ident, $shift:ident, $sum:ident, $zero:ident) => {
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

            #[inline(always)]
            fn lesser(self, other: $name) -> $name {
                $name(avx!($min(self.0, other.0)))
            }

            #[inline(always)]
            fn floor(self) -> $name {
                $name(avx!($floor(self.0)))
            }

            #[inline(always)]
            fn over(self, other: $name) -> $name {
                $name(avx!($div(self.0, other.0)))
            }

            #[inline(always)]
            fn power_of_two(self) -> $name {
                $name(avx!($floats($sum($shift::<23>($bits(self.0)), $bits($splat(1.0))))))
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
    _mm_floor_ps,
    _mm_div_ps,
    _mm_castps_si128,
    _mm_castsi128_ps,
    _mm_slli_epi32,
    _mm_add_epi32,
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
    _mm256_floor_ps,
    _mm256_div_ps,
    _mm256_castps_si256,
    _mm256_castsi256_ps,
    _mm256_slli_epi32,
    _mm256_add_epi32,
    _mm256_setzero_ps
);
