//! Networks of others: described by a manifest, of another shape than ours, and what a report says of one that fails.

#![cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]

use serde_json::{json, Value};
use shine_skin::analyzer::AnalyzerParams;
use shine_skin::engine::{Model, Tensor};
use shine_skin::error::{Error, ErrorCode, Result};
use shine_skin::examine::examine;
use shine_skin::frame::{decode, Frame, Limits, Pyramid};
use shine_skin::native::{load, ModelSource};
use shine_skin::network::{Description, Network};
use shine_skin::paint::{Dose, Family, Mark, Recipe};
use shine_skin::report::{ConcernId, Reason};
use shine_skin::store::{ModelFile, Role, SelectedModel};
use shine_skin::surface::Place;

/// What a model answers.
type Answer = fn(&Tensor) -> Result<Vec<Tensor>>;

/// A model that answers as a function says.
struct Made(Answer);

impl Model for Made {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        (self.0)(input)
    }

    fn executor(&self) -> &'static str {
        "onnx"
    }
}

fn selected(role: Role, input: Value, output: Value) -> SelectedModel {
    let file = ModelFile { format: "onnx".into(), url: "mine.onnx".into(), bytes: 1, sha256: "00".repeat(32) };
    SelectedModel {
        id: "mine".into(),
        version: "1".into(),
        role,
        file,
        self_test: None,
        input: input.to_string(),
        output: output.to_string(),
    }
}

/// Colours by plane, 192 × 192.
fn colours() -> Value {
    json!({ "shape": [1, 3, 192, 192], "layout": "NCHW", "colour": "BGR", "range": [0, 1], "mean": [0.1, 0.2, 0.3],
            "std": [0.5, 0.5, 0.5], "crop": "aligned-square", "margin": 0.05 })
}

/// Background and pimple, of half the size.
fn pimples() -> Value {
    json!({ "classes": { "shape": [1, 2, 96, 96], "activation": "softmax", "labels": ["nothing", "pimple"],
                         "concerns": [null, "acne"], "cover": "" } })
}

/// Calls a pimple what is redder than all around it, told from the numbers that the description asks for.
fn redder(input: &Tensor) -> Result<Vec<Tensor>> {
    assert_eq!(input.shape, [1, 3, 192, 192]);
    let area = 192 * 192;
    let colour = |c: usize, i: usize| input.data[c * area + i] * 0.5 + [0.1, 0.2, 0.3][c];
    let red: Vec<f32> = (0..area).map(|i| (colour(2, i).max(0.02) / colour(1, i).max(0.02)).ln()).collect();
    let at = |x: isize, y: isize| red[y.clamp(0, 191) as usize * 192 + x.clamp(0, 191) as usize];
    let mut logits = vec![0.0; 2 * 96 * 96];
    for i in 0..96 * 96 {
        let (x, y) = (2 * (i % 96) as isize, 2 * (i / 96) as isize);
        let around: f32 = [(-9, 0), (9, 0), (0, -9), (0, 9)].iter().map(|(u, v)| at(x + u, y + v)).sum::<f32>() / 4.0;
        let middle: f32 =
            (-1..2).flat_map(|v| (-1..2).map(move |u| (x + u, y + v))).map(|(x, y)| at(x, y)).sum::<f32>() / 9.0;
        logits[96 * 96 + i] = 120.0 * (middle - around - 0.03);
    }
    Ok(vec![Tensor { shape: vec![1, 2, 96, 96], data: logits }])
}

/// The same, with the other class as likely everywhere.
fn hatted(input: &Tensor, logit: f32) -> Result<Vec<Tensor>> {
    let mut answer = redder(input)?;
    answer[0].data[..96 * 96].fill(logit);
    Ok(answer)
}

