"""The files as git hands them out."""

import subprocess

from tests.support.processes import CHECKOUT
from tests.support.tools import lacking


def test_a_clone_by_git_for_windows_has_the_line_ends_that_scripts_need(tmp_path):
    if not (CHECKOUT / ".git").exists():
        lacking("a git checkout")
    git = ["git", "-c", "core.autocrlf=true", "-c", "safe.directory=*"]

    subprocess.run([*git, "clone", "--quiet", "--no-hardlinks", CHECKOUT, tmp_path / "clone"], check=True)

    names = ["bin/up", "bin/bootstrap.py", "deploy/inboundflow", "README.md"]
    assert [name for name in names if b"\r" in (tmp_path / "clone" / name).read_bytes()] == []
