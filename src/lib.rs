#![doc = include_str!("../README.md")]

pub mod error;
pub mod fit;
pub mod geometry;
pub mod lab;
pub mod quantile;

pub mod frame;

pub mod store;

pub mod engine;

pub mod face;

pub mod mesh;

pub mod region;

pub mod quality;

pub mod surface;

pub mod skin;

pub mod examine;
mod stages;

pub mod report;
mod write;

pub mod policy;
pub mod remote;

pub mod analyzer;
pub mod basic;
pub mod health;
pub mod network;
pub mod preview;
pub mod track;

#[cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]
pub mod paint;

#[cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]
pub mod evaluate;
#[cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]
pub mod patches;

#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod native;
