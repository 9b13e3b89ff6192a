"""Records what the installed Celery puts on the wire, as JSON: one frame a kind of call, and what a worker says.

    python tests/celery/record_frames.py --broker amqp://... --redis redis://... > tests/fixtures/celery/frames-5.7.json

Runs with any Celery's interpreter and needs nothing else. The broker must be empty and used by nobody else.
A frame is {"exchange", "routing_key", "properties", "headers", "body"}; a body that is not text stands in base64.
"""

import argparse
import base64
import datetime
import decimal
import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.parse
import uuid

import amqp
import celery

INDIA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
WHEN = datetime.datetime(2026, 11, 23, 12, 0, 0, tzinfo=INDIA)
LATER = datetime.datetime(2099, 11, 23, 12, 0, 0, tzinfo=datetime.timezone.utc)
TASK = "01890000-0000-7000-8000-0000000000%02x"
GUEST = {
    "name": "Ann", "people_num": 2, "people_age": [30, 34], "children_num": 0, "budget": 400.0, "nights": 2,
    "time_arrival": "2026-12-01", "pool": True, "spa": False, "pet_friendly": False, "lake": True, "mountain": False,
    "sport": True,
}


def client(name, broker, backend):
    """An application whose calls return once the broker has the message, so that the next read finds it."""
    app = celery.Celery(name, broker=broker, backend=backend)
    app.conf.broker_transport_options = {"confirm_publish": True}
    return app


def calls(app):
    """Name of a frame -> what makes the client publish it."""
    inference = app.signature("inference", args=[1])
    tagged = {"when": WHEN, "day": WHEN.date(), "id": uuid.UUID(int=7), "price": decimal.Decimal("12.50"),
              "bytes": b"\x00\xff"}

    def send(name, **options):
        number = len(sent)
        sent.append(name)
        return lambda: app.send_task("inference", task_id=TASK % number, **options)

    sent = []
    return {
        "args": send("args", args=[1]),
        "kwargs": send("kwargs", kwargs=GUEST),
        "training": lambda: app.send_task("training", task_id=TASK % 32),
        "unknown": lambda: app.send_task("tasks.add", args=[1, 2], task_id=TASK % 33),
        "countdown": send("countdown", args=[1], countdown=90),
        "eta_with_offset": send("eta", args=[1], eta=WHEN),
        "eta_later": send("later", args=[1], eta=LATER),
        "expires_seconds": send("expires", args=[1], expires=60),
        # RabbitMQ takes no expiration beyond 49 days.
        "expires_moment": send("expires", args=[1], expires=datetime.datetime.now(INDIA) + datetime.timedelta(days=10)),
        "priority": send("priority", args=[1], priority=5),
        "time_limits": send("limits", args=[1], time_limit=30, soft_time_limit=20),
        "ignore_result": send("ignore", args=[1], ignore_result=True),
        "tagged_kwargs": send("tagged", kwargs=tagged),
        "gzip": send("gzip", kwargs=GUEST, compression="gzip"),
        "zlib": send("zlib", kwargs=GUEST, compression="zlib"),
        "pickle": send("pickle", args=[1], serializer="pickle"),
        "beyond_ascii": send("text", args=["Zoë \U0001f600"]),
        "shadow": send("shadow", args=[1], shadow="another name"),
        "callback": send("callback", args=[1], link=app.signature("tasks.tell"), link_error=app.signature("tasks.cry")),
        "chain": lambda: celery.chain(inference, app.signature("tasks.tell")).apply_async(task_id=TASK % 34),
        "group": lambda: celery.group(inference, inference.clone(args=[2])).apply_async(),
        "chord": lambda: chord(app),
        "protocol_1": lambda: protocol_1(app),
    }


def chord(app):
    """Needs results that can be counted, which rpc:// cannot."""
    keeping = client("keeping", app.conf.broker_url, app.conf.kept_results)
    head = [keeping.signature("inference", args=[number]) for number in (1, 2)]
    celery.chord(head, keeping.signature("tasks.tell"), app=keeping).apply_async()


def protocol_1(app):
    old = client("old", app.conf.broker_url, app.conf.result_backend)
    old.conf.task_protocol = 1
    old.send_task("inference", args=[1], task_id=TASK % 35)


