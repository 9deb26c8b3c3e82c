//! `shine-skin analyze | detect | models | serve`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use serde_json::Value;

use super::engines::Engines;
use super::overlay;
use super::remote::Remote;
use super::source::{patience, ModelSource};
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{decode, Frame, Limits};
use crate::policy::Choice;
use crate::report::Engine;

/// Face and skin analysis on this machine. Not a medical device.
#[derive(Parser)]
#[command(name = "shine-skin", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the skin of the largest face of each photo
    Analyze {
        #[command(flatten)]
        common: Common,
        /// Draw what was found over the photo (one photo only)
        #[arg(long, value_name = "OUT.png")]
        overlay: Option<PathBuf>,
    },
    /// Find the faces of each photo
    Detect {
        #[command(flatten)]
        common: Common,
    },
    /// Measure how well the measures measure
    #[cfg(feature = "evaluate")]
    Evaluate(crate::evaluate::EvaluateArgs),
    /// Write painted patches of skin, for training
    #[cfg(feature = "evaluate")]
    Patches(crate::patches::PatchesArgs),
    /// Look at a deployment from outside
    Doctor(super::doctor::DoctorArgs),
    /// Prepare, publish and check models
    Models(super::models::ModelsArgs),
    /// Serve the page and the models
    #[cfg(feature = "server")]
    Serve(super::serve::ServeArgs),
}

#[derive(Args)]
struct Common {
    /// Where the models are: a directory, or the URL of the manifest's directory
    #[arg(long, value_name = "DIR|URL")]
    models: Option<String>,
    /// A channel of the manifest
    #[arg(long, env = "SHINE_CHANNEL", default_value = "stable")]
    channel: String,
    /// Which engine: auto falls through, enhanced, server and basic answer or fail
    #[arg(long, default_value = "auto", value_parser = choice)]
    engine: Choice,
    /// The server that is asked where the models can't run; without it no photo leaves this machine
    #[arg(long, env = "SHINE_SERVER", value_name = "URL")]
    server: Option<String>,
    /// One JSON object a line, one line an image
    #[arg(long)]
    json: bool,
    /// JPEG, PNG or WebP
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    super::trial::enable();
    match Cli::parse().command {
        Command::Analyze { common, overlay } => analyze(&common, overlay.as_deref()),
        Command::Detect { common } => detect(&common),
        #[cfg(feature = "evaluate")]
        Command::Evaluate(args) => crate::evaluate::run(&args),
        #[cfg(feature = "evaluate")]
        Command::Patches(args) => crate::patches::run(&args),
        Command::Doctor(args) => super::doctor::run(&args),
        Command::Models(args) => super::models::run(&args).map_or_else(|e| refuse(&e), |text| say(&text)),
        #[cfg(feature = "server")]
        Command::Serve(args) => super::serve::run(args),
    }
}

fn choice(text: &str) -> std::result::Result<Choice, String> {
    Choice::parse(text).ok_or_else(|| "it is auto, enhanced, server or basic".into())
}

fn analyze(common: &Common, overlay: Option<&Path>) -> ExitCode {
    if overlay.is_some() && common.images.len() != 1 {
        return refuse(&Error::new(ErrorCode::InvalidOptions, "--overlay takes one image"));
    }
    each(common, |engines, image| {
        let frame = read(image)?;
        let report = engines.analyze(&frame, common.engine, patience()?)?;
        if let Some(path) = overlay {
            overlay::draw(&frame, &report, path)?;
        }
        if common.json {
            return Ok(json(image, "report", &report));
        }
        Ok(summary(image, &report))
    })
}

fn detect(common: &Common) -> ExitCode {
    each(common, |engines, image| {
        let faces = engines.detect(&read(image)?, common.engine, patience()?)?;
        if common.json {
            return Ok(json(image, "detections", &faces));
        }
        let faces = faces.as_array().map_or(&[][..], Vec::as_slice);
        Ok(faces.iter().fold(format!("{image}: {} faces", faces.len()), |text, face| text + "\n  " + &line(face)))
    })
}

/// A face in a line.
fn line(face: &Value) -> String {
    let of = |key: &str| face["boundingBox"][key].as_f64().unwrap_or_default();
    let place = format!("{:.0},{:.0} {:.0}×{:.0}", of("originX"), of("originY"), of("width"), of("height"));
    match face["score"].as_f64() {
        Some(score) => format!("{place} score {score:.2}"),
        None => place,
    }
}

