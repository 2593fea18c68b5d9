"""Follows recipes/docker.md word for word with a real Docker, updates under traffic, and counts what failed.

Needs Docker with its compose plugin, and the ports 80, 443 and 8000. With --bases, where Docker Hub is out of reach, the
two base images are first made of Debian's packages and PyPI's Caddy; that needs root and debootstrap.

Run: python -m tests.deploy.docker
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.deploys.traffic import Traffic, tally
from tests.deploy.pages import commands
from tests.support.processes import CHECKOUT

SECRET = "a secret for the page on Docker"
BASES = Path(__file__).with_name("docker_bases.sh")
PROJECT = "inboundflow-check"  # beside a stack that may run on this machine, and with volumes of its own
# Plain http under any name, as nobody would give a certificate here; within the container without Caddy.
CHANGES = {
    "https://github.com/OWNER/inboundflow-receiver": f"{CHECKOUT} inboundflow-receiver",
    "https://YOUR-DOMAIN": "http://127.0.0.1:8000",
    "--name receiver": f"--name {PROJECT}-alone",
    "inbox:/data": f"{PROJECT}-alone:/data",
}


def main() -> int:
    options = arguments()
    if options.bases:
        subprocess.run(["bash", str(BASES)], check=True)
    page = commands("docker", **CHANGES)
    clone, start, backup, alone = page["Do it"]
    [check] = page["Check that it works"]
    with tempfile.TemporaryDirectory() as directory:
        run(clone, Path(directory))
        place = Path(directory) / "inboundflow-receiver"
        env = place / ".env"
        env.write_text(
            env.read_text()
            .replace("DOMAIN=calls.example.com", "DOMAIN=:80")
            .replace("INBOUNDFLOW_SIGNING_SECRET=\n", f"INBOUNDFLOW_SIGNING_SECRET={SECRET}\n")
        )
        try:
            run(start, place)
            said = run(check, place)
            assert (said.count("(healthy)"), said.count(" 200 stored")) == (2, 4), said
            assert "Nothing needs your attention." in said, said
            run(backup, place)
            assert (place / "backup.db").stat().st_size > 0
            run(mended(), place)
            failed = updates(start, place, options.updates)
            killed(place)
            run(alone, place)
            by_itself()
        finally:
            run(
                f"docker rm -f {PROJECT}-alone; docker volume rm {PROJECT}-alone; docker compose down -v",
                place,
                must=False,
            )
    return int(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.docker", description=__doc__)
    parser.add_argument("--bases", action="store_true", help="make the base images here")
    parser.add_argument("--updates", type=int, default=10)
    return parser.parse_args()


def run(script: str, directory: Path, *, must: bool = True) -> str:
    """What it printed; shown as it comes, too."""
    print("\n".join(f"+ {line}" for line in script.strip().splitlines()), flush=True)
    ran = subprocess.run(
        ["bash", "-euc", script], cwd=directory, env=os.environ | {"COMPOSE_PROJECT_NAME": PROJECT},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    print(ran.stdout, end="", flush=True)
    assert not (must and ran.returncode), f"ended with {ran.returncode}"
    return ran.stdout


def mended() -> str:
    """The page's command for a volume that belongs to somebody else, with the volume as it then is."""
    text = (CHECKOUT / "recipes" / "docker.md").read_text()
    mend = next(part for part in text.split("`") if part.startswith("docker compose run --rm --user root"))
    theirs = mend.replace("receiver:receiver", "1234:1234")
    return f"docker compose stop receiver\n{theirs}\n{mend}\ndocker compose start receiver\ndocker compose up -d --wait"


def updates(start: str, place: Path, number: int) -> bool:
    """Another image each time, as after `git pull`; whether anything failed, or was lost."""
    with Traffic("http://127.0.0.1/webhooks/inboundflow", SECRET) as traffic:
        for update in range(number):
            with (place / "receiver" / "events.py").open("a") as file:
                file.write(f"# update {update}\n")
            run(start, place)
            time.sleep(2)
    found = tally("docker", number, traffic.seen, kept(place))
    print(
        f"\n{number} updates: {found.sent} sent, {found.failed} failed, {found.lost} lost, slowest {found.slowest_s:.1f} s"
    )
    for reason, times in found.reasons.items():
        print(f"  {times} {reason}")
    return bool(found.failed or found.lost)


def kept(place: Path) -> set[str]:
    said = run("docker compose exec receiver receiver deliveries --json --limit 10000 2>/dev/null", place)
    return {one["key"] for one in json.loads(said)["deliveries"]}


def killed(place: Path) -> None:
    """The container comes back by itself."""
    run('kill -9 "$(docker inspect --format "{{.State.Pid}}" "$(docker compose ps -q receiver)")"', place)
    run("sleep 1; docker compose up -d --wait --no-recreate", place)


def by_itself() -> None:
    """The container without compose answers on its port."""
    call = f"{sys.executable} -m mock_sender call --to http://127.0.0.1:8000/webhooks/inboundflow --secret '{SECRET}'"
    said = run(
        f"for _ in $(seq 50); do curl -sf http://127.0.0.1:8000/readyz && break; sleep 0.2; done; {call}", CHECKOUT
    )
    assert said.count(" 200 stored") == 4, said


if __name__ == "__main__":
    sys.exit(main())
