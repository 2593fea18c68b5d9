import pytest

from handlers.email.settings import from_address, read_server, recipients
from receiver import registry
from receiver.registry import DAILY_AT

GOOD = {"EMAIL_TO": "front@acme.example", "EMAIL_FROM": "calls@acme.example", "RESEND_API_KEY": "re_s3cret"}
MAIL = {
    "EMAIL_TO": "front@acme.example",
    "EMAIL_FROM": "calls@gmail.com",
    "SMTP_URL": "smtp://a:s3cret@mail.example:587",
}


def activate(**changed):
    return registry.load("handlers")["email.send"].activate(GOOD | changed)


def test_each_recipient_is_a_target_for_calls_and_for_the_days_summary():
    targets = activate(EMAIL_TO="a@acme.example, b@acme.example;a@acme.example", EMAIL_DIGEST_AT="18:30").targets

    assert {name: (settings["recipient"], settings.get(DAILY_AT)) for name, settings in targets.items()} == {
        "a@acme.example": ("a@acme.example", None),
        "b@acme.example": ("b@acme.example", None),
        "a@acme.example/summary": ("a@acme.example", "18:30"),
        "b@acme.example/summary": ("b@acme.example", "18:30"),
    }


def test_without_messages_for_calls_there_is_the_summary_alone():
    assert list(activate(EMAIL_CALLS="none", EMAIL_DIGEST_AT="18:30").targets) == ["front@acme.example/summary"]


MISCONFIGURED = [
    ({"EMAIL_TO": "front"},                                   "EMAIL_TO should hold addresses"),
    ({"EMAIL_TO": "Front Desk <front@acme.example>"},         "EMAIL_TO should hold addresses"),
    ({"EMAIL_TO": "café@acme.example"},                       "EMAIL_TO should hold addresses"),
    ({"EMAIL_TO": ",".join(f"a{n}@acme.example" for n in range(21))}, "more than 20"),
    ({"EMAIL_FROM": "Acme"},                                  "EMAIL_FROM should be an address of your own domain"),
    ({"EMAIL_FROM": "calls@acme.example, x@acme.example"},    "EMAIL_FROM should be"),
    ({"EMAIL_FROM": "Acme\r\nBcc: x@evil.example <calls@acme.example>"}, "EMAIL_FROM should be"),
    ({"EMAIL_FROM": "Acme <ana@gmail.com>"},                  "is at gmail.com"),
    ({"EMAIL_CALLS": "some"},                                 "EMAIL_CALLS should be one of: all, urgent, none"),
    ({"EMAIL_CALLS": "none"},                                 "EMAIL_DIGEST_AT"),
    ({"EMAIL_DIGEST_AT": "6pm"},                              "EMAIL_DIGEST_AT should"),
    ({"EMAIL_DIGEST_AT": "24:00"},                            "EMAIL_DIGEST_AT should"),
    ({"RESEND_API_KEY": "s3cret"},                            "begins with re_"),
    ({"RESEND_API_KEY": "", "SMTP_URL": "mail.example:587"},              "SMTP_URL should be smtp://"),
    ({"RESEND_API_KEY": "", "SMTP_URL": "https://u:s3cret@mail.example"}, "SMTP_URL should be smtp://"),
    ({"RESEND_API_KEY": "", "SMTP_URL": "smtp://u@mail.example"},         "without a password"),
    ({"RESEND_API_KEY": "", "SMTP_URL": "smtp://u:s3cret/x@mail.example:587"}, "%2F"),
    ({"RESEND_API_KEY": "", "SMTP_URL": "smtps://u:s3cretñ@mail.example"}, "cannot be sent"),
    ({"RESEND_API_KEY": ""},                                  "RESEND_API_KEY or SMTP_URL"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "why"), MISCONFIGURED)
def test_settings_that_cannot_work_are_told(changed, why):
    activation = activate(**changed)

    assert activation.state == "misconfigured"
    assert why in activation.why
    assert "s3cret" not in activation.why


def test_a_shared_domain_is_no_matter_to_its_own_mail_server():
    assert registry.load("handlers")["email.send"].activate(MAIL).state == "on"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("calls@acme.example", "calls@acme.example"),
        ("Clínica Niña <calls@acme.example>", "Clínica Niña <calls@acme.example>"),
    ],
)
def test_the_sender_may_have_a_name(text, shown):
    assert str(from_address(text)) == shown


def test_recipients_may_be_parted_in_any_way():
    assert recipients(" a@b.example\n,c@d.example ") == ["a@b.example", "c@d.example"]


def test_a_user_and_a_password_may_hold_any_sign():
    url = "smtps://calls%40acme.example:p%2F%40ss@mail.example"

    assert read_server(url) == ("smtps", "mail.example", 465, "calls@acme.example", "p/@ss")
