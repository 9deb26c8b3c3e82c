//! Channels: a name that leads to a release, or to one of several by a share of all people.

use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What a channel leads to.
#[derive(Clone, Debug)]
pub(super) enum Channel {
    Release(String),
    Split {
        /// Releases and their shares, which count against their sum.
        split: Vec<(String, f64)>,
    },
    /// A kind that a later version knows: refused only where it is chosen.
    Other,
}

// By hand: what serde makes of variants without a tag is 3 KB of the first download.
impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
        struct Kinds;

        impl<'de> Visitor<'de> for Kinds {
            type Value = Channel;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a release or a split")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Channel, E> {
                Ok(Channel::Release(name.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Channel, A::Error> {
                let mut channel = Channel::Other;
                while let Some(key) = fields.next_key::<String>()? {
                    if key == "split" {
                        channel = Channel::Split { split: fields.next_value()? };
                    } else {
                        fields.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(channel)
            }
        }

        deserializer.deserialize_any(Kinds)
    }
}

impl Channel {
    /// The releases that it may lead to.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Channel::Release(name) => (Some(name), None),
            Channel::Split { split } => (None, Some(split)),
            Channel::Other => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten().map(|(name, _)| name)).map(String::as_str)
    }
}

/// The release of a split whose share a key falls into: the same for a key as long as the shares before it are, so that a
/// release that is given a larger share at the end keeps those that it has. Without a key it is the one with the largest
/// share.
pub(super) fn choose<'a>(channel: &str, split: &'a [(String, f64)], key: Option<&str>) -> Option<&'a str> {
    let Some(key) = key else {
        let largest = split.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        return largest.map(|(name, _)| name.as_str());
    };
    let sum: f64 = split.iter().map(|(_, share)| share).sum();
    // The channel is hashed too: who is early in one is not in all.
    let mut at = sum * unit(&format!("{channel}\n{key}"));
    for (name, share) in split {
        if at < *share {
            return Some(name);
        }
        at -= share;
    }
    // Rounding may leave a little beyond the last.
    split.iter().rev().find(|(_, share)| *share > 0.0).map(|(name, _)| name.as_str())
}

/// A text's place between 0 and 1, the same everywhere and for ever.
fn unit(text: &str) -> f64 {
    // FNV-1a (Fowler, Noll, Vo), then SplitMix64's last steps (Steele 2014): the upper bits of FNV alone follow the last letters.
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(shares: &[(&str, f64)]) -> Vec<(String, f64)> {
        shares.iter().map(|(name, share)| (name.to_string(), *share)).collect()
    }

    fn share_of(name: &str, shares: &[(String, f64)]) -> f64 {
        let keys = (0..20_000).map(|k| format!("person-{k}"));
        keys.filter(|key| choose("stable", shares, Some(key)) == Some(name)).count() as f64 / 20_000.0
    }

    #[test]
    fn people_are_split_by_the_shares() {
        let shares = split(&[("old", 90.0), ("new", 10.0)]);
        assert!((share_of("new", &shares) - 0.1).abs() < 0.01);
        let thirds = split(&[("a", 1.0), ("b", 1.0), ("c", 1.0)]);
        assert!((share_of("b", &thirds) - 1.0 / 3.0).abs() < 0.01);
        assert_eq!(share_of("off", &split(&[("on", 5.0), ("off", 0.0)])), 0.0);
    }

    #[test]
    fn a_person_stays_where_a_share_grows() {
        let (before, after) = (split(&[("old", 90.0), ("new", 10.0)]), split(&[("old", 60.0), ("new", 40.0)]));
        for key in (0..2000).map(|k| format!("{k}")) {
            if choose("stable", &before, Some(&key)) == Some("new") {
                assert_eq!(choose("stable", &after, Some(&key)), Some("new"), "{key}");
            }
        }
    }

    #[test]
    fn the_hash_does_not_change() {
        // Written down once: people would change sides where these did.
        let places = ["", "a", "person-1"].map(unit);
        assert_eq!(places.map(|p| (p * 1e6) as u32), [957_673, 10_753, 262_893]);
    }

    #[test]
    fn without_a_key_the_largest_share_is_taken() {
        assert_eq!(choose("c", &split(&[("a", 10.0), ("b", 90.0)]), None), Some("b"));
        assert_eq!(choose("c", &split(&[("a", 50.0), ("b", 50.0)]), None), Some("a"));
        assert_eq!(choose("c", &[], None), None);
    }
}
