import pytest

from receiver import settings
from receiver.doctor.certificate import check_certificate
from receiver.doctor.public import check_url
from tests.support.cli import receiver
from tests.support.findings import said


@pytest.mark.parametrize(("days", "severity"), [(7, "problem"), (8, "advice"), (21, "advice"), (22, "ok")])
def test_a_certificate_that_ends_soon_is_told(certified, days, severity):
    url, context = certified(days)

    assert said(check_certificate(url, context)) == [(severity, f"its certificate is valid for {days - 1} days more")]


@pytest.mark.parametrize(
    ("signed_by", "words"),
    [(None, "is self-signed: nobody vouches for it"), ("An authority", "is served without the intermediate one")],
)
def test_a_certificate_that_nobody_vouches_for_is_told_in_words(certified, signed_by, words):
    url, _ = certified(30, signed_by=signed_by)

    found = list(check_url(settings.read({}), url))

    assert said(found) == [("problem", f"its certificate {words}")]


@pytest.mark.parametrize(
    ("address", "days", "words"),
    [("127.0.0.2", 30, "is for another address"), ("127.0.0.1", -1, "has expired")],
)
def test_a_certificate_for_another_place_or_of_the_past_is_told_in_words(certified, address, days, words):
    url, context = certified(days, address)

    assert said(check_certificate(url, context)) == [("problem", f"its certificate {words}")]


def test_the_command_tells_how_long_the_certificate_of_the_receiver_lasts(certified, tmp_path):
    url, _ = certified(30)

    ran = receiver("doctor", "--url", url, DATA_DIR=str(tmp_path / "var"), SSL_CERT_FILE=str(tmp_path / "pem"))

    assert "ok: certificate: its certificate is valid for 29 days more" in ran.stdout
    assert "ok: public URL: the receiver answers there" in ran.stdout
