"""Measures figure by figure, prints each as soon as it is there, and compares it with its target."""

import argparse
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

from figures import ASKED_FOR, FIGURES, SMOKE_FIGURES
from machine import ROOT, Quiet, describe
from programs import BINARY, Failure, Unavailable
from workshop import SMOKE, Load, Workshop

# Above this share of the machine's CPU going to others, a figure says little.
NOISY = 0.05


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__,
                                     epilog="Figures: " + ", ".join(FIGURES) + ". bench/README.md explains them.")
    parser.add_argument("--quick", "--smoke", action="store_true", help="one short round; under a minute")
    parser.add_argument("--only", action="append", choices=FIGURES, metavar="NAME", help="this figure (repeatable)")
    parser.add_argument("--skip", action="append", choices=FIGURES, metavar="NAME", default=[],
                        help="not this figure (repeatable)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each figure instead of 5")
    parser.add_argument("--json", metavar="FILE", help="write everything measured to this file")
    parser.add_argument("--folder", metavar="FOLDER", default=ROOT / "build",
                        help="where the measured stores lie (default: build, so that they are on a disk)")
    parser.add_argument("--list", action="store_true", help="name the figures and end")
    return parser.parse_args()


def number(value, digits=3):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == int(value) else f"{value:.{digits}g}"


def line(series):
    values = " ".join(number(value, series.digits) for value in series.values)
    text = f"{series.name:<26}{number(series.median, series.digits):>9} {series.unit:<3}"
    if series.target is not None:
        bound = ("at least " if series.at_least else "at most ") + number(series.target)
        text += f"  {'reached' if series.reached else 'MISSED ':<8} {bound:<15}"
    else:
        text += " " * 26
    return f"{text} [{values}]  {series.what}" + (f" ({series.note})" if series.note else "")


def print_machine(machine):
    print(f"rankloop {machine['revision']}, {machine['began']}")
    print(f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_GB']} GB, Linux {machine['kernel']}, "
          f"{machine['syncs_per_second']:,} syncs of 4 KiB a second, load {machine['load_average']:.1f}\n", flush=True)


def measure(name, workshop, report):
    """Measures one figure and adds it to the report."""
    began = time.monotonic()
    try:
        with Quiet() as quiet:
            measured = FIGURES[name](workshop)
    except Unavailable as absent:
        print(f"{name}: left out: {absent}\n", flush=True)
        report["left_out"][name] = str(absent)
        return
    except Exception as fault:  # one figure's fault must not cost the others
        if not isinstance(fault, Failure):
            traceback.print_exc()
        print(f"{name}: FAILED: {fault}", flush=True)
        report["failed"][name] = str(fault)
        return
    for series in measured:
        print(line(series))
        report["figures"].append({"figure": name, "others_cpu": quiet.others, **series.to_json()})
    noise = f", noisy: {quiet.others:.0%} of the CPU went to other programs" if quiet.others > NOISY else ""
    print(f"  {name}: {time.monotonic() - began:.0f} s{noise}\n", flush=True)


def main():
    options = arguments()
    if options.list:
        print("\n".join(f"{name:<10}{function.__doc__}" for name, function in FIGURES.items()))
        return 0
    if not BINARY.exists():
        print(f"{BINARY} is missing; build it with script/setup release", file=sys.stderr)
        return 1
    # A terminated run, too, stops its servers and removes its folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = SMOKE if options.quick else Load()
    if options.rounds:
        load.rounds = options.rounds
    names = options.only or [name for name in (SMOKE_FIGURES if options.quick else FIGURES)
                             if name not in (*options.skip, *ASKED_FOR)]
    pathlib.Path(options.folder).mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="bench-", dir=options.folder)
    try:
        report = {"machine": describe(folder, load.sync_seconds), "smoke": options.quick, "figures": [],
                  "left_out": {}, "failed": {}}
        print_machine(report["machine"])
        workshop = Workshop(folder, load)
        for name in names:
            measure(name, workshop, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    verdicts = [figure["reached"] for figure in report["figures"] if figure["reached"] is not None]
    print(f"{sum(verdicts)} targets reached, {len(verdicts) - sum(verdicts)} missed, {len(report['failed'])} failed")
    return 1 if report["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
