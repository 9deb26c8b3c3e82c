//! `shine-skin patches`: what a network of skin is trained on, endlessly and by seed. Conditions that are known are painted onto
//! people's skin and photographed with cameras by chance; of each pixel the stream says what it is, or that nobody knows.
//!
//! A patch is `side` × `side` pixels of the face's frame ([`crate::surface`]): for each, row-major, the densities of red, green
//! and blue less the skin's, as 16-bit integers of [`STEP`], little-endian, interleaved; then for each what it is, then
//! in which channels that is not known, both a byte with a bit for each channel of the network, in its order: inflamed lesion,
//! comedone, pigmented spot, line, cover.

mod background;
mod cover;
mod crowd;
mod harmless;
mod mark;
mod scene;
mod shot;
mod told;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::error::{Error, ErrorCode, Result};
use crate::evaluate::{each, photo_files};
use crate::frame::{Frame, Pyramid};
use crate::mesh::Mesh;
use crate::native::ModelSource;
use crate::paint::appearance::Substance;
use crate::paint::random::Random;
use background::Background;
use crowd::Crowd;
use scene::Scene;
use shot::Shot;

/// Density that one step of the stream is.
pub const STEP: f32 = 1.0 / 8192.0;

/// Densities further from the skin's than this are as far as this.
pub const FARTHEST: f32 = 2.0;

/// Pixels a millimetre of the finest shots.
const FINEST: f32 = 6.0;

/// Patches that are made together.
const BATCH: usize = 1024;

/// What `shine-skin patches` is asked.
#[derive(Args)]
pub struct PatchesArgs {
    /// Folders of photos of people, whose largest faces are painted on
    #[arg(long, value_name = "DIR", required = true)]
    photos: Vec<PathBuf>,
    /// All chance comes from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many
    #[arg(long, default_value_t = 1024)]
    count: usize,
    /// The first one's number: a stream that was cut off goes on there
    #[arg(long, default_value_t = 0)]
    first: usize,
    /// Pixels to a side, half a millimetre each
    #[arg(long, default_value_t = 96, value_parser = clap::value_parser!(u16).range(16..=128))]
    side: u16,
    /// From the one photo in eight that is kept apart, by its name, where there are eight; else from the others
    #[arg(long)]
    held: bool,
    /// As the photos are: nothing painted, no other tone, no camera
    #[arg(long)]
    plain: bool,
    /// Where the models are: a directory, or the URL of the manifest's directory
    #[arg(long, value_name = "DIR|URL")]
    models: Option<String>,
}

/// Writes patches to the standard output until there are as many as were asked for, or nobody reads on.
pub fn run(args: &PatchesArgs) -> ExitCode {
    match stream(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn stream(args: &PatchesArgs) -> Result<()> {
    let source = args.models.as_deref().map_or_else(ModelSource::default_source, ModelSource::parse);
    let analyzer = crate::native::load(&source, "stable", AnalyzerParams::default())?;
    let mut files = photo_files(&args.photos)?;
    // Of a few photos none can be spared.
    if files.len() >= 8 {
        files.retain(|path| is_held(path) == args.held);
    }
    let faces: Vec<(Frame, Mesh)> = each(&files, |path| face(&analyzer, path)).into_iter().flatten().collect();
    let own: Vec<&(Frame, Mesh)> = faces.iter().collect();
    let grounds: Vec<Background> =
        each(&own, |&(frame, mesh)| Background::new(frame, mesh)).into_iter().flatten().collect();
    if grounds.is_empty() {
        return Err(Error::new(ErrorCode::InvalidOptions, "no photo shows the skin of a face"));
    }
    eprintln!("{} of {} photos show skin", grounds.len(), files.len());
    let (seed, side) = (Random::new(args.seed).bits(), usize::from(args.side));
    // While one batch is written the next one is made.
    let (send, receive) = std::sync::mpsc::sync_channel::<Vec<Vec<u8>>>(2);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut out = std::io::stdout().lock();
            for batch in receive {
                for patch in batch {
                    if out.write_all(&patch).is_err() {
                        return;
                    }
                }
            }
        });
        let end = args.first.saturating_add(args.count);
        for from in (args.first..end).step_by(BATCH) {
            let batch: Vec<u64> = (from..end.min(from.saturating_add(BATCH))).map(|n| n as u64).collect();
            let made = each(&batch, |number| {
                let mut random = Random::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                // A place that can't be photographed is followed by another.
                loop {
                    if let Some(patch) = make(&grounds, side, args.plain, &mut random) {
                        return patch;
                    }
                }
            });
            if send.send(made).is_err() {
                return;
            }
        }
        drop(send);
    });
    Ok(())
}

