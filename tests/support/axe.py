"""axe-core in a page: what a machine can say of accessibility. It comes from npm, one version with its hash."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.support.tools import lacking

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'incomplete']})"


def axe_script():
    """The text of axe.min.js. Skips where npm is not there, or does not give it."""
    kept = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "inboundflow-tests"
        / f"axe-core-{VERSION}.tgz"
    )
    if not kept.exists():
        fetch(kept)
    if digest(kept) != SHA512:
        kept.unlink()
        raise ValueError(f"axe-core {VERSION} is not what it was: its hash is another")
    with tarfile.open(kept) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


def fetch(kept):
    npm = shutil.which("npm")
    if npm is None:
        lacking("npm, which brings axe-core (on Debian: apt install npm)")
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [npm, "pack", f"axe-core@{VERSION}"], cwd=folder, capture_output=True, text=True, timeout=120
        )
        if ran.returncode:
            lacking(f"a registry of npm's that gives axe-core: {ran.stderr.strip().splitlines()[-1:]}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(next(Path(folder).glob("*.tgz")), kept)


def digest(path):
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def found(page, script):
    """What axe finds on a page: of each kind its rule and where."""
    page.evaluate(script)
    results = page.evaluate(RUN, TAGS)
    return {
        kind: [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in results[kind]]
        for kind in ("violations", "incomplete")
    }
