//! Networks that look at a face's skin: ours, or anyone's whose manifest says what it takes and what it tells.
//!
//! A segmenter tells what each place of a face shows, and feeds measures ([`Segments`]); a classifier tells what all of a face is
//! like, and its labels are reported as they are.

mod classes;
mod segments;
mod view;

use crate::engine::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::frame::Pyramid;
use crate::geometry::Point;
use crate::mesh::Mesh;
use crate::region::SkinMap;
use crate::report::ConcernId;
use crate::skin;
use crate::store::{Form, Output, Role, SelectedModel};
pub use classes::Classes;
pub use segments::Segments;
pub use view::View;

/// What a network takes and tells.
#[derive(Clone, Debug)]
pub struct Description {
    view: View,
    classes: Classes,
}

impl Description {
    /// Reads what a manifest says of a model; `None` of a role whose form is this library's own, once it has that form.
    ///
    /// # Errors
    /// `model-incompatible`, with what does not fit.
    pub fn of(model: &SelectedModel) -> Result<Option<Description>> {
        let refused = |what: &str| Error::new(ErrorCode::ModelIncompatible, format!("{}: {what}", model.id));
        let input: Option<Form> = serde_json::from_slice(model.input.as_bytes()).ok();
        let (side, low) = match model.role {
            Role::FaceDetector => (128, -1.0),
            Role::FaceMesh => (192, 0.0),
            _ => (0, 0.0),
        };
        if side > 0 {
            // Manifests from before this was asked do not all say it.
            let fits = |form: Form| {
                let colours =
                    matches!(&form.colour[..], "" | "RGB") && (form.range.is_empty() || form.range == [low, 1.0]);
                colours && form.shape == [1, side, side, 3] && form.layout == "NHWC"
            };
            return match model.input.is_empty() || input.is_some_and(fits) {
                true => Ok(None),
                false => Err(refused(
                    "input: a face-detector takes 1 × 128 × 128 × 3 from -1 to 1, a face-mesh 1 × 192 × 192 × 3 from 0 to 1, RGB as NHWC",
                )),
            };
        }
        let input = input.ok_or_else(|| refused("input: it is not said, or can't be read"))?;
        let output: Output = serde_json::from_slice(model.output.as_bytes())
            .map_err(|_| refused("output: it is not said, or can't be read"))?;
        let view = View::new(&input).map_err(&refused)?;
        if view.density.is_some() && model.role == Role::SkinClassifier {
            return Err(refused("input.colour: a classifier takes RGB or BGR"));
        }
        if model.self_test.as_ref().is_some_and(|test| test.shape != input.shape) {
            return Err(refused("selfTest.shape: it is that of the input"));
        }
        let picture = (model.role == Role::SkinSegmentation).then_some(view.planar);
        let classes = Classes::new(output.classes, picture).map_err(refused)?;
        Ok(Some(Description { view, classes }))
    }

    /// The concerns that its classes feed.
    fn feeds(&self) -> impl Iterator<Item = ConcernId> + '_ {
        self.classes.feeds.iter().copied().flatten()
    }

    /// Whether a network is shown a face: one that feeds only what is too small to be seen on its photo is not.
    pub fn sees(&self, mesh: &Mesh) -> bool {
        let classifies = self.classes.size == (1, 1);
        classifies || self.feeds().any(|id| skin::is_fine(id, mesh.px_per_mm()))
    }

    /// Pixels of a photo of a size for one of the network's picture of a face; the middle of that, where it is not that of the face's map;
    /// and how far its corners lie from there, pixels of the photo. Nothing of one that is shown no photo.
    pub fn reach(&self, size: (usize, usize), mesh: &Mesh) -> Option<(f32, Option<Point>, f32)> {
        self.view.reach(size, mesh)
    }

    /// What the network is given of a face.
    ///
    /// # Errors
    /// `invalid-options` of one that takes densities, which are a surface's.
    pub fn input(&self, photo: &Pyramid, mesh: &Mesh, map: &SkinMap) -> Result<Tensor> {
        if self.view.density.is_some() {
            return Err(Error::new(ErrorCode::InvalidOptions, "a network of densities is trained on patches"));
        }
        Ok(self.view.of_photo(photo, &self.view.place(photo, mesh, map)))
    }
}

/// A network, and what it takes and tells.
pub struct Network {
    /// Its name in the manifest.
    pub id: String,
    model: Box<dyn Model>,
    description: Description,
}

/// A class of a face, and how much it is so, 0–1.
pub struct Category<'a> {
    /// Its name.
    pub label: &'a str,
    /// How much.
    pub score: f32,
    /// The concern that the manifest gives it to.
    pub concern: Option<ConcernId>,
}

impl Network {
    /// A model as its manifest describes it.
    pub fn new(id: String, model: Box<dyn Model>, description: Description) -> Network {
        Network { id, model, description }
    }

    /// What it takes and tells.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Classifies a face: its classes, the likeliest first.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn classify(&self, photo: &Pyramid, mesh: &Mesh, map: &SkinMap) -> Result<Vec<Category<'_>>> {
        let classes = &self.description.classes;
        let scores = classes.probabilities(&self.run(&self.description.input(photo, mesh, map)?)?)?;
        let all = classes.labels.iter().zip(&classes.feeds).zip(scores);
        let all = all.map(|((label, concern), score)| Category { label, score: score[0], concern: *concern }).collect();
        Ok(crate::quantile::descending(all, |category| category.score))
    }

    fn run(&self, input: &Tensor) -> Result<Tensor> {
        let answer = self.model.run(input)?.into_iter().next();
        answer.ok_or_else(|| Error::new(ErrorCode::InferenceFailed, "the network answers with nothing"))
    }
}
