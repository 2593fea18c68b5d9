"""One server on loopback that is all of them, each under a path of its own."""

from __future__ import annotations

import functools
import html
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from . import automation, hubspot, mail, resend, salesforce, sheets, slack, view
from .faults import Fault, Faults

HANG_S = 60


class Part(Protocol):
    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]: ...

    def effects(self) -> list[dict[str, str]]: ...


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request that a destination took itself, and what it answered; faults on command are left out."""

    answered_s: float  # monotonic
    destination: str
    method: str
    path: str  # at the destination, without the query
    query: str
    headers: dict[str, str]  # with names in lower case
    body: bytes
    status: int
    answer: Any


class Forward:
    """A URL of one's own: keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.received.append({"headers": headers, "body": body.decode(errors="replace")})
        return 200, {"status": "received"}

    def effects(self) -> list[dict[str, str]]:
        return [
            {"delivery_id": request["headers"].get("x-inboundflow-delivery-id", ""), "where": f"request {number}"}
            for number, request in enumerate(self.received, start=1)
        ]


class Destinations:
    """`with Destinations() as world:` serves them; `world.env` is what leads the receiver's handlers to them."""

    def __init__(self, port: int = 0, *, lang: str = view.LANGUAGES[0]) -> None:
        """At this port of this machine, 0: any that is free. `lang` is the page's at first. Raises OSError."""
        self.lang = lang
        self.slack, self.sheets, self.hubspot, self.forward = (
            slack.Slack(),
            sheets.Sheets(),
            hubspot.HubSpot(),
            Forward(),
        )
        self.zapier, self.make, self.n8n = automation.Zapier(), automation.Make(), automation.N8n()
        self.salesforce = salesforce.Salesforce()
        self.resend = resend.Resend()
        self.faults = Faults()
        self.watch: Callable[[str, str, str], None] = lambda name, path, stage: None  # for each request, twice
        self.exchanges: list[Exchange] | None = None  # set to [] to have them noted
        self.server = Server(("127.0.0.1", port), Request)
        self.server.world = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.faults.released.set()
        if "mail" in vars(self):
            self.mail.__exit__()
        self.server.shutdown()
        self.server.server_close()

    @functools.cached_property
    def mail(self) -> mail.MailServer:
        """The mail server, which is started when it is first asked for."""
        return mail.MailServer().__enter__()

    @property
    def env(self) -> dict[str, str]:
        """Every variable that the receiver needs to reach these (FORWARD_URL is left to the caller)."""
        return {
            "SLACK_BOT_TOKEN": slack.TOKEN,
            "SLACK_CHANNEL": slack.CHANNEL,
            "SLACK_API_URL": f"{self.url}/slack/api/",
            "GOOGLE_SERVICE_ACCOUNT_JSON": service_account(f"{self.url}/sheets/token"),
            "GOOGLE_SHEET_ID": sheets.SHEET_ID,
            "GOOGLE_SHEETS_API_URL": f"{self.url}/sheets",
            "HUBSPOT_ACCESS_TOKEN": hubspot.TOKEN,
            "HUBSPOT_API_URL": f"{self.url}/hubspot",
        }

    @property
    def automation_env(self) -> dict[str, str]:
        """What leads the handlers of Zapier, Make and n8n here."""
        return {
            "ZAPIER_WEBHOOK_URL": f"{self.url}/zapier{self.zapier.path}",
            "ZAPIER_SIGNING_SECRET": "zapier-secret",
            "MAKE_WEBHOOK_URL": f"{self.url}/make{self.make.path}",
            "MAKE_SIGNING_SECRET": "make-secret",
            "N8N_WEBHOOK_URL": f"{self.url}/n8n{self.n8n.path}",
            "N8N_SIGNING_SECRET": "n8n-secret",
            "FORWARD_ALLOW_HOSTS": self.url.removeprefix("http://"),
        }

    @property
    def salesforce_env(self) -> dict[str, str]:
        """What turns Salesforce on, too; the demo shows one CRM."""
        return {
            "SALESFORCE_INSTANCE_URL": f"{self.url}/salesforce",
            "SALESFORCE_CLIENT_ID": salesforce.CLIENT_ID,
            "SALESFORCE_CLIENT_SECRET": salesforce.CLIENT_SECRET,
        }

    @property
    def forward_env(self) -> dict[str, str]:
        """What turns forwarding on, to a URL of one's own that is here."""
        return {"FORWARD_URL": f"{self.url}/forward", "FORWARD_ALLOW_HOSTS": self.url.removeprefix("http://")}

    @property
    def every_env(self) -> dict[str, str]:
        """All of these, for whoever tries them out."""
        return self.env | self.salesforce_env | self.automation_env | self.forward_env | self.email_env

    @property
    def email_env(self) -> dict[str, str]:
        """What turns e-mail on, through Resend."""
        return {
            "EMAIL_TO": f"front@{resend.DOMAIN}",
            "EMAIL_FROM": f"Acme Dental <calls@{resend.DOMAIN}>",
            "RESEND_API_KEY": resend.KEY,
            "RESEND_API_URL": f"{self.url}/resend",
        }

    @property
    def smtp_env(self) -> dict[str, str]:
        """The same, through the mail server."""
        names = {"SMTP_URL": self.mail.url, "SMTP_CA_FILE": self.mail.ca_file}
        return {name: value for name, value in self.email_env.items() if name.startswith("EMAIL")} | names

    @property
    def slack_webhook_url(self) -> str:
        return f"{self.url}/slack{slack.HOOK}"

    def fail(self, destination: str, **fault: Any) -> None:
        """Let the next requests to a destination fail; see `Fault`."""
        self.faults.add(destination, Fault(**fault))

    def state(self) -> dict[str, Any]:
        """What has arrived: an entry for each effect, with its destination and delivery id."""
        effects = [{"destination": name, **effect} for name, part in self.parts().items() for effect in part.effects()]
        return {"effects": effects}

    def parts(self) -> dict[str, Part]:
        parts: dict[str, Part] = {"slack": self.slack, "sheets": self.sheets, "hubspot": self.hubspot}
        parts |= {"salesforce": self.salesforce, "forward": self.forward, "resend": self.resend}
        return parts | {"zapier": self.zapier, "make": self.make, "n8n": self.n8n}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    world: Destinations

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that was killed while it was served


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: the second would wait 40 ms for an ACK
    server: Server

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # its client is gone: no request
            self.close_connection = True
            return None
        parts = urlsplit(self.path)
        _, name, rest = (parts.path + "//").split("/", 2)
        if name in self.server.world.parts():
            return self.serve(name, "/" + rest.removesuffix("//").removesuffix("/"), parts.query, body)
        if not view.is_ours(self.headers.get("Host", "")):
            return self.say(403, {"error": "this is shown under this machine's own name only"}, {})
        return self.look(parts.path, parts.query, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def look(self, path: str, query: str, body: bytes) -> None:
        """What is for whoever plays: what has arrived, and faults on command."""
        if path == "/state":
            return self.say(200, self.server.world.state(), {})
        if path == "/fail":
            self.server.world.fail(**json.loads(body))
            return self.say(200, {}, {})
        shown = view.answer(self.server.world, path, query)
        if shown is None:
            return self.say(404, {"error": f"played here: {', '.join(self.server.world.parts())}"}, {})
        kind, content = shown
        return self.say(200, content, view.HEADERS | {"Content-Type": kind})

    def serve(self, name: str, path: str, query: str, body: bytes) -> None:
        world = self.server.world
        part = world.parts()[name]
        asked = described(path, query, body)
        fault = world.faults.next(name, asked)
        if fault and fault.mode == "hang":
            world.faults.released.wait(HANG_S)
        if fault and fault.mode in ("reset", "hang"):
            return self.reset()
        if fault and fault.mode == "status":
            return self.say(fault.status, json.loads(fault.body), fault.headers)
        if fault and fault.mode.startswith("echo"):
            return self.echo(fault, body.decode(errors="replace"))
        headers = {header.lower(): value for header, value in self.headers.items()}
        world.watch(name, asked, "received")
        status, answer = part.answer(self.command, path, query, headers, body)
        if world.exchanges is not None:
            world.exchanges.append(
                Exchange(
                    answered_s=time.monotonic(),
                    destination=name, method=self.command, path=path, query=query, headers=headers, body=body,
                    status=status, answer=answer,
                )
            )  # fmt: skip
        world.watch(name, asked, "done")
        return self.reset() if fault else self.say(status, answer, {})

    def say(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        content = answer.encode(errors="replace") if isinstance(answer, str) else json.dumps(answer).encode()
        content = b"" if status == 204 else content  # none may have one
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def echo(self, fault: Fault, text: str) -> None:
        if fault.mode == "echo-head":
            line = " ".join(text.replace(":", " ").split())[:4000]
            self.wfile.write(f"HTTP/1.1 {fault.status or 200} OK\r\n{line}\r\n\r\n".encode())
            self.close_connection = True
            return
        page = f"<pre>{html.escape(text, quote=False)}</pre>"
        self.say(fault.status or 200, page, {"Content-Type": "text/html"} | fault.headers)

    def reset(self) -> None:
        """Close with a reset, as a crashed server or a proxy does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        with suppress(OSError, ValueError):  # it was reset on purpose
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass


def described(path: str, query: str, body: bytes) -> str:
    """What a fault or a watcher looks for: the path with its query, and the first of Google's requests in a batch."""
    kind = next(iter(json.loads(body)["requests"][0])) if path.endswith(":batchUpdate") else ""
    return path + f"?{query}" * bool(query) + f"#{kind}" * bool(kind)


@functools.cache
def private_key() -> str:
    """Made once in a process, as that takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def service_account(token_uri: str) -> str:
    """The JSON that Google gives with a service account."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "demo",
            "private_key_id": "demo",
            "private_key": private_key(),
            "client_email": "receiver@demo.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": token_uri,
        }
    )
