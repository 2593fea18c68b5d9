"""A mail server that takes messages for one domain, by SMTP with STARTTLS or TLS from the start.

https://www.rfc-editor.org/rfc/rfc5321, …/rfc3207 (STARTTLS), …/rfc4954 (AUTH), …/rfc3463 (enhanced codes);
"550 5.7.60 Client does not have permissions to send as this sender" is Exchange's, learn.microsoft.com/exchange/
mail-flow-best-practices/non-delivery-reports-in-exchange-online; greylisting: …/rfc6647.
"""

from __future__ import annotations

import base64
import datetime
import functools
import ipaddress
import re
import socket
import socketserver
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD, DOMAIN = "calls@acme.example", "pa/ss@word", "acme.example"
PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>\s]*)>.*", re.IGNORECASE)


@dataclass(kw_only=True)
class Trouble:
    """What the next `times` commands of this kind meet: an answer, `drop` (nothing is done), or `lost` (all is done).

    END stands for the last line of a message, CONNECT for the greeting.
    """

    step: str
    answer: str = "451 4.3.0 try again later"
    times: int = 1


class MailServer:
    """`with MailServer() as server:` serves; `server.messages` are those that were taken."""

    def __init__(self, *, implicit_tls: bool = False, offers_tls: bool = True, offers_auth: bool = True) -> None:
        self.mutex = threading.Lock()
        self.messages: list[dict[str, Any]] = []
        self.troubles: list[Trouble] = []
        self.sessions: list[list[str]] = []  # the commands of each connection; without what a password is in
        self.unknown: set[str] = set()
        self.taken: Callable[[], object] = lambda: None  # called once a message is kept, before the answer
        self.implicit_tls, self.offers_tls, self.offers_auth = implicit_tls, offers_tls or implicit_tls, offers_auth
        self.server = Server(("127.0.0.1", 0), Session)
        self.server.world = self
        self.port = int(self.server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        name, secret = USER.replace("@", "%40"), PASSWORD.replace("/", "%2F").replace("@", "%40")
        return f"{'smtps' if self.implicit_tls else 'smtp'}://{name}:{secret}@localhost:{self.port}"

    @property
    def ca_file(self) -> str:
        return certificate_file()

    def fail(self, step: str, answer: str = Trouble.answer, times: int = 1) -> None:
        with self.mutex:
            self.troubles.append(Trouble(step=step, answer=answer, times=times))

    def trouble(self, step: str) -> str:
        with self.mutex:
            for trouble in self.troubles:
                if trouble.step == step and trouble.times > 0:
                    trouble.times -= 1
                    return trouble.answer
        return ""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    world: MailServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that went away, or refused the certificate


class Dropped(Exception):
    """The connection is to end at once."""


class Session(socketserver.StreamRequestHandler):
    server: Server

    def setup(self) -> None:
        if self.server.world.implicit_tls:
            self.request = server_context().wrap_socket(self.request, server_side=True)
        super().setup()
        self.log: list[str] = []
        self.server.world.sessions.append(self.log)
        self.is_secret = self.server.world.implicit_tls
        self.is_signed_in = False
        self.sender, self.recipients = "", list[str]()

    def handle(self) -> None:
        with suppress(Dropped, OSError, ValueError):
            self.say(self.server.world.trouble("CONNECT") or "220 localhost ESMTP")
            while line := self.rfile.readline(4096):
                verb, _, rest = line.strip().partition(b" ")
                self.obey(verb.upper().decode(errors="replace"), rest)

    def obey(self, verb: str, rest: bytes) -> None:
        self.log.append(verb if verb == "AUTH" else f"{verb} {rest.decode(errors='replace')}".strip())
        if answer := self.server.world.trouble(verb):
            return self.say(answer)
        method = getattr(self, f"do_{verb.lower()}", None)
        self.say("502 5.5.1 not known") if method is None else method(rest)

    def do_ehlo(self, rest: bytes) -> None:
        world = self.server.world
        lines = ["localhost", "8BITMIME", "ENHANCEDSTATUSCODES"]
        lines += ["STARTTLS"] if world.offers_tls and not self.is_secret else []
        lines += ["AUTH PLAIN LOGIN"] if world.offers_auth and (self.is_secret or not world.offers_tls) else []
        for line in lines[:-1]:
            self.wfile.write(f"250-{line}\r\n".encode())
        self.say(f"250 {lines[-1]}")

    def do_starttls(self, rest: bytes) -> None:
        self.say("220 2.0.0 go ahead")
        self.request = server_context().wrap_socket(self.connection, server_side=True)
        self.is_secret = True
        super().setup()

    def do_auth(self, rest: bytes) -> None:
        how, _, initial = rest.partition(b" ")
        if how.upper() == b"PLAIN":
            user, secret = base64.b64decode(initial or self.ask("")).split(b"\0")[1:]
        else:
            user = base64.b64decode(initial or self.ask("VXNlcm5hbWU6"))
            secret = base64.b64decode(self.ask("UGFzc3dvcmQ6"))
        self.is_signed_in = (user.decode(), secret.decode()) == (USER, PASSWORD)
        self.say("235 2.7.0 welcome" if self.is_signed_in else "535 5.7.8 user name and password not accepted")

    def ask(self, text: str) -> bytes:
        self.say(f"334 {text}")
        return self.rfile.readline(4096).strip()

    def do_mail(self, rest: bytes) -> None:
        self.sender, self.recipients = path_in(rest), []
        if self.server.world.offers_auth and not self.is_signed_in:
            return self.say("530 5.7.0 authentication required")
        if not self.sender.endswith(f"@{DOMAIN}"):
            return self.say("550 5.7.60 Client does not have permissions to send as this sender")
        return self.say("250 2.1.0 ok")

    def do_rcpt(self, rest: bytes) -> None:
        recipient = path_in(rest)
        if recipient in self.server.world.unknown:
            return self.say(f"550 5.1.1 <{recipient}>: no such user here")
        self.recipients.append(recipient)
        return self.say("250 2.1.5 ok")

    def do_data(self, rest: bytes) -> None:
        if not self.recipients:
            return self.say("503 5.5.1 no recipients")
        self.say("354 end with a dot")
        lines = []
        while (line := self.rfile.readline(1 << 20)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if not line:
            raise Dropped
        answer = self.server.world.trouble("END")
        if answer in ("", "lost"):
            taken = {"from": self.sender, "to": self.recipients, "bytes": b"".join(lines), "tls": self.is_secret}
            self.server.world.messages.append(taken)
            self.server.world.taken()
        return self.say(answer or "250 2.0.0 taken")

    def do_rset(self, rest: bytes) -> None:
        self.recipients = []
        self.say("250 2.0.0 ok")

    def do_noop(self, rest: bytes) -> None:
        self.say("250 2.0.0 ok")

    def do_quit(self, rest: bytes) -> None:
        self.say("221 2.0.0 bye")
        raise Dropped

    def say(self, answer: str) -> None:
        if answer in ("drop", "lost"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            raise Dropped
        self.wfile.write(f"{answer}\r\n".encode())

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()


def path_in(rest: bytes) -> str:
    match = PATH.fullmatch(rest)
    return match[1].decode() if match else ""


@functools.cache
def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file())
    return context


@functools.cache
def certificate_file() -> str:
    """The certificate of localhost with its key, made once in a process; it is its own CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = Path(tempfile.mkdtemp(prefix="mail")) / "localhost.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return str(path)
