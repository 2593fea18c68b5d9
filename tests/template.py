"""A copy under another name passes its tests: python -m tests.template [--whole]

Clones what is committed, renames it, and runs ./bin/test there, which installs the packages anew: the quick tests, or
with --whole all of them.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.support.processes import CHECKOUT

OURS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
# One that stands nowhere in the project, in a copy that has been renamed neither.
NAME = "-".join(("acme", "phones" if OURS["name"].endswith("calls") else "calls"))
ADDRESS = f"https://github.com/acme/{NAME}"
QUICK = [
    "tests/test_docs.py", "tests/test_recipes_parity.py", "tests/test_cli.py", "tests/deploy/test_platform_files.py",
    "tests/deploy/test_recipes.py", "tests/registry", "tests/verify", "tests/mock_sender/test_library.py",
    "tests/handlers/test_zapier.py", "tests/test_template.py",
]  # fmt: skip


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="acme-") as folder:
        copy = Path(folder) / NAME
        renamed(CHECKOUT, copy)
        return subprocess.call(["./bin/test", *([] if "--whole" in sys.argv else QUICK)], cwd=copy)


def renamed(source: Path, copy: Path) -> None:
    """As docs/template.md says it."""
    git("clone", "--quiet", str(source), str(copy))
    git("-C", str(copy), "remote", "rename", "origin", "upstream")
    subprocess.run(["./bin/rename", ADDRESS], cwd=copy, check=True, stdout=subprocess.DEVNULL)
    commit(copy, "Take our own name")


def commit(copy: Path, message: str) -> None:
    git("-C", str(copy), "add", "--all")
    git("-C", str(copy), "commit", "--quiet", "--message", message)


def git(*arguments: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    return subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
