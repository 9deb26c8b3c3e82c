//! `shine-skin models inputs`: what a network would be given of photos, to train it on just that.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::add::{describe, parse};
use super::compile::read;
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::engine::Tensor;
use crate::error::{Error, ErrorCode, Result};
use crate::evaluate::photo_files;
use crate::frame::{decode, Limits, Pyramid};
use crate::native::ModelSource;
use crate::network::Description;
use crate::region::{FaceGrid, SkinMap};

/// Writes the input of each photo's largest face to the standard output, little-endian floats, in the order of the photos; a folder
/// stands for its pictures, by name. What can't be read or shows no face is named on the standard error and left out.
///
/// # Errors
/// Of the description and of the models; `invalid-options` where no photo is left.
pub fn run(description: &Path, models: Option<&str>, photos: &[PathBuf]) -> Result<String> {
    let entry = parse(description, &read(description)?)?;
    let network = describe(entry["id"].as_str().unwrap_or_default(), &entry)?;
    let source = models.map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = crate::native::load(&source, "stable", AnalyzerParams::default())?;
    let mut out = std::io::stdout().lock();
    let mut written = 0;
    for path in files(photos)? {
        match input(&analyzer, &network, &path) {
            Ok(tensor) => {
                let bytes: Vec<u8> = tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect();
                out.write_all(&bytes).map_err(|e| Error::new(ErrorCode::Internal, e.to_string()))?;
                written += 1;
            }
            Err(error) => eprintln!("left out: {}: {error}", path.display()),
        }
    }
    match written {
        0 => Err(Error::new(ErrorCode::InvalidOptions, "none of the photos shows a face")),
        _ => Ok(String::new()),
    }
}

/// Photos, and the pictures of folders.
fn files(photos: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in photos {
        match path.is_dir() {
            true => files.append(&mut photo_files(std::slice::from_ref(path))?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

fn input(analyzer: &Analyzer, network: &Description, path: &Path) -> Result<Tensor> {
    let frame = decode(&read(path)?, &Limits::default())?;
    let (photo, params) = (Pyramid::new(&frame), AnalyzerParams::default());
    let mesh = analyzer
        .largest(&photo)?
        .ok_or_else(|| Error::new(ErrorCode::InvalidOptions, "no face with a mesh is seen"))?;
    let map = SkinMap::find(FaceGrid::cut(&photo, &mesh, &params.grid), &mesh, &params.skin_colour);
    network.input(&photo, &mesh, &map)
}
