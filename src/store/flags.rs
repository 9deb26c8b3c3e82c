//! Switches that an operator can turn without a new version.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorCode, Result};

/// What can be switched. Defaults stand here; over them goes what the release says, over that, natively, the environment
/// (`SHINE_FLAG_SECOND_LOOK=0`).
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

    /// These with what the environment switches, by its variables; 0, 1, false and true.
    ///
    /// # Errors
    /// `invalid-options` where a variable is something else.
    pub fn in_environment(self, variable: impl Fn(&str) -> Option<String>) -> Result<Flags> {
        let mut switched = BTreeMap::new();
        for (name, key) in Flags::NAMES.into_iter().zip(["SHINE_FLAG_SECOND_LOOK", "SHINE_FLAG_TRACKING"]) {
            let on = match variable(key).as_deref() {
                None | Some("") => continue,
                Some("0" | "false") => false,
                Some("1" | "true") => true,
                Some(other) => {
                    let message = format!("{key} is {other:?}; it can be 0, 1, false or true");
                    return Err(Error::new(ErrorCode::InvalidOptions, message));
                }
            };
            switched.insert(name.to_string(), on);
        }
        Ok(self.with(&switched))
    }

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
    fn the_environment_switches_and_says_what_it_can_not() {
        let set = |value: &'static str| move |key: &str| (key == "SHINE_FLAG_SECOND_LOOK").then(|| value.to_string());
        let off = Flags { second_look: false, ..Flags::default() };
        assert_eq!(Flags::default().in_environment(set("0")).unwrap(), off);
        assert_eq!(off.in_environment(set("true")).unwrap(), Flags::default());
        assert_eq!(off.in_environment(set("")).unwrap(), off);
        assert_eq!(Flags::default().in_environment(set("maybe")).unwrap_err().code, ErrorCode::InvalidOptions);
    }

    #[test]
    fn each_name_switches_its_own() {
        let off = |name: &str| Flags::default().with(&BTreeMap::from([(name.to_string(), false)]));
        assert_eq!(off("secondLook"), Flags { second_look: false, ..Flags::default() });
        assert_eq!(off("tracking"), Flags { tracking: false, ..Flags::default() });
        assert_eq!(off("levitation"), Flags::default());
        assert!(Flags::NAMES.iter().all(|name| off(name) != Flags::default()));
    }
}
