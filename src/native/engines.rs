//! The engines of a native host, asked in the order of the policy.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::clock;
use super::remote::Remote;
use super::source::{load, load_within, ModelSource};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::basic;
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{Frame, Part};
use crate::policy::{Breakers, Choice, Failure, Policy, Request, Step, Task};
use crate::remote;
use crate::report::{Engine, Fallback, SkinReport};

/// How often it is looked whether models that another request loads have come.
const LOOK: Duration = Duration::from_millis(10);

/// After how long models that an analysis can be without, and that did not come, are asked for again; each time after twice as long.
const AGAIN: Duration = Duration::from_secs(60);

/// The longest of these pauses.
const SELDOM: Duration = Duration::from_secs(3600);

/// Models that are loaded once they are needed, a server where one is set, and the basic engine.
pub struct Engines {
    source: ModelSource,
    channel: String,
    params: AnalyzerParams,
    server: Option<Remote>,
    breakers: Mutex<Breakers>,
    models: Arc<Mutex<Models>>,
    again: Duration,
}

/// What came of loading the models.
#[derive(Default)]
struct Models {
    loaded: Option<Arc<Analyzer>>,
    /// When and how it failed the last time.
    failed: Option<(Instant, Error)>,
    /// When those that did not come are asked for again, and the pause after that.
    again: Option<(Instant, Duration)>,
}

impl Models {
    /// Keeps what was loaded, unless as much of this release is there already, or another one was loaded.
    fn keep(&mut self, loaded: Analyzer, pause: Duration) -> Arc<Analyzer> {
        let lacks = |analyzer: &Analyzer| analyzer.missing().count();
        let name = |analyzer: &Analyzer| analyzer.release().map(|release| release.name.clone());
        let stays = |kept: &Arc<Analyzer>| name(kept) != name(&loaded) || lacks(kept) <= lacks(&loaded);
        let kept = self.loaded.take().filter(stays).unwrap_or_else(|| Arc::new(loaded));
        self.again = (lacks(&kept) > 0).then(|| (Instant::now() + pause, (2 * pause).min(SELDOM)));
        Arc::clone(self.loaded.insert(kept))
    }
}

impl Engines {
    /// Engines that have loaded nothing yet.
    pub fn new(source: ModelSource, channel: &str, server: Option<Remote>) -> Engines {
        Engines {
            source,
            channel: channel.into(),
            params: AnalyzerParams::default(),
            server,
            breakers: Mutex::default(),
            models: Arc::default(),
            again: AGAIN,
        }
    }

    /// Where the models come from.
    pub fn source(&self) -> &ModelSource {
        &self.source
    }

