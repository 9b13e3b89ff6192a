"""Roots of Debian 12 without a compiler, in which packages are tried as people get them."""

import json
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build/packages"
DEADLINE = 120


def shell(script, **options):
    """Runs lines of bash that know script/pristine-root."""
    return subprocess.run(["bash", "-euc", "source script/pristine-root\n" + script], cwd=ROOT, text=True,
                          capture_output=True, timeout=600, **options)


class PristineRoot:
    """A copy of the pristine root; gone with everything that runs in it when closed."""

    def __init__(self, template, folder):
        self.path = folder / "root"
        subprocess.run(["cp", "-a", template, self.path], check=True)
        self.running = []
        self.ports = []

    def run(self, command, *, check=True):
        """Runs a line of sh inside; answers what it printed."""
        done = shell(f'(in_pristine_root "{self.path}" -- sh -c "$RUN")',
                     env={"RUN": command, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        if check and done.returncode != 0:
            raise AssertionError(f"{command}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def put(self, file, where="/tmp"):
        shutil.copy(file, f"{self.path}{where}/")
        return f"{where}/{pathlib.Path(file).name}"

    def serve(self, command, port):
        """Starts a server inside and waits until it is ready; answers its address."""
        process = subprocess.Popen(
            ["bash", "-euc", f'source script/pristine-root; in_pristine_root "{self.path}" -- sh -c "$RUN"'], cwd=ROOT,
            env={"RUN": "exec " + command, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.running.append(process)
        self.ports.append(port)
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            if process.poll() is not None:
                raise AssertionError(f"{command} ended: {process.stdout.read()}")
            try:
                with urllib.request.urlopen(url + "/health/ready", timeout=5):
                    return url
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"{command} is not ready after {DEADLINE} s")

    def stop(self):
        """Ends what serve() began, at once, as a power cut would."""
        for process in self.running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.running.clear()
        # The namespace's processes end a moment after unshare, and with them their ports.
        until = time.monotonic() + DEADLINE
        while any(answers(port) for port in self.ports):
            assert time.monotonic() < until, f"something still listens on {self.ports}"
            time.sleep(0.05)
        self.ports.clear()

    def close(self):
        self.stop()
        shutil.rmtree(self.path, ignore_errors=True)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def journey(url, token=None):
    """A whole journey, as the README tells it."""
    subprocess.run([ROOT / "script/journey", url], check=True, timeout=120,
                   env={"PATH": "/usr/bin:/bin", **({"RANKLOOP_AUTH_TOKEN": token} if token else {})})


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())
