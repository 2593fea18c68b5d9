"""What lies at destinations is deleted there first, where that can be, and whatever happens there the person is erased."""

import importlib
import threading
from dataclasses import replace

import pytest

from receiver import operations, registry
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import CallCompleted, read_event
from receiver.inbox import Verdict
from receiver.locales import Locale, localized
from receiver.operations import subject
from receiver.operations.aging import DAY_US
from receiver.operations.concerns import concerns
from receiver.operations.erase import erase
from receiver.registry import Activation, Handler
from tests.operations.test_erase import CALL, DONE, NAME, PHONE, WORDS, Person, body, other
from tests.support.cli import receiver
from tests.support.tools import a_run, claim, finish

FAILED = Verdict(state="dead", result="retry", detail="no answer", failed=True)


@pytest.fixture
def person(db, env):
    return Person(db, env)


class Desk:
    """A destination of ours: what its handler is asked to delete, and what that meets."""

    def __init__(self, name="desk.keep", meets=(), **changes):
        self.name, self.asked, self.meets = name, [], list(meets)
        declared = {"events": (CallCompleted,), "timeout_s": 1, "forget": self.forget} | changes
        handler = Handler(name=name, function=print, **declared)
        self.activation = Activation(handler=handler, state="on")

    def forget(self, event, run, outcome):
        self.asked.append((event.delivery_id, dict(event.data), outcome))
        end = self.meets.pop(0) if self.meets else ""
        if isinstance(end, BaseException):
            raise end
        return end() if callable(end) else end

    @property
    def keys(self):
        return [key for key, _, _ in self.asked]


def bring(person, *lanes, keys=("k-1", "k-2"), verdict=DONE):
    """Deliveries of one call, brought to these lanes."""
    for key in keys:
        person.keep(body(key, summary="Trillo 12"))
        for run in person.open(*lanes):
            person.end(run, verdict)


def forget(person, *desks, sleep=lambda _: None, **changes):
    who = subject(phones=[PHONE])
    activations = [desk.activation if isinstance(desk, Desk) else desk for desk in desks]
    return erase(person.db, person.settings, activations, who, at_destinations=True, sleep=sleep, **changes)


def outcomes(person):
    return [row["outcome"] for row in person.db.read("SELECT outcome FROM runs ORDER BY id")]


def ends(erased):
    return [(place.key, place.deleted, place.owed, str(place.why)) for place in erased.places]


def test_the_handler_deletes_the_latest_first_while_it_knows_what_it_was_and_then_nothing_is_left(person):
    desk = Desk(meets=["", "person 7"])
    bring(person, ("desk.keep", ""))

    erased = forget(person, desk)

    assert [(key, data["summary"], outcome) for key, data, outcome in desk.asked] == [
        ("k-2", "Trillo 12", DONE.detail), ("k-1", "Trillo 12", DONE.detail),
    ]  # fmt: skip
    assert ends(erased) == [("k-1", True, False, ""), ("k-2", True, False, "")]
    assert ([place.stays for place in erased.places], outcomes(person), person.left()) == (
        ["person 7", ""],
        [None] * 2,
        [],
    )


def test_without_being_asked_it_deletes_nothing(person):
    desk = Desk()
    bring(person, ("desk.keep", ""))

    erased = erase(person.db, person.settings, [desk.activation], subject(phones=[PHONE]))

    assert (desk.asked, [place.deletable for place in erased.places]) == ([], [True, True])
    assert forget(person, desk).is_empty


def test_a_look_asks_no_handler_and_says_what_it_could_delete(person):
    desk = Desk()
    bring(person, ("desk.keep", ""), ("forward.forward", "ab"), keys=["k-1"])

    looked = forget(person, desk, dry_run=True)

    assert (desk.asked, [place.deletable for place in looked.places]) == ([], [True, False])
    assert ends(looked) == [("k-1", False, False, "")] * 2


