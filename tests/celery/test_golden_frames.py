"""The recorded frames are still what the installed Celery sends: same calls, same headers, same shape of body."""

import json
import pathlib
import subprocess
import sys

import pytest

from backing_services import Rabbit, Redis

FRAMES = pathlib.Path(__file__).resolve().parents[1] / "fixtures/celery/frames-5.7.json"
RECORDER = pathlib.Path(__file__).resolve().parent / "record_frames.py"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """What the installed Celery sends now, through a broker that nobody else uses."""
    folder = tmp_path_factory.mktemp("frames")
    with Rabbit(folder / "rabbitmq") as rabbit, Redis(folder / "redis") as redis:
        done = subprocess.run([sys.executable, RECORDER, "--broker", rabbit.url, "--redis", redis.url],
                              capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shape(frame):
    if isinstance(frame, list):
        return [shape(each) for each in frame]
    body = frame["body"]
    if isinstance(body, str):
        body = json.loads(body)
        body = sorted(body) if isinstance(body, dict) else [type(part).__name__ for part in body]
    else:
        body = "bytes"
    return {"properties": sorted(frame["properties"]), "headers": sorted(frame["headers"]), "body": body}


def test_calls_have_the_shape_of_the_recorded_ones(recorded):
    kept = json.loads(FRAMES.read_text(encoding="utf-8"))
    assert recorded["celery"] == kept["celery"]
    assert {name: shape(frame) for name, frame in recorded["calls"].items()} == \
           {name: shape(frame) for name, frame in kept["calls"].items()}


def test_replies_and_events_have_the_shape_of_the_recorded_ones(recorded):
    kept = json.loads(FRAMES.read_text(encoding="utf-8"))["worker"]
    now = recorded["worker"]
    for name, reply in kept["replies"].items():
        assert shape(now["replies"][name]) == shape(reply), name
    assert fields_of_events(now) == fields_of_events(kept)


def fields_of_events(worker):
    """Type of an event -> its fields."""
    fields = {}
    for frame in worker["events"].values():
        body = json.loads(frame["body"])
        for event in body if isinstance(body, list) else [body]:
            fields.setdefault(event["type"], sorted(event))
    return fields
