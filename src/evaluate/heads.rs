//! Painted heads: does a measure rise with what was painted, are lesions found, and is it the same on every
//! tone?

use std::fmt::Write;
use std::path::Path;

use super::each;
use super::overlap::{Overlap, PATCHES};
use super::statistics::{slope, spearman};
use super::table::{number, Table};
use super::EvaluateArgs;
use crate::analyzer::AnalyzerParams;
use crate::examine::{examine, Examined};
use crate::frame::Pyramid;
use crate::geometry::Point;
use crate::network::Network;
use crate::paint::{Dose, Family, Recipe, Sample, Truth};
use crate::report::ConcernId;
use crate::surface::Place;

/// One painted head, measured.
struct Record {
    concern: ConcernId,
    monk: usize,
    amount: f32,
    value: Option<f32>,
    ita: Option<f32>,
    why: String,
    seed: u64,
    hits: Hits,
    overlap: Overlap,
}

/// What became of painted lesions.
#[derive(Clone, Default)]
pub struct Hits {
    /// Of each painted lesion: diameter in mm, ΔE as its truth counts it, whether it was found.
    pub lesions: Vec<(f32, f32, bool)>,
    /// Of each finding: the diameter of a circle of its area in mm, whether it lies on a lesion.
    pub findings: Vec<(f32, bool)>,
}

impl Hits {
    /// Compares findings with what was painted; `scale` in pixels of the photo a millimetre.
    pub fn of(truth: &Truth, findings: &[Place], scale: f32) -> Hits {
        // The edge of a finding may lie a millimetre off.
        let on = |place: &Place, center: Point, radius: f32| {
            middle(&place.polygon).distance(center) <= (radius + 1.0) * scale
        };
        let found = |m: &crate::paint::Mark| findings.iter().any(|f| on(f, m.center, m.radius_mm));
        let lesions = truth.marks.iter().map(|m| (2.0 * m.radius_mm, m.dosed, found(m))).collect();
        let right = |f: &Place| truth.marks.iter().any(|m| on(f, m.center, m.radius_mm));
        let diameter = |f: &Place| 2.0 * (f.area_mm2 / std::f32::consts::PI).sqrt();
        Hits { lesions, findings: findings.iter().map(|f| (diameter(f), right(f))).collect() }
    }
}

/// How many are right, and of how many.
pub fn precision(findings: impl Iterator<Item = (f32, bool)>) -> (usize, usize) {
    findings.fold((0, 0), |(right, all), (_, is_right)| (right + usize::from(is_right), all + 1))
}

/// The mean of a polygon's corners.
pub fn middle(polygon: &[Point]) -> Point {
    let n = polygon.len().max(1) as f32;
    let (x, y) = polygon.iter().fold((0.0, 0.0), |s, p| (s.0 + p.x / n, s.1 + p.y / n));
    Point::new(x, y)
}

/// The nine with a truth that is painted.
const PAINTED: [ConcernId; 9] = ConcernId::ALL;

/// Concerns of single lesions.
const LESIONS: [ConcernId; 2] = [ConcernId::Acne, ConcernId::DarkSpots];

/// Tables over painted heads.
pub fn tables(args: &EvaluateArgs, network: Option<&Network>) -> String {
    let mut text = String::new();
    for family in [Family::A, Family::B] {
        if args.family.is_some_and(|f| f != family) {
            continue;
        }
        for dose in args.dose.map_or(vec![Dose::Appearance, Dose::Substance], |dose| vec![dose]) {
            let records = records(family, dose, args, network);
            let name = match dose {
                Dose::Appearance => "at equal ΔE in the picture",
                Dose::Faint => "with lesions of 2 to 4 ΔE in the picture",
                Dose::Substance => "at equal amount of substance",
            };
            if args.each_head {
                for r in &records {
                    let value = number(r.value, 3);
                    let _ = writeln!(
                        text,
                        "{:?}-{}-{} {family:?} {dose:?} {:.3} {value} {}",
                        r.concern, r.monk, r.seed, r.amount, r.why
                    );
                }
            }
            text += &correlation(&records, &format!("Family {family:?}, {name}: measure against truth"));
            text += &detection(&records, &format!("Family {family:?}, {name}: lesions by size and contrast"));
            let least = if dose == Dose::Faint { 2.0 } else { 4.0 };
            text += &by_tone(&records, least, &format!("Family {family:?}, {name}: lesions by tone"));
            text += &patches(&records, &format!("Family {family:?}, {name}: patches by area"));
            if family == Family::B && dose == Dose::Appearance {
                text += &tones(&records);
            }
        }
    }
    text
}

