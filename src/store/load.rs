//! A file of a model, from looking it up to keeping it: cache → verify → fetch → verify → cache.
//!
//! What passes is tried again, after a pause that doubles and is drawn by chance; what does not is not. A download that breaks off goes on
//! where it was, where the server allows it. Nothing that is not verified is kept, and what is kept and is no longer what it was is
//! removed and fetched anew.

use super::host::{Body, Event, Host, Progress};
use super::{shown, ModelFile, VerifiedBytes};
use crate::error::{Error, ErrorCode, Result};

/// How often and how long a file is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Patience {
    /// Tries in all.
    pub tries: u32,
    /// The first pause, milliseconds; each further one is twice as long. Half to all of it is waited, by chance, so that many
    /// clients do not come back together.
    pub pause_ms: f64,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { tries: 4, pause_ms: 300.0 }
    }
}

impl Patience {
    /// Milliseconds to wait after so many tries, by chance.
    pub(super) fn pause(&self, tried: u32, chance: f64) -> f64 {
        self.pause_ms * f64::from(1u32 << tried.saturating_sub(1).min(16)) * (0.5 + 0.5 * chance)
    }
}

/// Whether a status that says no may say yes the next time.
pub(super) fn passes(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..)
}

/// Why a try failed.
enum Failure {
    /// It may work the next time.
    Passing(Error),
    /// It will not.
    Lasting(Error),
}

/// The verified bytes of a file, whose address is `url`.
///
/// # Errors
/// `model-fetch` where a status says no or nobody answers; `model-integrity` where what comes is not the file; `aborted` and `timeout`.
pub async fn load<H: Host>(host: &H, url: &str, file: &ModelFile, patience: &Patience) -> Result<VerifiedBytes> {
    if let Some(verified) = kept(host, file).await {
        return Ok(verified);
    }
    let _turn = host.turn(&file.sha256).await;
    host.check()?;
    // Whoever had the turn before may have kept it.
    if let Some(verified) = kept(host, file).await {
        return Ok(verified);
    }
    let name = shown(&file.url);
    let at = |loaded| Progress { file: &name, loaded, total: file.bytes, cached: false };
    host.tell(Event::Begun(at(0)));
    let mut bytes = Vec::new();
    let mut tried = 0;
    let verified = loop {
        host.check()?;
        let error = match attempt(host, url, file, &mut bytes).await {
            Ok(verified) => break verified,
            Err(Failure::Lasting(error)) => return Err(error),
            Err(Failure::Passing(error)) => error,
        };
        tried += 1;
        if tried >= patience.tries {
            return Err(error);
        }
        host.tell(Event::Recovered(&error));
        host.pause(patience.pause(tried, host.chance())).await;
    };
    host.tell(Event::Done(at(file.bytes)));
    if let Err(why) = host.keep(&file.sha256, verified.as_slice()).await {
        host.tell(Event::NotKept(&why));
    }
    Ok(verified)
}

/// What is kept of a file; what is kept and is no longer what it was is removed.
async fn kept<H: Host>(host: &H, file: &ModelFile) -> Option<VerifiedBytes> {
    let bytes = host.cached(&file.sha256).await?;
    let Ok(verified) = VerifiedBytes::verify(bytes, file) else {
        host.forget(&file.sha256).await;
        return None;
    };
    let name = shown(&file.url);
    let at = |loaded| Progress { file: &name, loaded, total: file.bytes, cached: true };
    host.tell(Event::Begun(at(0)));
    host.tell(Event::Loaded(at(file.bytes)));
    host.tell(Event::Done(at(file.bytes)));
    Some(verified)
}

