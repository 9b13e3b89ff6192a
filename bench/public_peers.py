"""Trains what rankloop is compared with and scores the test rows: public_peers.py PLAN.json, in the virtual environment of
bench/public/peers.txt. One thread. Prints one JSON object; the scores go to a file, a line a row.

A plan names the peer, the files, the columns by kind, the number of trials and the seed. A trial learns from all lists but
the last tenth, which judges it; the best trial's parameters, with the number of rounds it stopped at, then train on all."""

import collections
import csv
import json
import math
import pathlib
import random
import sys
import time

import numpy

ROUNDS = 1000
PATIENCE = 30
NDCG_AT = 10


class Table:
    """A file of rows as columns: codes of words that the training rows have, 0 and 1 for each tag, numbers."""

    def __init__(self, file, plan, like=None):
        with open(file, newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened, delimiter="\t"))
        self.labels = numpy.array([float(row["label"]) for row in rows])
        self.people = [row.get("user_key", "") for row in rows]
        self.items = [row[plan["item"]] for row in rows]
        requests = numpy.array([int(row["request"]) for row in rows])
        self.begins = numpy.concatenate([[0], numpy.flatnonzero(numpy.diff(requests)) + 1, [len(rows)]])
        self.words = like.words if like else {}
        columns = [[float(row[name] or "nan") for row in rows] for name in plan["numbers"]]
        for name in plan["tags"]:
            sets = [set(row[name].split(";")) for row in rows]
            known = self.words.setdefault(name, sorted(set().union(*sets)))
            columns += [[float(tag in tags) for tags in sets] for tag in known]
        self.numbers = len(columns)
        for name in plan["categories"]:
            known = self.words.setdefault(name, {})
            if like is None:
                for row in rows:
                    known.setdefault(row[name], len(known))
            columns.append([float(known.get(row[name], "nan")) for row in rows])
        self.values = numpy.array(columns).T

    def part(self, first, last):
        """The lists from one to another: values, labels, sizes of lists."""
        rows = slice(self.begins[first], self.begins[last])
        return self.values[rows], self.labels[rows], numpy.diff(self.begins[first:last + 1])

    @property
    def lists(self):
        return len(self.begins) - 1


def ndcg(labels, scores, sizes):
    """The mean over lists with a label above 0, gains 2^label - 1."""
    total, count, first = 0.0, 0, 0
    discounts = 1 / numpy.log2(numpy.arange(2, NDCG_AT + 2))
    for size in sizes:
        gains = 2 ** labels[first:first + size] - 1
        order = numpy.argsort(-scores[first:first + size], kind="stable")
        best = numpy.sort(gains)[::-1][:NDCG_AT]
        if best.any():
            found = gains[order][:NDCG_AT]
            total += found @ discounts[:len(found)] / (best @ discounts[:len(best)])
            count += 1
        first += size
    return total / max(1, count)


def by_orders(draw, low, high):
    return math.exp(draw.uniform(math.log(low), math.log(high)))


class LightGbm:
    """LambdaMART with native categories."""

    def __init__(self, table, plan):
        import lightgbm
        self.library = lightgbm
        self.options = {"objective": "lambdarank", "metric": "ndcg", "eval_at": [NDCG_AT], "num_threads": 1,
                        "verbosity": -1, "seed": plan["seed"], "deterministic": True}
        self.categories = list(range(table.numbers, table.values.shape[1]))

    def draw(self, draw):
        return {"num_leaves": round(by_orders(draw, 7, 127)), "learning_rate": by_orders(draw, 0.02, 0.2),
                "min_data_in_leaf": round(by_orders(draw, 5, 200)), "feature_fraction": draw.uniform(0.4, 1),
                "bagging_fraction": draw.uniform(0.5, 1), "bagging_freq": 1, "lambda_l2": by_orders(draw, 1e-3, 10),
                "cat_smooth": by_orders(draw, 1, 100), "cat_l2": by_orders(draw, 0.1, 30),
                "max_cat_threshold": round(by_orders(draw, 8, 64))}

    def data(self, part):
        values, labels, sizes = part
        return self.library.Dataset(values, labels, group=sizes, categorical_feature=self.categories, params={"verbosity": -1})

    def fit(self, part, parameters, rounds, judges=None):
        """The model and, with judges, the rounds after which they gained nothing."""
        options = {**self.options, **parameters}
        if judges is None:
            return self.library.train(options, self.data(part), rounds), rounds
        train = self.data(part)
        model = self.library.train(options, train, rounds, valid_sets=[train.create_valid(judges[0], judges[1], group=judges[2])],
                                   callbacks=[self.library.early_stopping(PATIENCE, verbose=False)])
        return model, model.best_iteration

    def scores(self, model, values, rounds):
        return model.predict(values, num_iteration=rounds, num_threads=1)


