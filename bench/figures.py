"""What is measured, one function a figure. Each takes a Workshop and answers one Series per value it tells about."""

import contextlib
import gzip
import json
import random
import shutil
import statistics
import time

import clustered
import evidence
import learned
import public_figures
import public_histories
import watched
from programs import (Failure, Server, cpp_benchmark, guests, nginx, processes_below, requests_per_second,
                      resident_megabytes, run, run_measured, status_field, storage_benchmark, written_bytes)
from workshop import Series


def round_numbers(workshop):
    return range(workshop.load.rounds)


def start(workshop):
    """First start, restart, and the server at rest."""
    again, resident, processes = [], [], []
    for _ in round_numbers(workshop):
        with workshop.first_start():
            pass
        folder = workshop.new_store()
        began = time.monotonic()
        with Server(data_dir=folder) as server:
            again.append(time.monotonic() - began)
            resident.append(resident_megabytes(server.pid))
            processes.append(len(processes_below(server.pid)))
        shutil.rmtree(folder)
    return [
        Series("first start", "empty folder to greeting, training included", "s", workshop.first_starts, 10, False),
        Series("restart", "stopped store to greeting", "s", again, 1, False),
        Series("idle memory", "resident after a restart, before any request", "MB", resident, 60, False),
        Series("processes", "all that serve runs in", "", processes, 1, False),
    ]


POLLINGS = ("wait", "tight", "interval")


def traffic(workshop):
    """Whole journeys by 64 guests who never wait, the ways of polling in turn."""
    summaries = {polling: [] for polling in POLLINGS}
    for _ in round_numbers(workshop):
        for polling in POLLINGS:
            with workshop.server() as server:
                options = ("--guests", 64, "--polling", polling)
                guests(server, workshop.load.warm_up, *options)
                summaries[polling].append(guests(server, workshop.load.journeys, *options))
    rates = {polling: [round_["journeys_per_second"] for round_ in rounds] for polling, rounds in summaries.items()}
    waiting = summaries["wait"]
    return [
        Series("journeys", "a second, 64 guests, long polls (the default)", "/s", rates["wait"], 3_000, True,
               "within reach 5,000; far goal 6,500", waiting),
        Series("journeys, tight", "the same, polling without a pause", "/s", rates["tight"],
               details=summaries["tight"]),
        Series("journeys, interval", "the same, polling every 5 ms", "/s", rates["interval"],
               details=summaries["interval"]),
        Series("server CPU", "a journey, long polls", "us", [round_["server_cpu_us"] for round_ in waiting]),
        Series("guests' CPU", "a journey, long polls", "us", [round_["guests_cpu_us"] for round_ in waiting]),
        Series("commit", "mean time, long polls", "ms", [round_["commit_ms"] for round_ in waiting]),
        Series("writes a commit", "mean, long polls; a journey has four", "",
               [round_["writes_a_commit"] for round_ in waiting]),
        Series("start to SUCCESS, 64", "median of 64 guests, long polls", "ms",
               [round_["latency_ms"]["start_to_success"]["p50"] for round_ in waiting]),
    ]


