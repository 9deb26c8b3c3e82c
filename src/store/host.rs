//! What the store needs of the world around it, so that every branch of it is tested without one.

use crate::error::{Error, Result};

/// What a host brings: a cache, a network, a clock, chance. No method panics.
#[allow(async_fn_in_trait)] // One thread in a browser, and natively no one moves these between threads.
pub trait Host {
    /// The body of an answer.
    type Body: Body;
    /// The right to fetch a file, until it is dropped.
    type Turn;

    /// What is kept under a key, the file's SHA-256.
    async fn cached(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps bytes under a key.
    async fn keep(&self, key: &str, bytes: &[u8]) -> std::result::Result<(), String>;
    /// Forgets what is kept under a key.
    async fn forget(&self, key: &str);
    /// Waits until no other caller here fetches what is kept under a key: by then it may be kept.
    async fn turn(&self, key: &str) -> Self::Turn;
    /// Asks for a file from a byte on; `most_ms` is how long all of it may take, where it is small.
    async fn open(&self, url: &str, from: u64, most_ms: Option<f64>)
        -> std::result::Result<Answer<Self::Body>, String>;
    /// Waits for so many milliseconds.
    async fn pause(&self, ms: f64);
    /// From 0 to 1, by chance.
    fn chance(&self) -> f64;
    /// Whether somebody still waits.
    ///
    /// # Errors
    /// `aborted` or `timeout` where nobody does.
    fn check(&self) -> Result<()>;
    /// Is told what happens.
    fn tell(&self, event: Event<'_>);
}

/// Bytes as they come.
#[allow(async_fn_in_trait)] // As above.
pub trait Body {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, String>;
}

/// What a server answers.
pub struct Answer<B> {
    /// The status.
    pub status: u16,
    /// The first byte of the file that the body has: not 0 where a part was asked for and is given.
    pub from: u64,
    /// `content-type`.
    pub content_type: Option<String>,
    /// What follows.
    pub body: B,
}

/// The first byte that a `content-range` says that an answer has.
pub fn first_byte(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// How much of a file is here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// As the manifest names it.
    pub file: &'a str,
    /// Bytes that are here.
    pub loaded: u64,
    /// Bytes of the whole file.
    pub total: u64,
    /// Whether they come from the cache.
    pub cached: bool,
}

/// What happens on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// A file begins.
    Begun(Progress<'a>),
    /// More of it is here.
    Loaded(Progress<'a>),
    /// It is whole and verified.
    Done(Progress<'a>),
    /// A fault that is got over, by another try or by what was kept.
    Recovered(&'a Error),
    /// It can't be kept, and is used all the same: why.
    NotKept(&'a str),
}

/// Keeps a small thing that is asked for at each start, where it is not kept already; that it can't be is told, and no fault.
pub(super) async fn remember<H: Host>(host: &H, key: &str, bytes: &[u8]) {
    if host.cached(key).await.is_some_and(|kept| kept == bytes) {
        return;
    }
    if let Err(why) = host.keep(key, bytes).await {
        host.tell(Event::NotKept(&why));
    }
}
