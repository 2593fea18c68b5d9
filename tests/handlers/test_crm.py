"""What holds for every CRM."""

import itertools
import re

import pytest

from mock_sender.destinations import Destinations
from receiver.events import read_event
from receiver.registry import Earlier
from tests import contracts
from tests.support.crm import PLACES, a_call, carry, drop_answer, run
from tests.support.tools import a_delivery, booked, completed, lead, transferred

places = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


@places
def test_whatever_order_the_events_of_a_call_come_in_the_same_is_left_behind(place):
    left = []
    for events in itertools.permutations(a_call()):
        with Destinations() as world:
            world.exchanges = []
            carry(world, place, events, twice=True)
            left.append(place.things(world))
        contracts.check(world.exchanges[:40])

    assert [things for things in left if things != left[0]] == []
    assert sorted(len(records) for kind, records in left[0].items() if kind != "on a contact") in (
        [1, 1, 1, 1],
        [0, 0, 1, 1, 2],
    )


@places
def test_wherever_an_answer_is_lost_nothing_is_doubled(place):
    with Destinations() as world:
        carry(world, place, a_call())
        expected = place.things(world)

    for number in range(40):
        with Destinations() as world:
            drop_answer(world, place.name, number)
            carry(world, place, a_call())
            assert (number, place.things(world)) == (number, expected)
            if world.faults.waiting.get(place.name) is None:
                break
    assert 10 < number < 39


@places
def test_every_delivery_is_found_once(place, world):
    carry(world, place, a_call(), twice=True)

    effects = [effect["delivery_id"] for effect in world.state()["effects"] if effect["destination"] == place.name]
    assert sorted(effects) == sorted(event.delivery_id for event in a_call())


@places
def test_a_second_appointment_in_a_call_stays_beside_the_first(place, world):
    first = booked("d-1", calendar_event_id="e1", service_type="Check-up")
    second = booked("d-2", calendar_event_id="e2", service_type="Whitening")
    moved = booked("d-3", calendar_event_id="e2", service_type="Whitening, long")

    outcomes = carry(world, place, [first, second, moved], twice=True)

    kind, title = {"hubspot": ("meetings", "hs_meeting_title"), "salesforce": ("Event", "Subject")}[place.name]
    titles = [record[title] for record in place.things(world)[kind]]
    assert titles == ["Check-up: Ada Moreno", "Whitening, long: Ada Moreno"]
    assert [outcome.partition(" 1")[0].partition(" 0")[0] for outcome in outcomes] == [
        "booking",
        "another booking",
        "another booking",
    ]


@places
def test_the_first_of_two_appointments_keeps_its_place_when_it_is_replayed(place, world):
    events = [booked(f"d-{n}", calendar_event_id=f"e{n}") for n in (1, 2)]
    outcomes = carry(world, place, events)
    before = place.things(world)

    for event, other, outcome in zip(events, reversed(events), reversed(outcomes), strict=True):
        run(world, place, event, [Earlier(event=other, outcome=outcome)], attempt=2)

    assert place.things(world) == before


WITHHELD = {"caller_phone": "anonymous", "caller_email": None}


@places
@pytest.mark.parametrize("event", [completed(**WITHHELD), booked(**WITHHELD), lead(**WITHHELD)], ids=lambda e: e.event)
def test_without_number_and_email_nobody_is_made_up(place, world, event):
    outcome = run(world, place, event)

    things = place.things(world)
    assert "the caller's number and e-mail are withheld" in outcome
    assert things["contacts" if place.name == "hubspot" else "Lead"] == []
    assert sum(len(records) for records in things.values()) == (0 if event.event == "lead.created" else 1)


@places
@pytest.mark.parametrize("number", ["+266696687", "+7378742833", "+86282452253", "+7748283"])
def test_callers_who_withhold_their_number_are_not_taken_for_one(place, world, number):
    who = {"caller_phone": number, "caller_name": "Bob"}
    events = [completed("d-1", call_id="c-1", **who), lead("d-2", call_id="c-2", caller_email="bob@example.com", **who)]

    outcomes = [run(world, place, event) for event in events]

    things = place.things(world)
    assert outcomes[0].endswith("on no person: the caller's number and e-mail are withheld")
    assert len(things["contacts" if place.name == "hubspot" else "Lead"]) == 1
    assert number not in str(things)


@places
@pytest.mark.parametrize("call", ["", " ", "\u200b"])
def test_callers_whose_calls_have_no_name_are_not_mixed(place, world, call):
    people = {"d-1": "+34600000001", "d-2": "+34600000002"}
    events = [completed(key, call_id=call, caller_phone=phone) for key, phone in people.items()]

    carry(world, place, events)

    things = place.things(world)
    kinds = {"hubspot": ("contacts", "calls"), "salesforce": ("Lead", "Task")}[place.name]
    assert [len(things[kind]) for kind in kinds] == [2, 2]


