"""A server program of somebody else, as a process of a test's own: started, killed, halted and stopped by its id."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from rankloop_process import wait_until

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def shared_folder():
    """A new folder that every user of the machine may enter, unlike pytest's: PostgreSQL runs as one of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rankloop-services-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port():
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return found.getsockname()[1]


def answers(port, host=LOOPBACK):
    try:
        socket.create_connection((host, port), timeout=1).close()
        return True
    except OSError:
        return False


def program(name, *folders):
    """The file of a program that Debian's package puts outside the usual path."""
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"]))
    if found is None:
        raise FileNotFoundError(f"{name} is missing; script/bootstrap cluster installs it")
    return found


def state(pid):
    """The kernel's letter: R or S when it runs, T when it is halted, Z when it has ended and waits for its parent;
    None once it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    return state(pid) not in (None, "Z")


def began(pid):
    """When the process was started, in ticks since the boot: with the id it names one process for ever."""
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19])


def family(pid):
    """The process and its descendants, by id."""
    found = [pid]
    for parent in found:
        for children in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text(encoding="utf-8").split()]
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def send(pids, which):
    for pid in pids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue


class Program:
    """One process with its output in `folder`/NAME.log. A subclass says how it is started and when it is ready.

    kill() ends it and all it has started as the loss of its machine would; pause() halts them, resume() lets them go
    on. start() may follow kill() and stop() and finds the same data on the same port.
    """

    name = "program"
    user = None  # an ordinary user's name, for programs that refuse root
    stop_signal = signal.SIGTERM
    start_seconds = 60
    stop_seconds = 40

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None
        self.pid = None

    def command(self):
        raise NotImplementedError

    def ready(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    @property
    def log(self):
        return self.folder / f"{self.name}.log"

    def as_user(self):
        """Options of subprocess.Popen that give the program its user where this process is root."""
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user and os.geteuid() == 0 else {}

    def start(self):
        self.launch()
        try:
            wait_until(self.ready_or_ended, self.start_seconds, f"{self.name} ({self.log})")
        except AssertionError:
            self.kill()
            raise
        return self

    def launch(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.environment(),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            **self.as_user())
        self.pid = self.process.pid

    def ready_or_ended(self):
        if not self.running:
            end = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise AssertionError(f"{self.name} ended instead of starting:\n{end}")
        return self.ready()

    @property
    def running(self):
        if self.process is not None:
            return self.process.poll() is None
        return self.pid is not None and alive(self.pid)

    def stop(self):
        """Asks it to end; an error if it does not."""
        if not self.running:
            return
        everyone = family(self.pid)
        send([self.pid], self.stop_signal)
        try:
            wait_until(lambda: not self.running, self.stop_seconds, f"the end of {self.name}")
        finally:
            send([pid for pid in everyone if alive(pid)], signal.SIGKILL)
        self.forget()

    def kill(self):
        if not self.running:
            return
        everyone = family(self.pid)
        send(everyone, signal.SIGKILL)
        wait_until(lambda: not self.running and not any(map(alive, everyone)), 20, f"the death of {self.name}")
        self.forget()

    def forget(self):
        if self.process is not None:
            self.process.wait()
        self.process = None
        self.pid = None

    def pause(self):
        everyone = family(self.pid)
        send(everyone, signal.SIGSTOP)
        wait_until(lambda: all(state(pid) in (None, "Z", "T") for pid in everyone), what=f"the halt of {self.name}")

    def resume(self):
        send(family(self.pid), signal.SIGCONT)

    def __enter__(self):
        return self if self.running else self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()
