//! Every transition of the policy, with engines that end as they are told.

use std::cell::Cell;

use super::*;
use Engine::*;

/// What happens to requests: how each engine ends that is asked, and after how long.
struct World {
    breakers: Mutex<Breakers>,
    now: Cell<f64>,
    enhanced: Result<(), ErrorCode>,
    server: Result<(), ErrorCode>,
    takes: f64,
    asked: Vec<Engine>,
}

fn world(enhanced: Result<(), ErrorCode>, server: Result<(), ErrorCode>) -> World {
    let breakers = Mutex::default();
    World { breakers, now: Cell::new(1000.0), enhanced, server, takes: 10.0, asked: Vec::new() }
}

/// Who answered, and whom it was not and why.
type Answer = Result<(Engine, Vec<(Engine, ErrorCode)>), ErrorCode>;

impl World {
    fn ask(&mut self, task: Task, choice: Choice, server: bool) -> Answer {
        let World { breakers, now, enhanced, server: ends, takes, asked } = self;
        let request = Request::new(task, choice, server, now.get());
        let answer = request.answer(
            &Policy::default(),
            breakers,
            || now.get(),
            |step| {
                asked.push(step.engine);
                let ends = match step.engine {
                    Enhanced => *enhanced,
                    Server => *ends,
                    Basic => Ok(()),
                };
                let slow = *takes > step.most_ms && step.engine != Basic;
                now.set(now.get() + takes.min(step.most_ms));
                let ends = if slow { Err(ErrorCode::Timeout) } else { ends };
                ends.map(|()| step.engine).map_err(|code| Error::new(code, "").into())
            },
        );
        let codes = |passed: Vec<Fallback>| passed.into_iter().map(|f| (f.engine, f.code)).collect();
        answer.map(|(engine, passed)| (engine, codes(passed))).map_err(|error| error.code)
    }

    fn auto(&mut self, server: bool) -> Answer {
        self.ask(Task::Analyze, Choice::Auto, server)
    }
}

const DOWN: Result<(), ErrorCode> = Err(ErrorCode::ManifestFetch);
const UNREACHABLE: Result<(), ErrorCode> = Err(ErrorCode::ServerUnreachable);

#[test]
fn the_best_that_works_answers() {
    assert_eq!(world(Ok(()), Ok(())).auto(true), Ok((Enhanced, vec![])));
    assert_eq!(world(DOWN, Ok(())).auto(true), Ok((Server, vec![(Enhanced, ErrorCode::ManifestFetch)])));
    assert_eq!(world(DOWN, Ok(())).auto(false), Ok((Basic, vec![(Enhanced, ErrorCode::ManifestFetch)])));
    let all = vec![(Enhanced, ErrorCode::ManifestFetch), (Server, ErrorCode::ServerUnreachable)];
    assert_eq!(world(DOWN, UNREACHABLE).auto(true), Ok((Basic, all)));
}

#[test]
fn no_server_is_asked_that_is_not_set() {
    for code in ErrorCode::ALL {
        let mut world = world(Err(code), Ok(()));
        let _ = (world.auto(false), world.ask(Task::Detect, Choice::Auto, false));
        assert!(!world.asked.contains(&Server), "{code:?}");
    }
}

#[test]
fn each_code_is_the_callers_or_falls_through() {
    for code in ErrorCode::ALL {
        let mut world = world(Err(code), Err(code));
        let answer = world.auto(true);
        if is_the_callers(code) {
            assert_eq!((answer, world.asked), (Err(code), vec![Enhanced]));
            let breakers = *world.breakers.lock().unwrap();
            assert_eq!(breakers, Breakers::default(), "{code:?} says nothing of the models");
        } else {
            assert_eq!(answer, Ok((Basic, vec![(Enhanced, code), (Server, code)])));
        }
    }
}

