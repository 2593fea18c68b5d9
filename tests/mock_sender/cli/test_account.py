"""The command line's connections: made, tested, changed, reconnected and removed."""

from tests.support.sender import say


def test_a_webhook_is_connected_tested_and_gets_the_events_it_chose(account, receiver):
    made = account.json(
        "connect", receiver.url, "--secret", "s", "--event", "lead.created", "--event", "call.completed"
    )
    test = account.json("test")
    sent = account.json("call")

    assert (made["name"], made["events"], made["lives"]) == ("custom", ["lead.created", "call.completed"], 10)
    assert (test["event"], test["state"], test["test"]) == ("lead.created", "delivered", True)
    assert [one["event"] for one in sent] == ["lead.created", "call.completed"]
    assert len(receiver.seen) == 3


def test_reconnecting_gives_all_lives_back_and_what_was_missed_can_be_sent(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s")
    account("call", "--count", "3")
    receiver.answer = say(200)

    assert account.json("reconnect")["lives"] == 10
    resent = account("resend", "--missed")

    assert (resent.returncode, len(receiver.seen)) == (0, 12)
    assert account("status").returncode == 0


def test_a_secret_is_shown_by_no_command(account, receiver):
    secret = "so very secret"
    outputs = [account("connect", receiver.url, "--secret", secret, "--name", "one")]
    for command in (["test"], ["call"], ["status"], ["log"], ["show", "2"], ["reconnect"], ["status", "--json"]):
        outputs.append(account(*command))

    assert not [one for one in outputs if secret in one.stdout + one.stderr]


def test_a_retry_is_made_by_what_was_asked(account, receiver):
    account("connect", receiver.url, "--secret", "s", "--retries", "slack", "--same-signature")

    [one] = [account.json("status")]
    assert [(one["retries"], one["resign"]) for one in one] == [("slack", False)]
    assert account.json("edit", "--fresh-signature", "--retries", "none")["resign"] is True


def test_a_removed_connection_is_gone(account, receiver):
    account("connect", receiver.url, "--secret", "s")

    assert account.json("disconnect", "custom")["name"] == "custom"
    assert "mock-sender connect URL" in account("test").stderr


def test_a_changed_connection_keeps_what_was_not_given(account, receiver):
    account("connect", "http://127.0.0.1:1/", "--secret", "s", "--event", "lead.created")

    changed = account.json("edit", "--url", receiver.url)

    assert (changed["events"], changed["signed"], changed["url"]) == (["lead.created"], True, receiver.url)
