"""What a partner's program gets, and what it does not."""

import json

import pytest

from receiver.operations import remove_token, tokens
from tests.operations.test_feed import keep
from tests.support.processes import until

one_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROUTES = ("/api/deliveries", "/api/deliveries/a", "/api/stream")


def test_a_delivery_is_given_as_it_was_received(partner, db):
    body = b'{"delivery_id": "a",\r\n "n": 1.50, "big": 12345678901234567890123, "text": "\\u00e9 \xc3\xa9\\n"}'
    keep(db, "a", call_id="c1", received_us=1_800_000_000_123_456, body=body)

    page = partner.get()

    whole = page.json["deliveries"][0]
    assert whole == {
        "id": "a", "source": "acme", "event": "call.completed", "call_id": "c1", "erased_at": None, "body_text": None,
        "received_at": "2027-01-15T08:00:00.123456Z", "body": json.loads(body),
    }  # fmt: skip
    assert b'"n": 1.50, "big": 12345678901234567890123, "text": "\\u00e9 \xc3\xa9\\n"}' in page.data
    assert partner.get("/api/deliveries/a").json == whole
    assert (page.headers["Cache-Control"], page.mimetype) == ("no-store", "application/json")


@one_is_enough
@pytest.mark.parametrize(
    "body",
    [
        b"no JSON",
        b"\xff",
        b'{"n": NaN}',
        b"[" * 60 + b"]" * 60,
        b"[" * 10**5,
        b"1" * 5000,
        b'"a\x01"',
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:6]),
)
def test_a_body_that_some_parsers_refuse_is_a_text_beside_the_others(partner, db, body):
    keep(db, "a")
    keep(db, "odd", body=body)
    keep(db, "b")

    a, odd, b = partner.get().json["deliveries"]

    assert (odd["body"], odd["body_text"]) == (None, body.decode(errors="replace"))
    assert (a["body"], b["body"]) == ({}, {})


def test_what_is_erased_is_said_to_be(partner, db):
    keep(db, "a", body=b"something")
    db.commit(lambda tx: tx.execute("UPDATE deliveries SET erased_us = 1000000"))

    [delivery] = partner.get().json["deliveries"]

    assert (delivery["body"], delivery["body_text"], delivery["erased_at"]) == (
        None,
        None,
        "1970-01-01T00:00:01.000000Z",
    )


def test_a_program_reads_page_after_page_and_comes_again(partner, db):
    keep(db, *(f"a{n}" for n in range(5)))

    first = partner.get(limit=2).json
    second = partner.get(limit=2, after=first["next"]).json
    last = partner.get(limit=2, after=second["next"]).json
    assert [page["has_more"] for page in (first, second, last)] == [True, True, False]
    keep(db, "b")

    assert partner.ids(after=last["next"]) == ["b"]
    empty = partner.get(after=partner.get(after=last["next"]).json["next"]).json
    assert (empty["deliveries"], empty["has_more"]) == ([], False)
    assert partner.ids(after=empty["next"]) == []


def test_filters(partner, db):
    keep(db, "a", call_id="c/1 é", received_us=1_800_000_000_000_000)
    keep(db, "b", event="lead.created", received_us=1_800_000_001_000_000)

    assert partner.ids(event="lead.created") == ["b"]
    assert partner.ids(event=["lead.created", "call.completed"]) == ["a", "b"]
    assert partner.ids(call_id="c/1 é") == ["a"]
    assert partner.ids(since="2027-01-15T08:00:01Z") == ["b"]
    assert partner.ids(since="2027-01-15t09:00:01.0+01:00", until="2027-01-15T08:00:01.000001Z") == ["b"]
    assert partner.ids(until="2027-01-15T08:00:01Z") == ["a"]


def test_nothing_of_one_source_is_visible_from_another(partner, api, db):
    keep(db, "a", call_id="c1")
    keep(db, "same", body=b'"of acme"')
    for source in ("bolt", ""):
        keep(db, "same", "secret", source=source, call_id="c1", body=b'"of others"')
    other = api.partner("bolt")

    assert (partner.ids(), other.ids()) == (["a", "same"], ["same", "secret"])
    assert partner.get("/api/deliveries/same").json["body"] == "of acme"
    assert partner.get("/api/deliveries/secret").status_code == 404
    assert partner.ids(call_id="c1") == ["a"]
    theirs = other.get().json["next"]
    unknown = "c" + "eHh4"
    for path in ("/api/deliveries", "/api/stream"):
        refusals = [partner.get(path, after=cursor) for cursor in (theirs, unknown)]
        assert [refusal.status_code for refusal in refusals] == [400, 400]
        assert refusals[0].data == refusals[1].data  # not even that it is somebody's
    for query in ("source=bolt", "source=", "id=secret"):
        assert partner.get(f"/api/deliveries?{query}").status_code == 400


