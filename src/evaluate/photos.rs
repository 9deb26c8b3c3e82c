//! Photos of people: as they are, and changed in ways that change no skin.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::table::{number, Table};
use super::{each, name};
use crate::analyzer::Analyzer;
use crate::frame::{decode, Frame, Limits, Pyramid};
use crate::paint::camera::compress;
use crate::paint::canvas::Canvas;
use crate::paint::random::Random;
use crate::paint::Camera;
use crate::quantile::quantile;
use crate::report::{ConcernId, FaceReport, Reason};

/// One photo, measured.
pub struct SeenPhoto {
    /// The file's name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Raw measures of what could be measured.
    pub values: BTreeMap<ConcernId, f32>,
    /// Their scores.
    pub scores: BTreeMap<ConcernId, f32>,
    /// Why the others could not.
    pub reasons: BTreeMap<ConcernId, Reason>,
    /// The overall score.
    pub overall: Option<f32>,
    /// Whether there was a face.
    pub face: bool,
}

/// The pixels of a photo; `None` where it can't be read.
pub fn load(path: &Path) -> Option<Frame> {
    decode(&std::fs::read(path).ok()?, &Limits::default()).ok()
}

/// The largest face of a photo.
pub fn face(analyzer: &Analyzer, frame: &Frame) -> Option<FaceReport> {
    analyzer.analyze(frame).ok()?.faces.into_iter().next()
}

fn scores(face: &FaceReport) -> BTreeMap<ConcernId, f32> {
    face.concerns.iter().filter_map(|(id, c)| Some((*id, c.score? as f32))).collect()
}

/// Measures each photo.
pub fn seen(analyzer: &Analyzer, files: &[PathBuf]) -> Vec<SeenPhoto> {
    each(files, |path| {
        let face = load(path).and_then(|frame| face(analyzer, &frame));
        let concerns = face.iter().flat_map(|f| &f.concerns);
        SeenPhoto {
            name: name(path),
            folder: path.parent().unwrap_or(Path::new("")).into(),
            values: concerns.clone().filter_map(|(id, c)| Some((*id, c.measure.as_ref()?.value as f32))).collect(),
            scores: face.as_ref().map(scores).unwrap_or_default(),
            reasons: concerns.filter_map(|(id, c)| Some((*id, c.reason?))).collect(),
            overall: face.as_ref().and_then(|f| f.overall.score).map(|s| s as f32),
            face: face.is_some(),
        }
    })
}

/// What measures and scores are over many people.
pub fn population(seen: &[SeenPhoto]) -> String {
    let mut table = Table::new([
        "concern",
        "measured",
        "of faces",
        "measure, 5th, 50th, 95th percentile",
        "score, 5th, 50th, 95th",
        "span",
        "why not",
    ]);
    let faces = seen.iter().filter(|s| s.face).count();
    let row = |name: String, values: Vec<f32>, scores: Vec<f32>, why: String| {
        let of = |v: &[f32], share: f32| quantile(&mut v.to_vec(), share);
        let three = |v: &[f32], digits| [0.05, 0.5, 0.95].map(|q| number(of(v, q), digits)).join(" ");
        let span = of(&scores, 0.95).zip(of(&scores, 0.05)).map(|(high, low)| high - low);
        [name, scores.len().to_string(), faces.to_string(), three(&values, 2), three(&scores, 0), number(span, 0), why]
    };
    for id in ConcernId::ALL {
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for reason in seen.iter().filter_map(|s| s.reasons.get(&id)) {
            *reasons.entry(format!("{reason:?}")).or_default() += 1;
        }
        let why = reasons.iter().map(|(r, n)| format!("{r} {n}")).collect::<Vec<_>>().join(", ");
        let values = seen.iter().filter_map(|s| s.values.get(&id).copied()).collect();
        table.row(row(
            format!("{id:?}"),
            values,
            seen.iter().filter_map(|s| s.scores.get(&id).copied()).collect(),
            why,
        ));
    }
    table.row(row("Overall".into(), Vec::new(), seen.iter().filter_map(|s| s.overall).collect(), String::new()));
    table.under("Over many people", "All photos of the folders named, as they are.")
}

/// A change that leaves the skin as it is.
struct Change {
    name: &'static str,
    /// Whether light or colour change, so that tone and shine may too.
    light: bool,
    make: fn(&Frame) -> Option<Frame>,
}

