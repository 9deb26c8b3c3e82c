//! How a condition looks. Two families paint the same conditions in two ways that share no profile, no edge and
//! no mechanism of colour, so that what detects one has not by that been fitted to the other.

use super::canvas::{delta_e, Light};

/// What a condition puts on or into skin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substance {
    /// Blood: inflammation, flush.
    Blood,
    /// Melanin: freckles, moles, patches.
    Melanin,
    /// What a pustule holds.
    Pus,
    /// What a comedone holds.
    Plug,
    /// Blood that is seen through the thin skin below the eyes.
    Vein,
    /// A mirror's share of the light.
    Shine,
    /// Less light, as in a groove; a negative amount is more light.
    Shade,
}

/// The outline of one mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Half its diameter, mm.
    pub radius: f32,
    /// Which of all marks of this size it is.
    pub seed: u64,
}

/// One of the two families.
pub trait Appearance: Sync {
    /// The light of skin after `amount` of a substance, from none at 0 to most at [`Appearance::most`].
    fn tint(&self, substance: Substance, skin: Light, amount: f32) -> Light;

    /// The greatest amount of a substance that makes sense.
    fn most(&self, substance: Substance) -> f32;

    /// How much of a mark lies at a place, 0–1; x, y in mm from its middle.
    fn spot(&self, shape: Shape, x: f32, y: f32) -> f32;

    /// Factor on the light by the mark's relief, where it is a bump.
    fn relief(&self, shape: Shape, x: f32, y: f32) -> f32;

    /// How much of a large patch lies at a place, 0–1; x, y in units of its half-axes, `mm` the longer one.
    fn patch(&self, seed: u64, mm: f32, x: f32, y: f32) -> f32;

    /// The shade of a groove at `across` half widths from its middle and `along` its length, 0–1; up to
    /// 1 dark, below 0 lighter than the skin around.
    fn groove(&self, seed: u64, across: f32, along: f32) -> f32;

    /// The shade of a pore at x, y in units of its radius, up to 1 dark, below 0 lighter.
    fn pore(&self, seed: u64, x: f32, y: f32) -> f32;
}

/// The amount of a substance that makes skin look `target` ΔE other than it is, and the ΔE it makes,
/// which is less where the most there is does not suffice.
pub fn amount_for(family: &dyn Appearance, substance: Substance, skin: Light, target: f32) -> (f32, f32) {
    let look = |amount: f32| delta_e(skin, family.tint(substance, skin, amount));
    let (mut low, mut high) = (0.0, family.most(substance));
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        if look(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    (high, look(high))
}

#[cfg(test)]
mod tests {
    use super::super::{layers::Layers, random::Random, scattering::Scattering, varied::Varied};
    use super::*;

    /// The two families, and some by chance.
    fn all() -> Vec<Box<dyn Appearance>> {
        let varied = |seed: u64| Box::new(Varied::new(&mut Random::new(seed))) as Box<dyn Appearance>;
        [Box::new(Scattering) as Box<dyn Appearance>, Box::new(Layers)].into_iter().chain((0..12).map(varied)).collect()
    }

    const SKINS: [Light; 3] = [[0.65, 0.45, 0.36], [0.24, 0.12, 0.075], [0.03, 0.02, 0.015]];
    const ALL: [Substance; 7] = [
        Substance::Blood,
        Substance::Melanin,
        Substance::Pus,
        Substance::Plug,
        Substance::Vein,
        Substance::Shine,
        Substance::Shade,
    ];

    #[test]
    fn more_of_a_substance_looks_more_different_and_none_of_it_the_same() {
        for family in all() {
            for (substance, skin) in ALL.into_iter().flat_map(|s| SKINS.map(|skin| (s, skin))) {
                let most = family.most(substance);
                let looks: Vec<f32> = [0.0, 0.3, 0.6, 1.0]
                    .map(|share| delta_e(skin, family.tint(substance, skin, share * most)))
                    .to_vec();
                assert!(looks[0] < 0.05, "{substance:?} on {skin:?}: {looks:?}");
                assert!(looks.windows(2).all(|w| w[1] > w[0]), "{substance:?} on {skin:?}: {looks:?}");
            }
        }
    }

    #[test]
    fn an_amount_makes_the_difference_it_was_asked_for() {
        for family in all() {
            for skin in SKINS {
                let (amount, found) = amount_for(family.as_ref(), Substance::Melanin, skin, 5.0);
                assert!((found - 5.0).abs() < 0.05, "{skin:?}: {found} by {amount}");
            }
        }
    }

    #[test]
    fn a_spot_is_whole_in_its_middle_and_gone_outside() {
        for family in [&Scattering as &dyn Appearance, &Layers] {
            for seed in 0..50 {
                let shape = Shape { radius: 1.5, seed };
                assert!(family.spot(shape, 0.0, 0.0) > 0.75);
                assert!(family.spot(shape, 3.5, 0.0) < 0.05 && family.spot(shape, 0.0, -3.5) < 0.05);
                assert!((0.7..1.3).contains(&family.relief(shape, 0.8, 0.4)));
            }
        }
    }
}
