//! Arrays, which compilers turn into what vectors a machine has; scalars where it has none.

use super::{Lanes, Machine};

/// Rounds a product and its sum apart: every machine can.
pub struct Plain;

/// Rounds them together: one instruction where the machine has it, a slow call where it has not.
#[cfg(any(test, target_arch = "aarch64"))]
pub struct Fused;

/// Floats whose products are rounded with their sums, or apart.
#[derive(Clone, Copy)]
pub struct Array<const N: usize, const FUSED: bool>([f32; N]);

impl Machine for Plain {
    const WIDE: bool = false;
    type Four = Array<4, false>;
    type Eight = Array<8, false>;
}

#[cfg(any(test, target_arch = "aarch64"))]
impl Machine for Fused {
    const WIDE: bool = false;
    type Four = Array<4, true>;
    type Eight = Array<8, true>;
}

impl<const N: usize, const FUSED: bool> Array<N, FUSED> {
    #[inline(always)]
    fn of(lane: impl Fn(usize) -> f32) -> Self {
        // A loop: a function that makes an array of another is not always inlined.
        let mut values = [0.0; N];
        for (i, value) in values.iter_mut().enumerate() {
            *value = lane(i);
        }
        Array(values)
    }
}

impl<const N: usize, const FUSED: bool> Lanes<N> for Array<N, FUSED> {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Array([value; N])
    }

    #[inline(always)]
    fn load(values: &[f32; N]) -> Self {
        Array(*values)
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; N]) {
        *values = self.0;
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self::of(|i| self.0[i] + other.0[i])
    }

    #[inline(always)]
    fn less(self, other: Self) -> Self {
        Self::of(|i| self.0[i] - other.0[i])
    }

    #[inline(always)]
    fn times_plus(self, by: Self, plus: Self) -> Self {
        Self::of(|i| if FUSED { self.0[i].mul_add(by.0[i], plus.0[i]) } else { self.0[i] * by.0[i] + plus.0[i] })
    }

    #[inline(always)]
    fn positive(self) -> Self {
        Self::of(|i| if self.0[i] > 0.0 { self.0[i] } else { 0.0 })
    }

    #[inline(always)]
    fn negative(self) -> Self {
        Self::of(|i| if self.0[i] < 0.0 { self.0[i] } else { 0.0 })
    }

    #[inline(always)]
    fn greater(self, other: Self) -> Self {
        Self::of(|i| if self.0[i] > other.0[i] { self.0[i] } else { other.0[i] })
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        Self::of(|i| if self.0[i] < other.0[i] { self.0[i] } else { other.0[i] })
    }

    #[inline(always)]
    fn floor(self) -> Self {
        Self::of(|i| self.0[i].floor())
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        Self::of(|i| self.0[i] / other.0[i])
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        Self::of(|i| f32::from_bits((self.0[i].to_bits() << 23).wrapping_add(1.0f32.to_bits())))
    }
}
