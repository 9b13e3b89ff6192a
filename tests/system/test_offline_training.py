"""`rankloop train`: from files and from a stopped store."""

import json
import re
import shutil

import pytest

from guests import finished, stored_results
from learning import BYTES, FAMILIES, QUICK, model, models, promoted, trained
from rankloop_process import ROOT, Server, run

JSON_KEYS = ["family", "train", "test", "test_imported", "objective", "seed", "hyperparameters", "warnings", "seconds"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    outcome = run("simulate", "data", "--guests", 150, "--train-out", folder / "train.tsv",
                  "--test-out", folder / "test.tsv", "--quiet")
    assert outcome.returncode == 0, outcome.stderr
    for name in ("train.tsv", "test.tsv"):  # which place stands in which row does not matter here, but some must
        rows = cells(folder / name)
        if "location_id" not in rows[0]:
            places = ["location_id", *(str(at % 40 + 1) for at in range(1, len(rows)))]
            write(folder / name, [[*row, place] for row, place in zip(rows, places)])
    return folder


def cells(file, separator="\t"):
    return [line.split(separator) for line in file.read_text().splitlines()]


def write(file, rows, separator="\t"):
    file.write_text("".join(separator.join(row) + "\n" for row in rows))
    return file


def train(out, *args, family="logistic"):
    outcome = run("train", "--family", family, "--out", out, "--json", *args)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    return json.loads(outcome.stdout)


def refused(tmp_path, *args, family="logistic", code=2):
    outcome = run("train", "--family", family, "--out", tmp_path / "model", *args)
    assert outcome.returncode == code and outcome.stdout == "", outcome
    assert not (tmp_path / "model" / "model.rankloop").exists()
    return outcome.stderr


def artefact(folder):
    assert [file.name for file in folder.iterdir()] == ["model.rankloop"]
    return (folder / "model.rankloop").read_bytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_trains_from_a_file(data, tmp_path, family):
    told = train(tmp_path / "model", "--data", data / "train.tsv", "--test", data / "test.tsv", family=family)
    assert list(told) == JSON_KEYS
    assert (told["family"], told["train"]["rows"], told["test"]["rows"]) == (family, 1080, 300)
    assert told["train"]["requests"] == 108 and told["seconds"] > 0
    if family in ("logistic", "mlp", "gbdt"):
        assert told["test"]["auc"] > 0.7
    assert len(artefact(tmp_path / "model")) > 20


def test_hyperparameters_are_set_and_told(data, tmp_path):
    told = train(tmp_path / "one", "--data", data / "train.tsv", "--set", "gbdt.depth=8", "--set", "gbdt.trees=5",
                 family="gbdt")["hyperparameters"]
    assert (told["gbdt.depth"], told["gbdt.trees"], told["gbdt.learning_rate"]) == (8, 5, 0.08)
    config = tmp_path / "rankloop.toml"
    config.write_text('[training]\nhyperparameters = "gbdt.depth=7, logistic.penalty=3"\n')
    told = train(tmp_path / "two", "--data", data / "train.tsv", "--config", config, "--set", "gbdt.trees=5", family="gbdt")
    assert told["hyperparameters"]["gbdt.depth"] == 7
    assert train(tmp_path / "three", "--data", data / "train.tsv", "--config", config)["hyperparameters"] == {
        "logistic.penalty": 3}
    chosen = train(tmp_path / "four", "--data", data / "train.tsv", family="gbdt")["hyperparameters"]
    assert chosen["gbdt.depth"] in (3, 6) and chosen["gbdt.trees"] >= 1


def test_hyperparameters_may_stand_in_a_table_of_the_settings(data, tmp_path):
    config = tmp_path / "rankloop.toml"
    config.write_text("[training.hyperparameters]\ngbdt.depth = 7\ngbdt.trees = 4\n")
    told = train(tmp_path / "one", "--data", data / "train.tsv", "--config", config, family="gbdt")["hyperparameters"]
    assert (told["gbdt.depth"], told["gbdt.trees"]) == (7, 4)
    config.write_text("[training.hyperparameters]\ngbdt.dept = 7\n")
    message = refused(tmp_path, "--data", data / "train.tsv", "--config", config, family="gbdt")
    assert "training.hyperparameters" in message and "is 'gbdt.depth' meant?" in message


def test_the_documentation_lists_the_hyperparameters_of_the_help():
    listed = re.findall(r"^  (\w+\.\w+) \((\S+) to ([^,]+),(?: whole,)? preset (\S+)\): (.*)$", run("train", "--help").stdout,
                        re.MULTILINE)
    table = (ROOT / "docs/learning.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+\.\w+)` \| (\S+) \| (\S+) to (\S+) \| (.*) \|$", table, re.MULTILINE)

    def number(text):
        return float(text.replace(",", ""))

    assert len(listed) > 10
    assert [(name, number(preset), number(low), number(high), text) for name, preset, low, high, text in told] == [
        (name, number(preset), number(low), number(high), text) for name, low, high, preset, text in listed]


def test_a_search_trains_with_what_it_found(data, tmp_path):
    rows = ("--data", data / "train.tsv", "--test", data / "test.tsv", "--objective", "listwise")
    told = train(tmp_path / "one", *rows, "--tune", 4, "--set", "gbdt.trees=5", family="gbdt")
    assert list(told) == [*JSON_KEYS, "tuning"]
    search = told["tuning"]
    figures = [trial["validation"]["ndcg@10"] for trial in search["trials"]]
    assert search["judged_by"] == "ndcg@10" and len(figures) == 4 and figures == sorted(figures, reverse=True)
    best = search["trials"][0]["hyperparameters"]
    assert told["hyperparameters"].items() >= best.items() and told["hyperparameters"]["gbdt.trees"] == 5
    again = train(tmp_path / "two", *rows, "--set", "gbdt.trees=5", *search["set"].split(), family="gbdt")
    assert artefact(tmp_path / "one") == artefact(tmp_path / "two") and again["test"] == told["test"]
    shown = run("train", "--family", "logistic", "--out", tmp_path / "three", *rows, "--tune", 3)
    assert shown.returncode == 0, shown.stderr
    assert "tuning of logistic: 3 trials, judged by ndcg@10" in shown.stdout and "best" in shown.stdout
    assert "tuning logistic" in shown.stderr


@pytest.mark.parametrize("family, args, message", [
    ("random", ("--tune", 3), "nothing of the family random is left"), ("logistic", ("--tune", 0), "--tune"),
    ("mlp", ("--tune", 3, "--recipe", "reference"), "needs a validation part")])
def test_a_search_that_cannot_be_is_refused(data, tmp_path, family, args, message):
    assert message in refused(tmp_path, "--data", data / "train.tsv", *args, family=family)


@pytest.mark.parametrize("pair, message", [
    ("gbdt.dept=8", "is 'gbdt.depth' meant?"), ("gbdt.depth=13", "from 0 to 12"), ("gbdt.depth", "a name, = and a number"),
    ("gbdt.depth=deep", "no number"), ("mlp.epochs=3", "not of the family gbdt")])
def test_a_hyperparameter_that_is_none_is_refused(data, tmp_path, pair, message):
    assert message in refused(tmp_path, "--data", data / "train.tsv", "--set", pair, family="gbdt")


def test_an_outlier_is_bounded_and_told(data, tmp_path):
    rows = cells(data / "train.tsv")
    rows[17][rows[0].index("price")] = "1e9"
    far = write(tmp_path / "far.tsv", rows)
    sound = train(tmp_path / "sound", "--data", data / "train.tsv", "--test", data / "test.tsv")
    told = train(tmp_path / "far", "--data", far, "--test", data / "test.tsv")
    assert sound["warnings"] == [] and "1 row has a value of price far beyond all others" in told["warnings"][0]
    assert abs(told["test"]["ndcg@10"] - sound["test"]["ndcg@10"]) < 0.01
    outcome = run("train", "--family", "logistic", "--data", far, "--out", tmp_path / "far")
    assert "warning: 1 row has a value of price" in outcome.stderr


def test_a_table_is_for_people(data, tmp_path):
    outcome = run("train", "--family", "popularity", "--data", data / "train.tsv", "--out", tmp_path / "model")
    assert outcome.returncode == 0
    assert "ndcg@10" in outcome.stdout and str(tmp_path / "model/model.rankloop") in outcome.stdout


def test_without_a_test_file_there_is_no_test(data, tmp_path):
    assert train(tmp_path / "model", "--data", data / "train.tsv", family="popularity")["test"] is None


@pytest.mark.parametrize("family", ["popularity", "logistic", "mlp", "gbdt"])
def test_the_seed_decides_everything(data, tmp_path, family):
    made = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(tmp_path / name, "--data", data / "train.tsv", "--seed", seed, family=family)
        made.append(artefact(tmp_path / name))
    assert made[0] == made[1]
    if family == "mlp":  # the others draw nothing
        assert made[0] != made[2]


def test_an_earlier_model_is_replaced(data, tmp_path):
    train(tmp_path / "model", "--data", data / "train.tsv", family="popularity")
    before = artefact(tmp_path / "model")
    train(tmp_path / "model", "--data", data / "train.tsv", family="logistic")
    assert artefact(tmp_path / "model") != before


def test_a_refused_training_leaves_the_earlier_model(data, tmp_path):
    train(tmp_path / "model", "--data", data / "train.tsv", family="popularity")
    before = artefact(tmp_path / "model")
    outcome = run("train", "--family", "logistic", "--data", tmp_path / "none.tsv", "--out", tmp_path / "model")
    assert outcome.returncode != 0 and "none.tsv" in outcome.stderr
    assert artefact(tmp_path / "model") == before


def test_commas_flags_and_the_order_of_columns_change_nothing(data, tmp_path):
    rows = cells(data / "train.tsv")
    train(tmp_path / "tabs", "--data", data / "train.tsv")
    flags = [name for name, values in zip(rows[0], zip(*rows[1:]))
             if set(values) <= {"0", "1"} and name not in ("label", "request")]
    assert "pool" in flags and "has_pool" in flags
    worded = [row if number == 0 else [{"0": "false", "1": "true"}[cell] if name in flags else cell
                                       for name, cell in zip(rows[0], row)] for number, row in enumerate(rows)]
    turned = [[*row[::-1], "note" if number == 0 else "anything"] for number, row in enumerate(worded)]
    write(tmp_path / "train.csv", turned, ",")
    train(tmp_path / "commas", "--data", tmp_path / "train.csv")
    assert artefact(tmp_path / "commas") == artefact(tmp_path / "tabs")


def test_crosses_can_be_left_out(data, tmp_path):
    train(tmp_path / "with", "--data", data / "train.tsv")
    train(tmp_path / "without", "--data", data / "train.tsv", "--no-crosses")
    assert artefact(tmp_path / "with") != artefact(tmp_path / "without")


def test_the_first_published_recipe_trains(data, tmp_path):
    told = train(tmp_path / "model", "--recipe", "reference", "--no-crosses", "--data", data / "train.tsv", "--test",
                 data / "test.tsv", family="mlp")
    assert told["family"] == "mlp" and told["train"]["auc"] > 0.8


def test_missing_columns_are_all_named(data, tmp_path):
    rows = cells(data / "train.tsv")
    gone = [rows[0].index(name) for name in ("budget", "price", "label")]
    write(tmp_path / "rows.tsv", [[cell for at, cell in enumerate(row) if at not in gone] for row in rows])
    message = refused(tmp_path, "--data", tmp_path / "rows.tsv")
    assert "rows.tsv:1" in message and "missing: 'budget', 'price', 'label'" in message


@pytest.mark.parametrize("column, value, words", [
    ("label", "", ["'label'"]), ("label", "-0.5", ["'-0.5'"]),
    ("label", "nan", ["'nan'"]), ("budget", "much", ["'budget'", "'much'", "number"]),
    ("pool", "maybe", ["'pool'", "'maybe'", "true or false"]), ("price", "inf", ["'price'", "'inf'"]),
])
def test_a_bad_cell_is_named(data, tmp_path, column, value, words):
    rows = cells(data / "train.tsv")
    rows[7][rows[0].index(column)] = value
    message = refused(tmp_path, "--data", write(tmp_path / "rows.tsv", rows))
    assert "rows.tsv:8" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("spoil, words", [
    (lambda rows: rows[:1], "no rows"), (lambda rows: [], "empty"),
    (lambda rows: [*rows, rows[-1][:-1]], "cells"), (lambda rows: [[*row, row[0]] for row in rows], "twice"),
])
def test_a_bad_file_is_refused(data, tmp_path, spoil, words):
    message = refused(tmp_path, "--data", write(tmp_path / "rows.tsv", spoil(cells(data / "train.tsv"))))
    assert "rows.tsv:" in message and words in message


def test_bad_options_are_refused(data, tmp_path):
    assert "--data" in refused(tmp_path)
    assert "--data" in refused(tmp_path, "--data", data / "train.tsv", "--data-dir", tmp_path)
    assert "forest" in refused(tmp_path, "--data", data / "train.tsv", family="forest", code=2)
    assert "--recipe" in refused(tmp_path, "--data", data / "train.tsv", "--recipe", "secret")
    assert "--threads" in refused(tmp_path, "--data", data / "train.tsv", "--threads", 0)


def test_a_test_file_of_other_columns_is_refused(data, tmp_path):
    rows = cells(data / "test.tsv")
    write(tmp_path / "test.tsv", [row[1:] for row in rows])
    message = refused(tmp_path, "--data", data / "train.tsv", "--test", tmp_path / "test.tsv")
    assert "test.tsv:1" in message and rows[0][0] in message


# From a store.

@pytest.fixture
def stopped(evidence_data, tmp_path):
    """A store's folder that no server uses."""
    folder = tmp_path / "store"
    shutil.copytree(evidence_data, folder)
    return folder


def test_a_model_from_a_stopped_store_is_what_its_server_would_take(stopped, tmp_path):
    told = train(tmp_path / "model", "--data-dir", stopped)
    assert (told["train"]["requests"], told["test"]["requests"]) == (288, 80)
    with Server(env=QUICK, data_dir=stopped) as server:
        with server.client() as client:
            answer = client.post("/models", body=artefact(tmp_path / "model"), headers=BYTES)
            assert answer.status == 201
            promoted(client, answer.json["model_id"])
        server.stop()
        server.start()
        with server.client() as client:
            assert [row["champion"] for row in models(client)] == [True]
            assert len(stored_results(client, finished(client))) == 210


def test_a_store_is_trained_on_with_the_settings_of_its_server(stopped, tmp_path):
    with Server(env=QUICK, data_dir=stopped) as server:
        with server.client() as client:
            number = trained(client, family="logistic", promote="manual", hyperparameters={"logistic.penalty": 2})
            lineage = model(client, number)["lineage"]
            served = client.get(f"/models/{number}/artefact").body
        server.stop()
    made = {}
    for bias, threads in (("estimate", 1), ("estimate", 2), ("ignore", 1)):
        config = tmp_path / "rankloop.toml"
        config.write_text(f'[training]\nposition_bias = "{bias}"\nthreads = {threads}\n'
                          'hyperparameters = "logistic.penalty=2"\n')
        told = train(tmp_path / "model", "--data-dir", stopped, "--config", config)
        assert (told["objective"], told["hyperparameters"]) == (lineage["objective"], lineage["hyperparameters"])
        made[bias, threads] = artefact(tmp_path / "model")
    assert made["estimate", 1] == made["estimate", 2] == served, "threads change no model"
    assert made["ignore", 1] != served


@pytest.mark.parametrize("objective", ["logistic", "listwise"])
def test_a_store_is_trained_on_with_the_objective_of_the_settings(stopped, tmp_path, objective):
    config = tmp_path / "rankloop.toml"
    config.write_text(f'[training]\nobjective = "{objective}"\n')
    assert train(tmp_path / "model", "--data-dir", stopped, "--config", config)["objective"] == objective


def test_a_store_in_use_is_refused_with_a_word_on_the_way(evidence_data, tmp_path):
    with Server(env=QUICK, copy_of=evidence_data) as server:
        message = refused(tmp_path, "--data-dir", server.data_dir, code=1)
        assert str(server.pid) in message or server.url in message


def test_a_store_without_evidence_is_refused(tmp_path):
    with Server(env=QUICK, data_dir=tmp_path / "store") as server:
        server.stop()
    assert "no rows" in refused(tmp_path, "--data-dir", tmp_path / "store")


def test_a_folder_without_a_store_is_refused(tmp_path):
    folder = tmp_path / "nothing"
    outcome = run("train", "--family", "logistic", "--out", tmp_path / "model", "--data-dir", folder)
    assert outcome.returncode in (1, 2) and str(folder) in outcome.stderr
    assert not folder.exists()


def test_another_domain_trains_from_its_own_columns(tmp_path):
    outcome = run("train", "--family", "logistic", "--out", tmp_path / "model",
                  "--domain", ROOT / "domain/flights.toml", "--data", write(tmp_path / "rows.tsv", [["label"], ["1"]]))
    assert outcome.returncode == 2 and "missing: " in outcome.stderr and "budget" not in outcome.stderr
