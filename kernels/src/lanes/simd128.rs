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
    fn from_bytes(bytes: [u8; 4]) -> One {
        let low = u32x4(u32::from_le_bytes(bytes), 0, 0, 0);
        One(f32x4_convert_u32x4(u32x4_extend_low_u16x8(u16x8_extend_low_u8x16(low))))
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
        One(f32x4_pmin(f32x4_splat(0.0), self.0))
    }

    #[inline(always)]
    fn greater(self, other: One) -> One {
        One(f32x4_pmax(other.0, self.0))
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
}
