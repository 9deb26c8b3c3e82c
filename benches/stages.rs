//! How long each stage of measuring a face's skin takes, on a painted head of about 5 pixels a millimetre. Needs neither
//! photo nor model: `cargo bench --bench stages`.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use shine_skin::analyzer::AnalyzerParams;
use shine_skin::examine::examine;
use shine_skin::frame::Pyramid;
use shine_skin::mesh::Pose;
use shine_skin::paint::{Dose, Family, Recipe};
use shine_skin::quality::Quality;
use shine_skin::region::{FaceGrid, SkinMap};
use shine_skin::report::ConcernId;
use shine_skin::skin::{self, Seen, Tone};
use shine_skin::surface::Surface;

fn stages(criterion: &mut Criterion) {
    let recipe = Recipe { seed: 1, family: Family::B, dose: Dose::Appearance, concern: ConcernId::Acne, amount: 0.5 };
    let sample = recipe.on_head(4).expect("a head that can be drawn");
    let (mesh, params) = (&sample.mesh, AnalyzerParams::default());
    let photo = Pyramid::new(&sample.frame);
    let pose = Pose::of(mesh);
    let grid = || FaceGrid::cut(&photo, mesh, &params.grid);
    let map = SkinMap::find(grid(), mesh, &params.skin_colour);
    let lab = skin::lab_map(&map);
    let quality = Quality::measure(&photo, &map, mesh, &pose, None, &params.quality);
    let seen = Seen { photo: &photo, face: Some((mesh, &pose)), map: &map, quality: &quality, colourless: false };

    let mut group = criterion.benchmark_group("stages");
    group.sample_size(30);
    group.bench_function("pyramid", |b| b.iter(|| black_box(Pyramid::new(&sample.frame))));
    group.bench_function("grid", |b| b.iter(|| black_box(grid())));
    group.bench_function("skin map, with the grid", |b| {
        b.iter(|| black_box(SkinMap::find(grid(), mesh, &params.skin_colour)));
    });
    group.bench_function("lab", |b| b.iter(|| black_box(skin::lab_map(&map))));
    group.bench_function("tone", |b| b.iter(|| black_box(Tone::measure(&map, &lab, &params.tone))));
    group.bench_function("quality", |b| {
        b.iter(|| black_box(Quality::measure(&photo, &map, mesh, &pose, None, &params.quality)));
    });
    group.bench_function("surface", |b| b.iter(|| black_box(Surface::new(&photo, &map))));
    group.bench_function("all nine concerns", |b| {
        b.iter(|| black_box(seen.examine(&seen.surface(), None, &params.skin, &params.quality)))
    });
    group.bench_function("what they share", |b| {
        b.iter(|| black_box(seen.some(&[], &seen.surface(), None, &params.skin, &params.quality)))
    });
    for id in ConcernId::ALL {
        group.bench_function(format!("{id:?} and what they share"), |b| {
            b.iter(|| black_box(seen.some(&[id], &seen.surface(), None, &params.skin, &params.quality)));
        });
    }
    group.bench_function("all of it", |b| b.iter(|| black_box(examine(&photo, mesh, None, &params))));
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
