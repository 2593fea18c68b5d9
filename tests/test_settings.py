import re
from pathlib import Path

import pytest

from receiver.errors import ConfigurationError, MissingSetting
from receiver.settings import check_for_web, default_folder, locale_at_terminal, read, unusable
from tests.support.processes import CHECKOUT

SECRET = {"INBOUNDFLOW_SIGNING_SECRET": "s3cret"}

REFUSALS = [
    # environment                                              error                the message names
    ({},                                                       MissingSetting,      "INBOUNDFLOW_SIGNING_SECRET"),
    ({"INBOUNDFLOW_SIGNING_SECRET": " \n"},                    MissingSetting,      "INBOUNDFLOW_SIGNING_SECRET"),
    ({"RENDER": "true"},                                       MissingSetting,      "Render"),
    (SECRET | {"INBOUNDFLOW_ALLOW_UNSIGNED": "1"},             ConfigurationError,  "INBOUNDFLOW_ALLOW_UNSIGNED"),
    (SECRET | {"DYNO": "web.1"},                               ConfigurationError,  "heroku-postgresql"),
    (SECRET | {"DATABASE_URL": "mysql://x"},                   ConfigurationError,  "DATABASE_URL"),
    (SECRET | {"PORT": "http"},                                ConfigurationError,  "PORT"),
    (SECRET | {"PORT": "70000"},                               ConfigurationError,  "PORT"),
    (SECRET | {"INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS": "5m"}, ConfigurationError, "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS"),
    ({"INBOUNDFLOW_SIGNING_SECRET": "s3cret\udcf1"},            ConfigurationError,  "INBOUNDFLOW_SIGNING_SECRET holds .* not UTF-8"),
    (SECRET | {"DATABASE_URL": "postgres://a:s3cret\udcf1@b/c"}, ConfigurationError, "DATABASE_URL holds .* not UTF-8"),
    (SECRET | {"INBOUNDFLOW_STRICT_BYTES": "maybe"},           ConfigurationError,  "INBOUNDFLOW_STRICT_BYTES"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "error", "names"), REFUSALS)
def test_the_web_process_refuses_to_start_and_names_the_variable(env, error, names):
    with pytest.raises(error, match=names) as refusal:
        check_for_web(read(env))

    assert "s3cret" not in str(refusal.value)


def test_a_secret_is_taken_without_the_line_end_that_copying_adds():
    assert read({"INBOUNDFLOW_SIGNING_SECRET": "s3cret\n"}).secrets.values == (b"s3cret",)


def test_the_current_secret_comes_before_the_previous_one():
    env = SECRET | {"INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": "old"}

    assert read(env).secrets.values == (b"s3cret", b"old")


def test_no_secret_stands_in_the_repr():
    assert "s3cret" not in repr(read(SECRET))


@pytest.mark.parametrize(
    ("env", "host", "hops", "local"),
    [
        ({},                            "127.0.0.1", 0, True),
        ({"HOST": "0.0.0.0"},           "0.0.0.0",   0, False),
        ({"RENDER": "true"},            "0.0.0.0",   1, False),
        ({"FLY_APP_NAME": "calls"},     "0.0.0.0",   1, False),
    ],
)  # fmt: skip
def test_a_platform_is_recognised_by_its_own_variables(env, host, hops, local):
    settings = read(env)

    assert (settings.host, settings.forwarded_hops, settings.is_local) == (host, hops, local)


def test_the_business_is_in_utc_and_english_where_nothing_else_is_set():
    chosen = {"BUSINESS_TIMEZONE": "Europe/Madrid", "BUSINESS_LANGUAGE": "es"}

    assert [(read(env).zone, read(env).language) for env in ({}, chosen)] == [("UTC", "en"), ("Europe/Madrid", "es")]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"BUSINESS_LANGUAGE": "fr"},        "BUSINESS_LANGUAGE should be en or es"),
        ({"BUSINESS_TIMEZONE": "Madrid"},    "is Europe/Madrid meant?"),
        ({"BUSINESS_TIMEZONE": "mexico city"}, "is America/Mexico_City meant?"),
        ({"BUSINESS_TIMEZONE": "Europe/Mardid"}, "is Europe/Madrid meant?"),
        ({"BUSINESS_TIMEZONE": "Mars"},      "such as Europe/Madrid"),
        ({"BUSINESS_TIMEZONE": "../etc/passwd"}, "such as Europe/Madrid"),
    ],
)  # fmt: skip
def test_a_zone_or_a_language_that_cannot_be_used_stops_nothing_and_is_named(env, says):
    [sentence] = unusable(env)

    assert says in sentence
    assert (read(env).zone, read(env).language) == ("UTC", "en")


def test_a_zone_and_a_language_that_can_be_used_are_not_named():
    assert list(unusable({"BUSINESS_TIMEZONE": "Europe/Madrid", "BUSINESS_LANGUAGE": "es-MX"})) == []
    assert list(unusable({})) == []


OIDC = {"OIDC_ISSUER": "https://id.example/realms/a/", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "a secret"}


def test_single_sign_on_is_off_or_complete_and_called_as_its_host():
    sso = read(OIDC).single_sign_on

    assert (read({}).single_sign_on, list(unusable({})), list(unusable(OIDC))) == (None, [], [])
    assert (sso.issuer, sso.client_id, sso.name) == ("https://id.example/realms/a", "us", "id.example")
    assert "a secret" not in repr(sso)
    assert read(OIDC | {"OIDC_NAME": "Acme"}).single_sign_on.name == "Acme"
    discovery = "https://id.example/realms/a/.well-known/openid-configuration"
    assert read(OIDC | {"OIDC_ISSUER": discovery}).single_sign_on.issuer == sso.issuer


