"""Single sign-on: the OpenID Connect provider, asked where to send a browser and who has come back from there.

Authlib speaks the protocol. This file is imported only where single sign-on is set.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException, Response, Timeout
from urllib3.exceptions import HTTPError

from ..settings import SingleSignOn, is_private
from .desk import Cache

log = logging.getLogger("receiver.dashboard")

DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
DISCOVERED_S = 600  # what the provider says of itself changes once in years; its keys are asked for at each sign-in
SCOPE = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)  # a provider may say more there than is asked
KEY_TYPES = ("RSA", "EC", "OKP")
AT_ONCE = 3  # of the six threads that pages are made in: a provider that hangs leaves the others to everybody else
TURN_S = 0.3  # until one of them is free
STEP_S = 2  # connecting, and each read
ANSWER_S = 2  # a whole document; three of them come before PAGE_S of app/pages.py is over
ANSWER_BYTES = 256 * 1024  # Entra's keys, which are many, have 20 KiB
LEEWAY_S = 60  # two clocks
NO_ANSWER = (RequestException, HTTPError)
NO_PROOF = (AuthlibBaseError, JoseError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
TOO_DEEP = (RecursionError,)  # brackets in brackets in brackets


class NotSignedIn(Exception):
    """`text` names what the page says of it."""

    def __init__(self, text: str, status: int = 403) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What a browser was sent to the provider with; it keeps that, and nobody else has it."""

    state: str = field(default_factory=lambda: generate_token(32))
    nonce: str = field(default_factory=lambda: generate_token(32))
    verifier: str = field(default_factory=lambda: generate_token(64))
    next: str
    begun_s: float = field(default_factory=time.time)


class Session(OAuth2Session):  # type: ignore[misc]
    """Whose requests are answered soon and in few bytes, or not at all, and never lead elsewhere."""

    def request(self, method: str, url: str, **more: Any) -> Response:
        bounds = {"timeout": STEP_S, "allow_redirects": False, "stream": True}
        response: Response = super().request(method, url, **more | bounds)
        until, content = time.monotonic() + ANSWER_S, b""
        for block in response.raw.stream(8192, decode_content=True):
            content += block
            if len(content) > ANSWER_BYTES or time.monotonic() > until:
                raise Timeout("too long an answer")
        response.raw = io.BytesIO(content)
        return response

    def document(self, url: str, *, with_token: bool = False) -> dict[str, Any]:
        response = self.get(url, withhold_token=not with_token)
        if response.status_code != 200:
            raise RequestException(f"status {response.status_code}")
        document = response.json()
        if not isinstance(document, dict):
            raise RequestException("no JSON object")
        return document


class Provider:
    def __init__(self, settings: SingleSignOn, cache: Cache) -> None:
        self.settings = settings
        self.cache = cache
        self.turns = threading.BoundedSemaphore(AT_ONCE)

    def address(self, errand: Errand, redirect_uri: str) -> str:
        """Where the browser signs in. Raises NotSignedIn."""
        with self.session(redirect_uri) as (session, metadata):
            url, _ = session.create_authorization_url(
                metadata["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(url)

    def email(self, errand: Errand, redirect_uri: str, code: str) -> str:
        """The address of whoever has signed in there, which the provider has verified. Raises NotSignedIn."""
        with self.session(redirect_uri) as (session, metadata):
            token = session.fetch_token(metadata["token_endpoint"], code=code, code_verifier=errand.verifier)
            claims = self.claims(session, metadata, token, errand.nonce)
            if "email" not in claims and "userinfo_endpoint" in metadata:
                claims = more_claims(session, metadata["userinfo_endpoint"], claims)
        return verified_email(claims)

    def claims(self, session: Session, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> Any:
        """What the provider says of a person, signed by one of the keys that it has now."""
        keys = session.document(metadata["jwks_uri"])["keys"]
        known = [key for key in keys if key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"]
        signed = jwt.decode(token["id_token"], KeySet.import_key_set({"keys": known}), registry=REGISTRY)
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        params = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(signed.claims, signed.header, options, params)
        claims.validate(leeway=LEEWAY_S)
        return claims

    @contextmanager
    def session(self, redirect_uri: str) -> Iterator[tuple[Session, Mapping[str, Any]]]:
        """To ask the provider by, with what it says of itself. Raises NotSignedIn, whatever goes wrong meanwhile."""
        if not self.turns.acquire(timeout=TURN_S):
            raise NotSignedIn("sso_no_answer", 503)
        try:
            metadata = self.cache.get("single sign-on", DISCOVERED_S, self.discover)
            with self.client(metadata, redirect_uri=redirect_uri) as session:
                yield session, metadata
        except NO_ANSWER as error:
            log.warning("single sign-on: %s does not answer as it should: %s", self.settings.issuer, reason(error))
            raise NotSignedIn("sso_no_answer", 503) from error
        except (*NO_PROOF, *TOO_DEEP) as error:
            log.warning("single sign-on: what %s answered is refused: %s", self.settings.issuer, reason(error))
            raise NotSignedIn("sso_refused") from error
        finally:
            self.turns.release()

    def client(self, metadata: Mapping[str, Any], **more: Any) -> Session:
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" in methods
        return Session(
            self.settings.client_id,
            self.settings.client_secret.value,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            code_challenge_method="S256",
            scope=SCOPE,
            **more,
        )

    def discover(self) -> dict[str, Any]:
        """Raises RequestException, and ValueError where it is another issuer, or would be asked where others read."""
        with self.client({}) as session:
            metadata: dict[str, Any] = session.document(self.settings.issuer + DISCOVERY)
        if str(metadata.get("issuer")).rstrip("/") != self.settings.issuer:
            raise ValueError("it calls itself another issuer than OIDC_ISSUER")
        if not all(is_private(str(metadata.get(name))) for name in ENDPOINTS):
            raise ValueError("an endpoint is missing, or without https")
        return metadata


def more_claims(session: Session, url: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Some providers tell the address here alone."""
    if not is_private(url):
        raise ValueError("its userinfo endpoint is without https")
    answer = session.document(url, with_token=True)
    if answer.get("sub") != claims["sub"]:
        raise ValueError("its userinfo endpoint answers for somebody else")
    return answer


def verified_email(claims: Mapping[str, Any]) -> str:
    """Providers that let nobody write their own address, such as Entra, do not say that it is verified."""
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        raise NotSignedIn("sso_no_email")
    if claims.get("email_verified", True) not in (True, "true"):
        raise NotSignedIn("sso_unverified")
    return email


def reason(error: Exception) -> str:
    """Without what was sent: of a connection that fails the kind alone."""
    said = str(error) if isinstance(error, ValueError | AuthlibBaseError | JoseError) else ""
    return said[:100] if said.isprintable() and said else type(error).__name__
