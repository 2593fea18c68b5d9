"""The mock sender by itself, as a partner installs it: no part of the receiver is there."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement

from tests.support.processes import CHECKOUT

README = (CHECKOUT / "mock_sender" / "README.md").read_text()


def run(*arguments, cwd, **env):
    clean = {"PATH": os.environ["PATH"], "HOME": str(cwd)}
    return subprocess.run(arguments, cwd=cwd, env=clean | env, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with nothing in it but what the wheel installs."""
    folder = tmp_path_factory.mktemp("library")
    source, target = folder / "source", folder / "target"
    shutil.copytree(CHECKOUT / "mock_sender", source, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=source)
    assert built.returncode == 0, built.stdout + built.stderr
    [wheel] = folder.glob("inboundflow_mock_sender-*.whl")
    shutil.unpack_archive(wheel, target, "zip")
    return target


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_wheel_has_the_code_the_schemas_and_no_more(installed):
    tops = {path.name.partition("-")[0] for path in installed.iterdir()}
    files = {path.relative_to(installed / "mock_sender").as_posix() for path in (installed / "mock_sender").rglob("*")}

    assert tops == {"mock_sender", "inboundflow_mock_sender"}
    assert files >= {"py.typed", "schemas/openapi.json", "schemas/examples/lead.created.json", "cli/__init__.py"}
    assert not files & {"pyproject.toml", "Dockerfile", ".dockerignore", "README.md"}
    sources = {path.relative_to(CHECKOUT / "mock_sender").as_posix() for path in (CHECKOUT / "mock_sender").rglob("*")}
    kinds = (".py", ".json", ".html", ".css", ".js", ".svg")
    assert {name for name in sources if name.endswith(kinds)} <= files


def test_pip_show_says_whose_it_is_under_which_licence_and_where_it_lives(installed):
    [metadata] = installed.glob("*.dist-info")
    fields = importlib.metadata.PathDistribution(metadata).metadata

    assert fields["Author"] == "The InboundFlow receiver's contributors"
    assert fields["License-Expression"] == "MIT"
    assert {url.partition(",")[0] for url in fields.get_all("Project-URL")} == {
        "Repository", "Documentation", "Changelog",
    }  # fmt: skip


def test_it_runs_without_the_receiver(installed, tmp_path):
    probe = (
        "import mock_sender, sys; [getattr(mock_sender, n) for n in mock_sender.__all__]; print(mock_sender.__file__)"
    )
    imported = run(sys.executable, "-c", probe, cwd=tmp_path, PYTHONPATH=str(installed))
    version = run(sys.executable, "-m", "mock_sender", "--version", cwd=tmp_path, PYTHONPATH=str(installed))

    assert imported.stdout.startswith(str(installed)), imported.stderr
    assert version.stdout == "mock-sender, version 0.1.0\n"


LOADED_BY = [
    # what is imported                                     what was asked for
    ("mock_sender.cli",                                    []),
    ("mock_sender.destinations",                           ["destinations"]),
]  # fmt: skip


@pytest.mark.parametrize(("modules", "extras"), LOADED_BY)
def test_it_loads_no_package_but_those_it_declares(installed, tmp_path, modules, extras):
    probe = (
        f"import json, sys; before = {{*sys.modules}}; import {modules};"
        "print(json.dumps([name.partition('.')[0] for name in {*sys.modules} - before]))"
    )
    loaded = json.loads(run(sys.executable, "-c", probe, cwd=tmp_path, PYTHONPATH=str(installed)).stdout)
    owners = importlib.metadata.packages_distributions()
    packages = {normal(owner) for module in loaded for owner in owners.get(module, ())}
    [metadata] = installed.glob("*.dist-info")

    undeclared = packages - with_dependencies(importlib.metadata.PathDistribution(metadata), extras)

    assert undeclared == set()


def with_dependencies(distribution, extras):
    """The names of all that a package needs, and of what that needs."""
    names, queue = set(), [(line, extras) for line in distribution.requires or ()]
    while queue:
        line, wanted = queue.pop()
        requirement = Requirement(line)
        if not any(requirement.marker is None or requirement.marker.evaluate({"extra": e}) for e in wanted or [""]):
            continue
        if normal(requirement.name) not in names:
            names.add(normal(requirement.name))
            needed = importlib.metadata.distribution(requirement.name).requires or ()
            queue += [(line, list(requirement.extras)) for line in needed]
    return names


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_without_their_package_the_destinations_name_the_command_that_installs_it(installed, tmp_path):
    probe = "import sys; sys.modules['cryptography'] = None; import mock_sender.destinations"

    ran = run(sys.executable, "-c", probe, cwd=tmp_path, PYTHONPATH=str(installed))

    assert "pip install './inboundflow-receiver/mock_sender[destinations]'" in ran.stderr.splitlines()[-1]


def test_the_page_of_what_has_arrived_comes_with_it(installed, tmp_path):
    probe = (
        "from mock_sender.destinations import Destinations, view; world = Destinations();"
        "print([view.answer(world, path, '')[0] for path in ('/', '/live', '/page.css', '/page.js', '/icon.svg')])"
    )

    ran = run(sys.executable, "-c", probe, cwd=tmp_path, PYTHONPATH=str(installed))

    assert ran.stdout.count("/") == 5, ran.stderr


def test_its_version_is_the_projects(installed):
    project = re.search(r'^version = "(.+)"', (CHECKOUT / "pyproject.toml").read_text(), re.MULTILINE).group(1)

    assert (installed / f"inboundflow_mock_sender-{project}.dist-info").is_dir()


def test_the_tests_in_its_readme_pass_in_a_partners_project(installed, tmp_path):
    for number, code in enumerate(blocks("python")):
        (tmp_path / f"test_block_{number}.py").write_text(code)

    ran = run(sys.executable, "-m", "pytest", "-q", cwd=tmp_path, PYTHONPATH=str(installed))

    assert (ran.returncode, "4 passed" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_what_its_readme_gives_to_github_is_a_workflow():
    [text] = blocks("yaml")

    steps = yaml.safe_load(text)["jobs"]["conformance"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert any("--junit report.xml" in command for command in commands)


def test_every_command_in_its_readme_exists(installed, tmp_path):
    asked = {
        tuple(line.split()[1:2])
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("mock-sender ")
    }

    for (command,) in asked:
        ran = run(sys.executable, "-m", "mock_sender", command, "--help", cwd=tmp_path, PYTHONPATH=str(installed))
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
