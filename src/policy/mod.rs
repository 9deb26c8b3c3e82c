//! Which engine answers: the enhanced one, else a server, else the basic one.
//!
//! A pure state machine. A host asks a [`Request`] for its next step, does it, and tells how it ended:
//!
//! ```
//! # use shine_skin::policy::{Breakers, Choice, Policy, Request, Task};
//! # use shine_skin::error::{Error, ErrorCode};
//! # use shine_skin::report::Engine;
//! let policy = Policy::default();
//! let mut breakers = Breakers::default();
//! let mut request = Request::new(Task::Analyze, Choice::Auto, false, 0.0);
//! let step = request.next(&policy, &mut breakers, 0.0).unwrap();
//! assert_eq!(step.engine, Engine::Enhanced);
//! let down = Error::new(ErrorCode::ManifestFetch, "the models can't be fetched");
//! assert!(request.failed(&policy, &mut breakers, down.into(), 5.0).is_ok());
//! assert_eq!(request.next(&policy, &mut breakers, 5.0).unwrap().engine, Engine::Basic);
//! ```

mod breaker;

pub use breaker::{Breaker, BreakerParams};

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, ErrorCode};
use crate::report::{Engine, Fallback};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A report. Every engine can make one.
    Analyze,
    /// The faces. The basic engine knows no face, only skin.
    Detect,
}

/// Which engine may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The best that can.
    Auto,
    /// This one or none.
    Only(Engine),
}

impl Choice {
    /// `auto`, `enhanced`, `server` or `basic`.
    pub fn parse(text: &str) -> Option<Choice> {
        match text {
            "auto" => Some(Choice::Auto),
            _ => Engine::ALL.into_iter().find(|engine| engine.as_str() == text).map(Choice::Only),
        }
    }
}

/// How patient the policy is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Of each engine that may be down.
    pub breaker: BreakerParams,
    /// Longest that a request may take, milliseconds.
    pub budget_ms: f64,
    /// Longest that a server is waited for, milliseconds.
    pub server_ms: f64,
    /// Share of what is left of a request's time that an engine may take where another follows.
    pub share: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { breaker: BreakerParams::default(), budget_ms: 120_000.0, server_ms: 30_000.0, share: 0.6 }
    }
}

/// Whether an error is the caller's, who is told; any other is its engine's, and the next one is asked.
///
/// | code | whose |
/// |---|---|
/// | `decode-failed`, `image-too-large`, `unsupported-format`, `invalid-options`, `aborted`, `closed` | the caller's |
/// | `manifest-*`, `model-*`, `inference-failed`, `simd-unsupported`, `out-of-memory`, `internal` | the enhanced engine's |
/// | `server-*` | the server's |
/// | `timeout` | an engine's where its share of the time is over, the caller's where all of it is |
/// | `circuit-open` | an engine's |
pub fn is_the_callers(code: ErrorCode) -> bool {
    match code {
        ErrorCode::DecodeFailed
        | ErrorCode::ImageTooLarge
        | ErrorCode::UnsupportedFormat
        | ErrorCode::InvalidOptions
        | ErrorCode::Aborted
        | ErrorCode::Closed
        | ErrorCode::PublishFailed => true,
        ErrorCode::ManifestFetch
        | ErrorCode::ManifestInvalid
        | ErrorCode::ManifestSignature
        | ErrorCode::ModelFetch
        | ErrorCode::ModelIntegrity
        | ErrorCode::ModelIncompatible
        | ErrorCode::InferenceFailed
        | ErrorCode::ServerUnreachable
        | ErrorCode::ServerFailed
        | ErrorCode::ServerBusy
        | ErrorCode::CircuitOpen
        | ErrorCode::Timeout
        | ErrorCode::OutOfMemory
        | ErrorCode::SimdUnsupported
        | ErrorCode::Internal => false,
    }
}

/// The breakers of the engines that may be down, for all requests of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Breakers {
    /// Of the models.
    pub enhanced: Breaker,
    /// Of the server.
    pub server: Breaker,
}

impl Breakers {
    fn of(&mut self, engine: Engine) -> Option<&mut Breaker> {
        match engine {
            Engine::Enhanced => Some(&mut self.enhanced),
            Engine::Server => Some(&mut self.server),
            Engine::Basic => None,
        }
    }
}

/// An engine's turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which.
    pub engine: Engine,
    /// Milliseconds that it may take; then it has failed by `timeout`.
    pub most_ms: f64,
}

/// One question on its way from engine to engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Which engines may still be asked, in the order of [`Engine::ALL`].
    pub open: [bool; 3],
    /// When it began, milliseconds on the host's clock.
    pub begun: f64,
    /// Whose turn it is.
    pub turn: Option<Engine>,
}

