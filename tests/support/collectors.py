"""A collector of traces (OTLP over HTTP) and a Sentry, on loopback: what they were sent, decoded."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.http import Server


class Collecting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers.get("Content-Encoding") == "gzip"
        self.server.raw.append(gzip.decompress(body) if packed else body)
        self.server.headers.append(dict(self.headers))
        answer, kind = self.server.answer
        self.send_response(self.server.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextmanager
def collecting(answer, kind):
    server = Server(("127.0.0.1", 0), Collecting)
    server.raw, server.headers, server.answer, server.status = [], [], (answer, kind), 200
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@contextmanager
def otlp_collector():
    with collecting(ExportTraceServiceResponse().SerializeToString(), "application/x-protobuf") as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server


@contextmanager
def a_sentry():
    with collecting(b"{}", "application/json") as server:
        server.dsn = f"http://publickey@127.0.0.1:{server.server_port}/7"
        yield server


def spans_of(server):
    """Each with its name, ids and attributes; and the service that sent it."""
    spans = []
    for body in list(server.raw):
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"]
            for scope in resource.scope_spans:
                spans += [as_dict(span, service) for span in scope.spans]
    return spans


def as_dict(span, service):
    attributes = {a.key: a.value.string_value or a.value.int_value for a in span.attributes}
    return {
        "service": service,
        "name": span.name,
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "status": span.status.code,
        "seconds": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        **attributes,
    }


def events_of(server):
    """The events in Sentry's envelopes: a line of headers, then pairs of an item's header and its JSON."""
    events = []
    for body in list(server.raw):
        lines = body.split(b"\n")
        items = zip(lines[1::2], lines[2::2], strict=False)
        events += [json.loads(item) for head, item in items if head and json.loads(head)["type"] == "event"]
    return events