fn records(family: Family, dose: Dose, args: &EvaluateArgs, network: Option<&Network>) -> Vec<Record> {
    let (samples, seed) = (args.samples, args.seed);
    let mut recipes = Vec::new();
    for (c, concern) in PAINTED.into_iter().enumerate() {
        let name = serde_json::to_value(concern).unwrap_or_default();
        if args.concern.as_deref().is_some_and(|only| name != only) {
            continue;
        }
        for monk in 1..=10 {
            for k in 0..samples {
                // One seed for all ten tones: the same head, light, camera and places, so that tone alone differs.
                let seed = seed.wrapping_add((c * 4096 + k) as u64).wrapping_mul(2).wrapping_add(1);
                // Every eighth has nothing.
                let amount = if k % 8 == 0 { 0.0 } else { (k as f32 + 0.5) / samples as f32 };
                recipes.push((monk, Recipe { seed, family, dose, concern, amount }));
            }
        }
    }
    let pictures = args.pictures.as_deref();
    each(&recipes, |(monk, recipe)| {
        recipe.on_head(*monk).map(|sample| record(recipe.concern, *monk, &sample, recipe.seed, network, pictures))
    })
    .into_iter()
    .flatten()
    .collect()
}

fn record(
    concern: ConcernId,
    monk: usize,
    sample: &Sample,
    seed: u64,
    network: Option<&Network>,
    pictures: Option<&Path>,
) -> Record {
    let photo = Pyramid::new(&sample.frame);
    let found: Examined = examine(&photo, &sample.mesh, network, &AnalyzerParams::default());
    let measured = found.concerns.get(&concern).and_then(|(outcome, _)| outcome.as_ref().ok());
    if let Some(folder) = pictures {
        let shapes = measured.iter().flat_map(|m| &m.findings).map(|place| &place.polygon[..]);
        let path = folder.join(format!("{concern:?}-{monk}-{seed}.png"));
        if let Err(error) = crate::native::draw_shapes(&sample.frame, shapes, &path) {
            eprintln!("{error}");
        }
    }
    let scale = found.map.grid.px_per_mm * found.map.grid.map.scale();
    // What can't be measured is not found.
    let findings = measured.map_or(&[][..], |m| &m.findings);
    let hits = if LESIONS.contains(&concern) { Hits::of(&sample.truth, findings, scale) } else { Hits::default() };
    let overlap =
        if PATCHES.contains(&concern) { Overlap::of(sample, &[], findings, scale) } else { Overlap::default() };
    let (amount, value) = (sample.truth.amount, measured.map(|m| m.value));
    let why = found.concerns.get(&concern).and_then(|(outcome, _)| outcome.as_ref().err());
    let why = why.map_or(String::new(), |reason| format!("{reason:?}"));
    Record { concern, monk, amount, value, why, seed, ita: found.tone.map(|t| t.ita), hits, overlap }
}

/// Those of some concerns that any head was painted with.
fn painted<'a>(among: &'a [ConcernId], records: &'a [Record]) -> impl Iterator<Item = ConcernId> + 'a {
    among.iter().copied().filter(|&concern| records.iter().any(|r| r.concern == concern))
}

fn pairs<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<(f32, f32)> {
    records.filter_map(|r| Some((r.amount, r.value?))).collect()
}

fn correlation(records: &[Record], heading: &str) -> String {
    let mut table = Table::new([
        "concern",
        "heads",
        "not measured",
        "Spearman",
        "lowest of a tone",
        "of tone",
        "slope, least and most",
        "spread",
        "with nothing painted",
    ]);
    for concern in painted(&PAINTED, records) {
        let own: Vec<&Record> = records.iter().filter(|r| r.concern == concern).collect();
        let all = pairs(own.iter().copied());
        let of_tone = |monk: usize| pairs(own.iter().copied().filter(|r| r.monk == monk));
        let lowest = (1..=10).filter_map(|m| Some((spearman(&of_tone(m))?, m))).min_by(|a, b| a.0.total_cmp(&b.0));
        let slopes: Vec<f32> = (1..=10).filter_map(|m| slope(&of_tone(m))).collect();
        let (least, most) = slopes.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |s, v| (s.0.min(*v), s.1.max(*v)));
        let spread = (most - least) / (slopes.iter().sum::<f32>() / slopes.len().max(1) as f32);
        let [ends, spread] = match slopes.is_empty() {
            true => ["–", "–"].map(String::from),
            false => [format!("{least:.3} {most:.3}"), format!("{:.0}%", 100.0 * spread)],
        };
        let mut empty: Vec<f32> = own.iter().filter(|r| r.amount == 0.0).filter_map(|r| r.value).collect();
        table.row([
            format!("{concern:?}"),
            own.len().to_string(),
            (own.len() - all.len()).to_string(),
            number(spearman(&all), 3),
            number(lowest.map(|l| l.0), 3),
            lowest.map_or("–".into(), |l| l.1.to_string()),
            ends,
            spread,
            number(crate::quantile::quantile(&mut empty, 0.5), 2),
        ]);
    }
    table.under(
        heading,
        "Spearman between the measure and what was painted, all ten Monk tones pooled; the slope of the measure on the \
         truth by tone, and its spread from least to most as a share of its mean; the median measure of heads without \
         the condition.",
    )
}

