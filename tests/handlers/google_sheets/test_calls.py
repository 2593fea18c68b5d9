"""One row for each call, whatever people do to the rows meanwhile, and whatever fails."""

import itertools
from dataclasses import replace

import pytest

from handlers.google_sheets import append_row as append_rows
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import read_event
from receiver.registry import Earlier
from tests.support.tools import a_delivery, a_run, booked, completed, lead, transferred

CALL = [
    completed("d-1", intent="check-up", started_at="2026-02-25T10:00:00Z"),
    transferred("d-2"),
    booked("d-3"),
    lead("d-4", call_summary="Brakes, again"),
]
KNOWN = {
    "caller_name": "Ada Moreno", "caller_phone": "+15550100", "caller_email": "ada@example.com", "summary": "Brakes",
    "intent": "check-up", "service_type": "Check-up", "appointment_time_start": "2026-02-25 12:00",
    "interest": "Whitening", "transferred_to_label": "Front desk", "reason": "Asked for a person",
    "duration_seconds": "55", "call_id": "call-1",
    "event": "appointment.booked, call.completed, call.transferred, lead.created",
}  # fmt: skip


class Desk:
    """A receiver at one sheet: it hands events to the handler, and remembers outcomes as the inbox would."""

    def __init__(self, world, **env):
        self.world, self.done = world, []
        self.env = world.env | {"GOOGLE_SHEETS_LAYOUT": "calls", "BUSINESS_TIMEZONE": "Europe/Madrid"} | env

    def run(self, event, attempt=1):
        others = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        earlier = [other for other in others if event.call_id and other.event.call_id == event.call_id]
        return a_run("google_sheets.append_row", self.env, event, attempt=attempt, earlier=earlier)

    def attempt(self, event, attempt=1):
        """One attempt whose end is recorded; what it was."""
        (end,) = append_rows([event], [self.run(event, attempt)])
        self.done = [other for other in self.done if other.event.delivery_id != event.delivery_id]
        self.done.append(Earlier(event=event, outcome=end if isinstance(end, str) else ""))
        return end

    def rows(self):
        return self.world.sheets.rows("Calls")


@pytest.fixture
def desk(world):
    return Desk(world)


def of_another_call(event, call="call-2"):
    return replace(event, call_id=call, delivery_id=f"{event.delivery_id}-of-{call}", data={"call_id": call})


@pytest.mark.parametrize(
    "order", list(itertools.permutations(CALL))[::5], ids=lambda o: "".join(e.delivery_id[2] for e in o)
)
def test_in_any_order_and_repeated_the_events_of_a_call_make_one_row(desk, order):
    first = [desk.attempt(event) for event in order]
    again = [desk.attempt(event, attempt=2) for event in order]

    [row] = desk.rows()
    assert {name: row[name] for name in KNOWN} == KNOWN
    assert row["delivery_id"] == order[0].delivery_id
    assert first == again == ["Calls, row of call-1"] * 4
    assert list(desk.world.sheets.tabs) == ["Calls"]


def test_calls_have_a_row_each_and_so_have_events_without_a_call(desk):
    nameless = [replace(event, call_id=None, data={}) for event in (completed("d-8"), lead("d-9"))]
    for event in [*CALL[:2], of_another_call(CALL[0]), *nameless, CALL[2]]:
        desk.attempt(event)
    desk.attempt(nameless[0], attempt=2)

    assert [(row["call_id"], row["delivery_id"]) for row in desk.rows()] == [
        ("call-1", "d-1"), ("call-2", "d-1-of-call-2"), ("", "d-8"), ("", "d-9"),
    ]  # fmt: skip


def test_an_event_of_a_call_is_a_read_and_a_write(desk):
    desk.attempt(CALL[0])
    desk.world.sheets.calls.clear()

    desk.attempt(CALL[1])
    desk.attempt(of_another_call(CALL[0]))

    assert desk.world.sheets.calls == ["GET spreadsheet", "POST updateCells", "GET spreadsheet", "POST appendCells"]


def with_others(desk):
    """Three calls, of which the first has one event so far, and what the staff made of them."""
    for event in [CALL[0], of_another_call(CALL[0], "call-2"), of_another_call(CALL[0], "call-3")]:
        desk.attempt(event)
    tab = desk.world.sheets.tabs["Calls"]
    for number, row in enumerate(tab[1:], start=1):
        row.extend([""] * (len(tab[0]) - len(row)))
        row[-3:] = ["Called back", "Eva", f"note {number}"]
    return tab


def sort(tab):
    tab[1:] = tab[:0:-1]


def insert(tab):
    tab[1:1] = [["ours", "no", "call"], []]


