//! Connections: taken until the server is to end, and served until each has had its answer.
//!
//! (axum's own `serve` closes a connection whose request has not begun to arrive when the end comes; its client would wait in vain.)

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long accepting rests where it fails, for want of file handles for example.
const REST: Duration = Duration::from_millis(50);

/// Longest that the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(10);

/// How long the first request of a connection may still take to begin when the server ends.
const FIRST: Duration = Duration::from_secs(2);

/// How long nobody must have come for the door to close.
const NOBODY: Duration = Duration::from_millis(5);

/// Serves until `end`, lets in who stands before the door by then, and waits for all, no longer than `last`.
pub async fn serve(listener: TcpListener, router: Router, end: impl Future<Output = ()>, last: Duration) {
    let (ending, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut end = std::pin::pin!(end);
    let mut ends = false;
    loop {
        tokio::select! {
            biased;
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), ended.clone()))),
                Err(_) => tokio::time::sleep(REST).await,
            },
            // What the system has taken and nobody accepts is lost: the door closes once nobody stands before it.
            () = tokio::time::sleep(NOBODY), if ends => break,
            () = &mut end, if !ends => ends = true,
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    ending.send_replace(true);
    // One that does not read its answer keeps nobody for ever.
    let _ = tokio::time::timeout(last, async { while connections.join_next().await.is_some() {} }).await;
}

/// Serves a connection; once the server ends, the request that it is at is its last.
async fn connection(stream: TcpStream, router: Router, mut ended: watch::Receiver<bool>) {
    let begun = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&begun);
    let service = TowerToHyperService::new(router.map_request(move |request: Request<Incoming>| {
        seen.store(true, Ordering::Release);
        request.map(Body::new)
    }));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let over = tokio::select! {
        _ = serving.as_mut() => true,
        _ = ended.wait_for(|ended| *ended) => false,
    };
    if !over {
        // hyper would close one on which nothing has arrived yet; its answer will be its last by itself.
        if !begun.load(Ordering::Acquire) && tokio::time::timeout(FIRST, serving.as_mut()).await.is_ok() {
            return;
        }
        serving.as_mut().graceful_shutdown();
        // A client that breaks off is no fault of ours.
        let _ = serving.await;
    }
}
