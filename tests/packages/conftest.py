import os
import pathlib
import re
import subprocess
import tempfile

import pytest

from pristine import PACKAGES, ROOT, PristineRoot, shell


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Debian 12's essential packages and apt, made once."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rankloop-packages.", dir="/var/tmp"))
    made = shell(f'pristine_root_allowed || {{ echo "no root can be made here: $pristine_root_refusal" >&2; exit 1; }}\n'
                 f'make_pristine_root "{folder}/template"')
    assert made.returncode == 0, made.stderr
    yield folder / "template"
    subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)


@pytest.fixture
def root(template):
    root = PristineRoot(template, pathlib.Path(tempfile.mkdtemp(prefix="root.", dir=template.parent)))
    assert root.run("command -v cc gcc clang c++ || true") == ""
    yield root
    root.close()


@pytest.fixture(scope="session")
def version():
    return re.search(r"project\(rankloop VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


@pytest.fixture(scope="session")
def deb(version):
    return PACKAGES / f"rankloop_{version}_amd64.deb"


@pytest.fixture(scope="session")
def archive(version):
    return PACKAGES / f"rankloop-{version}-linux-amd64.tar.gz"


@pytest.fixture(scope="session")
def image(version):
    return PACKAGES / f"rankloop-{version}-image.tar"


@pytest.fixture
def podman(tmp_path):
    """The environment of a podman with a store of its own, which needs neither systemd nor rights over limits."""
    (tmp_path / "containers.conf").write_text(
        '[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
    (tmp_path / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/graph"\nrunroot = "{tmp_path}/run"\n')
    environment = {**os.environ, "CONTAINERS_CONF": str(tmp_path / "containers.conf"),
                   "CONTAINERS_STORAGE_CONF": str(tmp_path / "storage.conf")}
    yield environment
    subprocess.run(["podman", "rm", "--all", "--force", "--time", "0"], env=environment, capture_output=True, check=False)
