"""Bodies that came with a Content-Encoding."""

from __future__ import annotations

import zlib

from werkzeug.datastructures import Headers

GZIP_OR_ZLIB = 47  # zlib's window bits for "either of the two, by its header"


def decoded(headers: Headers, body: bytes, limit: int) -> bytes | None:
    """The unpacked body; None where it is not packed, or not in a way we know, or larger than `limit` bytes."""
    if headers.get("Content-Encoding", "").strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error:
        return None
    return plain if inflater.eof and len(plain) <= limit and not inflater.unused_data else None