#[test]
fn one_that_is_forced_answers_or_fails() {
    for (choice, expected) in [(Enhanced, DOWN), (Server, UNREACHABLE)] {
        let mut world = world(DOWN, UNREACHABLE);
        let answer = world.ask(Task::Analyze, Choice::Only(choice), true);
        assert_eq!((answer, world.asked), (Err(expected.unwrap_err()), vec![choice]));
    }
    let mut world = world(Ok(()), Ok(()));
    assert_eq!(world.ask(Task::Analyze, Choice::Only(Basic), true), Ok((Basic, vec![])));
}

#[test]
fn faces_are_the_models_or_the_servers() {
    let passed = vec![(Enhanced, ErrorCode::ManifestFetch)];
    assert_eq!(world(DOWN, Ok(())).ask(Task::Detect, Choice::Auto, true), Ok((Server, passed)));
    let alone = world(DOWN, Ok(())).ask(Task::Detect, Choice::Auto, false);
    assert_eq!(alone, Err(ErrorCode::ManifestFetch));
}

#[test]
fn what_is_down_is_left_alone_and_comes_back() {
    let mut world = world(DOWN, UNREACHABLE);
    for _ in 0..3 {
        world.auto(true).unwrap();
    }
    world.asked.clear();
    let open = vec![(Enhanced, ErrorCode::CircuitOpen), (Server, ErrorCode::CircuitOpen)];
    assert_eq!((world.auto(true), world.asked.as_slice()), (Ok((Basic, open.clone())), &[Basic][..]));
    // All is well again; nobody knows before the time is over.
    (world.enhanced, world.server) = (Ok(()), Ok(()));
    assert_eq!(world.auto(true), Ok((Basic, open)));
    world.now.set(world.now.get() + 30_000.0);
    assert_eq!(world.auto(true), Ok((Enhanced, vec![])));
    assert_eq!(world.breakers.lock().unwrap().enhanced, Breaker::default());
}

#[test]
fn no_storm_of_tries_while_it_is_down() {
    let mut world = world(DOWN, UNREACHABLE);
    for _ in 0..1000 {
        world.auto(true).unwrap();
        world.now.set(world.now.get() + 300.0);
    }
    // Five minutes: three at first, then one each thirty seconds.
    let tries = |engine| world.asked.iter().filter(|asked| **asked == engine).count();
    assert!((9..=14).contains(&tries(Enhanced)), "{}", tries(Enhanced));
    assert!((9..=14).contains(&tries(Server)), "{}", tries(Server));
}

#[test]
fn a_request_ends_in_time_however_slow_they_are() {
    for server in [false, true] {
        let mut world = world(Ok(()), Ok(()));
        world.takes = f64::INFINITY;
        let begun = world.now.get();
        let (engine, passed) = world.auto(server).unwrap();
        assert_eq!((engine, passed.len()), (Basic, if server { 2 } else { 1 }));
        assert!(passed.iter().all(|(_, code)| *code == ErrorCode::Timeout));
        assert!(world.now.get() - begun <= Policy::default().budget_ms);
    }
    let mut request = Request::new(Task::Analyze, Choice::Auto, true, 0.0);
    let late = request.next(&Policy::default(), &mut Breakers::default(), Policy::default().budget_ms);
    assert!(matches!(late, Err(Stop::Late(error)) if error.code == ErrorCode::Timeout));
}

#[test]
fn whom_nobody_can_answer_is_told_why() {
    let passed = [(Enhanced, ErrorCode::ModelFetch, "no models"), (Server, ErrorCode::ServerBusy, "no room")];
    let passed = passed.map(|(engine, code, message)| Fallback { engine, code, message: message.into() });
    assert_eq!(unanswered(&passed), Error::new(ErrorCode::ModelFetch, "no models; no room"));
    assert_eq!(unanswered(&[]).code, ErrorCode::Internal);
}

#[test]
fn a_choice_reads_as_it_is_written() {
    assert_eq!(Choice::parse("auto"), Some(Choice::Auto));
    for engine in Engine::ALL {
        assert_eq!(Choice::parse(engine.as_str()), Some(Choice::Only(engine)));
    }
    assert_eq!(Choice::parse("best"), None);
}
