"""Through a mail server: encrypted, at least once, and each refusal in its class."""

import email
from email import policy

import pytest

from handlers.email import check
from mock_sender.destinations.mail import MailServer
from receiver.errors import GiveUp, Pause, RetryLater
from tests.handlers.email.desk import TO, Desk
from tests.support.tools import completed


@pytest.fixture
def desk(world):
    return Desk(world.smtp_env)


def read(message):
    return email.message_from_bytes(message["bytes"], policy=policy.default)


def test_a_message_goes_out_encrypted_and_signed_in(world, desk):
    outcome = desk.attempt(completed())

    [taken] = world.mail.messages
    assert (taken["from"], taken["to"], taken["tls"]) == ("calls@acme.example", [TO], True)
    mime = read(taken)
    assert (mime["From"], mime["To"], mime["Reply-To"]) == ("Acme Dental <calls@acme.example>", TO, TO)
    assert [part.get_content_type() for part in mime.iter_parts()] == ["text/plain", "text/html"]
    assert outcome == f"taken by localhost as {mime['Message-ID']}"


def test_a_server_that_is_encrypted_from_the_start_is_as_good(world):
    with MailServer(implicit_tls=True) as server:
        Desk(world.smtp_env | {"SMTP_URL": server.url}).attempt(completed())

    assert [taken["tls"] for taken in server.messages] == [True]


def test_without_encryption_nothing_is_said(world):
    with MailServer(offers_tls=False) as server:
        raised = Desk(world.smtp_env | {"SMTP_URL": server.url}).fail(completed(), error=Pause)

    assert "STARTTLS" in str(raised)
    assert [line.split()[0] for session in server.sessions for line in session] == ["EHLO"]


def test_a_server_of_ones_own_may_be_spoken_to_in_clear_where_that_was_allowed(world):
    with MailServer(offers_tls=False, offers_auth=False) as server:
        url, host = f"smtp://127.0.0.1:{server.port}", f"127.0.0.1:{server.port}"
        Desk(world.smtp_env | {"SMTP_URL": url, "FORWARD_ALLOW_HOSTS": host}).attempt(completed())

    assert len(server.messages) == 1


def test_a_certificate_of_nobody_that_is_known_is_not_believed(world):
    raised = Desk(world.smtp_env | {"SMTP_CA_FILE": ""}).fail(completed())

    assert (raised.failure, world.mail.messages) == ("tls", [])
    assert "AUTH" not in [line.split()[0] for session in world.mail.sessions for line in session]


def test_a_connection_lost_before_the_message_was_handed_over_sends_it_once(world, desk):
    world.mail.fail("RCPT", "drop")
    desk.fail(completed())

    desk.attempt(completed(), attempt=2)

    assert len(world.mail.messages) == 1


def test_a_connection_lost_after_it_sends_it_again_under_the_same_id_and_says_so(world, desk):
    world.mail.fail("END", "lost")
    raised = desk.fail(completed())
    desk.attempt(completed(), attempt=2)

    assert "it comes twice" in str(raised)
    assert len(world.mail.messages) == 2
    assert len({read(taken)["Message-ID"] for taken in world.mail.messages}) == 1


def test_a_server_that_ends_badly_after_it_took_the_message_has_taken_it(world, desk):
    world.mail.fail("QUIT", "drop")

    desk.attempt(completed())

    assert len(world.mail.messages) == 1


REFUSALS = [
    # at         the answer                                        the run is    and is told
    ("CONNECT", "421 4.3.2 too busy",                              RetryLater, "421"),
    ("CONNECT", "554 5.7.1 not from your network",                 Pause,      "554"),
    ("CONNECT", "drop",                                            RetryLater, "lost"),
    ("AUTH",    "535 5.7.8 not accepted",                          Pause,      "app password"),
    ("AUTH",    "534 5.7.9 application-specific password needed",  Pause,      "app password"),
    ("AUTH",    "454 4.7.0 temporary failure",                     RetryLater, "454"),
    ("MAIL",    "550 5.7.60 no permission to send as this sender", Pause,      "EMAIL_FROM"),
    ("MAIL",    "530 5.7.0 authentication required",               Pause,      "SMTP_URL"),
    ("MAIL",    "451 4.3.0 try again",                             RetryLater, "451"),
    ("MAIL",    "421 4.3.2 closing",                               RetryLater, "421"),
    ("MAIL",    "552 5.3.4 too large",                             GiveUp,     "this message"),
    ("RCPT",    "550 5.1.1 <ada@example.com>: no such user",       GiveUp,     "this recipient"),
    ("RCPT",    "551 not local",                                   GiveUp,     "this recipient"),
    ("RCPT",    "550 5.7.1 relaying denied",                       Pause,      "pass mail on"),
    ("RCPT",    "451 4.7.1 greylisted",                            RetryLater, "4.7.1"),
    ("RCPT",    "452 4.2.2 mailbox full",                          RetryLater, "4.2.2"),
    ("DATA",    "451 4.3.0 try again",                             RetryLater, "451"),
    ("END",     "554 5.7.1 looks like spam",                       GiveUp,     "this message"),
    ("END",     "550 5.7.60 no permission to send as this sender", Pause,      "EMAIL_FROM"),
    ("END",     "451 4.3.0 try again",                             RetryLater, "451"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "answer", "error", "word"), REFUSALS)
def test_a_refusal_decides_whether_the_run_is_tried_again(world, desk, step, answer, error, word):
    world.mail.fail(step, answer, times=2)  # each way to sign in is tried

    raised = desk.fail(completed(), error=error)

    assert word in str(raised)
    assert "example.com" not in str(raised)
    assert not world.mail.messages


def test_nothing_more_is_said_after_a_refusal(world, desk):
    world.mail.fail("MAIL", "451 4.3.0 try again")
    desk.fail(completed())

    assert [line.split()[0] for line in world.mail.sessions[0]] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL"]


def test_the_server_is_told_the_businesss_name_and_not_this_machines(world, desk):
    desk.attempt(completed())

    assert {line for line in world.mail.sessions[0] if line.startswith("EHLO")} == {"EHLO acme.example"}


UNREACHABLE = [
    ("smtp://localhost:1",          "connect", "nobody answers"),
    ("smtp://nowhere.invalid:587",  "dns",     "SMTP_URL"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "failure", "word"), UNREACHABLE)
def test_a_server_that_cannot_be_reached_is_tried_again(world, url, failure, word):
    raised = Desk(world.smtp_env | {"SMTP_URL": url}).fail(completed())

    assert (raised.failure, word in str(raised)) == (failure, True)


def test_tls_is_not_to_be_begun_at_a_port_that_begins_without(world):
    raised = Desk(world.smtp_env | {"SMTP_URL": f"smtps://localhost:{world.mail.port}"}).fail(completed())

    assert (raised.failure, "465" in str(raised)) == ("tls", True)


def test_doctor_signs_in_and_sends_nothing(world, desk):
    settings = desk.run(completed()).settings
    assert list(check(settings)) == ["localhost can be reached, and takes user and password"]
    assert not world.mail.messages

    world.mail.fail("AUTH", "535 5.7.8 no", times=2)
    with pytest.raises(Pause):
        list(check(settings))
