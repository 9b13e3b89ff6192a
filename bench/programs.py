"""The programs that a measurement runs: the server, its simulated guests, nginx, wrk, the C++ benchmarks.

Each is started with a deadline and is stopped by whoever started it.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from process import answers, free_port, program  # noqa: E402,F401
from rankloop_process import BINARY, Server, environment, run, wait_until  # noqa: E402,F401

TICKS = os.sysconf("SC_CLK_TCK")
BENCHMARKS = pathlib.Path(os.environ.get("RANKLOOP_BENCHMARKS", ROOT / "build/bench/bench"))


class Failure(Exception):
    """A figure could not be measured."""


class Unavailable(Exception):
    """What a figure measures is not on this machine."""


def cpu_seconds(pid):
    """User and system time of a process that runs."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def status_field(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise Failure(f"/proc/{pid}/status has no {name}")


def resident_megabytes(pid):
    return status_field(pid, "VmRSS") * 1024 / 1e6


def written_bytes(pid):
    """What the process caused to be sent to the disk."""
    for line in pathlib.Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    raise Failure(f"/proc/{pid}/io has no write_bytes")


def processes_below(pid):
    """The process and its descendants, by id."""
    found = [pid]
    for parent in found:
        for children in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in children.read_text(encoding="utf-8").split()]
    return found


def threads(pid):
    """What every thread has spent: id -> (name, CPU seconds, voluntary and forced context switches)."""
    seen = {}
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = dict(line.split(":", 1) for line in
                          (thread / "status").read_text(encoding="utf-8").splitlines() if ":" in line)
            times = (thread / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            seen[int(thread.name)] = (fields["Name"].strip(), (int(times[11]) + int(times[12])) / TICKS,
                                      int(fields["voluntary_ctxt_switches"]),
                                      int(fields["nonvoluntary_ctxt_switches"]))
    return seen


COMMIT_COUNTERS = ("rankloop_storage_commit_seconds_count", "rankloop_storage_commit_seconds_sum",
                   "rankloop_storage_batch_writes_sum")


def commits(server):
    """Since the start: how many commits, their seconds, the writes in them."""
    with server.client() as client:
        lines = dict(line.split(" ", 1) for line in client.get("/metrics").text.splitlines() if line[:1] != "#")
    return [float(lines[name]) for name in COMMIT_COUNTERS]


def guests(server, journeys, *options, seconds=600):
    """Runs simulated guests without waits and answers their summary, with the CPU both sides spent a journey."""
    command = [str(BINARY), "simulate", "traffic", "--url", server.url, "--no-wait", "--journeys", str(journeys),
               "--json", "--quiet", *map(str, options)]
    committed = commits(server)
    before = cpu_seconds(server.pid)
    spent = threads(server.pid)
    child = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE)
    try:
        # Its CPU is known only from its end, which wait4 tells and Popen does not.
        output = _read_all(child, seconds)
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(code)
    finally:
        if child.returncode is None:
            child.kill()
            child.wait()
        child.stdout.close()
    if child.returncode != 0:
        raise Failure(f"the guests ended with {child.returncode}: {output[-500:]}")
    summary = json.loads(output)
    if summary["failed"] or summary["journeys"] != journeys:
        raise Failure(f"{summary['failed']} of {summary['journeys']} journeys failed, {journeys} were asked for")
    summary["server_cpu_us"] = (cpu_seconds(server.pid) - before) / journeys * 1e6
    summary["guests_cpu_us"] = (usage.ru_utime + usage.ru_stime) / journeys * 1e6
    summary["threads"] = _spent_each(spent, threads(server.pid), journeys)
    count, seconds, writes = (after - since for after, since in zip(commits(server), committed))
    summary["commit_ms"] = seconds / count * 1e3
    summary["writes_a_commit"] = writes / count
    return summary


def run_measured(*args):
    """Runs a command of rankloop to its end: its exit code, what it printed, and the resources it took."""
    child = subprocess.Popen([str(BINARY), *map(str, args)], env=environment(), stdout=subprocess.PIPE)
    output = child.stdout.read().decode()
    child.stdout.close()
    _, code, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(code)
    return child.returncode, output, usage


def _read_all(child, seconds):
    expiry = time.monotonic() + seconds
    os.set_blocking(child.stdout.fileno(), False)
    output = b""
    while time.monotonic() < expiry:
        part = child.stdout.read()
        if part == b"":
            return output.decode()
        if part is None:
            time.sleep(0.02)
        else:
            output += part
    raise Failure(f"the guests did not end within {seconds} s")