/// Whether a photo is kept apart: what is trained on the others is judged on these.
pub(crate) fn is_held(path: &std::path::Path) -> bool {
    crate::evaluate::file_number(path).is_multiple_of(8)
}

/// The largest face of a photo; `None` of one that can't be read or has none.
fn face(analyzer: &Analyzer, path: &std::path::Path) -> Option<(Frame, Mesh)> {
    let frame = crate::evaluate::load(path)?;
    let mesh = analyzer.largest(&Pyramid::new(&frame)).ok()??;
    Some((frame, mesh))
}

/// How often a patch has each thing, and how many of it at most.
fn paint(scene: &mut Scene, random: &mut Random) {
    // Some have a lot of everything, most have little.
    let busy = 0.3 + 0.8 * random.unit().powi(2);
    let often = |random: &mut Random, share: f32| random.unit() < busy * share;
    // Few of most things, many of a thing now and then.
    let some = |random: &mut Random, most: f32| random.range(0.0, (most + 1.0).ln()).exp() as usize;
    scene.grain(random);
    if often(random, 0.4) {
        (0..1 + random.below(3)).for_each(|_| scene.patch(random));
    }
    if often(random, 0.15) {
        scene.shadow(random);
    }
    if often(random, 0.1) {
        scene.make_up(random);
    }
    if often(random, 0.3) {
        let count = 20 * some(random, 20.0);
        scene.dots(Substance::Shade, count, random);
    }
    if often(random, 0.4) {
        (0..some(random, 3.0)).for_each(|_| scene.wrinkles(random));
    }
    if often(random, 0.5) {
        let crowd = Crowd::new(12.0, (2.0, 16.0), scene.mm(), random);
        (0..crowd.count).for_each(|_| scene.inflamed(&crowd, random));
    }
    if often(random, 0.3) {
        let crowd = Crowd::new(16.0, (4.0, 16.0), scene.mm(), random);
        (0..crowd.count).for_each(|_| scene.comedone(&crowd, random));
    }
    if often(random, 0.5) {
        let largest = [1.2, 1.2, 1.2, 2.0, 3.5][random.below(5)];
        let crowd = Crowd::new(25.0, (2.0, 20.0), scene.mm(), random);
        (0..crowd.count).for_each(|_| scene.pigmented(largest, &crowd, random));
    }
    if often(random, 0.15) {
        let count = some(random, 15.0);
        scene.dots(Substance::Shine, count, random);
    }
    if often(random, 0.2) {
        scene.strands(random);
    }
    if often(random, 0.1) {
        scene.stubble(random);
    }
    if often(random, 0.1) {
        scene.frame(random);
    }
}

/// Whichever has more pixels a millimetre.
fn finer<'a, 'b>(a: &'a Background<'b>, b: &'a Background<'b>) -> &'a Background<'b> {
    if a.native < b.native {
        b
    } else {
        a
    }
}

/// One patch as bytes.
fn make(grounds: &[Background], side: usize, plain: bool, random: &mut Random) -> Option<Vec<u8>> {
    // A mark that is sharper than the skin around it gives itself away: most shots are no finer than their photo, the others are of
    // the finest of some.
    let coarse = plain || random.unit() < 0.6;
    let mut any = || &grounds[random.below(grounds.len())];
    let ground = if coarse { any() } else { (0..4).fold(any(), |best, _| finer(best, any())) };
    let finest = if coarse { 1.15 * ground.native } else { FINEST };
    // Some keep their own tone, which is truer than any other.
    let skin = if random.unit() < 0.4 || plain { ground.skin } else { scene::tone(random) };
    let shot = if plain { Shot::plain(ground.native) } else { Shot::new(random, finest, skin) };
    let mut scene = Scene::new(ground, &shot, side, skin, random);
    if !plain {
        paint(&mut scene, random);
    }
    let at = (scene.margin(), scene.px_per_mm);
    let seen = shot.take(&scene.canvas, at, (side, crate::surface::PX_PER_MM), skin, random)?;
    scene.tell(&seen);
    let mut bytes = Vec::with_capacity(side * side * 8);
    for value in seen.iter().flatten() {
        bytes.extend(((value.clamp(-FARTHEST, FARTHEST) / STEP).round() as i16).to_le_bytes());
    }
    bytes.extend(&scene.truth);
    bytes.extend(&scene.unknown);
    Some(bytes)
}
