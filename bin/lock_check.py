"""Whether bin/requirements.txt, for pip, holds what uv.lock holds. Needs neither uv nor the network."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def main() -> int:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    text = (ROOT / "bin" / "requirements.txt").read_text()
    files = [file for package in lock for file in [*package.get("wheels", []), package.get("sdist")] if file]
    locked = {(package["name"], package["version"]) for package in lock if "registry" in package["source"]}
    pinned = set(PIN.findall(text))
    known = {file["hash"] for file in files}
    hashes = set(re.findall(r"--hash=(sha256:[0-9a-f]+)", text))
    if pinned == locked and hashes == known:
        return 0
    print("bin/requirements.txt does not hold what uv.lock holds:", *sorted(pinned ^ locked))
    print("Run: uv export --locked --all-groups --no-emit-project --format requirements-txt -o bin/requirements.txt")
    return 1


sys.exit(main())
