import json

from tests.support.cli import receiver


def ran(*arguments, **env):
    result = receiver(*arguments, **env)
    return result.returncode, result.stdout, result.stderr


def test_a_token_is_printed_once_alone_listed_without_its_secret_and_taken_back(tmp_path):
    env = {"DATA_DIR": str(tmp_path)}

    code, token, told = ran("tokens", "add", "Acme's warehouse", **env)
    assert (code, token.startswith("ifr_"), "this once" in told) == (0, True, True)

    listed = ran("tokens", "list", **env)[1]
    [row] = json.loads(ran("tokens", "list", "--json", **env)[1])["tokens"]
    assert (row["name"], row["used_at"], row["id"] in listed) == ("Acme's warehouse", None, True)
    assert token.split("_", 2)[2].strip() not in listed

    assert ran("tokens", "remove", row["id"], **env)[0] == 2  # nobody agreed
    assert ran("tokens", "remove", row["id"], "--yes", **env)[0] == 0
    assert "no API" in ran("tokens", "list", **env)[1]


def test_what_cannot_be_done_is_said(tmp_path):
    env = {"DATA_DIR": str(tmp_path)}
    made = json.loads(ran("tokens", "add", "ours", "--json", **env)[1])

    assert (made["name"], made["source"], made["token"][:4]) == ("ours", "", "ifr_")
    assert ran("tokens", "add", "theirs", "--source", "nobody", **env)[0] == 1
    assert ran("tokens", "remove", "00000000", "--yes", **env)[0] == 1