def test_what_cannot_be_deleted_is_for_people_with_the_reason_and_is_not_tried_again(person):
    desk = Desk(meets=[GiveUp(f"it is not ours, {NAME}")])
    bring(person, ("desk.keep", ""))

    assert ends(forget(person, desk)) == [("k-1", True, False, ""), ("k-2", False, False, "it is not ours, …")]
    assert forget(person, desk).is_empty


def test_what_is_refused_for_now_is_owed_without_what_tells_of_the_person_and_others_are_deleted(person):
    busy, fine = Desk(meets=[RetryLater("busy", delay_s=2)] * 9), Desk("other.keep")
    bring(person, ("desk.keep", ""), ("other.keep", ""))
    waits = []

    erased = forget(person, busy, fine, sleep=waits.append)

    assert (busy.keys, waits, fine.keys) == (["k-2"] * 3, [2, 2], ["k-2", "k-1"])
    assert ends(erased) == [
        ("k-1", False, True, "busy"), ("k-1", True, False, ""), ("k-2", False, True, "busy"), ("k-2", True, False, ""),
    ]  # fmt: skip
    assert outcomes(person) == ["message 17.5 in C0123 for …", None] * 2
    assert (person.left(), erased.purged) == ([], True)


def test_what_is_owed_is_deleted_by_the_next_erasure_whoever_that_is_for(person):
    desk = Desk(meets=[Pause("the token was revoked")])
    bring(person, ("desk.keep", ""))
    assert ends(forget(person, desk)) == [(key, False, True, "the token was revoked") for key in ("k-1", "k-2")]
    person.keep(other("b-1"))

    other_person = erase(
        person.db, person.settings, [desk.activation], subject(phones=["+34699999999"]), at_destinations=True
    )

    assert desk.asked[1:] == [("k-2", {}, "message 17.5 in C0123 for …"), ("k-1", {}, "message 17.5 in C0123 for …")]
    assert ends(other_person) == [("k-1", True, False, ""), ("k-2", True, False, "")]
    assert (outcomes(person), forget(person, desk).is_empty) == ([None] * 2, True)


def test_what_is_owed_stays_owed_where_nobody_asks_for_it_or_it_is_refused_again(person):
    desk = Desk(meets=[Pause("no token")] * 2)
    bring(person, ("desk.keep", ""), keys=["k-1"])
    forget(person, desk)

    person.erase()
    assert ends(forget(person, desk)) == [("k-1", False, True, "no token")]
    assert ends(forget(person, desk)) == [("k-1", True, False, "")]


def test_what_is_owed_for_thirty_days_is_left_to_people_and_told(person):
    desk = Desk(meets=[Pause("no token")] * 9)
    bring(person, ("desk.keep", ""), keys=["k-1"])
    forget(person, desk)

    for days in (29, 31):
        was_us = person.db.now_us() - days * DAY_US
        person.db.commit(
            lambda tx, us=was_us: tx.execute("UPDATE deliveries SET erased_us = ? WHERE key = 'k-1'", (us,))
        )
        person.keep(other(f"came-since-{days}"))
        operations.end_owed(person.db, operations.Aging(person.db))
        if days == 29:
            assert forget(person, desk).owed
    desk.meets.clear()

    [deed] = operations.history(person.db, operations.Wanted(action="left-there"))[0]
    assert deed.detail == {
        "handler": "desk.keep", "targets": [""], "keys": ["k-1"], "by_hand": "message 17.5 in C0123 for …",
    }  # fmt: skip
    assert forget(person, desk).is_empty
    told = [each for each in concerns(person.db, person.settings) if each.kind == "left_there"]
    assert [(each.details, PHONE in str(each)) for each in told] == [({"n": 1}, False)]


def test_another_business_owes_its_own(person):
    desk = Desk(meets=[Pause("no token")])
    bring(person, ("desk.keep", ""), keys=["k-1"])
    forget(person, desk)

    of_another = erase(
        person.db, person.settings, [desk.activation], subject(phones=[PHONE], source="b"), at_destinations=True
    )

    assert (of_another.is_empty, desk.keys) == (True, ["k-1"])


