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

/// Whether a vector is as many floats one by one.
pub const SCALAR: bool = cfg!(all(target_arch = "wasm32", not(target_feature = "simd128")));

/// What computes on four and on eight floats.
pub trait Machine {
    /// Whether eight floats lie in one register.
    const WIDE: bool;
    /// Four floats.
    type Four: Lanes<4>;
    /// Eight floats.
    type Eight: Lanes<8>;

    /// Between three bytes and the three behind them, `steps` of 16,384 on the way from the first to the second: 16,384 times as
    /// much. The fourth lane means nothing.
    #[inline(always)]
    fn between([a, b, c, d, e, f, ..]: [u8; 8], steps: u32) -> Self::Four {
        let between = |from: u8, to: u8| (u32::from(from) * (16_384 - steps) + u32::from(to) * steps) as f32;
        Self::Four::load(&[between(a, d), between(b, e), between(c, f), 0.0])
    }

    /// The means, rounded, of the first two pixels of two rows and of the next two. The last two bytes mean nothing.
    #[inline(always)]
    fn halved(top: [u8; 16], bottom: [u8; 16]) -> [u8; 8] {
        let mut half = [0; 8];
        for (i, half) in half[..6].iter_mut().enumerate() {
            let sum = |row: &[u8; 16]| u16::from(row[i + i / 3 * 3]) + u16::from(row[i + i / 3 * 3 + 3]);
            *half = ((sum(&top) + sum(&bottom) + 2) / 4) as u8;
        }
        half
    }

    /// Four pixels without their fourth bytes. The last four bytes mean nothing.
    #[inline(always)]
    fn opaque(four: [u8; 16]) -> [u8; 16] {
        let mut without = [0; 16];
        for (to, from) in without.chunks_exact_mut(3).zip(four.chunks_exact(4)) {
            to.copy_from_slice(&from[..3]);
        }
        without
    }
}

/// 1.5·2²³: what is added to it, smaller than 2²², is rounded to a whole number that lies in the low bits of the sum.
pub const ROUNDED: f32 = 12_582_912.0;

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
    /// What is below zero, else zero; either where it is no number.
    fn negative(self) -> Self;
    /// The greater of each two; the second where one is no number.
    fn greater(self, other: Self) -> Self;
    /// The lesser of each two; the second where one is no number.
    fn lesser(self, other: Self) -> Self;
    /// The greatest whole number that is not above.
    fn floor(self) -> Self;
    /// The quotient.
    fn over(self, other: Self) -> Self;
    /// 2 to the power of the whole number, from −126 to 127, that [`ROUNDED`] was added to.
    fn power_of_two(self) -> Self;
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
        same(x.lesser(y), &|i| a[i].min(b[i]));
        same(x.floor(), &|i| a[i].floor());
        same(x.over(L::splat(3.0)), &|i| a[i] / 3.0);
        for power in [-126.0, -3.0, 0.0, 127.0] {
            same(L::splat(power + ROUNDED).power_of_two(), &|_| 2f32.powf(power));
        }
        let none = L::splat(f32::NAN);
        same(none.greater(y), &|i| b[i]);
        same(none.lesser(y), &|i| b[i]);
        let mut stays = [0.0; N];
        y.greater(y.lesser(none)).store(&mut stays);
        assert!(stays.iter().all(|value| value.is_nan()));
        same(L::splat(f32::NAN).positive(), &|_| 0.0);
    }

    #[test]
    fn between_two_pixels() {
        fn check<M: Machine>() {
            for (steps, expected) in [(0, [0, 10, 255]), (4_096, [50, 20, 255]), (16_384, [200, 50, 255])] {
                let mut values = [0.0; 4];
                M::between([0, 10, 255, 200, 50, 255, 7, 9], steps).store(&mut values);
                assert_eq!(values[..3], expected.map(|value| value as f32 * 16_384.0), "{steps}");
            }
        }
        check::<Here>();
        check::<Plain>();
        #[cfg(target_arch = "x86_64")]
        if Avx2::is_here() {
            check::<Avx2>();
        }
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
