"""A played OpenID Connect provider on loopback, on Authlib's own server side: strict about the client, PKCE, the
redirect URI and codes that were used, and as wrong as a test wants in what it says of somebody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from functools import cache
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT, SECRET, REDIRECT = "inboundflow", "a secret of the client", "http://localhost/sign-in/sso/back"


class Client(ClientMixin):
    client_id = CLIENT

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return REDIRECT

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri in (REDIRECT, self.redirect)

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"

    def __init__(self):
        self.method = "client_secret_basic"
        self.redirect = REDIRECT


class Code(dict, AuthorizationCodeMixin):
    def __getattr__(self, name):
        return self.get(name)

    def get_redirect_uri(self):
        return self["redirect_uri"]

    def get_scope(self):
        return self["scope"]

    def get_nonce(self):
        return self["nonce"]

    def get_auth_time(self):
        return None

    get_acr = get_amr = get_auth_time


def new_key():
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


first_key = cache(new_key)


class Provider:
    """`claims` is laid over what is true; None in it leaves a claim out. `broken` says how a path answers instead."""

    def __init__(self):
        self.email, self.claims, self.header, self.userinfo = "ana@practice.es", {}, {}, {}
        self.metadata = {}
        self.codes, self.client, self.asked, self.broken = {}, Client(), [], {}
        self.key, self.hanging = first_key(), 0
        self.signing = None  # another key than is published
        self.go_on = threading.Event()

    def rotate(self):
        self.key = new_key()

    def sign(self, claims):
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        unsigned = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        if header["alg"] == "none":
            return f"{unsigned}."
        if header["alg"] == "HS256":  # with the public key as the secret: the confusion of algorithms
            made = hmac.digest(self.key.as_pem(private=False), unsigned.encode(), hashlib.sha256)
            return f"{unsigned}.{base64url(made)}"
        return jwt.encode(header, claims, self.signing or self.key)

    def come_back(self, address):
        """Sign in there as somebody who has a session there already: the path to which the browser is led back."""
        with self.app.test_client() as client:
            answer = client.get(address.removeprefix(self.url))
        assert answer.status_code == 302, answer.text
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})
        return answer.headers["Location"]


def base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def app_of(provider):
    app = Flask("provider")

    class CodeGrant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

        def save_authorization_code(self, code, request):
            payload = request.payload
            provider.codes[code] = Code(
                code=code, redirect_uri=payload.redirect_uri, scope=payload.scope, nonce=payload.data.get("nonce"),
                code_challenge=payload.data.get("code_challenge"),
                code_challenge_method=payload.data.get("code_challenge_method"),
            )  # fmt: skip

        def query_authorization_code(self, code, client):
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code):
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code):
            return provider.email

    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce, request):
            return any(code.nonce == nonce for code in provider.codes.values())

        def encode_id_token(self, token, request):
            now = int(time.time())
            return provider.sign({
                "iss": provider.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "email": provider.email,
                "email_verified": True, "nonce": request.authorization_code.get_nonce(),
            })  # fmt: skip

    server = AuthorizationServer(app, lambda name: provider.client if name == CLIENT else None, lambda *_: None)
    server.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken(require_nonce=True)])

    @app.before_request
    def misbehave():
        how = provider.broken.get(request.path)
        if how == "hang":
            provider.hanging += 1
            provider.go_on.wait(30)
        elif how == "trickle":
            return Response(trickle(provider), mimetype="application/json")
        elif how:
            return Response(*how)
        return None

    @app.get("/.well-known/openid-configuration")
    def discovery():
        return {
            "issuer": provider.url, "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token", "jwks_uri": f"{provider.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": [provider.client.method],
        } | provider.metadata  # fmt: skip

    @app.get("/keys")
    def keys():
        return KeySet([provider.key]).as_dict(private=False)

    @app.get("/authorize")
    def authorize():
        try:
            grant = server.get_consent_grant(end_user=provider.email)
        except OAuth2Error as error:
            return {"error": error.error}, 400
        return server.create_authorization_response(grant_user=provider.email, grant=grant)

    @app.post("/token")
    def token():
        return server.create_token_response()

    @app.get("/userinfo")
    def userinfo():
        return provider.userinfo if request.headers.get("Authorization", "").startswith("Bearer ") else ({}, 401)

    return app


def trickle(provider):
    """A byte now and then, without end."""
    while not provider.go_on.wait(0.2):
        yield b" "


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


@contextmanager
def played_provider():
    provider = Provider()
    provider.app = app_of(provider)
    server = make_server("127.0.0.1", 0, provider.app, threaded=True, request_handler=Quiet)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield provider
    finally:
        provider.go_on.set()
        server.shutdown()
        server.server_close()
