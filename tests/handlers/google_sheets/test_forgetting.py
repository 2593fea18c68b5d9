"""The rows of somebody who is erased go, whatever people do to the sheet, and every other row stays as it is."""

import json
from dataclasses import replace

import pytest

from handlers.google_sheets import append_row as append_rows
from handlers.google_sheets import forget
from receiver.errors import GiveUp, Pause, RetryLater
from receiver.events import read_event
from tests.support.tools import a_delivery, a_run, booked, completed, lead, transferred

CALL = [completed("d-1"), transferred("d-2"), booked("d-3"), lead("d-4")]
OTHERS = [
    replace(event, call_id=f"call-of-{key}", caller_name=key, delivery_id=f"{key}-{event.delivery_id}")
    for key in ("bea", "cleo")
    for event in CALL
]
LAYOUTS = ["events", "calls"]


class Desk:
    """A sheet with the events of three calls, and what the staff wrote beside them."""

    def __init__(self, world, layout="events"):
        self.world, self.sheets = world, world.sheets
        self.env = world.env | {"GOOGLE_SHEETS_LAYOUT": layout}
        self.outcomes = {}
        for together in zip(OTHERS[:4], CALL, OTHERS[4:], strict=True):  # few requests, as Google counts them
            runs = [replace(self.run(event), id=n) for n, event in enumerate(together)]
            ends = append_rows(together, runs)
            self.outcomes |= {event.delivery_id: end for event, end in zip(together, ends, strict=True)}
        for tab in self.sheets.tabs.values():
            for number, row in enumerate(tab[1:], start=1):
                row.extend([""] * (len(tab[0]) - len(row)))
                row[-1] = f"note {number}"
        self.before = self.rows()

    def run(self, event):
        return a_run("google_sheets.append_row", self.env, event)

    def rows(self):
        """Those that hold anything, by tab."""
        return {tab: sorted(filter(any, rows)) for tab, rows in self.sheets.tabs.items()}

    def others(self):
        """What was there of everybody else before."""
        return {
            tab: [row for row in rows if not {"d-1", "d-2", "d-3", "d-4"} & {*row}] for tab, rows in self.before.items()
        }

    def forget(self, event=CALL[0], outcome=None):
        return forget(event, self.run(event), self.outcomes[event.delivery_id] if outcome is None else outcome)

    def forget_all(self):
        return [self.forget(event) for event in reversed(CALL)]

    def writes(self):
        return [call for call in self.sheets.calls if call.startswith("POST")]


