"""Small packages with handlers in them, really installed with pip into a folder."""

import subprocess
import sys

PROJECT = """
[project]
name = "{name}"
version = "{version}"
[project.entry-points."inboundflow_receiver.handlers"]
{points}
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def write(folder, name, files, points, version="1.0"):
    """The source of a package: `files` by path in it, `points` the lines of its entry points."""
    package = name.replace("-", "_")
    for path, text in files.items():
        (folder / name / package / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / package / path).write_text(text)
    project = PROJECT.format(name=name, version=version, package=package, points="\n".join(points))
    (folder / name / "pyproject.toml").write_text(project)
    return folder / name


def install(target, *sources):
    """As people do, but for fetching what builds it, which is here."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), *map(str, sources)], check=True, timeout=120)