class XgBoost:
    """LambdaMART with native categories."""

    def __init__(self, table, plan):
        import xgboost
        self.library = xgboost
        self.options = {"objective": "rank:ndcg", "eval_metric": f"ndcg@{NDCG_AT}", "nthread": 1, "seed": plan["seed"],
                        "tree_method": "hist", "lambdarank_pair_method": "topk"}
        self.types = ["q"] * table.numbers + ["c"] * (table.values.shape[1] - table.numbers)

    def draw(self, draw):
        return {"max_depth": draw.randint(3, 8), "eta": by_orders(draw, 0.02, 0.3),
                "min_child_weight": by_orders(draw, 0.1, 30), "subsample": draw.uniform(0.5, 1),
                "colsample_bytree": draw.uniform(0.4, 1), "lambda": by_orders(draw, 0.01, 10),
                "max_cat_threshold": round(by_orders(draw, 8, 64)),
                "lambdarank_num_pair_per_sample": draw.choice((4, 8, 16, 32))}

    def data(self, values, labels=None, sizes=None):
        matrix = self.library.DMatrix(values, labels, feature_types=self.types, enable_categorical=True, nthread=1)
        if sizes is not None:
            matrix.set_group(sizes)
        return matrix

    def fit(self, part, parameters, rounds, judges=None):
        """The model and, with judges, the rounds after which they gained nothing."""
        options = {**self.options, **parameters}
        if judges is None:
            return self.library.train(options, self.data(*part), rounds), rounds
        model = self.library.train(options, self.data(*part), rounds, evals=[(self.data(*judges), "judges")],
                                   early_stopping_rounds=PATIENCE, verbose_eval=False)
        return model, model.best_iteration + 1

    def scores(self, model, values, rounds):
        return model.predict(self.data(values), iteration_range=(0, rounds))


