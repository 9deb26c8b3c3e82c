//! WebAssembly's vectors of four; with relaxed SIMD a product is added in one instruction.

use core::arch::wasm32::*;

use super::{Lanes, Machine};

/// A build with `simd128`, and perhaps with `relaxed-simd`.
pub struct Simd128;

impl Machine for Simd128 {
    const WIDE: bool = false;
    type Four = One;
    type Eight = Two;

    #[inline(always)]
    fn between(bytes: [u8; 8], steps: u32) -> One {
        // Of each channel the byte and the one three further, as numbers of sixteen bits; 128 is none.
        let of = u8x16(0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128);
        let pairs = u8x16_swizzle(u64x2(u64::from_le_bytes(bytes), 0), of);
        One(f32x4_convert_i32x4(i32x4_dot_i16x8(pairs, u32x4_splat((16_384 - steps) | (steps << 16)))))
    }

    #[inline(always)]
    fn halved(top: [u8; 16], bottom: [u8; 16]) -> [u8; 8] {
        // Of each channel the byte and the one three further, side by side.
        let of = u8x16(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 128, 128, 128, 128);
        let sums = |row| u16x8_extadd_pairwise_u8x16(u8x16_swizzle(sixteen(row), of));
        let means = u16x8_shr(u16x8_add(u16x8_add(sums(top), sums(bottom)), u16x8_splat(2)), 2);
        u64x2_extract_lane::<0>(u8x16_narrow_i16x8(means, means)).to_le_bytes()
    }

    #[inline(always)]
    fn opaque(four: [u8; 16]) -> [u8; 16] {
        let without = u8x16_swizzle(sixteen(four), u8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128));
        let mut bytes = [0; 16];
        // SAFETY: as for storing floats.
        #[allow(unsafe_code)]
        unsafe {
            v128_store(bytes.as_mut_ptr().cast(), without);
        }
        bytes
    }
}

/// Bytes in a vector.
#[inline(always)]
fn sixteen(bytes: [u8; 16]) -> v128 {
    // SAFETY: as for loading floats.
    #[allow(unsafe_code)]
    unsafe {
        v128_load(bytes.as_ptr().cast())
    }
}

/// One vector.
#[derive(Clone, Copy)]
pub struct One(v128);

/// Two vectors.
#[derive(Clone, Copy)]
pub struct Two(One, One);

impl Lanes<4> for One {
    #[inline(always)]
    fn splat(value: f32) -> One {
        One(f32x4_splat(value))
    }

    #[inline(always)]
    fn load(v: &[f32; 4]) -> One {
        // SAFETY: the four floats behind the reference are the sixteen bytes that are read. (Made of its lanes a vector is
        // sometimes read in four pieces.)
        #[allow(unsafe_code)]
        One(unsafe { v128_load(v.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, v: &mut [f32; 4]) {
        // SAFETY: as for reading.
        #[allow(unsafe_code)]
        unsafe {
            v128_store(v.as_mut_ptr().cast(), self.0);
        }
    }

    #[inline(always)]
    fn plus(self, other: One) -> One {
        One(f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    fn less(self, other: One) -> One {
        One(f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    fn times_plus(self, by: One, plus: One) -> One {
        #[cfg(target_feature = "relaxed-simd")]
        return One(f32x4_relaxed_madd(self.0, by.0, plus.0));
        #[cfg(not(target_feature = "relaxed-simd"))]
        One(f32x4_add(f32x4_mul(self.0, by.0), plus.0))
    }

    #[inline(always)]
    fn positive(self) -> One {
        // The second where the first is less: one instruction, other than `max`.
        One(f32x4_pmax(f32x4_splat(0.0), self.0))
    }

    #[inline(always)]
    fn negative(self) -> One {
        // By its sign: a zero to compare with would take a register.
        One(v128_and(self.0, i32x4_shr(self.0, 31)))
    }

    #[inline(always)]
    fn greater(self, other: One) -> One {
        One(f32x4_pmax(other.0, self.0))
    }

    #[inline(always)]
    fn lesser(self, other: One) -> One {
        One(f32x4_pmin(other.0, self.0))
    }

    #[inline(always)]
    fn floor(self) -> One {
        One(f32x4_floor(self.0))
    }

    #[inline(always)]
    fn over(self, other: One) -> One {
        One(f32x4_div(self.0, other.0))
    }

    #[inline(always)]
    fn power_of_two(self) -> One {
        One(u32x4_add(u32x4_shl(self.0, 23), f32x4_splat(1.0)))
    }
}

impl Lanes<8> for Two {
    #[inline(always)]
    fn splat(value: f32) -> Two {
        Two(One::splat(value), One::splat(value))
    }

    #[inline(always)]
    fn load(values: &[f32; 8]) -> Two {
        match values.as_chunks().0 {
            [low, high] => Two(One::load(low), One::load(high)),
            _ => Two::splat(0.0),
        }
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; 8]) {
        if let [low, high] = values.as_chunks_mut().0 {
            self.0.store(low);
            self.1.store(high);
        }
    }

    #[inline(always)]
    fn plus(self, other: Two) -> Two {
        Two(self.0.plus(other.0), self.1.plus(other.1))
    }

    #[inline(always)]
    fn less(self, other: Two) -> Two {
        Two(self.0.less(other.0), self.1.less(other.1))
    }

    #[inline(always)]
    fn times_plus(self, by: Two, plus: Two) -> Two {
        Two(self.0.times_plus(by.0, plus.0), self.1.times_plus(by.1, plus.1))
    }

    #[inline(always)]
    fn positive(self) -> Two {
        Two(self.0.positive(), self.1.positive())
    }

    #[inline(always)]
    fn negative(self) -> Two {
        Two(self.0.negative(), self.1.negative())
    }

    #[inline(always)]
    fn greater(self, other: Two) -> Two {
        Two(self.0.greater(other.0), self.1.greater(other.1))
    }

    #[inline(always)]
    fn lesser(self, other: Two) -> Two {
        Two(self.0.lesser(other.0), self.1.lesser(other.1))
    }

    #[inline(always)]
    fn floor(self) -> Two {
        Two(self.0.floor(), self.1.floor())
    }

    #[inline(always)]
    fn over(self, other: Two) -> Two {
        Two(self.0.over(other.0), self.1.over(other.1))
    }

    #[inline(always)]
    fn power_of_two(self) -> Two {
        Two(self.0.power_of_two(), self.1.power_of_two())
    }
}
