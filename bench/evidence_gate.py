"""How often the gate errs and what it finds, in worlds whose truth is known."""

import json
import subprocess

from programs import BENCHMARKS, Failure
from workshop import Series

NOMINAL = 2.5  # per cent: one side of a 95 % interval
SPREAD = 1.5  # of 1,000 runs, three standard errors


def gate(workshop):
    """Equal, better and worse challengers on lists that the champion ordered and on random ones; many looks."""
    told = simulated(workshop.load.evidence_runs)
    spread = SPREAD * (1000 / told["runs"]) ** 0.5
    return [*worlds(told["worlds"], spread), *looks(told["looks"], spread), *powers(told["power"]),
            *sequences(told["sequences"], spread)]


def simulated(runs):
    program = BENCHMARKS / "evidence_bench"
    if not program.exists():
        raise Failure(f"{program} is missing; build it with script/setup bench")
    done = subprocess.run([str(program), str(runs)], capture_output=True, text=True, timeout=7200, check=False)
    if done.returncode:
        raise Failure(f"evidence_bench: {done.stderr[-400:]}")
    return json.loads(done.stdout)


def worlds(found, spread):
    series = []
    for challenger, outcome in (("equal", "promoted"), ("equal", "proved_worse"), ("better", "promoted"), ("better", "proved_worse"),
                                ("worse", "promoted")):
        for lists in ("randomised", "corrected", "as they are"):
            rates = [100 * world[outcome] for world in found if world["challenger"] == challenger and world["lists"] == lists]
            # Lists as they are show why the others are made; what is better is found as often as it is.
            wrong = lists != "as they are" and (challenger, outcome) != ("better", "promoted")
            series.append(Series(f"{challenger}, {lists}", f"{outcome.replace('_', ' ')} of 400 requests, the {'most' if wrong else 'least'} "
                                 "over three kinds of attention", "%", [max(rates) if wrong else min(rates)],
                                 NOMINAL + spread if wrong else None, False,
                                 f"falling as position^-0, ^-0.5, ^-1: {' '.join(format(rate, '.1f') for rate in rates)}"))
    return series


def looks(found, spread):
    return [
        Series("50 retrainings, spent", "tenures in which an equal model is promoted even once", "%",
               [100 * found["new_models_spent"]], 5 + spread, False, f"without spending {100 * found['new_models_ignored']:.0f} %"),
        Series("50 looks, sequence", "at one equal model, while people are added: promoted at any", "%",
               [100 * found["one_model_sequence"]], 5 + spread, False,
               f"with the interval of one look {100 * found['one_model_ignored']:.0f} %"),
    ]


def powers(found):
    return [Series(f"power, {each['people']} people", "a model that is better by 0.2 deviations is promoted: one fixed look", "%",
                   [100 * each["fixed"]], note=f"spending: first look {100 * each['spent_first_look']:.0f} %, tenth "
                   f"{100 * each['spent_tenth_look']:.0f} %; sequence {100 * each['sequence']:.0f} %") for each in found]


def sequences(found, spread):
    return [Series(f"coverage, {name.replace('_', ' ')}", "runs of 10,000 observations whose every look held the mean", "%",
                   [100 * share], None if name.startswith("one_look") else 95 - spread) for name, share in found.items()]