class Unspeakable:
    def __str__(self):
        raise ValueError(PHONE)


UNEXPECTED = [
    # what the handler meets            the reason
    (ValueError(f"{PHONE} is odd"),     "it failed (ValueError)"),
    (Pause(Unspeakable()),              "it failed (ValueError)"),
    (SystemExit(PHONE),                 "it failed (RuntimeError)"),
    (Pause(),                           "Pause"),
]  # fmt: skip


@pytest.mark.parametrize(("meets", "why"), UNEXPECTED)
def test_whatever_a_handler_meets_the_person_is_erased_and_the_reason_holds_nothing_of_them(person, meets, why):
    bring(person, ("desk.keep", ""), keys=["k-1"])

    erased = forget(person, Desk(meets=[meets]))

    assert (ends(erased), person.left()) == ([("k-1", False, True, why)], [])


def test_a_handler_that_hangs_is_left_behind(person, monkeypatch):
    monkeypatch.setattr(importlib.import_module("receiver.operations.forgetting"), "GRACE_S", 0.1)
    hanging = threading.Event()
    desk = Desk(meets=[lambda: hanging.wait(30)], timeout_s=0.1)
    bring(person, ("desk.keep", ""))

    erased = forget(person, desk)
    hanging.set()

    assert (desk.keys, person.left()) == (["k-2"], [])
    assert [place.owed and "did not end" in place.why for place in erased.places] == [True, True]


def test_a_destination_that_asks_for_a_long_rest_is_not_waited_for(person):
    waits = []
    bring(person, ("desk.keep", ""), keys=["k-1"])

    forget(person, Desk(meets=[RetryLater("tomorrow", delay_s=3600)]), sleep=waits.append)

    assert waits == []


def test_a_lane_is_called_at_its_pace(person):
    waits = []
    bring(person, ("desk.keep", ""), keys=["k-1", "k-2", "k-3"])

    forget(person, Desk(pace_s=5), sleep=waits.append)

    assert [round(wait_s / 5) for wait_s in waits] == [0, 1, 2]


def test_what_may_have_been_left_is_looked_for_and_is_for_people_where_that_fails(person):
    bring(person, ("desk.keep", ""), keys=["k-1"], verdict=FAILED)
    desk = Desk(meets=[RetryLater("busy", delay_s=3600)])

    assert ends(forget(person, desk)) == [("k-1", False, False, "busy")]
    assert (desk.asked[0][2], outcomes(person)) == ("", [None])


def changed(desk, **changes):
    return replace(desk.activation, **changes)


NOT_NOW = [
    # of the handler                                              deletable, owed, why
    (lambda desk: changed(desk, state="off"),                     (False, False, "")),
    (lambda desk: changed(desk, targets={"elsewhere": {}}),       (False, False, "")),
    (lambda desk: changed(desk, handler=replace(desk.activation.handler, forgets=False)), (False, False, "")),
    (lambda desk: changed(desk, handler=replace(desk.activation.handler, forgets=lambda s: "x" in s)), (False, False, "")),
    (lambda desk: changed(desk, handler=replace(desk.activation.handler, forget=None)), (False, False, "")),
    (lambda desk: changed(desk, state="misconfigured", why="set X", targets={"": {}}),
     (False, True, "it is not set up as it should be: set X")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "end"), NOT_NOW)
def test_where_the_handler_cannot_do_it_as_it_is_set_up_that_is_said(person, change, end):
    desk = Desk()
    bring(person, ("desk.keep", ""), keys=["k-1"])

    erased = forget(person, change(desk))

    [place] = erased.places
    assert ((place.deletable, place.owed, str(place.why)), desk.asked, person.left()) == (end, [], [])


