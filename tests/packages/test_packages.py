"""What script/package made, tried where nothing of this machine is: installed, asked, upgraded, removed."""

import hashlib
import json
import lzma
import pathlib
import re
import subprocess
import tarfile

from pristine import PACKAGES, ROOT, free_port, get, journey

INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
AS_SERVICE = "setpriv --reuid rankloop --regid rankloop --clear-groups"
LEFT_BEHIND = ROOT / "tests/fixtures/stores/0.1.0"
TOLD = json.loads((LEFT_BEHIND / "told.json").read_text())["answers"]  # of that store by its own version


def install(root, deb):
    root.run("apt-get update")
    root.run(f"{INSTALL} {root.put(deb)}")


def service_command(root):
    """What the unit's ExecStart says."""
    unit = root.run("cat /lib/systemd/system/rankloop.service")
    return re.search(r"^ExecStart=(.*)$", unit, re.M)[1]


def serve_as_the_unit_does(root, port):
    return root.serve(f"{AS_SERVICE} env RANKLOOP_LISTEN=127.0.0.1:{port} {service_command(root)}", port)


def older(deb, folder):
    """The package under a lower version, as the previous one would be found."""
    subprocess.run(["dpkg-deb", "-R", deb, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 0.1.0", control.read_text(), flags=re.M))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder / "tree", folder / "older.deb"], check=True,
                   capture_output=True)
    return folder / "older.deb"


def left_behind(root, folder):
    """Puts a store of 0.1.0 where the service has its own."""
    store = folder / "left-behind.db"
    store.write_bytes(lzma.decompress((LEFT_BEHIND / "rankloop.db.xz").read_bytes()))
    root.run(f"rm -f /var/lib/rankloop/rankloop.db*; "
             f"install -o rankloop -g rankloop -m 600 {root.put(store)} /var/lib/rankloop/rankloop.db")


def test_the_debian_package_serves_survives_an_upgrade_and_goes(root, deb, tmp_path):
    install(root, older(deb, tmp_path))
    assert root.run("stat -c '%U %a' /var/lib/rankloop").split() == ["rankloop", "700"]
    assert root.run("stat -c '%U:%G %a' /etc/rankloop/rankloop.toml").split() == ["root:rankloop", "640"]
    url = serve_as_the_unit_does(root, free_port())
    for _ in range(5):
        journey(url)
    before = get(url + "/content/info")
    assert before["users"] == 5
    root.stop()

    root.run("sed -i 's/^# workers = .*/workers = 2/' /etc/rankloop/rankloop.toml")
    root.run(f"{INSTALL} {root.put(deb)}")
    assert "workers = 2" in root.run("cat /etc/rankloop/rankloop.toml")
    url = serve_as_the_unit_does(root, free_port())
    assert get(url + "/content/info") == before
    journey(url)
    root.stop()

    left_behind(root, tmp_path)
    url = serve_as_the_unit_does(root, free_port())
    assert get(url + "/content/info") == TOLD["/content/info"]
    assert [model["model_id"] for model in get(url + "/models")] == [model["model_id"] for model in TOLD["/models"]]
    journey(url)
    root.stop()

    root.run("apt-get remove -y rankloop")
    assert root.run("ls /var/lib/rankloop/rankloop.db /etc/rankloop/rankloop.toml")
    assert root.run("command -v rankloop || true") == ""
    root.run("apt-get purge -y rankloop")
    assert root.run("ls -d /var/lib/rankloop /etc/rankloop 2>/dev/null || true") == ""
    assert root.run("getent passwd rankloop || true") == ""


def test_the_package_brings_manual_completions_settings_and_domains(root, deb):
    install(root, deb)
    files = root.run("dpkg -L rankloop").split()
    for file in ["/usr/bin/rankloop", "/usr/share/man/man1/rankloop.1.gz", "/etc/rankloop/rankloop.toml",
                 "/usr/share/bash-completion/completions/rankloop", "/usr/share/zsh/vendor-completions/_rankloop",
                 "/usr/share/rankloop/domain/locations.toml", "/usr/share/rankloop/domain/flights.toml",
                 "/lib/systemd/system/rankloop.service", "/usr/share/doc/rankloop/copyright"]:
        assert file in files
    assert 'data_dir = "/var/lib/rankloop"' in root.run("cat /etc/rankloop/rankloop.toml")
    assert root.run("rankloop domain check /usr/share/rankloop/domain/flights.toml")


def test_the_unit_is_one_that_systemd_takes_and_calls_safe(root, deb):
    install(root, deb)
    root.run(f"{INSTALL} systemd")
    unit = "/lib/systemd/system/rankloop.service"
    assert root.run(f"systemd-analyze verify --man=no {unit} 2>&1") == ""
    verdict = root.run(f"systemd-analyze security --offline=true {unit} --no-pager | tail -n 1")
    assert float(re.search(r"rankloop.service: ([0-9.]+)", verdict)[1]) < 2.0, verdict


def test_systemd_is_told_when_it_serves_and_when_it_ends(root, deb, tmp_path):
    install(root, deb)
    told = root.run("""
        apt-get install -y --no-install-recommends socat >/dev/null
        socat -u UNIX-RECV:/tmp/notify STDOUT >/tmp/told & sleep 1
        NOTIFY_SOCKET=/tmp/notify RANKLOOP_LISTEN=127.0.0.1:0 RANKLOOP_DATA_DIR=/tmp/data rankloop serve --quiet --empty &
        server=$!
        for i in $(seq 600); do grep -q READY=1 /tmp/told && break; sleep 0.1; done
        kill -TERM $server; wait $server
        cat /tmp/told""")
    assert "READY=1" in told and told.index("READY=1") < told.index("STOPPING=1")


def test_the_archive_runs_unpacked(root, archive):
    name = archive.name.removesuffix(".tar.gz")
    root.run(f"mkdir /opt/r && tar xzf {root.put(archive)} -C /opt/r")
    program = f"/opt/r/{name}/bin/rankloop"
    outside = [line for line in root.run(f"ldd {program}").splitlines()
               if "/opt/r/" not in line and not re.search(
                   r"(libc|libm|libmvec|libdl|librt|libpthread|libresolv)\.so|ld-linux|vdso", line)]
    assert outside == []
    port = free_port()
    url = root.serve(f"{program} serve --quiet --data-dir /tmp/data --listen 127.0.0.1:{port}", port)
    journey(url)
    assert root.run(f"{program} health --url {url}")


def test_the_image_is_no_root_and_has_volume_port_and_health_check(image):
    with tarfile.open(image) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        config = json.load(tar.extractfile(manifest["Config"]))["config"]
    assert config["User"] == "rankloop"
    assert "/var/lib/rankloop" in config["Volumes"]
    assert "4789/tcp" in config["ExposedPorts"]
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/bin/rankloop", "health"]
    assert config["Entrypoint"] == ["/usr/bin/rankloop"]


def test_the_image_serves_a_journey(image, template, tmp_path):
    from pristine import PristineRoot
    folder = pathlib.Path(template.parent / "image")
    folder.mkdir()
    (folder / "layers").mkdir()
    with tarfile.open(image) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        tar.extract(manifest["Layers"][0], folder)
    subprocess.run(["tar", "xpf", folder / manifest["Layers"][0], "-C", folder / "layers"], check=True)
    root = PristineRoot(folder / "layers", folder)
    try:
        port, token = free_port(), "a-token-of-some-length"
        url = root.serve(f"{AS_SERVICE} env RANKLOOP_AUTH_TOKEN={token} RANKLOOP_DATA_DIR=/var/lib/rankloop "
                         f"RANKLOOP_LISTEN=0.0.0.0:{port} /usr/bin/rankloop serve --quiet", port)
        journey(url, token)
        assert root.run(f"{AS_SERVICE} /usr/bin/rankloop health --url {url}")
    finally:
        root.close()


def test_sums_and_the_bill_of_materials_are_true(version):
    sums = dict(reversed(line.split()) for line in (PACKAGES / "SHA256SUMS").read_text().splitlines())
    assert len(sums) >= 4
    for name, digest in sums.items():
        assert hashlib.sha256((PACKAGES / name).read_bytes()).hexdigest() == digest
    bill = json.loads((PACKAGES / f"rankloop-{version}.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    names = {component["name"] for component in bill["components"]}
    assert {"libsqlite3-0", "libpq5", "libxgboost0", "preact", "uplot"} <= names
    assert all(component["version"] and component["purl"] for component in bill["components"])


def test_compose_and_containerfile_speak_of_this_version(version):
    assert f"image: rankloop:{version}" in (ROOT / "deploy/compose.yaml").read_text()
    assert "HEALTHCHECK" in (ROOT / "deploy/container/Containerfile").read_text()
