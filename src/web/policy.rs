//! The policy, as JavaScript steps through it. What it knows is numbers, which JavaScript keeps: they outlive a module that stopped.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::error::to_js;
use super::types::{to_value, JsStep};
use crate::error::{Error, ErrorCode};
use crate::policy::{Breaker, Breakers, Choice, Failure, Policy, Request, Stop, Task};
use crate::report::{Engine, Fallback};

/// What comes next: an engine's turn, or why one is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Step {
    #[serde(rename_all = "camelCase")]
    Turn {
        engine: Engine,
        most_ms: f64,
    },
    Passed {
        passed: Fallback,
    },
}

fn invalid(what: &str) -> JsValue {
    to_js(Error::new(ErrorCode::Internal, format!("{what} is none of the policy's")))
}

fn breakers_of(numbers: &[f64]) -> Result<Breakers, JsValue> {
    let &[a, b, c, d, e, f] = numbers else { return Err(invalid("a state")) };
    let breaker = |failures, open_until, probe_until| Breaker { failures, open_until, probe_until };
    Ok(Breakers { enhanced: breaker(a, b, c), server: breaker(d, e, f) })
}

fn keep(breakers: &Breakers, numbers: &mut [f64]) {
    let all = [breakers.enhanced, breakers.server].map(|b| [b.failures, b.open_until, b.probe_until]);
    numbers.iter_mut().zip(all.concat()).for_each(|(to, from)| *to = from);
}

/// Which engines are left, as bits; when it began; whose turn it is, from 1 on.
fn numbers_of(request: &Request) -> [f64; 3] {
    let bits = request.open.iter().enumerate().map(|(bit, open)| f64::from(u8::from(*open) << bit)).sum();
    let turn = request.turn.and_then(|turn| Engine::ALL.iter().position(|engine| *engine == turn));
    [bits, request.begun, turn.map_or(0.0, |at| at as f64 + 1.0)]
}

fn request_of(numbers: &[f64]) -> Result<Request, JsValue> {
    let &[bits, begun, turn] = numbers else { return Err(invalid("a request")) };
    let open = [0, 1, 2].map(|bit| (bits as u8) >> bit & 1 == 1);
    let turn = (turn as usize).checked_sub(1).and_then(|at| Engine::ALL.get(at).copied());
    Ok(Request { open, begun, turn })
}

/// A request that begins now: what is asked (`analyze` or `detect`), of which engine, and whether a server is set.
#[wasm_bindgen(js_name = beginRequest)]
pub fn begin_request(detect: bool, engine: &str, server: bool, now: f64) -> Result<Vec<f64>, JsValue> {
    let task = if detect { Task::Detect } else { Task::Analyze };
    let choice = Choice::parse(engine).ok_or_else(|| invalid("an engine"))?;
    Ok(numbers_of(&Request::new(task, choice, server, now)).to_vec())
}

/// What comes next; nothing where all have been asked. Throws `timeout` where the time is over.
#[wasm_bindgen(js_name = nextStep)]
pub fn next_step(budget_ms: f64, state: &mut [f64], request: &mut [f64], now: f64) -> Result<Option<JsStep>, JsValue> {
    let policy = Policy { budget_ms, ..Policy::default() };
    let (mut breakers, mut asked) = (breakers_of(state)?, request_of(request)?);
    let step = asked.next(&policy, &mut breakers, now);
    keep(&breakers, state);
    request.copy_from_slice(&numbers_of(&asked));
    let step = match step {
        Ok(step) => Step::Turn { engine: step.engine, most_ms: step.most_ms },
        Err(Stop::Passed(engine, Error { code, message })) => {
            Step::Passed { passed: Fallback { engine, code, message } }
        }
        Err(Stop::Late(error)) => return Err(to_js(error)),
        Err(Stop::Nobody) => return Ok(None),
    };
    to_value(&step).map(|step| Some(step.unchecked_into()))
}

/// The engine whose turn it was has answered.
#[wasm_bindgen(js_name = stepSucceeded)]
pub fn step_succeeded(state: &mut [f64], request: &mut [f64]) -> Result<(), JsValue> {
    let mut breakers = breakers_of(state)?;
    request_of(request)?.succeeded(&mut breakers);
    keep(&breakers, state);
    Ok(())
}

/// The engine whose turn it was has failed: answers with the reason for the next one. Throws an error that is the caller's.
#[wasm_bindgen(js_name = stepFailed)]
pub fn step_failed(
    state: &mut [f64],
    request: &mut [f64],
    code: &str,
    message: String,
    wait_ms: Option<f64>,
    now: f64,
) -> Result<JsStep, JsValue> {
    let (mut breakers, mut asked) = (breakers_of(state)?, request_of(request)?);
    let error = Error::new(ErrorCode::parse(code).unwrap_or(ErrorCode::Internal), message);
    let passed = asked.failed(&Policy::default(), &mut breakers, Failure { error, wait_ms }, now);
    keep(&breakers, state);
    let passed = passed.map_err(to_js)?;
    to_value(&Step::Passed { passed }).map(JsCast::unchecked_into)
}
