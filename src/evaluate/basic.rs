//! The basic engine beside the models: whether it finds the same face, whether what it takes for skin is skin, and whether what it measures
//! there orders people as the models' measures do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::each;
use super::photos::{load, part};
use super::statistics::spearman;
use super::table::{number, Table};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::basic;
use crate::frame::{Frame, Pyramid};
use crate::geometry::{Point, Rect};
use crate::mesh::topology;
use crate::quantile::quantile;
use crate::region::{fill, GridParams};
use crate::report::{ConcernId, FaceReport};

/// What both engines say of one photo.
struct Pair {
    folder: String,
    /// By the models, 1 to 10.
    monk: Option<u8>,
    /// Overlap of both boxes (intersection over union); `None` where the basic engine sees no face.
    overlap: Option<f32>,
    /// Share of what the basic engine takes for skin that the models take for skin.
    precision: Option<f32>,
    /// Of tone and of each concern that both measured: by the models, and without.
    values: BTreeMap<&'static str, (f32, f32)>,
    /// Whether the interval of the tone without models holds the tone with them.
    interval_holds: Option<bool>,
    /// Of parts of the photo away from the face: how many there were, and in how many a face was seen.
    elsewhere: (usize, usize),
}

/// The concerns that are measured without models.
const BOTH: [(ConcernId, &str); 3] =
    [(ConcernId::Redness, "redness"), (ConcernId::DarkSpots, "dark spots"), (ConcernId::Texture, "texture")];

fn pair(analyzer: &Analyzer, path: &Path) -> Option<Pair> {
    let frame = load(path)?;
    let face = analyzer.analyze(&frame).ok()?.faces.into_iter().next()?;
    let oval = oval(&face)?;
    let params = AnalyzerParams::default();
    let found = basic::find(&Pyramid::new(&frame), &params.grid);
    let report = basic::analyze(&frame, &params, crate::native::clock);
    let (mut values, mut interval_holds) = (BTreeMap::new(), None);
    if let Some(other) = report.faces.first() {
        if let (Some(with), Some(without)) = (&face.tone, &other.tone) {
            values.insert("ITA", (with.ita as f32, without.ita as f32));
            let [low, high] = without.ita_interval;
            interval_holds = Some((low..=high).contains(&with.ita));
        }
        for (id, name) in BOTH {
            let value = |face: &FaceReport| Some(face.concerns.get(&id)?.measure.as_ref()?.value as f32);
            if let (Some(with), Some(without)) = (value(&face), value(other)) {
                values.insert(name, (with, without));
            }
        }
    }
    let skin = skin_of(&face, &frame);
    let precision = found.as_ref().and_then(|region| {
        let grid = &region.map.grid;
        let places = (0..grid.width * grid.height).filter(|&i| region.map.zones[i].is_some());
        let on_photo =
            |i: usize| grid.map.map(Point::new((i % grid.width) as f32 + 0.5, (i / grid.width) as f32 + 0.5));
        let hit = |p: Point| {
            let (x, y) = (p.x as usize, p.y as usize);
            x < frame.width() && y < frame.height() && skin[y * frame.width() + x]
        };
        let (all, hits) =
            places.fold((0.0, 0.0), |(all, hits), i| (all + 1.0, hits + f32::from(u8::from(hit(on_photo(i))))));
        (all > 0.0).then(|| hits / all)
    });
    Some(Pair {
        folder: path.parent()?.file_name()?.to_string_lossy().into_owned(),
        monk: face.tone.as_ref().map(|tone| tone.monk),
        overlap: found.as_ref().map(|region| region.rect.iou(&oval)),
        precision: precision.filter(|_| found.as_ref().is_some_and(|region| region.rect.iou(&oval) >= 0.5)),
        values,
        interval_holds,
        elsewhere: elsewhere(&frame, &oval, &params.grid),
    })
}

/// The box of a mesh's outline, from hairline to chin.
fn oval(face: &FaceReport) -> Option<Rect> {
    let points = face.landmarks.as_ref()?;
    Rect::around(topology::OVAL.iter().map(|&i| Point::new(points[i][0] as f32, points[i][1] as f32)))
}

/// Whether each pixel of the photo is skin by the models.
fn skin_of(face: &FaceReport, frame: &Frame) -> Vec<bool> {
    let mut skin = vec![false; frame.width() * frame.height()];
    for polygon in face.skin.iter().flat_map(|skin| skin.zones.values()).flat_map(|zone| &zone.polygons) {
        let points: Vec<Point> = polygon.iter().map(|p| Point::new(p[0] as f32, p[1] as f32)).collect();
        fill(&points, (frame.width(), frame.height()), |i| skin[i] = true);
    }
    skin
}