/// One try; `bytes` is what came before it broke off.
async fn attempt<H: Host>(
    host: &H,
    url: &str,
    file: &ModelFile,
    bytes: &mut Vec<u8>,
) -> std::result::Result<VerifiedBytes, Failure> {
    let (place, name) = (shown(url), shown(&file.url));
    let fetch = |why: String| Error::new(ErrorCode::ModelFetch, format!("{place} can't be fetched: {why}"));
    let integrity = |why: String| Error::new(ErrorCode::ModelIntegrity, format!("{place} is not the model: {why}"));
    let resumed = bytes.len() as u64;
    let mut answer = host.open(url, resumed, None).await.map_err(|why| Failure::Passing(fetch(why)))?;
    match answer.status {
        200..=299 => {}
        status if passes(status) => return Err(Failure::Passing(fetch(format!("status {status}")))),
        416 if resumed > 0 => {
            // What is here is not what the server has.
            bytes.clear();
            return Err(Failure::Passing(fetch("the server has no such part".into())));
        }
        status => return Err(Failure::Lasting(fetch(format!("status {status}")))),
    }
    let kind = answer.content_type.unwrap_or_default();
    if kind.starts_with("text/html") {
        return Err(Failure::Lasting(integrity("the server answers with a page".into())));
    }
    if answer.from != resumed {
        // The whole file comes where a part was asked for; another part is of no use.
        bytes.clear();
        if answer.from != 0 {
            return Err(Failure::Passing(fetch("the server sends another part".into())));
        }
    }
    loop {
        host.check().map_err(Failure::Lasting)?;
        match answer.body.next().await {
            Ok(Some(part)) if bytes.len() as u64 + part.len() as u64 > file.bytes => {
                return Err(Failure::Lasting(integrity(format!("it is longer than {} bytes", file.bytes))));
            }
            Ok(Some(part)) => {
                bytes.extend(part);
                let loaded = bytes.len() as u64;
                host.tell(Event::Loaded(Progress { file: &name, loaded, total: file.bytes, cached: false }));
            }
            Ok(None) => break,
            Err(why) => return Err(Failure::Passing(fetch(why))),
        }
    }
    if (bytes.len() as u64) < file.bytes {
        // A connection that is cut off does not always look like one. What came may have been unpacked on the way: there is no going on.
        let ended = std::mem::take(bytes).len();
        return Err(Failure::Passing(integrity(format!("it ends after {ended} of {} bytes", file.bytes))));
    }
    VerifiedBytes::verify(std::mem::take(bytes), file).map_err(|error| {
        // Of two pieces the first may be of another file; all of it, or what one answer held, is what the server has.
        let joined = resumed > 0 && answer.from > 0;
        if joined {
            Failure::Passing(error)
        } else {
            Failure::Lasting(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::host::Answer;
    use super::*;
    use crate::store::sha256_hex;
    use std::cell::{Cell, RefCell};
    use std::collections::{BTreeMap, VecDeque};
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    /// What a future that waits for nothing answers.
    fn now<F: Future>(future: F) -> F::Output {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    /// One answer of the network.
    #[derive(Clone)]
    enum Reply {
        Unreachable,
        Status(u16),
        /// These bytes, as such a type.
        Whole(Vec<u8>, &'static str),
        /// So many bytes of them, then the connection breaks; where a part is asked for it is given if the server can.
        Broken(Vec<u8>, usize),
        /// The part that was asked for.
        Part(Vec<u8>),
        /// Ends early as if that were all.
        Short(Vec<u8>, usize),
    }

    struct Pieces(VecDeque<std::result::Result<Vec<u8>, String>>);

    impl Body for Pieces {
        async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, String> {
            self.0.pop_front().transpose()
        }
    }

    #[derive(Default)]
    struct Fake {
        replies: RefCell<VecDeque<Reply>>,
        asked: RefCell<Vec<u64>>,
        kept: RefCell<BTreeMap<String, Vec<u8>>>,
        full: bool,
        paused: RefCell<Vec<f64>>,
        cancel_after: Cell<Option<usize>>,
        events: RefCell<Vec<String>>,
    }

    impl Host for Fake {
        type Body = Pieces;
        type Turn = ();

        async fn cached(&self, key: &str) -> Option<Vec<u8>> {
            self.kept.borrow().get(key).cloned()
        }

        async fn keep(&self, key: &str, bytes: &[u8]) -> std::result::Result<(), String> {
            if self.full {
                return Err("the disk is full".into());
            }
            self.kept.borrow_mut().insert(key.into(), bytes.into());
            Ok(())
        }

        async fn forget(&self, key: &str) {
            self.kept.borrow_mut().remove(key);
        }

        async fn turn(&self, _: &str) {}

        async fn open(&self, _: &str, from: u64, _: Option<f64>) -> std::result::Result<Answer<Pieces>, String> {
            self.asked.borrow_mut().push(from);
            let reply = self.replies.borrow_mut().pop_front().expect("one more request than was expected");
            let pieces = |bytes: &[u8]| -> VecDeque<_> { bytes.chunks(4).map(|c| Ok(c.to_vec())).collect() };
            let (status, from, kind, pieces) = match reply {
                Reply::Unreachable => return Err("nobody answers".into()),
                Reply::Status(status) => (status, 0, None, VecDeque::new()),
                Reply::Whole(bytes, kind) => (200, 0, Some(kind.to_string()), pieces(&bytes)),
                Reply::Part(bytes) => (206, from, None, pieces(&bytes[from as usize..])),
                Reply::Short(bytes, end) => (200, 0, None, pieces(&bytes[..end])),
                Reply::Broken(bytes, end) => {
                    let mut pieces = pieces(&bytes[from as usize..end]);
                    pieces.push_back(Err("the connection broke".into()));
                    (if from > 0 { 206 } else { 200 }, from, None, pieces)
                }
            };
            Ok(Answer { status, from, content_type: kind, body: Pieces(pieces) })
        }

        async fn pause(&self, ms: f64) {
            self.paused.borrow_mut().push(ms);
        }

        fn chance(&self) -> f64 {
            0.5
        }

        fn check(&self) -> Result<()> {
            let left = self.cancel_after.get();
            self.cancel_after.set(left.map(|n| n.saturating_sub(1)));
            match left {
                Some(0) => Err(Error::new(ErrorCode::Aborted, "the caller aborted")),
                _ => Ok(()),
            }
        }

        fn tell(&self, event: Event<'_>) {
            self.events.borrow_mut().push(format!("{event:?}"));
        }
    }

    const BYTES: &[u8] = b"the weights of a model";

    fn file() -> ModelFile {
        let sha256 = sha256_hex(BYTES);
        ModelFile { format: "plan".into(), url: "m.plan".into(), bytes: BYTES.len() as u64, sha256 }
    }

    fn with(replies: &[Reply]) -> Fake {
        Fake { replies: RefCell::new(replies.to_vec().into()), ..Fake::default() }
    }

    fn get(host: &Fake) -> Result<Vec<u8>> {
        let loaded = now(load(host, "https://cdn/m.plan?X-Signature=secret", &file(), &Patience::default()));
        assert!(host.replies.borrow().is_empty(), "fewer requests than were expected");
        loaded.map(|verified| verified.as_slice().to_vec())
    }

    fn good() -> Reply {
        Reply::Whole(BYTES.into(), "application/octet-stream")
    }

    #[test]
    fn it_is_fetched_once_and_then_kept() {
        let host = with(&[good()]);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(host.kept.borrow()[&file().sha256], BYTES);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(host.asked.borrow().len(), 1);
        let events = host.events.borrow();
        assert!(events.iter().any(|e| e.starts_with("Loaded") && e.ends_with("cached: false })")));
        assert!(events.iter().any(|e| e.starts_with("Loaded") && e.ends_with("cached: true })")));
    }

    #[test]
    fn what_passes_is_tried_again_after_longer_and_longer_pauses() {
        let host = with(&[Reply::Unreachable, Reply::Status(503), Reply::Status(429), good()]);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(*host.paused.borrow(), [225.0, 450.0, 900.0]);
        let host = with(&[Reply::Unreachable, Reply::Unreachable, Reply::Unreachable, Reply::Unreachable]);
        let error = get(&host).unwrap_err();
        assert_eq!(error.code, ErrorCode::ModelFetch);
        assert!(error.message.contains("nobody answers") && !error.message.contains("secret"));
        assert!(host.kept.borrow().is_empty());
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again_and_not_kept() {
        let mut longer = BYTES.to_vec();
        longer.push(1);
        let mut other = BYTES.to_vec();
        other[3] ^= 1;
        let binary = "application/octet-stream";
        let cases = [
            (Reply::Status(404), ErrorCode::ModelFetch),
            (Reply::Status(403), ErrorCode::ModelFetch),
            (Reply::Whole(b"<!doctype html>".into(), "text/html; charset=utf-8"), ErrorCode::ModelIntegrity),
            (Reply::Whole(longer, binary), ErrorCode::ModelIntegrity),
            (Reply::Whole(other, binary), ErrorCode::ModelIntegrity),
        ];
        for (reply, code) in cases {
            let host = with(&[reply]);
            assert_eq!(get(&host).unwrap_err().code, code);
            assert!(host.kept.borrow().is_empty() && host.paused.borrow().is_empty());
        }
        let short = || Reply::Short(BYTES.into(), 8);
        assert_eq!(get(&with(&[short(), Reply::Status(404)])).unwrap_err().code, ErrorCode::ModelFetch);
        let never = with(&[short(), Reply::Short(BYTES.into(), 4), Reply::Short(BYTES.into(), 4), short()]);
        assert_eq!(get(&never).unwrap_err().code, ErrorCode::ModelIntegrity);
    }

    #[test]
    fn a_download_that_breaks_off_goes_on_where_it_was() {
        let host = with(&[Reply::Broken(BYTES.into(), 8), Reply::Broken(BYTES.into(), 16), Reply::Part(BYTES.into())]);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(*host.asked.borrow(), [0, 8, 16]);
        // Where the server can't, all of it comes again.
        let host = with(&[Reply::Broken(BYTES.into(), 8), good()]);
        assert_eq!(get(&host).unwrap(), BYTES);
        // Where the file is another one by then, it is fetched whole.
        let mut old = BYTES.to_vec();
        old[0] ^= 1;
        let host = with(&[Reply::Broken(old, 8), Reply::Part(BYTES.into()), good()]);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(*host.asked.borrow(), [0, 8, 0]);
        let host = with(&[Reply::Broken(BYTES.into(), 8), Reply::Status(416), good()]);
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(*host.asked.borrow(), [0, 8, 0]);
    }

    #[test]
    fn a_poisoned_cache_heals_and_a_full_one_is_told_of() {
        let host = with(&[good()]);
        host.kept.borrow_mut().insert(file().sha256, b"something else".to_vec());
        assert_eq!(get(&host).unwrap(), BYTES);
        assert_eq!(host.kept.borrow()[&file().sha256], BYTES);
        let host = Fake { full: true, ..with(&[good()]) };
        assert_eq!(get(&host).unwrap(), BYTES);
        assert!(host.events.borrow().iter().any(|e| e.contains("NotKept") && e.contains("full")));
    }

    #[test]
    fn a_caller_that_gives_up_stops_it_at_once() {
        for after in 0..4 {
            let host = with(&[good()]);
            host.cancel_after.set(Some(after));
            let loaded = now(load(&host, "https://cdn/m.plan", &file(), &Patience::default()));
            assert_eq!(loaded.err().map(|e| e.code), Some(ErrorCode::Aborted), "{after}");
            assert!(host.kept.borrow().is_empty());
        }
    }
}
