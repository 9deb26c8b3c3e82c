// A real S3 server on this machine: SeaweedFS, which `./build.sh setup` installs.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";

const WEED = process.env.SHINE_WEED ?? `${homedir()}/.cache/shine-skin-tools/venv/bin/weed`;
const KEY = "operator";
const SECRET = "operators-secret";

/** Ports that are free now, held together so that no two are the same. */
async function ports(count) {
  const held = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    })),
  );
  const free = held.map((server) => server.address().port);
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return free;
}

/** Calls until it answers as it should. */
async function until(what, call) {
  const end = Date.now() + 60_000;
  for (;;) {
    if (await call().then((response) => response.ok, () => false)) return;
    if (Date.now() > end) throw new Error(`The S3 server has no ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A server with a bucket `models` that all may read, from pages too, and that `env` may write. */
export async function s3() {
  const place = mkdtempSync(`${tmpdir()}/shine-skin-s3-`);
  const actions = ["Admin", "Read", "Write", "List"];
  const identities = [
    { name: "operator", credentials: [{ accessKey: KEY, secretKey: SECRET }], actions },
    { name: "anonymous", actions: ["Read:models"] },
  ];
  writeFileSync(`${place}/s3.json`, JSON.stringify({ identities }));
  const names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"];
  const free = await ports(names.length);
  const fixed = ["-filer", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=20", "-master.volumeSizeLimitMB=64"];
  const set = names.map((name, i) => `-${name}=${free[i]}`);
  const own = [`-dir=${place}`, `-s3.config=${place}/s3.json`, "-ip=127.0.0.1", "-ip.bind=127.0.0.1"];
  const child = spawn(WEED, ["server", ...fixed, ...own, ...set], { stdio: "ignore" });
  const at = (port) => `http://127.0.0.1:${free[names.indexOf(port)]}`;
  await until("front", () => fetch(`${at("s3.port")}/healthz`));
  // What lies below /buckets of the filer is a bucket.
  await until("bucket", () => fetch(`${at("filer.port")}/buckets/models/`, { method: "POST" }));
  return {
    url: at("s3.port"),
    place,
    env: { AWS_ENDPOINT_URL: at("s3.port"), AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, XDG_CACHE_HOME: `${place}/cache` },
    stop() {
      child.kill("SIGKILL");
      child.once("exit", () => rmSync(place, { recursive: true, force: true }));
    },
  };
}
