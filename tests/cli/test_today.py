import pytest

from tests.support.cli import receiver
from tests.support.story import PHONE
from tests.support.terminal import at_terminal
from tests.support.tools import where_it_is_noon

ENGLISH = """
    5  calls
    0  booked an appointment
    0  transferred to somebody
    1  new lead
    1  to call back

2 calls did not arrive everywhere: `receiver doctor` says what to do.
  Slack: 1 arrived, 1 on its way, 2 did not arrive
"""
SPANISH = """
    5  llamadas
    0  citas reservadas
    0  se transfirieron a alguien
    1  nuevo interesado
    1  por llamar

2 llamadas no llegaron a todas partes: `receiver doctor` dice qué hacer.
  Slack: 1 llegó, 1 en camino, 2 no llegaron
"""


@pytest.fixture
def noon():
    """A zone in which it is about noon, so that all of the story is of one day."""
    return {"BUSINESS_TIMEZONE": where_it_is_noon().key}


@pytest.mark.parametrize(("language", "says"), [("en", ENGLISH), ("es", SPANISH)])
def test_how_the_day_went_is_said_in_plain_words(story, noon, language, says):
    said = story.cli("today", env=noon | {"BUSINESS_LANGUAGE": language})

    heading, _, rest = said.partition("\n")
    assert rest.startswith(says)
    assert heading.endswith(f"({noon['BUSINESS_TIMEZONE']})")
    assert PHONE not in said


def test_whom_to_call_back_is_named_on_request_only(story, noon):
    plain, named = (story.cli("today", *options, env=noon) for options in ([], ["--names"]))

    assert "call-a" in plain.partition("To call back:")[2]
    assert "unknown caller  +1 5550100  call-a" in named


@pytest.mark.parametrize("columns", [40, 80])
def test_it_is_no_wider_than_the_terminal(story, noon, columns):
    assert max(map(len, at_terminal("today", columns=columns, **story.env | noon))) <= columns


def test_another_day_may_be_asked_for(story, noon):
    days = [story.cli("today", "--day", day, env=noon).splitlines() for day in ("2020-02-29", "yesterday")]

    assert days[0] == [f"Saturday, February 29, 2020 ({noon['BUSINESS_TIMEZONE']})", "No calls that day."]
    assert story.cli("yesterday", env=noon).splitlines()[0] == days[1][0]
    assert "is not a day" in story.cli("today", "--day", "soon", code=2)


def test_for_programs_there_is_json(story, noon):
    document = story.cli("today", "--json", env=noon | {"BUSINESS_LANGUAGE": "es"})

    assert [document[name] for name in ("zone", "calls", "booked", "transferred", "leads", "to_call_back")] == [
        noon["BUSINESS_TIMEZONE"], 5, 0, 0, 1, 1,
    ]  # fmt: skip
    assert document["destinations"] == [
        {
            "handler": "slack.post",
            "dead": 2,
            "on_hold": 0,
            "half_set": 0,
            "retrying": 0,
            "waiting": 1,
            "arrived": 1,
            "skipped": 0,
        }
    ]
    assert [call["call_id"] for call in document["call_backs"]] == ["call-a"]


def test_before_the_first_call_it_says_so(db, env):
    ran = receiver("today", BUSINESS_LANGUAGE="es", **env)

    assert (ran.returncode, ran.stdout.splitlines()[1]) == (0, "Hoy todavía no hay llamadas.")


def test_of_several_businesses_each_is_counted_and_one_has_its_own_day(story, noon):
    key = {"SECRET_KEY": "a key for sealing, long enough"}
    receiver("sources", "add", "acme", "BUSINESS_TIMEZONE=Asia/Tokyo", **story.env | key)
    story.db.commit(lambda tx: tx.execute("UPDATE deliveries SET source = 'acme' WHERE call_id = 'call-a'"))
    story.db.commit(lambda tx: tx.execute("UPDATE runs SET source = 'acme' WHERE call_id = 'call-a'"))

    every = story.cli("today", env=noon | key)
    one = story.cli("today", "--source", "acme", env=noon | key)

    assert "  [/webhooks/inboundflow] 4 calls, 1 to call back\n  [acme] 1 call, 1 to call back\n" in every
    assert "(Asia/Tokyo)" in one.partition("\n")[0]
    assert "[" not in one


def test_what_is_said_of_one_business_is_in_its_language_and_by_its_clock(story):
    env = story.env | {"SECRET_KEY": "a key for sealing, long enough"}
    receiver("sources", "add", "acme", "BUSINESS_TIMEZONE=Asia/Tokyo", "BUSINESS_LANGUAGE=es", **env)
    story.db.commit(lambda tx: tx.execute("UPDATE deliveries SET source = 'acme' WHERE call_id = 'call-a'"))
    story.db.commit(lambda tx: tx.execute("UPDATE runs SET source = 'acme' WHERE call_id = 'call-a'"))
    every = [story.cli(*command.split(), env=env) for command in ("today", "deliveries", "show call-a")]

    one = [
        story.cli(*command.split(), "--source", "acme", env=env) for command in ("today", "deliveries", "show call-a")
    ]

    [today, listing, shown] = one
    assert ("hasta las" in today or "Hoy todavía no hay" in today, "recibida (Asia/Tokyo)" in listing) == (True, True)
    assert ("JST" in shown, "no llegó" in listing) == (True, True)
    assert [text for text in every if "Tokyo" in text or "JST" in text or "llegó" in text] == []


def test_a_business_that_is_not_there_is_told_with_the_one_that_was_meant(db, env):
    own = env | {"SECRET_KEY": "a key for sealing, long enough"}
    receiver("sources", "add", "acme-dental", **own)

    ran = receiver("today", "--source", "acme-dentl", **own)

    assert (ran.returncode, ran.stderr) == (0, "There is no business acme-dentl. Did you mean acme-dental?\n")
