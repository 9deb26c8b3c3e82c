//! Inputs changed by chance, the same every time.

/// How many inputs an environment variable asks for.
pub fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Chance that is the same every time (xorshift, Marsaglia 2003).
pub struct Chance(pub u64);

impl Chance {
    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// One change, most often in the head.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>, head: usize) {
        if bytes.len() < 4 {
            return;
        }
        let end = if self.below(8) == 0 { bytes.len() } else { head.min(bytes.len()) };
        let at = self.below(end);
        match self.below(5) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.below(256) as u8,
            2 => {
                let word = [0, 1, 2, u32::MAX, u32::MAX - 1, 1 << 31, 1 << 16, self.below(5000) as u32][self.below(8)];
                let at = (at / 4 * 4).min(bytes.len() - 4);
                bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
            }
            3 => bytes.truncate(at),
            _ => {
                let end = (at + self.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
}
