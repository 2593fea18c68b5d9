"""The files that a browser keeps for a year: their names change with what is in them."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, Response, abort

from .rights import PUBLIC, needs

FOLDER = Path(__file__).parent / "static"
SHOWN = (".css", ".js", ".svg")
CACHE = "public, max-age=31536000, immutable"


class Assets:
    """All of them in memory: some 30 KB."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in SHOWN}
        self.names = {name: hashed(name, content) for name, content in files.items()}
        self.contents = {self.names[name]: content for name, content in files.items()}

    def url(self, name: str) -> str:
        return f"/static/{self.names[name]}"

    def routes(self) -> Blueprint:
        bp = Blueprint("assets", __name__)

        @bp.get("/static/<name>")
        @needs(PUBLIC)
        def asset(name: str) -> Response:
            if name not in self.contents:
                abort(404)
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return Response(self.contents[name], mimetype=kind, headers={"Cache-Control": CACHE})

        @bp.get("/favicon.ico")
        @needs(PUBLIC)
        def favicon() -> Response:
            return asset(self.names["icon.svg"])

        @bp.get("/robots.txt")
        @needs(PUBLIC)
        def robots() -> Response:
            return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")

        return bp


def hashed(name: str, content: bytes) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
