//! A face that is followed through a video is where a look at each frame finds it.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::path::PathBuf;

use image::imageops::{resize, FilterType};
use image::RgbImage;
use shine_skin::analyzer::{Analyzer, AnalyzerParams};
use shine_skin::frame::{decode, Frame, Limits, Part};
use shine_skin::geometry::Rect;
use shine_skin::native::{load, ModelSource};
use shine_skin::preview::{Preview, Side};
use shine_skin::quality::QualityIssue;
use shine_skin::report::DetectionReport;
use shine_skin::store::Flags;
use shine_skin::track::Tracker;

const SIZE: (usize, usize) = (640, 800);

fn analyzer() -> Analyzer {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/dist");
    load(&ModelSource::Directory(models), "stable", AnalyzerParams::default()).expect("run ./build.sh models first")
}

/// A frame of a video of the astronaut: her face from near, moved by some pixels and a little larger each time.
fn shot(k: usize) -> RgbImage {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/page/sample/astronaut.png");
    let photo = decode(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
    let photo = RgbImage::from_raw(512, 512, photo.rgb().to_vec()).unwrap();
    let width = 200 - 3 * k as u32;
    let near = image::imageops::crop_imm(&photo, 125 + 4 * k as u32, 10, width, width * 5 / 4).to_image();
    resize(&near, SIZE.0 as u32, SIZE.1 as u32, FilterType::Triangle)
}

fn frame(picture: &RgbImage) -> Frame {
    Frame::from_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw().clone()).unwrap()
}

/// What a host would draw.
fn drawn(picture: &RgbImage, part: &Part) -> Frame {
    let Rect { x, y, width, height } = part.rect;
    let cut = image::imageops::crop_imm(picture, x as u32, y as u32, width as u32, height as u32).to_image();
    frame(&resize(&cut, part.columns as u32, part.rows as u32, FilterType::Triangle))
}

fn overlap(a: &DetectionReport, b: &DetectionReport) -> f32 {
    let rect = |r: &DetectionReport| {
        let b = &r.bounding_box;
        Rect { x: b.origin_x as f32, y: b.origin_y as f32, width: b.width as f32, height: b.height as f32 }
    };
    rect(a).iou(&rect(b))
}

/// A tracker that has seen the first frame, at a time.
fn begun(analyzer: &Analyzer, now: f64) -> (Tracker, DetectionReport) {
    let mut tracker = Tracker::default();
    assert_eq!(tracker.part(analyzer, SIZE, now), None, "nothing is known of the first frame");
    let part = analyzer.reduced(SIZE.0, SIZE.1).unwrap();
    let found = analyzer.begin_tracking(&mut tracker, &drawn(&shot(0), &part), &part).unwrap();
    let mut found = found.expect("a large face");
    assert_eq!(found.len(), 1);
    (tracker, found.remove(0))
}

#[test]
fn a_reduced_photo_has_the_same_large_face() {
    let analyzer = analyzer();
    let part = analyzer.reduced(SIZE.0, SIZE.1).unwrap();
    let found = analyzer.detect_large(&drawn(&shot(0), &part), &part).unwrap().unwrap();
    let expected = analyzer.detect(&frame(&shot(0))).unwrap();
    assert_eq!((found.len(), expected.len()), (1, 1));
    assert!(overlap(&found[0], &expected[0]) > 0.95);
    // Of a small face nothing is said, though it is found.
    let mut small = RgbImage::from_pixel(512, 512, image::Rgb([90, 120, 90]));
    image::imageops::overlay(&mut small, &resize(&shot(0), 192, 240, FilterType::Triangle), 160, 130);
    assert!(analyzer.detect_large(&frame(&small), &Part::whole(512, 512)).unwrap().is_none());
    assert_eq!(analyzer.detect(&frame(&small)).unwrap().len(), 1);
}

