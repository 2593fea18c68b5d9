import json
from datetime import UTC

import pytest

from receiver.cli.text import print_json, print_table, wrapped
from receiver.locales import Text
from tests.support.cli import receiver
from tests.support.terminal import at_terminal


def test_a_document_is_json_that_people_can_read_too(capsys):
    print_json({"name": "Íñigo", "runs": []})

    assert capsys.readouterr().out == '{\n  "name": "Íñigo",\n  "runs": []\n}\n'


def test_a_tables_columns_are_as_wide_as_their_widest_cell(capsys):
    print_table([("1", "slack.post", "dead"), ("12", "crm", "")])

    assert capsys.readouterr().out == "1   slack.post  dead\n12  crm\n"


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_a_line_is_no_wider_than_the_terminal_and_loses_nothing(columns):
    line = f"11-24 12:31  dead      call_abb4f2e1  Slack ✗ (HubSpot answered 422: {'x' * 90})"

    lines = wrapped(line, "    ", columns, whole_words=False).splitlines()

    assert max(map(len, lines)) <= columns
    assert "".join(part.strip() for part in lines).replace(" ", "") == line.replace(" ", "")


def test_without_a_terminal_a_line_stays_whole():
    assert wrapped("x " * 500, "    ", 0) == "x " * 500


def test_a_text_is_printed_as_json_in_english(capsys):
    print_json({"said": Text(lambda locale: "one" if locale.zone == UTC and locale.language == "en" else "uno")})

    assert json.loads(capsys.readouterr().out) == {"said": "one"}


def test_long_work_shows_how_far_it_is_at_a_terminal_and_nothing_elsewhere(story):
    erase = ("erase", "--phone", "+34600000000", "--dry-run")

    shown = at_terminal(*erase, columns=80, **story.env)
    piped = receiver(*erase, **story.env)

    assert any("Looking at every delivery" in line and "100%" in line for line in shown)
    assert (piped.stdout, piped.stderr) == ("Nothing of theirs is kept here.\nNothing was changed (--dry-run).\n", "")


def test_a_command_speaks_the_terminals_language_and_its_json_english(tmp_path):
    env = {"DATA_DIR": str(tmp_path), "LANG": "es_ES.UTF-8"}

    spoken, document = receiver("doctor", "--offline", **env), receiver("doctor", "--offline", "--json", **env)
    refused = receiver("today", **env)
    asked = receiver("doctor", "--offline", BUSINESS_LANGUAGE="en", **env)

    assert spoken.stdout.startswith("Nada requiere tu atención.")
    assert "No delivery has been received" in document.stdout.replace("no delivery", "No delivery")
    assert "No hay bandeja de entrada" in refused.stderr
    assert asked.stdout.startswith("Nothing needs your attention.")