def test_after_a_stop_between_the_two_it_is_deleted_again_and_then_erased(person, monkeypatch):
    desk = Desk()
    bring(person, ("desk.keep", ""), keys=["k-1"])
    module = importlib.import_module("receiver.operations.erase")
    with monkeypatch.context() as patch:
        patch.setattr(module, "remove", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            forget(person, desk)

    assert ends(forget(person, desk)) == [("k-1", True, False, "")]
    assert (desk.keys, person.left()) == (["k-1", "k-1"], [])


RECEIPT = {
    "en": """Erased, but for their ids, events and times: 1 delivery.
  k-1  call.completed  call call-of-ada-7731
Deleted at destinations:
  a.keep  k-1  message 17.5 in C0123 for …  stays, for you to decide: person 7
At destinations, not deleted yet: the same command tries again.
  b.keep  k-1  message 17.5 in C0123 for …  no token
At destinations, to be deleted there:
  c.keep  k-1  message 17.5 in C0123 for …  not ours
  d.keep  k-1  message 17.5 in C0123 for …
The receiver does not reach these; look there yourself:
  InboundFlow: the call, its recording and its summary (in its panel, or its support)
  the calendar, if an appointment was booked
  whoever got a message or a transfer, and wrote something down""",
    "es": """Borradas, salvo su identificador, evento y horas: 1 entrega.
  k-1  call.completed  llamada call-of-ada-7731
Borrado en los destinos:
  a.keep  k-1  message 17.5 in C0123 for …  se queda, decide tú: person 7
En los destinos, sin borrar todavía: el mismo comando lo vuelve a intentar.
  b.keep  k-1  message 17.5 in C0123 for …  no token
En los destinos, para borrar allí:
  c.keep  k-1  message 17.5 in C0123 for …  not ours
  d.keep  k-1  message 17.5 in C0123 for …
El receptor no llega a estos sitios; míralo tú:
  InboundFlow: la llamada, su grabación y su resumen (en su panel, o su soporte)
  el calendario, si se reservó una cita
  quien recibió un mensaje o una transferencia y apuntó algo""",
}


@pytest.mark.parametrize("language", RECEIPT)
def test_the_receipt_says_of_each_place_what_became_of_it(person, language):
    desks = [Desk("a.keep", ["person 7"]), Desk("b.keep", [Pause("no token")]), Desk("c.keep", [GiveUp("not ours")])]
    bring(person, *((f"{name}.keep", "") for name in "abcd"), keys=["k-1"])

    lines = "\n".join(localized(line, Locale(language=language)) for line in operations.receipt(forget(person, *desks)))

    assert lines.partition("\nCop")[0] == RECEIPT[language]


def test_a_look_says_what_would_be_deleted_and_how_to_have_that_done(person):
    desk = Desk("a.keep")
    bring(person, ("a.keep", ""), ("b.keep", ""), keys=["k-1"])
    asked = forget(person, desk, dry_run=True)
    not_asked = erase(person.db, person.settings, [desk.activation], subject(phones=[PHONE]), dry_run=True)

    place = "  {}.keep  k-1  message 17.5 in C0123 for …"
    would = ["Would be deleted at destinations:", place.format("a"), "At destinations, to be deleted there:"]
    assert [*map(str, operations.receipt(asked))][2:6] == [*would, place.format("b")]
    assert [*map(str, operations.receipt(not_asked))][2:6] == [
        would[-1], place.format("a"), place.format("b"),
        "  1 of these can be deleted from here, but only before: --at-destinations.",
    ]  # fmt: skip


HANDLERS = ("slack.post", "google_sheets.append_row", "hubspot.keep_contact", "forward.forward")


class Practice:
    """Two people's calls, brought to played destinations by the handlers themselves, beside what was there before."""

    def __init__(self, person, world):
        self.person, self.world = person, world
        self.env = person.env | world.env | world.forward_env
        world.slack.say("Who is on tonight?")
        world.hubspot.add_contact(phone="612 345 678", firstname="Ada", lifecyclestage="customer")
        world.hubspot.objects["notes"]["7"] = {"hs_note_body": "what people wrote"}
        self.bring(other("b-1", summary="whitening"))
        self.before = self.counts()
        self.bring(body("k-1", summary="root canal of Ada, Trillo 12"))
        self.bring(body("k-2", event="lead.created", caller_email="ada.moreno@example.com", call_summary="Trillo 12"))

    def bring(self, text):
        person = self.person
        person.keep(text)
        handlers = registry.load("handlers")
        lanes = [lane for name in HANDLERS for lane in handlers[name].activate(self.env).lanes()]
        for lane, run in zip(lanes, person.open(*((lane.handler, lane.target) for lane in lanes)), strict=True):
            now = claim(person.runs, run, "me", person.db.now_us())
            outcome = self.carry(handlers[lane.handler], lane.target, now.delivery)
            done = Verdict(state="succeeded", result="succeeded", detail=outcome)
            assert finish(person.runs, now, "me", done, person.db.now_us())

    def carry(self, handler, target, delivery):
        event = read_event(delivery)
        run = replace(a_run(handler.name, self.env, event, target=target), delivery=delivery)
        return handler.function([event], [run])[0] if handler.batch > 1 else handler.function(event, run)

    def counts(self):
        rows = {tab: len(list(filter(any, rows))) - 1 for tab, rows in self.world.sheets.tabs.items()}
        objects = {kind: len(kept) for kind, kept in self.world.hubspot.objects.items()}
        return {"slack": len(self.world.slack.messages), "forward": len(self.world.forward.effects())} | rows | objects

    def cli(self, *words):
        return receiver("erase", "--phone", PHONE, "--at-destinations", *words, **self.env)


def test_the_command_deletes_what_the_receiver_brought_and_nothing_else_at_any_destination(person, world):
    practice = Practice(person, world)
    brought = practice.counts()
    assert brought == practice.before | {
        "slack": 4, "forward": 3, "Calls": 2, "Leads": 1, "contacts": 2, "calls": 2, "notes": 2,
    }  # fmt: skip

    looked = practice.cli("--dry-run")
    unchanged = practice.counts()
    done = practice.cli("--yes")

    assert (looked.returncode, unchanged, done.returncode, done.stderr) == (0, brought, 0, "")
    left = {"forward": 3, "Calls": 1, "Leads": 0, "contacts": 2, "calls": 1, "notes": 1, "slack": 2}
    assert practice.counts() == practice.before | left
    assert [looked.stdout.count(name) for name in ("slack.post  k-", "append_row  k-", "keep_contact  k-")] == [2] * 3
    assert done.stdout.count("stays, for you to decide: person ") == 2
    by_hand = done.stdout.partition("At destinations, to be deleted there:\n")[2]
    assert [line.split()[0] for line in by_hand.splitlines()[:2]] == ["forward.forward"] * 2
    assert (person.left(), [word for word in WORDS if word != CALL and word in done.stdout]) == ([], [])
    assert practice.cli("--yes").returncode == 1


def test_a_destination_on_a_bad_day_keeps_nobody_from_being_erased_and_is_done_by_the_same_command(person, world):
    practice = Practice(person, world)
    world.fail("slack", status=200, body='{"ok": false, "error": "missing_scope"}', path="chat.delete")
    world.fail("hubspot", status=429, headers={"Retry-After": "1"}, path="batch/read")

    first = practice.cli("--yes")
    left, slack = person.left(), practice.counts()["slack"]
    second = practice.cli("--yes")

    assert (first.returncode, left, slack, "the bot lacks a scope" in first.stdout) == (1, [], 4, True)
    assert first.stdout.count("tries again") == 1
    assert (second.returncode, practice.counts()["slack"]) == (0, 2)
    assert practice.counts()["calls"] == practice.before["calls"]
    assert (person.left(), practice.cli("--yes").returncode) == ([], 1)
