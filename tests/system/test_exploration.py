"""Requests that a random order answers, and the probabilities that the ledger keeps of every list."""

import contextlib
import json
import math
import sqlite3
import struct
import zlib
from fractions import Fraction

import pytest

from guests import finished, results, start, stored_results
from learning import QUICK, promoted, trained
from rankloop_process import Server

PLACES = 210
SOME = list(range(1, 9))


@pytest.fixture(scope="module")
def champion_data(evidence_data, tmp_path_factory):
    """Data with a logistic champion."""
    folder = tmp_path_factory.mktemp("champion")
    with Server(data_dir=folder, env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            promoted(client, trained(client, family="logistic", promote="manual"))
        server.stop()
    return folder


@pytest.fixture
def exploring(champion_data, request):
    env = {**QUICK, "RANKLOOP_EXPLORATION_SHARE": str(request.param)}
    with Server(env=env, copy_of=champion_data) as server:
        yield server


class Packed:
    """Takes a stored ranking apart: one byte of flags, varints, scores, probabilities, a checksum."""

    def __init__(self, data):
        assert struct.unpack("<I", data[-4:])[0] == zlib.crc32(data[:-4])
        self.data, self.at = data[:-4], 1
        flags, count = data[0], self.varint()
        self.items = [self.varint() for _ in range(count)]
        if flags & 0x10:  # scores fall: the first as it is, the others as differences
            self.at += 4
            for _ in range(count - 1):
                self.varint()
        else:
            self.at += 4 * count
        self.propensities = [1.0] * count
        if flags & 0x40:
            begin = self.varint()
            for place in range(begin):
                self.propensities[place] = struct.unpack_from("<f", self.data, self.at)[0]
                self.at += 4
            drawn_from = self.varint()
            if drawn_from:
                self.propensities[begin:] = [1 / (drawn_from - place) for place in range(begin, count)]
        assert self.at == len(self.data)

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value


class Logged:
    """What the ledger keeps of a task's list."""

    def __init__(self, server, task):
        with contextlib.closing(sqlite3.connect(f"file:{server.data_dir}/rankloop.db?mode=ro", uri=True)) as ledger:
            row = ledger.execute(
                "SELECT r.model_id, p.name, p.parameters, p.deterministic, r.packed FROM rankings r "
                "JOIN inferences i ON i.id = r.inference_id JOIN policies p ON p.id = r.policy WHERE i.task_id = ?",
                (bytes.fromhex(task.replace("-", "")),)).fetchone()
        self.model, self.policy, parameters, self.deterministic, packed = row
        self.parameters = json.loads(parameters) if parameters else {}
        packed = Packed(packed)
        self.items, self.propensities = packed.items, packed.propensities


def greedy_order(client):
    return [row["location_id"] for row in stored_results(client, finished(client))]


def uniform(count):
    return [1 / (count - place) for place in range(count)]


def expected(items, greedy, share):
    """P(item | those above it) of a list that either of two ways may have made."""
    drawn, chosen, probabilities = Fraction(share), 1 - Fraction(share), []
    for place, item in enumerate(items):
        before = drawn + chosen
        drawn /= len(items) - place
        if item != greedy[place]:
            chosen = 0
        probabilities.append(float((drawn + chosen) / before))
    return probabilities


def test_without_exploring_every_probability_is_one(champion_data):
    with Server(env=QUICK, copy_of=champion_data) as server, server.client() as client:
        logged = Logged(server, finished(client))
        assert (logged.model, logged.deterministic) == (1, 1)
        assert logged.propensities == [1.0] * PLACES


@pytest.mark.parametrize("exploring", [1], indirect=True)
def test_a_share_of_one_is_a_uniform_draw(exploring):
    with exploring.client() as client:
        tasks = [finished(client) for _ in range(20)]
        lists = []
        for task in tasks:
            logged = Logged(exploring, task)
            assert (logged.model, logged.policy, logged.deterministic) == (1, "epsilon_greedy", 0)
            assert logged.parameters == {"epsilon": 1, "drawn": "uniform"}
            assert logged.propensities == pytest.approx(uniform(PLACES), rel=1e-6)
            assert logged.items == [row["location_id"] for row in stored_results(client, task)]
            lists.append(tuple(logged.items))
        assert len(set(lists)) == 20


@pytest.mark.parametrize("exploring", [0.5], indirect=True)
def test_a_share_of_one_half_keeps_the_probabilities_of_both_ways(exploring, champion_data):
    with Server(env=QUICK, copy_of=champion_data) as server, server.client() as client:
        greedy = greedy_order(client)
    drawn = {"uniform": 0, "greedy": 0}
    with exploring.client() as client:
        for _ in range(60):
            logged = Logged(exploring, finished(client))
            drawn[logged.parameters["drawn"]] += 1
            assert (logged.policy, logged.parameters["epsilon"]) == ("epsilon_greedy", 0.5)
            if logged.parameters["drawn"] == "greedy":
                assert logged.items == greedy
            assert logged.propensities == pytest.approx(expected(logged.items, greedy, 0.5), rel=1e-6)
    assert min(drawn.values()) > 10, drawn


@pytest.mark.parametrize("exploring", [0.5], indirect=True)
def test_candidates_are_drawn_among_themselves(exploring, champion_data):
    with Server(env=QUICK, copy_of=champion_data) as server, server.client() as client:
        greedy = [row["location_id"] for row in stored_results(client, finished(client, candidates=SOME))]
    with exploring.client() as client:
        for _ in range(20):
            logged = Logged(exploring, finished(client, candidates=SOME))
            assert sorted(logged.items) == SOME
            assert logged.propensities == pytest.approx(expected(logged.items, greedy, 0.5), rel=1e-6)


def test_the_random_order_of_a_new_store_is_a_uniform_draw():
    with Server(env={**QUICK, "RANKLOOP_EXPLORATION_SHARE": "0.5"}) as server, server.client() as client:
        logged = Logged(server, finished(client))
        assert (logged.model, logged.policy, logged.deterministic) == (0, "uniform", 0)
        assert logged.propensities == pytest.approx(uniform(PLACES), rel=1e-6)


@pytest.mark.parametrize("exploring", [0.5], indirect=True)
def test_the_same_task_gives_the_same_list(exploring):
    # Killed before anything ran, the tasks run again: the draw belongs to the task, not to the attempt.
    exploring.stop()
    exploring.start("--workers", "0")
    with exploring.client() as client:
        tasks = [start(client) for _ in range(10)]
    exploring.kill()
    copied = Server(env=exploring.env, copy_of=exploring.data_dir)
    lists = []
    for server in (exploring, copied):
        with server, server.client() as client:
            for task in tasks:
                assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
            lists.append([Logged(server, task).items for task in tasks])
            shown = results(client, tasks[0], 5)
            assert results(client, tasks[0], 5) == shown
            assert [row["location_id"] for row in shown] == lists[-1][0][:5]
    assert lists[0] == lists[1]
    assert len({tuple(items) for items in lists[0]}) > 1


def settings(**wanted):
    return {**QUICK, **{f"RANKLOOP_EXPLORATION_{name.upper()}": str(value) for name, value in wanted.items()}}


def softmax(log_odds, temperature):
    """P(item | those above it) of a list of which these are the log-odds, and below it nothing."""
    weights = [math.exp(each / temperature) for each in log_odds]
    return [weight / sum(weights[place:]) for place, weight in enumerate(weights)]


def test_softmax_keeps_the_probability_of_each_position(champion_data):
    with Server(env=settings(policy="softmax", share=1, temperature=2, depth=5), copy_of=champion_data) as server, \
            server.client() as client:
        lists = set()
        for _ in range(8):
            task = finished(client, candidates=SOME)
            logged = Logged(server, task)
            assert (logged.model, logged.policy, logged.deterministic) == (1, "softmax", 0)
            assert logged.parameters == {"share": 1, "temperature": 2, "depth": 5, "safe_top": 0}
            why = [client.get(f"/inference/explain/{task}/{item}").json for item in logged.items]
            assert [each["propensity"] for each in why] == pytest.approx(logged.propensities)
            assert why[0]["policy"] == {"name": "softmax", "parameters": logged.parameters}
            odds = [math.log(each["probability"] / (1 - each["probability"])) for each in why]
            assert logged.propensities[:5] == pytest.approx(softmax(odds, 2)[:5], rel=1e-4)
            assert logged.propensities[5:] == [1, 1, 1]
            assert odds[5:] == sorted(odds[5:], reverse=True)
            lists.add(tuple(logged.items))
    assert len(lists) > 4


def test_the_safe_top_is_the_champions_own(champion_data):
    with Server(env=QUICK, copy_of=champion_data) as server, server.client() as client:
        greedy = greedy_order(client)
    with Server(env=settings(policy="epsilon_positions", share=1, safe_top=3), copy_of=champion_data) as server, \
            server.client() as client:
        logged = Logged(server, finished(client))
        assert logged.items[:3] == greedy[:3] and logged.items[3:10] != greedy[3:10]
        assert logged.propensities == pytest.approx([1] * 3 + [1 / (PLACES - place) for place in range(3, 10)] + [1] * 200)


def test_only_a_segment_explores(champion_data):
    with Server(env=settings(policy="softmax", share=1, segment="spa=true"), copy_of=champion_data) as server, \
            server.client() as client:
        assert Logged(server, finished(client, spa=True)).policy == "softmax"
        assert Logged(server, finished(client, spa=False)).policy == "greedy"


def test_thompson_draws_from_the_posterior(champion_data):
    with Server(env=settings(policy="thompson", share=1), copy_of=champion_data) as server, server.client() as client:
        lists = set()
        for _ in range(10):
            logged = Logged(server, finished(client))
            assert logged.policy == "thompson" and logged.parameters["draws"] == 64
            assert logged.parameters["standard_error"] == pytest.approx(1 / 16)
            shares = [64 * each for each in logged.propensities[:10]]
            assert shares == pytest.approx([round(each) for each in shares], abs=1e-4)
            lists.add(tuple(logged.items[:10]))
        assert len(lists) > 3


@pytest.mark.parametrize("wanted, told", [
    ({"policy": "thompson", "share": 1}, "families that do: logistic"),
    ({"policy": "uniform", "safe_top": 2}, "exploration.safe_top is set"),
    ({"policy": "softmax", "segment": "stars=5"}, "requests have no field 'stars'"),
    ({"policy": "ucb"}, "exploration.policy"),
])
def test_what_contradicts_itself_is_refused_at_the_start(wanted, told, tmp_path):
    with pytest.raises(AssertionError, match=told):
        Server(env={**settings(**wanted), "RANKLOOP_TRAINING_FAMILY": "gbdt"}, data_dir=tmp_path).start()


@pytest.mark.parametrize("share", ["1.1", "-0.1", "half"])
def test_a_bad_share_is_refused_at_the_start(share, tmp_path):
    with pytest.raises(AssertionError, match="exploration.share"):
        Server(env={"RANKLOOP_EXPLORATION_SHARE": share}, data_dir=tmp_path).start()
