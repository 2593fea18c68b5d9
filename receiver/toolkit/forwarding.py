"""What all forwarders share: targets with secrets of their own, headers made from nothing, signatures, outcomes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import ConfigurationError, GiveUp, Pause, RetryLater
from ..events import Delivery, Event
from ..locales import Texts
from ..registry import Run
from .addresses import allowed_hosts, check_url
from .envelope import envelope
from .http import READ_S, TOTAL_S, CertificateInvalid, NoAnswer, send
from .outcomes import BUSY_S, check_status, retry_after_s

if TYPE_CHECKING:
    import httpx

REFUSALS = 3  # so many answers of 401 or 403, or certificates that are not valid, are no accident any more
# A URL answers 404 also while it is not there for a moment: a tunnel that is offline, a container that is replaced, an
# app before its deploy, an n8n that starts. The waits after such answers (the schedule's own are 5, 30, 120 and
# 600 s, give or take a fifth) come to a quarter of an hour; then it is no moment any more.
NOT_THERE_S = (5, 40, 150, 720)
# fmt: off
TEXTS = Texts({
    "secrets": ("{urls} has {number:URL|URLs} and {secrets} {secret_number:secret|secrets}: give one secret for each "
                "URL, in the same order, or none at all",
                "{urls} tiene {number:URL|URLs} y {secrets} {secret_number:secreto|secretos}: da un secreto por cada "
                "URL, en el mismo orden, o ninguno"),
    "twice":   ("{urls} has the same URL twice: leave one of them out",
                "{urls} tiene la misma URL dos veces: quita una"),
    "url":     ("URL {number} in {urls}", "la URL {number} de {urls}"),
    "secret":  ("secret {number} in {secrets}", "el secreto {number} de {secrets}"),
    "one":     ("{variable} should hold one URL: FORWARD_URL takes several",
                "{variable} debe llevar una sola URL: FORWARD_URL admite varias"),
    "whsec":   ("{what} begins with whsec_, so the rest should be base64: copy it again",
                "{what} empieza por whsec_, así que el resto debe ser base64: cópialo otra vez"),
})
# fmt: on
LIKELIEST = ": does it verify with the same secret?"  # the likeliest cause of a 401 or 403

Settings = Mapping[str, str]
Targets = Callable[[Settings], dict[str, dict[str, str]]]


def url_targets(urls: str, secrets: str) -> Targets:
    """For `targets`: one for each of the URLs in one variable; their secrets, in the same order, are in another.

    While secrets change, those before are in <secrets>_PREVIOUS, one for each URL too, where the handler declares it.
    A target's name is a short hash, as its URL may be a secret. FORWARD_ALLOW_HOSTS must be among the handler's
    optional variables. What it returns raises ConfigurationError for URLs and secrets that cannot be used.
    """

    def targets(settings: Settings) -> dict[str, dict[str, str]]:
        addresses, allowed = settings[urls].split(), settings["FORWARD_ALLOW_HOSTS"]
        if len(set(addresses)) < len(addresses):
            raise ConfigurationError(TEXTS("twice", urls=urls))
        for number, url in enumerate(addresses, start=1):
            check_url(url, TEXTS("url", number=number, urls=urls), allowed_hosts(allowed))
        previous = f"{secrets}_PREVIOUS"
        before = read_secrets(settings.get(previous, ""), previous, urls, addresses)
        keys = read_secrets(settings[secrets], secrets, urls, addresses, required=any(before))
        return {
            short(url): {"url": url, "secret": key, "allowed": allowed} | ({"previous": old} if old else {})
            for url, key, old in zip(addresses, keys, before, strict=True)
        }

    return targets


def read_secrets(
    text: str, variable: str, urls: str, addresses: Sequence[str], *, required: bool = False
) -> Sequence[str]:
    """One for each address, "" where there are none. Raises ConfigurationError."""
    keys = text.split()
    if len(keys) != len(addresses) and (keys or required):
        numbers = {"number": len(addresses), "secret_number": len(keys)}
        raise ConfigurationError(TEXTS("secrets", urls=urls, secrets=variable, **numbers))
    for number, key in enumerate(keys, start=1):
        check_secret(key, TEXTS("secret", number=number, secrets=variable))
    return keys or [""] * len(addresses)


def hook_target(tool: str) -> Targets:
    """For `targets`: the one of a tool that gives out a webhook URL, in <TOOL>_WEBHOOK_URL.

    What it returns raises ConfigurationError for a URL that cannot be used.
    """

    def targets(settings: Settings) -> dict[str, dict[str, str]]:
        variable, allowed = f"{tool}_WEBHOOK_URL", settings["FORWARD_ALLOW_HOSTS"]
        url = settings[variable]
        if len(url.split()) > 1:
            raise ConfigurationError(TEXTS("one", variable=variable))
        check_url(url, variable, allowed_hosts(allowed))
        secret = settings[f"{tool}_SIGNING_SECRET"] or settings[f"{tool}_WEBHOOK_SIGNING_SECRET"]
        return {"": {"url": url, "secret": secret, "allowed": allowed}}

    return targets


def hook_options(tool: str) -> dict[str, str]:
    """For `optional`: the variables of such a tool, <TOOL>_SIGNING_SECRET, also spelt <TOOL>_WEBHOOK_SIGNING_SECRET,
    and FORWARD_ALLOW_HOSTS.
    """
    return dict.fromkeys((f"{tool}_SIGNING_SECRET", f"{tool}_WEBHOOK_SIGNING_SECRET", "FORWARD_ALLOW_HOSTS"), "")


def short(url: str) -> str:
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()[:8]


def check_secret(secret: str, what: str) -> None:
    if secret.startswith("whsec_") and not standard_key(secret):
        raise ConfigurationError(TEXTS("whsec", what=what))


def post_signed(run: Run) -> httpx.Response:
    """Post the signed bytes unchanged to the run's target; return the answer.

    It is signed with the target's secret as InboundFlow signs, and as Standard Webhooks does. While a secret before it
    is set too, Standard Webhooks' header holds both signatures; InboundFlow's has room for one, so after a 401 or 403
    the request is made again with the other. `run.settings` are those of a target that `url_targets` or `hook_target`
    made. Raises RetryLater where no answer came or a name leads to a private address, and GiveUp for a private address
    itself, or at the third certificate that is not valid.
    """
    secrets = list(dict.fromkeys(filter(None, (run.settings["secret"], run.settings.get("previous", "")))))
    answer = post(run, run.delivery.body, signed_headers(run.delivery, secrets))
    if answer.status_code in (401, 403) and secrets[1:]:
        answer = post(run, run.delivery.body, signed_headers(run.delivery, secrets[::-1]))
    return answer


def signed_headers(delivery: Delivery, secrets: Sequence[str]) -> dict[str, str]:
    """Standard Webhooks' signature is by each of the secrets, InboundFlow's by the first."""
    body, now = delivery.body, int(time.time())
    headers = own_headers(delivery) | {"X-InboundFlow-Timestamp": str(now), "webhook-timestamp": str(now)}
    headers["webhook-id"] = headers["X-InboundFlow-Delivery-Id"]
    if secrets:
        signed = hmac.new(secrets[0].encode(), b"%d.%s" % (now, body), hashlib.sha256).hexdigest()
        headers["X-InboundFlow-Signature"] = f"sha256={signed}"
        standard = [standard_signature(secret, headers["webhook-id"], now, body) for secret in secrets]
        headers["webhook-signature"] = " ".join(standard)
    return headers


def post_envelope(event: Event, run: Run, *, read_s: float = READ_S, total_s: float = TOTAL_S) -> httpx.Response:
    """Post a flat object of the event's fields to the run's target; return the answer. Each repeat is the same bytes.

    It is signed over the body alone, which tools such as Make and n8n can check. Times are in seconds. As
    `post_signed`, and raises GiveUp for data that is nested too deeply for a flat object.
    """
    body, headers = envelope(event, run.delivery), own_headers(run.delivery)
    if secret := run.settings["secret"]:
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-InboundFlow-Forward-Signature"] = f"sha256={signed}"
    return post(run, body, headers, read_s=read_s, total_s=total_s)


def own_headers(delivery: Delivery) -> dict[str, str]:
    """Headers made here: none that came with the delivery is passed on, InboundFlow's signature least of all."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "inboundflow-receiver",
        "Accept-Encoding": "identity",
        "X-InboundFlow-Event": ascii_only(delivery.event),
        "X-InboundFlow-Delivery-Id": ascii_only(delivery.key),
    }


