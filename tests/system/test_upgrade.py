"""A store that version 0.1.0 left behind: it is taken over as it was, and the loop goes on."""

import json
import lzma

import pytest

from guests import GUEST, finished, results, select
from learning import QUICK, champion, model, promoted, ranked_by, trained
from rankloop_process import ROOT, Server

LEFT_BEHIND = ROOT / "tests/fixtures/stores/0.1.0"
TOLD = json.loads((LEFT_BEHIND / "told.json").read_text())  # by that version, about this store
# What newer versions tell in other words, or of the present.
TOLD_ANEW = {"version", "drift"}


@pytest.fixture(scope="module")
def taken_over(tmp_path_factory):
    """A server of now on that store."""
    folder = tmp_path_factory.mktemp("taken-over")
    (folder / "rankloop.db").write_bytes(lzma.decompress((LEFT_BEHIND / "rankloop.db.xz").read_bytes()))
    with Server(data_dir=folder, env=QUICK) as server:
        yield server


def parts(then, now, path=""):
    """Where an answer of now lacks or changes what one of then said; members that came anew are no difference."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [difference for name, value in then.items() if name not in TOLD_ANEW
                for difference in (parts(value, now[name], f"{path}.{name}") if name in now else [f"{path}.{name} is gone"])]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [difference for at, (old, new) in enumerate(zip(then, now))
                for difference in parts(old, new, f"{path}[{at}]")]
    if isinstance(then, float) and isinstance(now, (int, float)):
        return [] if then == pytest.approx(now) else [f"{path}: {then} then, {now} now"]
    return [] if then == now else [f"{path}: {then!r} then, {now!r} now"]


def test_everything_is_told_as_it_was(taken_over):
    with taken_over.client() as client:
        differences = [f"GET {path}{difference}" for path, then in TOLD["answers"].items()
                       for difference in parts(then, client.get(path).json)]
    assert differences == []


def test_every_model_ranks_as_before(taken_over):
    (before,) = [row["model_id"] for row in TOLD["answers"]["/models"] if row["champion"]]
    with taken_over.client() as client:
        assert champion(client) == before
        for number, places in TOLD["scores"].items():
            promoted(client, int(number))
            task = ranked_by(client, int(number))
            now = {str(row["location_id"]): row["score"] for row in results(client, task, limit=20)}
            assert now == pytest.approx(places, abs=1e-6), number


def test_the_loop_goes_on(taken_over):
    with taken_over.client() as client:
        task = finished(client)
        assert select(client, task, results(client, task)[0]["location_id"]).json["label"] == 1
        number = trained(client, family="logistic", promote="manual")
        assert number > max(row["model_id"] for row in TOLD["answers"]["/models"])
        assert model(client, number)["lineage"]["requests"] > 100
        promoted(client, number)
        assert finished(client)
