//! The server as its callers meet it: that it is the one that is meant, that it is well, and that a photo comes back as a report.

use serde_json::Value;

use super::probe::Prober;
use super::{DoctorArgs, Findings};
use crate::frame::Part;
use crate::health::picture;
use crate::remote;
use crate::store::shown;

/// Longest that a report may take, seconds: the old service's objective.
const MOST: f64 = 30.0;

/// Looks at a server; `release` is what the channel leads to, where that is known.
pub fn look(prober: &Prober, base: &str, args: &DoctorArgs, release: Option<&str>, findings: &mut Findings) {
    let base = base.trim_end_matches('/');
    let subject = shown(base);
    match prober.reach(base) {
        Ok(count) => findings.ok("port", &subject, format!("the name has {count} addresses, and one answers")),
        Err(trouble) => return findings.trouble(&subject, trouble),
    }
    let answer = match prober.ask("GET", &format!("{base}/health"), &[]) {
        Ok(answer) => answer,
        Err(trouble) => return findings.trouble(&subject, trouble),
    };
    findings.clock(&subject, &answer);
    let build = answer.header("x-shine-build");
    if answer.status != 200 || answer.body != b"OK" || build.is_empty() {
        let seen = format!("/health: status {}, {:?}…, X-Shine-Build {build:?}", answer.status, text(&answer.body, 40));
        let cure = "check that the name, the port and the load balancer lead to `shine-skin serve`, and that nothing strips its headers";
        return findings.wrong("identity", &subject, "what answers is not this server", seen, cure);
    }
    for (name, header, expected) in
        [("owner", "x-shine-owner", &args.expect_owner), ("build", "x-shine-build", &args.expect_build)]
    {
        let is = answer.header(header);
        match expected {
            Some(expected) if is != expected => {
                let seen = format!("{header} is {is:?}, {expected:?} was expected");
                let cure = "this is another deployment: look where the name leads, and which load balancer traffic really goes through";
                findings.wrong(name, &subject, "it is not the deployment that is meant", seen, cure);
            }
            _ => findings.ok(name, &subject, format!("{header} is {is:?}")),
        }
    }
    ready(prober, base, findings);
    health(prober, base, release, findings);
    preflight(prober, base, findings);
    report(prober, base, args.key.as_deref(), findings);
}

fn text(body: &[u8], most: usize) -> String {
    String::from_utf8_lossy(&body[..body.len().min(most)]).into_owned()
}

fn ready(prober: &Prober, base: &str, findings: &mut Findings) {
    let subject = format!("{}/ready", shown(base));
    match prober.ask("GET", &format!("{base}/ready"), &[]) {
        Ok(answer) if answer.status == 200 => findings.ok("ready", &subject, "it takes requests"),
        Ok(answer) => {
            let seen = format!("status {}: {}", answer.status, text(&answer.body, 200));
            findings.wrong(
                "ready",
                &subject,
                "it takes no requests",
                seen,
                "wait until it has started, or start it again",
            );
        }
        Err(trouble) => findings.trouble(&subject, trouble),
    }
}

/// Each part that is not healthy is a finding of its own.
fn health(prober: &Prober, base: &str, release: Option<&str>, findings: &mut Findings) {
    let subject = format!("{}/v1/health", shown(base));
    let answer = match prober.ask("GET", &format!("{base}/v1/health"), &[]) {
        Ok(answer) => answer,
        Err(trouble) => return findings.trouble(&subject, trouble),
    };
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(parts) = document["parts"].as_object() else {
        let seen = format!("status {}: {}", answer.status, text(&answer.body, 200));
        return findings.wrong(
            "health",
            &subject,
            "it tells no health",
            seen,
            "check that nothing before the server answers for it",
        );
    };
    for (name, part) in parts {
        let said = part["message"].as_str().unwrap_or_default();
        match part["status"].as_str() {
            Some("healthy" | "not-configured") => findings.ok("health", &subject, format!("{name}: {said}")),
            _ => findings.wrong(
                "health",
                &subject,
                &format!("{name} is not healthy"),
                said,
                "look at its models: `shine-skin doctor --models URL`",
            ),
        }
    }
    let runs = document["release"]["name"].as_str();
    if let (Some(release), Some(runs)) = (release, runs) {
        if release == runs {
            findings.ok("release", &subject, format!("it runs {runs}, as the channel says"));
        } else {
            let seen = format!("the server runs {runs}, the channel leads to {release}");
            findings.better(
                "release",
                &subject,
                "it runs another release than browsers do",
                seen,
                "start it again, or look which channel it follows",
            );
        }
    }
}

/// Whether a browser may send a photo from another origin.
fn preflight(prober: &Prober, base: &str, findings: &mut Findings) {
    let subject = format!("{}/v1/analyze", shown(base));
    let asked = [("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")];
    match prober.ask("OPTIONS", &format!("{base}/v1/analyze"), &asked) {
        Ok(answer) => {
            findings.cors(&subject, &answer, prober.origin());
            let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
            if !allowed.contains("content-type") && !allowed.contains('*') {
                let seen = format!("Access-Control-Allow-Headers is {allowed:?}");
                findings.wrong(
                    "cors",
                    &subject,
                    "a browser would not let a page send a photo",
                    seen,
                    "allow the header Content-Type",
                );
            }
        }
        Err(trouble) => findings.trouble(&subject, trouble),
    }
}

/// A picture there and a report back.
fn report(prober: &Prober, base: &str, key: Option<&str>, findings: &mut Findings) {
    let subject = format!("{}/v1/analyze", shown(base));
    let face = picture::face();
    let Ok(jpeg) = remote::jpeg(&face) else { return };
    let answer = match prober.send(&format!("{base}/v1/analyze"), "image/jpeg", key, &jpeg) {
        Ok(answer) => answer,
        Err(trouble) => return findings.trouble(&subject, trouble),
    };
    let size = (face.width(), face.height());
    let read = remote::answer(answer.status, None, &answer.body).map_err(|failure| failure.error);
    let took = answer.took.as_secs_f64();
    match read.and_then(|value| remote::report(value, &Part::whole(size.0, size.1), size, &[])) {
        Err(error) => findings.wrong(
            "analysis",
            &subject,
            "a photo does not come back as a report",
            error.message,
            "look into the server's log, by the request's id",
        ),
        Ok(_) if took > MOST => {
            let seen = format!("{took:.1} s; {MOST} s are asked");
            findings.wrong(
                "analysis",
                &subject,
                "a report takes too long",
                seen,
                "give the server more cores, or fewer photos at once",
            );
        }
        Ok(report) if report["serverEngine"] != "enhanced" => {
            let seen = format!("engine {}", report["serverEngine"]);
            findings.wrong(
                "analysis",
                &subject,
                "the server measures without its models",
                seen,
                "look at the part of its health that is not healthy",
            );
        }
        Ok(report) if report["faces"].as_array().is_none_or(|faces| faces.len() != 1) => {
            findings.wrong(
                "analysis",
                &subject,
                "the face of the test picture was not found",
                "no face, or several",
                "look at its release",
            );
        }
        Ok(_) => findings.ok("analysis", &subject, format!("a report came back in {:.0} ms", took * 1000.0)),
    }
}
