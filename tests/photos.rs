//! Photos as phones and programs write them: turned, tagged with a colour space, deep, see-through.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};
use moxcms::ColorProfile;
use shine_skin::frame::{decode, Frame, Limits};

fn read(bytes: &[u8]) -> Frame {
    decode(bytes, &Limits::default()).unwrap()
}

/// A JPEG of 32 × 16 whose left half is black and right half white.
fn halves() -> Vec<u8> {
    let pixels: Vec<u8> = (0..32 * 16).map(|i| if i % 32 < 16 { 0 } else { 255 }).collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).write_image(&pixels, 32, 16, ExtendedColorType::L8).unwrap();
    bytes
}

/// The same with an EXIF orientation.
fn tagged(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let plain = halves();
    [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat()
}

#[test]
fn a_tagged_photo_comes_upright() {
    // Which edge of the upright photo is black, by orientation (EXIF 2.32, tag 274).
    let cases =
        [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")];
    for (orientation, black) in cases {
        let frame = read(&tagged(orientation));
        let (width, height) = (frame.width(), frame.height());
        assert_eq!((width, height), if orientation < 5 { (32, 16) } else { (16, 32) }, "{orientation}");
        let at = |x: usize, y: usize| frame.rgb()[(y * width + x) * 3];
        let edges = [
            ("left", at(2, height / 2)),
            ("right", at(width - 3, height / 2)),
            ("top", at(width / 2 - 1, 2)),
            ("bottom", at(width / 2 - 1, height - 3)),
        ];
        for (edge, value) in edges {
            let opposite =
                matches!((edge, black), ("left", "right") | ("right", "left") | ("top", "bottom") | ("bottom", "top"));
            assert!(edge != black || value < 40, "{orientation}: {edge} is {value}");
            assert!(!opposite || value > 215, "{orientation}: {edge} is {value}");
        }
    }
}

#[test]
fn an_orientation_that_is_none_is_passed_over() {
    for orientation in [0, 9, 255] {
        assert_eq!(read(&tagged(orientation)), read(&halves()));
    }
}

/// One colour as a PNG with a profile.
fn png(colour: &[u8], kind: ExtendedColorType, profile: &ColorProfile) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    encoder.write_image(colour, 1, 1, kind).unwrap();
    bytes
}

#[test]
fn a_colour_space_is_converted() {
    struct Case {
        name: &'static str,
        profile: ColorProfile,
        colour: [u8; 3],
        expected: [u8; 3],
    }
    // Expected: by the curves and primaries of the three standards, computed apart from any library.
    let cases = [
        Case { name: "sRGB", profile: ColorProfile::new_srgb(), colour: [200, 150, 120], expected: [200, 150, 120] },
        Case {
            name: "Display P3",
            profile: ColorProfile::new_display_p3(),
            colour: [200, 150, 120],
            expected: [209, 147, 115],
        },
        Case {
            name: "Adobe RGB",
            profile: ColorProfile::new_adobe_rgb(),
            colour: [200, 150, 120],
            expected: [217, 151, 119],
        },
        Case {
            name: "grey of Display P3",
            profile: ColorProfile::new_display_p3(),
            colour: [90; 3],
            expected: [90; 3],
        },
    ];
    for case in cases {
        let frame = read(&png(&case.colour, ExtendedColorType::Rgb8, &case.profile));
        for (found, expected) in frame.rgb().iter().zip(case.expected) {
            assert!(found.abs_diff(expected) <= 2, "{}: {:?}, not {:?}", case.name, frame.rgb(), case.expected);
        }
    }
}

#[test]
fn a_grey_profile_applies_to_a_grey_photo() {
    // Linear grey: half of the light is 188 in sRGB.
    let linear = ColorProfile::new_gray_with_gamma(1.0);
    let frame = read(&png(&[128], ExtendedColorType::L8, &linear));
    assert!(frame.rgb().iter().all(|c| c.abs_diff(188) <= 2), "{:?}", frame.rgb());
}

#[test]
fn a_webp_is_read() {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes)
        .write_image(&[10, 20, 30, 40, 50, 60], 2, 1, ExtendedColorType::Rgb8)
        .unwrap();
    assert_eq!(read(&bytes).rgb(), [10, 20, 30, 40, 50, 60]);
}

#[test]
fn a_header_that_promises_too_much_is_refused_before_it_is_believed() {
    // A PNG of 60,000 × 60,000 with no pixels: refused by its header, not by the memory it would take.
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[0], 1, 1, ExtendedColorType::L8).unwrap();
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(decode(&bytes, &Limits::default()).unwrap_err().code.as_str(), "image-too-large");
}

/// The checksum of a PNG chunk (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
