//! What a network tells: classes by name, as probabilities, and the concerns that they feed.

use crate::engine::Tensor;
use crate::error::{Error, ErrorCode, Result};
use crate::report::ConcernId;
use crate::store::Form;

/// Most classes.
const MOST: usize = 64;

/// Most values of an answer: 16 MB.
const MOST_VALUES: usize = 1 << 22;

#[derive(Clone, Copy, Debug)]
enum Activation {
    None,
    Sigmoid,
    Softmax,
}

/// The classes of a network.
#[derive(Clone, Debug)]
pub struct Classes {
    /// Their names.
    pub labels: Vec<String>,
    /// The concern that each feeds.
    pub feeds: Vec<Option<ConcernId>>,
    /// Which of them is what lies over skin.
    pub cover: Option<usize>,
    /// Pixels across and down of a segmenter's answer; 1 × 1 of a classifier's.
    pub size: (usize, usize),
    planar: bool,
    activation: Activation,
    /// The answer's axes.
    shape: Vec<usize>,
}

impl Classes {
    /// The classes that a manifest describes; of a segmenter `picture` says whether each is a picture of its own.
    ///
    /// # Errors
    /// The field that does not fit, and what would.
    pub fn new(form: Form, picture: Option<bool>) -> std::result::Result<Classes, &'static str> {
        let Form { shape, activation, labels, concerns, cover, .. } = form;
        let count = labels.len();
        let size = match (picture, &shape[..]) {
            (None, &[1, n] | &[1, n, 1, 1] | &[1, 1, 1, n]) if n == count => (1, 1),
            (Some(false), &[1, height, width, n]) if n == count => (width, height),
            (Some(true), &[1, n, height, width]) if n == count => (width, height),
            _ => return Err("output.classes.shape: it has a channel for each of the labels, where the layout has it"),
        };
        let pixels = size.0.saturating_mul(size.1);
        if !(1..=MOST).contains(&count) || !(1..=MOST_VALUES).contains(&pixels.saturating_mul(count)) {
            return Err("output.classes.shape: it is 1 to 64 classes, and at most four million values");
        }
        let activation = match activation.as_str() {
            "none" => Activation::None,
            "sigmoid" => Activation::Sigmoid,
            "softmax" => Activation::Softmax,
            _ => return Err("output.classes.activation: it is none, sigmoid or softmax"),
        };
        let mut feeds = vec![None; count];
        if !concerns.is_empty() && concerns.len() != count {
            return Err("output.classes.concerns: it is one for each of the labels, or null");
        }
        for (feed, name) in feeds.iter_mut().zip(&concerns) {
            let Some(name) = name else { continue };
            *feed = ConcernId::ALL.into_iter().find(|id| id.as_str() == name);
            // What a segmenter sees feeds measures of single places.
            let fits = feed.is_some_and(|id| picture.is_none() || matches!(id, ConcernId::Acne | ConcernId::DarkSpots));
            if !fits {
                return Err(
                    "output.classes.concerns: a segmenter feeds acne and darkSpots, a classifier any of the nine",
                );
            }
        }
        let over = match &cover[..] {
            "" => None,
            _ => match labels.iter().position(|label| *label == cover) {
                Some(class) if picture.is_some() && feeds[class].is_none() => Some(class),
                _ => return Err("output.classes.cover: it is one of a segmenter's labels, which feeds no concern"),
            },
        };
        Ok(Classes { labels, feeds, cover: over, size, planar: picture == Some(true), activation, shape })
    }

    /// Of each class the probability at each pixel, 0–1; of a class of a picture that nothing asks for, nothing.
    ///
    /// # Errors
    /// `inference-failed` where an answer is not of these classes, or where one that is asked for is no number.
    pub fn probabilities(&self, answer: &Tensor) -> Result<Vec<Vec<f32>>> {
        let (count, pixels) = (self.labels.len(), self.size.0 * self.size.1);
        if answer.shape != self.shape || answer.data.len() != count * pixels {
            return Err(Error::new(ErrorCode::InferenceFailed, "the network's answer has another shape"));
        }
        let at = |c: usize, i: usize| answer.data[if self.planar { c * pixels + i } else { i * count + c }];
        // Of a pixel the greatest value, and what all classes have together beside it.
        let all = |i: usize| {
            let most = (0..count).map(|c| at(c, i)).fold(f32::NEG_INFINITY, f32::max);
            (most, (0..count).map(|c| (at(c, i) - most).exp()).sum::<f32>())
        };
        let soft: Vec<(f32, f32)> = match self.activation {
            Activation::Softmax => (0..pixels).map(all).collect(),
            _ => Vec::new(),
        };
        let mut planes = vec![Vec::new(); count];
        for (c, plane) in planes.iter_mut().enumerate() {
            if pixels > 1 && self.feeds[c].is_none() && self.cover != Some(c) {
                continue;
            }
            plane.reserve_exact(pixels);
            for i in 0..pixels {
                let value = match self.activation {
                    Activation::None => at(c, i),
                    Activation::Sigmoid => 1.0 / (1.0 + (-at(c, i)).exp()),
                    Activation::Softmax => soft.get(i).map_or(0.0, |(most, all)| (at(c, i) - most).exp() / all),
                };
                if !value.is_finite() {
                    return Err(Error::new(ErrorCode::InferenceFailed, "the network answers with no number"));
                }
                plane.push(value.clamp(0.0, 1.0));
            }
        }
        Ok(planes)
    }
}
