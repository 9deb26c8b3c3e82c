//! `shine-skin models`: compile, add, inputs, publish, promote, split, roll back, list, verify, sign.

mod add;
mod compile;
mod inputs;
mod publish;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::bucket::Bucket;
use super::trial;
use crate::error::{Error, ErrorCode, Result};
use crate::store::public_key;
use publish::Publication;

/// What is done with models.
#[derive(Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Lower ONNX models to plans, each proven to compute the same
    Compile {
        /// An ONNX file, whose plan is written beside it; or a directory with a manifest, which then lists the plans
        #[arg(value_name = "FILE|DIR")]
        path: PathBuf,
        /// Where real inputs lie, to be proven on besides noise: `MODEL.*.input.f32`, little-endian floats
        #[arg(long, value_name = "DIR")]
        inputs: Option<PathBuf>,
    },
    /// Add a model of your own to a directory with a manifest, and lead a channel of it there
    Add {
        /// The directory, such as models/dist
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// The model, as ONNX
        #[arg(value_name = "FILE")]
        onnx: PathBuf,
        /// What it takes and tells, as a manifest describes it, with its `id`: JSON
        #[arg(long, value_name = "FILE")]
        description: PathBuf,
        /// The channel, whose release gets it
        #[arg(long, default_value = "stable")]
        channel: String,
        /// The new release's name; else the old one's with the model's
        #[arg(long)]
        release: Option<String>,
    },
    /// Write what a network would be given of photos, to train it on: little-endian floats
    Inputs {
        /// What it takes, as for `add`
        #[arg(long, value_name = "FILE")]
        description: PathBuf,
        /// Where the models are that find the faces: a directory, or the URL of the manifest's directory
        #[arg(long, value_name = "DIR|URL")]
        models: Option<String>,
        /// Photos of one face each, or folders of them
        #[arg(required = true, value_name = "PHOTO|DIR")]
        photos: Vec<PathBuf>,
    },
    /// Publish a release of a directory and lead a channel to it
    Publish {
        /// A directory with a manifest, such as models/dist
        #[arg(value_name = "DIR")]
        source: String,
        #[command(flatten)]
        target: Target,
        /// The channel of the source whose release is published
        #[arg(long, default_value = "stable")]
        from: String,
        /// The channel that is led to it
        #[arg(long, default_value = "stable")]
        channel: String,
        /// The release's name there; else what it is called in the source
        #[arg(long)]
        release: Option<String>,
    },
    /// Lead a channel to a release that is published
    Promote {
        /// The release
        release: String,
        #[command(flatten)]
        target: Target,
        /// The channel
        #[arg(long, default_value = "stable")]
        channel: String,
    },
    /// Split a channel among releases: `2026.12.1=90 2027.1.0=10`
    Split {
        /// Releases and their shares
        #[arg(required = true, value_name = "RELEASE=SHARE", value_parser = share)]
        shares: Vec<(String, f64)>,
        #[command(flatten)]
        target: Target,
        /// The channel
        #[arg(long, default_value = "stable")]
        channel: String,
    },
    /// Lead a channel back to where it led before
    Rollback {
        #[command(flatten)]
        target: Target,
        /// The channel
        #[arg(long, default_value = "stable")]
        channel: String,
    },
    /// What is published
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Read every published file and compare it with the manifest
    Verify {
        #[command(flatten)]
        target: Target,
    },
    /// Make a secret key, and print the public one
    Keygen {
        /// Where the secret key is written; it must not be there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Sign the manifest that is published
    Sign {
        #[command(flatten)]
        target: Target,
    },
    /// Try the model of the standard input within limits, for a process that will use it
    #[command(name = trial::VERB, hide = true)]
    Trial,
}

#[derive(Args)]
struct Target {
    /// A directory, or a bucket by the credentials of the environment
    #[arg(long = "to", alias = "at", value_name = "DIR|s3://BUCKET/PREFIX")]
    bucket: String,
    /// A file with the secret key that signs the manifest
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Target {
    fn open(&self) -> Result<(Bucket, Option<String>)> {
        Ok((Bucket::parse(&self.bucket)?, self.key.as_deref().map(secret).transpose()?))
    }
}

fn share(text: &str) -> std::result::Result<(String, f64), String> {
    let (release, share) = text.rsplit_once('=').ok_or("it is RELEASE=SHARE")?;
    let share =
        share.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0).ok_or("a share is a number from 0 on")?;
    Ok((release.into(), share))
}

fn secret(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::new(ErrorCode::InvalidOptions, format!("{}: {e}", path.display())))?;
    // That it is a key is known before anything is written.
    public_key(&text).map(|_| text)
}

/// Runs the verb; returns what it has to say.
///
/// # Errors
/// What can't be read, lowered, written or verified.
pub fn run(args: &ModelsArgs) -> Result<String> {
    Ok(match &args.command {
        Verb::Compile { path, inputs } => compile::run(path, inputs.as_deref())?,
        Verb::Add { directory, onnx, description, channel, release } => {
            add::run(directory, onnx, description, channel, release.as_deref())?
        }
        Verb::Inputs { description, models, photos } => inputs::run(description, models.as_deref(), photos)?,
        Verb::Publish { source, target, from, channel, release } => {
            let (bucket, key) = target.open()?;
            let release = release.as_deref();
            let name = Publication::publish(&Bucket::parse(source)?, &bucket, key, from, channel, release)?;
            format!("{channel}: {name}")
        }
        Verb::Promote { release, target, channel } => {
            let (bucket, key) = target.open()?;
            Publication::at(&bucket, key)?.promote(channel, release)?;
            format!("{channel}: {release}")
        }
        Verb::Split { shares, target, channel } => {
            let (bucket, key) = target.open()?;
            Publication::at(&bucket, key)?.split(channel, shares)?;
            format!("{channel}: {} releases", shares.len())
        }
        Verb::Rollback { target, channel } => {
            let (bucket, key) = target.open()?;
            format!("{channel}: {}", Publication::at(&bucket, key)?.rollback(channel)?)
        }
        Verb::List { target } => Publication::read(&target.open()?.0)?.list(),
        Verb::Verify { target } => {
            let (bucket, key) = target.open()?;
            let published = if key.is_some() { Publication::at(&bucket, key)? } else { Publication::read(&bucket)? };
            let (count, wrong) = published.verify()?;
            if !wrong.is_empty() {
                return Err(Error::new(ErrorCode::ModelIntegrity, wrong.join("\n")));
            }
            format!("{count} files are what the manifest says")
        }
        Verb::Trial => trial::child()?,
        Verb::Keygen { file } => keygen(file)?,
        Verb::Sign { target } => {
            let (bucket, key) = target.open()?;
            Publication::sign(&bucket, key.as_deref())?;
            "signed".into()
        }
    })
}

/// Writes a new secret key that only its owner can read; returns the public one.
fn keygen(path: &Path) -> Result<String> {
    let failed = |e: std::io::Error| Error::new(ErrorCode::InvalidOptions, format!("{}: {e}", path.display()));
    let mut seed = [0; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut seed))
        .map_err(|e| Error::new(ErrorCode::Internal, format!("this system gives no random numbers: {e}")))?;
    let text: String = seed.iter().map(|b| format!("{b:02x}")).collect();
    let public = public_key(&text)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all((text + "\n").as_bytes())).map_err(failed)?;
    Ok(public)
}