@pytest.fixture
def desk(world):
    return Desk(world)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_rows_of_a_call_go_with_the_staffs_notes_and_those_of_others_stay(world, layout):
    desk = Desk(world, layout)

    assert desk.forget_all() == [""] * 4
    assert desk.rows() == desk.others()
    assert sum(len(rows) for rows in desk.before.values()) - sum(map(len, desk.rows().values())) == (
        4 if layout == "events" else 1
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_row_that_is_gone_counts_as_deleted(world, layout):
    desk = Desk(world, layout)
    event = CALL[0]
    desk.forget(event)
    writes = len(desk.writes())

    assert desk.forget(event) == ""
    assert (desk.rows()["Calls"], len(desk.writes())) == (desk.others()["Calls"], writes)


def test_an_erased_delivery_and_an_attempt_of_unknown_end_are_found_by_the_id(desk):
    bare = read_event(replace(a_delivery("call.completed", "d-1"), body=b"", call_id=None))

    desk.forget(bare, outcome="Calls, row of …")
    desk.forget(CALL[1], outcome="")

    assert [desk.rows()[tab] for tab in ("Calls", "Transfers")] == [
        desk.others()[tab] for tab in ("Calls", "Transfers")
    ]


def test_a_row_is_a_read_and_two_writes(desk):
    desk.sheets.calls.clear()

    desk.forget()

    assert desk.sheets.calls == ["GET spreadsheet", "POST addSheet", "POST deleteSheet"]


def sort(tab):
    tab[1:] = tab[:0:-1]


def insert(tab):
    tab[1:1] = [["ours", "no", "call"], []]


def move_columns(tab):
    for row in tab:
        row[:] = row[-3:] + row[:-3]


@pytest.mark.parametrize("change", [sort, insert, move_columns])
def test_wherever_people_moved_the_row_it_is_found(desk, change):
    change(desk.sheets.tabs["Calls"])
    desk.before = desk.rows()

    desk.forget()

    assert desk.rows()["Calls"] == sorted(desk.others()["Calls"])
    assert len(desk.rows()["Calls"]) == len(desk.before["Calls"]) - 1


def test_rows_that_are_sorted_between_the_look_and_the_cut_lose_nothing(desk):
    def insert_on_top(tab):
        tab[1:1] = [tab.pop()]

    at_that_moment(desk, insert_on_top)

    with pytest.raises(RetryLater, match="moved at that moment"):
        desk.forget()
    assert desk.rows() == desk.before
    assert desk.forget() == ""
    assert desk.rows()["Calls"] == desk.others()["Calls"]


def test_a_row_that_somebody_deletes_between_the_look_and_the_cut_takes_no_other_with_it(desk):
    at_that_moment(desk, lambda tab: tab.pop(2))

    with pytest.raises(RetryLater):
        desk.forget()
    desk.forget()

    assert desk.rows()["Calls"] == desk.others()["Calls"]


def at_that_moment(desk, change, path="addSheet", tab="Calls"):
    def watch(name, asked, stage):
        if stage == "received" and path in asked:
            desk.world.watch = lambda *_: None
            change(desk.sheets.tabs[tab])

    desk.world.watch = watch


@pytest.mark.parametrize("mode", ["reset", "drop"])
@pytest.mark.parametrize("path", ["ranges", "addSheet", "deleteSheet"])
def test_whichever_answer_is_lost_the_row_goes_and_nothing_is_left_aside(desk, mode, path):
    desk.world.fail("sheets", mode=mode, path=path)

    with pytest.raises(RetryLater):
        desk.forget()
    desk.forget()

    assert (desk.rows()["Calls"], {*desk.sheets.tabs}) == (desk.others()["Calls"], {*desk.before})


def test_what_an_attempt_that_died_had_cut_by_mistake_is_put_back(desk):
    at_that_moment(desk, lambda tab: tab.insert(1, tab.pop()))
    desk.world.fail("sheets", mode="reset", path="insertDimension")

    with pytest.raises(RetryLater):
        desk.forget()
    assert len(desk.sheets.tabs) == len(desk.before) + 1
    with pytest.raises(RetryLater):
        desk.forget()
    desk.forget()

    assert (desk.rows()["Calls"], {*desk.sheets.tabs}) == (desk.others()["Calls"], {*desk.before})


def test_a_row_that_people_copied_goes_with_its_copy(desk):
    tab = desk.sheets.tabs["Calls"]
    tab.append(list(tab[2]))

    desk.forget()

    assert desk.rows()["Calls"] == desk.others()["Calls"]


def rename(desk):
    desk.sheets.tabs["Old calls"] = desk.sheets.tabs.pop("Calls")


def rename_column(desk):
    desk.sheets.tabs["Calls"][0][desk.sheets.tabs["Calls"][0].index("delivery_id")] = "ours"


def protect(desk):
    desk.sheets.protected.add("Calls")


def merge(desk):
    desk.sheets.rules["Calls"] = "You can't perform a paste that partially intersects a merge."


def answer(status, message):
    body = json.dumps({"error": {"code": status, "message": message, "status": "X"}})
    return lambda desk: desk.world.fail("sheets", status=status, body=body)


REFUSALS = [
    # what stands in the way                              what becomes of it, and why
    (rename,                                              GiveUp,     "no tab Calls any more"),
    (rename_column,                                       GiveUp,     "no column called delivery_id"),
    (merge,                                               GiveUp,     "merged cells"),
    (protect,                                             Pause,      "protected"),
    (answer(403, "The caller does not have permission"),  Pause,      "share the sheet"),
    (answer(429, "Quota exceeded"),                       RetryLater, "quota"),
    (answer(503, "The service is unavailable"),           RetryLater, "503"),
]  # fmt: skip


@pytest.mark.parametrize(("obstacle", "error", "why"), REFUSALS)
def test_what_stands_in_the_way_is_said_and_nothing_is_lost(desk, obstacle, error, why):
    obstacle(desk)
    before = desk.rows()

    with pytest.raises(error, match=why):
        desk.forget()

    assert desk.rows() == before