@pytest.mark.parametrize("missing", OIDC)
def test_half_of_single_sign_on_stops_nothing_and_what_is_missing_is_named(missing):
    env = OIDC | {missing: " "}

    [sentence] = unusable(env)
    assert sentence.startswith(f"{missing} is missing for single sign-on")
    assert read(env).single_sign_on is None


@pytest.mark.parametrize(
    ("issuer", "is_usable"),
    [
        ("https://accounts.google.com", True),
        ("http://localhost:8080/realms/a", True),
        ("http://127.0.0.1:9", True),
        ("http://[::1]:9", True),
        ("http://id.example", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("https://user:password@id.example", False),
        ("https://id.example?x=1", False),
        ("https://id.example#x", False),
        ("https://id.example:99999", False),
        ("https://", False),
        ("https://[", False),
        ("https://id.example/a b", False),
        ("accounts.google.com", False),
        ("ftp://id.example", False),
    ],
)
def test_a_provider_is_asked_by_https_or_on_this_machine(issuer, is_usable):
    env = OIDC | {"OIDC_ISSUER": issuer}

    assert (read(env).single_sign_on is not None, list(unusable(env)) == []) == (is_usable, is_usable)


def test_everything_is_kept_where_nothing_says_how_long():
    assert [read(env).retention_days for env in ({}, {"RETENTION_DAYS": "0"}, {"RETENTION_DAYS": "90"})] == [0, 0, 90]
    with pytest.raises(ConfigurationError, match="RETENTION_DAYS"):
        read({"RETENTION_DAYS": "-1"})


def test_days_on_which_it_is_closed_and_the_time_of_the_evening_line_are_read():
    chosen = read({"BUSINESS_CLOSED_ON": "12-25, 2026-12-24 02-29", "ALERT_DAILY_AT": "19:00"})

    assert (chosen.closed_on, chosen.alert_daily_at) == ({"12-25", "2026-12-24", "02-29"}, "19:00")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUSINESS_CLOSED_ON", "25.12."),
        ("BUSINESS_CLOSED_ON", "13-25"),
        ("BUSINESS_CLOSED_ON", "2026-02-29"),
        ("BUSINESS_CLOSED_ON", "W01-1"),
        ("ALERT_DAILY_AT", "24:00"),
        ("ALERT_DAILY_AT", "7 pm"),
    ],
)
def test_a_day_or_a_time_that_cannot_be_is_named(name, value):
    with pytest.raises(ConfigurationError, match=name):
        read({name: value})


def test_the_data_directory_is_made_absolute():
    assert read({"DATA_DIR": "somewhere"}).data_dir == Path.cwd() / "somewhere"


def test_a_home_in_the_data_directory_is_the_persons():
    assert read({"DATA_DIR": "~/calls"}).data_dir == Path.home() / "calls"


def test_a_home_that_is_nobodys_is_said_in_a_sentence():
    with pytest.raises(ConfigurationError, match="no such home"):
        read({"DATA_DIR": "~nobody-of-this-name/calls"})


@pytest.mark.parametrize(
    ("host", "taken", "url"), [("[::1]", "::1", "[::1]"), ("::", "::", "[::]"), ("a.example", "a.example", "a.example")]
)
def test_an_ipv6_host_may_have_brackets_and_has_them_in_a_url(host, taken, url):
    settings = read({"HOST": host})

    assert (settings.host, settings.url_host) == (taken, url)


def test_every_variable_of_the_receiver_stands_in_the_docs_table_and_no_other():
    """In both languages, by tests/test_recipes_parity.py."""
    read_here = set(re.findall(r'env, "([A-Z_]+)"', (CHECKOUT / "receiver" / "settings.py").read_text()))
    table = (CHECKOUT / "docs" / "settings.md").read_text()

    listed = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1] if "|" in row else "")
    }
    assert listed == read_here


def test_a_checkout_keeps_its_inbox_in_itself(tmp_path):
    (tmp_path / "pyproject.toml").touch()

    assert default_folder({"XDG_DATA_HOME": "/home/ada/.data"}, tmp_path) == tmp_path / "var"


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({},                                    Path.home() / ".local/share/inboundflow-receiver"),
        ({"XDG_DATA_HOME": "/home/ada/.data"},  Path("/home/ada/.data/inboundflow-receiver")),
        ({"XDG_DATA_HOME": "not/absolute"},     Path.home() / ".local/share/inboundflow-receiver"),
    ],
)  # fmt: skip
def test_what_is_installed_keeps_its_inbox_where_an_upgrade_deletes_nothing(tmp_path, env, folder):
    assert default_folder(env, tmp_path) == folder


LANGUAGES = [
    # variables                                                   is spoken
    ({},                                                          "en"),
    ({"LANG": "es_ES.UTF-8"},                                     "es"),
    ({"LANG": "es_ES.UTF-8", "LC_ALL": "C"},                      "en"),
    ({"LANG": "fr_FR.UTF-8", "BUSINESS_LANGUAGE": "es"},          "es"),
    ({"LANG": "es_ES.UTF-8", "BUSINESS_LANGUAGE": "en"},          "en"),
    ({"LANG": "es", "LC_MESSAGES": "es_MX"},                      "es"),
    ({"LANG": "es_ES.UTF-8", "BUSINESS_LANGUAGE": "fr"},          "en"),
]  # fmt: skip


@pytest.mark.parametrize(("env", "lang"), LANGUAGES)
def test_whoever_sits_at_a_terminal_reads_the_businesss_language_or_the_terminals(env, lang):
    assert locale_at_terminal(env).language == lang
