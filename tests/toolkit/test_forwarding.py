import base64

import pytest

from receiver.errors import ConfigurationError
from receiver.toolkit.forwarding import hook_target, own_headers, short, standard_key, url_targets
from tests.support.deliveries import a_delivery

A, B = "https://a.example/hook", "https://b.example/hook"
NAMES = {"FORWARD_ALLOW_HOSTS": ""}


def targets(urls, secrets=""):
    return url_targets("URLS", "SECRETS")(NAMES | {"URLS": urls, "SECRETS": secrets})


@pytest.mark.parametrize(("secrets", "expected"), [("first second", ("first", "second")), ("", ("", ""))])
def test_each_url_has_the_secret_at_its_place(secrets, expected):
    assert targets(f"{A} {B}", secrets) == {
        short(A): {"url": A, "secret": expected[0], "allowed": ""},
        short(B): {"url": B, "secret": expected[1], "allowed": ""},
    }


REFUSED = [
    # URLs           secrets                 what is said
    (f"{A} {B}",     "only-one",             "URLS has 2 URLs and SECRETS 1 secret"),
    (f"{A} {A}",     "",                     "URLS has the same URL twice"),
    (f"{A} ftp://b", "",                     "URL 2 in URLS"),
    (A,              "whsec_no-base64!",     "secret 1 in SECRETS begins with whsec_"),
]  # fmt: skip


@pytest.mark.parametrize(("urls", "secrets", "words"), REFUSED)
def test_urls_and_secrets_that_cannot_be_used_are_refused_and_not_shown(urls, secrets, words):
    with pytest.raises(ConfigurationError, match=words) as refusal:
        targets(urls, secrets)

    assert "a.example" not in str(refusal.value)


def hook(**settings):
    names = dict.fromkeys(("N8N_WEBHOOK_URL", "N8N_SIGNING_SECRET", "N8N_WEBHOOK_SIGNING_SECRET"), "")
    return hook_target("N8N")(NAMES | names | settings)


@pytest.mark.parametrize("name", ["N8N_SIGNING_SECRET", "N8N_WEBHOOK_SIGNING_SECRET"])
def test_a_tools_secret_may_be_spelt_in_two_ways(name):
    assert hook(N8N_WEBHOOK_URL=A, **{name: "key"}) == {"": {"url": A, "secret": "key", "allowed": ""}}


def test_a_tool_has_one_url():
    with pytest.raises(ConfigurationError, match="N8N_WEBHOOK_URL should hold one URL"):
        hook(N8N_WEBHOOK_URL=f"{A} {B}")


KEYS = [
    ("plain", b"plain"),
    ("whsec_" + base64.b64encode(b"the key").decode(), b"the key"),
    ("whsec_no-base64!", b""),
]


@pytest.mark.parametrize(("secret", "key"), KEYS)
def test_a_standard_secret_is_decoded_and_any_other_is_the_key_itself(secret, key):
    assert standard_key(secret) == key


def test_nothing_that_came_with_a_delivery_is_among_the_headers_of_its_forwarding():
    headers = own_headers(a_delivery(key="d-1\r\nX: y é", headers={"X-InboundFlow-Signature": "sha256=theirs"}))

    assert headers["X-InboundFlow-Delivery-Id"] == "d-1X: y"
    assert "theirs" not in str(headers)