HOSTILE = ["\u202emoc.elgoog\u202c", "nul\0\ud800", "=cmd|'/c calc'!A0", "<script>alert(1)</script>", "é<" * 25_000]


@places
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_caller_says_arrives_as_text(place, world, text):
    names = ["caller_name", "caller_email", "summary", "recording_url", "transferred_to_label", "service_type"]
    names += ["interest", "call_summary", "calendar_event_id", "calendar_event_link", "call_id", "started_at"]
    for event in a_call():
        changed = dict(event.data) | {name: text for name in names}
        run(world, place, read_event(a_delivery(event.event, event.delivery_id, **changed)))

    things = place.things(world)
    everything = str(things)
    assert [bad for bad in ("\u202e", "\0", "\\x00", "\\ud800") if bad in everything] == []
    if place.name == "hubspot":  # only bodies are shown as markup
        bodies = [
            v for kind in ("calls", "notes") for record in things[kind] for k, v in record.items() if k.endswith("body")
        ]
        assert len(bodies) == 2
        assert [body for body in bodies if re.search("<(?!br>)|&(?![a-z#0-9]+;)", body)] == []
    assert len(everything) < 400_000


SPANISH = {
    "hubspot": ("hs_call_title", "hs_call_body", "hs_meeting_title", "hs_meeting_body", "hs_note_body"),
    "salesforce": ("Subject", "Description"),
}
IN_SPANISH = [
    "Cita: +34 600 12 34 56",
    "Correo: ada@example.com<br>Interés: Ruedas",
    "Fecha: 2026-03-20",
    "Frenos<br>Grabación: https://r.example/1.mp3",
    "Llamada de +34 600 12 34 56",
    "Llamada de +34 600 12 34 56 → alguien del equipo",
    "Nuevo interesado: +34 600 12 34 56",
    "Urgencia: alta<br>Transferida porque: asked",
]


@places
def test_what_is_written_follows_the_businesss_language(place, world):
    who = {"caller_name": None, "caller_phone": "+34600123456"}
    why = {"urgency": "high", "reason": "asked"}
    events = [
        transferred("d-1", summary=None, transferred_to_label=None, **why, **who),
        booked("d-2", appointment_time_start="", appointment_date="2026-03-20", service_type=None, **who),
        lead("d-3", interest="Ruedas", **who),
        completed("d-4", call_id="c-2", summary="Frenos", recording_url="https://r.example/1.mp3", **who),
    ]

    for event in events:
        run(world, place, event, env={"BUSINESS_LANGUAGE": "es"})

    kinds = ("calls", "meetings", "notes", "Task", "Event")
    records = [record for kind in kinds for record in place.things(world).get(kind, [])]
    whole = [record[name].replace("\n", "<br>") for record in records for name in SPANISH[place.name] if name in record]
    texts = [text for one in whole for text in one.partition("<br><br>InboundFlow")[0].split("<br><br>")]
    assert sorted(texts) == IN_SPANISH


@places
def test_what_the_crm_does_not_take_is_said_in_the_businesss_language_too(place, world):
    if place.name == "hubspot":
        world.hubspot.required = {"hubspot_owner_id"}
    else:
        world.salesforce.rules["Lead"] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [])

    for event in (lead("d-1"), booked("d-2", appointment_time_start="pronto", appointment_date=None)):
        run(world, place, event, env={"BUSINESS_LANGUAGE": "es"})

    everything = str(place.things(world))
    said = ["Nombre: Ada Moreno", "Teléfono: +15550100", "Correo: ada@example.com", "Hora: pronto"]
    assert [text for text in [*said, "Reservada, hora no entendida: Check-up"] if text not in everything] == []


@places
@pytest.mark.parametrize("fault", [{"mode": "reset"}, {"status": 502}, {"status": 503}])
def test_when_it_is_down_the_run_is_tried_again(place, world, fault):
    world.fail(place.name, times=1, **fault)

    outcome = carry(world, place, [completed()])

    assert outcome[0].startswith("call ")


@places
def test_an_empty_value_erases_nothing(place, world):
    run(world, place, completed(summary="Brakes", caller_name="Ada Moreno"))
    before = place.things(world)

    run(world, place, completed(summary="", caller_name=None, duration_seconds=None))

    after = place.things(world)
    for kind, records in before.items():
        if kind == "on a contact":
            continue
        for record, later in zip(records, after[kind], strict=True):
            assert [name for name in record if name not in later] == []
            titles = ("hs_call_title", "Subject", "Description", "ActivityDate", "hs_timestamp")
            assert [name for name in record if record[name] != later[name] and name not in titles] == []
