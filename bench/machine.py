"""What the figures were measured on, and how quiet it was meanwhile."""

import os
import pathlib
import platform
import resource
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCK = b"\xa5" * 4096


def _field(file, name):
    for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.split(":", 1)[1].strip()
    return "unknown"


def _git(*args):
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()


def revision():
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "src", "db", "domain", "cmake")
    return (_git("rev-parse", "--short=12", "HEAD") or "unknown") + (" and changes" if changed else "")


def syncs_per_second(folder, seconds):
    """How often a second one 4 KiB block can be written and brought to the disk, one after the other."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        os.pwrite(file.fileno(), BLOCK * 256, 0)
        os.fsync(file.fileno())
        count = 0
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            os.pwrite(file.fileno(), BLOCK, count % 256 * len(BLOCK))
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.monotonic() - begin)


def describe(folder, sync_seconds):
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_GB": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1e6, 1),
        "kernel": platform.release(),
        "syncs_per_second": round(syncs_per_second(folder, sync_seconds)),
        "load_average": os.getloadavg()[0],
        "revision": revision(),
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


class Quiet:
    """As a context manager: `others` is then the share of the machine's CPU that went to processes which are neither
    this one nor its ended children, 0 to 1."""

    others = 0.0

    @staticmethod
    def _spent():
        own = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            own += usage.ru_utime + usage.ru_stime
        with open("/proc/stat", encoding="utf-8") as file:
            ticks = [int(text) for text in file.readline().split()[1:9]]
        idle = ticks[3] + ticks[4]
        per_second = os.sysconf("SC_CLK_TCK")
        return own, (sum(ticks) - idle) / per_second, sum(ticks) / per_second

    def __enter__(self):
        self._before = self._spent()
        return self

    def __exit__(self, *_):
        own, busy, whole = (after - before for after, before in zip(self._spent(), self._before))
        self.others = max(0.0, busy - own) / whole if whole > 0 else 0.0
