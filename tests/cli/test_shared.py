import subprocess
import sys

import click

from receiver.cli import commands
from tests.support.cli import receiver
from tests.support.processes import CHECKOUT


def test_a_handler_that_cannot_be_loaded_is_a_finding(tmp_path):
    for name in ("receiver", "mock_sender"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").touch()
    (tmp_path / "handlers" / "acme.py").write_text("import nothing_of_that_name\n")

    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "doctor", "--offline"],
        env={"DATA_DIR": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip

    assert (ran.returncode, "nothing_of_that_name" in ran.stdout, "Traceback" in ran.stderr) == (1, True, False)


def test_help_tells_of_the_option_for_one_business_wherever_it_is_taken():
    with click.Context(commands) as context:
        taking = [
            name
            for name in commands.list_commands(context)
            if any("--source" in param.opts for param in commands.get_command(context, name).params)
        ]

    helps = {name: receiver(name, "--help").stdout for name in taking}

    assert {"today", "deliveries", "show", "doctor", "replay", "resume", "erase", "prune", "recheck"} <= set(taking)
    assert [name for name, text in helps.items() if "--source NAME" not in text or "business" not in text] == []


def test_without_an_inbox_it_says_what_to_set(tmp_path):
    ran = receiver("resume", "slack.post", DATA_DIR=str(tmp_path))

    assert (ran.returncode, "DATA_DIR" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)
