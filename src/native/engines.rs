//! The engines of a native host, asked in the order of the policy.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::clock;
use super::remote::Remote;
use super::source::{load_within, ModelSource};
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::basic;
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{Frame, Part};
use crate::policy::{Breakers, Choice, Failure, Policy, Request, Step, Task};
use crate::remote;
use crate::report::{Engine, Fallback, SkinReport};

/// How often it is looked whether models that another request loads have come.
const LOOK: Duration = Duration::from_millis(10);

/// Models that are loaded once they are needed, a server where one is set, and the basic engine.
pub struct Engines {
    source: ModelSource,
    channel: String,
    params: AnalyzerParams,
    server: Option<Remote>,
    breakers: Mutex<Breakers>,
    models: Mutex<Models>,
}

/// What came of loading the models.
#[derive(Default)]
struct Models {
    loaded: Option<Arc<Analyzer>>,
    /// When and how it failed the last time.
    failed: Option<(Instant, Error)>,
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
            models: Mutex::default(),
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
        if let Some(loaded) = &models.loaded {
            return Ok(Arc::clone(loaded));
        }
        match &models.failed {
            // It was waited for, and would fail again.
            Some((when, error)) if *when > begun => return Err(error.clone()),
            _ => {}
        }
        let left = most.saturating_sub(begun.elapsed());
        match load_within(&self.source, &self.channel, self.params.clone(), left) {
            Ok(loaded) => Ok(Arc::clone(models.loaded.insert(Arc::new(loaded)))),
            Err(error) => {
                models.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// The models, where they are loaded already.
    pub fn loaded(&self) -> Option<Arc<Analyzer>> {
        self.models.try_lock().ok()?.loaded.clone()
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
