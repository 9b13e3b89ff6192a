"""What the kernel knows of a process."""

import os


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_bytes(pid):
    return status_bytes(pid, "VmRSS")


def virtual_bytes(pid):
    return status_bytes(pid, "VmSize")


def status_bytes(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")
