//! `shine-skin analyze | detect | models | serve`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use super::{load, overlay, ModelSource};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{decode, Frame, Limits};
use crate::report::{DetectionReport, SkinReport};

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
        /// Which engine: auto falls through, the others answer or fail
        #[arg(long, value_enum, default_value = "auto")]
        engine: EngineChoice,
        /// The server that the server engine asks
        #[arg(long, value_name = "URL")]
        server: Option<String>,
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
    /// One JSON object a line, one line an image
    #[arg(long)]
    json: bool,
    /// JPEG, PNG or WebP
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum EngineChoice {
    Auto,
    Enhanced,
    Server,
    Basic,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    super::trial::enable();
    match Cli::parse().command {
        // No server is asked in this version: the enhanced engine answers, or nothing does.
        Command::Analyze { common, engine, server: _, overlay } => analyze(&common, engine, overlay.as_deref()),
        Command::Detect { common } => detect(&common),
        #[cfg(feature = "evaluate")]
        Command::Evaluate(args) => crate::evaluate::run(&args),
        Command::Models(args) => super::models::run(&args).map_or_else(|e| refuse(&e), |text| say(&text)),
        #[cfg(feature = "server")]
        Command::Serve(args) => super::serve::run(args),
    }
}

fn analyze(common: &Common, engine: EngineChoice, overlay: Option<&Path>) -> ExitCode {
    if overlay.is_some() && common.images.len() != 1 {
        return refuse(&Error::new(ErrorCode::InvalidOptions, "--overlay takes one image"));
    }
    each(common, |analyzer, image| {
        if matches!(engine, EngineChoice::Server | EngineChoice::Basic) {
            return Err(Error::new(ErrorCode::InvalidOptions, "this version has the enhanced engine only"));
        }
        let frame = read(image)?;
        let report = analyzer.analyze(&frame)?;
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
    each(common, |analyzer, image| {
        let faces = analyzer.detect(&read(image)?)?;
        if common.json {
            return Ok(json(image, "detections", &faces));
        }
        Ok(faces.iter().fold(format!("{image}: {} faces", faces.len()), |text, face| text + &line(face)))
    })
}

fn line(face: &DetectionReport) -> String {
    let b = &face.bounding_box;
    format!("\n  {:.0},{:.0} {:.0}×{:.0} score {:.2}", b.origin_x, b.origin_y, b.width, b.height, face.score)
}

/// Runs something on each image; a bad one does not stop the others, and makes the status 1.
fn each(common: &Common, work: impl Fn(&Analyzer, &str) -> Result<String>) -> ExitCode {
    let source = common.models.as_deref().map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = load(&source, &common.channel, AnalyzerParams::default());
    let mut failed = false;
    let mut out = std::io::stdout().lock();
    let watched = std::io::stderr().is_terminal() && common.images.len() > 1;
    for (i, image) in common.images.iter().enumerate() {
        if watched {
            eprint!("\r{} of {} ", i + 1, common.images.len());
        }
        let answer = analyzer.as_ref().map_err(Error::clone).and_then(|analyzer| work(analyzer, image));
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
fn summary(image: &str, report: &SkinReport) -> String {
    let mut lines = vec![format!("{image}: {}×{}", report.image.width, report.image.height)];
    if !report.quality.issues.is_empty() {
        let issues = serde_json::to_value(&report.quality.issues).unwrap_or_default();
        lines.push(format!("  photo: {issues}"));
    }
    for face in &report.faces {
        let b = &face.bounding_box;
        lines.push(format!("  face at {:.0},{:.0}, {:.0}×{:.0}", b.origin_x, b.origin_y, b.width, b.height));
        if let Some(tone) = &face.tone {
            let [low, high] = tone.ita_interval;
            lines.push(format!(
                "  tone: {} (ITA {:.0}°, {low:.0}° to {high:.0}°), Monk {}, confidence {:.2}",
                tone.category, tone.ita, tone.monk, tone.confidence
            ));
        }
        for (id, concern) in face.concerns.iter().filter(|(_, c)| c.available) {
            if let (Some(score), Some(measure), Some(severity)) = (concern.score, &concern.measure, concern.severity) {
                lines.push(format!("  {id:?}: {score:.0} of 100, {severity}: {} {}", measure.value, measure.unit));
            }
        }
    }
    lines.push(format!("  {}", report.disclaimer));
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
