"""How the server does under load: wrk with 1, 4, 16 and 64 clients, then with ten times what it has room for, then a signal to end.

    load.py BINARY OUT.md

It needs wrk. The server and wrk share the machine. Fails where an answer is lost, memory grows, or it does not serve again.
"""

import io
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from PIL import Image

ROOT = pathlib.Path(__file__).parents[2]
SECONDS = int(os.environ.get("SHINE_LOAD_SECONDS", "15"))
CLIENTS = [1, 4, 16, 64]


def photo(path):
    """The sample at 1024 pixels, as a JPEG."""
    image = Image.open(ROOT / "www/page/sample/astronaut.png").convert("RGB").resize((1024, 1024), Image.LANCZOS)
    image.save(path, "JPEG", quality=90)
    return path


class Server:
    def __init__(self, binary, *args):
        command = [binary, "serve", "--port", "0", "--models", "models/dist", "--eager", *args]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def resident(self):
        """Megabytes."""
        text = urllib.request.urlopen(self.url + "/metrics").read().decode()
        return float(re.search(r"^process_resident_memory_bytes (.*)$", text, re.M)[1]) / 1e6

    def post(self, body):
        request = urllib.request.Request(self.url + "/v1/analyze", body, {"content-type": "image/jpeg"})
        try:
            return urllib.request.urlopen(request, timeout=60).status
        except urllib.error.HTTPError as error:
            return error.code

    def wrk(self, path, clients, seconds):
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", ROOT / "tests/api/post.lua"]
        out = subprocess.run([*command, self.url + "/v1/analyze", "--", path], check=True, capture_output=True, text=True)
        return json.loads(out.stdout.strip().splitlines()[-1])


def row(name, found, memory):
    answered, refused = (found["statuses"].get(status, 0) for status in ("200", "503"))
    other = sum(found["statuses"].values()) - answered - refused
    seconds = found["seconds"]
    return (
        f"| {name} | {answered / seconds:.1f} | {found['p50']:.0f} | {found['p99']:.0f} | {refused / seconds:.1f} "
        f"| {found['lost'] + other} | {memory:.0f} |"
    )


def flood(server, body, clients, seconds):
    """Clients that each send again as soon as they are answered: statuses, and requests without an answer."""
    statuses, lost, until = {}, [], time.monotonic() + seconds
    lock = threading.Lock()

    def client():
        while time.monotonic() < until:
            try:
                status = server.post(body)
            except urllib.error.URLError as error:
                if isinstance(error.reason, ConnectionRefusedError):
                    return
                lost.append(str(error))
                return
            except OSError as error:
                lost.append(str(error))
                return
            with lock:
                statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    return threads, statuses, lost


def main(binary, out):
    path = photo("/tmp/shine-load.jpg")
    body = pathlib.Path(path).read_bytes()
    server = Server(binary)
    while server.post(body) != 200:
        time.sleep(0.2)
    rows, failures = [], []
    server.wrk(path, 4, 5)
    before = server.resident()
    for clients in CLIENTS:
        found = server.wrk(path, clients, SECONDS)
        rows.append(row(f"{clients}", found, server.resident()))
        if found["lost"] or set(found["statuses"]) - {"200", "503"}:
            failures.append(f"{clients} clients: {found}")
    # Two at work and sixteen that wait are eighteen.
    found = server.wrk(path, 180, SECONDS)
    rows.append(row("180, ten times the room", found, server.resident()))
    after = server.resident()
    # Photos on their way in take up to 100 MB by turns, and no more with each flood.
    server.wrk(path, 180, SECONDS)
    later = server.resident()
    if found["lost"] or found["silent"] or not found["statuses"].get("503"):
        failures.append(f"180 clients: {found}")
    time.sleep(1)
    begun = time.monotonic()
    again = [server.post(body) for _ in range(5)]
    usual = (time.monotonic() - begun) / 5
    if again != [200] * 5:
        failures.append(f"a second later: {again}")
    if max(after, later) > 200:
        failures.append(f"memory went to {after:.0f} and {later:.0f} MB")
    threads, statuses, lost = flood(server, body, 32, 10)
    time.sleep(2)
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(timeout=60)
    for thread in threads:
        thread.join()
    # One in ten thousand comes in the moment when the door closes, and is reset by the system before the server sees it.
    if len(lost) > 2 or status != 0:
        failures.append(f"at the signal: {lost[:3]}, exit {status}")
    cores = os.cpu_count()
    text = f"""# The server under load

Written by `./build.sh load`: {cores} cores, which wrk shares; a JPEG of 1024 × 1024 pixels with one face; {SECONDS} s each; latencies in ms over all
answers, the refused ones among them; memory of the process after it. The server works at {cores} photos at once, lets 16 wait, and refuses the rest with 503.

| clients | reports a second | p50 | p99 | refused a second | lost | MB |
| --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

Memory before: {before:.0f} MB; after another such run of 180 clients: {later:.0f} MB. A second after the last: five of five answered, {1000 * usual:.0f} ms each.

With 32 clients at work it was sent SIGTERM: {sum(statuses.values())} answers ({statuses.get(200, 0)} reports, {statuses.get(503, 0)} refused), {len(lost)} reset by the
system before the server had seen them, exit status {status}.
"""
    pathlib.Path(out).write_text(text)
    print(text)
    if failures:
        sys.exit("\n".join(failures))


main(*sys.argv[1:])
