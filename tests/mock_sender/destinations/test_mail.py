"""The played mail server, spoken to by the standard library's client."""

import smtplib
import ssl

import pytest

from mock_sender.destinations.mail import PASSWORD, USER, MailServer


@pytest.fixture
def client():
    with MailServer() as server, smtplib.SMTP("localhost", server.port, timeout=10) as client:
        client.server = server
        yield client


def sign_in(client):
    client.starttls(context=ssl.create_default_context(cafile=client.server.ca_file))
    client.login(USER, PASSWORD)


def test_a_message_is_kept_as_it_was_sent(client):
    sign_in(client)

    client.sendmail(USER, ["front@acme.example"], b"Subject: x\r\n\r\n.dots\r\n..\r\n.\r\n")

    assert client.server.messages[0]["bytes"] == b"Subject: x\r\n\r\n.dots\r\n..\r\n.\r\n"


def test_user_and_password_are_asked_for_and_only_taken_encrypted(client):
    assert client.mail(USER)[0] == 530
    assert not client.has_extn("auth")
    client.starttls(context=ssl.create_default_context(cafile=client.server.ca_file))

    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(USER, "wrong")


def test_a_stranger_is_not_sent_for_and_nobody_unknown_is_delivered_to(client):
    sign_in(client)
    client.server.unknown.add("gone@acme.example")

    assert client.mail("calls@other.example")[0] == 550
    assert client.mail(USER)[0] == 250
    assert client.rcpt("gone@acme.example")[0] == 550
