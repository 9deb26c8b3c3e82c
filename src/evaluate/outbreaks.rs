//! Outbreaks of acne of known grades, painted on photos of people: are they ordered from one person to the next?

use std::path::{Path, PathBuf};

use super::photos::{face, load, resized};
use super::statistics::spearman;
use super::table::{number, Table};
use super::{each, file_number};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::frame::Pyramid;
use crate::paint::outbreak::GRADES;
use crate::paint::random::Random;
use crate::paint::{Family, Outbreak};
use crate::patches::is_held;
use crate::quantile::quantile;
use crate::region::{FaceGrid, SkinMap};
use crate::report::ConcernId;
use crate::skin::{self, SEVERITIES};

/// Pixels a millimetre that photos are enlarged to, where they have fewer: their lesions are then as fine as on a good photo, and their skin
/// as soft as it was.
const ENLARGED: f32 = 3.0;

/// Photos are not enlarged beyond this, pixels.
const MOST: f32 = 40e6;

/// Numbers of lesions that measures are told apart by: up to each of these, from the one before on.
const UP_TO: [usize; 8] = [0, 4, 7, 10, 14, 40, 100, 200];

/// A person with an outbreak, and what the whole analysis says of the photo.
struct Case {
    grade: usize,
    lesions: usize,
    /// Whether training did not see the photo.
    held: bool,
    monk: Option<u8>,
    acne: Option<f32>,
    redness: Option<f32>,
    overall: Option<f32>,
}

/// Whether a case belongs to a group.
type Group = fn(&Case) -> bool;

/// How outbreaks are ordered, and what so many lesions measure.
pub fn tables(analyzer: &Analyzer, files: &[PathBuf], family: Family, seed: u64) -> String {
    let mut order = Table::new([
        "photos",
        "people",
        "of them with outbreaks",
        "acne measured",
        "grade and measure",
        "from mild to severe",
        "lesions and measure",
        "grade and redness",
        "grade and overall score",
    ]);
    let columns = ["photos", "inflamed lesions", "painted", "measured", "25th, 50th, 75th percentile"];
    let mut amounts = Table::new(columns.into_iter().chain(SEVERITIES));
    for (name, least) in [("as they are", 0.0), ("enlarged", ENLARGED)] {
        let cases: Vec<Case> =
            each(files, |path| case(analyzer, path, least, family, seed)).into_iter().flatten().collect();
        let groups: [(&str, Group); 4] = [
            ("all", |_| true),
            ("that training did not see", |c| c.held),
            ("Monk 1 to 7", |c| c.monk.is_some_and(|monk| monk <= 7)),
            ("Monk 8 to 10", |c| c.monk.is_some_and(|monk| monk >= 8)),
        ];
        for (group, belongs) in groups {
            order.row(ordered(name, group, &cases.iter().filter(|c| belongs(c)).collect::<Vec<_>>()));
        }
        for (k, most) in UP_TO.into_iter().enumerate() {
            let least = k.checked_sub(1).map_or(0, |before| UP_TO[before] + 1);
            let own: Vec<&Case> = cases.iter().filter(|c| (least..=most).contains(&c.lesions)).collect();
            amounts.row(amount(name, &format!("{least} to {most}"), &own));
        }
    }
    let how = format!("Each person's photo with an outbreak of family {family:?}: no acne or one of the four grades of Hayashi et al. 2008, by chance (`src/paint/outbreak.rs`). Taken again, and analysed whole; enlarged to {ENLARGED} pixels a millimetre first, or as they are. Spearman over people; from mild to severe without the clear and the very severe.");
    order.under("Outbreaks painted on photos", &how)
        + &amounts.under(
            "Outbreaks by lesions",
            "The same: the measure of acne, % of skin area, and how many are called what.",
        )
}

fn ordered(photos: &str, group: &str, cases: &[&Case]) -> Vec<String> {
    let of = |x: fn(&Case) -> usize, y: fn(&Case) -> Option<f32>, among: Group| {
        let pairs: Vec<_> = cases.iter().filter(|c| among(c)).filter_map(|c| Some((x(c) as f32, y(c)?))).collect();
        number(spearman(&pairs), 3)
    };
    let count = |test: Group| cases.iter().filter(|c| test(c)).count().to_string();
    vec![
        photos.into(),
        group.into(),
        count(|_| true),
        count(|c| c.acne.is_some()),
        of(|c| c.grade, |c| c.acne, |_| true),
        of(|c| c.grade, |c| c.acne, |c| (1..=3).contains(&c.grade)),
        of(|c| c.lesions, |c| c.acne, |_| true),
        of(|c| c.grade, |c| c.redness, |_| true),
        of(|c| c.grade, |c| c.overall, |_| true),
    ]
}

fn amount(photos: &str, lesions: &str, cases: &[&Case]) -> Vec<String> {
    let mut values: Vec<f32> = cases.iter().filter_map(|c| c.acne).collect();
    let scale = skin::scale(ConcernId::Acne);
    let called = SEVERITIES.map(|word| values.iter().filter(|v| scale.severity(**v) == word).count().to_string());
    let row = [
        photos.into(),
        lesions.into(),
        cases.len().to_string(),
        values.len().to_string(),
        [0.25, 0.5, 0.75].map(|q| number(quantile(&mut values, q), 2)).join(" "),
    ];
    row.into_iter().chain(called).collect()
}

/// One person with an outbreak; `None` of a photo without a face, or without skin enough.
fn case(analyzer: &Analyzer, path: &Path, least: f32, family: Family, seed: u64) -> Option<Case> {
    let params = AnalyzerParams::default();
    let mut photo = load(path)?;
    let mut mesh = analyzer.largest(&Pyramid::new(&photo)).ok()??;
    let times = least / mesh.px_per_mm();
    if times > 1.0 {
        if (photo.width() * photo.height()) as f32 * times * times > MOST {
            return None;
        }
        photo = resized(&photo, times)?;
        mesh = analyzer.largest(&Pyramid::new(&photo)).ok()??;
    }
    let pyramid = Pyramid::new(&photo);
    let skin = SkinMap::find(FaceGrid::cut(&pyramid, &mesh, &params.grid), &mesh, &params.skin_colour);
    let mut random = Random::new(file_number(path) ^ seed);
    let grade = random.below(GRADES.len());
    let outbreak = Outbreak { seed: random.bits(), family, grade: &GRADES[grade] };
    let (frame, lesions) = outbreak.on_photo(&photo, &mesh, &skin)?;
    let found = face(analyzer, &frame);
    let value = |id: ConcernId| Some(found.as_ref()?.concerns.get(&id)?.measure.as_ref()?.value as f32);
    Some(Case {
        grade,
        lesions,
        held: is_held(path),
        monk: found.as_ref().and_then(|f| Some(f.tone.as_ref()?.monk)),
        acne: value(ConcernId::Acne),
        redness: value(ConcernId::Redness),
        overall: found.as_ref().and_then(|f| f.overall.score).map(|s| s as f32),
    })
}