#[test]
fn a_face_is_followed_through_a_video() {
    let analyzer = analyzer();
    let (mut tracker, first) = begun(&analyzer, 0.0);
    for k in 0..12 {
        let part = tracker.part(&analyzer, SIZE, 40.0 * k as f64 + 1.0).expect("a face is followed");
        assert!(part.columns * part.rows < 330 * 330, "{part:?}");
        let found = analyzer.follow(&mut tracker, &drawn(&shot(k), &part), &part).unwrap().expect("it is there");
        let expected = &analyzer.detect(&frame(&shot(k))).unwrap()[0];
        assert!(overlap(&found, expected) > 0.85, "{k}: {}", overlap(&found, expected));
        let eyes = expected.keypoints[1].x - expected.keypoints[0].x;
        let off = |other: &DetectionReport| -> f64 {
            let pairs = found.keypoints.iter().zip(&other.keypoints);
            pairs.map(|(a, b)| (a.x - b.x).hypot(a.y - b.y)).fold(0.0, f64::max) / eyes
        };
        assert!(off(expected) < 0.35, "{k}: {}", off(expected));
        // Looking again and following make one path, in place and in score.
        assert_eq!(found.score, first.score);
        assert!(k > 0 || (off(&first) < 0.05 && overlap(&found, &first) > 0.95), "{}", off(&first));
    }
}

#[test]
fn what_a_release_switches_off_is_off() {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/dist");
    let off = Flags { second_look: false, tracking: false };
    let params = AnalyzerParams::default().switched(off);
    let analyzer = load(&ModelSource::Directory(models), "stable", params).unwrap();
    let (mut tracker, _) = begun(&analyzer, 0.0);
    assert_eq!(tracker.part(&analyzer, SIZE, 40.0), None, "no face is followed");
    // A face that is an eighth of the photo takes a second look.
    let mut small = RgbImage::from_pixel(900, 900, image::Rgb([90, 120, 90]));
    image::imageops::overlay(&mut small, &resize(&shot(0), 64, 80, FilterType::Triangle), 700, 700);
    assert_eq!(analyzer.detect(&frame(&small)).unwrap().len(), 0);
}

#[test]
fn a_face_that_has_gone_is_lost_and_a_whole_frame_is_asked_for() {
    let analyzer = analyzer();
    let (mut tracker, _) = begun(&analyzer, 0.0);
    let part = tracker.part(&analyzer, SIZE, 40.0).unwrap();
    let nobody = RgbImage::from_pixel(part.columns as u32, part.rows as u32, image::Rgb([90, 120, 90]));
    assert!(analyzer.follow(&mut tracker, &frame(&nobody), &part).unwrap().is_none());
    assert_eq!(tracker.part(&analyzer, SIZE, 80.0), None);
    // So it is after a second, where time goes back, and in a video of another size.
    for (size, now) in [(SIZE, 1000.0), (SIZE, -1.0), ((SIZE.1, SIZE.0), 40.0)] {
        assert_eq!(begun(&analyzer, 0.0).0.part(&analyzer, size, now), None);
    }
}

#[test]
fn where_nobody_is_only_large_faces_are_looked_for_for_a_while() {
    let analyzer = analyzer();
    let mut tracker = Tracker::default();
    let nobody = RgbImage::from_pixel(SIZE.0 as u32, SIZE.1 as u32, image::Rgb([90, 120, 90]));
    let (whole, reduced) = (Part::whole(SIZE.0, SIZE.1), analyzer.reduced(SIZE.0, SIZE.1).unwrap());
    let mut look = |picture: &RgbImage, part: &Part, now: f64| {
        assert_eq!(tracker.part(&analyzer, SIZE, now), None);
        analyzer.begin_tracking(&mut tracker, &drawn(picture, part), part).unwrap().map(|faces| faces.len())
    };
    assert_eq!(look(&nobody, &reduced, 0.0), None, "all pixels are asked for");
    assert_eq!(look(&nobody, &whole, 0.0), Some(0));
    assert_eq!(look(&nobody, &reduced, 400.0), Some(0), "and not again so soon");
    assert_eq!(look(&nobody, &reduced, 600.0), None);
    assert_eq!(look(&nobody, &whole, 600.0), Some(0));
    assert_eq!(look(&shot(0), &reduced, 700.0), Some(1), "a large face is found at once");
}

