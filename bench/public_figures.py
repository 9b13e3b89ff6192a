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


def intervals(ours, theirs):
    """The 95 % intervals of the ratio of means and of their difference, by drawing lists anew, each with both its figures."""
    draw = random.Random(1)
    pairs = list(zip(ours, theirs))
    drawn = []
    for _ in range(RESAMPLINGS):
        one, other = map(mean, zip(*draw.choices(pairs, k=len(pairs))))
        drawn.append((one / other, one - other))
    return tuple((values[RESAMPLINGS * 25 // 1000], values[RESAMPLINGS * 975 // 1000]) for values in map(sorted, zip(*drawn)))


def mean(values):
    return sum(values) / len(values)


def train_ours(data, family, folder, *options):
    """What a family makes of the rows, by its presets unless told: NDCG of each test list, seconds of the CPU from the file
    to the scores, trials included."""
    made = {"name": family, "lists": [], "seconds": 0, "told": []}
    for part, (_, test) in zip(folders(data, folder), data.parts):
        scores = part / "scores.tsv"
        code, output, usage = run_measured(
            "train", "--family", family, "--objective", "listwise", "--threads", 1, "--domain", data.domain, "--data",
            part / "train.tsv", "--test", part / "test.tsv", "--out", part / "model", "--scores", scores, "--json", *options)
        if code:
            raise Failure(f"rankloop train --family {family} ended with {code} on {data.name}")
        with open(scores, newline="", encoding="utf-8") as file:
            made["lists"] += list_ndcg(test, [float(row["score"]) for row in csv.DictReader(file, delimiter="\t")])
        made["seconds"] += usage.ru_utime + usage.ru_stime
        made["told"].append(json.loads(output))
    return made


def train_peer(data, peer, folder, trials):
    """What a peer makes of the rows, with the seconds of the CPU of its last fit alone, after all its trials."""
    made = {"name": peer, "lists": [], "seconds": 0, "told": []}
    for part, (_, test) in zip(folders(data, folder), data.parts):
        told = run_peer(data, peer, part, trials)
        scores = [float(line) for line in (part / "peer.txt").read_text(encoding="utf-8").splitlines()]
        made["lists"] += list_ndcg(test, scores)
        made["seconds"] += told["seconds"]
        made["told"].append(told)
    return made


def run_peer(data, peer, folder, trials):
    """Lets a peer learn and score; what it told."""
    plan = {"peer": peer, "train": str(folder / "train.tsv"), "test": str(folder / "test.tsv"), "item": item_id(data),
            "numbers": data.numbers, "categories": data.categories, "tags": data.tags, "trials": trials, "seed": 42,
            "folded": data.folded, "scores": str(folder / "peer.txt")}
    if data.people:
        plan["categories"] = (*data.categories, "user_key")
    file = folder / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run([peers_python(), ROOT / "bench/public_peers.py", file], capture_output=True, text=True,
                          timeout=7200, check=False, env={**os.environ, **one_thread})
    if done.returncode:
        raise Failure(f"{peer} ended with {done.returncode} on {data.name}: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def item_id(data):
    """The column that names items: it ends so in all our domains, and only it does."""
    return next(name for name in data.parts[0][0][0] if name.endswith("_id"))


def folders(data, folder):
    """A folder for each part of a set."""
    return [folder / str(number) for number in range(len(data.parts))]


def measured(data, workshop):
    """All figures of one set."""
    folder = workshop.new_folder()
    for part, (train, test) in zip(folders(data, folder), data.parts):
        part.mkdir(parents=True)
        write_rows(part / "train.tsv", train)
        write_rows(part / "test.tsv", test)
    trials = workshop.load.public_trials
    ours = [train_ours(data, family, folder) for family in FAMILIES]
    tuned = [train_ours(data, family, folder, "--tune", trials) for family in FAMILIES]
    peers = [train_peer(data, peer, folder, trials) for peer in ("lightgbm", "xgboost")]
    series = [line for each in ours for line in lines(data, each, "presets, from the file to the scores")]
    series += [line for each in tuned for line in lines(data, each, f"{trials} trials and a fit, from the file to the scores")]
    series += [line for each in peers for line in lines(data, each, trials_text(each))]
    # Which is best is seen on the test lists, on either side.
    best = max(peers, key=quality)
    series += compared(data, max(ours, key=quality), best, 0.99)
    series += compared_tuned(data, max(tuned, key=quality), best)
    if data.factorised:
        als = train_peer(data, "als", folder, trials)
        series += lines(data, als, trials_text(als))
        series += compared(data, next(each for each in ours if each["name"] == "factorization"), als, 1)
        series += compared_tuned(data, next(each for each in tuned if each["name"] == "factorization"), als)
    return series


def quality(each):
    return mean(each["lists"])


def trials_text(peer):
    fits = len(peer["told"])
    return (f"{f'a fit of each of {fits} parts' if fits > 1 else 'one fit'} after {len(peer['told'][0]['trials'])} trials "
            f"of {searched(peer) - peer['seconds']:.0f} s together")


def lines(data, each, how):
    return [Series(f"{data.name}, {each['name']}", f"NDCG@10 of {len(each['lists']):,} lists", "", [quality(each)], digits=4,
                   details=each["told"]),
            Series(f"{data.name}, {each['name']}", f"CPU, {how}", "s", [each["seconds"]])]


def compared(data, ours, theirs, share):
    """The figures with targets: quality, and the time that it took to reach it, which for a peer is that of its trials, too."""
    names = f"{ours['name']} to {theirs['name']}"
    return [ratio(data, "quality", ours, theirs, share),
            Series(f"{data.name}: time", f"CPU of one training to trials and fit, {names}", "x",
                   [ours["seconds"] / searched(theirs)], 1, False),
            Series(f"{data.name}: one fit", f"the same to the fit alone, {names}", "x", [ours["seconds"] / theirs["seconds"]])]


def compared_tuned(data, ours, theirs):
    """The same after as many trials on either side; informs only, since a training is one fit."""
    return [ratio(data, "quality, both tuned", ours, theirs),
            Series(f"{data.name}: time, both tuned", f"CPU of trials and fit, {ours['name']} to {theirs['name']}", "x",
                   [ours["seconds"] / searched(theirs)])]


def searched(peer):
    """Seconds of a peer's trials and last fit."""
    return peer["seconds"] + sum(sum(told["trials"]) for told in peer["told"])


def ratio(data, what, ours, theirs, share=None):
    """One NDCG over another, with what so many lists can tell of it."""
    (low, high), (least, most) = intervals(ours["lists"], theirs["lists"])
    return Series(f"{data.name}: {what}", f"NDCG@10, {ours['name']} to {theirs['name']}", "x", [quality(ours) / quality(theirs)],
                  share, digits=4,
                  note=f"95 % of {len(ours['lists']):,} lists drawn anew: {low:.3f} to {high:.3f}; difference "
                       f"{quality(ours) - quality(theirs):+.4f}, {least:+.4f} to {most:+.4f}")


def public(workshop):
    """Learning from public data beside LightGBM, XGBoost and implicit ALS."""
    peers_python()
    series = []
    for read in SETS:
        series += measured(read(), workshop)
    return series
