//! CRC-32 as PNG and gzip have it (ISO 3309; polynomial 0x04C11DB7, bits reversed), in the place of the crate crc32fast
//! that `png` and `flate2` name.
//!
//! That crate holds its sixteen tables as numbers: 16 KB which nothing compresses, 4% of the first download, for the few
//! checksums of a photo that is a PNG. Here they are computed at first use, which takes microseconds, and read the same
//! way. What those two crates call is here, by the same names.

use std::sync::OnceLock;

/// The polynomial, its bits reversed as the bits of a byte are.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Bytes that are taken up at once.
const STRIDE: usize = 16;

/// The remainders of each byte that `i` more follow.
type Tables = [[u32; 256]; STRIDE];

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = [[0; 256]; STRIDE];
        tables[0] = std::array::from_fn(|byte| (0..8).fold(byte as u32, |rest, _| times_x(rest)));
        for i in 1..STRIDE {
            tables[i] = tables[i - 1].map(|before| (before >> 8) ^ tables[0][(before & 255) as usize]);
        }
        tables
    })
}

/// A polynomial times x, modulo the polynomial.
fn times_x(a: u32) -> u32 {
    (a >> 1) ^ (POLYNOMIAL & (a & 1).wrapping_neg())
}

/// The product of two polynomials, modulo the polynomial.
fn times(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    for bit in (0..32).rev() {
        product ^= b & ((a >> bit) & 1).wrapping_neg();
        b = times_x(b);
    }
    product
}

/// The checksum of `bytes`.
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

/// A checksum of bytes that come in parts.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    sum: u32,
    length: u64,
}

impl Hasher {
    /// The checksum of no bytes.
    pub fn new() -> Hasher {
        Hasher::default()
    }

    /// Takes up more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let tables = tables();
        let mut rest = !self.sum;
        let mut blocks = bytes.chunks_exact(STRIDE);
        for block in &mut blocks {
            let first = rest.to_le_bytes();
            rest = 0;
            for i in 0..STRIDE {
                let byte = block[i] ^ first.get(i).copied().unwrap_or(0);
                rest ^= tables[STRIDE - 1 - i][byte as usize];
            }
        }
        for byte in blocks.remainder() {
            rest = (rest >> 8) ^ tables[0][((rest ^ u32::from(*byte)) & 255) as usize];
        }
        self.sum = !rest;
        self.length += bytes.len() as u64;
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        *self = Hasher::new();
    }

    /// The checksum of all bytes so far.
    pub fn finalize(self) -> u32 {
        self.sum
    }

    /// Appends what another has taken up.
    pub fn combine(&mut self, other: &Hasher) {
        // x to the power of the bits that follow, by squares.
        let mut power = 1 << 31;
        let mut square = (0..8).fold(power, |a, _| times_x(a));
        let mut left = other.length;
        while left > 0 {
            if left & 1 == 1 {
                power = times(square, power);
            }
            square = times(square, square);
            left >>= 1;
        }
        self.sum = times(power, self.sum) ^ other.sum;
        self.length += other.length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, bit by bit.
    fn slow(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |rest, byte| (0..8).fold(rest ^ u32::from(*byte), |rest, _| times_x(rest)))
    }

    fn some(length: usize) -> Vec<u8> {
        (0..length)
            .scan(1u32, |seed, _| {
                *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some((*seed >> 24) as u8)
            })
            .collect()
    }

    #[test]
    fn the_published_check_value() {
        assert_eq!(hash(b"123456789"), 0xCBF4_3926);
        assert_eq!(hash(b""), 0);
    }

    #[test]
    fn any_length_is_what_the_definition_says() {
        for length in 0..100 {
            assert_eq!(hash(&some(length)), slow(&some(length)), "{length} bytes");
        }
    }

    #[test]
    fn parts_taken_up_or_combined_are_the_whole() {
        let bytes = some(1000);
        for cut in [0, 1, 15, 16, 17, 500, 999, 1000] {
            let (mut first, mut second) = (Hasher::new(), Hasher::new());
            first.update(&bytes[..cut]);
            second.update(&bytes[cut..]);
            let mut both = first.clone();
            both.combine(&second);
            assert_eq!(both.finalize(), slow(&bytes), "combined at {cut}");
            first.update(&bytes[cut..]);
            assert_eq!(first.clone().finalize(), slow(&bytes), "in two parts, cut at {cut}");
            first.reset();
            assert_eq!(first.finalize(), 0);
        }
    }
}
