//! The stream that networks of skin are trained on, as the command writes it.

#![cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]

use std::process::Command;

const SIDE: usize = 32;
/// Densities, what each pixel is, where that is not known.
const PATCH: usize = SIDE * SIDE * 8;

fn patches(more: &[&str]) -> Vec<u8> {
    let side = SIDE.to_string();
    let run = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["patches", "--models", "models/dist", "--side", &side])
        .args(more)
        .output()
        .expect("the command runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

fn sample(more: &[&str]) -> Vec<u8> {
    patches(&[&["--photos", "www/page/sample"], more].concat())
}

#[test]
fn a_seed_is_one_stream_and_goes_on_where_it_was_cut_off() {
    let (all, again) = (sample(&["--count", "12"]), sample(&["--count", "12"]));
    assert_eq!(all.len(), 12 * PATCH);
    assert!(all == again);
    let rest = sample(&["--count", "5", "--first", "7"]);
    assert!(rest == all[7 * PATCH..]);
    assert!(sample(&["--count", "12", "--seed", "2"]) != all);
}

#[test]
fn what_is_painted_is_known_and_shows() {
    let stream = sample(&["--count", "200"]);
    let (mut painted, mut told, mut empty) = ([0usize; 5], [0.0f64; 5], 0);
    for patch in stream.chunks_exact(PATCH) {
        let area = SIDE * SIDE;
        let value = |i: usize, c: usize| {
            f64::from(i16::from_le_bytes([patch[(i * 3 + c) * 2], patch[(i * 3 + c) * 2 + 1]])) / 8192.0
        };
        let (truth, unknown) = (&patch[area * 6..area * 7], &patch[area * 7..]);
        assert!(truth.iter().chain(unknown).all(|bits| *bits < 32));
        let skin: Vec<usize> = (0..area).filter(|&i| truth[i] == 0 && unknown[i] == 0).collect();
        empty += usize::from(truth.iter().all(|bits| *bits & 15 == 0));
        if skin.is_empty() {
            continue;
        }
        let around = skin.iter().map(|&i| value(i, 1)).sum::<f64>() / skin.len() as f64;
        for (class, painted) in painted.iter_mut().enumerate() {
            for i in (0..area).filter(|&i| truth[i] == 1 << class) {
                *painted += 1;
                told[class] += value(i, 1) - around;
            }
        }
    }
    // Some patches have nothing, and all five there are; lesions and lines are darker in green than the skin of their patch.
    assert!((20..180).contains(&empty), "{empty}");
    for (class, (count, sum)) in painted.into_iter().zip(told).enumerate() {
        assert!(count > 50, "{class}: {count}");
        assert!(sum / count as f64 > 0.02, "{class}: {}", sum / count as f64);
    }
}

#[test]
fn plain_patches_are_the_photo_with_nothing_painted() {
    let stream = sample(&["--count", "20", "--plain"]);
    for patch in stream.chunks_exact(PATCH) {
        assert!(patch[SIDE * SIDE * 6..SIDE * SIDE * 7].iter().all(|bits| bits & 15 == 0));
    }
}

#[test]
fn a_folder_without_faces_is_refused() {
    let run = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["patches", "--models", "models/dist", "--photos", "src"])
        .output()
        .expect("the command runs");
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("invalid-options"));
}
