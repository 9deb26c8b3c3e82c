//! Conditions painted on photos of people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::heads::{middle, precision, Hits};
use super::left::difference;
use super::overlap::{Overlap, PATCHES};
use super::photos::load;
use super::statistics::spearman;
use super::table::{number, Table};
use super::{each, file_number};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::examine::{examine, Examined};
use crate::frame::{Frame, Pyramid};
use crate::paint::{Dose, Family, Recipe};
use crate::quantile::quantile;
use crate::report::ConcernId;
use crate::surface::Place;

/// Conditions painted on photos: what they do to their own score and to others, and whether their lesions are
/// found beyond those that were there.
pub fn tables(analyzer: &Analyzer, files: &[PathBuf], only: Option<&str>) -> String {
    let wanted = |c: &ConcernId| only.is_none_or(|only| serde_json::to_value(c).unwrap_or_default() == only);
    let conditions: Vec<ConcernId> = CONDITIONS.into_iter().filter(wanted).collect();
    let jobs: Vec<(&PathBuf, ConcernId)> =
        files.iter().step_by((files.len() / 40).max(1)).flat_map(|f| conditions.iter().map(move |&c| (f, c))).collect();
    let done: Vec<_> =
        each(&jobs, |(path, concern)| paint(analyzer, path, *concern, 0)).into_iter().flatten().collect();
    let single = conditions.iter().copied().filter(|c| SINGLE.contains(c)).collect::<Vec<_>>();
    let is_fine = |path: &PathBuf| {
        let mesh = analyzer.largest(&Pyramid::new(&load(path)?)).ok()??;
        Some(mesh.px_per_mm() >= FINE_PX_PER_MM)
    };
    let fine = files.iter().zip(each(files, is_fine)).filter(|(_, is_fine)| *is_fine == Some(true));
    let pairs = fine.flat_map(|(f, _)| single.iter().map(move |&c| (f, c)));
    let again: Vec<(&PathBuf, ConcernId, u64)> =
        pairs.flat_map(|(f, c)| (1..=TIMES).map(move |time| (f, c, time))).collect();
    let fine: Vec<_> =
        each(&again, |(path, concern, time)| paint(analyzer, path, *concern, *time)).into_iter().flatten().collect();
    let mut graded =
        Table::new(["painted", "photos", "Spearman of measure with amount", "rises", "Spearman of rise with amount"]);
    let mut table = Table::new(
        std::iter::once("painted".to_string())
            .chain(["photos".into()])
            .chain(ConcernId::ALL.map(|id| format!("{id:?}"))),
    );
    let mut patches = Table::new(["painted"].into_iter().chain(Overlap::HEAD));
    let mut found = Table::new([
        "painted",
        "pixels a millimetre",
        "recall of 2 mm and 4 ΔE",
        "of these where less than 2 ΔE are left",
        "2 to 4",
        "4 to 6",
        "6 and more",
        "4 and more",
        "precision of what is new",
    ]);
    for concern in conditions.iter().copied() {
        let own: Vec<_> = done.iter().filter(|d| d.concern == concern).collect();
        let grades: Vec<(f32, f32)> = own.iter().flat_map(|d| d.grades.iter().copied()).collect();
        let rises: Vec<(f32, f32)> = own.iter().flat_map(|d| d.rises()).collect();
        graded.row([
            format!("{concern:?}"),
            own.len().to_string(),
            number(spearman(&grades), 3),
            rises.len().to_string(),
            number(spearman(&rises), 3),
        ]);
        let cell = |id: ConcernId| {
            let mut falls: Vec<f32> = own.iter().filter_map(|d| d.falls.get(&id).copied()).collect();
            let (low, middle, high) =
                (quantile(&mut falls, 0.05), quantile(&mut falls, 0.5), quantile(&mut falls, 0.95));
            format!("{} ({} {})", number(middle, 1), number(low, 1), number(high, 1))
        };
        table.row([format!("{concern:?}"), own.len().to_string()].into_iter().chain(ConcernId::ALL.map(cell)));
        if PATCHES.contains(&concern) {
            let cells = Overlap::sum(own.iter().map(|d| &d.overlap)).cells();
            patches.row(std::iter::once(format!("{concern:?}")).chain(cells));
        }
        if SINGLE.contains(&concern) {
            let fine: Vec<_> = fine.iter().filter(|d| d.concern == concern).collect();
            single_marks(&mut found, concern, &own, &fine);
        }
    }
    table.under("Painted on photos: what each score does", "Family B at an amount of 0.5 on up to 40 photos, painted and unpainted taken again with one camera (exposure, white balance, blur, noise, JPEG): by how many points each score falls, median (5th and 95th percentile).")
        + &found.under("Painted on photos: lesions", "Findings of the painted photo that the same photo unpainted does not have at their place; the camera that takes both leaves less of a difference than was painted, the less the fewer pixels there are.")
        + &patches.under("Painted on photos: patches", "Findings against the skin that was changed by 3 ΔE or more, by area; what the unpainted photo has as a finding is left out.")
        + &graded.under("Painted on photos: measure against amount", "The same photos with nothing, an amount of 0.5 and one of 0.1, 0.25, 0.75 or 1. What each person has already counts against the measure; the rise is the measure less that of the same photo unpainted, and leaves the unpainted out.")
}

