//! A request's body, of which whatever its handler leaves unread is read and forgotten before the answer goes out: a client that still
//! sends would lose the answer with the connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// Longest that the rest of a body is waited for, and most of it that is read: an answer that says no goes out soon.
const MOST: Duration = Duration::from_secs(2);
const BYTES: usize = 16 << 20;

/// The body, for its handler and for who reads the rest.
#[derive(Clone)]
pub struct Held(Arc<Mutex<Body>>);

impl Held {
    /// A request whose body can be finished later.
    pub fn of(request: Request) -> (Request, Held) {
        let (parts, body) = request.into_parts();
        let held = Held(Arc::new(Mutex::new(body)));
        (Request::from_parts(parts, Body::new(held.clone())), held)
    }

    /// Reads the rest, as far as it is worth it.
    pub async fn finish(mut self) {
        let rest = async {
            let mut read = 0;
            while let Some(Ok(part)) = self.frame().await {
                read += part.data_ref().map_or(0, Bytes::len);
                if read > BYTES {
                    return;
                }
            }
        };
        // Who sends more, or more slowly, may lose the answer.
        let _ = tokio::time::timeout(MOST, rest).await;
    }

    fn with<T>(&self, work: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        work(Pin::new(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
