"""Many journeys leave no memory behind."""

import json
import os
import pathlib

from process_state import resident_bytes
from rankloop_process import Server, run

JOURNEYS = 10_000
MOST_GROWTH = 8 << 20  # 800 bytes a journey would be a leak


def journeys(server, count, seed):
    outcome = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "32", "--journeys", count,
                  "--seed", seed, "--quiet", "--json", seconds=900)
    assert outcome.returncode == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert report["journeys"] == count and report["failed"] == 0, report
    return report["journeys_per_second"]


def test_two_windows_of_ten_thousand_journeys_need_the_same_memory(first_start, tmp_path):
    # The log is not what is measured: in memory it costs no time.
    shared_memory = pathlib.Path("/dev/shm")
    folder = shared_memory / f"rankloop-fault-{os.getpid()}" if shared_memory.is_dir() else tmp_path / "data"
    folder.mkdir()
    # Small caches are full before the first window ends; a sanitizer's graveyard of freed memory has to be as well.
    server = Server("--workers", "1", data_dir=folder, copy_of=first_start.data_dir, env={
        "RANKLOOP_MEMORY_RECENT_RESULTS": "4MB",
        "RANKLOOP_MEMORY_STORE_CACHE": "4MB",
        "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8",
    })
    try:
        server.start()
        begun = resident_bytes(server.pid)
        rate = journeys(server, JOURNEYS, 1)
        first = resident_bytes(server.pid)
        journeys(server, JOURNEYS, 2)
        second = resident_bytes(server.pid)
        server.stop()
    finally:
        if server.running:
            server.kill()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    print(f"\n{begun >> 10} kB, after {JOURNEYS} journeys {first >> 10} kB, after {2 * JOURNEYS} {second >> 10} kB "
          f"({rate:.0f} journeys/s)")
    assert second - first < MOST_GROWTH
