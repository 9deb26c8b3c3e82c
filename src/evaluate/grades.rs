//! Photos that two graders, people or models of vision, have graded by eye, neither of whom saw a measure or what the other said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::labels::read;
use super::photos::SeenPhoto;
use super::statistics::spearman;
use super::table::{number, Table};
use crate::error::{Error, ErrorCode, Result};
use crate::report::ConcernId;

/// Both grades of a concern, by the name of the file, which is the first column; faces that only one could grade are left out.
fn both(text: &str, concern: ConcernId) -> BTreeMap<&str, (f32, f32)> {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let column = |grader: u8| head.iter().position(|name| *name == format!("{} {grader}", concern.as_str()));
    let (Some(one), Some(two)) = (column(1), column(2)) else { return BTreeMap::new() };
    let grade = |cells: &[&str], at: usize| cells.get(at)?.parse::<f32>().ok();
    lines.filter_map(|cells| Some((*cells.first()?, (grade(&cells, one)?, grade(&cells, two)?)))).collect()
}

/// How each measure ranks the faces that a table grades, of `file` and of two columns a concern: its name with 1 and with 2.
pub fn table(seen: &[SeenPhoto], folders: &[PathBuf], path: &Path) -> Result<String> {
    let text = read(path)?;
    if ConcernId::ALL.iter().all(|id| both(&text, *id).is_empty()) {
        let why =
            format!("{} grades no concern twice: it needs columns as \"redness 1\" and \"redness 2\"", path.display());
        return Err(Error::new(ErrorCode::InvalidOptions, why));
    }
    let names = folders.iter().map(|folder| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let head = ["concern", "graded", "of the graders with each other", "of the measure with their mean"];
    let mut out = Table::new(head.into_iter().map(String::from).chain(names));
    for id in ConcernId::ALL {
        let graded = both(&text, id);
        let of = |within: Option<&PathBuf>| {
            let here = seen.iter().filter(|s| within.is_none_or(|folder| s.folder == *folder));
            here.filter_map(|s| Some((*graded.get(s.name.as_str())?, s.values.get(&id).copied()))).collect::<Vec<_>>()
        };
        let all = of(None);
        if all.is_empty() {
            continue;
        }
        let measured = |faces: &[((f32, f32), Option<f32>)]| {
            let pairs: Vec<_> = faces.iter().filter_map(|((a, b), value)| Some((a + b, (*value)?))).collect();
            format!("{} of {}", number(spearman(&pairs), 3), pairs.len())
        };
        let grades: Vec<_> = all.iter().map(|(both, _)| *both).collect();
        let first = [format!("{id:?}"), all.len().to_string(), number(spearman(&grades), 3), measured(&all)];
        out.row(first.into_iter().chain(folders.iter().map(|folder| measured(&of(Some(folder))))));
    }
    Ok(out.under(
        "Graded by eye",
        "Spearman of two graders, 0 to 10, with each other, and of the measure with their mean: over all, and in each folder.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_that_one_grader_could_not_grade_is_left_out() {
        let text = "file,redness 1,redness 2,acne 1\na.jpg,3,4,0\nb.jpg,,2,1\n";
        assert_eq!(both(text, ConcernId::Redness), BTreeMap::from([("a.jpg", (3.0, 4.0))]));
        assert!(both(text, ConcernId::Acne).is_empty() && both("", ConcernId::Acne).is_empty());
    }
}
