"""A program in a pseudo-terminal of its own, as somebody at a keyboard has it."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time


class Terminal:
    """Runs `command` with the terminal as its three streams. `shown` is every byte it has written so far."""

    def __init__(self, command, env, columns=100, rows=30, cwd=None):
        try:
            self.master, slave = os.openpty()
        except OSError as none:
            raise AssertionError(f"This test needs a pseudo-terminal and the machine gives none ({none}); in a container, "
                                 "mount devpts at /dev/pts") from none
        self.resize(columns, rows)
        self.mode = termios.tcgetattr(slave)
        self.slave = slave  # kept open: the mode is asked for after the program's end
        self.shown = b""
        self.process = subprocess.Popen([str(word) for word in command], env=env, cwd=cwd, stdin=slave, stdout=slave,
                                        stderr=slave, start_new_session=True, close_fds=True)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            self.shown += os.read(self.master, 65536)
        return bool(ready)

    def until(self, condition, seconds=30):
        """Reads until `condition(shown)`; what was shown."""
        deadline = time.monotonic() + seconds
        while not condition(self.shown):
            assert time.monotonic() < deadline, f"it did not come within {seconds} s: {self.shown[-2000:]!r}"
            self._read(0.1)
        return self.shown

    def until_text(self, text, seconds=30):
        return self.until(lambda shown: text.encode() in shown, seconds)

    def type(self, text):
        os.write(self.master, text.encode())

    def ended(self, seconds=30):
        """Reads to the program's end: its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end within {seconds} s: {self.shown[-2000:]!r}"
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def mode_now(self):
        return termios.tcgetattr(self.slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)
