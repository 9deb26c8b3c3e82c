//! A channel, from its manifest to models that run: which release it leads to, its models, and the one that worked before where that one
//! does not.

use super::host::{remember, Event, Host};
use super::latest;
use super::load;
use super::note::Note;
use super::together::together;
use super::{is_absolute, sha256_hex, Flags, Manifest, SelectedModel, StoreOptions, VerifiedBytes};
use crate::error::Result;
use crate::report::ReleaseInfo;

/// Models that are ready.
pub struct Opened<M> {
    /// Those that an analysis can't be without, each with what the manifest says of it.
    pub models: Vec<(SelectedModel, M)>,
    /// Those that it can be without, for [`super::more::more`].
    pub later: Vec<SelectedModel>,
    /// Which release they are of.
    pub release: ReleaseInfo,
    /// The release's switches.
    pub flags: Flags,
}

/// What makes models of verified bytes.
#[allow(async_fn_in_trait)] // As for [`Host`].
pub trait Loader {
    /// What runs.
    type Model;

    /// Whether a model is one that can be used here, by what its manifest says: before it is fetched.
    ///
    /// # Errors
    /// `model-incompatible`.
    fn fits(&self, selected: &SelectedModel) -> Result<()>;

    /// A model that has reproduced its self-test.
    async fn model(&self, bytes: &VerifiedBytes, selected: &SelectedModel) -> Result<Self::Model>;
}

/// Opens a channel. Where its release can't be loaded, the last one that worked here is, and is said to be rolled back to; where the
/// manifest can't be fetched, the last one that was is used.
///
/// # Errors
/// Those of the manifest and of the models; of two releases that fail those of the first.
pub async fn open<H: Host, L: Loader>(host: &H, loader: &L, options: &StoreOptions) -> Result<Opened<L::Model>> {
    let (manifest, packed) = latest::manifest(host, options).await?;
    let wanted = manifest.release(&options.channel, options.split_key.as_deref())?.to_string();
    let key = |what: &str| sha256_hex(format!("{what} {} {}", options.base, options.channel).as_bytes());
    let (note, worked) = (key("release"), key("worked"));
    let before = Note::read(host, &note).await;
    let error = match release(host, loader, options, &manifest, &wanted).await {
        Ok((models, later)) => {
            let all = models.iter().map(|(selected, _)| selected).chain(&later);
            let files: Vec<String> = all.map(|selected| selected.file.sha256.clone()).collect();
            for stale in before.files.iter().filter(|file| !files.contains(file)) {
                host.forget(stale).await;
            }
            remember(host, &worked, &packed).await;
            Note { name: wanted.clone(), files }.keep(host, &note).await;
            let flags = manifest.flags(&wanted);
            return Ok(Opened { models, later, flags, release: info(wanted, options, None) });
        }
        // Whoever gives up has not met a broken release.
        Err(error) if error.is_of_the_caller() => return Err(error),
        Err(error) => error,
    };
    // What it brought is kept until one works: it is not fetched at each start, and not for ever.
    let brought = manifest.select(&wanted).unwrap_or_default();
    before.and(&brought).keep(host, &note).await;
    // The manifest of that time: the new one may not know the release any longer.
    let then = host.cached(&worked).await.and_then(|bytes| latest::parse(&bytes, options).ok());
    let Some(then) = then.filter(|then| then.select(&before.name).is_ok_and(|models| models != brought)) else {
        return Err(error);
    };
    let Ok((models, later)) = release(host, loader, options, &then, &before.name).await else { return Err(error) };
    host.tell(Event::Recovered(&error));
    let flags = then.flags(&before.name);
    Ok(Opened { models, later, flags, release: info(before.name, options, Some(wanted)) })
}

fn info(name: String, options: &StoreOptions, rolled_back_from: Option<String>) -> ReleaseInfo {
    ReleaseInfo { name, channel: options.channel.clone(), rolled_back_from }
}

/// The models of a release that are needed, and what it has besides.
#[allow(clippy::type_complexity)] // As [`Opened`] has them.
async fn release<H: Host, L: Loader>(
    host: &H,
    loader: &L,
    options: &StoreOptions,
    manifest: &Manifest,
    name: &str,
) -> Result<(Vec<(SelectedModel, L::Model)>, Vec<SelectedModel>)> {
    let (needed, later): (Vec<_>, Vec<_>) = manifest.select(name)?.into_iter().partition(|one| one.role.is_needed());
    let models = together(needed.iter().map(|selected| load_model(host, loader, options, selected))).await?;
    Ok((needed.into_iter().zip(models).collect(), later))
}