/// The preview after some frames of a video, each made by `shot` of its number, 33 ms apart.
fn preview(shot: impl Fn(usize) -> RgbImage) -> Preview {
    let analyzer = analyzer();
    let mut tracker = Tracker::default();
    for k in 0..8 {
        let now = 33.0 * k as f64;
        let picture = shot(k);
        match tracker.part(&analyzer, SIZE, now) {
            Some(part) => {
                assert!(analyzer.follow(&mut tracker, &drawn(&picture, &part), &part).unwrap().is_some(), "{k}")
            }
            None => {
                let part = Part::whole(SIZE.0, SIZE.1);
                analyzer.begin_tracking(&mut tracker, &drawn(&picture, &part), &part).unwrap();
                assert!(tracker.preview().is_none(), "of a first frame nothing is known");
            }
        }
    }
    tracker.preview().expect("the face is followed").clone()
}

fn changed(mut picture: RgbImage, change: impl Fn(u32, u8) -> f32) -> RgbImage {
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        pixel.0.iter_mut().for_each(|v| *v = change(x, *v).clamp(0.0, 255.0) as u8);
    }
    picture
}

/// The astronaut with light that falls over the width as it is said, where 1 and more is all of it; the width is 5.3.
fn shaded(light: fn(f32) -> f32) -> RgbImage {
    changed(shot(0), |x, v| f32::from(v) * (0.15 + 0.85 * light(x as f32 / 120.0).clamp(0.0, 1.0)))
}

/// The astronaut at a share of the frame's width, on grey.
fn far(share: f32) -> RgbImage {
    let mut picture = RgbImage::from_pixel(SIZE.0 as u32, SIZE.1 as u32, image::Rgb([120, 120, 120]));
    let (width, height) = ((share * SIZE.0 as f32) as u32, (share * SIZE.1 as f32) as u32);
    let small = resize(&shot(0), width, height, FilterType::Triangle);
    image::imageops::overlay(
        &mut picture,
        &small,
        i64::from(SIZE.0 as u32 - width) / 2,
        i64::from(SIZE.1 as u32 - height) / 2,
    );
    picture
}

/// The astronaut so many pixels to the right.
fn moved(by: i64) -> RgbImage {
    let mut picture = shot(0);
    image::imageops::overlay(&mut picture, &shot(0), by, 0);
    picture
}

#[test]
fn a_preview_names_each_defect_and_nothing_else() {
    use QualityIssue::*;
    struct Case {
        name: &'static str,
        shot: Box<dyn Fn(usize) -> RgbImage>,
        issues: Vec<QualityIssue>,
        moving: bool,
        darker: Option<Side>,
    }
    let case = |name, shot: fn(usize) -> RgbImage, issues| Case {
        name,
        shot: Box::new(shot),
        issues,
        moving: false,
        darker: None,
    };
    // What is on the left of the picture is the person's right.
    let cases = [
        case("good", |_| shot(0), vec![]),
        case("dark", |_| changed(shot(0), |_, v| f32::from(v) * 0.12), vec![TooDark]),
        case("bright", |_| changed(shot(0), |_, v| f32::from(v) * 2.2), vec![TooBright]),
        Case {
            darker: Some(Side::Right),
            ..case("their right in the dark", |_| shaded(|x| x - 2.0), vec![UnevenLight])
        },
        Case { darker: Some(Side::Left), ..case("their left in the dark", |_| shaded(|x| 3.4 - x), vec![UnevenLight]) },
        case("far", |_| far(0.4), vec![FaceTooSmall]),
        case("blurred", |_| image::imageops::blur(&shot(0), 9.0), vec![Blurred]),
        Case { moving: true, ..case("moving", |k| moved(6 * k as i64), vec![]) },
    ];
    let mut wrong = Vec::new();
    for Case { name, shot, issues, moving, darker } in cases {
        let found = preview(shot);
        if (&found.issues, found.moving, found.darker) != (&issues, moving, darker) {
            wrong.push(format!("{name}: {:?}", Preview { landmarks: vec![], ..found.clone() }));
        }
        assert_eq!(found.landmarks.len(), 468);
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