fn detection(records: &[Record], heading: &str) -> String {
    let mut table = Table::new(["concern", "diameter, mm", "ΔE 2 to 4", "4 to 6", "6 to 9", "9 and more", "precision"]);
    for concern in painted(&LESIONS, records) {
        let hits: Vec<&Hits> = records.iter().filter(|r| r.concern == concern).map(|r| &r.hits).collect();
        for (low, high) in [(0.0, 1.2), (1.2, 2.0), (2.0, 3.0), (3.0, 9.0)] {
            let recall = |from: f32, to: f32| {
                let lesions = hits.iter().flat_map(|h| &h.lesions);
                let own = lesions.filter(|(d, e, _)| (low..high).contains(d) && (from..to).contains(e));
                let (found, count) = own.fold((0, 0), |s, l| (s.0 + usize::from(l.2), s.1 + 1));
                if count == 0 {
                    "–".into()
                } else {
                    format!("{:.3} of {count}", found as f32 / count as f32)
                }
            };
            let size = format!("{low} to {high}");
            let own = hits.iter().flat_map(|h| h.findings.iter().copied()).filter(|(d, _)| (low..high).contains(d));
            let precision = match precision(own) {
                (_, 0) => "–".into(),
                (right, all) => format!("{:.3} of {all}", right as f32 / all as f32),
            };
            table.row([
                format!("{concern:?}"),
                size,
                recall(2.0, 4.0),
                recall(4.0, 6.0),
                recall(6.0, 9.0),
                recall(9.0, 99.0),
                precision,
            ]);
        }
    }
    table.under(
        heading,
        "Recall of painted lesions by their diameter and contrast; precision of findings by their own diameter.",
    )
}

/// Recall of lesions of at least 2 mm and a difference, and precision, by tone.
fn by_tone(records: &[Record], least: f32, heading: &str) -> String {
    let mut table =
        Table::new(["concern", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "all", "gap"].map(String::from));
    for concern in painted(&LESIONS, records) {
        let recall = |monk: Option<usize>| {
            let own = records.iter().filter(|r| r.concern == concern && monk.is_none_or(|m| m == r.monk));
            let lesions = own.flat_map(|r| &r.hits.lesions).filter(|(d, e, _)| *d >= 2.0 && *e >= 0.9998 * least);
            let (found, count) = lesions.fold((0, 0), |s, l| (s.0 + usize::from(l.2), s.1 + 1));
            (count > 0).then(|| found as f32 / count as f32)
        };
        let share = |monk: Option<usize>| {
            let own = records.iter().filter(|r| r.concern == concern && monk.is_none_or(|m| m == r.monk));
            let (right, all) = precision(own.flat_map(|r| r.hits.findings.iter().copied()));
            (all > 0).then(|| right as f32 / all as f32)
        };
        for (name, of) in [("recall", &recall as &dyn Fn(Option<usize>) -> Option<f32>), ("precision", &share)] {
            let tones: Vec<f32> = (1..=10).filter_map(|m| of(Some(m))).collect();
            let (least, most) = tones.iter().fold((1.0f32, 0.0f32), |s, v| (s.0.min(*v), s.1.max(*v)));
            let cells = (1..=10).map(|m| number(of(Some(m)), 3));
            let ends = [of(None), (!tones.is_empty()).then_some(most - least)].map(|end| number(end, 3));
            table.row(std::iter::once(format!("{concern:?}, {name}")).chain(cells).chain(ends));
        }
    }
    table.under(heading, &format!("Lesions of at least 2 mm and {least} ΔE, by Monk tone."))
}

/// How findings of patches cover what was painted, over all tones and on the darkest three.
fn patches(records: &[Record], heading: &str) -> String {
    let mut table = Table::new(["concern", "Monk tones"].into_iter().chain(Overlap::HEAD));
    for concern in painted(&PATCHES, records) {
        for (name, tones) in [("1 to 10", 1..=10), ("8 to 10", 8..=10)] {
            let own = records.iter().filter(|r| r.concern == concern && tones.contains(&r.monk));
            let cells = Overlap::sum(own.map(|r| &r.overlap)).cells();
            table.row([format!("{concern:?}"), name.into()].into_iter().chain(cells));
        }
    }
    table.under(heading, "Findings against the skin that was changed by 3 ΔE or more, by area.")
}

fn tones(records: &[Record]) -> String {
    let pairs: Vec<(f32, f32)> = records.iter().filter_map(|r| Some((-(r.monk as f32), r.ita?))).collect();
    let mut table = Table::new(["heads", "Spearman of ITA with the tone, light to dark"]);
    table.row([pairs.len().to_string(), number(spearman(&pairs), 3)]);
    table.under("Tone", "All ten Monk tones under cameras a little off in exposure and white balance.")
}