def delete(tab):
    del tab[2]


def move_the_staffs_columns(tab):
    for row in tab:
        row[:] = row[-3:] + row[:-3]


@pytest.mark.parametrize("change", [sort, insert, delete, move_the_staffs_columns])
def test_what_people_do_to_the_rows_leads_no_event_astray_and_their_cells_stay(desk, change):
    tab, sheets = with_others(desk), desk.world.sheets
    change(tab)
    if change is move_the_staffs_columns:
        sheets.columns["Calls"] = {place + 3: shape for place, shape in sheets.columns["Calls"].items()}
        sheets.formats["Calls"] = {(row, place + 3): shape for (row, place), shape in sheets.formats["Calls"].items()}
    before = {row["call_id"]: row for row in desk.rows() if row.get("call_id")}

    desk.attempt(CALL[2])

    after = {row["call_id"]: row for row in desk.rows() if row.get("call_id")}
    known = {"service_type": "Check-up", "appointment_time_start": "2026-02-25 12:00"}
    assert after == before | {"call-1": before["call-1"] | known | {"event": "appointment.booked, call.completed"}}
    assert after["call-1"]["notes"] == "note 1"


def test_a_row_that_was_deleted_is_made_again_by_the_next_event_with_all_that_is_known(desk):
    desk.attempt(CALL[0])
    del desk.world.sheets.tabs["Calls"][1]

    desk.attempt(CALL[3])

    [row] = desk.rows()
    assert (row["summary"], row["interest"]) == ("Brakes", "Whitening")


def test_what_people_correct_in_a_row_stays(desk):
    desk.attempt(CALL[0])
    tab = desk.world.sheets.tabs["Calls"]
    tab[1][tab[0].index("caller_name")] = "Ada Morena"

    for event in CALL[1:]:
        desk.attempt(event)

    assert desk.rows()[0]["caller_name"] == "Ada Morena"


FAULTS = [
    (mode, path) for mode in ("drop", "reset") for path in ("addSheet", "appendCells", "updateCells", "ranges", "values")
]  # fmt: skip


@pytest.mark.parametrize(("mode", "path"), FAULTS)
def test_whichever_answer_is_lost_the_call_has_one_row(desk, mode, path):
    desk.world.fail("sheets", mode=mode, path=path)

    for event in CALL[:3]:
        attempt = 1
        while not isinstance(desk.attempt(event, attempt), str):
            attempt += 1

    [row] = desk.rows()
    assert (row["summary"], row["reason"], row["service_type"]) == ("Brakes", "Asked for a person", "Check-up")


def test_an_event_finds_the_row_of_another_whose_answer_was_lost(desk):
    desk.attempt(of_another_call(CALL[0]))
    desk.world.fail("sheets", mode="drop", path="appendCells")
    lost = desk.attempt(CALL[0])

    desk.attempt(CALL[3])
    desk.attempt(CALL[0], attempt=2)

    assert type(lost) is RetryLater
    assert [(row["call_id"], row["event"]) for row in desk.rows()] == [
        ("call-2", "call.completed"), ("call-1", "call.completed, lead.created"),
    ]  # fmt: skip


def at_that_moment(desk, change, path="updateCells"):
    def watch(name, asked, stage):
        if stage == "received" and path in asked:
            desk.world.watch = lambda *_: None
            change(desk.world.sheets.tabs["Calls"])

    desk.world.watch = watch


def test_rows_that_are_sorted_between_the_look_and_the_write_are_seen_and_written_again(desk):
    with_others(desk)
    at_that_moment(desk, sort)

    moved = desk.attempt(CALL[2])
    desk.attempt(CALL[2], attempt=2)
    [hit] = [row for row in desk.rows() if row["call_id"] == "call-3"]
    desk.attempt(of_another_call(CALL[0], "call-3"), attempt=2)

    rows = {row["call_id"]: row for row in desk.rows()}
    assert type(moved) is RetryLater
    assert "the row of call-3, which receiver replay --again --call writes anew" in str(moved)
    assert (rows["call-1"]["service_type"], hit["event"]) == ("Check-up", "appointment.booked, call.completed")
    assert rows["call-3"]["event"] == "call.completed"


def test_a_column_that_is_inserted_between_two_reads_makes_no_second_row(desk):
    desk.attempt(CALL[0])
    tab = desk.world.sheets.tabs["Calls"]
    for row in tab:  # so that the column is read by itself
        row.insert(0, "")
    tab[0][0] = "mine"
    at_that_moment(desk, lambda tab: [row.insert(1, "") for row in tab], path="/values/")

    moved = desk.attempt(CALL[1])
    desk.attempt(CALL[1], attempt=2)

    assert (type(moved), "columns" in str(moved)) == (RetryLater, True)
    assert [row["call_id"] for row in desk.rows()] == ["call-1"]


