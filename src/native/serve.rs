//! `shine-skin serve`: the page and the models, for development.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use axum::http::{header, HeaderValue};
use axum::routing::get;
use axum::Router;
use clap::Args;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

#[derive(Args)]
pub struct ServeArgs {
    /// The port, on this machine only
    #[arg(long, env = "PORT", default_value_t = 8000)]
    port: u16,
    /// The directory of the page
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// The directory of the models, served under /models
    #[arg(long, default_value = "models/dist")]
    models: PathBuf,
}

/// Serves until it is interrupted.
pub fn run(args: ServeArgs) -> ExitCode {
    let address = SocketAddr::from(([127, 0, 0, 1], args.port));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the server can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        println!("shine-skin on http://{address}");
        axum::serve(listener, router(&args)).with_graceful_shutdown(interrupted()).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the server on {address} failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn router(args: &ServeArgs) -> Router {
    // The browser asks again each time: in development files change under one name.
    let fresh = SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Router::new()
        .route("/health", get(|| async { "OK" }))
        .nest_service("/models", ServeDir::new(&args.models))
        .fallback_service(ServeDir::new(&args.site))
        .layer(fresh)
        .layer(CorsLayer::new().allow_origin(tower_http::cors::Any))
}

async fn interrupted() {
    // Where the signal can't be had the server runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