    /// The models, loaded where they are not yet.
    ///
    /// # Errors
    /// The codes of the manifest and of the models.
    pub fn models(&self, most: Duration) -> Result<Arc<Analyzer>> {
        let begun = Instant::now();
        // Who waits here waits for the same models, but no longer than it may.
        let mut models = loop {
            match self.models.try_lock() {
                Ok(models) => break models,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if begun.elapsed() < most => std::thread::sleep(LOOK),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::new(ErrorCode::Timeout, "the models are still on their way"));
                }
            }
        };
        if let Some(loaded) = models.loaded.clone() {
            if let Some((_, pause)) = models.again.take_if(|(at, _)| *at <= begun) {
                if !self.ask_again(pause) {
                    models.again = Some((Instant::now() + pause, pause));
                }
            }
            return Ok(loaded);
        }
        match &models.failed {
            // It was waited for, and would fail again.
            Some((when, error)) if *when > begun => return Err(error.clone()),
            _ => {}
        }
        let left = most.saturating_sub(begun.elapsed());
        match load_within(&self.source, &self.channel, self.params.clone(), left) {
            Ok(loaded) => Ok(models.keep(loaded, self.again)),
            Err(error) => {
                models.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Loads all models beside those that are used, for the sake of those that did not come; whether there was room to.
    fn ask_again(&self, pause: Duration) -> bool {
        let (models, source, channel) = (Arc::clone(&self.models), self.source.clone(), self.channel.clone());
        let params = self.params.clone();
        let load = move || {
            let loaded = catch_unwind(AssertUnwindSafe(|| load(&source, &channel, params)));
            let mut models = models.lock().unwrap_or_else(PoisonError::into_inner);
            match loaded {
                Ok(Ok(loaded)) => drop(models.keep(loaded, pause)),
                _ => models.again = Some((Instant::now() + pause, (2 * pause).min(SELDOM))),
            }
        };
        std::thread::Builder::new().spawn(load).is_ok()
    }

    /// The models, where they are loaded already.
    pub fn loaded(&self) -> Option<Arc<Analyzer>> {
        match self.models.try_lock() {
            Ok(models) => models.loaded.clone(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().loaded.clone(),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// A report as JSON.
    ///
    /// # Errors
    /// The caller's, `timeout`; of an engine that is forced, its own.
    pub fn analyze(&self, frame: &Frame, choice: Choice, within: Duration) -> Result<Value> {
        let (report, passed) = self.answer(Task::Analyze, choice, within, |step| match step.engine {
            Engine::Enhanced => Ok(Made::Here(self.models(most(&step))?.analyze(frame)?.into())),
            Engine::Server => self.ask("analyze", frame, &step, |answer, part| Ok(Made::There(answer, *part))),
            Engine::Basic => Ok(Made::Here(basic::analyze(frame, &self.params, clock).into())),
        })?;
        match report {
            Made::Here(report) => json(&SkinReport { fallbacks: passed, ..*report }),
            Made::There(answer, part) => remote::report(answer, &part, (frame.width(), frame.height()), &passed),
        }
    }

    /// The faces as JSON, a list.
    ///
    /// # Errors
    /// The caller's, `timeout`, and the best engine's where none can tell faces.
    pub fn detect(&self, frame: &Frame, choice: Choice, within: Duration) -> Result<Value> {
        let (faces, _) = self.answer(Task::Detect, choice, within, |step| match step.engine {
            Engine::Enhanced => Ok(json(&self.models(most(&step))?.detect(frame)?)?),
            Engine::Server => self.ask("detect", frame, &step, remote::detections),
            Engine::Basic => Err(Error::new(ErrorCode::InvalidOptions, "the basic engine can't tell faces").into()),
        })?;
        Ok(faces)
    }

    fn answer<T>(
        &self,
        task: Task,
        choice: Choice,
        within: Duration,
        ask: impl Fn(Step) -> std::result::Result<T, Failure>,
    ) -> Result<(T, Vec<Fallback>)> {
        let request = Request::new(task, choice, self.server.is_some(), clock());
        let policy = Policy { budget_ms: within.as_secs_f64() * 1000.0, ..Policy::default() };
        request.answer(&policy, &self.breakers, clock, |step| {
            // A panic is a bug, of one engine; the next one answers all the same.
            catch_unwind(AssertUnwindSafe(|| ask(step))).unwrap_or_else(|_| {
                Err(Error::new(ErrorCode::Internal, format!("the {} engine panicked", step.engine.as_str())).into())
            })
        })
    }

    fn ask<T>(
        &self,
        what: &str,
        frame: &Frame,
        step: &Step,
        read: impl Fn(Value, &Part) -> Result<T>,
    ) -> std::result::Result<T, Failure> {
        let Some(server) = &self.server else {
            return Err(Error::new(ErrorCode::InvalidOptions, "no server is set").into());
        };
        let part = remote::part(frame.width(), frame.height(), None);
        let photo = remote::jpeg(remote::drawn(frame, &part)?.as_ref())?;
        Ok(read(server.post(what, &photo, most(step))?, &part)?)
    }
}

/// Who made a report.
enum Made {
    Here(Box<SkinReport>),
    There(Value, Part),
}

fn most(step: &Step) -> Duration {
    Duration::from_secs_f64(step.most_ms.clamp(1.0, 86_400_000.0) / 1000.0)
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::new(ErrorCode::Internal, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_model_that_did_not_come_is_asked_for_again_while_the_others_answer() {
        let place = std::env::temp_dir().join(format!("shine-skin-again-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let mut network = None;
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/dist"))
            .expect("run ./build.sh models first")
        {
            let path = entry.unwrap().path();
            let to = place.join(path.file_name().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            match name.starts_with("skin-net") && !name.ends_with("md") {
                true => network.get_or_insert(Vec::new()).push((path, to)),
                false => drop(fs::copy(path, to).unwrap()),
            }
        }
        let again = Duration::from_millis(1);
        let engines = Engines { again, ..Engines::new(ModelSource::Directory(place.clone()), "stable", None) };
        let missing = || engines.models(AGAIN).unwrap().missing().map(String::from).collect::<Vec<_>>();
        engines.models(AGAIN).unwrap();
        assert_eq!(missing(), ["skin-net"]);
        for (from, to) in network.unwrap() {
            fs::copy(from, to).unwrap();
        }
        let begun = Instant::now();
        while !missing().is_empty() {
            assert!(begun.elapsed() < AGAIN, "it is not asked for again");
            std::thread::sleep(LOOK);
        }
        assert!(engines.models(AGAIN).unwrap().network().is_some());
        assert!(engines.models.lock().unwrap().again.is_none(), "nothing is missing any longer");
        fs::remove_dir_all(place).unwrap();
    }
}
