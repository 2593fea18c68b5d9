import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.http import Server
from tests.support.public import LOG_IN, OURS, called


@pytest.fixture
def serve():
    """Starts a server that gives this answer to every POST, or another at some paths; yields its address."""
    servers = []

    def start(status, body, date="", most=10**9, at=None, wait_s=0, location=LOG_IN, kind="", context=None):
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                self.rfile.read(size)
                time.sleep(wait_s)
                code, text = (at or {}).get(self.path, (status, body))
                self.send_response_only(413 if size > most else code)
                self.send_header("Date", date or self.date_time_string())
                self.send_header("Location", location)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(b"too large" if size > most else text.encode())

        server = Server(("127.0.0.1", 0), Answer)
        server.handle_error = lambda *_: None  # a client that trusts no certificate hangs up
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def certified(serve, tmp_path):
    """Starts a receiver's answer behind TLS, its certificate good for so many days; where, and whom to trust."""

    def start(days, address="127.0.0.1", signed_by=None):
        key, name = ec.generate_private_key(ec.SECP256R1()), called("receiver")
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(called(signed_by) if signed_by else name)
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (tmp_path / "pem").write_bytes(secret + made.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "pem")
        return serve(401, OURS, context=context), ssl.create_default_context(cafile=tmp_path / "pem")

    return start
