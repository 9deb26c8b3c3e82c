//! What a manifest must be beyond its types: it comes from the network, and its URLs are followed.

use super::{invalid, Channel, Manifest, ModelFile, ModelTest};
use crate::error::Result;
use crate::store::shown;

/// Longest model, bytes: more than a tab or an edge worker could hold.
const MOST_BYTES: u64 = 256 << 20;

/// Longest URL; those of presigned requests have some hundreds of characters, with a session token some thousands.
const MOST_URL: usize = 8192;

/// Highest sequence: what every JSON reader counts to.
const MOST_SEQUENCE: u64 = 1 << 53;

/// Most numbers of a self-test's input.
const MOST_INPUT: usize = 1 << 22;

/// Most numbers of a self-test.
const MOST_SAMPLES: usize = 1 << 16;

impl Manifest {
    pub(super) fn check(&self) -> Result<()> {
        require(self.sequence <= MOST_SEQUENCE, || format!("sequence: it is above {MOST_SEQUENCE}"))?;
        for (name, channel) in &self.channels {
            for release in channel.releases() {
                let is_there = self.releases.contains_key(release);
                require(is_there, || format!("channels.{name}: there is no release {release:?}"))?;
            }
            let fits = match channel {
                Channel::Release(_) | Channel::Other => true,
                Channel::Split { split } => {
                    let shares = split.iter().map(|(_, share)| *share);
                    shares.clone().all(|s| s.is_finite() && s >= 0.0) && shares.sum::<f64>() > 0.0
                } // One that is meant to be a split and is none.
            };
            require(fits, || {
                format!("channels.{name}.split: it is a list of releases with shares, not all of them zero")
            })?;
        }
        for (name, release) in &self.releases {
            for (role, id) in &release.models {
                let place = || format!("releases.{name}.models.{}", role.as_str());
                let model = self.models.get(id);
                require(model.is_some(), || format!("{}: there is no model {id:?}", place()))?;
                // Which of the later roles it is can't be said.
                let fits = model.is_none_or(|model| model.role == *role);
                require(fits, || format!("{}: {id:?} has another role", place()))?;
            }
        }
        for (id, model) in &self.models {
            for (i, file) in model.files.iter().enumerate() {
                check_file(file).map_err(|what| invalid(format!("the manifest's models.{id}.files[{i}].{what}")))?;
            }
            let card = model.card.as_ref().is_none_or(|card| is_inside(card) && !card.starts_with("manifest."));
            require(card, || format!("models.{id}.card: it is no path below the manifest"))?;
            let sound = model.self_test.as_ref().is_none_or(is_sound);
            require(sound, || {
                format!("models.{id}.selfTest: the shape has numbers, tolerance is 0 to 0.1, and samples are numbers")
            })?;
        }
        Ok(())
    }
}

fn check_file(file: &ModelFile) -> std::result::Result<(), String> {
    if !(1..=MOST_BYTES).contains(&file.bytes) {
        return Err(format!("bytes: {} is not between 1 and {MOST_BYTES}", file.bytes));
    }
    if file.sha256.len() != 64 || !file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("sha256: it is not 64 lower-case hexadecimal digits".into());
    }
    let url = &file.url;
    if url.len() > MOST_URL || !is_plain(url) || !(is_absolute(url) || is_inside(url)) {
        return Err(format!(
            "url: {:?} is neither http(s) nor a path below the manifest",
            shown(url).chars().take(80).collect::<String>()
        ));
    }
    Ok(())
}

fn is_plain(path: &str) -> bool {
    !path.is_empty() && path.chars().all(|c| !c.is_control() && c != '\\' && c != ' ')
}

/// Whether a path leads below the manifest.
fn is_inside(path: &str) -> bool {
    is_plain(path)
        && !path.contains(':')
        && !path.starts_with('/')
        && !path.split(['/', '?', '#']).any(|part| part == "..")
}

/// Whether a URL of a file stands by itself; else it lies below the manifest.
pub fn is_absolute(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn is_sound(test: &ModelTest) -> bool {
    let numbers = || test.samples.iter().flatten();
    let input = test.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    input.is_some_and(|n| (1..=MOST_INPUT).contains(&n))
        && (0.0..=0.1).contains(&test.tolerance)
        && numbers().all(|v| v.is_finite())
        && (1..=MOST_SAMPLES).contains(&numbers().count())
}

fn require(holds: bool, what: impl Fn() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(invalid(format!("the manifest's {}", what())))
    }
}