const CHANGES: [Change; 14] = [
    Change { name: "half size", light: false, make: |f| resized(f, 0.5) },
    Change { name: "three quarters", light: false, make: |f| resized(f, 0.75) },
    Change { name: "one and a half", light: false, make: |f| resized(f, 1.5) },
    Change { name: "twice the size", light: false, make: |f| resized(f, 2.0) },
    Change { name: "JPEG 60", light: false, make: |f| compress(f, 60) },
    Change { name: "JPEG 95", light: false, make: |f| compress(f, 95) },
    Change { name: "mirrored", light: false, make: mirrored },
    Change { name: "rolled 15°", light: false, make: |f| rolled(f, 15.0) },
    Change { name: "rolled −15°", light: false, make: |f| rolled(f, -15.0) },
    Change { name: "one stop less", light: true, make: |f| taken(f, -1.0, [1.0; 3]) },
    Change { name: "one stop more", light: true, make: |f| taken(f, 1.0, [1.0; 3]) },
    Change { name: "warmer", light: true, make: |f| taken(f, 0.0, [1.12, 1.0, 0.85]) },
    Change { name: "greener", light: true, make: |f| taken(f, 0.0, [0.94, 1.05, 0.94]) },
    Change { name: "colder", light: true, make: |f| taken(f, 0.0, [0.88, 1.0, 1.12]) },
];

fn picture(frame: &Frame) -> Option<image::RgbImage> {
    image::RgbImage::from_raw(frame.width() as u32, frame.height() as u32, frame.rgb().to_vec())
}

fn frame(picture: image::RgbImage) -> Option<Frame> {
    Frame::from_rgb(picture.width() as usize, picture.height() as usize, picture.into_raw()).ok()
}

/// A photo with so many times as many pixels to a side, by cubic interpolation.
pub fn resized(photo: &Frame, factor: f32) -> Option<Frame> {
    let side = |n: usize| ((n as f32 * factor).round() as u32).max(1);
    let filter = image::imageops::FilterType::CatmullRom;
    frame(image::imageops::resize(&picture(photo)?, side(photo.width()), side(photo.height()), filter))
}

/// A rectangle of a photo; `None` of one without pixels.
pub fn part(photo: &Frame, (left, top): (usize, usize), (width, height): (usize, usize)) -> Option<Frame> {
    let rows = (top..top + height).flat_map(|row| {
        let from = 3 * (row * photo.width() + left);
        photo.rgb()[from..from + 3 * width].iter().copied()
    });
    Frame::from_rgb(width, height, rows.collect()).ok()
}

fn mirrored(photo: &Frame) -> Option<Frame> {
    frame(image::imageops::flip_horizontal(&picture(photo)?))
}

fn rolled(photo: &Frame, degrees: f32) -> Option<Frame> {
    use crate::frame::Border;
    use crate::geometry::{Point, Similarity};
    let (width, height) = (photo.width(), photo.height());
    let center = Point::new(width as f32 / 2.0, height as f32 / 2.0);
    let map = Similarity::rect(center, 1.0, degrees.to_radians(), width as f32, height as f32);
    let mut rgb = Vec::with_capacity(width * height * 3);
    let write = |pixel: [f32; 3]| rgb.extend(pixel.map(|c| c.round() as u8));
    Pyramid::new(photo).sample(&map, (width, height), Border::Nearest, write);
    Frame::from_rgb(width, height, rgb).ok()
}

fn taken(photo: &Frame, stops: f32, balance: [f32; 3]) -> Option<Frame> {
    let camera = Camera { stops, balance, ..Camera::ideal() };
    let taken = camera.take(&Canvas::of(photo), &mut Random::new(0))?;
    // Where the change clips, another photo results, not another light.
    let clipped = |f: &Frame| f.rgb().iter().filter(|&&v| v == 255).count() as f32 / f.rgb().len() as f32;
    (clipped(&taken) < clipped(photo) + 0.02).then_some(taken)
}

/// What a change did to a face.
struct Move {
    /// Which of [`CHANGES`].
    change: usize,
    /// By how much each score moved; `None` where it is no longer available.
    scores: BTreeMap<ConcernId, Option<f32>>,
    /// What became of the tone.
    tone: Option<ToneMove>,
}

