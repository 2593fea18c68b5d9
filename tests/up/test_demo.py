"""The demo: nothing real is touched. That everything arrives is shown by tests/e2e/test_main_path.py."""

import os
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from receiver import registry
from receiver.settings import Password
from receiver.up import words
from receiver.up.demo import untouching
from receiver.up.held_log import SHOWN_LINES, last_lines
from receiver.up.story import Stage, near, say_missing, say_next, table, tell, up_command
from tests.support.handlers import a_handler
from tests.support.processes import CHECKOUT
from tests.support.sender import a_receiver, say

HELD = """
import subprocess, sys
from pathlib import Path
from receiver.up.held_log import held_back

print("before", file=sys.stderr)
with held_back(Path(sys.argv[1])):
    print("ours", file=sys.stderr)
    subprocess.run(["sh", "-c", "echo a child >&2"])
print("after", file=sys.stderr)
"""


def stage(tmp_path, lang):
    addresses = {name: f"http://127.0.0.1:9/{name}" for name in ("receiver", "state_url", "text_url", "page_url")}
    return Stage(
        **addresses,
        password=Password("one of my own"),
        inbox=tmp_path / "inbox.db",
        log=tmp_path / "log.txt",
        secret="s",
        lang=lang,
    )


def test_no_setting_that_leads_a_handler_anywhere_reaches_the_demo_one_of_ones_own_included():
    handlers = [*registry.load("handlers").values(), a_handler(name="acme.keep", optional={"CRM_TEAM": ""})]
    names = {name for h in handlers for name in [*(h.needs.names() if h.needs else ()), *h.optional]}
    env = dict.fromkeys([*names, "ACME_EVENTS", "INBOUNDFLOW_SIGNING_SECRET", "REDIS_URL", "PATH"], "x")

    assert set(untouching(env, handlers)) == {"PATH", "BUSINESS_TIMEZONE", "BUSINESS_LANGUAGE"}


def test_a_table_has_columns_as_wide_as_their_widest_cell_and_no_spaces_at_the_end():
    rows = [("event", "answer"), ("lead.created", "200 stored"), ("x", "")]

    assert table(rows).splitlines() == ["  event         answer", "  lead.created  200 stored", "  x"]


def test_the_log_is_held_back_in_a_file_and_what_comes_later_is_not(tmp_path):
    ran = subprocess.run([sys.executable, "-c", HELD, tmp_path / "log"], capture_output=True, text=True, timeout=20)

    assert ran.stderr == "before\nafter\n"
    assert (tmp_path / "log").read_text() == "ours\na child\n"
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_of_a_long_log_the_end_is_shown(tmp_path):
    (tmp_path / "log.txt").write_bytes(b"\xff\n" + b"".join(b"line %d\n" % number for number in range(100)))

    lines = last_lines(tmp_path / "log.txt").splitlines()

    assert (len(lines), lines[-1]) == (SHOWN_LINES, "  line 99")


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "2 events were not sent"), ("es", "2 eventos no se enviaron")],
)
def test_what_has_not_arrived_is_named_with_the_end_of_the_log(tmp_path, capsys, lang, told):
    (tmp_path / "log.txt").write_text("WARNING handler slack.post is misconfigured\n")

    say_missing(stage(tmp_path, lang), {"Slack": ["call.completed", "lead.created"]}, 2)

    said = capsys.readouterr().out
    for text in (
        told,
        "  Slack: call.completed, lead.created\n",
        "slack.post is misconfigured",
        str(tmp_path / "log.txt"),
        "Ctrl-C",
    ):
        assert text in said


def test_where_the_played_destinations_are_gone_the_end_of_the_log_is_shown(tmp_path, capsys):
    ready = say(200, b'{"degraded": {}}')
    with a_receiver(ready) as receiver:
        place = replace(stage(tmp_path, "en"), receiver=receiver.url.rpartition("/webhooks")[0])
        place.log.write_text("ERROR the demo cannot go on\n")

        tell(place)

    said = capsys.readouterr().out
    assert ("200 " in said, "The log ends so:\n\n  ERROR the demo cannot go on" in said) == (True, True)


def test_where_the_played_destinations_do_not_start_the_log_says_why(tmp_path):
    (tmp_path / "mock_sender.py").write_text("raise RuntimeError('no room for them')")
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data")}

    ran = subprocess.run(
        [sys.executable, "-m", "receiver", "up", "--demo"],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=20,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "no room for them" in ran.stdout
    assert "The demo's destinations did not start" in ran.stderr


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_it_ends_with_the_page_another_call_and_the_next_step(tmp_path, capsys, lang):
    say_next(stage(tmp_path, lang))

    said = capsys.readouterr().out
    for text in (
        "inbox.db",
        "log.txt",
        "http://127.0.0.1:9/page_url",
        " call --to http",
        "receiver/sign-in/link?token=",
        f"DATA_DIR={tmp_path} receiver doctor",
        "SLACK_WEBHOOK_URL=",
        "Ctrl-C",
    ):
        assert text in said


def test_commands_are_named_as_they_are_typed_in_this_folder(tmp_path):
    assert near(CHECKOUT / "bin" / "up") == (Path("bin/up") if Path.cwd() == CHECKOUT else CHECKOUT / "bin" / "up")
    assert near(tmp_path) == tmp_path
    assert up_command().endswith("up")


@pytest.mark.parametrize("key", words.TEXTS)
def test_a_text_is_there_in_both_languages_fits_a_terminal_and_has_the_same_holes(key):
    holes = [sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in words.TEXTS[key]]

    assert len(words.TEXTS[key]) == len(words.LANGUAGES)
    assert holes[0] == holes[1]
    assert max(len(line) for text in words.TEXTS[key] for line in text.splitlines()) <= 80


def test_no_text_is_left_over():
    told = "".join(path.read_text() for path in (CHECKOUT / "receiver" / "up").glob("*.py") if path.name != "words.py")

    assert [key for key in words.TEXTS if f'"{key}"' not in told] == []
