//! Outbreaks of acne of known grades, painted on photos of people: are they ordered from one person to the next?

use std::path::{Path, PathBuf};

use super::photos::{face, load, resized};
use super::statistics::spearman;
use super::table::{number, Table};
use super::{each, file_number};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::examine::examine;
use crate::frame::Pyramid;
use crate::paint::outbreak::LESIONS;
use crate::paint::{Family, Outbreak};
use crate::quantile::quantile;
use crate::report::ConcernId;
use crate::skin;

/// Photos as they are, and enlarged, so that lesions are as fine as a phone held close shows them.
const ENLARGED: [f32; 2] = [1.0, 3.0];

/// What was painted on a person's photo, and what the whole analysis says of it.
struct Painted {
    grade: usize,
    lesions: usize,
    acne: Option<f32>,
    overall: Option<f32>,
}

/// How outbreaks are ordered, and what each grade measures.
pub fn tables(analyzer: &Analyzer, files: &[PathBuf]) -> String {
    let mut ordered = Table::new([
        "photos",
        "faces",
        "acne measured",
        "Spearman of grade and measure",
        "of lesions and measure",
        "of grade and overall score",
    ]);
    let mut all = Vec::new();
    for times in ENLARGED {
        let done: Vec<_> = each(files, |path| paint(analyzer, path, times)).into_iter().flatten().collect();
        let of = |x: fn(&Painted) -> usize, y: fn(&Painted) -> Option<f32>| {
            let pairs: Vec<_> = done.iter().filter_map(|d| Some((x(d) as f32, y(d)?))).collect();
            number(spearman(&pairs), 3)
        };
        ordered.row([
            if times == 1.0 { "as they are".into() } else { format!("enlarged {times} times") },
            done.len().to_string(),
            done.iter().filter(|d| d.acne.is_some()).count().to_string(),
            of(|d| d.grade, |d| d.acne),
            of(|d| d.lesions, |d| d.acne),
            of(|d| d.grade, |d| d.overall),
        ]);
        all.extend(done);
    }
    let mut grades = Table::new([
        "grade",
        "inflamed lesions",
        "measured",
        "measure, 10th, 50th, 90th percentile",
        "none",
        "mild",
        "moderate",
        "severe",
        "overall score, 50th",
    ]);
    let names = ["none", "mild", "moderate", "severe", "very severe"];
    for (grade, (name, (least, most))) in names.into_iter().zip(LESIONS).enumerate() {
        let own = || all.iter().filter(|d| d.grade == grade);
        let mut values: Vec<f32> = own().filter_map(|d| d.acne).collect();
        let scale = skin::scale(ConcernId::Acne);
        let called = names[..4].iter().map(|word| values.iter().filter(|v| scale.severity(**v) == *word).count());
        let called: Vec<String> = called.map(|n| n.to_string()).collect();
        let row = [
            name.to_string(),
            format!("{least} to {most}"),
            values.len().to_string(),
            [0.1, 0.5, 0.9].map(|q| number(quantile(&mut values, q), 2)).join(" "),
        ];
        let overall = number(quantile(&mut own().filter_map(|d| d.overall).collect::<Vec<_>>(), 0.5), 0);
        grades.row(row.into_iter().chain(called).chain([overall]));
    }
    ordered.under("Outbreaks painted on photos", "Each person's photo with an outbreak of family B, of one of the five grades of Hayashi et al. 2008 by chance: inflamed lesions, crowded and flushed, and what older ones have left (`src/paint/outbreak.rs`). Taken again, and analysed whole. Other people have other grades, so what each has already counts against the order.")
        + &grades.under("Outbreaks by grade", "The same photos: what they measure, and how many of them each severity of the report is said of.")
}

fn paint(analyzer: &Analyzer, path: &Path, times: f32) -> Option<Painted> {
    let photo = resized(&load(path)?, times)?;
    let pyramid = Pyramid::new(&photo);
    let mesh = analyzer.largest(&pyramid).ok()??;
    let skin = examine(&pyramid, &mesh, None, &AnalyzerParams::default()).map;
    let seed = file_number(path);
    // The last bits of it go with the last letters of a name, which are the same of all.
    let grade = (seed / 7 % LESIONS.len() as u64) as usize;
    let (frame, lesions) = Outbreak { seed, family: Family::B, grade }.on_photo(&photo, &mesh, &skin)?;
    let found = face(analyzer, &frame);
    let acne = found.as_ref().and_then(|f| f.concerns.get(&ConcernId::Acne)?.measure.as_ref());
    let acne = acne.map(|measure| measure.value as f32);
    Some(Painted { grade, lesions, acne, overall: found.and_then(|f| f.overall.score).map(|s| s as f32) })
}
