//! The models as a browser meets them: the manifest, and every file of a channel's release.

use super::probe::{Answer, Prober};
use super::Findings;
use crate::native::chance;
use crate::store::{is_absolute, sha256_hex, shown, Manifest, ModelFile};

/// Longest that a manifest may be kept by a cache on the way, seconds: a rollback has to arrive.
const MOST_KEPT: u64 = 300;

/// Looks at the models under a URL; answers with the release that the channel leads to.
pub fn look(prober: &Prober, base: &str, channel: &str, findings: &mut Findings) -> Option<String> {
    let base = base.trim_end_matches('/');
    let url = format!("{base}/manifest.json");
    let subject = shown(&url);
    match prober.reach(&url) {
        Ok(count) => findings.ok("port", &subject, format!("the name has {count} addresses, and one answers")),
        Err(trouble) => {
            findings.trouble(&subject, trouble);
            return None;
        }
    }
    let answer = match prober.ask("GET", &url, &[]) {
        Ok(answer) => answer,
        Err(trouble) => {
            findings.trouble(&subject, trouble);
            return None;
        }
    };
    findings.clock(&subject, &answer);
    if !good(&subject, &answer, findings) {
        return None;
    }
    findings.cors(&subject, &answer, prober.origin());
    let manifest = match Manifest::parse(&answer.body) {
        Ok(manifest) => manifest,
        Err(error) => {
            let cure = "publish it again with `shine-skin models publish`";
            findings.wrong("manifest", &subject, "it is no manifest that this version reads", error.message, cure);
            return None;
        }
    };
    fresh(prober, &url, &answer, &manifest, findings);
    let release = match manifest.release(channel, None) {
        Ok(release) => release.to_string(),
        Err(error) => {
            findings.wrong(
                "channel",
                &subject,
                "the channel leads nowhere",
                error.message,
                "lead it to a release with `shine-skin models promote`",
            );
            return None;
        }
    };
    match manifest.select(&release) {
        Ok(models) => {
            findings.ok("manifest", &subject, format!("channel {channel} leads to release {release}"));
            models.iter().for_each(|model| file(prober, base, &model.file, findings));
        }
        Err(error) => findings.wrong(
            "manifest",
            &subject,
            "its release can't be used",
            error.message,
            "publish the release again, whole",
        ),
    }
    Some(release)
}

/// Whether an answer is what was asked for.
fn good(subject: &str, answer: &Answer, findings: &mut Findings) -> bool {
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2000)]).into_owned();
    if answer.status == 403 && text.contains("expired") {
        let cure =
            "sign the address again, for longer; or serve the files without signatures, they are verified by hash";
        findings.wrong(
            "presigned-expired",
            subject,
            "its presigned address has expired",
            "status 403: Request has expired",
            cure,
        );
        return false;
    }
    if !(200..300).contains(&answer.status) {
        let cure = match answer.status {
            401 | 403 => "allow everyone to read it, or sign its address",
            404 | 410 => "publish it, or mend the address",
            _ => "look into the log of what answers there",
        };
        findings.wrong("status", subject, "it is not given", format!("status {}", answer.status), cure);
        return false;
    }
    if answer.is_page() {
        let seen =
            format!("content type {}, {} bytes that begin like HTML", answer.header("content-type"), answer.body.len());
        let cure = "something before the bucket answers every path with its own page: exempt this one";
        findings.wrong("mime", subject, "a page is served in its place", seen, cure);
        return false;
    }
    true
}

/// Whether caches on the way have the manifest that is published.
fn fresh(prober: &Prober, url: &str, answer: &Answer, manifest: &Manifest, findings: &mut Findings) {
    let subject = shown(url);
    let kind = answer.header("content-type");
    if kind.starts_with("application/json") {
        findings.ok("mime", &subject, "it is sent as JSON");
    } else {
        let cure = "send .json as application/json";
        findings.better("mime", &subject, "it is not sent as JSON", format!("content type {kind:?}"), cure);
    }
    let kept = answer.header("cache-control");
    let age = kept.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
    if kept.contains("immutable")
        || age.is_some_and(|age| age > MOST_KEPT)
        || (kept.is_empty() && answer.header("etag").is_empty())
    {
        let seen = format!("Cache-Control is {kept:?}");
        findings.wrong(
            "cache",
            &subject,
            "caches may keep it too long for a rollback to arrive",
            seen,
            "send the manifest with Cache-Control: no-cache",
        );
    } else {
        findings.ok("cache", &subject, format!("caches ask for it again ({kept})"));
    }
    // Past every cache: what is really published.
    let sign = if url.contains('?') { '&' } else { '?' };
    let Ok(newest) = prober.ask("GET", &format!("{url}{sign}doctor={:x}", chance()), &[("cache-control", "no-cache")])
    else {
        return;
    };
    match Manifest::parse(&newest.body) {
        Ok(published) if published.sequence() > manifest.sequence() => {
            let seen = format!(
                "sequence {} is served, {} is published; Age {:?}",
                manifest.sequence(),
                published.sequence(),
                answer.header("age")
            );
            findings.wrong(
                "old-manifest",
                &subject,
                "a cache on the way serves an old manifest",
                seen,
                "purge it there, and send the manifest with Cache-Control: no-cache",
            );
        }
        Ok(_) => findings.ok("old-manifest", &subject, format!("sequence {} is the newest", manifest.sequence())),
        // Who signs addresses refuses others: then it can't be told.
        Err(_) => {}
    }
}

/// One file: given, whole, the right one, readable from a page, in parts, and kept.
fn file(prober: &Prober, base: &str, file: &ModelFile, findings: &mut Findings) {
    let url = if is_absolute(&file.url) { file.url.clone() } else { format!("{base}/{}", file.url) };
    let subject = shown(&url);
    let answer = match prober.ask("GET", &url, &[]) {
        Ok(answer) => answer,
        Err(trouble) => return findings.trouble(&subject, trouble),
    };
    if !good(&subject, &answer, findings) {
        return;
    }
    findings.cors(&subject, &answer, prober.origin());
    if answer.body.len() as u64 != file.bytes || sha256_hex(&answer.body) != file.sha256 {
        let seen = format!(
            "{} bytes with SHA-256 {}…; the manifest says {} with {}…",
            answer.body.len(),
            &sha256_hex(&answer.body)[..8],
            file.bytes,
            &file.sha256[..8.min(file.sha256.len())]
        );
        findings.wrong(
            "hash",
            &subject,
            "it is not the file that the manifest names",
            seen,
            "upload it again; and let nothing on the way change it",
        );
        return;
    }
    findings.ok(
        "hash",
        &subject,
        format!("{} bytes, as the manifest says, in {} ms", file.bytes, answer.took.as_millis()),
    );
    let kept = answer.header("cache-control");
    if kept.contains("no-store") || (!kept.contains("immutable") && !kept.contains("max-age")) {
        let cure = "its name holds its hash: send it with Cache-Control: public, max-age=31536000, immutable";
        findings.better("cache", &subject, "caches do not keep it", format!("Cache-Control is {kept:?}"), cure);
    }
    match prober.ask("GET", &url, &[("range", "bytes=0-9")]) {
        Ok(part) if part.status == 206 && part.body.len() == 10 => {
            findings.ok("range", &subject, "parts of it can be asked for")
        }
        Ok(part) => {
            let cure = "let Range through: a download that breaks off then goes on where it was";
            findings.better(
                "range",
                &subject,
                "parts of it can't be asked for",
                format!("status {} to a Range", part.status),
                cure,
            );
        }
        Err(trouble) => findings.trouble(&subject, trouble),
    }
}
