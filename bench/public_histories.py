"""What histories add on public data: lists in order of time are imported into a store and learned from there, beside peers
that get the same histories made by hand."""

import collections
import csv
import dataclasses
import datetime
import json
import random
import re

from programs import Failure, run_measured
from public_figures import (FAMILIES, compared, lines, list_ndcg, peers_python, quality, ratio, train_peer, trials_text, write_rows)
from public_sets import FOLDER, SEED, PublicSet, by_share, grocery_lists, liked_next, numbered
from workshop import Series

WEIGHT = 10  # of a rate, as the domains have it
HALF_LIFE = 14  # days, likewise
BEGIN = datetime.datetime(1999, 1, 1, tzinfo=datetime.timezone.utc)
JUDGED = 0.2  # of the lists, the newest


@dataclasses.dataclass
class Visit:
    """Who asked when, what the request says, and the rows of the list: items with a label, 1 what was picked."""

    person: str
    at: datetime.datetime
    asked: dict
    rows: list


@dataclasses.dataclass
class Visits:
    """Visits in order of time. `fields` are the columns of an item; `made` makes the columns of histories by hand."""

    name: str
    what: str
    domain: object
    fields: tuple
    visits: list
    numbers: tuple
    categories: tuple
    tags: tuple = ()
    made: tuple = ()
    gain: float = None  # what a family is to gain by histories


class Counter:
    """How often something happened, and when last; of a half-life what is left of it."""

    def __init__(self):
        self.count, self.last, self.left = 0, None, 0.0

    def add(self, at):
        self.left = self.left_at(at) + 1
        self.count += 1
        self.last = at

    def left_at(self, at):
        return self.left * 0.5 ** (days(self.last, at) / HALF_LIFE) if self.last else 0.0

    def days_since(self, at):
        return days(self.last, at) if self.last else ""


def days(since, until):
    return (until - since) / datetime.timedelta(days=1)


class GroceryPast:
    """The histories of customers.toml, made by hand."""

    COLUMNS = ("bought_before", "days_since_bought", "share_of_class", "class_before", "seen_before", "rate", "rate_lately",
               "class_rate")

    def __init__(self):
        self.of = collections.defaultdict(Counter)

    def columns(self, visit, row):
        person, product, class_ = visit.person, row["product"], row["class"]
        own, own_class = self.of["pick", person, "item", product], self.of["pick", person, "class", class_]
        all_own = self.of["pick", person].count
        return (own.count, own.days_since(visit.at), own_class.count / all_own if all_own else "", own_class.count,
                self.of["shown", person, "item", product].count, self.rate("item", product, lambda one: one.count),
                self.rate("item", product, lambda one: one.left_at(visit.at)),
                self.rate("class", class_, lambda one: one.count))

    def rate(self, kind, word, of):
        picked, shown, all_picked, all_shown = (of(self.of[key]) for key in (
            ("pick", kind, word), ("shown", kind, word), ("pick",), ("shown",)))
        if all_shown <= 0 or all_picked <= 0:
            return 0.0 if all_shown > 0 else ""
        return (picked + WEIGHT) / (shown + WEIGHT * all_shown / all_picked)

    def add(self, visit):
        for what, rows in (("shown", visit.rows), ("pick", [row for row in visit.rows if row["label"]])):
            for row in rows:
                for kind, word in (("item", row["product"]), ("class", row["class"])):
                    self.of[what, kind, word].add(visit.at)
                    self.of[what, visit.person, kind, word].add(visit.at)
                self.of[(what,)].add(visit.at)
                self.of[what, visit.person].add(visit.at)


def customers():
    """What of thirty products of the day a customer takes, told by what this and other customers took before."""
    draw = random.Random(SEED)
    visits, prices = [], {}
    for day, customer, rows in grocery_lists(draw):
        draw.shuffle(rows)
        for row in rows:  # a catalog has one price
            row.update(prices.setdefault(row["product_id"], {name: row[name] for name in ("price", "log_price")}))
        # A day's visits follow each other in the order of their numbers.
        at = datetime.datetime.combine(day, datetime.time(8), datetime.timezone.utc) + datetime.timedelta(milliseconds=len(visits))
        visits.append(Visit(customer, at, {"age": rows[0]["age"], "area": rows[0]["area"], "at": day.isoformat()}, rows))
    return Visits("customers", "Ta-Feng: what a customer bought, up to 10 products, among 30 that were sold that day",
                  FOLDER / "customers.toml", ("product_id", "product", "class", "price"), visits,
                  ("weekday", "log_price"), ("age", "area", "product", "class"), made=(GroceryPast,), gain=1.1)


def film_visits(name, order, lists, draw, gain=None):
    """Lists of films, each at its time."""
    for _, rows in lists:
        draw.shuffle(rows)
    asked = ("age", "gender", "occupation", "region")
    visits = [Visit(rows[0]["user_key"], at, {name: rows[0][name] for name in asked} | {"age": int(rows[0]["age"])}, rows)
              for at, rows in lists]
    return Visits(name, f"MovieLens 100k: the 5 films that a person gave four stars or more next, among 100, in order of {order}",
                  FOLDER / "viewers.toml", ("film_id", "film", "genres", "year"), visits,
                  ("age", "year"), ("gender", "occupation", "region", "film"), ("genres",), gain=gain)


