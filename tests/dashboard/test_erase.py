"""A person is erased by the pages: looked for, shown, and erased by the worker once somebody says so."""

import json

import pytest

from receiver import operations
from receiver.errors import NotFound, StoreUnavailable
from receiver.operations import erasing
from tests.operations.test_erase import CALL, EMAIL, NAME, PHONE, WORDS, Person, other
from tests.support.browsing import on_both
from tests.support.tools import in_zone

DAY_US = 86_400_000_000


@pytest.fixture
def person(db, desk_env):
    person = Person(db, desk_env)
    person.live()
    person.look()
    return person


@pytest.fixture
def begun(person, browser):
    """With the preview of what would go."""
    return look_for(person, browser, phone=PHONE)


def look_for(person, browser, **typed):
    browser.get("/erase")
    browser.submit("/erase", **typed)
    assert browser.follow().status_code == 200
    work(person)
    browser.get(browser.page.request.path)
    return browser


def work(person):
    operations.work_on_erasures(person.db, person.settings, ())
    operations.forget_erasures(person.db, operations.Aging(person.db))


def path(browser):
    return browser.page.request.path


@on_both()
def test_what_would_go_is_shown_and_then_it_goes_for_good(person, begun):
    assert "1 call, with everything" in begun.text
    assert "slack" in begun.text.lower()
    assert f"{NAME} · +34 •••" in begun.text
    assert "InboundFlow: the call, its recording" in begun.text
    assert person.left() == list(WORDS)

    begun.submit(f"{path(begun)}/start")
    begun.follow()
    assert "being erased" in begun.text
    work(person)
    work(person)
    begun.get(path(begun))

    assert "Erased: 3 reports" in begun.text
    assert "InboundFlow: the call, its recording" in begun.text
    assert person.left() == []
    assert not [word for word in (*WORDS, NAME.split()[0]) if word in begun.page.text]
    assert b"Bea wants whitening" in person.db.read("SELECT body FROM deliveries WHERE key = 'b-1'")[0]["body"]
    [note] = person.db.read("SELECT who FROM audit WHERE action = 'erase'")
    assert note["who"] == "Ana"


def test_a_call_names_its_person_by_number_and_address(person, browser):
    person.keep(other("k-8", call="other-call", phone="+34611111111", caller_email=EMAIL))
    person.keep(other("k-9", call="third-call", phone=PHONE))
    operations.fold(person.db, in_zone(person.db))
    browser.get(f"/call?id={CALL}")

    browser.submit("/erase")
    browser.follow()
    work(person)
    browser.get(path(browser))

    assert "3 calls, with everything" in browser.text


@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("en", {}, "Write the person's number"),
        ("es", {}, "Escribe el número o el correo"),
        ("en", {"phone": "612 345 678"}, "with its country's prefix"),
        ("es", {"phone": "612 345 678"}, "con el prefijo del país"),
        ("es", {"email": "ada"}, "nombre@example.com"),
    ],
)
def test_what_is_no_number_is_said_and_nothing_is_begun(person, browser, lang, typed, said):
    browser.get(f"/erase?lang={lang}")
    browser.follow()
    browser.submit("/erase", **typed)

    assert (browser.page.status_code, said in browser.text) == (200, True)
    assert person.count("erasures") == 0


def test_of_whom_nothing_is_kept_nothing_is_written_down(person, browser):
    look_for(person, browser, phone="+34655555555", email="nobody@example.org")

    assert "Nothing of this person is kept here." in browser.text
    assert "55555" not in str([dict(row) for row in person.db.read("SELECT * FROM erasures")])


def test_a_look_that_nobody_confirms_is_forgotten(person, begun):
    person.db.commit(lambda tx: tx.execute("UPDATE erasures SET made_us = made_us - ?", (DAY_US,)))
    work(person)

    assert person.count("erasures") == 0
    assert begun.get(path(begun)).status_code == 404
    assert person.count("deliveries") == 4


def test_somebody_may_decide_against_it(person, begun):
    begun.submit(f"{path(begun)}/drop")

    assert person.count("erasures") == 0
    assert person.left() == list(WORDS)


def finished(person, begun):
    begun.submit(f"{path(begun)}/start")
    work(person)
    work(person)
    begun.follow()


def test_a_receipt_stays_for_thirty_days(person, begun):
    finished(person, begun)
    for days, kept in ((29, 1), (2, 0)):
        person.db.commit(
            lambda tx, days=days: tx.execute("UPDATE erasures SET ended_us = ended_us - ?", (days * DAY_US,))
        )
        work(person)
        assert person.count("erasures") == kept


def test_after_a_stop_half_way_it_is_gone_on_with_and_the_receipt_is_whole(person, begun, monkeypatch):
    begun.submit(f"{path(begun)}/start")
    whole = erasing.write

    def stopped(db, row, state, *values, **more):
        if state == erasing.CLEARING:
            raise StoreUnavailable("the machine went away")
        whole(db, row, state, *values, **more)

    monkeypatch.setattr(erasing, "write", stopped)
    with pytest.raises(StoreUnavailable):
        work(person)
    assert person.db.read("SELECT length(body) AS n FROM deliveries WHERE key = 'k-1'")[0]["n"] == 0
    monkeypatch.undo()
    work(person)
    work(person)
    begun.follow()

    assert "Erased: 3 reports" in begun.text
    assert "message 17.5 in C0123 for …" in begun.text
    assert person.left() == []


def test_twice_pressed_it_is_done_once(person, begun):
    begun.submit(f"{path(begun)}/start")
    begun.post(f"{path(begun).removesuffix('/start')}/start")
    work(person)
    work(person)

    assert len(person.db.read("SELECT 1 FROM audit WHERE action = 'erase'")) == 1


def test_an_erasure_by_the_command_forgets_whom_somebody_looked_for(person, begun):
    person.erase()

    assert person.count("erasures") == 0
    assert person.left() == []


def test_a_receipt_of_anothers_does_not_name_whom_is_erased_later(person, begun):
    finished(person, begun)
    said = {name: f"{name}: asked by {NAME}, {PHONE}" for name in ("outcome", "stays", "why")}
    receipt = json.dumps({"places": [said]})
    person.keep(other("k-7", phone=PHONE, caller_name=NAME))
    person.db.commit(lambda tx: tx.execute("UPDATE erasures SET receipt = ?", (receipt,)))
    person.erase()

    kept = person.db.read("SELECT receipt FROM erasures")[0]["receipt"]
    [place] = json.loads(kept)["places"]
    assert {name: text.partition(",")[0] for name, text in place.items()} == {
        name: f"{name}: asked by …" for name in said
    }
    assert not [word for word in WORDS if word in kept]


def test_of_another_business_nothing_is_found_and_nothing_seen(person, begun):
    number = int(path(begun).rpartition("/")[2])

    for ask in (operations.erasure, operations.begin_erasure):
        with pytest.raises(NotFound):
            ask(person.db, number, "elsewhere")
    operations.drop_erasure(person.db, number, "elsewhere")
    assert operations.erasure(person.db, number, "").state == "ready"
