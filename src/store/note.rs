//! What is kept of a channel beside its files.

use super::host::{remember, Host};
use super::SelectedModel;

/// What is known of a channel from before: the release that worked, and the files that were brought for it.
pub struct Note {
    /// The release.
    pub name: String,
    /// The hashes of the files.
    pub files: Vec<String>,
}

impl Note {
    /// A line each; nothing where there is no note.
    pub async fn read<H: Host>(host: &H, key: &str) -> Note {
        let bytes = host.cached(key).await.unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        let mut lines = text.lines().map(String::from);
        Note { name: lines.next().unwrap_or_default(), files: lines.collect() }
    }

    /// Keeps it.
    pub async fn keep<H: Host>(&self, host: &H, key: &str) {
        let lines: Vec<&str> = std::iter::once(&self.name).chain(&self.files).map(String::as_str).collect();
        remember(host, key, lines.join("\n").as_bytes()).await;
    }

    /// The same with the files of models that did not work.
    pub fn and(&self, models: &[SelectedModel]) -> Note {
        let mut files = self.files.clone();
        for model in models.iter().filter(|model| !self.files.contains(&model.file.sha256)) {
            files.push(model.file.sha256.clone());
        }
        Note { name: self.name.clone(), files }
    }
}
