//! Publishing, as an operator does it: a release appears whole, goes back, and is what it says.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

mod releases;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use releases::{edit, renamed};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A directory that goes with its test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("shine-skin-publishing-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Place(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().into()
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.0.join("bucket/manifest.json")).unwrap()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shine-skin")).arg("models").args(arguments).current_dir(root()).output().unwrap()
}

fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str], says: &str) {
    let output = run(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains(says), "{arguments:?}: {error}");
}

#[test]
fn releases_come_and_go_back() {
    let place = Place::new("releases");
    let bucket = place.path("bucket");
    let (one, two) = (renamed(&place.0, "r1"), renamed(&place.0, "r2"));
    done(&["publish", &one, "--to", &bucket]);
    assert_eq!(place.manifest()["sequence"], 1);
    done(&["publish", &two, "--to", &bucket, "--channel", "next"]);
    let manifest = place.manifest();
    assert_eq!((&manifest["channels"]["stable"], &manifest["channels"]["next"]), (&"r1".into(), &"r2".into()));
    done(&["promote", "r2", "--to", &bucket]);
    assert_eq!(place.manifest()["channels"]["stable"], "r2");
    done(&["split", "r1=90", "r2=10", "--to", &bucket]);
    assert_eq!(place.manifest()["channels"]["stable"]["split"][1][1], 10.0);
    done(&["rollback", "--to", &bucket]);
    done(&["rollback", "--to", &bucket]);
    let manifest = place.manifest();
    assert_eq!((&manifest["channels"]["stable"], &manifest["sequence"]), (&"r1".into(), &6.into()));
    refused(&["rollback", "--to", &bucket], "led nowhere before");
    let list = done(&["list", "--at", &bucket]);
    assert!(
        list.contains("channel next: r2") && list.contains("release r1: blazeface-short@1, facemesh-468@1, skin-net@1"),
        "{list}"
    );
    assert!(done(&["verify", "--at", &bucket]).starts_with("6 files"));
    // Nothing half written is left, and what is published can be analysed with.
    assert!(fs::read_dir(&bucket).unwrap().all(|e| !e.unwrap().file_name().to_string_lossy().contains(".part")));
    let output = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["detect", "--json", "--models", &bucket, "www/page/sample/astronaut.png"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success());
}

#[test]
fn what_is_published_does_not_change_and_what_is_wrong_is_not_published() {
    let place = Place::new("wrong");
    let bucket = place.path("bucket");
    let one = renamed(&place.0, "r1");
    done(&["publish", &one, "--to", &bucket]);
    let before = fs::read(place.0.join("bucket/manifest.json")).unwrap();
    edit(&place.0.join("r1/manifest.json"), |m| m["releases"]["r1"]["flags"]["tracking"] = false.into());
    refused(&["publish", &one, "--to", &bucket], "does not change");
    let two = renamed(&place.0, "r2");
    let url = |path: &str| -> String {
        let manifest: Value = serde_json::from_slice(&fs::read(place.0.join(path)).unwrap()).unwrap();
        manifest["models"]["facemesh-468@1"]["files"][0]["url"].as_str().unwrap().into()
    };
    let damaged = url("r2/manifest.json");
    fs::write(place.0.join("r2").join(&damaged), "no model").unwrap();
    fs::remove_file(place.0.join("bucket").join(&damaged)).unwrap();
    refused(&["publish", &two, "--to", &bucket], "the manifest says");
    refused(&["verify", "--at", &bucket], &damaged);
    let three = renamed(&place.0, "r3");
    edit(&place.0.join("r3/manifest.json"), |m| {
        let mut model = m["models"]["facemesh-468@1"].take();
        model["files"].as_array_mut().unwrap().retain(|file| file["format"] == "onnx");
        model.as_object_mut().unwrap().remove("selfTest");
        m["models"].as_object_mut().unwrap().remove("facemesh-468@1");
        m["models"]["facemesh-468@2"] = model;
        // The release before it has the same mesh.
        m["channels"].as_object_mut().unwrap().remove("closed-forms");
        m["releases"].as_object_mut().unwrap().remove("2026.11.0");
        m["releases"]["r3"]["models"]["face-mesh"] = "facemesh-468@2".into();
    });
    refused(&["publish", &three, "--to", &bucket], "self-test");
    refused(&["promote", "r9", "--to", &bucket], "r9");
    refused(&["promote", "r1", "--to", &place.path("empty")], "nothing is published");
    refused(&["split", "r1", "--to", &bucket], "RELEASE=SHARE");
    assert_eq!(fs::read(place.0.join("bucket/manifest.json")).unwrap(), before);
}

#[test]
fn a_signed_manifest_is_signed_by_its_key_at_every_moment() {
    let place = Place::new("signed");
    let (bucket, key) = (place.path("bucket"), place.path("key"));
    let public = done(&["keygen", &key]);
    refused(&["keygen", &key], "exists");
    let signer = shine_skin::store::Signer::parse(public.trim()).unwrap();
    let file = |name: &str| fs::read(place.0.join("bucket").join(name)).unwrap();
    done(&["publish", &renamed(&place.0, "r1"), "--to", &bucket, "--key", &key]);
    let old = file("manifest.json");
    signer.check(&old, Some(&file("manifest.json.sig"))).unwrap();
    done(&["publish", &renamed(&place.0, "r2"), "--to", &bucket, "--key", &key]);
    // Whoever has read the old manifest finds it signed still.
    signer.check(&old, Some(&file("manifest.json.sig"))).unwrap();
    signer.check(&file("manifest.json"), Some(&file("manifest.json.sig"))).unwrap();
    refused(&["promote", "r1", "--to", &bucket], "is signed");
    done(&["verify", "--at", &bucket, "--key", &key]);
    done(&["list", "--at", &bucket]);
    // What somebody else has written into the bucket is not signed with the rest.
    edit(&place.0.join("bucket/manifest.json"), |m| m["channels"]["stable"] = "r1".into());
    refused(&["promote", "r2", "--to", &bucket, "--key", &key], "was changed");
    refused(&["verify", "--at", &bucket, "--key", &key], "was changed");
    done(&["sign", "--at", &bucket, "--key", &key]);
    signer.check(&file("manifest.json"), Some(&file("manifest.json.sig"))).unwrap();
    done(&["promote", "r2", "--to", &bucket, "--key", &key]);
}
