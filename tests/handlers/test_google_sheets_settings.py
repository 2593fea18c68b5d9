"""How the sheet and the account are named, and what is sentence where they are not."""

import base64
import json

import pytest

from handlers.google_sheets import append_row as append_rows
from receiver import registry
from tests.support.tools import a_run, completed


def run_at(world, event, env):
    return a_run("google_sheets.append_row", env, event)


def append_row(event, run):
    return append_rows([event], [run])[0]


@pytest.fixture
def env(world):
    return world.env


def test_the_account_may_come_as_base64_or_as_a_file(world, env, tmp_path):
    text = env["GOOGLE_SERVICE_ACCOUNT_JSON"]
    (tmp_path / "key.json").write_text(text)
    others = {name: value for name, value in env.items() if name != "GOOGLE_SERVICE_ACCOUNT_JSON"}

    append_row(
        completed(key="d-1"),
        run_at(
            world,
            completed(key="d-1"),
            others | {"GOOGLE_SERVICE_ACCOUNT_JSON": base64.b64encode(text.encode()).decode()},
        ),
    )
    append_row(
        completed(key="d-2"),
        run_at(world, completed(key="d-2"), others | {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}),
    )

    assert [row["delivery_id"] for row in world.sheets.rows("Calls")] == ["d-1", "d-2"]


@pytest.mark.parametrize("text", ["{", "{}", "bm90IGpzb24=", "nonsense"])
def test_an_account_that_cannot_be_read_is_misconfigured(text):
    handler = registry.load("handlers")["google_sheets.append_row"]

    activation = handler.activate({"GOOGLE_SERVICE_ACCOUNT_JSON": text, "GOOGLE_SHEET_ID": "x"})

    assert activation.state == "misconfigured"
    assert "GOOGLE_SERVICE_ACCOUNT_JSON" in activation.why


SETTINGS = [
    ({"GOOGLE_SHEETS_COLUMNS": "caller_fone=Teléfono"},                      "caller_fone"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone"},                              "name=text"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone="},                             "name=text"),
    ({"GOOGLE_SHEETS_COLUMNS": "caller_phone=Quién, caller_name=quién"},     "the same name"),
    ({"GOOGLE_SHEETS_TABS": "call.finished=Llamadas"},                       "call.finished"),
    ({"GOOGLE_SHEETS_TABS": f"call.completed={'x' * 101}"},                  "100 characters"),
    ({"BUSINESS_TIMEZONE": "Madrid"},                                        "BUSINESS_TIMEZONE"),
    ({"GOOGLE_SHEET_ID": "https://docs.google.com/document/u/0/"},           "GOOGLE_SHEET_ID"),
    ({"GOOGLE_SHEET_ID": "my sheet"},                                        "GOOGLE_SHEET_ID"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), SETTINGS)
def test_a_setting_that_cannot_be_understood_is_misconfigured_and_says_so(world, env, changes, sentence):
    activation = registry.load("handlers")["google_sheets.append_row"].activate(env | changes)

    assert (activation.state, sentence in activation.why) == ("misconfigured", True)


def test_a_private_key_that_was_cut_is_misconfigured(world, env):
    info = json.loads(env["GOOGLE_SERVICE_ACCOUNT_JSON"])
    text = json.dumps(info | {"private_key": info["private_key"][:300]})

    activation = registry.load("handlers")["google_sheets.append_row"].activate(
        env | {"GOOGLE_SERVICE_ACCOUNT_JSON": text}
    )

    assert (activation.state, "private_key" in activation.why) == ("misconfigured", True)
    assert info["private_key"][40:80] not in activation.why


@pytest.mark.parametrize("address", ["https://docs.google.com/spreadsheets/d/{}/edit?gid=0#gid=0", "{}"])
def test_the_sheets_whole_address_will_do_as_its_id(world, env, address):
    env = env | {"GOOGLE_SHEET_ID": address.format(env["GOOGLE_SHEET_ID"])}

    assert append_row(completed(), run_at(world, completed(), env)) == "Calls!A2:N2"