REFUSALS = [
    # what is asked                          what is said of it
    ("limit=0", "limit: it should be a whole number"),
    ("limit=101", "limit"),
    ("limit=1.0", "limit"),
    ("limit=%D9%A1", "limit"),
    ("limit=1&limit=1", "limit: it may stand there once"),
    ("limit=", "limit"),
    ("after=", "after: it should be"),
    ("after=cYQ=", "after"),
    ("after=cYR", "after"),
    ("after=c_w", "after"),
    ("after=xYQ", "after"),
    ("after=%F0%9F%98%80", "after"),
    ("event=", "event"),
    ("event=a%00", "event"),
    ("event=" + "x" * 101, "event"),
    ("&".join(["event=a"] * 21), "event"),
    ("call_id=%00", "call_id"),
    ("since=today", "since: it should be a time with its zone"),
    ("since=2026-11-24", "since"),
    ("since=2026-11-24T09:30:00", "since"),
    ("since=2026-11-24T09:30:00+01:00", "write a + as %2B"),
    ("since=2026-02-30T00:00:00Z", "since"),
    ("since=0000-01-01T00:00:00Z", "since"),
    ("until=1700000000", "until"),
    ("page=2", "'page': there is no such parameter. There are: after, limit, event, call_id, since, until."),
    ("Limit=2", "'Limit'"),
]


@one_is_enough
@pytest.mark.parametrize(("query", "says"), REFUSALS)
def test_what_makes_no_sense_is_refused_with_its_name(partner, query, says):
    answer = partner.get(f"/api/deliveries?{query}")

    assert (answer.status_code, answer.mimetype, answer.json["reason"]) == (
        400, "application/problem+json", "parameter-not-valid",
    )  # fmt: skip
    assert says in answer.json["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


@one_is_enough
@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic {token}", "{token}", "Bearer {token}x", "Bearer é"]
)
def test_without_a_right_token_nothing_is_read(partner, db, path, header):
    keep(db, "a")
    sent = {"Authorization": header.format(token=partner.token)} if header else {}

    answer = partner.client.get(path, headers=sent)

    assert (answer.status_code, answer.json["reason"]) == (401, "token-not-valid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@one_is_enough
def test_a_token_in_the_address_is_none(partner):
    assert partner.client.get(f"/api/deliveries?token={partner.token}").status_code == 401


def test_a_disabled_source_is_told_so(partner, api, db):
    db.commit(lambda tx: tx.execute("INSERT INTO sources (name, settings, created_us) VALUES ('acme', '', 1)"))
    db.commit(lambda tx: tx.execute("UPDATE sources SET disabled_us = 2"))
    api.known.look()

    answer = partner.get()

    assert (answer.status_code, answer.json["reason"]) == (403, "source-disabled")


def test_a_token_that_is_taken_back_is_none(partner, api, db):
    remove_token(db, tokens(db)[0].id)
    api.known.look()

    assert partner.get().status_code == 401


@one_is_enough
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_is_for_reading(partner, method):
    for path in (*ROUTES, "/api/openapi.json"):
        answer = partner.get(path, method=method)

        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
        assert set(answer.allow) == {"GET", "HEAD"}


@one_is_enough
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/deliveries/", "/api/calls", "/api//deliveries"])
def test_elsewhere_there_is_nothing(partner, path):
    answer = partner.get(path)

    assert (answer.status_code, answer.json["reason"]) == (404, "not-found")
    assert "GET /api/deliveries" in answer.json["detail"]


def test_an_id_may_hold_any_sign(partner, db):
    for key in ("a/b", "a//b", "é ñ", "%2F", "?x=1", "stream"):
        keep(db, key)
        path = "/api/deliveries/" + "".join(f"%{byte:02X}" for byte in key.encode())
        assert partner.get(path).json["id"] == key
    assert partner.get("/api/deliveries/%00").status_code == 404


@one_is_enough
def test_a_program_that_asks_without_end_is_told_to_wait_and_others_are_not(partner, api, db):
    other = api.partner("bolt")

    answers = [partner.get() for _ in range(60)]

    last = answers[-1]
    assert (last.status_code, last.json["reason"], last.headers["Retry-After"]) == (429, "too-many-requests", "1")
    assert other.get().status_code == 200
    until(lambda: partner.get().status_code == 200, within_s=3, what="the next one")


def test_a_database_that_is_away_is_a_503(partner, db):
    db.commit(lambda tx: tx.execute("ALTER TABLE deliveries RENAME TO elsewhere"))

    answer = partner.get()

    assert (answer.status_code, answer.json["reason"], answer.headers["Retry-After"]) == (503, "database-away", "5")


def test_when_a_token_was_last_used_is_noted_once_a_minute(partner, api, db):
    partner.get()
    api.known.look()
    assert tokens(db)[0].used_us is None

    api.known.noted_at -= 61
    api.known.look()

    assert abs(tokens(db)[0].used_us - db.now_us()) < 60_000_000


def test_reading_changes_nothing(partner, db):
    keep(db, "a")
    tables = ("deliveries", "runs", "attempts")
    before = [db.read(f"SELECT * FROM {table}") for table in tables]

    partner.get()
    partner.get("/api/deliveries/a")

    assert [list(map(dict, rows)) for rows in before] == [
        list(map(dict, db.read(f"SELECT * FROM {table}"))) for table in tables
    ]