pub(super) async fn load_model<H: Host, L: Loader>(
    host: &H,
    loader: &L,
    options: &StoreOptions,
    selected: &SelectedModel,
) -> Result<L::Model> {
    let url = if is_absolute(&selected.file.url) {
        selected.file.url.clone()
    } else {
        format!("{}/{}", options.base, selected.file.url)
    };
    loader.fits(selected)?;
    let bytes = load::load(host, &url, &selected.file, &options.patience).await?;
    loader.model(&bytes, selected).await
}

#[cfg(test)]
mod tests {
    use super::super::host::{Answer, Body};
    use super::super::{public_key, sign, Role, Signer};
    use super::*;
    use crate::error::{Error, ErrorCode};
    use serde_json::{json, Value};
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    /// A server and a cache in memory.
    #[derive(Default)]
    struct Shelf {
        files: RefCell<BTreeMap<String, Vec<u8>>>,
        down: Cell<bool>,
        asked: RefCell<Vec<String>>,
        kept: RefCell<BTreeMap<String, Vec<u8>>>,
        written: Cell<usize>,
        told: Cell<usize>,
    }

    struct Once(Option<Vec<u8>>);

    impl Body for Once {
        async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, String> {
            Ok(self.0.take())
        }
    }

    impl Host for Shelf {
        type Body = Once;
        type Turn = ();

        async fn cached(&self, key: &str) -> Option<Vec<u8>> {
            self.kept.borrow().get(key).cloned()
        }

        async fn keep(&self, key: &str, bytes: &[u8]) -> std::result::Result<(), String> {
            self.written.set(self.written.get() + 1);
            self.kept.borrow_mut().insert(key.into(), bytes.into());
            Ok(())
        }

        async fn forget(&self, key: &str) {
            self.kept.borrow_mut().remove(key);
        }

        async fn turn(&self, _: &str) {}

        async fn open(&self, url: &str, _: u64, _: Option<f64>) -> std::result::Result<Answer<Once>, String> {
            self.asked.borrow_mut().push(url.into());
            if self.down.get() {
                return Err("nobody answers".into());
            }
            let file = self.files.borrow().get(url).cloned();
            let status = if file.is_some() { 200 } else { 404 };
            Ok(Answer { status, from: 0, content_type: None, body: Once(file) })
        }

        async fn pause(&self, _: f64) {}

        fn chance(&self) -> f64 {
            0.5
        }

        fn check(&self) -> Result<()> {
            Ok(())
        }

        fn tell(&self, event: Event<'_>) {
            self.told.set(self.told.get() + usize::from(matches!(event, Event::Recovered(_))));
        }
    }

    /// A model is its bytes; what says that it is broken does not run.
    struct Bytes;

    impl Loader for Bytes {
        type Model = Vec<u8>;

        fn fits(&self, _: &SelectedModel) -> Result<()> {
            Ok(())
        }

        async fn model(&self, bytes: &VerifiedBytes, _: &SelectedModel) -> Result<Vec<u8>> {
            if bytes.as_slice().starts_with(b"broken") {
                return Err(Error::new(ErrorCode::ModelIncompatible, "it does not reproduce its self-test"));
            }
            Ok(bytes.as_slice().to_vec())
        }
    }

    const BASE: &str = "https://cdn/models";

    fn options() -> StoreOptions {
        StoreOptions { base: BASE.into(), channel: "stable".into(), ..StoreOptions::default() }
    }

    /// Publishes releases, each a model's text for either role; the first is stable.
    fn publish(shelf: &Shelf, sequence: u64, stable: &str, releases: &[(&str, &str)]) -> Vec<u8> {
        let (mut models, mut listed) = (json!({}), json!({}));
        for (name, text) in releases {
            let mut of = json!({});
            for role in ["face-detector", "face-mesh"] {
                let bytes = format!("{text} {role} {name}").into_bytes();
                let (id, url) = (format!("{role}@{name}"), format!("{role}.{name}.plan"));
                let file = json!({ "format": "plan", "url": url, "bytes": bytes.len(), "sha256": sha256_hex(&bytes) });
                models[&id] = json!({ "role": role, "license": "MIT", "files": [file] });
                of[role] = Value::from(id);
                shelf.files.borrow_mut().insert(format!("{BASE}/{url}"), bytes);
            }
            listed[name] = json!({ "models": of, "flags": {} });
        }
        let manifest = json!({
            "schemaVersion": 1, "sequence": sequence, "channels": { "stable": stable }, "releases": listed, "models": models,
        });
        let text = manifest.to_string().into_bytes();
        shelf.files.borrow_mut().insert(format!("{BASE}/manifest.json"), text.clone());
        text
    }