struct ToneMove {
    /// By how much the ITA moved, degrees.
    degrees: f32,
    /// Whether the new interval holds the old value.
    held: bool,
    /// By how much the confidence fell.
    fall: f32,
}

/// What each change does to a photo's largest face.
fn moves(analyzer: &Analyzer, path: &Path) -> Vec<Move> {
    let Some(photo) = load(path) else { return Vec::new() };
    let Some(before) = face(analyzer, &photo) else { return Vec::new() };
    let own = scores(&before);
    let of = |(change, made): (usize, &Change)| {
        let after = face(analyzer, &(made.make)(&photo)?);
        let now = after.as_ref().map(scores).unwrap_or_default();
        let scores = own.iter().map(|(id, score)| (*id, now.get(id).map(|n| (n - score).abs()))).collect();
        let tone = before.tone.as_ref().zip(after.and_then(|f| f.tone)).map(|(old, new)| ToneMove {
            degrees: (new.ita - old.ita).abs() as f32,
            held: new.ita_interval[0] <= old.ita && old.ita <= new.ita_interval[1],
            fall: (old.confidence - new.confidence) as f32,
        });
        Some(Move { change, scores, tone })
    };
    CHANGES.iter().enumerate().filter_map(of).collect()
}

/// How far scores move when nothing about the skin changes.
pub fn changed(analyzer: &Analyzer, files: &[PathBuf]) -> String {
    let moves: Vec<Move> = each(files, |path| moves(analyzer, path)).into_iter().flatten().collect();
    let mut text = String::new();
    for (light, heading) in
        [(false, "Changes that leave light and skin as they are"), (true, "Changes of light that clip nothing")]
    {
        let mut table = Table::new([
            "concern",
            "pairs",
            "move, median",
            "95th percentile",
            "worst change",
            "its 95th",
            "still available",
        ]);
        for id in ConcernId::ALL {
            let of = |k: Option<usize>| -> Vec<Option<f32>> {
                let own = moves.iter().filter(|m| CHANGES[m.change].light == light && k.is_none_or(|k| k == m.change));
                own.filter_map(|m| m.scores.get(&id).copied()).collect()
            };
            let at = |k: Option<usize>, share| quantile(&mut of(k).into_iter().flatten().collect::<Vec<_>>(), share);
            let worst =
                (0..CHANGES.len()).filter_map(|k| Some((k, at(Some(k), 0.95)?))).max_by(|a, b| a.1.total_cmp(&b.1));
            let (pairs, still) = (of(None).len(), of(None).iter().flatten().count());
            table.row([
                format!("{id:?}"),
                pairs.to_string(),
                number(at(None, 0.5), 1),
                number(at(None, 0.95), 1),
                worst.map_or("–".into(), |w| CHANGES[w.0].name.into()),
                number(worst.map(|w| w.1), 1),
                format!("{:.1}%", 100.0 * still as f32 / pairs.max(1) as f32),
            ]);
        }
        let names: Vec<&str> = CHANGES.iter().filter(|c| c.light == light).map(|c| c.name).collect();
        text += &table.under(heading, &format!("How many points a score moves: {}.", names.join(", ")));
    }
    text + &tones(&moves)
}

/// What each change does to the tone.
fn tones(moves: &[Move]) -> String {
    let mut table = Table::new([
        "change",
        "photos",
        "ITA moves, median",
        "95th",
        "interval holds the old",
        "confidence falls",
        "by, median",
    ]);
    for (k, change) in CHANGES.iter().enumerate() {
        let own: Vec<&ToneMove> = moves.iter().filter(|m| m.change == k).filter_map(|m| m.tone.as_ref()).collect();
        let share = |count: usize| format!("{:.1}%", 100.0 * count as f32 / own.len().max(1) as f32);
        let degrees = |q| quantile(&mut own.iter().map(|t| t.degrees).collect::<Vec<_>>(), q);
        table.row([
            change.name.to_string(),
            own.len().to_string(),
            number(degrees(0.5), 1),
            number(degrees(0.95), 1),
            share(own.iter().filter(|t| t.held).count()),
            share(own.iter().filter(|t| t.fall > 0.0).count()),
            number(quantile(&mut own.iter().map(|t| t.fall).collect::<Vec<_>>(), 0.5), 3),
        ]);
    }
    table.under("Tone under the same changes", "One photo can't tell light from tone, so the tone may move with the light; then the interval has to hold what it was.")
}