/// Why there is no next step.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// An engine is left out for now: a fallback's reason.
    Passed(Engine, Error),
    /// The time is over.
    Late(Error),
    /// All have been asked.
    Nobody,
}

/// How an engine failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Why.
    pub error: Error,
    /// Milliseconds that it asks to be left alone, where it does.
    pub wait_ms: Option<f64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, wait_ms: None }
    }
}

/// What to tell a caller whom no engine could answer: the best one's code, and what each says.
pub fn unanswered(passed: &[Fallback]) -> Error {
    let code = passed.first().map_or(ErrorCode::Internal, |first| first.code);
    let said: Vec<&str> = passed.iter().map(|fallback| fallback.message.as_str()).collect();
    Error::new(code, if said.is_empty() { "no engine can answer".into() } else { said.join("; ") })
}

impl Request {
    /// A request that begins now; `server` says whether one is configured.
    pub fn new(task: Task, choice: Choice, server: bool, now: f64) -> Request {
        let may = |engine: Engine| match choice {
            Choice::Only(only) => engine == only,
            Choice::Auto => match engine {
                Engine::Enhanced => true,
                Engine::Server => server,
                Engine::Basic => task == Task::Analyze,
            },
        };
        Request { open: Engine::ALL.map(may), begun: now, turn: None }
    }

    /// Whose turn it is. To be asked again after [`Stop::Passed`].
    ///
    /// # Errors
    /// [`Stop`].
    pub fn next(&mut self, policy: &Policy, breakers: &mut Breakers, now: f64) -> Result<Step, Stop> {
        self.turn = None;
        let left = policy.budget_ms - (now - self.begun);
        if left <= 0.0 {
            let message = format!("it took longer than {} ms", policy.budget_ms as u64);
            return Err(Stop::Late(Error::new(ErrorCode::Timeout, message)));
        }
        let Some(at) = self.open.iter().position(|open| *open) else {
            return Err(Stop::Nobody);
        };
        self.open[at] = false;
        let engine = Engine::ALL[at];
        if let Some(Err(error)) = breakers.of(engine).map(|breaker| breaker.admit(&policy.breaker, now)) {
            return Err(Stop::Passed(engine, error));
        }
        self.turn = Some(engine);
        let last = !self.open.contains(&true);
        let share = if last { left } else { policy.share * left };
        Ok(Step { engine, most_ms: if engine == Engine::Server { share.min(policy.server_ms) } else { share } })
    }

    /// The engine whose turn it was has answered.
    pub fn succeeded(&mut self, breakers: &mut Breakers) {
        if let Some(breaker) = self.turn.take().and_then(|engine| breakers.of(engine)) {
            breaker.succeeded();
        }
    }

    /// The engine whose turn it was has failed. Answers with the reason for the next one.
    ///
    /// # Errors
    /// The error itself where it is the caller's.
    pub fn failed(
        &mut self,
        policy: &Policy,
        breakers: &mut Breakers,
        Failure { error, wait_ms }: Failure,
        now: f64,
    ) -> Result<Fallback, Error> {
        let Some(engine) = self.turn.take() else { return Err(error) };
        let callers = is_the_callers(error.code);
        if let Some(breaker) = breakers.of(engine) {
            if callers {
                breaker.ended();
            } else {
                breaker.failed(&policy.breaker, wait_ms, now);
            }
        }
        if callers {
            return Err(error);
        }
        Ok(Fallback { engine, code: error.code, message: error.message })
    }

    /// All of it, where a host can wait: `ask` has an engine answer. Answers with what it says, and whom it was not and why.
    ///
    /// # Errors
    /// The caller's, `timeout`, and the best engine's where none can answer.
    pub fn answer<T>(
        mut self,
        policy: &Policy,
        breakers: &Mutex<Breakers>,
        clock: impl Fn() -> f64,
        mut ask: impl FnMut(Step) -> Result<T, Failure>,
    ) -> Result<(T, Vec<Fallback>), Error> {
        // Numbers that a panic elsewhere can't leave half written.
        let shared = || breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut passed = Vec::new();
        loop {
            let step = match self.next(policy, &mut shared(), clock()) {
                Ok(step) => step,
                Err(Stop::Passed(engine, Error { code, message })) => {
                    passed.push(Fallback { engine, code, message });
                    continue;
                }
                Err(Stop::Late(error)) => return Err(error),
                Err(Stop::Nobody) => return Err(unanswered(&passed)),
            };
            match ask(step) {
                Ok(answer) => {
                    self.succeeded(&mut shared());
                    return Ok((answer, passed));
                }
                Err(failure) => passed.push(self.failed(policy, &mut shared(), failure, clock())?),
            }
        }
    }
}

#[cfg(test)]
mod tests;