/// The four corners of a photo, as far as they are well away from its face: no face is there.
fn elsewhere(frame: &Frame, face: &Rect, grid: &GridParams) -> (usize, usize) {
    let (width, height) = (frame.width() * 2 / 5, frame.height() * 2 / 5);
    let mut counts = (0, 0);
    for (x, y) in [
        (0, 0),
        (frame.width() - width, 0),
        (0, frame.height() - height),
        (frame.width() - width, frame.height() - height),
    ] {
        let corner = Rect { x: x as f32, y: y as f32, width: width as f32, height: height as f32 };
        if corner.intersection(face).area() > 0.0 || width.min(height) < 64 {
            continue;
        }
        let Some(corner_photo) = part(frame, (x, y), (width, height)) else { continue };
        counts.0 += 1;
        counts.1 += usize::from(basic::find(&Pyramid::new(&corner_photo), grid).is_some());
    }
    counts
}

/// The tables.
pub fn tables(analyzer: &Analyzer, files: &[PathBuf]) -> String {
    let pairs: Vec<Pair> = each(files, |path| pair(analyzer, path)).into_iter().flatten().collect();
    let mut places = Table::new([
        "photos",
        "faces by the models",
        "seen",
        "at the same place",
        "skin that is skin: median",
        "10th percentile",
        "corners without the face",
        "taken for a face",
    ]);
    let mut row = |name: String, of: Vec<&Pair>| {
        let share = |test: &dyn Fn(&Pair) -> bool| {
            number(Some(of.iter().filter(|pair| test(pair)).count() as f32 / of.len().max(1) as f32), 2)
        };
        let mut precision: Vec<f32> = of.iter().filter_map(|pair| pair.precision).collect();
        let corners: (usize, usize) = of.iter().fold((0, 0), |sum, p| (sum.0 + p.elsewhere.0, sum.1 + p.elsewhere.1));
        places.row([
            name,
            of.len().to_string(),
            share(&|pair| pair.overlap.is_some()),
            share(&|pair| pair.overlap.is_some_and(|overlap| overlap >= 0.5)),
            number(quantile(&mut precision, 0.5), 2),
            number(quantile(&mut precision, 0.1), 2),
            corners.0.to_string(),
            number((corners.0 > 0).then(|| corners.1 as f32 / corners.0 as f32), 2),
        ]);
    };
    let folders: std::collections::BTreeSet<&str> = pairs.iter().map(|pair| pair.folder.as_str()).collect();
    for folder in folders {
        row(folder.into(), pairs.iter().filter(|pair| pair.folder == folder).collect());
    }
    for (low, high) in [(1, 4), (5, 7), (8, 10)] {
        let of = pairs.iter().filter(|pair| pair.monk.is_some_and(|monk| (low..=high).contains(&monk))).collect();
        row(format!("Monk {low} to {high}"), of);
    }
    row("all".into(), pairs.iter().collect());
    let mut measures = Table::new(["measure", "both measured", "Spearman", "median with models", "without"]);
    for name in ["ITA", "redness", "dark spots", "texture"] {
        let both: Vec<(f32, f32)> = pairs.iter().filter_map(|pair| pair.values.get(name).copied()).collect();
        let middle = |of: fn(&(f32, f32)) -> f32| quantile(&mut both.iter().map(of).collect::<Vec<_>>(), 0.5);
        measures.row([
            name.into(),
            both.len().to_string(),
            number(spearman(&both), 2),
            number(middle(|v| v.0), 2),
            number(middle(|v| v.1), 2),
        ]);
    }
    places.under(
        "Without models",
        "The basic engine on photos in whose largest face the models place a mesh: whether it sees a face, whether its box and the \
         mesh's overlap by half, and how much of what it takes for skin is skin by the models where they do. Then the four corners of \
         each photo that lie beside the face, each as a photo of its own; hands, necks, bodies and other people are among them.",
    ) + &measures.under(
        "Measures without models",
        &format!(
            "The same photos measured both ways. The interval of the tone without models holds the tone with them on {} of {}.",
            pairs.iter().filter(|pair| pair.interval_holds == Some(true)).count(),
            pairs.iter().filter(|pair| pair.interval_holds.is_some()).count()
        ),
    )
}