#[test]
fn a_segmenter_of_another_shape_feeds_the_concern_that_its_manifest_names() {
    let model = selected(Role::SkinSegmentation, colours(), pimples());
    let description = Description::of(&model).unwrap().unwrap();
    let network = Network::new("mine".into(), Box::new(Made(redder)), description);
    let recipe = Recipe { seed: 5, family: Family::B, dose: Dose::Appearance, concern: ConcernId::Acne, amount: 0.6 };
    let sample = recipe.on_head(3).unwrap();
    let params = AnalyzerParams::default();
    let found = examine(&Pyramid::new(&sample.frame), &sample.mesh, Some(&network), &params);
    assert_eq!(found.segmented.as_ref().unwrap().as_ref().unwrap(), &[ConcernId::Acne]);
    let scale = sample.mesh.interocular() / 63.0;
    let lesions = found.concerns[&ConcernId::Acne].0.as_ref().unwrap();
    let large: Vec<_> = sample.truth.marks.iter().filter(|mark| mark.radius_mm > 1.2).collect();
    let near = |place: &Place, mark: &Mark| {
        place.polygon.iter().any(|p| p.distance(mark.center) < (mark.radius_mm + 1.0) * scale)
    };
    // So plain a network misses some; one whose picture lay elsewhere would hit none.
    let hits = large.iter().filter(|mark| lesions.findings.iter().any(|place| near(place, mark))).count();
    let right = lesions.findings.iter().filter(|place| sample.truth.marks.iter().any(|mark| near(place, mark))).count();
    assert!(large.len() > 5 && 5 * hits >= 3 * large.len(), "{hits} of {}", large.len());
    assert!(4 * right >= 3 * lesions.findings.len(), "{right} of {} findings", lesions.findings.len());
    // What lies under a hat is no lesion.
    let hat = json!({ "classes": { "shape": [1, 2, 96, 96], "activation": "sigmoid", "labels": ["hat", "pimple"],
                                   "concerns": [null, "acne"], "cover": "hat" } });
    let description = Description::of(&selected(Role::SkinSegmentation, colours(), hat)).unwrap().unwrap();
    let findings = |model: Answer| {
        let network = Network::new("mine".into(), Box::new(Made(model)), description.clone());
        let found = examine(&Pyramid::new(&sample.frame), &sample.mesh, Some(&network), &params);
        found.concerns[&ConcernId::Acne].0.as_ref().unwrap().findings.len()
    };
    assert!(findings(|input| hatted(input, -9.0)) > 5);
    assert_eq!(findings(|input| hatted(input, 9.0)), 0);
    // What it does not feed is measured as without it.
    let without = examine(&Pyramid::new(&sample.frame), &sample.mesh, None, &params);
    let value =
        |found: &shine_skin::examine::Examined| found.concerns[&ConcernId::DarkCircles].0.as_ref().unwrap().value;
    assert!(without.segmented.is_none());
    assert_eq!(value(&found), value(&without));
}

/// A photo of twice the size: fine enough for lesions.
fn twice(frame: &Frame) -> Frame {
    let (width, height) = (frame.width() as u32, frame.height() as u32);
    let picture = image::RgbImage::from_raw(width, height, frame.rgb().to_vec()).unwrap();
    let large = image::imageops::resize(&picture, 2 * width, 2 * height, image::imageops::FilterType::Triangle);
    Frame::from_rgb(2 * width as usize, 2 * height as usize, large.into_raw()).unwrap()
}

#[test]
fn one_that_fails_is_told_of_and_costs_nothing_else() {
    let source = ModelSource::Directory(concat!(env!("CARGO_MANIFEST_DIR"), "/models/dist").into());
    let photo = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/www/page/sample/astronaut.png")).unwrap();
    let small = decode(&photo, &Limits::default()).unwrap();
    let frame = twice(&small);
    let labels = json!({ "classes": { "shape": [1, 2], "activation": "none", "labels": ["a", "b"],
                                      "concerns": [null, "wrinkles"] } });
    let roles =
        [selected(Role::SkinSegmentation, colours(), pimples()), selected(Role::SkinClassifier, colours(), labels)];
    let analyzer = || load(&source, "closed-forms", AnalyzerParams::default()).unwrap().expecting(&roles);
    let says = |with: Option<Answer>| {
        let mut analyzer = analyzer();
        for (role, answer) in roles.iter().zip(with.map(|answer| [answer; 2]).into_iter().flatten()) {
            analyzer.add(role.clone(), Box::new(Made(answer))).unwrap();
        }
        (analyzer.analyze(&frame).unwrap().faces.remove(0), analyzer.analyze(&small).unwrap().faces.remove(0))
    };
    let plain =
        load(&source, "closed-forms", AnalyzerParams::default()).unwrap().analyze(&frame).unwrap().faces.remove(0);
    assert_eq!((plain.segmentation.is_none(), plain.classification.is_none()), (true, true));
    assert!(plain.unavailable.is_empty(), "a release without them misses nothing: {:?}", plain.unavailable);
    let short: Answer = |_| Ok(vec![Tensor { shape: vec![1], data: vec![f32::NAN] }]);
    let odd: Answer = |_| Ok(vec![Tensor { shape: vec![1, 2], data: vec![f32::NAN; 2] }]);
    let failing: Answer = |_| Err(Error::new(ErrorCode::InferenceFailed, "no"));
    let cases = [
        (None, Reason::ModelMissing),
        (Some(short), Reason::ModelFailed),
        (Some(odd), Reason::ModelFailed),
        (Some(failing), Reason::ModelFailed),
    ];
    for (answer, why) in cases {
        let (face, coarse) = says(answer);
        // Of lesions, which such a photo does not show, a segmenter is not asked, whether it has come or not.
        assert_eq!(coarse.unavailable.get("segmentation"), None);
        assert_eq!(coarse.segmentation.unwrap().concerns, []);
        for part in ["segmentation", "classification"] {
            assert_eq!(face.unavailable[part], why, "{part}");
        }
        let score = |face: &shine_skin::report::FaceReport| face.concerns[&ConcernId::Redness].score;
        assert_eq!(score(&face), score(&plain));
    }
    let classes: Answer = |_| Ok(vec![Tensor { shape: vec![1, 2], data: vec![0.25, 0.5] }]);
    let categories = says(Some(classes)).0.classification.unwrap().categories;
    let told: Vec<_> = categories.iter().map(|c| (c.label.as_str(), c.score, c.concern)).collect();
    assert_eq!(told, [("b", 0.5, Some(ConcernId::Wrinkles)), ("a", 0.25, None)]);
}

