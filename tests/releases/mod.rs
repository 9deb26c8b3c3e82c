//! Releases to publish: copies of the models that ship, under other names.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Changes a JSON file.
pub fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut manifest = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
}

/// A copy of the models in a place, whose stable release has another name; where it lies.
pub fn renamed(place: &Path, release: &str) -> String {
    let copy = place.join(release);
    fs::create_dir_all(&copy).unwrap();
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/dist");
    for entry in fs::read_dir(dist).expect("run ./build.sh models first") {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    edit(&copy.join("manifest.json"), |manifest| {
        let old = manifest["channels"]["stable"].as_str().unwrap().to_string();
        let entry = manifest["releases"].as_object_mut().unwrap().remove(&old).unwrap();
        manifest["releases"][release] = entry;
        manifest["channels"]["stable"] = release.into();
    });
    copy.to_str().unwrap().into()
}
