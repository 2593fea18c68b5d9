"""Every failure that has a name, in one tree.

InboundFlowError
├── ConfigurationError        the process does not start
│   ├── MissingSetting
│   └── DuplicateHandler
├── NotAccepted               answered with its status, slug and sentence
│   ├── RejectedRequest       counted, never kept
│   │   ├── SignatureMissing      401
│   │   ├── SignatureMismatch     401
│   │   ├── TimestampMissing      401   (and TimestampTooOld, TimestampInFuture)
│   │   ├── BodyIncomplete        400
│   │   ├── BodyTooSlow           408
│   │   └── BodyTooLarge          413
│   └── NotStored             503 with Retry-After: send it again
├── StoreError                the database refused what was asked
│   ├── NotPermitted          to this role or user
│   └── StoreUnavailable      the database is in trouble: whatever is asked next would fail too
├── OperationError            what a person asked for cannot be done; nothing was changed
│   ├── NothingSelected
│   ├── NotATime
│   ├── NotFound
│   ├── Ambiguous
│   ├── CannotCancel
│   ├── CannotErase
│   ├── UnknownHandler
│   ├── UnknownTarget
│   └── HandlerNotOn
└── HandlerError              written on the attempt
    ├── RetryLater            tried again, no sooner than `delay_s`
    ├── Pause                 this handler and target wait until someone resumes them
    ├── GiveUp                dead letter at once
    └── LeaseLost             another worker owns the run now; nothing may be written any more
"""

from __future__ import annotations

from .locales import Texts

# fmt: off
TEXTS = Texts({
    "rejected": (
        "The request was not accepted.",
        "No se aceptó la solicitud.",
    ),
    "signature-missing": (
        "There is no X-InboundFlow-Signature of the form sha256=<64 hex digits>. Set the signing secret in "
        "InboundFlow under Configuración → Integraciones.",
        "No hay un X-InboundFlow-Signature de la forma sha256=<64 dígitos hexadecimales>. Pon el secreto de "
        "firma en InboundFlow, en Configuración → Integraciones.",
    ),
    "signature-mismatch": (
        "The signature does not match. Compare INBOUNDFLOW_SIGNING_SECRET here with the secret in "
        "InboundFlow, and check that no proxy changes the body.",
        "La firma no coincide. Compara INBOUNDFLOW_SIGNING_SECRET de aquí con el secreto de InboundFlow, y "
        "comprueba que ningún proxy cambie el cuerpo.",
    ),
    "timestamp-missing": (
        "There is no X-InboundFlow-Timestamp holding unix seconds as digits.",
        "No hay un X-InboundFlow-Timestamp con los segundos unix en dígitos.",
    ),
    "timestamp-too-old": (
        "The timestamp is older than the tolerance. If this is no replay, check the clock of this server, or "
        "raise INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS.",
        "La marca de tiempo es más antigua que la tolerancia. Si no es una repetición, comprueba el reloj de "
        "este servidor o sube INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS.",
    ),
    "timestamp-in-future": (
        "The timestamp lies ahead of this server's clock by more than the tolerance: check the clock.",
        "La marca de tiempo se adelanta al reloj de este servidor más que la tolerancia: comprueba el reloj.",
    ),
    "body-incomplete": (
        "The connection ended, or the chunked encoding broke, before the whole body had arrived.",
        "La conexión terminó, o se rompió la codificación por fragmentos (chunked), antes de que llegara el "
        "cuerpo entero.",
    ),
    "body-too-slow": (
        "The body did not arrive in time.",
        "El cuerpo no llegó a tiempo.",
    ),
    "body-too-large": (
        "The body is larger than MAX_BODY_BYTES allows.",
        "El cuerpo es mayor de lo que permite MAX_BODY_BYTES.",
    ),
    "not-stored": (
        "The delivery could not be stored just now. Send it again.",
        "La entrega no se pudo guardar en este momento. Envíala otra vez.",
    ),
})
# fmt: on


class InboundFlowError(Exception):
    """Everything that this project raises on purpose."""


class ConfigurationError(InboundFlowError):
    """The process cannot start as it is set up; the message says what to change."""


class MissingSetting(ConfigurationError):
    """A variable that this process needs is not set."""


class DuplicateHandler(ConfigurationError):
    """Two handlers have the same name, in one file or in two."""


class NotAccepted(InboundFlowError):
    """A delivery is answered with something other than 2xx."""

    http_status = 500
    status = "rejected"
    reason = "rejected"  # a stable slug: dashboards and people search for it
    detail = TEXTS("rejected")  # helps whoever sets it up, tells an attacker nothing

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def answer(self) -> dict[str, str]:
        return {"status": self.status, "reason": self.reason, "detail": self.detail}