def ascii_only(text: str) -> str:
    """A header value cannot hold anything else, nor begin or end with spaces."""
    return "".join(c for c in text if " " <= c <= "~").strip()


def standard_signature(secret: str, message_id: str, now: int, body: bytes) -> str:
    """Standard Webhooks' `v1`."""
    digest = hmac.new(standard_key(secret), f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def standard_key(secret: str) -> bytes:
    """The key behind `whsec_`, decoded from base64, b"" where it is no base64; any other secret is the key itself."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def post(
    run: Run, body: bytes, headers: Mapping[str, str], *, read_s: float = READ_S, total_s: float = TOTAL_S
) -> httpx.Response:
    run.check_lease()
    allowed = allowed_hosts(run.settings["allowed"])
    try:
        return send(
            "POST", run.settings["url"], content=body, headers=headers, allowed=allowed, read_s=read_s, total_s=total_s
        )
    except CertificateInvalid as error:
        kind = GiveUp if run.failed_with.count(error.failure) + 1 >= REFUSALS else RetryLater
        raise kind("the URL's certificate is not valid", failure=error.failure) from error
    except NoAnswer as error:
        raise RetryLater(str(error), failure=error.failure) from error


def outcome_of(answer: httpx.Response, run: Run, what: str) -> str:
    """The status of a 2xx, as the run's outcome; `what` is what the reasons call the destination.

    Raises what `refusal` says for other statuses, but is more patient: 401 and 403 are a Pause only at the run's third
    such refusal.
    """
    status = answer.status_code
    if status in (401, 403):
        raise forbidden(answer, run, what)
    check_status(status, answer.headers, what=what)
    return str(status)


def not_there(run: Run, reason: str, fix: str) -> RetryLater | Pause:
    """What to raise for a 404: a RetryLater for a quarter of an hour, then a Pause that says what to do, the `fix`."""
    so_far = run.failed_with.count("refused-404")
    if so_far >= len(NOT_THERE_S):
        return Pause(f"{reason}: {fix}", failure="refused-404")
    return RetryLater(reason, delay_s=NOT_THERE_S[so_far], failure="refused-404")


def forbidden(answer: httpx.Response, run: Run, what: str) -> RetryLater | Pause:
    """What to raise for a 401 or 403: the target may be about to change its secret, so it gets a few tries."""
    if sum(run.failed_with.count(failure) for failure in ("refused-401", "refused-403")) + 1 < REFUSALS:
        return retry_later(answer, what, LIKELIEST)
    return Pause(f"{what} answered {answer.status_code}{LIKELIEST}", failure=f"refused-{answer.status_code}")


def retry_later(answer: httpx.Response, what: str, hint: str = "") -> RetryLater:
    """A RetryLater, no sooner than Retry-After says, which cools all of the target; after a 429 without one in 30 s.

    The reason names `what`, the status and the `hint`.
    """
    asked_s = retry_after_s(answer.headers)
    usual_s = BUSY_S if answer.status_code == 429 else None
    return RetryLater(
        f"{what} answered {answer.status_code}{hint}",
        delay_s=asked_s or usual_s,
        cooldown=asked_s is not None,
        failure=f"refused-{answer.status_code}",
    )
