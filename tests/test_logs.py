import json
import logging
import subprocess
import sys
import threading

import pytest
from gunicorn.config import Config

from receiver import logs, settings
from receiver.app.log import OneLog
from receiver.app.server import OPTIONS
from receiver.errors import ConfigurationError, GiveUp
from receiver.logs import FIELD_CHARS, JsonFormatter, PlainFormatter, of_delivery

PHONE = "+34600111222"
HOSTILE = [
    "two\nlines",
    "a\r\n2026-11-30 00:00:00 ERROR forged",
    "\x1b[2J\x1b]0;owned\x07",
    "\x00\x85\u2028\u2029\u202e",
    '"} {"level":"error"',
    "half a character \ud800",
    "% s %(message)s {0}",
    "Ñandú 😀",
    "x" * 100_000,
]


def record(message="%s", *values, raised=None, **extra):
    made = logging.LogRecord("receiver.web", logging.WARNING, "f.py", 1, message, values, raised)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_one_json_object_on_one_line(text):
    line = JsonFormatter().format(record("says %s", text, **of_delivery(text, text)))

    document = json.loads(line)
    assert len(line.encode("ascii").splitlines()) == 1
    assert (document["message"], document["level"], document["logger"]) == (f"says {text}", "warning", "receiver.web")
    assert (document["delivery"], document["call"]) == (text[:FIELD_CHARS],) * 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_one_line_for_people_too_and_steers_no_terminal(text):
    line = PlainFormatter().format(record("says %s", text))

    assert len(line.splitlines()) == 1
    assert not any(sign in line for sign in "\x1b\x07\x00\u202e\ud800")
    assert line.encode()


def test_what_people_write_stays_as_it_is():
    assert PlainFormatter().format(record("Ñandú 😀\u00a0%")).endswith(" WARNING Ñandú 😀\u00a0%")


def raised(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()], ids=["text", "json"])
def test_of_an_exception_the_message_is_not_written_as_it_may_hold_what_a_caller_said(formatter):
    line = formatter.format(record("it broke", raised=raised(ValueError(f"cannot call {PHONE}"))))

    assert ("ValueError" in line, "test_logs.py:" in line, PHONE in line, "\n" in line) == (True, True, False, False)


def test_our_own_exceptions_say_what_happened():
    line = JsonFormatter().format(record("it broke", raised=raised(GiveUp("no such channel"))))

    assert json.loads(line)["exception"].startswith("GiveUp: no such channel at test_logs.py:")


def test_fields_beside_the_message_are_those_of_the_list_and_the_empty_ones_are_left_out():
    extra = of_delivery("d-1", None, handler="slack.post", run=3, attempt=1, failure="") | {"phone": PHONE}

    document = json.loads(JsonFormatter().format(record("x", **extra)))

    assert document.keys() == {"time", "level", "logger", "message", "delivery", "handler", "run", "attempt", "process"}
    assert (document["run"], document["delivery"]) == (3, "d-1")


SAYS = """
import logging, threading, warnings
from receiver import logs
logs.start({format!r})
logging.getLogger("receiver.web").info("ours")
logging.getLogger("elsewhere").info("not shown")
logging.getLogger("elsewhere").warning("theirs")
def end():
    raise ValueError({phone!r})
thread = threading.Thread(target=end, name="a-thread")
thread.start()
thread.join()
"""


@pytest.mark.parametrize("log_format", logs.FORMATS)
def test_every_line_of_a_process_has_the_one_form(log_format):
    script = SAYS.format(format=log_format, phone=PHONE)

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)

    lines = ran.stderr.splitlines()
    says = [json.loads(line)["message"] if log_format == "json" else line.split(" ", 3)[3] for line in lines]
    assert says[:2] == ["ours", "theirs"]
    assert [line.partition(" at ")[0] for line in says[2:]] == ["the thread a-thread ended: ValueError"]
    assert PHONE not in ran.stderr


def test_what_gunicorn_writes_goes_the_same_way(caplog):
    config = Config()
    for name in ("errorlog", "loglevel", "accesslog", "logger_class"):
        config.set(name, OPTIONS[name])

    log = config.logger_class(config)
    log.exception("Error handling request %s", "/x")

    assert (config.logger_class, log.error_log.handlers) == (OneLog, [])
    assert [(r.name, r.getMessage()) for r in caplog.records] == [("gunicorn.error", "Error handling request /x")]


@pytest.mark.parametrize(
    ("env", "form"), [({}, "text"), ({"LOG_FORMAT": "JSON"}, "json"), ({"LOG_FORMAT": " "}, "text")]
)
def test_the_form_is_a_variable(env, form):
    assert settings.read(env).log_format == form


def test_another_form_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match="LOG_FORMAT should be text or json"):
        settings.read({"LOG_FORMAT": "xml"})


def test_a_thread_that_ends_the_process_says_nothing(caplog):
    logs.note_thread(threading.ExceptHookArgs((SystemExit, SystemExit(), None, None)))

    assert caplog.records == []
