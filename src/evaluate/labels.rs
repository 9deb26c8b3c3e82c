//! Photos whose amounts somebody has labelled.

use std::collections::BTreeMap;
use std::path::Path;

use super::grades::Grades;
use super::photos::SeenPhoto;
use super::statistics::{auc, spearman};
use super::table::{number, Table};
use crate::error::{Error, ErrorCode, Result};
use crate::report::ConcernId;

pub(super) fn read(path: &Path) -> Result<String> {
    let failed = |why| Error::new(ErrorCode::InvalidOptions, format!("{} can't be read: {why}", path.display()));
    std::fs::read_to_string(path).map_err(failed)
}

/// Spearman of each measure, and of the overall score, with each column of numbers of a folder's
/// `labels.csv`; nothing where there is none. Two columns `born` and `latest_congress_start` are an age.
/// What graders said by eye is compared with them too.
pub fn table(seen: &[SeenPhoto], folder: &Path, grades: Option<&Grades>) -> Result<String> {
    let path = folder.join("labels.csv");
    if !path.exists() {
        return Ok(String::new());
    }
    let text = read(&path)?;
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let mut columns: BTreeMap<String, BTreeMap<String, f32>> = BTreeMap::new();
    for cells in lines {
        let Some(file) = cells.first() else { continue };
        let number = |name: &str| head.iter().position(|h| *h == name).and_then(|i| cells.get(i)?.parse::<f32>().ok());
        if let (Some(born), Some(year)) = (number("born"), number("latest_congress_start")) {
            columns.entry("age".into()).or_default().insert(file.to_string(), year - born);
            continue;
        }
        for (name, cell) in head.iter().zip(&cells).skip(1) {
            if let Ok(value) = cell.parse() {
                columns.entry(name.to_string()).or_default().insert(file.to_string(), value);
            }
        }
    }
    columns.retain(|name, _| name != "px");
    if columns.is_empty() {
        return Ok(String::new());
    }
    let mut out = Table::new(std::iter::once("concern").chain(columns.keys().map(String::as_str)));
    let row = |name: String, value: &dyn Fn(&SeenPhoto) -> Option<f32>| {
        let of = |labels: &BTreeMap<String, f32>| {
            let here = seen.iter().filter(|s| s.folder == folder);
            let pairs: Vec<_> = here.filter_map(|s| Some((*labels.get(&s.name)?, value(s)?))).collect();
            format!("{} of {}", number(spearman(&pairs), 3), pairs.len())
        };
        std::iter::once(name).chain(columns.values().map(of)).collect::<Vec<_>>()
    };
    for id in ConcernId::ALL {
        out.row(row(format!("{id:?}, measure"), &|s| s.values.get(&id).copied()));
    }
    out.row(row("overall score".into(), &|s| s.overall));
    if let Some(grades) = grades {
        for id in grades.concerns() {
            out.row(row(format!("{id:?}, graded by eye"), &|s| grades.mean(id, &s.name)));
        }
    }
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(out.under(
        &format!("Labels of {folder}"),
        "Spearman of each measure, and of what graders said by eye, with each label, and how many photos had both.",
    ))
}

/// How well the wrinkle measure tells two lists of faces apart.
pub fn ages(seen: &[SeenPhoto], path: &Path) -> Result<String> {
    let lists: BTreeMap<String, serde_json::Value> = serde_json::from_str(&read(path)?)
        .map_err(|why| Error::new(ErrorCode::InvalidOptions, format!("{} is no list: {why}", path.display())))?;
    let of = |list: &str, id: ConcernId| -> Vec<f32> {
        let names = lists.get(list).and_then(|l| l.as_array()).into_iter().flatten().filter_map(|n| n.as_str());
        names.filter_map(|n| seen.iter().find(|s| s.name == n)?.values.get(&id).copied()).collect()
    };
    let mut out = Table::new(["measure", "old", "young", "AUC"]);
    for id in [ConcernId::Wrinkles, ConcernId::Texture, ConcernId::DarkSpots] {
        let (old, young) = (of("old", id), of("young", id));
        out.row([format!("{id:?}"), old.len().to_string(), young.len().to_string(), number(auc(&old, &young), 3)]);
    }
    Ok(out.under(
        "Visibly old and visibly young",
        "The probability that the measure of an old face exceeds that of a young one; how many faces were measured.",
    ))
}
