//! `shine-skin doctor`: looks at a deployment from outside, as its users meet it. Each finding says what is wrong, how it was seen, and
//! what to do.

mod models;
mod probe;
mod server;

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use probe::{Answer, Prober, Trouble};

/// What `shine-skin doctor` is asked.
#[derive(Args)]
pub struct DoctorArgs {
    /// The URL of the manifest's directory
    #[arg(long, value_name = "URL", required_unless_present = "server")]
    models: Option<String>,
    /// The server
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Whose deployment has to answer there
    #[arg(long, value_name = "ID")]
    expect_owner: Option<String>,
    /// Which build has to answer there
    #[arg(long, value_name = "BUILD")]
    expect_build: Option<String>,
    /// A channel of the manifest
    #[arg(long, env = "SHINE_CHANNEL", default_value = "stable")]
    channel: String,
    /// The origin that a browser would call from
    #[arg(long, value_name = "ORIGIN", default_value = "https://example.com")]
    origin: String,
    /// The server's key
    #[arg(long, env = "SHINE_SERVER_KEY", value_name = "KEY", hide_env_values = true)]
    key: Option<String>,
    /// One JSON object with all findings
    #[arg(long)]
    json: bool,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    /// As it should be.
    Ok,
    /// It works, and should be better.
    Warning,
    /// It does not work.
    Error,
}

/// What was looked at.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    level: Level,
    /// For programs.
    check: &'static str,
    /// What was looked at.
    subject: String,
    /// What is wrong, or what is right.
    what: String,
    /// How it was seen.
    seen: String,
    /// What to do; empty where all is well.
    cure: String,
}

/// What has been found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, level: Level, check: &'static str, subject: &str, [what, seen, cure]: [String; 3]) {
        self.0.push(Finding { level, check, subject: subject.into(), what, seen, cure });
    }

    fn ok(&mut self, check: &'static str, subject: &str, what: impl Into<String>) {
        self.add(Level::Ok, check, subject, [what.into(), String::new(), String::new()]);
    }

    fn wrong(&mut self, check: &'static str, subject: &str, what: &str, seen: impl Into<String>, cure: &str) {
        self.add(Level::Error, check, subject, [what.into(), seen.into(), cure.into()]);
    }

    fn better(&mut self, check: &'static str, subject: &str, what: &str, seen: impl Into<String>, cure: &str) {
        self.add(Level::Warning, check, subject, [what.into(), seen.into(), cure.into()]);
    }

    fn trouble(&mut self, subject: &str, trouble: Trouble) {
        self.wrong(trouble.layer, subject, "it can't be reached", trouble.said, trouble.cure);
    }

    /// Whether a browser on another origin may read an answer.
    fn cors(&mut self, subject: &str, answer: &Answer, origin: &str) {
        let allowed = answer.header("access-control-allow-origin");
        if allowed == "*" || allowed == origin {
            self.ok("cors", subject, format!("a page of {origin} may read it"));
        } else {
            let seen = match allowed {
                "" => "there is no Access-Control-Allow-Origin".to_string(),
                other => format!("Access-Control-Allow-Origin is {other}"),
            };
            self.wrong(
                "cors",
                subject,
                "a browser would not let a page read it",
                seen,
                "allow the page's origin, or * for public files",
            );
        }
    }

    fn clock(&mut self, subject: &str, answer: &Answer) {
        // Signatures of requests bear five minutes; caches go wrong sooner.
        const MOST: f64 = 120.0;
        match answer.skew() {
            Some(skew) if skew.abs() > MOST => self.wrong(
                "clock",
                subject,
                "its clock and this one differ",
                format!("its Date is {skew:.0} s ahead of this machine's"),
                "set the clock of whichever is wrong: signed requests and caches depend on it",
            ),
            Some(_) => self.ok("clock", subject, "its clock and this one agree"),
            None => {}
        }
    }
}

/// Looks, and prints what it found; fails where something is wrong.
pub fn run(args: &DoctorArgs) -> ExitCode {
    let prober = Prober::new(&args.origin);
    let mut findings = Findings::default();
    let release = args.models.as_deref().and_then(|url| models::look(&prober, url, &args.channel, &mut findings));
    if let Some(url) = &args.server {
        server::look(&prober, url, args, release.as_deref(), &mut findings);
    }
    let worst = findings.0.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    let text = match args.json {
        true => serde_json::json!({ "level": worst, "findings": findings.0 }).to_string(),
        false => told(&findings.0),
    };
    let written = std::io::Write::write_all(&mut std::io::stdout(), (text + "\n").as_bytes());
    match (worst, written) {
        (Level::Ok | Level::Warning, Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The findings for people, the worst last, where the eye is.
fn told(findings: &[Finding]) -> String {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.level);
    let line = |finding: &&Finding| {
        let Finding { level, check, subject, what, seen, cure } = finding;
        match level {
            Level::Ok => format!("ok       {check}: {subject}: {what}"),
            _ => {
                let word = if *level == Level::Error { "ERROR  " } else { "warning" };
                format!("{word}  {check}: {subject}: {what}\n           seen: {seen}\n           do:   {cure}")
            }
        }
    };
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let sum = format!(
        "{} errors, {} warnings, {} as they should be",
        count(Level::Error),
        count(Level::Warning),
        count(Level::Ok)
    );
    sorted.iter().map(line).chain([sum]).collect::<Vec<_>>().join("\n")
}
