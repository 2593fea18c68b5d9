#!/usr/bin/env python3
"""Brings this server to another version, or back: release.py REF, release.py --back. release.py --port has the socket
listen at the PORT of the environment file. Needs only the standard library.

The new version gets a folder and a .venv of its own beside the one that runs, so a roll-back is a link. Connections
wait in systemd's socket while the processes are exchanged. A version that does not answer is taken back.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HOME = Path("/opt/inboundflow")
REPOSITORY, RELEASES = HOME / "repository", HOME / "releases"
CURRENT, PREVIOUS = HOME / "current", HOME / "previous"  # links to releases
UNITS = Path("/etc/systemd/system")
ENVIRONMENT = Path("/etc/inboundflow/environment")
SOCKET, LISTEN = "inboundflow.socket", "ListenStream=127.0.0.1:"
READY_WITHIN_S = 15  # a start takes two; deliveries wait meanwhile, and their sender gives up after ten
WEB, WORKER = "inboundflow-web.service", "inboundflow-worker.service"


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.umask(0o022)  # the service reads what root installs
    if sys.argv[1] == "--port":
        return switch(target(CURRENT), wanted_port())
    if sys.argv[1] == "--back":
        return exchange(target(PREVIOUS))
    release = build(sys.argv[1])
    if not CURRENT.exists():
        switch(release)
        print(f"{release.name} is installed.")
        return 0
    run("inboundflow", "migrate", INBOUNDFLOW_RELEASE=str(release))  # the running release works with the newer tables
    return exchange(release)


def exchange(release: Path) -> int:
    """Put this release in the place of the one that runs, unless it does not answer."""
    before = target(CURRENT)
    if release == before:
        print(f"{release.name} runs already.")
        return 0
    switch(release)
    restart(WEB)
    if is_ready():
        restart(WORKER)  # only now, as the two would share the processor while senders wait
        link(PREVIOUS, before)
        forget_all_but(release, before)
        print(f"{release.name} runs; before it was {before.name}.")
        return 0
    switch(before)
    restart(WEB)
    print(f"{release.name} did not answer at {address()} within {READY_WITHIN_S} s. {before.name} runs again.")
    return 1


def target(path: Path) -> Path:
    if not path.exists():
        sys.exit(f"There is no {path}: nothing to go back to.")
    return path.resolve()


def build(ref: str) -> Path:
    """The folder of a tag, branch or commit, with its packages installed."""
    git("fetch", "--quiet", "--tags", "origin")
    names = (f"origin/{ref}", ref)
    commit = next(filter(None, (commit_of(name) for name in names)), None)
    if not commit:
        sys.exit(f"The repository knows no {ref}.")
    folder = RELEASES / commit[:12]
    if not folder.exists():
        git("worktree", "prune")
        git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    spec = importlib.util.spec_from_file_location("bootstrap", folder / "bin" / "bootstrap.py")
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    try:
        bootstrap.Checkout(folder).install()
    except bootstrap.CannotInstall as error:
        sys.exit(str(error))
    return folder


def switch(release: Path, port: str = "") -> int:
    """Units and link become those of this release; the socket's port stays as it is, unless another is given."""
    port = port or port_in(UNITS / SOCKET)
    for unit in sorted((release / "deploy" / "systemd").iterdir()):
        shutil.copyfile(unit, UNITS / unit.name)
    socket = UNITS / SOCKET
    socket.write_text(re.sub(rf"^{LISTEN}\d+", LISTEN + port, socket.read_text(), flags=re.MULTILINE))
    link(CURRENT, release)
    run("systemctl", "daemon-reload")
    return 0


def port_in(socket: Path) -> str:
    """Where the unit has it listen: an edited environment file alone leaves the proxy and the socket together."""
    listen = re.search(rf"^{LISTEN}(\d+)", socket.read_text(), re.MULTILINE) if socket.exists() else None
    return listen[1] if listen else "8000"


def wanted_port() -> str:
    lines = re.findall(r"^PORT=(.*)$", ENVIRONMENT.read_text(), re.MULTILINE)
    port = lines[-1].strip().strip("'\"") if lines else "8000"
    if not (port.isdecimal() and 0 < int(port) < 65536):
        sys.exit(f"PORT in {ENVIRONMENT} is {port!r}: write a number from 1 to 65535. Nothing was changed.")
    return port


def link(path: Path, release: Path) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(release)
    new.replace(path)


def restart(unit: str) -> None:
    """Restart a unit. Its exit code says less than `is_ready`, which asks the web process itself."""
    subprocess.run(["systemctl", "restart", unit])  # noqa: S607 - wherever this system has it


def address() -> str:
    return f"http://127.0.0.1:{port_in(UNITS / SOCKET)}/readyz"


def is_ready() -> bool:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address(), timeout=10) as answer:  # noqa: S310 - http, of this machine
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.5)
    return False


def forget_all_but(*kept: Path) -> None:
    for folder in RELEASES.iterdir():
        if folder not in kept:
            git("worktree", "remove", "--force", str(folder))


def commit_of(name: str) -> str:
    command = ["git", "-C", str(REPOSITORY), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def git(*arguments: str) -> None:
    run("git", "-C", str(REPOSITORY), *arguments)


def run(*command: str, **env: str) -> None:
    if code := subprocess.run(command, env={**os.environ, **env}).returncode:
        sys.exit(f"`{' '.join(command)}` ended with {code}. What ran before still runs.")


if __name__ == "__main__":
    sys.exit(main())