/// Rows of how single marks are found, by how fine the photo is: on `own` photos, and on those that are fine.
fn single_marks(table: &mut Table, concern: ConcernId, own: &[&Painted], fine: &[&Painted]) {
    let scales = SCALES.windows(2).map(|w| (w[0], w[1], own));
    let all = std::iter::once((0.0, f32::INFINITY, own));
    for (least, below, own) in all.chain(scales).chain([(FINE_PX_PER_MM, f32::INFINITY, fine)]) {
        let own = || own.iter().filter(|d| (least..below).contains(&d.px_per_mm));
        let lesions = |(from, to): (f32, f32)| {
            let large = own().flat_map(|d| d.hits.lesions.iter().zip(&d.left));
            let wanted = large.filter(|(l, left)| l.0 >= 2.0 && l.1 >= 3.999 && (from..to).contains(*left));
            wanted.fold((0, 0), |(found, all), (l, _)| (found + usize::from(l.2), all + 1))
        };
        let share = |(part, all): (usize, usize)| match all {
            0 => "–".into(),
            _ => format!("{:.3} of {all}", part as f32 / all as f32),
        };
        if lesions(LEFT[0]).1 == 0 {
            continue;
        }
        let scale = match (least, below.is_finite()) {
            (0.0, false) => "all".into(),
            (0.0, true) => format!("less than {below}"),
            (_, false) => format!("{least} and more, {} photos {TIMES} times", fine.len() / TIMES as usize),
            (_, true) => format!("{least} to {below}"),
        };
        let new = precision(own().flat_map(|d| d.hits.findings.iter().copied()));
        // Of a line's disc nearly all is skin.
        let recall = |left| match concern == ConcernId::Wrinkles && left != LEFT[0] {
            true => "–".into(),
            false => share(lesions(left)),
        };
        table.row([format!("{concern:?}"), scale].into_iter().chain(LEFT.map(recall)).chain([share(new)]));
    }
}

/// What photos are told apart by: pixels a millimetre.
const SCALES: [f32; 4] = [0.0, 1.5, 2.0, FINE_PX_PER_MM];

/// What has single marks.
const SINGLE: [ConcernId; 3] = [ConcernId::Acne, ConcernId::DarkSpots, ConcernId::Wrinkles];

/// From so many on a photo is painted with single marks [`TIMES`] times, each time at other places: there are few such photos. The row of all photos
/// counts one time.
const FINE_PX_PER_MM: f32 = 3.0;
const TIMES: u64 = 7;

