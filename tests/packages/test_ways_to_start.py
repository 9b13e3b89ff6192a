"""The README's ways to start, typed as they are printed there. The way from source is script/fresh."""

import os
import re
import subprocess

import pytest

from pristine import ROOT, free_port, journey
from rankloop_process import wait_until
from readme import commands

TOKEN = "a-token-of-some-length"


@pytest.fixture
def clone(root):
    """A folder inside the root that looks like a checkout whose packages were made."""
    (root.path / "clone/build").mkdir(parents=True)
    return root


def put_package(root, file):
    (root.path / "clone/build/packages").mkdir()
    root.put(file, "/clone/build/packages")


def printed(beginning):
    """The one block of the README's start that begins so."""
    found = [block for block in commands("Start") if block.startswith(beginning)]
    assert len(found) == 1, found
    return found[0]


def test_the_way_from_source_is_the_one_that_a_fresh_root_tries():
    assert commands("Start")[0] == "script/server\n"
    assert "README.md" in (ROOT / "script/fresh").read_text()


def test_the_debian_package_is_installed_as_printed(clone, deb):
    put_package(clone, deb)
    # Who types it has sudo and says yes; here is nobody to do so.
    clone.run("""
        printf '#!/bin/sh\\nexec "$@"\\n' > /usr/local/bin/sudo && chmod +x /usr/local/bin/sudo
        echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/yes
        apt-get update""")
    clone.run("cd /clone && " + printed("sudo apt install"))
    unit = clone.run("cat /lib/systemd/system/rankloop.service")
    port = free_port()
    url = clone.serve("setpriv --reuid rankloop --regid rankloop --clear-groups "
                      f"env RANKLOOP_LISTEN=127.0.0.1:{port} {re.search(r'^ExecStart=(.*)$', unit, re.M)[1]}", port)
    journey(url)


def test_the_archive_is_unpacked_and_run_as_printed(clone, archive):
    put_package(clone, archive)
    port = free_port()
    unpack, serve = printed("tar xzf").splitlines()
    clone.run(f"cd /clone && {unpack}")
    url = clone.serve(f"sh -c 'cd /clone && RANKLOOP_LISTEN=127.0.0.1:{port} exec {serve}'", port)
    journey(url)


def serves_a_journey(lines, podman):
    """Runs lines that end in a container that serves; asks it, and stops it."""
    # A network of its own, so that the printed port is free.
    server = subprocess.Popen(["unshare", "--net", "bash", "-euc", "ip link set lo up\n" + lines], cwd=ROOT, env=podman,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    inside = ["nsenter", "--target", str(server.pid), "--net"]

    def ready():
        assert server.poll() is None, server.stdout.read()
        return subprocess.run([*inside, "curl", "-fs", "http://127.0.0.1:4789/health/ready"], capture_output=True,
                              check=False).returncode == 0

    try:
        wait_until(ready, 300, "the container")
        subprocess.run([*inside, ROOT / "script/journey", "http://127.0.0.1:4789"], check=True, timeout=120,
                       env={"PATH": os.environ["PATH"], "RANKLOOP_AUTH_TOKEN": TOKEN})
        (name,) = subprocess.run(["podman", "ps", "--quiet"], env=podman, check=True, text=True,
                                 capture_output=True).stdout.split()
        asked = subprocess.run([*inside, "podman", "healthcheck", "run", name], env=podman, text=True,
                               capture_output=True)
        assert asked.returncode == 0, asked.stdout + asked.stderr
        subprocess.run(["podman", "stop", "--time", "60", name], env=podman, check=True, capture_output=True)
        assert server.wait(60) == 0, server.stdout.read()
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def test_the_container_is_loaded_and_run_as_printed(podman, image):
    assert image.exists()
    serves_a_journey(printed("podman load").replace("$(openssl rand -hex 16)", TOKEN), podman)


def test_the_containerfile_makes_an_image_that_serves(podman, deb, template):
    assert deb.exists()
    # Debian's own base image as a registry has it is not at hand: its packages are.
    made = subprocess.run(["bash", "-euc", """
        base=$(buildah from scratch)
        cp -a "$TEMPLATE/." "$(buildah mount "$base")/"
        buildah umount "$base"
        buildah commit -q "$base" docker.io/library/debian:bookworm-slim
        buildah bud --pull-never -q --format docker -t rankloop:built -f deploy/container/Containerfile ."""],
        cwd=ROOT, env={**podman, "BUILDAH_ISOLATION": "chroot", "TEMPLATE": str(template)}, text=True, capture_output=True)
    assert made.returncode == 0, made.stdout + made.stderr
    serves_a_journey(f"podman run -e RANKLOOP_AUTH_TOKEN={TOKEN} rankloop:built", podman)