def _spent_each(before, after, journeys):
    """CPU and context switches a journey of the threads that did something."""
    each = []
    for thread, (name, *now) in after.items():
        cpu, voluntary, forced = (value - since for value, since in zip(now, before.get(thread, (name, 0, 0, 0))[1:]))
        if cpu > 0:
            each.append({"thread": name, "cpu_us": round(cpu / journeys * 1e6, 1),
                         "voluntary_switches": round(voluntary / journeys, 3),
                         "forced_switches": round(forced / journeys, 3)})
    return sorted(each, key=lambda entry: -entry["cpu_us"])


def requests_per_second(url, seconds):
    """What wrk reaches with 64 connections and one thread."""
    done = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", url], capture_output=True, text=True,
                          timeout=seconds + 60, check=False)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    if done.returncode or not rate or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise Failure(f"wrk {url}: {done.stdout[-400:]}{done.stderr[-400:]}")
    return float(rate[1])


NGINX_SETTINGS = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port};
{locations}
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder, bodies):
    """nginx with one worker that answers each path with its constant body from memory; gives its URL."""
    port = free_port()
    for body in bodies.values():
        if set(body) & set("'$\\\n"):
            raise Failure(f"nginx's settings cannot hold this body: {body}")
    folder.mkdir()
    locations = "\n".join(f"    location = {path} {{ return 200 '{body}'; }}" for path, body in bodies.items())
    (folder / "nginx.conf").write_text(NGINX_SETTINGS.format(port=port, locations=locations), encoding="utf-8")
    server = subprocess.Popen([program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), what="nginx")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def cpp_benchmark(name, pattern, repetitions, least_seconds):
    """The rows of a Google Benchmark program, one a repetition."""
    program = BENCHMARKS / name
    if not program.exists():
        raise Failure(f"{program} is missing; build it with script/setup release")
    done = subprocess.run([str(program), f"--benchmark_filter={pattern}", f"--benchmark_repetitions={repetitions}",
                           f"--benchmark_min_time={least_seconds}", "--benchmark_format=json"],
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise Failure(f"{name}: {done.stderr[-400:]}")
    rows = [row for row in json.loads(done.stdout)["benchmarks"] if row["run_type"] == "iteration"]
    if not rows:
        raise Failure(f"{name} has nothing named {pattern}")
    return rows


def tree_benchmark(rows):
    """What gbdt_bench prints of a training: its seconds, those of the CPU, and the process's peak memory in MB."""
    program = BENCHMARKS / "gbdt_bench"
    if not program.exists():
        raise Failure(f"{program} is missing; build it with script/setup release")
    done = subprocess.run([str(program), str(rows)], capture_output=True, text=True, timeout=300, check=False)
    told = re.search(r"^train .*: ([\d.]+) s \(processors ([\d.]+) s\), peak (\d+) MB", done.stdout, re.MULTILINE)
    if done.returncode or not told:
        raise Failure(f"gbdt_bench: {done.stdout[-400:]}{done.stderr[-400:]}")
    return float(told[1]), float(told[2]), float(told[3]) * 1.048576  # it counts in MiB


def interleaving_benchmark(seed, requests):
    """What interleaving_bench says of the models of a seed."""
    program = BENCHMARKS / "interleaving_bench"
    if not program.exists():
        raise Failure(f"{program} is missing; build it with script/setup release")
    done = subprocess.run([str(program), str(seed), str(requests)], capture_output=True, text=True, timeout=300,
                          check=False)
    if done.returncode:
        raise Failure(f"interleaving_bench: {done.stderr[-400:]}")
    return json.loads(done.stdout)


def storage_benchmark(folder, journeys, items):
    """What storage_bench prints: journeys a second of the store alone."""
    program = BENCHMARKS / "storage_bench"
    if not program.exists():
        raise Failure(f"{program} is missing; build it with script/setup release")
    done = subprocess.run([str(program), str(journeys), str(items), str(folder)], capture_output=True, text=True,
                          timeout=300, check=False)
    rate = re.search(r"^journeys\s+(\d+) /s", done.stdout, re.MULTILINE)
    if done.returncode or not rate:
        raise Failure(f"storage_bench: {done.stdout[-400:]}{done.stderr[-400:]}")
    return float(rate[1])
