//! Photos that two graders, people or models of vision, have graded by eye, neither of whom saw a measure or what the other said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::labels::read;
use super::photos::SeenPhoto;
use super::statistics::spearman;
use super::table::{number, Table};
use crate::error::{Error, ErrorCode, Result};
use crate::report::ConcernId;

/// Both grades of faces, 0 to 10, by concern and by the name of the file.
pub struct Grades(BTreeMap<ConcernId, BTreeMap<String, (f32, f32)>>);

impl Grades {
    /// Of a table of `file` and of two columns a concern: its name with 1 and with 2.
    ///
    /// # Errors
    /// `invalid-options` of a file that can't be read or grades no concern twice.
    pub fn read(path: &Path) -> Result<Grades> {
        let grades = Grades::of(&read(path)?);
        if grades.0.is_empty() {
            let why = format!(
                "{} grades no concern twice: it needs columns as \"redness 1\" and \"redness 2\"",
                path.display()
            );
            return Err(Error::new(ErrorCode::InvalidOptions, why));
        }
        Ok(grades)
    }

    /// Faces that only one could grade are left out.
    fn of(text: &str) -> Grades {
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let head = lines.next().unwrap_or_default();
        let rows: Vec<_> = lines.collect();
        let both = |id: ConcernId| {
            let column = |grader: u8| head.iter().position(|name| *name == format!("{} {grader}", id.as_str()));
            let (one, two) = (column(1)?, column(2)?);
            let grade = |cells: &[&str], at: usize| cells.get(at)?.parse::<f32>().ok().filter(|v| v.is_finite());
            let of = |cells: &Vec<&str>| Some((cells.first()?.to_string(), (grade(cells, one)?, grade(cells, two)?)));
            let graded: BTreeMap<_, _> = rows.iter().filter_map(of).collect();
            (!graded.is_empty()).then_some((id, graded))
        };
        Grades(ConcernId::ALL.into_iter().filter_map(both).collect())
    }

    /// The concerns that are graded.
    pub fn concerns(&self) -> impl Iterator<Item = ConcernId> + '_ {
        self.0.keys().copied()
    }

    /// What both said of a file.
    fn both(&self, id: ConcernId, name: &str) -> Option<(f32, f32)> {
        self.0.get(&id)?.get(name).copied()
    }

    /// The mean of both.
    pub fn mean(&self, id: ConcernId, name: &str) -> Option<f32> {
        self.both(id, name).map(|(one, two)| (one + two) / 2.0)
    }
}

/// How each measure ranks the faces that are graded.
pub fn table(seen: &[SeenPhoto], folders: &[PathBuf], grades: &Grades) -> String {
    let names = folders.iter().map(|folder| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let head = ["concern", "graded", "of the graders with each other", "of the measure with their mean"];
    let mut out = Table::new(head.into_iter().map(String::from).chain(names));
    for id in grades.concerns() {
        let of = |within: Option<&PathBuf>| {
            let here = seen.iter().filter(|s| within.is_none_or(|folder| s.folder == *folder));
            here.filter_map(|s| Some((grades.both(id, &s.name)?, s.values.get(&id).copied()))).collect::<Vec<_>>()
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
    out.under(
        "Graded by eye",
        "Spearman of two graders, 0 to 10, with each other, and of the measure with their mean: over all, and in each folder.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_that_one_grader_could_not_grade_is_left_out() {
        let text = "file,redness 1,redness 2,acne 1\na.jpg,3,4,0\nb.jpg,,2,1\n";
        let grades = Grades::of(text);
        assert_eq!(grades.concerns().collect::<Vec<_>>(), [ConcernId::Redness]);
        assert_eq!(["a.jpg", "b.jpg"].map(|name| grades.mean(ConcernId::Redness, name)), [Some(3.5), None]);
        assert!(Grades::of("").0.is_empty());
    }
}
