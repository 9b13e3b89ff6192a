"""Celery's own programs as peers: a client, a Python worker, the command line, Flower."""

import json
import subprocess
import sys
import urllib.request

import celery

from process import LOOPBACK, Program, answers, free_port

RESULT_SECONDS = 40


def client_app(broker, results):
    app = celery.Celery("client", broker=broker, backend=results)
    app.conf.broker_connection_retry_on_startup = True
    return app


def outcome(result):
    """State and result of a task once it is ready; an error is answered, not raised."""
    value = result.get(timeout=RESULT_SECONDS, propagate=False)
    return result.state, value


def celery_command(app, *arguments):
    """What `celery inspect ... --json` and its like print."""
    done = subprocess.run([sys.executable, "-m", "celery", "-b", app.conf.broker_url, *arguments, "--json"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


class PythonWorker(Program):
    """A Python Celery worker that runs the tasks of a source text; `app` is defined for it."""

    def __init__(self, folder, broker, results, queue, tasks, node="python"):
        super().__init__(folder)
        self.name = f"{node}-worker"
        self.node = f"{node}@host"
        self.app = client_app(broker, results)
        self.source = (f"import celery\n"
                       f"app = celery.Celery('peer', broker={broker!r}, backend={results!r})\n"
                       f"{tasks}\n"
                       f"app.worker_main(['worker', '--pool', 'solo', '--queues', {queue!r}, "
                       f"'--hostname', {self.node!r}, '--loglevel', 'INFO'])\n")

    def command(self):
        return [sys.executable, "-c", self.source]

    def ready(self):
        return bool(self.app.control.ping(destination=[self.node], timeout=1))


class Flower(Program):
    """Flower's API, read as JSON."""

    name = "flower"

    def __init__(self, folder, broker):
        super().__init__(folder)
        self.broker = broker
        self.port = free_port()

    def command(self):
        return [sys.executable, "-m", "celery", "-b", self.broker, "flower", f"--address={LOOPBACK}",
                f"--port={self.port}"]

    def ready(self):
        return answers(self.port)

    def get(self, path):
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=30) as answer:
            return json.load(answer)

    def post(self, path):
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.port}{path}", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