def test_two_events_of_a_call_in_one_batch_make_one_row(desk):
    ends = append_rows(CALL[:2], [replace(desk.run(event), id=number) for number, event in enumerate(CALL[:2])])

    assert [type(end) for end in ends] == [str, RetryLater]
    assert len(desk.rows()) == 1


def test_of_two_rows_with_a_calls_id_the_upper_one_is_kept_up_to_date(desk):
    desk.attempt(CALL[0])
    tab = desk.world.sheets.tabs["Calls"]
    tab.append(list(tab[1]))

    desk.attempt(CALL[3])

    assert [row["event"] for row in desk.rows()] == ["call.completed, lead.created", "call.completed"]


def test_an_event_that_this_version_does_not_know_has_a_row_in_its_own_tab(desk):
    desk.attempt(CALL[0])

    desk.attempt(read_event(a_delivery("call.rated", "d-9", stars=5)))

    assert [row["event"] for row in desk.rows()] == ["call.completed"]
    assert [row["delivery_id"] for row in desk.world.sheets.rows("Other")] == ["d-9"]


def test_one_tab_for_everything_has_one_row_for_a_call_all_the_same(world):
    desk = Desk(world, GOOGLE_SHEETS_TABS="call.completed=Calls, other=Calls")
    for event in [CALL[0], read_event(a_delivery("call.rated", "d-9", stars=5)), CALL[3]]:
        desk.attempt(event)

    [row] = desk.rows()
    assert (row["event"], row["interest"]) == ("call.completed, call.rated, lead.created", "Whitening")
    assert '"stars": 5' in row["data"]


def test_a_number_that_was_withheld_gives_way_to_one_that_was_not(desk):
    for event in (completed("d-1", caller_phone="+266696687"), lead("d-2")):
        desk.attempt(event)

    assert desk.rows()[0]["caller_phone"] == "+15550100"


def test_a_tab_without_the_calls_id_pauses_and_says_so(desk):
    desk.world.sheets.tabs["Calls"] = [["delivery_id", "summary"]]

    end = desk.attempt(CALL[0])

    assert (type(end), "no column called call_id" in str(end)) == (Pause, True)


def test_a_narrow_tab_is_read_all_the_same(desk):
    desk.world.sheets.tabs["Calls"] = [["call_id", "delivery_id", "summary"]]
    desk.world.sheets.widths["Calls"] = 3

    ends = [desk.attempt(event) for event in CALL[:2]]

    assert ends == ["Calls, row of call-1"] * 2
    assert desk.world.sheets.tabs["Calls"][1:] == [["call-1", "d-1", "Brakes"]]


def test_an_update_that_google_refuses_is_given_up_where_the_tab_takes_others_and_else_pauses(desk):
    with_others(desk)
    desk.world.sheets.refuses = "poison"
    bad, good = lead("d-4", interest="poison"), of_another_call(CALL[2], "call-2")

    ends = append_rows([bad, good], [replace(desk.run(event), id=n) for n, event in enumerate([bad, good])])
    alone = desk.attempt(bad)

    assert [type(end) for end in ends] == [GiveUp, str]
    assert type(alone) is Pause


def test_a_protected_tab_pauses_its_updates(desk):
    desk.attempt(CALL[0])
    desk.world.sheets.protected.add("Calls")

    end = desk.attempt(CALL[1])

    assert (type(end), "protected" in str(end)) == (Pause, True)


def test_a_replay_writes_all_that_is_known_anew(desk):
    for event in (CALL[0], CALL[3]):
        desk.attempt(event)
    tab = desk.world.sheets.tabs["Calls"]
    tab[1][tab[0].index("interest")] = "overwritten"

    desk.attempt(CALL[0], attempt=2)

    assert desk.rows()[0]["interest"] == "Whitening"


def test_an_event_brings_along_what_another_could_not_write(desk):
    desk.attempt(CALL[0])
    desk.world.fail("sheets", mode="reset", path="updateCells")
    desk.attempt(CALL[2])

    desk.attempt(CALL[3])

    assert desk.rows()[0]["service_type"] == "Check-up"


def test_the_rows_of_a_batch_keep_the_order_of_its_events(desk):
    events = [of_another_call(CALL[0], f"call-{number}") for number in range(3)]

    append_rows(events, [replace(desk.run(event), id=number) for number, event in enumerate(events)])

    assert [row["call_id"] for row in desk.rows()] == ["call-0", "call-1", "call-2"]
