//! Which models there are, and proof that their bytes are the right ones.
//!
//! A channel is [`open::open`]ed: its manifest, the release that it leads to, and of each model the bytes, which are [`load::load`]ed. Network,
//! cache and clock are a [`host::Host`]'s; what they bring goes through [`VerifiedBytes::verify`], and only what comes out of it can
//! run.

mod flags;
pub mod host;
mod latest;
pub mod load;
mod manifest;
pub mod more;
mod note;
pub mod open;
mod options;
mod signature;
mod together;

pub use flags::Flags;
pub use manifest::{is_absolute, Form, Manifest, ModelEntry, ModelFile, ModelTest, Output, Role, SelectedModel};
pub use options::StoreOptions;
pub use signature::{public_key, sign, Signer};

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorCode, Result};

/// The bytes of a model whose length and SHA-256 are those of the manifest. There is no other
/// way to make one, and an executor takes nothing else.
#[derive(Clone)]
pub struct VerifiedBytes(Arc<[u8]>);

impl VerifiedBytes {
    /// Checks bytes against what the manifest says of the file.
    ///
    /// # Errors
    /// `model-integrity`, saying which of the two differs.
    pub fn verify(bytes: Vec<u8>, file: &ModelFile) -> Result<VerifiedBytes> {
        if bytes.len() as u64 != file.bytes {
            return Err(Error::new(
                ErrorCode::ModelIntegrity,
                format!("{} has {} bytes, the manifest says {}", shown(&file.url), bytes.len(), file.bytes),
            ));
        }
        if sha256_hex(&bytes) != file.sha256 {
            return Err(Error::new(
                ErrorCode::ModelIntegrity,
                format!("{} is not the file that the manifest names: its SHA-256 differs", shown(&file.url)),
            ));
        }
        Ok(VerifiedBytes(bytes.into()))
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A URL as it may be shown: without its query, which signs presigned ones, and without a name and a password.
pub fn shown(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or(url);
    match plain.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or(host))
        }
        None => plain.into(),
    }
}

/// Bytes as lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_url_are_not_shown() {
        for (url, expected) in [
            ("https://cdn/a/m.plan?X-Amz-Signature=secret#x", "https://cdn/a/m.plan"),
            ("https://me:secret@cdn:8443/m.plan", "https://cdn:8443/m.plan"),
            ("https://me:secret@cdn", "https://cdn"),
            ("deep/m@1.plan", "deep/m@1.plan"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn only_the_bytes_of_the_manifest_pass() {
        let file = ModelFile {
            format: "onnx".into(),
            url: "m.onnx".into(),
            bytes: 3,
            // Of "abc": FIPS 180-2, appendix B.1.
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
        };
        assert_eq!(VerifiedBytes::verify(b"abc".to_vec(), &file).unwrap().as_slice(), b"abc");
        for wrong in [&b"abd"[..], b"ab", b"abcd", b""] {
            let error = VerifiedBytes::verify(wrong.to_vec(), &file).err().unwrap();
            assert_eq!(error.code, ErrorCode::ModelIntegrity);
        }
    }
}
