import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from receiver import settings
from receiver.doctor.certificate import check_certificate
from receiver.doctor.public import PATH, check_url, is_ours, plain_twin
from receiver.doctor.redirects import check_plain
from receiver.doctor.sleep import awake
from tests.support.cli import receiver

OURS = json.dumps({"status": "rejected", "reason": "signature-missing", "detail": "…"})
OLD = "Wed, 01 Jan 2020 00:00:00 GMT"
LOG_IN = "https://elsewhere.example/log-in?next=%2Fsecret"


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

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
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


def called(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def said(findings):
    return [(one.severity, one.message) for one in findings]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, OURS), "the receiver answers there"),
        ((200, "{}"), "a request without a signature is taken"),
        ((200, "<html>Log in"), "a web page answers (status 200), and not the receiver"),
        ((403, "<!doctype html>"), "a web page answers (status 403), and not the receiver"),
        ((502, '{"error": "bad gateway"}'), "something other than the receiver answers (status 502)"),
        ((401, OURS, OLD), "this machine's and the public address's differ by"),
        ((401, OURS, "", 1000), "a delivery of 1 MB does not reach the receiver"),
    ],
)
def test_what_answers_at_the_public_address_is_told(serve, answer, said):
    url = serve(*answer)

    found = [one.message for one in check_url(settings.read({}), url)]

    assert found[0] == "it does not begin with https://"
    assert any(one.startswith(said) for one in found)


def test_the_receiver_by_itself_gives_no_other_finding(serve):
    found = list(check_url(settings.read({}), serve(401, OURS)))

    assert [one.severity for one in found] == ["problem", "ok"]


def test_a_receiver_that_would_keep_the_question_is_not_asked(serve):
    found = list(check_url(settings.read({"INBOUNDFLOW_ALLOW_UNSIGNED": "1"}), serve(200, '{"status": "stored"}')))

    assert [one.message for one in found][1:] == [
        "it was not asked, as the receiver would keep what is asked without a signature"
    ]


def test_an_address_where_nobody_listens_is_a_problem():
    found = [one.message for one in check_url(settings.read({}), "https://127.0.0.1:1")]

    assert found == ["nothing answers there: no answer (ConnectError)"]


@pytest.mark.parametrize(
    ("given", "leads_to"), [(PATH, PATH + "/"), (PATH + "/", PATH), (PATH, "/other")], ids=["slash", "none", "other"]
)
def test_of_an_address_that_redirects_to_the_receiver_the_right_one_is_told(serve, given, leads_to):
    url = serve(308, "", location=leads_to, at={leads_to: (401, OURS)})

    found = list(check_url(settings.read({}), url + given))[-1]

    assert (found.severity, found.do) == ("problem", f"give InboundFlow {url}{leads_to}")
    assert found.message == f"it redirects to {url}{leads_to} (status 308)"


def test_a_redirect_to_a_log_in_page_is_to_be_switched_off_and_where_one_came_from_is_not_shown(serve):
    found = list(check_url(settings.read({}), serve(302, "", location=serve(200, "<html>") + "/log-in?next=secret")))[
        -1
    ]

    assert found.do == f"lead POST {PATH} to the receiver without a log-in or a redirect"
    assert "/log-in (status 302)" in found.message
    assert "secret" not in str(found)


def test_a_slash_too_many_is_told(serve):
    url = serve(404, "<html>", at={PATH: (401, OURS)})

    found = list(check_url(settings.read({}), f"{url}{PATH}/"))[-1]

    assert (found.severity, found.do) == ("problem", f"give InboundFlow {url}{PATH}")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((308, "", {"location": "https://127.0.0.1/x"}), [("ok", "its http:// address leads to https://")]),
        ((401, OURS, {"location": ""}), [("advice", "the receiver also answers at the http:// address")]),
        ((404, "", {"location": ""}), []),
    ],
)
def test_the_http_address_may_lead_to_https_and_may_not_answer_by_itself(serve, answer, expected):
    status, body, more = answer

    assert said(check_plain(serve(status, body, **more), is_ours)) == expected


def test_the_http_address_is_that_of_the_same_name_and_path():
    assert plain_twin("https://calls.example.com/") == f"http://calls.example.com{PATH}"
    assert plain_twin("https://calls.example.com:8443") == plain_twin("http://calls.example.com") == ""


@pytest.mark.parametrize(("days", "severity"), [(7, "problem"), (8, "advice"), (21, "advice"), (22, "ok")])
def test_a_certificate_that_ends_soon_is_told(certified, days, severity):
    url, context = certified(days)

    assert said(check_certificate(url, context)) == [(severity, f"its certificate is valid for {days - 1} days more")]


@pytest.mark.parametrize(
    ("signed_by", "words"),
    [(None, "is self-signed: nobody vouches for it"), ("An authority", "is served without the intermediate one")],
)
def test_a_certificate_that_nobody_vouches_for_is_told_in_words(certified, signed_by, words):
    url, _ = certified(30, signed_by=signed_by)

    found = list(check_url(settings.read({}), url))

    assert said(found) == [("problem", f"its certificate {words}")]


@pytest.mark.parametrize(
    ("address", "days", "words"),
    [("127.0.0.2", 30, "is for another address"), ("127.0.0.1", -1, "has expired")],
)
def test_a_certificate_for_another_place_or_of_the_past_is_told_in_words(certified, address, days, words):
    url, context = certified(days, address)

    assert said(check_certificate(url, context)) == [("problem", f"its certificate {words}")]


def test_a_slow_first_answer_is_told(serve):
    url = serve(401, OURS, wait_s=0.2)

    found = list(check_url(settings.read({}), url, slow_s=0.1))

    assert [one.do for one in found if one.message.startswith("its first answer took")] == [
        awake(url, settings.read({}))
    ]


@pytest.mark.parametrize(
    ("url", "env", "words"),
    [
        ("https://x.onrender.com", {}, "Starter"),
        ("https://x.herokuapp.com", {}, "Eco dynos sleep"),
        ("https://x.fly.dev", {}, "auto_stop_machines"),
        ("https://x.up.railway.app", {}, "Serverless"),
        ("https://calls.example.com", {"RENDER": "1"}, "Starter"),
        ("https://calls.example.com", {}, "a plan that does not sleep"),
    ],
)
def test_what_keeps_it_awake_is_told_in_the_platforms_words(url, env, words):
    assert words in awake(url, settings.read(env))


def test_the_command_tells_how_long_the_certificate_of_the_receiver_lasts(certified, tmp_path):
    url, _ = certified(30)

    ran = receiver("doctor", "--url", url, DATA_DIR=str(tmp_path / "var"), SSL_CERT_FILE=str(tmp_path / "pem"))

    assert "ok: certificate: its certificate is valid for 29 days more" in ran.stdout
    assert "ok: public URL: the receiver answers there" in ran.stdout