    fn get(shelf: &Shelf, options: &StoreOptions) -> Result<ReleaseInfo> {
        match std::pin::pin!(open(shelf, &Bytes, options)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(opened) => opened.map(|o| o.release),
            Poll::Pending => panic!("it waits"),
        }
    }

    fn named(name: &str, from: Option<&str>) -> ReleaseInfo {
        ReleaseInfo { name: name.into(), channel: "stable".into(), rolled_back_from: from.map(Into::into) }
    }

    #[test]
    fn a_broken_release_rolls_back_to_the_one_that_worked() {
        let shelf = Shelf::default();
        publish(&shelf, 1, "r1", &[("r1", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", None));
        publish(&shelf, 2, "r2", &[("r1", "good"), ("r2", "broken")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", Some("r2")));
        // Who comes for the first time has nothing to go back to.
        let new = Shelf { files: shelf.files.clone(), ..Shelf::default() };
        assert_eq!(get(&new, &options()).unwrap_err().code, ErrorCode::ModelIncompatible);
        // A file that is missing, or is another, rolls back too.
        publish(&shelf, 3, "r3", &[("r1", "good"), ("r3", "good")]);
        shelf.files.borrow_mut().insert(format!("{BASE}/face-mesh.r3.plan"), b"<html>".to_vec());
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", Some("r3")));
        shelf.files.borrow_mut().remove(&format!("{BASE}/face-mesh.r3.plan"));
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", Some("r3")));
        // Once it works, it is the one to go back to.
        publish(&shelf, 4, "r4", &[("r1", "good"), ("r4", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r4", None));
        publish(&shelf, 5, "r5", &[("r1", "good"), ("r4", "good"), ("r5", "broken")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r4", Some("r5")));
        // The one that worked is had from the cache where the manifest no longer knows it, or knows another of its name.
        publish(&shelf, 6, "r6", &[("r6", "broken")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r4", Some("r6")));
        publish(&shelf, 7, "r4", &[("r4", "broken")]);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r4", Some("r4")));
    }

    #[test]
    fn what_is_not_needed_is_done_without_where_it_does_not_come() {
        let roles = |shelf: &Shelf| {
            let opened = std::pin::pin!(open(shelf, &Bytes, &options())).poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(Ok(opened)) = opened else { panic!("it opens") };
            let options = options();
            let later = std::pin::pin!(crate::store::more::more(shelf, &Bytes, &options, opened.later));
            let Poll::Ready(later) = later.poll(&mut Context::from_waker(Waker::noop())) else { panic!("it goes on") };
            opened.models.iter().chain(&later).map(|(selected, _)| selected.role).collect::<Vec<_>>()
        };
        for (bytes, comes) in [(Some("good"), true), (Some("broken"), false), (None, false)] {
            let shelf = Shelf::default();
            let mut manifest: Value = serde_json::from_slice(&publish(&shelf, 1, "r1", &[("r1", "good")])).unwrap();
            let text = bytes.unwrap_or("lost");
            let file = json!({ "format": "plan", "url": "s.plan", "bytes": text.len(), "sha256": sha256_hex(text.as_bytes()) });
            manifest["models"]["s@1"] = json!({ "role": "skin-segmentation", "license": "MIT", "files": [file] });
            manifest["releases"]["r1"]["models"]["skin-segmentation"] = "s@1".into();
            shelf.files.borrow_mut().insert(format!("{BASE}/manifest.json"), manifest.to_string().into_bytes());
            if let Some(bytes) = bytes {
                shelf.files.borrow_mut().insert(format!("{BASE}/s.plan"), bytes.into());
            }
            let expected: Vec<Role> = Role::KNOWN[..if comes { 3 } else { 2 }].to_vec();
            assert_eq!(roles(&shelf), expected, "{bytes:?}");
            assert_eq!(shelf.told.get(), usize::from(!comes), "{bytes:?}");
        }
    }

    #[test]
    fn what_was_loaded_once_needs_no_network() {
        let shelf = Shelf::default();
        publish(&shelf, 1, "r1", &[("r1", "good")]);
        get(&shelf, &options()).unwrap();
        let asked = shelf.asked.borrow().len();
        let written = shelf.written.get();
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", None));
        assert_eq!(shelf.asked.borrow().len(), asked + 1, "the manifest alone is asked for");
        assert_eq!(shelf.written.get(), written, "what is kept already is not written again");
        shelf.down.set(true);
        assert_eq!(get(&shelf, &options()).unwrap(), named("r1", None));
        assert_eq!(shelf.asked.borrow().len(), asked + 2, "once, for somebody waits");
        let new = Shelf::default();
        new.down.set(true);
        assert_eq!(get(&new, &options()).unwrap_err().code, ErrorCode::ManifestFetch);
        // Nothing there is not nothing published.
        assert_eq!(get(&Shelf::default(), &options()).unwrap_err().code, ErrorCode::ManifestFetch);
    }

    #[test]
    fn what_a_release_no_longer_uses_is_forgotten() {
        let shelf = Shelf::default();
        let models =
            || shelf.kept.borrow().values().filter(|kept| kept.ends_with(b"r1") || kept.ends_with(b"r2")).count();
        publish(&shelf, 1, "r1", &[("r1", "good")]);
        get(&shelf, &options()).unwrap();
        assert_eq!(models(), 2);
        // A broken one is not fetched at each start, and what still works is kept.
        publish(&shelf, 2, "r2", &[("r1", "good"), ("r2", "broken")]);
        get(&shelf, &options()).unwrap();
        assert_eq!(models(), 3);
        let asked = shelf.asked.borrow().len();
        get(&shelf, &options()).unwrap();
        assert_eq!(shelf.asked.borrow().len(), asked + 1, "the manifest alone");
        publish(&shelf, 3, "r3", &[("r3", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap().name, "r3");
        assert_eq!(models(), 0);
    }

    #[test]
    fn an_older_manifest_does_not_replace_a_later_one() {
        let shelf = Shelf::default();
        publish(&shelf, 7, "r2", &[("r1", "good"), ("r2", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap().name, "r2");
        publish(&shelf, 6, "r1", &[("r1", "good"), ("r2", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap().name, "r2");
        publish(&shelf, 8, "r1", &[("r1", "good"), ("r2", "good")]);
        assert_eq!(get(&shelf, &options()).unwrap().name, "r1");
    }

    #[test]
    fn a_key_that_is_set_has_to_have_signed() {
        let shelf = Shelf::default();
        let secret = "11".repeat(32);
        let signer = Some(Signer::parse(&public_key(&secret).unwrap()).unwrap());
        let asking = StoreOptions { signer, ..options() };
        let text = publish(&shelf, 1, "r1", &[("r1", "good")]);
        assert_eq!(get(&shelf, &asking).unwrap_err().code, ErrorCode::ManifestSignature);
        let put = |text: String| shelf.files.borrow_mut().insert(format!("{BASE}/manifest.json.sig"), text.into());
        put(sign(&text, &"22".repeat(32)).unwrap());
        assert_eq!(get(&shelf, &asking).unwrap_err().code, ErrorCode::ManifestSignature);
        put(sign(&text, &secret).unwrap());
        assert_eq!(get(&shelf, &asking).unwrap().name, "r1");
        // A manifest that was changed since is not used; the one before it still is.
        publish(&shelf, 2, "r2", &[("r2", "good")]);
        assert_eq!(get(&shelf, &asking).unwrap().name, "r1");
        shelf.files.borrow_mut().insert(format!("{BASE}/manifest.json"), b"<!doctype html>".to_vec());
        assert_eq!(get(&shelf, &asking).unwrap().name, "r1");
        // What is kept is signed as well: a manifest that was kept without is not used.
        shelf.down.set(true);
        assert_eq!(get(&shelf, &asking).unwrap().name, "r1");
        let unsigned = Shelf::default();
        publish(&unsigned, 1, "r1", &[("r1", "good")]);
        get(&unsigned, &options()).unwrap();
        unsigned.down.set(true);
        assert_eq!(get(&unsigned, &asking).unwrap_err().code, ErrorCode::ManifestFetch);
    }
}
