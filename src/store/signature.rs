//! Signatures of manifests: Ed25519 (RFC 8032) over the bytes of `manifest.json`. Keys and signatures are lower-case hexadecimal; the
//! signature lies beside the manifest as `manifest.json.sig`. That file may have several lines, one of which has to fit: while a manifest is
//! replaced, the old and the new one are signed there.

use ed25519_compact::{KeyPair, PublicKey, Seed, Signature};

use super::hex;
use crate::error::{Error, ErrorCode, Result};

/// Who a manifest has to be signed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer(PublicKey);

impl Signer {
    /// From the public key's 64 digits.
    ///
    /// # Errors
    /// `invalid-options` where that is no key.
    pub fn parse(text: &str) -> Result<Signer> {
        let invalid =
            || Error::new(ErrorCode::InvalidOptions, "the public key is not 64 hexadecimal digits of an Ed25519 key");
        let bytes = bytes::<32>(text).ok_or_else(invalid)?;
        PublicKey::from_slice(&bytes).map(Signer).map_err(|_| invalid())
    }

    /// Whether a manifest is signed by this key.
    ///
    /// # Errors
    /// `manifest-signature` where it has no signature, or another one.
    pub fn check(&self, manifest: &[u8], signature: Option<&[u8]>) -> Result<()> {
        let refuse = |why: &str| Err(Error::new(ErrorCode::ManifestSignature, format!("the manifest {why}")));
        let Some(signature) = signature else { return refuse("is not signed, and a public key is set") };
        let text = std::str::from_utf8(signature).unwrap_or_default();
        let lines =
            text.lines().map(|line| bytes::<64>(line.trim_ascii()).and_then(|b| Signature::from_slice(&b).ok()));
        let Some(signatures) = lines.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()) else {
            return refuse("has a signature that is not 128 hexadecimal digits");
        };
        if signatures.iter().any(|signature| self.0.verify(manifest, signature).is_ok()) {
            return Ok(());
        }
        refuse("was changed, or signed by another key")
    }
}

/// The public key of a secret one of 64 digits.
///
/// # Errors
/// `invalid-options` where that is no key.
pub fn public_key(secret: &str) -> Result<String> {
    Ok(hex(pair(secret)?.pk.as_ref()))
}

/// The signature of a manifest, as its file holds it.
///
/// # Errors
/// `invalid-options` where the secret key is none.
pub fn sign(manifest: &[u8], secret: &str) -> Result<String> {
    Ok(hex(pair(secret)?.sk.sign(manifest, None).as_ref()) + "\n")
}

fn pair(secret: &str) -> Result<KeyPair> {
    let invalid = || Error::new(ErrorCode::InvalidOptions, "the secret key is not 64 hexadecimal digits");
    Ok(KeyPair::from_seed(Seed::new(bytes::<32>(secret.trim_ascii()).ok_or_else(invalid)?)))
}

/// Bytes of twice as many digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    let value = |digit: u8| (digit as char).to_digit(16).map(|v| v as u8);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    (digits.len() == 2 * N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8032, section 7.1, test 3.
    const SECRET: &str = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
    const PUBLIC: &str = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    const SIGNATURE: &str = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                             18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

    #[test]
    fn signatures_are_those_of_the_standard() {
        assert_eq!(public_key(SECRET).unwrap(), PUBLIC);
        assert_eq!(sign(&[0xaf, 0x82], SECRET).unwrap().trim(), SIGNATURE);
        Signer::parse(PUBLIC).unwrap().check(&[0xaf, 0x82], Some(SIGNATURE.as_bytes())).unwrap();
    }

    #[test]
    fn what_is_not_signed_or_signed_otherwise_is_refused() {
        let signer = Signer::parse(PUBLIC).unwrap();
        let other = sign(b"{}", &"11".repeat(32)).unwrap();
        let good = sign(b"{}", SECRET).unwrap();
        signer.check(b"{}", Some(good.as_bytes())).unwrap();
        signer.check(b"{}", Some((other.clone() + &good).as_bytes())).unwrap();
        type Case<'a> = (&'a [u8], Option<&'a [u8]>, &'a str);
        let cases: [Case; 6] = [
            (b"{}", None, "not signed"),
            (b"{}", Some(b""), "128"),
            (b"{}", Some(b"\xff\xfe"), "128"),
            (b"{}", Some(&good.as_bytes()[..126]), "128"),
            (b"{}", Some(other.as_bytes()), "another key"),
            (b"{ }", Some(good.as_bytes()), "changed"),
        ];
        for (manifest, signature, says) in cases {
            let error = signer.check(manifest, signature).unwrap_err();
            assert_eq!(error.code, ErrorCode::ManifestSignature);
            assert!(error.message.contains(says), "{says}: {}", error.message);
        }
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        for text in ["", "abc", &"zz".repeat(32), &"ab".repeat(33), &"é".repeat(32)] {
            assert_eq!(Signer::parse(text).unwrap_err().code, ErrorCode::InvalidOptions, "{text}");
            assert_eq!(sign(b"", text).unwrap_err().code, ErrorCode::InvalidOptions, "{text}");
        }
    }
}