def lone(workshop):
    """One guest alone."""
    summaries = []
    for _ in round_numbers(workshop):
        with workshop.server() as server:
            guests(server, workshop.load.warm_up // 5, "--guests", 1)
            summaries.append(guests(server, workshop.load.lone_journeys, "--guests", 1))
    latencies = [round_["latency_ms"]["start_to_success"] for round_ in summaries]
    return [Series("start to SUCCESS, 1", "median of a lone guest", "ms", [each["p50"] for each in latencies], 2,
                   False, "", summaries),
            Series("start to SUCCESS, 1, p99", "slowest hundredth of a lone guest", "ms",
                   [each["p99"] for each in latencies])]


def reads(workshop):
    """GET from memory against nginx that answers the same bytes, in turn."""
    paths = {}
    seconds = workshop.load.wrk_seconds
    with workshop.server() as server, contextlib.ExitStack() as stack:
        guests(server, workshop.load.warm_up, "--guests", 16)
        with server.client() as client:
            task = client.get("/tasks?limit=1").json[0]["task_id"]
            for name, path in (("info", "/content/info"), ("status", f"/inference/status/{task}")):
                answer = client.get(path)
                if answer.status != 200:
                    raise Failure(f"{path} answered {answer}")
                paths[name] = (path, answer.text)
        peer = stack.enter_context(nginx(workshop.new_folder(), dict(paths.values())))
        rates = {name: ([], []) for name in paths}
        for name, (path, _) in paths.items():
            for url in (server.url, peer):
                requests_per_second(url + path, 1)
        for _ in round_numbers(workshop):
            for name, (path, _) in paths.items():
                ours, theirs = rates[name]
                ours.append(requests_per_second(server.url + path, seconds))
                theirs.append(requests_per_second(peer + path, seconds))
    series = []
    for name, (ours, theirs) in rates.items():
        series += [Series(f"GET {name} to nginx", "rate over nginx's, pair by pair", "x",
                          [one / other for one, other in zip(ours, theirs)], 0.5),
                   Series(f"GET {name}", "requests a second, wrk with 64 connections", "/s", ours),
                   Series(f"GET {name}, nginx", "the same from nginx", "/s", theirs)]
    return series


def storage(workshop):
    """How the store grows, and what is written for it."""
    growth, written = [], []
    journeys = workshop.load.stored_journeys
    for _ in round_numbers(workshop):
        folder = workshop.new_store()
        before = store_size(folder)
        with Server(data_dir=folder) as server:
            sent = written_bytes(server.pid)
            guests(server, journeys, "--guests", 64)
            sent = written_bytes(server.pid) - sent
        growth.append((store_size(folder) - before) / journeys / 1e3)
        written.append(sent / journeys / 1e3)
        shutil.rmtree(folder)
    return [Series("growth", f"of the stopped store a journey, {journeys:,} journeys", "kB", growth, 8, False),
            Series("written", "to the disk a journey, while they ran", "kB", written)]


def store_size(folder):
    return sum(file.stat().st_size for file in folder.iterdir() if file.name.startswith("rankloop.db"))


def store(workshop):
    """The store by itself."""
    rates = [storage_benchmark(workshop.folder, workshop.load.store_journeys, 5_000) for _ in round_numbers(workshop)]
    return [Series("store alone", "journeys a second without HTTP and without a model", "/s", rates)]


def scoring(workshop):
    """The ranking kernel by itself."""
    load = workshop.load
    small = cpp_benchmark("scoring_bench", "^RankPrecomputed/210/", load.rounds, load.scoring_seconds)
    series = [Series("ranking 210", "places, all ordered", "us", [row["real_time"] for row in small], 15, False)]
    if load.large_catalog:
        large = cpp_benchmark("scoring_bench", "^RankPrecomputed/1000000/", load.rounds, load.scoring_seconds)
        series += [Series("ranking 1,000,000", "items, the best 100", "ms", [row["real_time"] for row in large], 45,
                          False),
                   Series("memory for 1,000,000", "resident: catalog and one model", "MB",
                          [row["rss_MB"] for row in large], 450, False)]
        bound = cpp_benchmark("scoring_bench", "^Bind/1000000", load.rounds, load.scoring_seconds)
        series.append(Series("binding 1,000,000", "item halves of a new model", "ms",
                             [row["real_time"] for row in bound]))
    return series


def words(workshop):
    """Ranking a million items of words, tags and vectors, and a million texts."""
    rows = cpp_benchmark("words_bench", ".", workshop.load.rounds, workshop.load.scoring_seconds)
    series = []
    for family in ("logistic", "mlp", "factorization"):
        of_family = [row for row in rows if f"/{family}" in row["name"]]
        series.append(Series(f"words, {family}", "1,000,000 items with words, tags, a vector, the best 100", "ms",
                             [row["real_time"] for row in of_family], 60, False))
    series.append(Series("memory for words", "resident: catalog and one model", "MB", [row["rss_MB"] for row in rows], 1000,
                         False))
    match = cpp_benchmark("texts_bench", "rank_texts", workshop.load.rounds, workshop.load.scoring_seconds)
    loaded = cpp_benchmark("texts_bench", "load_texts", workshop.load.rounds, workshop.load.scoring_seconds)
    series += [Series("words, match", "1,000,000 texts of 20 words by BM25, the best 100", "ms",
                      [row["real_time"] for row in match], 60, False),
               Series("memory for texts", "resident: catalog and one model", "MB", [row["rss_MB"] for row in match]),
               Series("loading texts", "20,000,000 words into a catalog", "s", [row["real_time"] for row in loaded])]
    return series


def histories(workshop):
    """What histories cost: folding, people, a start, and 20 features of a ranking of 210."""
    load = workshop.load

    def times(name, rounds=load.rounds):
        rows = cpp_benchmark("histories_bench", name, rounds, load.scoring_seconds)
        return [row["real_time"] for row in rows], rows

    _, folded = times("^fold_events/of_a_word")
    _, folded_lists = times("^fold_events/of_five_words")
    _, people = times("^people_in_memory", 1)
    started, kept = times("^start_after_ten_million", 1)
    series = [Series("folding", "events a second, 20 histories of items, brands and people", "/s",
                     [row["items_per_second"] for row in folded], 200_000),
              Series("folding lists", "likewise, of items' five words each", "/s",
                     [row["items_per_second"] for row in folded_lists]),
              Series("people in memory", "1,000,000 with two histories", "MB", [row["rss_MB"] for row in people], 500, False),
              Series("start after 10,000,000 events", "reading their state; its file "
                     f"{kept[0]['file_MB']:.0f} MB", "s", started, 3, False)]
    for family in ("logistic", "mlp"):
        without, _ = times(f"^rank_210/{family} / without")
        with_20, _ = times(f"^rank_210/{family} / with_20$")
        series.append(Series(f"20 histories, {family}", "more for a ranking of 210", "us",
                             [more - less for more, less in zip(with_20, without)], 20, False))
    without, _ = times("^rank_210/logistic / without")
    of_lists, _ = times("^rank_210/logistic / with_20_of_five_words")
    series.append(Series("20 histories, lists", "likewise, half of them of items' five words each", "us",
                         [more - less for more, less in zip(of_lists, without)]))
    return series


def training(workshop):
    """The network's training at the reference's recipe."""
    rows = cpp_benchmark("training_bench", ".", workshop.load.rounds, 0.01)
    return [Series("training", "100 epochs of 1,000 batches of 8", "ms", [row["real_time"] for row in rows])]


FLAGS = ("children", "breakfast", "lunch", "dinner", "has_pool", "has_spa", "animals", "near_lake", "near_mountains",
         "has_sport")
RATINGS = ("family_rating", "outdoor_rating", "food_rating", "leisure_rating", "service_rating", "user_score")
LARGE_CATALOG = 1_000_000
GUEST = {"name": "Ann", "people_num": 2, "people_age": [30, 34], "children_num": 0, "budget": 400.0, "nights": 2,
         "time_arrival": "2027-01-10", "pool": True, "spa": False, "pet_friendly": False, "lake": True,
         "mountain": False, "sport": True}


def write_places(file, count):
    draw = random.Random(1)
    with open(file, "w", encoding="utf-8") as out:
        out.write(",".join(("location_id", *FLAGS, "price", *RATINGS)) + "\n")
        for number in range(1, count + 1):
            bits = draw.getrandbits(len(FLAGS))
            flags = ("true" if bits >> i & 1 else "false" for i in range(len(FLAGS)))
            numbers = (f"{draw.random() * 5:.2f}" for _ in RATINGS)
            out.write(",".join((str(number), *flags, f"{40 + draw.random() * 960:.2f}", *numbers)) + "\n")


def rank_once(client):
    began = time.monotonic()
    answer = client.post("/inference/start?wait=30s&limit=100", GUEST)
    spent = time.monotonic() - began
    if answer.status != 200 or len(answer.json.get("results", [])) != 100:
        raise Failure(f"a ranking of {LARGE_CATALOG:,} places answered {answer}")
    return spent * 1e3


def million(workshop):
    """The real server with a million places."""
    folder = workshop.new_store()
    table = workshop.folder / "places.csv"
    write_places(table, LARGE_CATALOG)
    began = time.monotonic()
    done = run("import", "items", table, "--number-rows", "--data-dir", folder, "--json", seconds=900)
    imported = time.monotonic() - began
    if done.returncode:
        raise Failure(f"the import ended with {done.returncode}: {done.stderr[-500:]}")
    table.unlink()
    starts, resident, rankings = [], [], []
    for _ in round_numbers(workshop):
        began = time.monotonic()
        with Server(data_dir=folder) as server, server.client() as client:
            starts.append(time.monotonic() - began)
            rank_once(client)
            rankings.append(statistics.median(rank_once(client) for _ in range(5)))
            resident.append(resident_megabytes(server.pid))
            peak = status_field(server.pid, "VmHWM") * 1024 / 1e6
    shutil.rmtree(folder)
    return [Series("server with 1,000,000", "resident after six rankings", "MB", resident, 450, False,
                   f"peak {peak:.0f} MB"),
            Series("request on 1,000,000", "start to answer with 100 results, the best 1,000 kept", "ms", rankings),
            Series("start with 1,000,000", "stopped store to greeting", "s", starts),
            Series("import of 1,000,000", "CSV into a stopped store", "s", [imported])]


IMPORTED_COLUMNS = {"name": "string", "brand": "string", "category": "int", "price": "float", "weight": "float",
                    "rating": "float", "reviews": "int", "stock": "int", "new": "bool", "sold": "bool",
                    "since": "date"}
IMPORTED_DOMAIN = '[domain]\nname = "wares"\n[request]\nnoun = "user"\n[[request.field]]\nname = "age"\ntype = "int"\n' \
    '[item]\nnoun = "ware"\n' + "".join(f'[[item.field]]\nname = "{name}"\ntype = "{kind}"\n'
                                       for name, kind in IMPORTED_COLUMNS.items()) + '[model]\nfeatures = ["price"]\n'


def write_wares(file, count):
    """A table of items with twelve columns, the id's among them."""
    chance = random.Random(7)
    with open(file, "w", encoding="utf-8") as out:
        out.write("ware_id," + ",".join(IMPORTED_COLUMNS) + "\n")
        for number in range(1, count + 1):
            out.write(f"{number},Ware number {number},Brand {chance.randrange(500)},{chance.randrange(40)},"
                      f"{chance.uniform(1, 500):.2f},{chance.uniform(0, 30):.3f},{chance.uniform(1, 5):.1f},"
                      f"{chance.randrange(5000)},{chance.randrange(300)},{chance.choice(('true', 'false'))},"
                      f"{chance.randrange(2)},20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02}-"
                      f"{chance.randrange(1, 29):02}\n")


def imported_once(workshop, table, domain):
    """What an import into an empty store says, with the CPU and the memory that it took."""
    folder = workshop.new_folder()
    code, output, usage = run_measured("import", "items", table, "--domain", domain, "--data-dir", folder, "--json")
    if code:
        raise Failure(f"the import ended with {code}")
    shutil.rmtree(folder)
    told = json.loads(output)
    return {"rate": told["rows_per_second"], "cpu_us": (usage.ru_utime + usage.ru_stime) / told["rows"] * 1e6,
            "user_us": usage.ru_utime / told["rows"] * 1e6, "peak_MB": usage.ru_maxrss * 1024 / 1e6}


def import_(workshop):
    """A table with twelve columns into a stopped store."""
    rows = workshop.load.imported_rows
    table, domain = workshop.folder / "wares.csv", workshop.folder / "wares.toml"
    domain.write_text(IMPORTED_DOMAIN, encoding="utf-8")
    write_wares(table, rows)
    packed = workshop.folder / "wares.csv.gz"
    with open(table, "rb") as plain, gzip.open(packed, "wb", 6) as out:
        shutil.copyfileobj(plain, out)
    plain, gzipped = [], []
    for _ in round_numbers(workshop):
        plain.append(imported_once(workshop, table, domain))
        gzipped.append(imported_once(workshop, packed, domain))
    table.unlink()
    packed.unlink()
    return [Series("import", f"rows a second, {rows:,} items of 12 columns, CSV", "/s", [one["rate"] for one in plain],
                   150_000, True, details=plain),
            Series("import, gzip", "the same, packed", "/s", [one["rate"] for one in gzipped], details=gzipped),
            Series("import's CPU", "user and system time of all threads a row", "us", [one["cpu_us"] for one in plain]),
            Series("import's memory", "peak of the process", "MB", [one["peak_MB"] for one in plain])]


# In the order of measuring. The million takes minutes, so it is not part of the smoke test.
FIGURES = {"start": start, "traffic": traffic, "watching": watched.watching, "lone": lone,
           "reads": reads, "storage": storage, "store": store,
           "scoring": scoring, "words": words, "histories": histories, "training": training, "learning": learned.learning, "loop": learned.loop,
           "tastes": learned.tastes, "trees": learned.trees, "flights": learned.flights, "import": import_, "million": million, "cluster": clustered.cluster,
           "evidence": evidence.evidence, "told": public_histories.told_before, "public": public_figures.public}
# Measured only where they are named: what they compare with has to be fetched, or they take long.
ASKED_FOR = ("tastes", "told", "public")
SMOKE_FIGURES = tuple(name for name in FIGURES if name not in ("training", "words", "histories", "million", *ASKED_FOR))