/// What lesions are told apart by: the difference that the camera has left of them, ΔE.
const LEFT: [(f32, f32); 6] = {
    const ALL: f32 = f32::INFINITY;
    [(-ALL, ALL), (-ALL, 2.0), (2.0, 4.0), (4.0, 6.0), (6.0, ALL), (4.0, ALL)]
};

const CONDITIONS: [ConcernId; 8] = [
    ConcernId::Acne,
    ConcernId::Redness,
    ConcernId::DarkSpots,
    ConcernId::Pigmentation,
    ConcernId::Pores,
    ConcernId::Wrinkles,
    ConcernId::Oiliness,
    ConcernId::DarkCircles,
];

/// What a condition painted on a photo does.
struct Painted {
    concern: ConcernId,
    /// Of the photo.
    px_per_mm: f32,
    /// By how many points each score falls.
    falls: BTreeMap<ConcernId, f32>,
    hits: Hits,
    /// Of each painted lesion the difference that the camera has left, ΔE.
    left: Vec<f32>,
    overlap: Overlap,
    /// Amounts painted, and what was measured.
    grades: Vec<(f32, f32)>,
}

impl Painted {
    /// Amounts painted, and by how much the measure rose above that of the photo as it was.
    fn rises(&self) -> Vec<(f32, f32)> {
        let Some(&(0.0, own)) = self.grades.first() else { return Vec::new() };
        self.grades[1..].iter().map(|(amount, value)| (*amount, value - own)).collect()
    }
}

/// Paints a photo, each `time` at other places.
fn paint(analyzer: &Analyzer, path: &Path, concern: ConcernId, time: u64) -> Option<Painted> {
    let photo = load(path)?;
    let mesh = analyzer.largest(&Pyramid::new(&photo)).ok()??;
    let look = |frame: &Frame| examine(&Pyramid::new(frame), &mesh, analyzer.network(), &AnalyzerParams::default());
    let skin = look(&photo).map;
    // Far from the numbers of other names.
    let seed = file_number(path).wrapping_add(time.wrapping_mul(0x1_0000_0001));
    let recipe = |amount| Recipe { seed, family: Family::B, dose: Dose::Appearance, concern, amount };
    let shot = |amount| recipe(amount).on_photo(&photo, &mesh, &skin);
    let sample = shot(0.5)?;
    let plain = shot(0.0)?.frame;
    let (clean, marked) = (look(&plain), look(&sample.frame));
    let other = shot([0.1, 0.25, 0.75, 1.0][(seed % 4) as usize])?;
    let measured =
        |found: &Examined, id: ConcernId| found.concerns.get(&id).and_then(|(outcome, _)| outcome.clone().ok());
    let falls = ConcernId::ALL
        .into_iter()
        .filter_map(|id| {
            let scale = crate::skin::scale(id);
            Some((id, scale.score(measured(&clean, id)?.value) - scale.score(measured(&marked, id)?.value)))
        })
        .collect();
    let grades = [(0.0, &clean), (sample.truth.amount, &marked), (other.truth.amount, &look(&other.frame))];
    let grades = grades.iter().filter_map(|(amount, found)| Some((*amount, measured(found, concern)?.value))).collect();
    let scale = skin.grid.px_per_mm * skin.grid.map.scale();
    let old = measured(&clean, concern)?.findings;
    // What the paint has made impossible to measure was not found.
    let new = measured(&marked, concern).map_or_else(Vec::new, |m| m.findings);
    let overlap = Overlap::of(&sample, &old, &new, scale);
    let there = |p: &Place| old.iter().any(|o| middle(&o.polygon).distance(middle(&p.polygon)) < scale);
    let new: Vec<_> = new.into_iter().filter(|p| !there(p)).collect();
    let hits = Hits::of(&sample.truth, &new, scale);
    let left = sample.truth.marks.iter().map(|mark| difference(&plain, &sample.frame, mark, scale)).collect();
    Some(Painted { concern, px_per_mm: scale, falls, hits, left, overlap, grades })
}
