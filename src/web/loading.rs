//! Loading, a step at a time: JavaScript polls, so that what stops a step is thrown to it. A promise of ours would never end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use wasm_bindgen::prelude::*;

use super::clock::clock;
use super::engine::Engine;
use super::error::to_js;
use super::general;
use super::host::JsHost;
use super::types::{JsGeneral, JsOptions};
use crate::analyzer::{Analyzer, AnalyzerParams, MaxFaces};
use crate::engine::{self, Model};
use crate::error::Result;
use crate::frame::Limits;
use crate::network::Description;
use crate::store::more::more;
use crate::store::open::{open, Loader};
use crate::store::{Flags, SelectedModel, Signer, StoreOptions, VerifiedBytes};

thread_local! {
    /// What wakes whoever polls, by the number of a loading: a waker has to be of every thread, which a function here is not.
    static WAKES: RefCell<BTreeMap<u32, js_sys::Function>> = const { RefCell::new(BTreeMap::new()) };
}

struct Alarm(u32);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        wake(self.0);
    }
}

fn wake(number: u32) {
    let wake = WAKES.with_borrow_mut(|wakes| wakes.remove(&number));
    if let Some(wake) = wake {
        let _ = wake.call0(&JsValue::NULL);
    }
}

/// Something on its way, which its caller polls.
struct Way<T> {
    number: u32,
    future: Pin<Box<dyn Future<Output = Result<T>>>>,
}

impl<T> Way<T> {
    fn new(future: impl Future<Output = Result<T>> + 'static) -> Way<T> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Way { number: NEXT.fetch_add(1, Ordering::Relaxed), future: Box::pin(future) }
    }

    fn poll(&mut self, wake: js_sys::Function) -> std::result::Result<Option<T>, JsValue> {
        WAKES.with_borrow_mut(|wakes| wakes.insert(self.number, wake));
        let waker = Waker::from(Arc::new(Alarm(self.number)));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(found) => found.map(Some).map_err(to_js),
            Poll::Pending => Ok(None),
        }
    }
}

impl<T> Drop for Way<T> {
    /// Whoever waits would wait for ever.
    fn drop(&mut self) {
        wake(self.number);
    }
}

/// What is on its way.
enum Stage {
    Engine(Way<Engine>),
    /// Models that an engine can be without.
    Later(Way<Networks>),
    /// Those that came.
    Came(Networks),
}

type Networks = Vec<(SelectedModel, Box<dyn Model>)>;

/// An engine on its way, or the models that it can be without.
#[wasm_bindgen]
pub struct Loading(Stage);

#[wasm_bindgen]
impl Loading {
    /// Begins to open a channel. `general` loads the general engine, where a model has no plan.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsOptions, host: JsHost, general: JsGeneral) -> Loading {
        Loading(Stage::Engine(Way::new(engine_of(options, host, general))))
    }

    /// Begins to load the models that an engine can be without. Apart from it: whoever listens may end the engine meanwhile.
    pub fn later(engine: &Engine, options: JsOptions, host: JsHost, general: JsGeneral) -> Loading {
        let later = engine.later.clone();
        Loading(Stage::Later(Way::new(async move {
            Ok(more(&host, &Engines { general }, &store_of(&options)?, later).await)
        })))
    }

    /// Goes on as far as it can; answers with the engine, or with nothing and calls `wake` once it can go on.
    pub fn poll(&mut self, wake: js_sys::Function) -> std::result::Result<Option<Engine>, JsValue> {
        match &mut self.0 {
            Stage::Engine(way) => way.poll(wake),
            _ => Ok(None),
        }
    }

    /// The same of the models that an engine can be without: whether they are there to be [`Engine::take`]n.
    #[wasm_bindgen(js_name = pollLater)]
    pub fn poll_later(&mut self, wake: js_sys::Function) -> std::result::Result<bool, JsValue> {
        if let Stage::Later(way) = &mut self.0 {
            match way.poll(wake)? {
                Some(models) => self.0 = Stage::Came(models),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    pub(super) fn came(self) -> Networks {
        match self.0 {
            Stage::Came(models) => models,
            _ => Vec::new(),
        }
    }
}

fn store_of(options: &JsOptions) -> Result<StoreOptions> {
    Ok(StoreOptions {
        base: options.model_base_url().trim_end_matches('/').into(),
        channel: options.channel(),
        split_key: options.split_key(),
        signer: options.manifest_public_key().as_deref().map(Signer::parse).transpose()?,
        ..StoreOptions::default()
    })
}

async fn engine_of(options: JsOptions, host: JsHost, general: JsGeneral) -> Result<Engine> {
    let opened = open(&host, &Engines { general }, &store_of(&options)?).await?;
    let mut params = AnalyzerParams { max_faces: MaxFaces(options.max_faces()), ..AnalyzerParams::default() };
    params.detector.min_score = options.min_detection_confidence();
    let (asked, of_release) = (options.flags(), opened.flags);
    let params = params.switched(Flags {
        second_look: asked.second_look().unwrap_or(of_release.second_look),
        tracking: asked.tracking().unwrap_or(of_release.tracking),
    });
    let analyzer = Analyzer::new(opened.models, Some(opened.release), params, clock)?.expecting(&opened.later);
    let limits = options.limits();
    let limits = Limits { max_bytes: limits.max_bytes(), max_pixels: limits.max_pixels() };
    Ok(Engine { analyzer, limits, later: opened.later })
}

/// Makes models for the engine that can run them.
struct Engines {
    general: JsGeneral,
}

impl Loader for Engines {
    type Model = Box<dyn Model>;

    fn fits(&self, selected: &SelectedModel) -> Result<()> {
        Description::of(selected).map(|_| ())
    }

    async fn model(&self, bytes: &VerifiedBytes, selected: &SelectedModel) -> Result<Box<dyn Model>> {
        let model = general::load(bytes, &selected.file, &self.general).await?;
        engine::prove(model.as_ref(), selected.self_test.as_ref())?;
        Ok(model)
    }
}
