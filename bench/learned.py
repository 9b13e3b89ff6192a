"""How well is learned, and how fast: from labelled files, by the whole loop, from real choices."""

import concurrent.futures
import csv
import json
import resource
import shutil
import statistics
import time

from programs import ROOT, Failure, Server, guests, run, tree_benchmark, wait_until
from workshop import Series


def told(*command, seconds=300, allowed=(0,)):
    """What a command of rankloop says as one JSON object; `allowed`: its exit statuses that are answers."""
    done = run(*command, "--json", seconds=seconds)
    if done.returncode not in allowed:
        raise Failure(f"rankloop {command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def ended_cpu():
    """User and system time of the programs that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# The ways of training on the same rows: name, and options of `rankloop train`.
RECIPES = {
    "reference": ("--family", "mlp", "--recipe", "reference", "--no-crosses"),
    "gbdt": ("--family", "gbdt", "--no-crosses"),
    "logistic, crosses": ("--family", "logistic"),
    "mlp, crosses": ("--family", "mlp"),
    "gbdt, crosses": ("--family", "gbdt"),
}


def learning(workshop):
    """Models trained on 8,000 rows of 800 simulated guests, judged on 2,000 of 200 others."""
    folder = workshop.new_folder()
    folder.mkdir()
    train, test = folder / "train.tsv", folder / "test.tsv"
    trainings = {name: [] for name in RECIPES}
    bound = []
    for seed in range(1, 2 * workshop.load.rounds + 1):
        done = run("simulate", "data", "--guests", 1000, "--seed", seed, "--true-score", "--quiet", "--train-out",
                   train, "--test-out", test)
        if done.returncode:
            raise Failure(f"simulate data ended with {done.returncode}: {done.stderr[-500:]}")
        bound.append(told("evaluate", test)["auc"])
        for name, options in RECIPES.items():
            before = ended_cpu()
            outcome = told("train", *options, "--data", train, "--test", test, "--out", folder)
            trainings[name].append({**outcome, "cpu_seconds": ended_cpu() - before})
    shutil.rmtree(folder)
    auc = {name: [each["test"]["auc"] for each in rounds] for name, rounds in trainings.items()}
    crossed = [name for name in RECIPES if name.endswith("crosses")]
    best = max(crossed, key=lambda name: statistics.median(auc[name]))
    return [
        Series("reference recipe", "reading, training and writing the network as first published", "s",
               [each["seconds"] for each in trainings["reference"]], 1, False, "the original 110 to 150 s",
               trainings["reference"]),
        Series("reference recipe, CPU", "of the whole command, judging included; tells more on a busy machine", "s",
               [each["cpu_seconds"] for each in trainings["reference"]]),
        Series("AUC, reference recipe", "of test rows, one value a seed of the guests", "", auc["reference"], 0.85,
               note="the original 0.816", digits=4),
        Series("AUC, gbdt", "without crosses", "", auc["gbdt"], 0.865, digits=4, details=trainings["gbdt"]),
        *(Series(f"AUC, {name}", "the domain's crosses beside its features", "", auc[name],
                 0.895 if name == best else None, note="the best family" if name == best else "", digits=4,
                 details=trainings[name]) for name in crossed),
        Series("AUC, guests' own score", "on the same test rows", "", bound, digits=4),
    ]


FAMILIES = ("logistic", "mlp", "gbdt", "popularity")


def loop(workshop):
    """The whole loop: blocks of journeys, a training after each, and then what guests get."""
    load = workshop.load
    journeys = (load.loop_blocks + 1) * load.loop_journeys
    series = []
    # Two stores at a time: a training keeps one core busy, and no time is measured here.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = {family: [] for family in FAMILIES}
        for seed in range(1, load.rounds + 1):
            for family in FAMILIES:
                started[family].append(pool.submit(run_loop, workshop.new_folder(), family, seed, load))
        found = {family: [each.result() for each in of_family] for family, of_family in started.items()}
    for family, runs in found.items():
        blocks = list(zip(*(each["way"] for each in runs)))
        curve = " ".join(f"{statistics.median(block):.1f} ({min(block):.1f}..{max(block):.1f})" for block in blocks)
        promoted = sum(verdict == "promote" for each in runs for verdict in each["verdicts"])
        series += [
            Series(f"{family}, exploring", "last block, 5 % of the requests in random order", "%", list(blocks[-1]),
                   note=f"by block: {curve}; {promoted} of {load.rounds * load.loop_blocks} models promoted",
                   details=runs),
            Series(f"{family}, alone", f"the way from random to oracle, {journeys:,} journeys, restarted without "
                   "exploration", "%", [each["alone"] for each in runs],
                   None if family == "popularity" else 95,
                   note="knows no guest" if family == "popularity" else ""),
        ]
    return series


TASTES_RATE = 400  # journeys a second: places rise and fall by journeys, half-lives by seconds


def tastes(workshop):
    """What histories are worth to the whole loop where people come again and places rise and fall."""
    load = workshop.load
    folder = workshop.new_folder()
    folder.mkdir()
    plain = ROOT / "domain/locations.toml"
    told_before = folder / "regulars.toml"
    told_before.write_text(plain.read_text(encoding="utf-8") + (ROOT / "bench/regulars.toml").read_text(encoding="utf-8"),
                           encoding="utf-8")
    domains = {"with histories": told_before, "without": plain}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = {how: [pool.submit(run_regulars, workshop.new_folder(), domain, seed, load)
                         for seed in range(1, load.rounds + 1)] for how, domain in domains.items()}
        found = {how: [each.result() for each in of_domain] for how, of_domain in started.items()}
    lasts = {how: [each[-1] for each in runs] for how, runs in found.items()}
    nearer = [100 * (1 - (100 - known) / (100 - unknown)) for known, unknown in zip(*lasts.values())]
    curves = {how: " ".join(f"{statistics.median(block):.1f}" for block in zip(*runs)) for how, runs in found.items()}
    return [Series(f"regulars, {how}", "the way from random to oracle in the last block", "%", lasts[how],
                   note=f"medians by block: {curves[how]}", details=found[how]) for how in domains] + [
            Series("regulars: nearer", "of what is missing without histories, what they gain", "%", nearer, 50)]


def run_regulars(folder, domain, seed, load):
    """One store from nothing, in a world that goes on from block to block: the way of each block in percent."""
    folder.mkdir()
    settings = {"RANKLOOP_BASELINE": "false"}
    ways = []
    with Server(data_dir=folder, env=settings):
        pass  # makes the places, which only the domain that is built in brings along
    for block in range(load.loop_blocks + 1):
        # The last block is for what was learned: nothing is explored any more.
        share = "0.05" if block < load.loop_blocks else "0"
        with Server("--domain", domain, data_dir=folder, env={**settings, "RANKLOOP_EXPLORATION_SHARE": share}) as server:
            ways.append(way(guests(server, load.loop_journeys, "--guests", 32, "--seed", seed, "--profile", "regulars",
                                   "--rate", TASTES_RATE, "--first-journey", block * load.loop_journeys)))
            if block < load.loop_blocks:
                with server.client() as client:
                    trained(client, "gbdt")
    shutil.rmtree(folder)
    return ways


def run_loop(folder, family, seed, load):
    """One store from nothing: the way of each block in percent, and the verdict of each training."""
    folder.mkdir()
    settings = {"RANKLOOP_BASELINE": "false", "RANKLOOP_EXPLORATION_SHARE": "0.05"}
    found = {"family": family, "seed": seed, "way": [], "verdicts": [], "training_seconds": []}
    last = 0
    with Server(data_dir=folder, env=settings) as server, server.client() as client:
        for block in range(load.loop_blocks + 1):
            last = 1000 * seed + block
            found["way"].append(way(guests(server, load.loop_journeys, "--guests", 32, "--seed", last)))
            if block < load.loop_blocks:
                began = time.monotonic()
                found["verdicts"].append(trained(client, family))
                found["training_seconds"].append(time.monotonic() - began)
    # The very guests of the last block again: the pair differs in what exploring costs.
    with Server(data_dir=folder, env={**settings, "RANKLOOP_EXPLORATION_SHARE": "0"}) as server:
        found["alone"] = way(guests(server, load.loop_journeys, "--guests", 32, "--seed", last))
    shutil.rmtree(folder)
    return found


def way(summary):
    """How far from a random order to the true order of the same catalog, in percent."""
    least, most = summary["value_share_random"], summary["value_share_oracle"]
    return 100 * (summary["value_share"] - least) / (most - least)


def trained(client, family, **wanted):
    """Trains to the end; answers the gate's verdict."""
    started = client.post("/train/start", {"family": family, **wanted})
    if started.status != 200:
        raise Failure(f"/train/start answered {started}")
    path = f"/train/status/{started.json['task_id']}"

    def ended():
        status = client.get(path).json
        return status if status["status"] in ("SUCCESS", "FAILURE", "REVOKED") else None

    status = wait_until(ended, 300, what=f"the end of a training of {family}")
    if status["status"] != "SUCCESS":
        raise Failure(f"the training of {family} ended as {status}")
    return client.get(f"/models/{status['model_id']}").json["verdict"]


def trees(workshop):
    """Boosted trees on many rows, by themselves."""
    seconds, cpu, peak = tree_benchmark(workshop.load.tree_rows)
    what = f"{workshop.load.tree_rows:,} rows of 30 features, 100 trees of depth 6, one thread"
    return [Series("training trees", what, "s", [seconds], 30, False),
            Series("training trees, CPU", "the same in CPU time; tells more on a busy machine", "s", [cpu]),
            Series("memory of training trees", "peak of the process, rows included", "MB", [peak], 700, False)]


DOMAIN = ROOT / "domain/flights.toml"
TABLE = ROOT / "data/flights/arc.csv"
FOLDS = 5  # a case is judged in the fold id_case % 5; fold 0 is the figure
CHOICES = {f"{family}, {objective}": ("--family", family, "--objective", objective)
           for family in ("logistic", "gbdt") for objective in ("logistic", "listwise")}


def flights(workshop):
    """Real choices of itineraries: models of 84 choice sets, judged on the other 21."""
    folder = workshop.new_folder()
    folder.mkdir()
    with open(TABLE, newline="", encoding="utf-8") as file:
        rows = [labelled_itinerary(number, row) for number, row in enumerate(csv.DictReader(file), 1)]
    finish_labels(rows)
    imported = import_flights(TABLE, folder / "store", rows)
    orders = {"random order": baseline(rows, lambda row: 0), "cheapest first": baseline(rows, lambda row: -row["fare"])}
    for name, options in CHOICES.items():
        orders[name] = [test_scores(rows, fold, folder, options) for fold in range(FOLDS)]
    series = [Series("import of flights", "items and history into an empty store", "s", [imported])]
    for name, scores in orders.items():
        one, all_ = judged(scores[:1], folder), judged(scores, folder)
        series += [Series(f"MRR, {name}", "21 choice sets, travellers weighted", "", [one["mrr"]], digits=4,
                          note=f"all 105, five folds: {all_['mrr']:.4f}", details=[one, all_]),
                   Series(f"NDCG@10, {name}", "the same, linear gain", "", [one["ndcg@10"]], digits=4,
                          note=f"all 105, five folds: {all_['ndcg@10']:.4f}")]
    shutil.rmtree(folder)
    return series


def labelled_itinerary(number, row):
    """A row of the table as the domain's features, by name; what the domain derives is derived here as well."""
    fields = {"itinerary_id": number, "request": int(row["id_case"]), "choice": float(row["choice"]),
              "item.traveler": row["traveler"], "nb_cnxs": row["nb_cnxs"], "nonstop": int(row["nb_cnxs"] == "0"),
              "elapsed_time": row["elapsed_time"], "fare": max(float(row["fare_hy"]), float(row["fare_ly"])),
              "small_aircraft": int(row["equipment"] == "2"), "low_yield": int(row["traveler"] == "2")}
    fields |= {f"carrier_{carrier}": int(row["carrier"] == str(carrier)) for carrier in range(1, 6)}
    return fields | {f"period_{period}": int(row["timeperiod"] == str(period)) for period in range(1, 10)}


def finish_labels(rows):
    """The share of a case's travellers who picked the row, weighted by how many they were."""
    travellers = {}
    for row in rows:
        travellers[row["request"]] = travellers.get(row["request"], 0) + row["choice"]
    for row in rows:
        row["weight"] = travellers[row["request"]]
        row["label"] = row["choice"] / row["weight"]


def import_flights(table, store, rows):
    began = time.monotonic()
    told("import", "items", table, "--number-rows", "--domain", DOMAIN, "--data-dir", store)
    history = told("import", "history", table, "--request-column", "id_case", "--picked-column", "choice",
                   "--number-rows", "--domain", DOMAIN, "--data-dir", store)
    spent = time.monotonic() - began
    cases = len({row["request"] for row in rows})
    if history["requests"] != cases:
        raise Failure(f"{history['requests']} requests were imported, the table has {cases} cases")
    return spent


def parts(rows, fold):
    """Rows to train on, rows to judge on."""
    return ([row for row in rows if row["request"] % FOLDS != fold],
            [row for row in rows if row["request"] % FOLDS == fold])


def baseline(rows, score):
    """By fold: the judged rows as (request, label, score)."""
    return [[(row["request"], row["label"], score(row)) for row in parts(rows, fold)[1]] for fold in range(FOLDS)]


def test_scores(rows, fold, folder, options):
    """Trains on the other cases and scores this fold's, as (request, label, score)."""
    files = [folder / "train.tsv", folder / "test.tsv"]
    for file, part in zip(files, parts(rows, fold)):
        with open(file, "w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(part[0]), delimiter="\t", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(part)
    scores = folder / "scores.tsv"
    told("train", *options, "--domain", DOMAIN, "--data", files[0], "--test", files[1], "--out", folder / "model",
         "--scores", scores)
    with open(scores, newline="", encoding="utf-8") as file:
        return [(f"{fold}-{row['request']}", row["label"], row["score"])
                for row in csv.DictReader(file, delimiter="\t")]


def judged(folds, folder):
    """What `rankloop evaluate` says of the rows of these folds together."""
    file = folder / "judged.tsv"
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter="\t")
        writer.writerow(("request", "label", "score"))
        for rows in folds:
            writer.writerows(rows)
    return told("evaluate", file, "--gain", "linear")
