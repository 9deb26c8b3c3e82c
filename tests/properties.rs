//! What holds for any input.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use proptest::prelude::*;
use shine_skin::face::{suppress, Detection};
use shine_skin::frame::{decode, Limits};
use shine_skin::geometry::{Point, Rect, Similarity};
use shine_skin::lab::Lab;
use shine_skin::region::polygons;
use shine_skin::skin::tone::{category, ita, monk};
use shine_skin::store::Manifest;

fn sightings() -> impl Strategy<Value = Vec<Detection>> {
    let one = (0.0f32..500.0, 0.0f32..500.0, 1.0f32..200.0, 0.0f32..=1.0).prop_map(|(x, y, side, score)| {
        let rect = Rect { x, y, width: side, height: side };
        Detection { rect, score, keypoints: [rect.center(); 6] }
    });
    prop::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn suppression_keeps_the_best_score(all in sightings()) {
        let best = all.iter().map(|d| d.score).fold(f32::NEG_INFINITY, f32::max);
        let kept = suppress(all.clone(), 0.3);
        prop_assert_eq!(kept.is_empty(), all.is_empty());
        if let Some(first) = kept.first() {
            prop_assert_eq!(first.score, best);
        }
        prop_assert!(kept.windows(2).all(|w| w[0].score >= w[1].score));
    }

    #[test]
    fn suppression_keeps_a_sighting_for_each_that_overlaps_none(all in sightings()) {
        let kept = suppress(all.clone(), 0.3);
        for (i, lone) in all.iter().enumerate() {
            if all.iter().enumerate().all(|(j, other)| i == j || lone.rect.iou(&other.rect) < 0.3) {
                prop_assert!(kept.iter().any(|k| k.rect == lone.rect));
            }
        }
    }

    #[test]
    fn mapping_and_unmapping_are_inverse(
        cx in -4000.0f32..4000.0, cy in -4000.0f32..4000.0, side in 1.0f32..8000.0, angle in -7.0f32..7.0,
        x in 0.0f32..128.0, y in 0.0f32..128.0,
    ) {
        let map = Similarity::square(Point::new(cx, cy), side, angle, 128.0);
        let back = map.unmap(map.map(Point::new(x, y)));
        // Single precision of coordinates up to 10,000, in cut-out pixels.
        let tolerance = 0.01 + 0.01 / map.scale();
        prop_assert!(back.distance(Point::new(x, y)) < tolerance, "{:?} is not {} {}", back, x, y);
    }

    #[test]
    fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..4096), kind in 0usize..4) {
        let head: &[u8] = [&b""[..], b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x10\x00\x00WEBPVP8 "][kind];
        let _ = decode(&[head, &bytes].concat(), &Limits { max_bytes: 1 << 20, max_pixels: 1 << 20 });
    }

    #[test]
    fn a_damaged_photo_never_panics(at in prop::collection::vec((0usize..200_000, any::<u8>()), 1..40), cut in 100usize..200_000) {
        let mut bytes = PHOTO[..cut.min(PHOTO.len())].to_vec();
        for (position, value) in at {
            let length = bytes.len();
            bytes[position % length] = value;
        }
        let _ = decode(&bytes, &Limits { max_bytes: 1 << 20, max_pixels: 1 << 20 });
    }

    #[test]
    fn a_manifest_of_any_bytes_is_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = Manifest::parse(&bytes);
    }

    #[test]
    fn any_colour_has_a_finite_tone(r in 0.0f32..=255.0, g in 0.0f32..=255.0, b in 0.0f32..=255.0) {
        let lab = Lab::from_srgb([r, g, b]);
        prop_assert!(lab.l.is_finite() && lab.a.is_finite() && lab.b.is_finite());
        prop_assert!((-180.0..=180.0).contains(&ita(lab)));
        prop_assert!((1..=10).contains(&monk(lab)));
        prop_assert!(!category(ita(lab)).is_empty());
        prop_assert!(lab.delta_e2000(Lab::from_srgb([b, r, g])).is_finite());
    }

    #[test]
    fn outlines_have_the_area_of_their_mask(mask in prop::collection::vec(any::<bool>(), 12 * 9)) {
        let found = polygons(&mask, 12, 9);
        let area: f32 = found.iter().map(|p| {
            let next = p.iter().cycle().skip(1);
            p.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f32>() / 2.0
        }).sum();
        let pixels = mask.iter().filter(|m| **m).count() as f32;
        // Steps that are evened out give and take.
        prop_assert!((area - pixels).abs() <= 0.35 * pixels + 2.0, "{} for {}", area, pixels);
    }
}

/// A real photo, encoded once: damage to it reaches deeper than noise does.
static PHOTO: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/page/sample/astronaut.png");
    let photo = image::open(path).unwrap().into_rgb8();
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&photo).unwrap();
    bytes
});
