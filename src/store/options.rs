//! What is asked of a store.

use super::load::Patience;
use super::Signer;

/// What is asked of a store.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// The URL of the manifest's directory, without a slash at its end.
    pub base: String,
    /// A channel of the manifest.
    pub channel: String,
    /// Whom a split channel is split by: one person's stays on one side.
    pub split_key: Option<String>,
    /// Who has to have signed the manifest.
    pub signer: Option<Signer>,
    /// How often and how long a file is tried.
    pub patience: Patience,
}