def plain(value):
    """A value of AMQP as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value


def frame(message):
    properties = dict(message.properties)
    headers = properties.pop("application_headers", {})
    body = message.body
    if isinstance(body, (bytes, bytearray, memoryview)):
        try:
            body = bytes(body).decode("utf-8")
        except UnicodeDecodeError:
            pass
    delivery = message.delivery_info
    return plain({"exchange": delivery["exchange"], "routing_key": delivery["routing_key"],
                  "properties": properties, "headers": headers, "body": body})


class Wire:
    """A plain AMQP connection that reads what others publish."""

    def __init__(self, broker):
        url = urllib.parse.urlsplit(broker)
        self.connection = amqp.Connection(host=f"{url.hostname}:{url.port}", userid=url.username,
                                          password=url.password, read_timeout=30, write_timeout=30)
        self.connection.connect()
        self.channel = self.connection.channel()

    def drain(self, queue):
        frames = []
        while (message := self.channel.basic_get(queue, no_ack=True)) is not None:
            frames.append(frame(message))
        return frames

    def tap(self, exchange, kind, durable):
        """A queue that gets a copy of all that goes through an exchange."""
        self.channel.exchange_declare(exchange, kind, durable=durable, auto_delete=False)
        queue = self.channel.queue_declare(exclusive=True).queue
        self.channel.queue_bind(queue, exchange, "#")
        return queue


def record_calls(app, wire):
    recorded = {}
    for name, call in calls(app).items():
        call()
        frames = wire.drain("celery")
        recorded[name] = frames[0] if len(frames) == 1 else frames
    return recorded


WORKER = """
import celery, time
app = celery.Celery("peer", broker={broker!r}, backend="rpc://")
app.conf.update(task_send_sent_event=True, worker_send_task_events=True)

@app.task(name="tasks.add")
def add(x, y):
    return x + y

@app.task(name="tasks.fail")
def fail():
    raise ValueError("no such guest")

@app.task(name="tasks.again", bind=True, max_retries=1)
def again(self):
    raise self.retry(countdown=0, exc=KeyError("later"))

app.worker_main(["worker", "--pool", "solo", "--hostname", "peer@host", "--loglevel", "ERROR"])
"""


def until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("the worker did not answer")
        time.sleep(0.1)


def record_worker(app, wire):
    """The requests and the replies of remote control, the events of a worker and of its tasks."""
    requests = wire.tap("celery.pidbox", "fanout", False)
    events = wire.tap("celeryev", "topic", True)
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(broker=app.conf.broker_url)],
                              stdout=sys.stderr)
    heard, replies = [], {}
    try:
        until(lambda: app.control.ping(timeout=1))
        wire.drain(requests)
        for method in ("ping", "active", "stats", "registered", "reserved", "scheduled", "revoked", "active_queues",
                       "conf"):
            replies[method] = ask(wire, method)
        inspector = app.control.inspect(timeout=1)
        inspector.ping()
        app.control.revoke(TASK % 1)
        app.control.revoke(TASK % 1, terminate=True, signal="SIGKILL", destination=["peer@host"])
        app.control.enable_events()
        app.send_task("tasks.add", args=[1, 2], task_id=TASK % 50).get(timeout=20)
        for name, number in (("tasks.fail", 51), ("tasks.again", 52)):
            app.send_task(name, task_id=TASK % number).get(timeout=20, propagate=False)
        app.send_task("tasks.add", args=[1, 2], task_id=TASK % 1)
        seen = set()

        def all_kinds():
            heard.extend(wire.drain(events))
            for each in heard:
                body = json.loads(each["body"])
                seen.update(event["type"] for event in (body if isinstance(body, list) else [body]))
            return {"worker-heartbeat", "task-succeeded", "task-failed", "task-retried", "task-revoked"} <= seen

        until(all_kinds)
    finally:
        worker.terminate()
        worker.wait(30)
    heard.extend(wire.drain(events))
    return {"requests": wire.drain(requests), "replies": replies, "events": first_of_each(heard)}


def ask(wire, method):
    """A request of remote control by hand, and the reply as it comes."""
    queue = str(uuid.uuid4())
    wire.channel.exchange_declare("reply.celery.pidbox", "direct", durable=False, auto_delete=False)
    wire.channel.queue_declare(queue, exclusive=True)
    wire.channel.queue_bind(queue, "reply.celery.pidbox", queue)
    body = {"method": method, "arguments": {}, "destination": None, "pattern": None, "matcher": None,
            "ticket": str(uuid.uuid4()), "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": queue}}
    wire.channel.basic_publish(amqp.Message(json.dumps(body), content_type="application/json",
                                            content_encoding="utf-8"), "celery.pidbox")
    found = []
    until(lambda: found.extend(wire.drain(queue)) or found)
    return found[0]


def first_of_each(frames):
    """One frame for each kind of event, and for each routing key."""
    kept = {}
    for each in frames:
        body = json.loads(each["body"])
        kinds = sorted({event["type"] for event in body}) if isinstance(body, list) else [body["type"]]
        kept.setdefault(f"{each['routing_key']}: {', '.join(kinds)}", each)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--redis", required=True, help="a result back-end that can do chords")
    options = parser.parse_args()
    app = client("client", options.broker, "rpc://")
    app.conf.kept_results = options.redis
    app.set_default()
    wire = Wire(options.broker)
    recorded = {"celery": celery.__version__, "calls": record_calls(app, wire), "worker": record_worker(app, wire)}
    text = json.dumps(recorded, indent=1, ensure_ascii=True)
    # What tells of the machine that recorded, and of nothing else.
    for machine, told in ((socket.gethostname(), "host"), (str(pathlib.Path(celery.__file__).parents[1]), "packages")):
        text = text.replace(machine, told)
    print(text)


if __name__ == "__main__":
    main()
