//! `shine-skin models inputs`: what a network would be given of photos, to train it on just that.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::add::{describe, parse};
use super::compile::read;
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::engine::Tensor;
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{decode, Frame, Limits, Pyramid};
use crate::native::ModelSource;
use crate::network::Description;
use crate::region::{FaceGrid, SkinMap};

/// Writes the input of each photo's largest face to the standard output, little-endian floats, in the order of the photos; a folder
/// stands for its files, by name, of which those that can't be read or show no face are named on the standard error and left out.
///
/// # Errors
/// Of the description and of the models; of a photo that is named itself and can't be read or shows no face; `invalid-options`
/// where no photo is left.
pub fn run(description: &Path, models: Option<&str>, photos: &[PathBuf]) -> Result<String> {
    let entry = parse(description, &read(description)?)?;
    let network = describe(entry["id"].as_str().unwrap_or_default(), &entry)?;
    let source = models.map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = crate::native::load(&source, "stable", AnalyzerParams::default())?;
    let mut out = std::io::stdout().lock();
    let mut written = 0;
    for (path, listed) in files(photos)? {
        let seen = read(&path).and_then(|bytes| decode(&bytes, &Limits::default()));
        let given = match seen {
            Ok(frame) => input(&analyzer, &network, &frame)?
                .ok_or_else(|| Error::new(ErrorCode::InvalidOptions, "no face with a mesh is seen")),
            Err(error) => Err(error),
        };
        match given {
            Ok(tensor) => {
                let bytes: Vec<u8> = tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect();
                out.write_all(&bytes).map_err(|e| Error::new(ErrorCode::Internal, e.to_string()))?;
                written += 1;
            }
            Err(error) if listed => eprintln!("left out: {}: {error}", path.display()),
            Err(Error { code, message }) => return Err(Error::new(code, format!("{}: {message}", path.display()))),
        }
    }
    match written {
        0 => Err(Error::new(ErrorCode::InvalidOptions, "none of the photos shows a face")),
        _ => Ok(String::new()),
    }
}

/// Photos, and the files of folders; whether a folder has listed it.
fn files(photos: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut files = Vec::new();
    for path in photos {
        if !path.is_dir() {
            files.push((path.clone(), false));
            continue;
        }
        let unread = |e| Error::new(ErrorCode::InvalidOptions, format!("{} can't be read: {e}", path.display()));
        let mut within = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unread)? {
            within.push(entry.map_err(unread)?.path());
        }
        within.sort();
        files.extend(within.into_iter().filter(|path| path.is_file()).map(|path| (path, true)));
    }
    Ok(files)
}

/// What the network is given; `None` where no mesh fits.
fn input(analyzer: &Analyzer, network: &Description, frame: &Frame) -> Result<Option<Tensor>> {
    let (photo, params) = (Pyramid::new(frame), AnalyzerParams::default());
    let Some(mesh) = analyzer.largest(&photo)? else { return Ok(None) };
    let map = SkinMap::find(FaceGrid::cut(&photo, &mesh, &params.grid), &mesh, &params.skin_colour);
    network.input(&photo, &mesh, &map).map(Some)
}