#[test]
fn what_does_not_fit_is_refused_by_its_field() {
    let cases: [(&str, Value, &str); 16] = [
        ("/input/shape", json!([1, 192, 192, 3]), "input.shape: it is of three colours"),
        ("/input/shape", json!([2, 3, 64, 64]), "input.shape and layout: it is one picture"),
        ("/input/shape", json!([1, 3, 4, 4096]), "8 to 1024 pixels"),
        ("/input/shape", json!("big"), "input: it is not said, or can't be read"),
        ("/input/layout", json!("CHWN"), "input.shape and layout"),
        ("/input/colour", json!("Lab"), "input.colour: it is RGB or BGR"),
        ("/input/colour", json!("density"), "or density, of a face-frame, without mean and std"),
        ("/input/range", json!([1, 0]), "input.range"),
        ("/input/std", json!([1, 0, 1]), "input.mean and std"),
        ("/input/margin", json!(-1), "input.margin"),
        ("/output/classes/labels", json!(["one"]), "output.classes.shape: it has a channel for each of the labels"),
        ("/output/classes/concerns", json!([null, "redness"]), "a segmenter feeds acne and darkSpots"),
        ("/output/classes/concerns", json!(["acne"]), "it is one for each of the labels"),
        ("/output/classes/cover", json!("hat"), "output.classes.cover: it is one of a segmenter's labels"),
        (
            "/output/classes/cover",
            json!("pimple"),
            "output.classes.cover: it is one of a segmenter's labels, which feeds no",
        ),
        ("/output/classes", json!(null), "output: it is not said, or can't be read"),
    ];
    for (pointer, wrong, says) in cases {
        let mut whole = json!({ "input": colours(), "output": pimples() });
        *whole.pointer_mut(pointer).unwrap() = wrong;
        let model = selected(Role::SkinSegmentation, whole["input"].clone(), whole["output"].clone());
        let error = Description::of(&model).unwrap_err();
        assert_eq!(error.code, ErrorCode::ModelIncompatible, "{pointer}");
        assert!(error.message.contains(says) && error.message.starts_with("mine: "), "{pointer}: {}", error.message);
    }
    let bare = selected(Role::SkinClassifier, Value::Null, Value::Null);
    assert!(Description::of(&bare).unwrap_err().message.contains("input: it is not said"));
    // The roles whose form is this library's own.
    let mesh = |pointer: &str, other: Value| {
        let mut input = json!({ "shape": [1, 192, 192, 3], "layout": "NHWC", "colour": "RGB", "range": [0, 1], "crop": "aligned-square" });
        *input.pointer_mut(pointer).unwrap() = other;
        Description::of(&selected(Role::FaceMesh, input, Value::Null))
    };
    assert!(mesh("/colour", json!("RGB")).unwrap().is_none());
    for (pointer, other) in [("/shape", json!([1, 256, 256, 3])), ("/colour", json!("BGR")), ("/range", json!([-1, 1]))]
    {
        let error = mesh(pointer, other).unwrap_err();
        assert!(error.message.contains("a face-mesh 1 × 192 × 192 × 3 from 0 to 1, RGB"), "{pointer}");
    }
    assert!(Description::of(&SelectedModel {
        input: String::new(),
        ..selected(Role::FaceDetector, Value::Null, Value::Null)
    })
    .unwrap()
    .is_none());
}
