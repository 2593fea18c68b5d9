"""The CRMs' people, with the calls on them."""

import pytest

from mock_sender.destinations.salesforce_rules import KEY
from mock_sender.destinations.view.crm import SHOWN, as_text, in_hubspot, in_salesforce, lines


def put(world, kind, **properties):
    made = str(next(world.hubspot.ids))
    world.hubspot.objects[kind][made] = properties
    return made


def test_a_contact_of_hubspot_stands_with_its_calls_and_meetings_before_those_without(played):
    ada = played.hubspot.add_contact(firstname="Ada", lastname="Moreno", phone="+15550100")
    played.hubspot.add_contact(firstname="Sam")
    call = put(
        played, "calls", hs_call_title="Call from Ada", hs_call_body="Asked.<br><br>Intent: &lt;price&gt;",
        hs_call_duration="65000", hs_timestamp="odd",
    )  # fmt: skip
    note = put(played, "notes", hs_note_body="New lead: Ada<br>Wants it")
    played.hubspot.associations |= {("calls", call, ada), ("notes", note, ada)}
    put(played, "meetings", hs_meeting_title="Of nobody")

    [people] = in_hubspot(played)

    assert [(p.kind, p.name, p.details, [(e.kind, e.title, e.when, e.took, e.text) for e in p.entries]) for p in people.people] == [
        ("", "", (), [("meeting", "Of nobody", "", "", "")]),
        ("contact", "Ada Moreno", ("+15550100",), [
            ("call", "Call from Ada", "odd", "1:05 min", "Asked.\n\nIntent: <price>"),
            ("note", "New lead: Ada", "", "", "Wants it"),
        ]),
        ("contact", "Sam", (), []),
    ]  # fmt: skip
    assert lines([people], "es", 60) == [
        "│ Sin contacto",
        "│   Reunión   Of nobody",
        "│ Ada Moreno · +15550100",
        "│   Llamada   odd · Call from Ada · 1:05 min",
        "│   Nota      New lead: Ada",
        "│ Sam",
    ]


def test_leads_and_contacts_of_salesforce_stand_with_their_tasks_and_events(played):
    lead = played.salesforce.add("Lead", LastName="Moreno", Company="Unknown", **{KEY: "+1"})
    contact = played.salesforce.add("Contact", FirstName="Sam", LastName="O", Phone="+2")
    played.salesforce.add("Task", Subject="Call", TaskSubtype="Call", CallDurationInSeconds=5, WhoId=lead)
    played.salesforce.add("Task", Subject="Ring back", ActivityDate="2026-11-30", WhoId=contact)
    played.salesforce.add("Event", Subject="Visit", WhoId=contact)

    [people] = in_salesforce(played)

    assert [(p.kind, p.name, p.details, [(e.kind, e.title, e.when, e.took) for e in p.entries]) for p in people.people] == [
        ("contact", "Sam O", ("+2",), [("task", "Ring back", "2026-11-30", ""), ("meeting", "Visit", "", "")]),
        ("lead", "Moreno", ("Unknown",), [("call", "Call", "", "0:05 min")]),
    ]  # fmt: skip


def test_of_an_address_book_a_part_is_shown_and_the_rest_counted(played):
    for number in range(SHOWN + 3):
        played.hubspot.add_contact(firstname=str(number))

    [people] = in_hubspot(played)

    assert (len(people.people), people.people[0].name, people.more) == (SHOWN, str(SHOWN + 2), 3)


def test_nothing_is_seen_where_there_is_nobody(played):
    assert (in_hubspot(played), in_salesforce(played)) == ([], [])


@pytest.mark.parametrize(("body", "text"), [("a<br/>b", "a\nb"), ("<p>a</p>b", "a\nb"), ("&lt;b&gt;", "<b>")])
def test_html_of_a_note_is_read_as_the_text_it_shows(body, text):
    assert as_text(body) == text
