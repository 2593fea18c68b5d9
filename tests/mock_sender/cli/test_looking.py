from itertools import pairwise

from tests.support.sender import say


def test_the_tenth_failure_disables_it_and_every_command_says_what_to_do(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s", "--name", "office")

    account("call", "--count", "3")

    status = account("status")
    assert status.returncode == 1
    assert "mock-sender reconnect office" in status.stdout
    assert len(receiver.seen) == 10
    assert [one["state"] for one in account.json("log", "--failed")] == ["failed"] * 10 + ["missed"] * 2
    assert "reconnect it first" in account("resend", "1").stderr


def test_show_has_every_byte_of_every_attempt(account, receiver):
    account("connect", receiver.url, "--secret", "s")
    account("send", "lead.created", "--field", "caller_name=Ada")

    shown = account("show", "1").stdout
    [attempt] = account.json("show", "1")["tries"]

    assert "X-InboundFlow-Signature: sha256=" in shown
    assert '"caller_name":"Ada"' in shown
    assert "stored" in shown
    assert attempt["request"].encode().endswith(receiver.seen[0][1])


def test_a_retry_is_made_when_it_is_due_and_no_sooner(account, receiver):
    receiver.answer = say(500)
    account("connect", receiver.url, "--secret", "s", "--retries", "eager")
    account("send", "lead.created")
    early = account("retry")
    receiver.answer = say(200)

    late = account.json("retry", "--until-none")
    made_at = [one["at"] for one in account.json("show", "1")["tries"]]

    assert (early.stdout, late["state"], late["attempts"]) == (early.stdout, "delivered", early.stdout.count("500") + 2)
    assert [later - earlier >= 1.0 for earlier, later in pairwise(made_at)] == [True] * (len(made_at) - 1)
    assert len({headers["X-InboundFlow-Delivery-Id"] for headers, _ in receiver.seen}) == 1
    assert account("retry").returncode == 0


def test_what_was_sent_again_is_told_though_a_later_one_is_refused(account, receiver):
    account("connect", receiver.url, "--secret", "s")
    account("call")

    ran = account("resend", "1", "99")

    assert (ran.returncode, "delivered" in ran.stdout, "no delivery 99" in ran.stderr) == (2, True, True)