def viewers():
    """Which of a hundred films a person will like next, told by what this and other people liked before."""
    draw = random.Random(SEED)
    lists = by_share(liked_next(draw, 5, 100))
    return film_visits("viewers", "the share of a person's time",
                       [(BEGIN + datetime.timedelta(minutes=number), rows) for number, rows in enumerate(lists)], draw)


def newcomers():
    """The same as it happened: most people who are judged were never seen by what was learned from."""
    draw = random.Random(SEED)
    lists = [(datetime.datetime.fromtimestamp(when, datetime.timezone.utc) + datetime.timedelta(milliseconds=number), rows)
             for number, (_, when, rows) in enumerate(liked_next(draw, 5, 100))]
    return film_visits("newcomers", "time", lists, draw, gain=1.1)


SETS = (customers, viewers, newcomers)


def without_histories(text):
    """The domain file as it is without them: they stand at its end, and their names among the features."""
    plain, _, histories = text.partition("[[history]]")
    for name in re.findall(r'^name = "(\w+)"', histories, re.MULTILINE):
        plain = plain.replace(f', "{name}"', "")
    return plain


def import_visits(told, domain, folder):
    """A store that has seen all visits, one after another."""
    folder.mkdir(parents=True)
    items = {row[told.fields[0]]: {name: row[name] for name in told.fields} for visit in told.visits for row in visit.rows}
    with open(folder / "items.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, told.fields)
        writer.writeheader()
        writer.writerows(items.values())
    with open(folder / "history.jsonl", "w", encoding="utf-8") as out:
        for number, visit in enumerate(told.visits):
            ids = [int(row[told.fields[0]]) for row in visit.rows]
            out.write(json.dumps({"id": str(number), "user_key": visit.person, "shown": ids,
                                  "request": {name: value for name, value in visit.asked.items() if value != ""},
                                  "picked": [id_ for id_, row in zip(ids, visit.rows) if row["label"]],
                                  "at": visit.at.isoformat().replace("+00:00", "Z")}) + "\n")
    for what in ("items", "history"):
        file = folder / ("items.csv" if what == "items" else "history.jsonl")
        code, output, _ = run_measured("import", what, file, "--data-dir", folder / "store", "--domain", domain, "--json")
        if code:
            raise Failure(f"rankloop import {what} ended with {code} on {told.name}: {output}")


def train_ours(name, domain, family, folder, *options):
    """What a family learns from a store, by its presets: NDCG of each list that judges, seconds of the CPU from the store to
    the scores."""
    scores = folder / "scores.tsv"
    code, output, usage = run_measured("train", "--family", family, "--data-dir", folder / "store", "--domain", domain,
                                       "--threads", 1, "--out", folder / "model", "--scores", scores, "--json", *options)
    if code:
        raise Failure(f"rankloop train --family {family} ended with {code} on {name}")
    with open(scores, newline="", encoding="utf-8") as file:
        rows = [{"request": row["request"], "label": float(row["label"]), "score": float(row["score"])}
                for row in csv.DictReader(file, delimiter="\t")]
    return {"name": family, "lists": list_ndcg(rows, [row["score"] for row in rows]),
            "seconds": usage.ru_utime + usage.ru_stime, "told": [json.loads(output)]}


def by_hand(told):
    """The same visits as rows for the peers, with histories made by hand."""
    pasts = [made() for made in told.made]
    lists = []
    for visit in told.visits:
        lists.append([{**row, "user_key": visit.person} for row in visit.rows])
        for past in pasts:
            for row in lists[-1]:
                row.update(zip(past.COLUMNS, past.columns(visit, row)))
            past.add(visit)
    begins = len(lists) - round(JUDGED * len(lists))
    draw = random.Random(SEED)
    columns = tuple(column for past in pasts for column in past.COLUMNS)
    return PublicSet(told.name, told.what, told.domain, (*told.numbers, *columns), told.categories, told.tags,
                     [(numbered(lists[:begins], draw), numbered(lists[begins:], draw))], folded=True)


def measured(told, workshop):
    """All figures of one set."""
    folder = workshop.new_folder()
    plain = folder / "plain.toml"
    folder.mkdir(parents=True)
    plain.write_text(without_histories(told.domain.read_text(encoding="utf-8")), encoding="utf-8")
    ways = {"with histories": (told.domain, folder / "with"), "without": (plain, folder / "without")}
    series, ours = [], {}
    for how, (domain, place) in ways.items():
        import_visits(told, domain, place)
        ours[how] = [train_ours(told.name, domain, family, place) for family in FAMILIES]
        series += [line for each in ours[how] for line in lines(told, each, f"presets, {how}, from the store to the scores")]
    best = max(ours["with histories"], key=quality)
    same = next(each for each in ours["without"] if each["name"] == best["name"])
    series.append(ratio(told, f"quality of {best['name']} with histories and without", best, same, told.gain))
    rows = by_hand(told)
    place = folder / "0"
    place.mkdir()
    for part, name in zip(rows.parts[0], ("train", "test")):
        write_rows(place / f"{name}.tsv", part)
    trials = workshop.load.public_trials
    for peers, share in ((("lightgbm", "xgboost"), 0.99),) if told.made else ((("als",), 1),):
        found = [train_peer(rows, peer, folder, trials) for peer in peers]
        series += [line for each in found for line in lines(told, each, trials_text(each))]
        series += compared(told, best, max(found, key=quality), share)
    return series


def told_before(workshop):
    """What histories add on public data, beside LightGBM and XGBoost with the same ones made by hand and implicit ALS."""
    peers_python()
    return [line for read in SETS for line in measured(read(), workshop)]
