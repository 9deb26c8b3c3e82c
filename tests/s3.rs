//! Publishing to a real S3 server and loading from it: SeaweedFS, which `./build.sh setup` installs.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

mod releases;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use releases::renamed;
use rusty_s3::actions::{CreateBucket, GetObject, PutObject};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use serde_json::Value;

const KEY: &str = "operator";
const SECRET: &str = "operators-secret";
const SOON: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn weed() -> PathBuf {
    let set = std::env::var_os("SHINE_WEED").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/shine-skin-tools/venv/bin/weed");
    let path = set.unwrap_or_else(home);
    assert!(path.exists(), "{} is not there: run ./build.sh setup first", path.display());
    path
}

/// A server with a bucket `models` that all may read and a bucket `vault` that none may, and all that it wrote; both end with the test.
struct Server {
    process: Child,
    place: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Server {
        let place = std::env::temp_dir().join(format!("shine-skin-s3-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(place.join("data")).unwrap();
        let identities = serde_json::json!({ "identities": [
            { "name": "operator", "credentials": [{ "accessKey": KEY, "secretKey": SECRET }], "actions": ["Admin", "Read", "Write", "List"] },
            { "name": "anonymous", "actions": ["Read:models"] },
        ] });
        let config = place.join("s3.json");
        fs::write(&config, identities.to_string()).unwrap();
        // Ports that were free a moment ago, held together so that no two are the same.
        let held: Vec<TcpListener> = (0..8).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|l| l.local_addr().unwrap().port()).collect();
        drop(held);
        let names = [
            "master.port",
            "master.port.grpc",
            "volume.port",
            "volume.port.grpc",
            "filer.port",
            "filer.port.grpc",
            "s3.port",
            "s3.port.grpc",
        ];
        let set: Vec<String> = names.iter().zip(&ports).map(|(name, port)| format!("-{name}={port}")).collect();
        let process = Command::new(weed())
            .args([
                "server",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-filer",
                "-s3",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
            ])
            .args(["-volume.max=20", "-master.volumeSizeLimitMB=64"])
            .arg(format!("-dir={}", place.join("data").display()))
            .arg(format!("-s3.config={}", config.display()))
            .args(set)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { process, place, port: ports[6] };
        let begun = Instant::now();
        while ureq::get(format!("{}/healthz", server.url())).call().is_err() {
            assert!(begun.elapsed() < SOON, "the S3 server does not start");
            std::thread::sleep(Duration::from_millis(200));
        }
        for name in ["models", "vault"] {
            let (bucket, credentials) = (server.bucket(name), server.credentials());
            // Volumes come a little later than the front.
            while ureq::put(CreateBucket::new(&bucket, &credentials).sign(SOON).as_str()).send_empty().is_err() {
                assert!(begun.elapsed() < SOON, "no bucket can be made");
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        server
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn bucket(&self, name: &'static str) -> Bucket {
        Bucket::new(self.url().parse().unwrap(), UrlStyle::Path, name, "us-east-1").unwrap()
    }

    fn credentials(&self) -> Credentials {
        Credentials::new(KEY, SECRET)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_shine-skin"))
            .args(arguments)
            .env("AWS_ENDPOINT_URL", self.url())
            .env_remove("AWS_ENDPOINT_URL_S3")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("SHINE_MANIFEST_PUBLIC_KEY")
            .env("AWS_ACCESS_KEY_ID", KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("XDG_CACHE_HOME", self.place.join("cache"))
            .current_dir(root())
            .output()
            .unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Which release a photo is analysed with.
    fn release(&self, models: &str) -> String {
        let line = self.done(&[
            "analyze",
            "--json",
            "--engine",
            "enhanced",
            "--models",
            models,
            "www/page/sample/astronaut.png",
        ]);
        let report: Value = serde_json::from_str(&line).unwrap();
        report["report"]["release"]["name"].as_str().unwrap_or_else(|| panic!("{line}")).into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.place);
    }
}

#[test]
fn a_release_is_published_loaded_kept_and_signed_for() {
    let server = Server::start();
    let one = renamed(&server.place, "r1");
    let (target, public) = ("s3://models/skin", format!("{}/models/skin", server.url()));
    server.done(&["models", "publish", &one, "--to", target]);
    assert_eq!(server.release(&public), "r1");
    assert_eq!(server.release(target), "r1");
    assert!(server.done(&["models", "verify", "--at", target]).starts_with("6 files"));

    // Caches on the way keep files for ever and the manifest shortly.
    let kept = |name: &str| {
        let response = ureq::get(format!("{public}/{name}")).call().unwrap();
        response.headers()["cache-control"].to_str().unwrap().to_string()
    };
    let manifest: Value = serde_json::from_slice(&fs::read(root().join("models/dist/manifest.json")).unwrap()).unwrap();
    let plan = manifest["models"]["blazeface-short@1"]["files"][0]["url"].as_str().unwrap();
    assert!(kept(plan).contains("immutable") && kept("manifest.json").contains("max-age=60"));

    presigned(&server, &manifest);

    // Without credentials nothing is written, and the bucket says why.
    let output = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["models", "publish", &one, "--to", "s3://vault/x"])
        .env("AWS_ENDPOINT_URL", server.url())
        .env_remove("AWS_ENDPOINT_URL_S3")
        .env_remove("AWS_ACCESS_KEY_ID")
        .current_dir(root())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("403"), "{error}");
}

/// Models in a bucket that nobody may read, each under a URL of its own that is signed for a while: the query is a part of it, and
/// is said to no one.
fn presigned(server: &Server, manifest: &Value) {
    let (vault, credentials) = (server.bucket("vault"), server.credentials());
    let signed = |manifest: &mut Value, seconds: u64| {
        for model in manifest["models"].as_object_mut().unwrap().values_mut() {
            for file in model["files"].as_array_mut().unwrap() {
                let name = file["url"].as_str().unwrap().to_string();
                let bytes = fs::read(root().join("models/dist").join(&name)).unwrap();
                ureq::put(PutObject::new(&vault, Some(&credentials), &name).sign(SOON).as_str()).send(&bytes).unwrap();
                let url = GetObject::new(&vault, Some(&credentials), &name).sign(Duration::from_secs(seconds));
                file["url"] = url.as_str().into();
            }
        }
    };
    let place = server.place.join("signed");
    fs::create_dir_all(&place).unwrap();
    let models = place.to_str().unwrap();
    let mut good = manifest.clone();
    signed(&mut good, 600);
    fs::write(place.join("manifest.json"), good.to_string()).unwrap();
    server.release(models);

    let mut late = manifest.clone();
    signed(&mut late, 1);
    fs::write(place.join("manifest.json"), late.to_string()).unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    let output =
        server.run(&["analyze", "--json", "--engine", "enhanced", "--models", models, "www/page/sample/astronaut.png"]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["error"]["code"], "model-fetch");
    let message = line["error"]["message"].as_str().unwrap();
    assert!(message.contains("403") && !message.contains("Signature"), "{message}");
}
