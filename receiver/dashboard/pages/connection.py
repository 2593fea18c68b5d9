"""Does InboundFlow reach us, and how near is it to switching the webhook off?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from ... import operations
from ...errors import ConfigurationError
from ...operations import DUPLICATE, LEFT_ASIDE, STORED, Database, Lives, Mistake, Rechecked, RefusedNow
from ...settings import is_loopback
from ..desk import desk
from ..frame import show
from ..guard import host_of
from ..language import lang, t
from ..rights import needs
from ..sessions import SignedIn
from ..shown import span
from ..texts import all_texts

bp = Blueprint("connection", __name__, url_prefix="/connection")

LOOK_EVERY_S = 10
EXPLAINED = 20  # of the newest refused requests: each takes a few milliseconds
LIVES = 10
OF_SECRET = ("signature-missing", "signature-mismatch")


# What of a mistake counts for whoever looks: the rest is for whoever runs it.
MISTAKES = {
    "right": "right",
    "previous-secret": "right",
    "old-secret": "old",
    "secret-whitespace": "blank",
    "secret-quotes": "quotes",
    "body-reformatted": "proxy",
    "body-reordered": "proxy",
    "body-escaped": "proxy",
    "body-trimmed": "proxy",
    "no-prefix": "proxy",
    "clock": "clock",
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    slug: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A sentence for anybody, and what exactly was seen."""

    plain: str
    exactly: str
    number: int


def badge(db: Database) -> int:
    lives = lives_of(db)
    return lives.lost if lives else 0


@bp.get("")
@needs("look")
def page() -> ResponseReturnValue:
    db, source = desk().db, desk().source
    refused = operations.refused(db, source)
    return show(
        "connection.html",
        every=LOOK_EVERY_S,
        last=operations.last_delivery(db, source),
        lives=lives_of(db),
        dots=LIVES,
        silence=next((each for each in operations.silences(db) if each.source == source), None),
        reasons=[Reason(slug=slug, number=number) for slug, number in refused.by_reason.items()],
        aside=operations.kept_aside(db, source),
        why=explained(db),
        connect="connect.page" in current_app.view_functions,
        reason_text=reason_text,
        cure=cure,
        is_of_secret=is_of_secret,
        here_only=is_here_only(),
        told=("lives", "off"),
    )


@bp.get("/recheck")
@needs("repair")
def preview() -> ResponseReturnValue:
    """What would be taken in, before anything is."""
    checked = rechecked(dry_run=True)
    if isinstance(checked, str):
        return render_template("connection_recheck.html", problem=checked, counts={}, left=())
    return render_template("connection_recheck.html", problem="", counts=counts(checked), left=left(checked))


@bp.post("/recheck")
@needs("repair")
def take_in() -> ResponseReturnValue:
    checked = rechecked(dry_run=False)
    if isinstance(checked, str):
        flash(checked)
    else:
        flash(t("connection_taken", n=checked.count(STORED)))
    desk().cache.forget()
    return redirect(url_for("connection.page"), 303)


def rechecked(*, dry_run: bool) -> Rechecked | str:
    """What became of the requests, or why none can be looked at."""
    by = session.by if isinstance(session, SignedIn) else operations.NOBODY
    try:
        return operations.recheck(desk().db, desk().settings, source=desk().source, dry_run=dry_run, by=by)
    except ConfigurationError:
        return t("connection_no_secret")


def counts(checked: Rechecked) -> dict[str, int]:
    return {result: checked.count(result) for result in (STORED, DUPLICATE, LEFT_ASIDE)}


def left(checked: Rechecked) -> Sequence[Explained]:
    """Why those that stay are not taken in, the most frequent first."""
    met = Counter(request.mistakes for request in checked.requests if request.result == LEFT_ASIDE)
    return [explanation(mistakes, number) for mistakes, number in met.most_common()]


def reason_text(slug: str) -> str:
    """What a reason means."""
    return t(f"reason_{slug}" if f"reason_{slug}" in all_texts() else "reason_unknown")


def cure(slug: str) -> str:
    """What to do about it."""
    if is_of_secret(slug):
        return t("cure_secret_made" if made_here() else "cure_secret")
    return t(f"cure_{slug}" if f"cure_{slug}" in all_texts() else "cure_unknown")


def is_of_secret(slug: str) -> bool:
    """Whether the secret of both sides is to be made the same: where that is done is then linked."""
    return slug in OF_SECRET


def made_here() -> bool:
    """Whether the secret in use is the one that a first start on this machine made."""
    made = operations.made_secret(desk().settings)
    return not desk().source and bool(made) and made in desk().settings.secrets.values


def is_here_only() -> bool:
    """Whether this page was opened by an address that leads nowhere from outside."""
    return is_loopback(host_of(request.host))


def refused_now() -> RefusedNow | None:
    """What of InboundFlow's reports is turned away just now; None where the last one was taken. Raises StoreError."""
    at = desk()
    return at.cache.get(
        "refused now",
        LOOK_EVERY_S,
        lambda: operations.refused_now(at.db, at.settings, source=at.source, limit=EXPLAINED),
    )


def refused_why(refused: RefusedNow) -> str:
    """In a sentence for anybody."""
    if refused.why:
        return explanation(refused.why, refused.number).plain
    return reason_text(refused.reason)


def lives_of(db: Database) -> Lives | None:
    """What InboundFlow has counted, as far as can be seen; None where nothing is lost. Read once for a page.

    Raises StoreError.
    """
    if "lives" not in g:
        g.lives = next((each for each in operations.lives_lost(db) if each.source == desk().source), None)
    lives: Lives | None = g.lives
    return lives


def explained(db: Database) -> Sequence[Explained]:
    """The mistakes that explain what was refused."""
    requests = operations.explained(db, desk().settings, source=desk().source, limit=EXPLAINED)
    return [explanation(mistakes, number) for mistakes, number in requests.items() if mistakes]


def explanation(mistakes: Sequence[Mistake], number: int) -> Explained:
    plain = dict.fromkeys(mistake_text(mistake) for mistake in mistakes)
    return Explained(
        plain=" ".join(plain) or t("connection_unexplained"),
        exactly="; ".join(mistake.describe(lang()) for mistake in mistakes),
        number=number,
    )


def mistake_text(mistake: Mistake) -> str:
    return t(f"mistake_{MISTAKES.get(mistake.slug, 'odd')}", apart=span(abs(mistake.seconds), "long"))
