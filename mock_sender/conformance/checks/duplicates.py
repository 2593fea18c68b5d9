"""Deliveries that come twice, late, or at the same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ...trouble import Draft
from ...wire import Request
from ..judging import accepted, all_accepted
from ..probe import Probe
from ..table import check
from ..verdict import Outcome, Verdict, failed, passed

GROUP, BOTH = "duplicates", "2xx each time"
TWICE = 'Documented: use delivery_id to drop duplicates "if your handler is called twice".'
NO_ERROR = "A duplicate is no error: answer 200 and do nothing. 409 counts towards the ten failures."
UNIQUE = "Let a unique constraint on delivery_id decide (insert … on conflict do nothing), and act only on a new row."
AT_ONCE, DIFFERENT = 10, 5


@check(50, "repeated", GROUP, "The same request twice", sends="the same bytes, twice", expected=BOTH, why=TWICE,
       fix=NO_ERROR)  # fmt: skip
def repeated(probe: Probe) -> Verdict:
    request = probe.genuine()
    return accepted(probe, request, request)


def again(draft: Draft) -> Request:
    """Freshly signed, a second later than the first."""
    return replace(draft, timestamp=draft.now + 1).request()


@check(51, "re-signed", GROUP, "The same delivery, freshly signed", sends="the same delivery_id, a new timestamp",
       expected=BOTH, why=TWICE, fix=NO_ERROR)  # fmt: skip
def re_signed(probe: Probe) -> Verdict:
    draft = probe.draft()
    return accepted(probe, draft.request(), again(draft))


@check(52, "at-once", GROUP, "Ten times at the same moment", sends="the same request on ten connections",
       expected=BOTH, why=TWICE, fix=UNIQUE)  # fmt: skip
def at_once(probe: Probe) -> Verdict:
    return all_accepted(probe, probe.at_once([probe.genuine()] * AT_ONCE))


@check(53, "same-id-other-body", GROUP, "The same id, other content", sends="a delivery_id that is known, with news",
       expected=BOTH, why="A failure counts, whatever the reason.", fix=NO_ERROR)  # fmt: skip
def same_id_other_body(probe: Probe) -> Verdict:
    first, second = probe.draft(), probe.draft("lead.created")
    other = second.with_envelope(second.envelope() | {"delivery_id": first.payload.delivery_id})
    other = replace(other, payload=replace(other.payload, delivery_id=first.payload.delivery_id))
    return accepted(probe, first.request(), other.request())


@check(54, "out-of-order", GROUP, "An old event that is sent now", sends="a new event, then one of two days ago",
       expected=BOTH, why="After an outage deliveries may come late, and in any order.",
       fix="Judge the age by the signed header, not by the time of the event.")  # fmt: skip
def out_of_order(probe: Probe) -> Verdict:
    old = probe.draft(time=datetime.now(UTC) - timedelta(days=2))
    return accepted(probe, probe.genuine(), old.request())


@check(55, "one-effect", GROUP, "A repeated delivery has one effect", sends="a delivery, the same again, re-signed",
       expected="one effect", why=TWICE, fix=UNIQUE, needs="effects")  # fmt: skip
def one_effect(probe: Probe) -> Verdict:
    draft = probe.draft()
    verdict = accepted(probe, draft.request(), draft.request(), again(draft))
    return one_each(probe, verdict, [draft])


@check(56, "one-effect-at-once", GROUP, "Ten at once have one effect", sends="the same request on ten connections",
       expected="one effect", why=TWICE, fix=UNIQUE, needs="effects")  # fmt: skip
def one_effect_at_once(probe: Probe) -> Verdict:
    draft = probe.draft()
    return one_each(probe, all_accepted(probe, probe.at_once([draft.request()] * AT_ONCE)), [draft])


@check(57, "each-has-effect", GROUP, "Each delivery has its effect", sends="five different deliveries",
       expected="one effect of each", why="What was answered with 2xx is not sent again.",
       fix="Keep it in a database before you answer; identity is delivery_id, not event or caller.",
       needs="effects")  # fmt: skip
def each_has_effect(probe: Probe) -> Verdict:
    drafts = [probe.draft() for _ in range(DIFFERENT)]
    return one_each(probe, accepted(probe, *(draft.request() for draft in drafts)), drafts)


@check(58, "id-header-mismatch", GROUP, "Another delivery id in the header",
       sends="X-InboundFlow-Delivery-Id differs from the body",
       expected="2xx; with --effects: one effect, under the signed id",
       why="The header is not signed; the body is.", fix="Take delivery_id from the body.")  # fmt: skip
def id_header_mismatch(probe: Probe) -> Verdict:
    draft = probe.draft()
    verdict = accepted(probe, probe.troubled("other-id-header", draft=draft))
    return one_each(probe, verdict, [draft]) if probe.look else verdict


def one_each(probe: Probe, verdict: Verdict, drafts: list[Draft]) -> Verdict:
    if verdict.outcome is Outcome.FAILED:
        return verdict
    for draft in drafts:
        if (count := probe.effects(draft.payload.delivery_id)) != 1:
            return failed(f"{count} effects of delivery {draft.payload.delivery_id}, expected 1")
    return passed()
