//! Which of the 468 points lies where. Right and left are the person's own.

/// Outer corner of the right eye.
pub const RIGHT_EYE_OUTER: usize = 33;
/// Outer corner of the left eye.
pub const LEFT_EYE_OUTER: usize = 263;
/// Outer and inner corner of the right eye.
pub const RIGHT_EYE_CORNERS: [usize; 2] = [33, 133];
/// Outer and inner corner of the left eye.
pub const LEFT_EYE_CORNERS: [usize; 2] = [263, 362];
/// Top of the forehead and tip of the chin.
pub const MIDLINE: (usize, usize) = (10, 152);

/// Where the nose meets the upper lip.
pub const NOSE_BASE: usize = 2;

/// The tip of the nose.
pub const NOSE_TIP: usize = 1;
/// Where the lips meet, above and below.
pub const LIPS_MIDDLE: [usize; 2] = [13, 14];
/// In front of the right ear.
pub const RIGHT_TRAGION: usize = 234;
/// In front of the left ear.
pub const LEFT_TRAGION: usize = 454;

/// The outline of the face, from the top of the forehead to the person's left.
pub const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// The red of both lips, corner to corner, below and back above.
pub const LIPS: [usize; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];

/// The right eye with its moving lid: along the crease, then along the lower lashes.
pub const RIGHT_EYE: [usize; 17] = [130, 247, 30, 29, 27, 28, 56, 190, 243, 112, 26, 22, 23, 24, 110, 25, 33];

/// The opening of the right eye.
pub const RIGHT_EYE_OPENING: [usize; 16] =
    [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];

/// The right brow, along its lower edge inwards and back above.
pub const RIGHT_BROW: [usize; 10] = [46, 53, 52, 65, 55, 107, 66, 105, 63, 70];

/// The right nostril.
pub const RIGHT_NOSTRIL: [usize; 8] = [59, 166, 79, 239, 241, 242, 99, 240];

/// Below the right eye: along the lower lashes, then back along the upper edge of the cheekbone.
pub const UNDER_RIGHT_EYE: [usize; 17] =
    [226, 25, 110, 24, 23, 22, 26, 112, 243, 244, 128, 121, 120, 119, 118, 117, 31];

/// Forehead and temples: from the right temple over the top to the left, and back through the eyes.
pub const FOREHEAD: [usize; 24] =
    [127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356, 359, 263, 362, 463, 168, 243, 133, 33, 130];

/// The nose: from its root along the right side to the wing, below, and back along the left.
pub const NOSE: [usize; 19] =
    [168, 193, 245, 188, 114, 217, 142, 129, 98, 97, 2, 326, 327, 358, 371, 437, 343, 412, 465];

/// Between nose and mouth, out to the folds beside them.
pub const UPPER_LIP: [usize; 25] =
    [2, 97, 98, 129, 203, 206, 216, 186, 61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 410, 436, 426, 423, 358, 327];

/// Below the mouth.
pub const CHIN: [usize; 23] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 273, 424, 431, 395, 378, 400, 377, 152, 148, 176, 149, 170];

/// The rest of the way back from the chin's outline to the right corner of the mouth.
pub const CHIN_RETURN: [usize; 3] = [211, 204, 43];

/// The middle of the face from its top to the chin: what lies to either side of it is a right and
/// a left cheek.
pub const CENTRE: [usize; 8] = [10, 168, 6, 4, 2, 0, 17, 152];

/// Where skin is most surely skin, to learn its colour from: the right cheek's middle.
pub const RIGHT_CHEEK_SEED: [usize; 6] = [117, 119, 100, 36, 205, 50];

/// The middle of the forehead, for the same.
pub const FOREHEAD_SEED: [usize; 8] = [69, 108, 151, 337, 299, 336, 9, 107];

/// The forehead between brows and hair, with the glabella, without temples and lids.
pub const ABOVE_BROWS: [usize; 12] = [67, 109, 10, 338, 297, 299, 296, 336, 9, 107, 66, 69];

/// The bridge of the nose, for the same.
pub const NOSE_SEED: [usize; 6] = [6, 122, 236, 4, 456, 351];

/// Pairs of points that mirror each other, right and left.
pub const PAIRS: [(usize, usize); 105] = [
    (33, 263),
    (7, 249),
    (163, 390),
    (144, 373),
    (145, 374),
    (153, 380),
    (154, 381),
    (155, 382),
    (133, 362),
    (173, 398),
    (157, 384),
    (158, 385),
    (159, 386),
    (160, 387),
    (161, 388),
    (246, 466),
    (130, 359),
    (247, 467),
    (30, 260),
    (29, 259),
    (27, 257),
    (28, 258),
    (56, 286),
    (190, 414),
    (243, 463),
    (112, 341),
    (26, 256),
    (22, 252),
    (23, 253),
    (24, 254),
    (110, 339),
    (25, 255),
    (46, 276),
    (53, 283),
    (52, 282),
    (65, 295),
    (55, 285),
    (70, 300),
    (63, 293),
    (105, 334),
    (66, 296),
    (107, 336),
    (226, 446),
    (31, 261),
    (228, 448),
    (229, 449),
    (230, 450),
    (231, 451),
    (232, 452),
    (233, 453),
    (244, 464),
    (245, 465),
    (111, 340),
    (117, 346),
    (118, 347),
    (119, 348),
    (120, 349),
    (121, 350),
    (128, 357),
    (193, 417),
    (188, 412),
    (114, 343),
    (217, 437),
    (126, 355),
    (142, 371),
    (129, 358),
    (98, 327),
    (97, 326),
    (64, 294),
    (48, 278),
    (234, 454),
    (127, 356),
    (162, 389),
    (21, 251),
    (54, 284),
    (103, 332),
    (67, 297),
    (109, 338),
    (93, 323),
    (132, 361),
    (58, 288),
    (172, 397),
    (136, 365),
    (150, 379),
    (149, 378),
    (176, 400),
    (148, 377),
    (61, 291),
    (185, 409),
    (40, 270),
    (39, 269),
    (37, 267),
    (50, 280),
    (205, 425),
    (36, 266),
    (101, 330),
    (100, 329),
    (59, 289),
    (166, 392),
    (79, 309),
    (239, 459),
    (241, 461),
    (242, 462),
    (99, 328),
    (240, 460),
];

/// The same chain on the other side of the face.
pub fn mirrored(chain: &[usize]) -> Vec<usize> {
    let twin = |index: usize| {
        PAIRS.iter().find_map(|&(right, left)| match index {
            i if i == right => Some(left),
            i if i == left => Some(right),
            _ => None,
        })
    };
    // A point without a twin lies on the midline and mirrors itself.
    chain.iter().map(|&index| twin(index).unwrap_or(index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_twice_changes_nothing() {
        for chain in [
            &OVAL[..],
            &RIGHT_EYE,
            &RIGHT_EYE_OPENING,
            &RIGHT_BROW,
            &RIGHT_NOSTRIL,
            &UNDER_RIGHT_EYE,
            &RIGHT_CHEEK_SEED,
        ] {
            assert_eq!(mirrored(&mirrored(chain)), chain);
        }
        assert!(mirrored(&RIGHT_EYE).iter().all(|i| !RIGHT_EYE.contains(i)), "a point of one eye has no twin");
    }

    #[test]
    fn each_point_has_one_twin() {
        let mut all: Vec<usize> = PAIRS.iter().flat_map(|&(a, b)| [a, b]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), PAIRS.len() * 2);
        assert!(all.iter().all(|&i| i < 468));
    }
}
