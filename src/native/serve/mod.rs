//! `shine-skin serve`: the analysis for those who can't run it, in the words of version 1 and of the service before this one; the page
//! and the models; and what an operator looks at.

mod answer;
mod api;
mod door;
mod files;
mod gate;
mod health;
mod held;
mod legacy;
mod metrics;
mod observe;
mod photo;
mod settings;
mod usage;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{header, HeaderName, HeaderValue, Method};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::Router;
use serde_json::json;
use tokio::sync::Semaphore;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::engines::Engines;
use super::source::{cache, ModelSource};
use crate::error::{Error, ErrorCode, Result};
use gate::Gate;
use metrics::Metrics;
pub use settings::ServeArgs;

/// What all requests share.
struct App {
    args: ServeArgs,
    engines: Engines,
    gate: Gate,
    /// Kilobytes for photos that are on their way in: their bodies are in memory.
    room: Arc<Semaphore>,
    metrics: Metrics,
    health: health::Kept,
    /// Whether it is about to end.
    draining: AtomicBool,
}

/// Serves until it is told to end.
pub fn run(args: ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            observe::log("error", json!({ "message": error.to_string() }));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: ServeArgs) -> Result<()> {
    observe::take_over();
    args.validate()?;
    let address = SocketAddr::from((args.host, args.port()?));
    let failed = |why: std::io::Error| {
        Error::new(ErrorCode::InvalidOptions, format!("the server can't listen on {address}: {why}"))
    };
    if args.check {
        let port = args.port()?;
        return health::ask_ready(port);
    }
    for name in settings::unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        observe::log("warning", json!({ "message": format!("{name} is set, and there is no such setting") }));
    }
    observe::log("settings", args.effective()?);
    let drain = Duration::from_secs_f64(args.drain);
    let app = Arc::new(App::new(args)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        if app.args.eager {
            let app = Arc::clone(&app);
            tokio::task::spawn_blocking(move || api::load(&app));
        }
        let listening = listener.local_addr().map_err(failed)?;
        let _ = writeln!(std::io::stdout(), "shine-skin on http://{listening}");
        let end = {
            let app = Arc::clone(&app);
            async move {
                told_to_end().await;
                // New connections are taken until whoever sends them here has noticed; each answer ends its connection.
                app.draining.store(true, Ordering::Release);
                observe::log("ending", json!({ "inside": app.gate.inside() }));
                tokio::time::sleep(drain).await;
            }
        };
        let last = Duration::from_secs_f64(app.args.request_timeout) + Duration::from_secs(5);
        door::serve(listener, router(&app), end, last).await;
        Ok::<(), Error>(())
    })?;
    observe::log("ended", json!({}));
    Ok(())
}

impl App {
    fn new(args: ServeArgs) -> Result<App> {
        let (work, remote) = (args.at_once(), args.remote()?);
        Ok(App {
            engines: Engines::new(args.source(), &args.channel, remote),
            gate: Gate::new(work, args.queue),
            room: Arc::new(Semaphore::new(PHOTOS * kilobytes(args.max_bytes) as usize)),
            metrics: Metrics::default(),
            health: health::Kept::default(),
            draining: AtomicBool::new(false),
            args,
        })
    }

    /// Where what came from afar is kept, or the models lie.
    fn disk(&self) -> std::path::PathBuf {
        match self.engines.source() {
            ModelSource::Directory(directory) => directory.clone(),
            ModelSource::Url(_) => cache().unwrap_or_else(|| ".".into()),
        }
    }
}

/// Room for so many of the largest photos on their way in, and so for many of usual size.
const PHOTOS: usize = 4;

/// Bytes in kilobytes, up.
fn kilobytes(bytes: usize) -> u32 {
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX).min(1 << 26)
}

fn router(app: &Arc<App>) -> Router {
    let analysis = Router::new()
        .route("/v1/analyze", post(api::analyze))
        .route("/v1/detect", post(api::detect))
        .route("/v1/feedback", post(api::feedback))
        .route("/api/v1/face/detect", post(api::primary_face))
        .route("/api/v4/face/detect", post(api::faces))
        .route("/api/v6/skin/analyze-hare-run", post(api::hare_run))
        .route("/api/v4/skin/analyze-enhanced", post(api::hare_run))
        // What axum allows by itself is less than a photo; what is around a form's photo is little.
        .layer(DefaultBodyLimit::max(app.args.max_bytes.saturating_add(64 << 10)))
        .layer(middleware::from_fn_with_state(Arc::clone(app), observe::authorized));
    // The browser asks again each time: in development files change under one name.
    let fresh = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let mut router = Router::new()
        .merge(analysis)
        .route("/health", get(|| async { "OK" }))
        .route("/ready", get(health::ready))
        .route("/v1/health", get(health::document))
        .route("/api/health", get(health::old))
        .route("/api/v5/skin/model-status", get(health::models))
        .route("/metrics", get(api::metrics))
        .route("/openapi.json", get(api::openapi))
        .route("/docs", get(api::docs));
    if let ModelSource::Directory(directory) = app.engines.source() {
        let directory = directory.clone();
        let files = tower::service_fn(move |request: Request| {
            let directory = directory.clone();
            async move { Ok::<_, std::convert::Infallible>(files::serve(&directory, request).await) }
        });
        router = router.nest_service("/models", files);
    }
    router
        .fallback_service(ServeDir::new(&app.args.site).fallback(tower::service_fn(|_: Request| async {
            Ok::<_, std::convert::Infallible>(
                answer::refusal(404, "not-found", "there is nothing here").into_response(),
            )
        })))
        .with_state(Arc::clone(app))
        .layer(fresh)
        .layer(cors(&app.args.cors))
        .layer(middleware::from_fn_with_state(Arc::clone(app), observe::observed))
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.trim().parse().ok()).collect();
    let allowed = match origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(origins),
    };
    let named = |names: [&'static str; 5]| names.map(HeaderName::from_static);
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(named(["authorization", "content-type", "range", "x-api-key", "x-request-id"]))
        .expose_headers(named(["retry-after", "x-request-id", "x-shine-owner", "x-shine-build", "content-range"]))
}

/// Waits for the signal to end.
async fn told_to_end() {
    let interrupted = async {
        // Where the signal can't be had the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
