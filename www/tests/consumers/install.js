// The examples as their users have them: in directories of their own, with the packed package and what their package.json names.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { ROOT, TARGET } from "../served.js";

/** Where `build.sh` put the package, and where the examples are installed. */
export const HERE = `${TARGET}/consumers`;
export const TARBALL = `${HERE}/${readdirSync(HERE).find((name) => name.endsWith(".tgz"))}`;

const quietly = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });

/** Installs an example, and `more` packages by their versions, and answers with its directory. What npm brought stays from one run to the next, but for the package itself. */
export function install(name, more = {}) {
  const directory = `${HERE}/${name}`;
  const stamp = `${directory}/.installed`;
  const manifest = JSON.parse(readFileSync(`${ROOT}www/examples/${name}/package.json`, "utf8"));
  Object.assign(manifest.dependencies, more, { "shine-skin": `file:${TARBALL}` });
  const wanted = JSON.stringify(manifest);
  const there = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (!there) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  // What the example no longer has is not to hide that it is missed.
  for (const old of readdirSync(directory)) if (!["node_modules", ".installed"].includes(old)) rmSync(`${directory}/${old}`, { recursive: true });
  cpSync(`${ROOT}www/examples/${name}`, directory, { recursive: true });
  writeFileSync(`${directory}/package.json`, wanted);
  // The package has another hash with each build.
  rmSync(`${directory}/package-lock.json`, { force: true });
  rmSync(`${directory}/node_modules/shine-skin`, { recursive: true, force: true });
  quietly("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--no-package-lock"], directory);
  writeFileSync(stamp, wanted);
  return directory;
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a command of an example to its end. */
export const run = (directory, [command, ...args], env = {}) =>
  execFileSync(command, args, { cwd: directory, env: { ...process.env, ...env }, maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "pipe"] }).toString();

/** Starts a server of an example; answers once it listens on the port. */
export async function start(directory, [command, ...args], port, env = {}) {
  // In a group of its own: what it starts ends with it.
  const child = spawn(command, args, { cwd: directory, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const url = `http://127.0.0.1:${port}/`;
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch(() => null);
    if (answer) return { url, stop, said: () => said };
    if (child.exitCode !== null || tries > 300) {
      stop();
      throw new Error(`${command} ${args.join(" ")} does not listen: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
