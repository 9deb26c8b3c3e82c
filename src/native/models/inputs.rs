//! `shine-skin models inputs`: what a network would be given of photos, to train it on just that.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::add::{describe, parse};
use super::compile::read;
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::engine::Tensor;
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{decode, Limits, Pyramid};
use crate::mesh::Mesh;
use crate::native::ModelSource;
use crate::network::Description;
use crate::region::{FaceGrid, SkinMap};

/// Writes the input of each photo's largest face to the standard output, little-endian floats, in the order of the photos.
///
/// # Errors
/// Of the description and of the models; of a photo that can't be read or shows no face, which it names.
pub fn run(description: &Path, models: Option<&str>, photos: &[PathBuf]) -> Result<String> {
    let entry = parse(description, &read(description)?)?;
    let network = describe(entry["id"].as_str().unwrap_or_default(), &entry)?;
    let source = models.map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = crate::native::load(&source, "stable", AnalyzerParams::default())?;
    let mut out = std::io::stdout().lock();
    for path in photos {
        let tensor = input(&analyzer, &network, path)
            .map_err(|e| Error::new(e.code, format!("{}: {}", path.display(), e.message)))?;
        let bytes: Vec<u8> = tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect();
        out.write_all(&bytes).map_err(|e| Error::new(ErrorCode::Internal, e.to_string()))?;
    }
    Ok(String::new())
}

fn input(analyzer: &Analyzer, network: &Description, path: &Path) -> Result<Tensor> {
    let frame = decode(&read(path)?, &Limits::default())?;
    let face = analyzer.analyze(&frame)?.faces.into_iter().next();
    let points = face.and_then(|face| face.landmarks).into_iter().flatten().map(|p| p.map(|c| c as f32)).collect();
    let mesh = Mesh::new(points).ok_or_else(|| Error::new(ErrorCode::InvalidOptions, "it shows no face"))?;
    let (photo, params) = (Pyramid::new(&frame), AnalyzerParams::default());
    let map = SkinMap::find(FaceGrid::cut(&photo, &mesh, &params.grid), &mesh, &params.skin_colour);
    network.input(&photo, &mesh, &map)
}