/// The engines that the options name.
fn engines(common: &Common) -> Result<Engines> {
    let source = common.models.as_deref().map_or_else(ModelSource::default_source, ModelSource::parse);
    let key = std::env::var("SHINE_SERVER_KEY").ok().filter(|key| !key.is_empty());
    let server = common.server.as_deref().filter(|url| !url.is_empty());
    let server = server.map(|url| Remote::new(url, key)).transpose()?;
    if server.is_none() && common.engine == Choice::Only(Engine::Server) {
        return Err(Error::new(ErrorCode::InvalidOptions, "--engine server needs --server URL"));
    }
    Ok(Engines::new(source, &common.channel, server))
}

/// Runs something on each image; a bad one does not stop the others, and makes the status 1.
fn each(common: &Common, work: impl Fn(&Engines, &str) -> Result<String>) -> ExitCode {
    let engines = engines(common);
    let mut failed = false;
    let mut out = std::io::stdout().lock();
    let watched = std::io::stderr().is_terminal() && common.images.len() > 1;
    for (i, image) in common.images.iter().enumerate() {
        if watched {
            eprint!("\r{} of {} ", i + 1, common.images.len());
        }
        let answer = engines.as_ref().map_err(Error::clone).and_then(|engines| work(engines, image));
        let text = match answer {
            Ok(text) => text,
            Err(error) => {
                failed = true;
                if !common.json {
                    eprintln!("{image}: {error}");
                    continue;
                }
                json(image, "error", &error)
            }
        };
        // A closed pipe ends the run: nobody reads on.
        if writeln!(out, "{text}").is_err() {
            return ExitCode::FAILURE;
        }
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// A closed pipe is a failure: nobody reads on.
fn say(text: &str) -> ExitCode {
    if text.is_empty() {
        return ExitCode::SUCCESS;
    }
    writeln!(std::io::stdout(), "{text}").map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn refuse(error: &Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn json(image: &str, key: &str, value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or(serde_json::Value::Null);
    serde_json::json!({ "file": image, key: value }).to_string()
}

/// Reads and decodes a photo. A file larger than the limit is refused before it is read.
fn read(path: &str) -> Result<Frame> {
    let limits = Limits::default();
    let failed = |e: std::io::Error| Error::new(ErrorCode::DecodeFailed, format!("{path} can't be read: {e}"));
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > limits.max_bytes as u64 {
        let message = format!("{path} has {size} bytes; the limit is {}", limits.max_bytes);
        return Err(Error::new(ErrorCode::ImageTooLarge, message));
    }
    decode(&std::fs::read(path).map_err(failed)?, &limits)
}

/// The report in a few lines for people.
fn summary(image: &str, report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let mut lines = vec![format!("{image}: {}×{}", report["image"]["width"], report["image"]["height"])];
    if report["engine"] != "enhanced" {
        lines.push(format!("  engine: {}", text(&report["engine"])));
    }
    for passed in report["fallbacks"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  not {}: {} ({})",
            text(&passed["engine"]),
            text(&passed["message"]),
            text(&passed["code"])
        ));
    }
    if report["quality"]["issues"] != serde_json::json!([]) {
        lines.push(format!("  photo: {}", report["quality"]["issues"]));
    }
    for face in report["faces"].as_array().into_iter().flatten() {
        lines.push(format!("  face at {}", line(face)));
        let tone = &face["tone"];
        if !tone.is_null() {
            let of = |at: &str| tone.pointer(at).and_then(Value::as_f64).unwrap_or_default();
            lines.push(format!(
                "  tone: {} (ITA {:.0}°, {:.0}° to {:.0}°), Monk {}, confidence {:.2}",
                text(&tone["category"]),
                of("/ita"),
                of("/itaInterval/0"),
                of("/itaInterval/1"),
                tone["monk"],
                of("/confidence")
            ));
        }
        for (id, concern) in face["concerns"].as_object().into_iter().flatten() {
            if let Some(score) = concern["score"].as_f64() {
                let (severity, measure) = (text(&concern["severity"]), &concern["measure"]);
                lines.push(format!(
                    "  {id}: {score:.0} of 100, {severity}: {} {}",
                    measure["value"],
                    text(&measure["unit"])
                ));
            }
        }
    }
    lines.push(format!("  {}", text(&report["disclaimer"])));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }
}
