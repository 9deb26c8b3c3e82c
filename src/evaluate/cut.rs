//! Photos that end within the face, cut out of whole ones: whether it is found, how far its mesh is off, and what is measured of it.

use std::path::{Path, PathBuf};

use super::each;
use super::photos::{face, load, part};
use super::statistics::spearman;
use super::table::{number, Table};
use crate::analyzer::Analyzer;
use crate::quantile::quantile;
use crate::report::{ConcernId, FaceReport};

/// What is left of a photo.
struct Cut {
    name: &'static str,
    /// From left to right and from top to bottom, shares of the box from the brows to the chin.
    kept: [(f32, f32); 2],
}

const ALL: (f32, f32) = (f32::NEG_INFINITY, f32::INFINITY);

const CUTS: [Cut; 9] = [
    Cut { name: "a fifth on every side", kept: [(0.2, 0.8), (0.2, 0.8)] },
    Cut { name: "above the eyes' middle", kept: [ALL, (0.25, f32::INFINITY)] },
    Cut { name: "above, with the eyes", kept: [ALL, (0.4, f32::INFINITY)] },
    Cut { name: "two fifths below", kept: [ALL, (f32::NEG_INFINITY, 0.6)] },
    Cut { name: "a third at the left", kept: [(0.33, f32::INFINITY), ALL] },
    Cut { name: "half at the left", kept: [(0.5, f32::INFINITY), ALL] },
    Cut { name: "half at the right", kept: [(f32::NEG_INFINITY, 0.5), ALL] },
    Cut { name: "three fifths at the left", kept: [(0.6, f32::INFINITY), ALL] },
    Cut { name: "half at the left, above the eyes' middle", kept: [(0.5, f32::INFINITY), (0.25, f32::INFINITY)] },
];

/// What is shown of the measures.
const SHOWN: [ConcernId; 6] = [
    ConcernId::Acne,
    ConcernId::Redness,
    ConcernId::DarkSpots,
    ConcernId::Wrinkles,
    ConcernId::Oiliness,
    ConcernId::DarkCircles,
];

/// What became of a face.
struct Left {
    /// Which of [`CUTS`].
    cut: usize,
    /// By how much the points that are still on the photo have moved in the middle, shares of the distance between the eyes' outer corners;
    /// `None` where no mesh was found.
    off: Option<f32>,
    /// Each of [`SHOWN`] on the whole photo, where it was measured, and after.
    values: [Option<(f32, Option<f32>)>; SHOWN.len()],
}

fn value(face: &FaceReport, id: ConcernId) -> Option<f32> {
    Some(face.concerns.get(&id)?.measure.as_ref()?.value as f32)
}

/// By how much a mesh has moved whose photo begins at a place of the old one and has a size.
fn off(
    old: &[[f64; 3]],
    new: &[[f64; 3]],
    (left, top): (usize, usize),
    (width, height): (usize, usize),
) -> Option<f32> {
    use crate::mesh::topology::{LEFT_EYE_OUTER, RIGHT_EYE_OUTER};
    let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let at = |i: usize| [old[i][0], old[i][1]];
    let eyes = apart(at(LEFT_EYE_OUTER), at(RIGHT_EYE_OUTER));
    let moved = old.iter().zip(new).filter_map(|(old, new)| {
        let here = [old[0] - left as f64, old[1] - top as f64];
        let shown = (0.0..width as f64).contains(&here[0]) && (0.0..height as f64).contains(&here[1]);
        shown.then(|| (apart(here, [new[0], new[1]]) / eyes) as f32)
    });
    quantile(&mut moved.collect::<Vec<_>>(), 0.5)
}

/// What each cut leaves of a photo's largest face.
fn cuts(analyzer: &Analyzer, path: &Path) -> Vec<Left> {
    let Some(photo) = load(path) else { return Vec::new() };
    let Some(whole) = face(analyzer, &photo) else { return Vec::new() };
    let Some(points) = &whole.landmarks else { return Vec::new() };
    let own = &whole.bounding_box;
    let of = |(cut, made): (usize, &Cut)| {
        let along = |(from, to): (f32, f32), start: f64, length: f64, end: usize| {
            let place = |share: f32| (start as f32 + share * length as f32).clamp(0.0, end as f32) as usize;
            (place(from), place(to))
        };
        let (left, right) = along(made.kept[0], own.origin_x, own.width, photo.width());
        let (top, bottom) = along(made.kept[1], own.origin_y, own.height, photo.height());
        let rest = part(&photo, (left, top), (right.saturating_sub(left), bottom.saturating_sub(top)))?;
        let now = face(analyzer, &rest);
        let mesh = now.as_ref().and_then(|face| face.landmarks.as_ref());
        let off = mesh.and_then(|new| off(points, new, (left, top), (rest.width(), rest.height())));
        let values = SHOWN.map(|id| Some((value(&whole, id)?, now.as_ref().and_then(|face| value(face, id)))));
        Some(Left { cut, off, values })
    };
    CUTS.iter().enumerate().filter_map(of).collect()
}

/// The tables.
pub fn tables(analyzer: &Analyzer, files: &[PathBuf]) -> String {
    let all: Vec<Left> = each(files, |path| cuts(analyzer, path)).into_iter().flatten().collect();
    let mut faces = Table::new(["cut off", "photos", "mesh found", "its points off, median", "90th percentile"]);
    let mut measures = Table::new(std::iter::once("cut off".to_string()).chain(SHOWN.map(|id| format!("{id:?}"))));
    for (number_of, cut) in CUTS.iter().enumerate() {
        let here: Vec<&Left> = all.iter().filter(|left| left.cut == number_of).collect();
        let mut off: Vec<f32> = here.iter().filter_map(|left| left.off).collect();
        let [middle, most] = [0.5, 0.9].map(|share| number(quantile(&mut off, share), 3));
        let found = number(Some(off.len() as f32 / here.len().max(1) as f32), 3);
        faces.row([cut.name.to_string(), here.len().to_string(), found, middle, most]);
        let of = |concern: usize| {
            let had: Vec<_> = here.iter().filter_map(|left| left.values[concern]).collect();
            let both: Vec<(f32, f32)> = had.iter().filter_map(|(old, new)| Some((*old, (*new)?))).collect();
            format!("{} of {}, {}", both.len(), had.len(), number(spearman(&both), 2))
        };
        measures.row(std::iter::once(cut.name.to_string()).chain((0..SHOWN.len()).map(of)));
    }
    faces.under(
        "Faces that the photo's edge cuts",
        "Photos in whose largest face a mesh lies, cut so that they end within it. How far the mesh's points that the photo still shows lie from where \
         they lay on the whole photo, in the median, as a share of the distance between the outer corners of the eyes.",
    ) + &measures.under(
        "Measures of faces that the photo's edge cuts",
        "Of the same: how many are still measured of those that are on the whole photo, and Spearman of both measures. What lies on the part that is gone is gone.",
    )
}
