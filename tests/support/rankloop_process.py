"""A rankloop server of a test's own, and the clients that talk to it.

The program is the file named by RANKLOOP_BINARY, or build/release/rankloop. Every server listens on a port that the
kernel chooses and keeps its data in a temporary folder, so tests run side by side.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("RANKLOOP_BINARY", ROOT / "build/release/rankloop")).resolve()

START_SECONDS = 180  # the first start of a store trains its baseline
STOP_SECONDS = 40
ANSWER_SECONDS = 40


def wait_until(condition, seconds=20, what="the condition"):
    """Asks until `condition()` is true, and answers what it said."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


def environment(changes=None):
    """The environment of a program under test: this one's without settings of rankloop, and then `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RANKLOOP_")}
    kept.update(changes or {})
    return kept


def run(*args, env=None, seconds=120, cwd=None):
    """Runs a command of rankloop to its end."""
    return subprocess.run([str(BINARY), *map(str, args)], env=environment(env), cwd=cwd or ROOT, timeout=seconds,
                          capture_output=True, text=True, check=False)


class Answer:
    """One response: status, headers (any case), the body's bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<Answer {self.status} {self.body[:300]!r}>"


class Client:
    """A keep-alive connection. `json` is sent as JSON, `body` as it stands."""

    def __init__(self, host, port, seconds=ANSWER_SECONDS, headers=None):
        self.headers = headers or {}
        self.connection = http.client.HTTPConnection(host, port, timeout=seconds)

    def request(self, method, path, json=..., body=None, headers=None):
        sent = dict(self.headers)
        if json is not ...:
            body = _dumps(json)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        try:
            return self._once(method, path, body, sent)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            if method not in ("GET", "HEAD"):
                raise
            return self._once(method, path, body, sent)  # the server had closed an idle connection

    def _once(self, method, path, body, headers):
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, json=..., **options):
        return self.request("POST", path, json=json, **options)

    def put(self, path, json=..., **options):
        return self.request("PUT", path, json=json, **options)

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _dumps(value):
    return json.dumps(value).encode()


class RawSocket:
    """Bytes as they stand, for what a decent client would never send."""

    def __init__(self, host, port, seconds=ANSWER_SECONDS):
        self.socket = socket.create_connection((host, port), timeout=seconds)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)
        return self

    def answer(self, method="GET"):
        """Reads one response; None when the server has closed instead."""
        line = self.file.readline()
        if not line:
            return None
        status = int(line.split()[1])
        headers = http.client.parse_headers(self.file)
        if method == "HEAD" or status in (204, 304) or status < 200:
            return Answer(status, headers, b"")
        if headers.get("Content-Length") is not None:
            return Answer(status, headers, self.file.read(int(headers["Content-Length"])))
        return Answer(status, headers, self.file.read())

    def line(self):
        return self.file.readline()

    def closed(self):
        """Reads to the end: true once the server has closed."""
        try:
            return self.file.read() == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Server:
    """`rankloop serve` as a process of its own.

    start() returns once the server answers; stop() ends it by SIGTERM and expects exit code 0; kill() by SIGKILL, and
    start() may follow on the same data. As a context manager it starts, stops and removes a folder that it made.
    """

    command = "serve"

    def __init__(self, *args, env=None, data_dir=None, copy_of=None, wrapper=()):
        self.args = [str(arg) for arg in args]
        self.env = dict(env or {})
        self.wrapper = list(wrapper)  # a command that runs the server, such as prlimit
        self._own_folder = data_dir is None
        self.data_dir = pathlib.Path(data_dir or tempfile.mkdtemp(prefix="rankloop-test-"))
        if copy_of is not None:
            for name in os.listdir(copy_of):
                if name != "rankloop.lock":
                    shutil.copy2(os.path.join(copy_of, name), self.data_dir)
        self.process = None
        self.url = None
        self.host = None
        self.port = None
        self._log = []

    def start(self, *args, env=None):
        """Starts with the given options after the constructor's."""
        self._launch([*self.args, *map(str, args)], {**self.env, **(env or {})})
        self._await_greeting()
        return self

    def _launch(self, args, env):
        command = [*self.wrapper, str(BINARY), self.command, "--data-dir", str(self.data_dir)]
        if "--listen" not in args:
            command += ["--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen([*command, *args], env=environment(env), cwd=ROOT, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # The pipe is read all the time: a full one would halt the server.
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def _read_log(self, pipe):
        for line in pipe:
            self._log.append(line.decode("utf-8", "replace"))
        pipe.close()

    def _await_greeting(self):
        expiry = threading.Timer(START_SECONDS, self.process.kill)
        expiry.start()
        try:
            for line in self.process.stdout:
                if line.strip().startswith(b"page "):
                    self._learn_address(line.split()[1].decode())
                if line.strip().startswith(b"guests "):
                    return
        finally:
            expiry.cancel()
        code = self.process.wait()
        self._end()
        raise AssertionError(f"the server ended with {code} instead of starting:\n{self.log}")

    def _learn_address(self, page):
        address = urllib.parse.urlsplit(page)
        self.url = page.rstrip("/")
        self.host, self.port = address.hostname, address.port

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        """What the server has logged up to now, over all its starts."""
        return "".join(self._log)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def client(self, **options):
        return Client(self.host, self.port, **options)

    def raw(self, **options):
        return RawSocket(self.host, self.port, **options)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop within {STOP_SECONDS} s:\n{self.log}") from None
        self._end()
        assert code == 0, f"the server ended with {code}:\n{self.log}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._end()

    def _end(self):
        self._reader.join()
        self.process.stdout.close()

    def remove(self):
        if self._own_folder:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self):
        return self if self.running else self.start()

    def __exit__(self, kind, *_):
        try:
            if self.running and kind is None:
                self.stop()
            elif self.running:
                self.kill()
        finally:
            self.remove()
