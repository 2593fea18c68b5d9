import pytest

from receiver import settings
from receiver.app.server import OPTIONS, Server


class Renamed(Server):
    options = {**OPTIONS, "keepalive_seconds": 100}  # noqa: RUF012


def test_an_option_that_gunicorn_does_not_know_stops_the_start_and_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        Renamed(settings.read({"DATA_DIR": str(tmp_path)}), "127.0.0.1:0")

    assert end.value.code == 1
    assert "has no option keepalive_seconds" in capsys.readouterr().err


def test_every_option_is_set(tmp_path):
    server = Server(settings.read({"DATA_DIR": str(tmp_path)}), "127.0.0.1:0")

    assert {name: server.cfg.settings[name].get() for name in ("workers", "threads", "backlog", "preload_app")} == {
        name: OPTIONS[name] for name in ("workers", "threads", "backlog", "preload_app")
    }
