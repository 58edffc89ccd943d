"""What the figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path


def _first(path, start):
    lines = [line for line in Path(path).read_text().splitlines() if line.startswith(start)]
    return lines[0].split(":", 1)[1].strip() if lines else "unknown"


def _file_system():
    done = subprocess.run(["stat", "-f", "-c", "%T", "."], stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def facts():
    swift = subprocess.run(["swift", "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    release = [line for line in swift.stdout.splitlines() if "Swift version" in line]
    return {
        "cores": os.cpu_count(),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "file system": _file_system(),
        "swift": release[0] if release else "unknown",
        "python": platform.python_version(),
    }
