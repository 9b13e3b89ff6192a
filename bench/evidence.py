"""What it costs to know more: exploration and interleaving."""

import concurrent.futures
import csv
import shutil

import evidence_gate
from learned import told, trained, way
from programs import Failure, Server, guests, interleaving_benchmark
from workshop import Series

SHOWN = 10
# The ways of answering, by the settings below [exploration]; the first is what the others are compared with.
WAYS = {
    "own order": {},
    "uniform": {"policy": "uniform", "share": 0.05},
    "epsilon_positions": {"policy": "epsilon_positions", "share": 0.05},
    "softmax": {"policy": "softmax", "share": 1},
    "softmax, most_loss": {"policy": "softmax", "share": 1, "temperature": 1, "most_loss": 0.01},
    "thompson": {"policy": "thompson", "share": 1},
    "squarecb": {"policy": "squarecb", "share": 1},
}
PRESET = "softmax"


def evidence(workshop):
    """How often the gate errs, what exploring costs and its logs tell, and how soon interleaving tells the better model."""
    return [*evidence_gate.gate(workshop), *exploration(workshop), *interleaving(workshop)]


def exploration(workshop):
    """Ways to explore: what guests get of them, and how much their logs tell of another model."""
    load = workshop.load
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = [pool.submit(explored, workshop, seed) for seed in range(1, load.rounds + 1)]
        runs = [each.result() for each in started]
    series = []
    for name in WAYS:
        found = [run[name] for run in runs]
        target = name == PRESET
        series.append(Series(f"{name}, shown", f"the way from random to oracle, {load.loop_journeys:,} journeys", "%",
                             [each["way"] for each in found], 98 if target else None, details=found,
                             note=f"{mean_of(found, 'kept'):.1f} % of what the same model's own order is worth"))
        if name != "own order":
            told_of = {whose: (mean_of([each[whose] for each in found], "effective"),
                               mean_of([each[whose] for each in found], "support")) for whose in ("next", "other")}
            series.append(Series(f"{name}, ESS", "effective sample size of the log for the next model's order, of its "
                                 "items", "%", [100 * each["next"]["effective"] for each in found],
                                 10 if target else None, note="; ".join((
                                     f"the log could show {100 * told_of['next'][1]:.0f} % of that order",
                                     f"of another family's {100 * told_of['other'][1]:.0f} %, "
                                     f"ESS {100 * told_of['other'][0]:.1f} %"))))
    return series


def mean_of(found, key):
    return sum(each[key] for each in found) / len(found)


def explored(workshop, seed):
    """A store with a champion, the next model of its family and one of another, and each way on a copy of it."""
    load = workshop.load
    folder = workshop.new_folder()
    folder.mkdir()
    with Server(data_dir=folder, env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        guests(server, load.evidence_journeys, "--guests", 32, "--seed", 1000 * seed)
        champion = model(client, "logistic")
        guests(server, load.evidence_journeys, "--guests", 32, "--seed", 1000 * seed + 1)
        challengers = {"next": model(client, "logistic"), "other": model(client, "gbdt")}
        answer = client.post(f"/models/{champion}/promote", {"reason": "the benchmark's champion"})
        if answer.status != 200:
            raise Failure(f"the champion was not promoted: {answer}")
    found = {name: answered(workshop, folder, settings, challengers, 1000 * seed + 2)
             for name, settings in WAYS.items()}
    for each in found.values():
        each["kept"] = 100 * each["value"] / found["own order"]["value"]
    shutil.rmtree(folder)
    return found


def model(client, family):
    trained(client, family, promote="manual")
    return client.get("/models").json[-1]["model_id"]


def answered(workshop, store, settings, challengers, seed):
    """What guests get who are answered by these settings, and what the log says of each challenger's order."""
    folder = workshop.new_folder()
    folder.mkdir()
    env = {f"RANKLOOP_EXPLORATION_{name.upper()}": str(value) for name, value in settings.items()}
    with Server(data_dir=folder, env=env, copy_of=store) as server, server.client() as client:
        summary = guests(server, workshop.load.loop_journeys, "--guests", 32, "--seed", seed)
        logs = {name: logged(client, challenger, workshop.load.evidence_lists)
                for name, challenger in challengers.items() if settings}
    found = {"way": way(summary), "value": summary["value_share"] - summary["value_share_random"]}
    for name, log in logs.items():
        found[name] = judged(log, folder / "log.tsv")
    shutil.rmtree(folder)
    return found


def logged(client, challenger, lists):
    """Of the newest lists, what was shown with its propensity, and whether the challenger would have shown it there
    after what stood above it."""
    rows = []
    for task in client.get(f"/tasks?kind=inference&state=succeeded&limit={lists}").json:
        items = client.get(f"/inference/reorder/{task['task_id']}/{challenger}").json["items"]
        left = [item["before"] for item in items]  # by the challenger, best first
        for item in sorted(items, key=lambda item: item["before"])[:SHOWN]:
            rows.append({"request": task["task_id"], "position": item["before"], "propensity": item["propensity"],
                         "reward": 0, "target": int(item["before"] == left[0])})
            left.remove(item["before"])
    return rows


def judged(rows, file):
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    report = told("evaluate", "policy", file, allowed=(0, 1))
    return {"effective": report["weights"]["effective"] / report["items"], "support": report["weights"]["mean"]}


def interleaving(workshop):
    """How many requests find the better of two models, one list of both against a split of the traffic."""
    load = workshop.load
    runs = [interleaving_benchmark(seed, load.interleaved_requests) for seed in range(1, load.rounds + 1)]
    split = " ".join(f"{each['split']:,}" for each in runs)
    return [Series(f"requests, {name.replace('_', ' ')}", "for a power of 80 %, of those that a split needs", "%",
                   [100 * each[name] / each["split"] for each in runs], 10, False, details=runs,
                   note=f"{' '.join(format(each[name], ',') for each in runs)} requests, by a split {split}")
            for name in ("team_draft", "by_chance")]
