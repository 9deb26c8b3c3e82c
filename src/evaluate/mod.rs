//! `shine-skin evaluate`: how well the measures measure, as tables.
//!
//! Heads are painted with known conditions and measured; photos are changed in known ways and measured again.
//! What is printed is what `docs/accuracy.md` holds.

mod basic;
mod cut;
mod grades;
mod heads;
mod labels;
mod left;
mod outbreaks;
mod overlap;
mod painted;
mod photos;
pub(crate) use photos::load;
mod statistics;
mod table;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::analyzer::AnalyzerParams;
use crate::error::{Error, ErrorCode, Result};
use crate::native::ModelSource;
use crate::paint::{Dose, Family};
use crate::report::ConcernId;

/// What `shine-skin evaluate` is asked.
#[derive(Args)]
pub struct EvaluateArgs {
    /// Which tables; all that can be made where none is named
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Heads painted for each concern and tone
    #[arg(long, default_value_t = 24)]
    samples: usize,
    /// Where the seeds begin; thresholds were chosen on those from 1
    #[arg(long, default_value_t = 1_000_001)]
    seed: u64,
    /// Heads of one family only, and outbreaks of another than b
    #[arg(long, value_parser = family)]
    family: Option<Family>,
    /// Heads of one meaning of strength only: appearance, substance, or faint, lesions and spots of 2 to 4 ΔE, which are painted only where asked for
    #[arg(long, value_parser = dose)]
    dose: Option<Dose>,
    /// Painted heads and photos of one concern only, as the report names it
    #[arg(long)]
    concern: Option<String>,
    /// Print what was painted and measured on each head
    #[arg(long)]
    each_head: bool,
    /// Write each head with its findings to this folder
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Folders of photos; one with a `labels.csv` of `file` and amounts is also compared with these
    #[arg(long, value_name = "DIR")]
    photos: Vec<PathBuf>,
    /// A JSON of two lists of file names, `old` and `young`, within the folders of photos
    #[arg(long, value_name = "JSON")]
    ages: Option<PathBuf>,
    /// A CSV of grades by eye: `file`, and for each concern the columns of two graders, as `redness 1` and `redness 2`
    #[arg(long, value_name = "CSV")]
    grades: Option<PathBuf>,
    /// Where the models are: a directory, or the URL of the manifest's directory
    #[arg(long, value_name = "DIR|URL")]
    models: Option<String>,
    /// A channel of their manifest: with a network of skin or without one
    #[arg(long, default_value = "stable")]
    channel: String,
    /// Write the tables to this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Painted heads
    Heads,
    /// Changed photos
    Changed,
    /// Photos that end within the face
    Cut,
    /// Painted photos
    Painted,
    /// Photos with painted outbreaks of acne
    Outbreaks,
    /// Photos as they are
    Population,
    /// Labelled photos
    Labels,
    /// Photos without models
    Basic,
}

fn family(text: &str) -> std::result::Result<Family, String> {
    match text {
        "a" => Ok(Family::A),
        "b" => Ok(Family::B),
        _ => Err("a or b".into()),
    }
}

fn dose(text: &str) -> std::result::Result<Dose, String> {
    match text {
        "appearance" => Ok(Dose::Appearance),
        "faint" => Ok(Dose::Faint),
        "substance" => Ok(Dose::Substance),
        _ => Err("appearance, faint or substance".into()),
    }
}

/// Runs the evaluation and prints its tables.
pub fn run(args: &EvaluateArgs) -> ExitCode {
    let text = match tables(args) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    print!("{text}");
    let written = args.write.as_ref().map_or(Ok(()), |path| std::fs::write(path, &text));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("the tables can't be written: {why}");
            ExitCode::FAILURE
        }
    }
}

fn tables(args: &EvaluateArgs) -> Result<String> {
    let asked = |part: Part| args.only.is_empty() || args.only.contains(&part);
    let mut text = format!(
        "# How well the nine concerns are measured\n\nWritten by `shine-skin evaluate`, failures included: {} heads for \
         each concern, tone and family from seed {} on, and photos that are not part of the project. Thresholds were \
         chosen on family A and on these photos, which are not blind.\n",
        args.samples, args.seed
    );
    let source = args.models.as_deref().map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = crate::native::load(&source, &args.channel, AnalyzerParams::default())?;
    if asked(Part::Heads) {
        text += &heads::tables(args, analyzer.network());
    }
    if args.photos.is_empty() {
        return Ok(text);
    }
    let files = photo_files(&args.photos)?;
    let grades = args.grades.as_deref().map(grades::Grades::read).transpose()?;
    if asked(Part::Changed) {
        text += &photos::changed(&analyzer, &files);
    }
    if asked(Part::Cut) {
        text += &cut::tables(&analyzer, &files);
    }
    if asked(Part::Painted) {
        text += &painted::tables(&analyzer, &files, args.concern.as_deref());
    }
    if asked(Part::Outbreaks) && args.concern.as_deref().is_none_or(|only| only == ConcernId::Acne.as_str()) {
        text += &outbreaks::tables(&analyzer, &files, args.family.unwrap_or(Family::B), args.seed);
    }
    if asked(Part::Basic) {
        text += &basic::tables(&analyzer, &files);
    }
    if asked(Part::Population) || asked(Part::Labels) {
        let seen = photos::seen(&analyzer, &files);
        if asked(Part::Population) {
            text += &photos::population(&seen);
        }
        if asked(Part::Labels) {
            for folder in &args.photos {
                text += &labels::table(&seen, folder, grades.as_ref())?;
            }
            if let Some(path) = &args.ages {
                text += &labels::ages(&seen, path)?;
            }
            if let Some(grades) = &grades {
                text += &grades::table(&seen, &args.photos, grades);
            }
        }
    }
    let _ = writeln!(text);
    Ok(text)
}

/// The pictures of some folders, by name.
pub(crate) fn photo_files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        let failed = |why: std::io::Error| {
            Error::new(ErrorCode::InvalidOptions, format!("{} can't be read: {why}", folder.display()))
        };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let picture = path.extension().is_some_and(|e| e == "jpg" || e == "jpeg" || e == "png");
            if picture && !path.to_string_lossy().ends_with(".mask.png") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The name of a file without its folder.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A number that goes with the name of a file, the same on each machine.
pub(crate) fn file_number(path: &Path) -> u64 {
    name(path).bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// Does one piece of work for each item, on as many threads as there are cores; answers in order.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let size = items.len().div_ceil(threads * 8).max(1);
    let chunks: Vec<&[T]> = items.chunks(size).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut answers: Vec<(usize, Vec<R>)> = std::thread::scope(|scope| {
        let run = || {
            let mut own = Vec::new();
            loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(chunk) = chunks.get(at) else { return own };
                own.push((at, chunk.iter().map(&work).collect()));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        // A panic is one here too: a table that lacks what it broke would lie.
        let join = |handle: std::thread::ScopedJoinHandle<'_, _>| {
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        handles.into_iter().flat_map(join).collect()
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().flat_map(|(_, part)| part).collect()
}
