"""How well is learned from public data beside LightGBM, XGBoost and implicit ALS: the same rows and features, one thread."""

import csv
import json
import math
import os
import random
import subprocess
import sys

from programs import ROOT, Failure, Unavailable, run_measured
from public_sets import FOLDER, SETS
from workshop import Series

PEERS = ROOT / "build/peers"  # their virtual environment
FAMILIES = ("popularity", "logistic", "mlp", "gbdt", "factorization")
NDCG_AT = 10
RESAMPLINGS = 1000


def peers_python():
    """The Python that has the peers, made where it is missing or the list of them has changed."""
    wanted = (FOLDER / "peers.txt").read_text(encoding="utf-8")
    stamp = PEERS / "peers.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        for command in ([sys.executable, "-m", "venv", "--clear", PEERS],
                        [PEERS / "bin/pip", "install", "-q", "--only-binary=:all:", "-r", FOLDER / "peers.txt"]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
            if done.returncode:
                raise Unavailable(f"the peers cannot be had: {done.stderr.strip()[-300:]}")
        stamp.write_text(wanted, encoding="utf-8")
    return PEERS / "bin/python"


def write_rows(file, rows):
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


def list_ndcg(rows, scores):
    """NDCG@10 of each list that has something good, gains 2^label - 1, by the order of scores."""
    lists = {}
    for row, score in zip(rows, scores):
        lists.setdefault(row["request"], []).append((score, 2 ** row["label"] - 1))
    found = []
    for one in lists.values():
        best = discounted(sorted((gain for _, gain in one), reverse=True))
        if best > 0:
            found.append(discounted([gain for _, gain in sorted(one, key=lambda each: -each[0])]) / best)
    return found


def discounted(gains):
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains[:NDCG_AT]))


def interval(ours, theirs):
    """The 95 % interval of the mean difference, by drawing lists anew."""
    draw = random.Random(1)
    differences = [one - other for one, other in zip(ours, theirs)]
    means = sorted(mean(draw.choices(differences, k=len(differences))) for _ in range(RESAMPLINGS))
    return means[RESAMPLINGS * 25 // 1000], means[RESAMPLINGS * 975 // 1000]


def mean(values):
    return sum(values) / len(values)


def train_ours(data, family, folder, *options):
    """What a family makes of the rows: NDCG of each test list, seconds of the CPU from the file to the scores."""
    scores = folder / "scores.tsv"
    code, output, usage = run_measured(
        "train", "--family", family, "--objective", "listwise", "--threads", 1, "--domain", data.domain, "--data",
        folder / "train.tsv", "--test", folder / "test.tsv", "--out", folder / "model", "--scores", scores, "--json", *options)
    if code:
        raise Failure(f"rankloop train --family {family} ended with {code} on {data.name}")
    with open(scores, newline="", encoding="utf-8") as file:
        found = [float(row["score"]) for row in csv.DictReader(file, delimiter="\t")]
    return {"name": family, "lists": list_ndcg(data.test, found), "seconds": usage.ru_utime + usage.ru_stime,
            "told": json.loads(output)}


def train_peer(data, peer, folder, trials):
    """What a peer makes of the rows, with the seconds of the CPU of its last fit alone, after all its trials."""
    plan = {"peer": peer, "train": str(folder / "train.tsv"), "test": str(folder / "test.tsv"), "item": item_id(data),
            "numbers": data.numbers, "categories": data.categories, "tags": data.tags, "trials": trials, "seed": 42,
            "scores": str(folder / "peer.txt")}
    if data.people:
        plan["categories"] = (*data.categories, "user_key")
    file = folder / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run([peers_python(), ROOT / "bench/public_peers.py", file], capture_output=True, text=True,
                          timeout=7200, check=False, env={**os.environ, **one_thread})
    if done.returncode:
        raise Failure(f"{peer} ended with {done.returncode} on {data.name}: {done.stderr[-500:]}")
    scores = [float(line) for line in (folder / "peer.txt").read_text(encoding="utf-8").splitlines()]
    told = json.loads(done.stdout.splitlines()[-1])
    return {"name": peer, "lists": list_ndcg(data.test, scores), "seconds": told["seconds"], "told": told}


def item_id(data):
    """The column that names items: it ends so in all our domains, and only it does."""
    return next(name for name in data.test[0] if name.endswith("_id"))


def measured(data, workshop):
    """All figures of one set."""
    folder = workshop.new_folder()
    folder.mkdir()
    write_rows(folder / "train.tsv", data.train)
    write_rows(folder / "test.tsv", data.test)
    ours = [train_ours(data, family, folder) for family in FAMILIES]
    peers = [train_peer(data, peer, folder, workshop.load.public_trials) for peer in ("lightgbm", "xgboost")]
    series = [line for each in ours for line in lines(data, each, "presets, from the file to the scores")]
    series += [line for each in peers for line in lines(data, each, trials_text(each))]
    # Which is best is seen on the test lists, on either side.
    series += compared(data, max(ours, key=quality), max(peers, key=quality), 0.99)
    if data.factorised:
        als = train_peer(data, "als", folder, workshop.load.public_trials)
        series += lines(data, als, trials_text(als))
        series += compared(data, next(each for each in ours if each["name"] == "factorization"), als, 1)
    return series


def quality(each):
    return mean(each["lists"])


def trials_text(peer):
    trials = peer["told"]["trials"]
    return f"one fit after {len(trials)} trials of {sum(trials):.0f} s together"


def lines(data, each, how):
    return [Series(f"{data.name}, {each['name']}", f"NDCG@10 of {len(each['lists']):,} lists", "", [quality(each)], digits=4,
                   details=[each["told"]]),
            Series(f"{data.name}, {each['name']}", f"CPU, {how}", "s", [each["seconds"]])]


def compared(data, ours, theirs, share):
    """The figures with targets: quality, and the time that it took to reach it, which for a peer is that of its trials, too."""
    low, high = interval(ours["lists"], theirs["lists"])
    names = f"{ours['name']} to {theirs['name']}"
    searched = theirs["seconds"] + sum(theirs["told"]["trials"])
    return [Series(f"{data.name}: quality", f"NDCG@10, {names}", "x", [quality(ours) / quality(theirs)], share, digits=4,
                   note=f"difference {quality(ours) - quality(theirs):+.4f}, 95 % of lists drawn anew {low:+.4f} to {high:+.4f}"),
            Series(f"{data.name}: time", f"CPU of one training to trials and fit, {names}", "x", [ours["seconds"] / searched],
                   1, False),
            Series(f"{data.name}: one fit", f"the same to the fit alone, {names}", "x", [ours["seconds"] / theirs["seconds"]])]


def public(workshop):
    """Learning from public data beside LightGBM, XGBoost and implicit ALS."""
    peers_python()
    series = []
    for read in SETS:
        series += measured(read(), workshop)
    return series
