import base64
import json

import pytest

from handlers.google_sheets.account import account, sheet_id
from receiver import registry
from receiver.errors import ConfigurationError
from tests.handlers.google_sheets.rows import append_row, run_at
from tests.support.tools import completed


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


@pytest.mark.parametrize("address", ["https://docs.google.com/spreadsheets/d/{}/edit?gid=0#gid=0", "{}"])
def test_the_sheets_whole_address_will_do_as_its_id(world, env, address):
    env = env | {"GOOGLE_SHEET_ID": address.format(env["GOOGLE_SHEET_ID"])}

    assert append_row(completed(), run_at(world, completed(), env)) == "Calls, row of d-1"


IDS = [
    # what was set                                                    the sheet's id
    ("1aB-c_9",                                                       "1aB-c_9"),
    ("https://docs.google.com/spreadsheets/d/1aB-c_9/edit?gid=0#gid=0", "1aB-c_9"),
    ("https://docs.google.com/spreadsheets/d/1aB-c_9",                "1aB-c_9"),
    ("https://docs.google.com/spreadsheets/u/1/d/1aB-c_9/edit",       "1aB-c_9"),
    ("1aB-c_9/edit",                                                  "1aB-c_9"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key"), IDS)
def test_the_id_is_read_out_of_an_address(text, key):
    assert sheet_id(text) == key


@pytest.mark.parametrize("text", ["", "my sheet", "https://docs.google.com/document/u/0/", "https", "ñandú"])
def test_what_holds_no_id_is_a_configuration_error(text):
    with pytest.raises(ConfigurationError, match="GOOGLE_SHEET_ID"):
        sheet_id(text)


KEY = {"private_key": "a\\nb", "client_email": "r@demo.example", "token_uri": "https://token.example"}


def test_a_key_without_real_line_breaks_gets_them():
    assert account(json.dumps(KEY), "")["private_key"] == "a\nb"


@pytest.mark.parametrize("lacking", list(KEY))
def test_a_key_that_lacks_a_part_is_a_configuration_error(lacking):
    text = json.dumps({name: value for name, value in KEY.items() if name != lacking})

    with pytest.raises(ConfigurationError, match="GOOGLE_SERVICE_ACCOUNT_JSON"):
        account(text, "")


def test_a_file_that_is_not_there_is_told_by_its_variable(tmp_path):
    with pytest.raises(ConfigurationError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        account("", str(tmp_path / "key.json"))
