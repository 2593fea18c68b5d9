"""The pages for chores: each block marked sh is run, in order, at a real receiver."""

import json
import re

import pytest

from mock_sender.payloads import Payload
from mock_sender.sender import deliver
from tests.deploy.desk import SECRET, Desk
from tests.deploy.pages import HEADINGS, commands, headings
from tests.support.processes import until

CHORES = [
    "answer-an-erase-request",
    "local-development",
    "move-to-postgres",
    "recover-a-disabled-webhook",
    "repair-after-an-outage",
    "rotate-the-secret",
]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize("page", CHORES)
def test_a_page_has_its_headings(page):
    assert headings(page) == HEADINGS


@pytest.mark.parametrize("page", CHORES)
def test_a_pages_check_ends_with_doctor(page):
    assert re.search(r"\.venv/bin/receiver doctor( \|\| true)?\n\Z", commands(page)["Check that it works"][-1])


def test_no_delivery_is_refused_while_the_secret_is_rotated(desk):
    page = commands("rotate-the-secret", **desk.changes)
    new = desk.must(page["Do it"][0]).strip()
    check = page["Check that it works"][0]

    with desk.up(INBOUNDFLOW_SIGNING_SECRET=new, INBOUNDFLOW_SIGNING_SECRET_PREVIOUS=SECRET):
        both = [desk.must(check, SECRET=secret) for secret in (SECRET, new)]
        desk.must(page["Check that it works"][1])
    with desk.up(INBOUNDFLOW_SIGNING_SECRET=new):
        after = desk.must(check, SECRET=new)
        refused = desk.run(check, SECRET=SECRET)

    assert ["stored" in said for said in (*both, after)] == [True] * 3
    assert (refused.returncode, "signature-mismatch" in refused.stdout + refused.stderr) == (1, True)


def test_a_webhook_is_recovered(desk):
    page = commands("recover-a-disabled-webhook", **desk.changes)

    with desk.up():
        said = [desk.must(block) for block in page["Do it"]]
        listed, doctor = map(desk.must, page["Check that it works"])

    assert "Nothing needs your attention." in doctor
    assert '"degraded"' in said[1]
    assert "stored" in said[2]
    assert listed.count("call.completed") == 1


def test_an_outage_is_repaired(tmp_path, world):
    """Slack's token is refused meanwhile, so the destination is paused."""
    desk = Desk(tmp_path, **world.env)
    page = commands("repair-after-an-outage", **desk.changes)
    send = f".venv/bin/mock-sender send call.completed --to {desk.changes['https://your-address']}/webhooks/inboundflow"
    doctor, look, resume, replay, cancel = page["Do it"]

    with desk.up():
        world.fail("slack", status=200, body='{"ok": false, "error": "token_revoked"}', times=100)
        desk.must(send)
        until(lambda: "slack.post" in desk.must(".venv/bin/receiver pause"), what="the pause")
        assert "slack.post" in desk.must(doctor)
        desk.must(look)
        world.faults.waiting.clear()
        desk.must(resume)
        desk.must(replay)
        until(lambda: len(world.slack.messages) == 1, what="the message")
        until(lambda: set(desk.states()) == {"succeeded"}, what="the success of all")
        world.fail("slack", status=200, body='{"ok": false, "error": "invalid_blocks"}', times=100)
        desk.must(send)
        until(lambda: "dead" in desk.states(), what="a dead letter")
        world.faults.waiting.clear()
        desk.must(cancel)
        said = desk.must(page["Check that it works"][0])

    assert "Nothing needs your attention." in said


def test_the_inbox_moves_to_postgres_and_nothing_is_left_behind(tmp_path, postgres):
    url = postgres.new_database()
    desk = Desk(tmp_path)
    page = commands("move-to-postgres", **desk.changes, **{"postgres://user:password@host:5432/database": url})
    send = f".venv/bin/mock-sender call --to {desk.changes['https://your-address']}/webhooks/inboundflow"
    copy, cutover = page["Do it"]
    assert page["Before you start"] == [f"export TO={url}\n"]

    with desk.up():
        desk.must(send)
        until(lambda: set(desk.states()) == {"succeeded"}, what="the handling of all")  # or the copy says what differs
        desk.must(copy, TO=url)
        desk.must(send)
        desk.must(cutover, TO=url)
        refused = desk.run(send)
    with desk.up(DATABASE_URL=url):
        desk.must(send)
        desk.must(page["Check that it works"][0], TO=url)
        listed = desk.must('DATABASE_URL="$TO" .venv/bin/receiver deliveries --limit 100', TO=url)

    assert (refused.returncode, "503" in refused.stdout + refused.stderr) == (1, True)
    assert sum(listed.count(kind) for kind in ("call.", "lead.", "appointment.")) == 12


def test_a_first_morning_of_development_goes_as_the_page_says(tmp_path):
    desk = Desk(tmp_path, INBOUNDFLOW_SIGNING_SECRET="")
    page = commands("local-development", **desk.changes)
    up, send, replay = page["Do it"]

    with desk.running(up):
        desk.must(send)
        desk.must(replay)
        listed, doctor = map(desk.must, page["Check that it works"])

    assert "Nothing needs your attention." in doctor
    assert listed.count("lead.created") == 2


def test_a_caller_is_forgotten_and_another_is_not(desk, capfd):
    phone = "+15551110000"
    page = commands("answer-an-erase-request", **{"+34600000000": phone})
    theirs = [an_event(phone, "c1", "call.completed"), an_event(None, "c1", "lead.created")]
    others = an_event("+15552220000", "c2", "call.completed")
    look, erase = page["Do it"]

    with desk.up():
        for one in (*theirs, others):
            assert deliver(f"http://127.0.0.1:{desk.port}/webhooks/inboundflow", one, secret=SECRET).said == "stored"
        until(lambda: desk.states() == {"succeeded": 3}, what="their arrival")
        found = desk.must(look)
        receipt = desk.must(erase)
        checked = desk.must(page["Check that it works"][0]).splitlines()
        again = deliver(f"http://127.0.0.1:{desk.port}/webhooks/inboundflow", theirs[0], secret=SECRET).said
        left = desk.must(".venv/bin/receiver deliveries")
        desk.must(f".venv/bin/mock-sender send call.completed --to http://127.0.0.1:{desk.port}/webhooks/inboundflow")

    assert [one.delivery_id in text for text in (found, receipt) for one in (*theirs, others)] == [
        True,
        True,
        False,
    ] * 2
    assert ("console.show" in receipt, phone in receipt) == (True, False)
    assert (checked[0], "0" in checked, again) == ("Nothing of theirs is kept here.", True, "duplicate")
    assert left.count("erased") == 2
    assert [
        file for file in (desk.path / "var").rglob("*") if file.is_file() and phone.encode() in file.read_bytes()
    ] == []
    assert phone not in "".join(capfd.readouterr())


def an_event(phone, call, event):
    key = f"{call}-{event}"
    data = {"call_id": call, "caller_phone": phone} if phone else {"call_id": call}
    body = json.dumps(
        {"event": event, "delivery_id": key, "organization_id": "o", "timestamp": "2026-11-25T10:00:00Z", "data": data}
    )
    return Payload(event=event, delivery_id=key, body=body.encode())
