//! The manifest: what is published, or what was, where that can't be had or is older.

use super::host::{remember, Answer, Body, Event, Host};
use super::load::passes;
use super::{sha256_hex, shown, Manifest, StoreOptions};
use crate::error::{Error, ErrorCode, Result};

/// A manifest is a few kilobytes; more is not one.
const MOST_MANIFEST: usize = 1 << 20;

/// Longest wait for a manifest, milliseconds, and the same where the last one is at hand: someone looks at a page.
const WAIT_MS: f64 = 20_000.0;
const SHORT_WAIT_MS: f64 = 3000.0;

/// The manifest, the later one of what is published and what is kept, and how it is kept.
pub(super) async fn manifest<H: Host>(host: &H, options: &StoreOptions) -> Result<(Manifest, Vec<u8>)> {
    let key = sha256_hex(format!("manifest {}", options.base).as_bytes());
    let kept = host.cached(&key).await.and_then(|bytes| Some((parse(&bytes, options).ok()?, bytes)));
    let fetched = match kept {
        // One try: the next start has another.
        Some(_) => fetch_manifest(host, options, 1, SHORT_WAIT_MS).await,
        None => fetch_manifest(host, options, options.patience.tries, WAIT_MS).await,
    };
    match (fetched, kept) {
        (Ok((fetched, _)), Some(kept)) if kept.0.sequence() > fetched.sequence() => {
            // An old manifest that someone plays back, or a cache on the way that is behind.
            let older = Error::new(ErrorCode::ManifestInvalid, "the manifest is older than the last one");
            host.tell(Event::Recovered(&older));
            Ok(kept)
        }
        (Ok((fetched, packed)), _) => {
            remember(host, &key, &packed).await;
            Ok((fetched, packed))
        }
        // A page of a hotel's network, or a signature that a cache on the way has from before: the last good one is still good.
        (Err(error), Some(kept)) if !error.is_of_the_caller() => {
            host.tell(Event::Recovered(&error));
            Ok(kept)
        }
        (Err(error), _) => Err(error),
    }
}

/// A manifest and its signature in one list of bytes: the length of the manifest first.
fn pack(manifest: &[u8], signature: Option<&[u8]>) -> Vec<u8> {
    let length = (manifest.len() as u32).to_le_bytes();
    [&length, manifest, signature.unwrap_or_default()].concat()
}

/// The manifest that was kept, if it may be used.
pub(super) fn parse(packed: &[u8], options: &StoreOptions) -> Result<Manifest> {
    let broken = || Error::new(ErrorCode::ManifestInvalid, "the manifest that was kept is broken");
    let (length, rest) = packed.split_first_chunk::<4>().ok_or_else(broken)?;
    let (text, signature) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(broken)?;
    if let Some(signer) = &options.signer {
        signer.check(text, (!signature.is_empty()).then_some(signature))?;
    }
    Manifest::parse(text)
}

async fn fetch_manifest<H: Host>(
    host: &H,
    options: &StoreOptions,
    tries: u32,
    most_ms: f64,
) -> Result<(Manifest, Vec<u8>)> {
    let url = format!("{}/manifest.json", options.base);
    let mut tried = 0;
    loop {
        let error = match signed(host, options, &url, most_ms).await {
            Ok(found) => return Ok(found),
            Err((error, false)) => return Err(error),
            Err((error, true)) => error,
        };
        tried += 1;
        host.check()?;
        if tried >= tries {
            return Err(error);
        }
        host.tell(Event::Recovered(&error));
        host.pause(options.patience.pause(tried, host.chance())).await;
    }
}

/// One try; whether another may end better.
async fn signed<H: Host>(
    host: &H,
    options: &StoreOptions,
    url: &str,
    most_ms: f64,
) -> std::result::Result<(Manifest, Vec<u8>), (Error, bool)> {
    // The signature first: a manifest that is published in between is signed in it too.
    let signature = match options.signer {
        Some(_) => small(host, &format!("{url}.sig"), most_ms).await.map(Some).or_else(|(error, passes)| {
            // That there is none is for the check to say.
            if passes {
                Err((error, true))
            } else {
                Ok(None)
            }
        })?,
        None => None,
    };
    let text = small(host, url, most_ms).await?;
    let packed = pack(&text, signature.as_deref());
    match parse(&packed, options) {
        Ok(manifest) => Ok((manifest, packed)),
        // The other of the two may have come between them.
        Err(error) => Err((error.clone(), error.code == ErrorCode::ManifestSignature)),
    }
}

/// A small file in one piece; whether another try may end better.
async fn small<H: Host>(host: &H, url: &str, most_ms: f64) -> std::result::Result<Vec<u8>, (Error, bool)> {
    let place = shown(url);
    let failed = |why: String| Error::new(ErrorCode::ManifestFetch, format!("{place} can't be fetched: {why}"));
    let Answer { status, mut body, .. } = host.open(url, 0, Some(most_ms)).await.map_err(|why| (failed(why), true))?;
    if !(200..300).contains(&status) {
        return Err((failed(format!("status {status}")), passes(status)));
    }
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await.map_err(|why| (failed(why), true))? {
        if bytes.len() + part.len() > MOST_MANIFEST {
            let message = format!("{place} is longer than {MOST_MANIFEST} bytes");
            return Err((Error::new(ErrorCode::ManifestInvalid, message), false));
        }
        bytes.extend(part);
    }
    Ok(bytes)
}
