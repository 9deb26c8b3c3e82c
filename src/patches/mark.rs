//! A mark as it was painted on a patch.

/// What lies so near to a mark is neither it nor bare skin for certain, mm; and as a share of its radius, for it may be longer than round.
const EDGE: (f32, f32) = (0.6, 0.3);

/// A lesion or spot that was painted.
#[derive(Clone, Copy)]
pub struct Mark {
    /// Its middle, mm.
    pub place: (f32, f32),
    /// Its radius, mm.
    pub radius: f32,
    /// What it is, a bit of [`super::scene::class`].
    pub class: u8,
}

impl Mark {
    /// How far around it nobody knows, mm.
    pub fn edge(&self) -> f32 {
        EDGE.0.max(EDGE.1 * self.radius)
    }

    /// The disc that is labelled: a mark smaller than a pixel is still somewhere.
    pub fn disc(&self) -> Mark {
        Mark { radius: self.radius.max(0.55), ..*self }
    }
}
