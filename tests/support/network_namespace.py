"""A network of a program's own, joined to this machine by one link that a test can cut port by port.

Needs root, or sudo that asks nothing. The addresses are link-local, known to nobody but the two ends.
"""

import os
import subprocess

HOST = "169.254.77.1"
INSIDE = "169.254.77.2"
NEEDED = ("This test needs a network namespace of its own, which takes root (or sudo that asks nothing) with "
          "CAP_SYS_ADMIN and CAP_NET_ADMIN")


def call(*command):
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    try:
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise AssertionError(f"{NEEDED}; {missing.filename} is missing: script/bootstrap cluster installs it") from missing
    if done.returncode:
        raise AssertionError(f"{NEEDED}; here '{' '.join(command)}' said: {(done.stderr or done.stdout).strip()}")


class NetworkNamespace:
    """Services that listen on HOST can be reached from inside. `wrapper` before a command runs it there."""

    def __init__(self):
        self.name = f"rankloop{os.getpid()}"
        self.link = f"rl{os.getpid()}"

    @property
    def wrapper(self):
        return [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "ip", "netns", "exec", self.name]

    def inside(self, *command):
        call("ip", "netns", "exec", self.name, *command)

    def __enter__(self):
        call("ip", "netns", "add", self.name)
        try:
            call("ip", "link", "add", self.link, "type", "veth", "peer", "name", "outside", "netns", self.name)
            call("ip", "address", "add", f"{HOST}/30", "dev", self.link)
            call("ip", "link", "set", self.link, "up")
            self.inside("ip", "address", "add", f"{INSIDE}/30", "dev", "outside")
            self.inside("ip", "link", "set", "outside", "up")
            self.inside("ip", "link", "set", "lo", "up")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        call("ip", "netns", "delete", self.name)  # the link goes with it

    def cut(self, port):
        """From now on nothing of this TCP port comes or goes, and nobody is told."""
        self.inside("nft", "add table inet cut")
        for hook, side in (("input", "sport"), ("output", "dport")):
            self.inside("nft", f"add chain inet cut {hook} {{ type filter hook {hook} priority 0; }}")
            self.inside("nft", f"add rule inet cut {hook} tcp {side} {port} drop")

    def heal(self):
        self.inside("nft", "delete table inet cut")
