//! Switches that an operator can turn without a new version.

use std::collections::BTreeMap;

/// What can be switched. Defaults stand here; over them goes what the release says, over that the caller's options, over that, natively,
/// the environment (`SHINE_FLAG_SECOND_LOOK=0`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Looking for small faces in parts of the photo, where one look at all of it shows no large one. On.
    pub second_look: bool,
    /// Following a face through a video instead of looking for it anew in each frame. On.
    pub tracking: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Flags { second_look: true, tracking: true }
    }
}

impl Flags {
    /// The names, as manifests and options have them.
    pub const NAMES: [&'static str; 2] = ["secondLook", "tracking"];

    /// These with some switched. A name that this version does not know is a later one's, and passes.
    pub fn with(mut self, switched: &BTreeMap<String, bool>) -> Flags {
        for (name, on) in switched {
            match name.as_str() {
                "secondLook" => self.second_look = *on,
                "tracking" => self.tracking = *on,
                _ => {}
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_switches_its_own() {
        let off = |name: &str| Flags::default().with(&BTreeMap::from([(name.to_string(), false)]));
        assert_eq!(off("secondLook"), Flags { second_look: false, ..Flags::default() });
        assert_eq!(off("tracking"), Flags { tracking: false, ..Flags::default() });
        assert_eq!(off("levitation"), Flags::default());
        assert!(Flags::NAMES.iter().all(|name| off(name) != Flags::default()));
    }
}