class RejectedRequest(NotAccepted):
    """Counted with its reason, never kept."""

    http_status = 401


class SignatureMissing(RejectedRequest):
    reason = "signature-missing"
    detail = TEXTS("signature-missing")


class SignatureMismatch(RejectedRequest):
    reason = "signature-mismatch"
    detail = TEXTS("signature-mismatch")


class TimestampMissing(RejectedRequest):
    reason = "timestamp-missing"
    detail = TEXTS("timestamp-missing")


class TimestampTooOld(RejectedRequest):
    reason = "timestamp-too-old"
    detail = TEXTS("timestamp-too-old")


class TimestampInFuture(RejectedRequest):
    reason = "timestamp-in-future"
    detail = TEXTS("timestamp-in-future")


class BodyIncomplete(RejectedRequest):
    http_status = 400
    reason = "body-incomplete"
    detail = TEXTS("body-incomplete")


class BodyTooSlow(RejectedRequest):
    http_status = 408
    reason = "body-too-slow"
    detail = TEXTS("body-too-slow")

    @property
    def headers(self) -> dict[str, str]:
        return {"Connection": "close"}


class BodyTooLarge(RejectedRequest):
    http_status = 413
    reason = "body-too-large"
    detail = TEXTS("body-too-large")

    @property
    def headers(self) -> dict[str, str]:
        return {"Connection": "close"}


class NotStored(NotAccepted):
    """The delivery could not be committed: the sender should send it again."""

    http_status = 503
    status = "unavailable"
    reason = "not-stored"
    detail = TEXTS("not-stored")

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class StoreError(InboundFlowError):
    """The database refused what was asked. The message holds nothing of any delivery."""


class NotPermitted(StoreError):
    """The database does not let this role do that; the message says what to change."""


class StoreUnavailable(StoreError):
    """The database is in trouble by itself: gone, full, locked or too slow."""


class OperationError(InboundFlowError):
    """What a person asked for cannot be done, and nothing was changed; the message says what can."""


class NothingSelected(OperationError):
    """Everything would be changed, or what is changed only when that is asked for twice."""


class NotATime(OperationError):
    """A span or a moment cannot be read."""


class NotFound(OperationError):
    """There is no delivery of that name."""


class Ambiguous(OperationError):
    """A name means several deliveries, or several businesses, where one has to be meant."""


class CannotCancel(OperationError):
    """What was selected has ended, or is running."""


class CannotErase(OperationError):
    """A run of what is to be erased does not end."""


class UnknownHandler(OperationError):
    """There is no handler of that name."""


class UnknownTarget(OperationError):
    """No run is, was or would be at that target."""


class HandlerNotOn(OperationError):
    """The handler is off or misconfigured under these variables."""


class HandlerError(InboundFlowError):
    """How an attempt ended, when it did not succeed. The reason goes to the database: no caller's data in it.

    `failure` is a slug by which such ends are grouped (FAILURES in inbox/states.py); "" is the usual one of the kind.
    """

    def __init__(self, reason: str = "", *, failure: str = "") -> None:
        super().__init__(reason)
        self.failure = failure


class RetryLater(HandlerError):
    """Try again on the schedule, but no sooner than `delay_s` seconds from now, up to 30 days.

    A `delay_s` that is no finite number above zero, as a header's text, is left out of account.
    With `cooldown` the whole target cools down: no other run of it starts before then, and after that one at a time
    until one succeeds. It is for a destination that says it is called too often; one that is down is noticed by itself.
    With `tries` it is a dead letter once the run has failed so many times, in place of the schedule's end; where
    `failure` is given, those count that have the same.
    """

    def __init__(
        self,
        reason: str = "",
        *,
        delay_s: float | None = None,
        cooldown: bool = False,
        failure: str = "",
        tries: int | None = None,
    ) -> None:
        super().__init__(reason, failure=failure)
        self.delay_s = delay_s
        self.cooldown = cooldown
        self.tries = tries


class Pause(HandlerError):
    """Every next call would be refused too: all runs of this handler and target wait for `receiver resume`.

    After a start with other variables of this handler, one run tries it by itself, and all go on where that succeeds.

    Where another run got through in the minute before, it is tried again first; where one does so after the first
    refusal, it is this run alone that is refused, and a dead letter.
    """


class GiveUp(HandlerError):
    """No repeat can succeed: the run is a dead letter at once, until somebody replays it."""


class LeaseLost(HandlerError):
    """The run was handed to another worker while this one was away."""
