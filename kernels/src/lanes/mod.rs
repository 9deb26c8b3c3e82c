//! A few floats at once. What is computed is written once, over [`Machine`]; what differs between machines is here.

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod array;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

#[cfg(any(test, target_arch = "aarch64"))]
pub use array::Fused;
#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
pub use array::Plain;
#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::Simd128;

/// The best that every machine has which this build is for.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub type Here = Simd128;
/// The best that every machine has which this build is for.
#[cfg(target_arch = "aarch64")]
pub type Here = Fused;
/// The best that every machine has which this build is for.
#[cfg(not(any(target_arch = "aarch64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub type Here = Plain;

/// What computes on four and on eight floats.
pub trait Machine {
    /// Whether eight floats lie in one register.
    const WIDE: bool;
    /// Four floats.
    type Four: Lanes<4>;
    /// Eight floats.
    type Eight: Lanes<8>;

    /// Four bytes, 0–255.
    #[inline(always)]
    fn from_bytes([a, b, c, d]: [u8; 4]) -> Self::Four {
        Self::Four::load(&[f32::from(a), f32::from(b), f32::from(c), f32::from(d)])
    }
}

/// `N` floats; each operation is on each by itself.
pub trait Lanes<const N: usize>: Copy {
    /// One value in each.
    fn splat(value: f32) -> Self;
    /// From memory.
    fn load(values: &[f32; N]) -> Self;
    /// To memory.
    fn store(self, values: &mut [f32; N]);
    /// The sum.
    fn plus(self, other: Self) -> Self;
    /// The difference.
    fn less(self, other: Self) -> Self;
    /// self·by + plus, rounded once or twice.
    fn times_plus(self, by: Self, plus: Self) -> Self;
    /// What is above zero, else zero; zero where it is no number.
    fn positive(self) -> Self;
    /// What is below zero, else zero; zero where it is no number.
    fn negative(self) -> Self;
    /// The greater of each two.
    fn greater(self, other: Self) -> Self;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees<L: Lanes<N>, const N: usize>() {
        let a: [f32; N] = std::array::from_fn(|i| i as f32 * 1.5 - 3.0);
        let b: [f32; N] = std::array::from_fn(|i| 2.0 - i as f32);
        let (x, y) = (L::load(&a), L::load(&b));
        let same = |got: L, expected: &dyn Fn(usize) -> f32| {
            let mut values = [9.0; N];
            got.store(&mut values);
            assert_eq!(values, std::array::from_fn(expected));
        };
        same(x, &|i| a[i]);
        same(L::splat(2.5), &|_| 2.5);
        same(x.plus(y), &|i| a[i] + b[i]);
        same(x.less(y), &|i| a[i] - b[i]);
        same(x.times_plus(y, L::splat(0.5)), &|i| a[i] * b[i] + 0.5);
        same(x.positive(), &|i| a[i].max(0.0));
        same(x.negative(), &|i| a[i].min(0.0));
        same(x.greater(y), &|i| a[i].max(b[i]));
        same(L::splat(f32::NAN).positive(), &|_| 0.0);
        same(L::splat(f32::NAN).negative(), &|_| 0.0);
    }

    #[test]
    fn bytes_are_floats() {
        let mut values = [0.0; 4];
        Here::from_bytes([0, 1, 200, 255]).store(&mut values);
        assert_eq!(values, [0.0, 1.0, 200.0, 255.0]);
    }

    #[test]
    fn every_machine_computes_the_same() {
        agrees::<<Plain as Machine>::Four, 4>();
        agrees::<<Plain as Machine>::Eight, 8>();
        agrees::<<Fused as Machine>::Four, 4>();
        agrees::<<Fused as Machine>::Eight, 8>();
        agrees::<<Here as Machine>::Four, 4>();
        agrees::<<Here as Machine>::Eight, 8>();
        #[cfg(target_arch = "x86_64")]
        if Avx2::is_here() {
            agrees::<<Avx2 as Machine>::Four, 4>();
            agrees::<<Avx2 as Machine>::Eight, 8>();
        }
    }
}
