//! Real detection and analysis in a real browser, with the models over HTTP. `./build.sh test` serves
//! them at `SHINE_TEST_MODELS`.

#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, Object, Reflect};
use shine_skin::web::{Engine, Loading, Photo};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const MODELS: &str = match option_env!("SHINE_TEST_MODELS") {
    Some(url) => url,
    None => "http://127.0.0.1:8791/models",
};

const SAMPLE: &[u8] = include_bytes!("../www/page/sample/astronaut.png");

fn options(base: &str) -> JsValue {
    let options = Object::new();
    for (key, value) in [
        ("modelBaseUrl", base.into()),
        ("channel", "stable".into()),
        ("minDetectionConfidence", 0.5.into()),
        ("maxFaces", 1.into()),
        ("flags", Object::new().into()),
        ("limits", js_sys::eval("({ maxBytes: 40_000_000, maxPixels: 64_000_000 })").unwrap()),
    ] {
        Reflect::set(&options, &key.into(), &value).unwrap();
    }
    options.into()
}

#[wasm_bindgen(module = "/www/package/host.js")]
extern "C" {
    type ModelCache;

    #[wasm_bindgen(constructor)]
    fn new(option: &str) -> ModelCache;

    type Host;

    #[wasm_bindgen(constructor)]
    fn new(cache: &ModelCache, signal: &JsValue, fetch: &JsValue, listeners: &JsValue) -> Host;
}

async fn load(base: &str) -> Result<Engine, JsValue> {
    let signal = js_sys::eval("new AbortController().signal").unwrap();
    let steps = "({ onProgress: (step) => (globalThis.steps ??= []).push(step.status), onEvent() {} })";
    let fetch = js_sys::eval("(request) => fetch(request)").unwrap();
    let host = Host::new(&ModelCache::new("none"), &signal, &fetch, &js_sys::eval(steps).unwrap());
    let none = Function::new_no_args("throw new Error('the models of this test have plans')");
    let options = options(base).unchecked_into();
    let mut loading = Loading::new(options, JsValue::from(host).unchecked_into(), none.unchecked_into());
    loop {
        let mut engine = Ok(None);
        let awake = js_sys::Promise::new(&mut |wake, _| engine = loading.poll(wake.unchecked_into()));
        if let Some(engine) = engine? {
            return Ok(engine);
        }
        JsFuture::from(awake).await?;
    }
}

fn get(value: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(value.clone(), |value, key| Reflect::get(&value, &(*key).into()).unwrap())
}

fn number(value: &JsValue, path: &[&str]) -> f64 {
    get(value, path).as_f64().unwrap()
}

#[wasm_bindgen_test]
async fn the_astronaut_is_found_and_measured() {
    let engine = load(MODELS).await.unwrap();
    let faces: Array = JsValue::from(engine.detect_photo(engine.decode(SAMPLE).unwrap()).unwrap()).unchecked_into();
    assert_eq!(faces.length(), 1);
    let width = number(&faces.get(0), &["boundingBox", "width"]);
    assert!((90.0..115.0).contains(&width), "{width}");

    let look = engine.look_photo(engine.decode(SAMPLE).unwrap()).unwrap();
    let report: JsValue = engine.measure(look).unwrap().into();
    assert_eq!(number(&report, &["schemaVersion"]), 1.0);
    let face = Array::from(&get(&report, &["faces"])).get(0);
    assert_eq!(Array::from(&get(&face, &["landmarks"])).length(), 468);
    let ita = number(&face, &["tone", "ita"]);
    assert!((45.0..65.0).contains(&ita), "{ita}");
    assert!(get(&face, &["concerns", "redness", "available"]).as_bool().unwrap());
    assert_eq!(get(&face, &["concerns", "pores", "reason"]).as_string().unwrap(), "resolution");
    assert!(get(&face, &["concerns", "pores", "score"]).is_null());
    assert!(number(&report, &["timings", "detect"]) > 0.0, "the clock runs");
}

#[wasm_bindgen_test]
async fn progress_is_told_from_beginning_to_end() {
    let seen = |status: &str| {
        let steps = Array::from(&get(&js_sys::global(), &["steps"]));
        steps.iter().filter(|s| s.as_string().as_deref() == Some(status)).count()
    };
    Reflect::set(&js_sys::global(), &"steps".into(), &Array::new()).unwrap();
    load(MODELS).await.unwrap();
    assert!(seen("initiate") >= 2 && seen("progress") >= 2 && seen("done") >= 2);
}

#[wasm_bindgen_test]
async fn faults_are_errors_with_a_code() {
    let missing = load("http://127.0.0.1:1/nowhere").await.err().unwrap();
    assert!(missing.is_instance_of::<js_sys::Error>());
    assert_eq!(get(&missing, &["code"]).as_string().unwrap(), "manifest-fetch");

    let engine = load(MODELS).await.unwrap();
    let bad = engine.decode(b"no image").err().unwrap();
    assert_eq!(get(&bad, &["code"]).as_string().unwrap(), "unsupported-format");
    assert_eq!(get(&bad, &["name"]).as_string().unwrap(), "ShineSkinError");
    let mut photo = engine.photo(10, 10).unwrap();
    photo.push(&[0; 8]);
    let short = engine.detect_photo(photo).err().unwrap();
    assert_eq!(get(&short, &["code"]).as_string().unwrap(), "invalid-options");
}

#[wasm_bindgen_test]
fn without_models_the_basic_engine_measures() {
    let report: JsValue = Photo::of_face().basic().unwrap().into();
    assert_eq!(get(&report, &["engine"]), "basic");
    let faces: Array = get(&report, &["faces"]).unchecked_into();
    assert_eq!(get(&faces.get(0), &["source"]), "skin-colour");
    assert!(get(&faces.get(0), &["concerns", "redness", "available"]).is_truthy());
    let place = Photo::of_face().place();
    let jpeg = Photo::of_face().jpeg().unwrap();
    assert!(place[4] == 192.0 && jpeg.starts_with(&[0xff, 0xd8]));
}