class Als:
    """Implicit ALS (Hu, Koren and Volinsky, ICDM 2008) on who picked what. With `folded` in the plan a list is scored by the
    factors that its person has by all picks before it, those of lists that judge too; without, by those that were learned."""

    def __init__(self, table, plan):
        import implicit.cpu.als
        import scipy.sparse
        self.library, self.sparse = implicit.cpu.als, scipy.sparse
        self.seed, self.folded = plan["seed"], plan["folded"]
        self.numbers = [{word: i for i, word in enumerate(dict.fromkeys(words))} for words in (table.people, table.items)]

    def draw(self, draw):
        return {"factors": round(by_orders(draw, 4, 128)), "regularization": by_orders(draw, 0.001, 100),
                "alpha": by_orders(draw, 0.5, 50), "iterations": draw.randint(5, 30)}

    def picked(self, table, last):
        """What each person picked in the lists before `last`."""
        found = collections.defaultdict(set)
        for row in numpy.flatnonzero(table.labels[:table.begins[last]] > 0):
            found[table.people[row]].add(self.numbers[1][table.items[row]])
        return found

    def matrix(self, sets):
        ends = numpy.cumsum([0, *map(len, sets)])
        items = numpy.array([item for one in sets for item in sorted(one)], dtype=numpy.int32)
        return self.sparse.csr_matrix((numpy.ones(len(items), dtype=numpy.float32), items, ends),
                                      shape=(len(sets), len(self.numbers[1])))

    def fit(self, picked, parameters):
        model = self.library.AlternatingLeastSquares(**parameters, num_threads=1, random_state=self.seed)
        model.fit(self.matrix([picked.get(person, ()) for person in self.numbers[0]]), show_progress=False)
        return model

    def factors(self, model, picked, person):
        if self.folded:
            return model.recalculate_user(0, self.matrix([picked[person]])) if picked.get(person) else None
        return model.user_factors[self.numbers[0][person]] if person in self.numbers[0] else None

    def scores(self, model, picked, table, lists):
        """Of the rows of these lists, after what was picked before; who or what is unknown gets 0."""
        picked = collections.defaultdict(set, {person: set(items) for person, items in picked.items()})
        found = numpy.zeros(table.begins[lists.stop] - table.begins[lists.start])
        for one in lists:
            rows = range(table.begins[one], table.begins[one + 1])
            person = table.people[rows.start]
            factors = self.factors(model, picked, person)
            for row in rows:
                item = self.numbers[1].get(table.items[row])
                if item is None:
                    continue
                if factors is not None:
                    found[row - table.begins[lists.start]] = factors @ model.item_factors[item]
                if table.labels[row] > 0:
                    picked[person].add(item)
        return found


def search(plan, trial):
    """The best of the trials, and what each took. A trial answers (NDCG, what it found) for a source of draws."""
    draw = random.Random(plan["seed"])
    best, seconds = None, []
    for _ in range(plan["trials"]):
        began = time.process_time()
        found = trial(draw)
        seconds.append(time.process_time() - began)
        if best is None or found[0] > best[0]:
            best = found
    return best, seconds


def boosted(peer, train, test, plan):
    judged = train.lists - train.lists // 10
    part, judges = train.part(0, judged), train.part(judged, train.lists)

    def trial(draw):
        parameters = peer.draw(draw)
        model, rounds = peer.fit(part, parameters, ROUNDS, judges)
        return ndcg(judges[1], peer.scores(model, judges[0], rounds), judges[2]), parameters, rounds

    (validation, parameters, rounds), trials = search(plan, trial)
    began = time.process_time()
    model, _ = peer.fit(train.part(0, train.lists), parameters, rounds)
    spent = time.process_time() - began
    return peer.scores(model, test.values, rounds), {"validation": validation, "parameters": parameters,
                                                     "rounds": rounds, "trials": trials, "seconds": spent}


def factorised(peer, train, test, plan):
    judged = train.lists - train.lists // 10
    _, labels, sizes = train.part(judged, train.lists)
    earlier, picked = peer.picked(train, judged), peer.picked(train, train.lists)

    def trial(draw):
        parameters = peer.draw(draw)
        model = peer.fit(earlier, parameters)
        return ndcg(labels, peer.scores(model, earlier, train, range(judged, train.lists)), sizes), parameters

    (validation, parameters), trials = search(plan, trial)
    began = time.process_time()
    model = peer.fit(picked, parameters)
    spent = time.process_time() - began
    return peer.scores(model, picked, test, range(test.lists)), {"validation": validation, "parameters": parameters,
                                                                 "trials": trials, "seconds": spent}


PEERS = {"lightgbm": (LightGbm, boosted), "xgboost": (XgBoost, boosted), "als": (Als, factorised)}


def main():
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    train = Table(plan["train"], plan)
    test = Table(plan["test"], plan, train)
    kind, run = PEERS[plan["peer"]]
    scores, told = run(kind(train, plan), train, test, plan)
    pathlib.Path(plan["scores"]).write_text("".join(f"{score!r}\n" for score in map(float, scores)), encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
