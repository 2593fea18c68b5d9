"""A release: what is checked before it, and each step of the workflow up to publishing, done without GitHub."""

import os
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from tests.deploy.test_schemas import CHECK
from tests.support.processes import CHECKOUT
from tests.test_bootstrap import load, share_packages

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
ADDRESS = f"https://github.com/acme/{PROJECT['name']}"
NEWS = "# Changelog\n\n## 0.1.0 (2026-12-01)\n\n### Added\n\n- Everything.\n\n## 0.0.9 (2026-11-01)\n\n- Less.\n"


@pytest.fixture
def checkout(base):
    for name in ("bin", "receiver", "handlers", "mock_sender", "recipes", "docs"):
        shutil.copytree(CHECKOUT / name, base / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    for name in ("uv.lock", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, base)
    (base / "CHANGELOG.md").write_text(NEWS)
    subprocess.run([base / "bin" / "rename", ADDRESS], check=True, capture_output=True)
    share_packages(load(base / "bin" / "bootstrap.py").Checkout(base))
    return base


def release(checkout, *words):
    command = [sys.executable, checkout / "bin" / "release", *words]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stdout, ran.stderr


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


MISTAKES = [
    # file                        what stands there           instead             tag        what is said
    ("pyproject.toml",            'version = "0.1.0"',        'version = "1.0"',  "",        "pyproject.toml has 1.0, mock_sender/__init__.py 0.1.0"),
    ("mock_sender/__init__.py",   '"0.1.0"',                  '"0.1.1"',          "",        "mock_sender/__init__.py 0.1.1"),
    ("pyproject.toml",            "destinations]==0.1.0",     "destinations]",    "",        "asks for the mock sender ==."),
    ("CHANGELOG.md",              "0.1.0 (",                  "Unreleased (",     "v0.1.0",  "CHANGELOG.md has no section `## 0.1.0 ("),
    ("CHANGELOG.md",              "0.1.0",                    "0.1.0",            "v0.2.0",  "The tag is v0.2.0, and the version 0.1.0"),
    ("README.md",                 "github.com/acme/",         "github.com/OWNER/", "v0.1.0", "README.md:"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "tag", "said"), MISTAKES)
def test_a_release_whose_names_differ_is_refused(checkout, file, old, new, tag, said):
    edit(checkout / file, old, new)

    code, out, _ = release(checkout, "check", *filter(None, [tag]))

    assert code == 1
    assert said in out


def test_the_versions_agree_now():
    assert release(CHECKOUT, "check")[0] == 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_keeps_to_githubs_schema(path):
    ran = subprocess.run([*CHECK, "vendor.github-workflows", path], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout


def test_the_steps_of_the_workflow_build_what_is_published(checkout):
    steps = [step["run"] for step in workflow("release")["jobs"]["build"]["steps"] if "run" in step]

    for step in steps:
        env = {**os.environ, "TAG": "v0.1.0"}
        subprocess.run(["bash", "-euc", step], cwd=checkout, env=env, check=True, capture_output=True, timeout=60)

    assert sorted(path.name for path in (checkout / "dist").iterdir()) == [
        "inboundflow_mock_sender-0.1.0-py3-none-any.whl",
        "inboundflow_mock_sender-0.1.0.tar.gz",
        "inboundflow_receiver-0.1.0-py3-none-any.whl",
        "inboundflow_receiver-0.1.0.tar.gz",
    ]
    assert (checkout / "notes.md").read_text() == "### Added\n\n- Everything.\n\n"


def workflow(name):
    return yaml.safe_load((CHECKOUT / ".github" / "workflows" / f"{name}.yml").read_text())


def test_only_a_tag_is_published_and_only_what_was_tried():
    jobs = workflow("release")["jobs"]

    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert (jobs["publish"]["needs"], jobs["try"]["needs"]) == ("try", "build")
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["publish"]
