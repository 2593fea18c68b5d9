"""`JSON.stringify(JSON.parse(text))` for what InboundFlow sends, as the verifier in its documentation computes it."""

import json
import re

INDEX = re.compile("0|[1-9][0-9]{0,9}", re.ASCII)
INDEX_BELOW = 2**32 - 1  # the longest array has so many places


class NotJSON(ValueError):
    """JSON.parse would refuse it, or it is nested too deep for us."""


def stringified(body, *, in_order=True, ascii_only=False):
    """Raises NotJSON, and nothing else."""
    try:
        value = json.loads(body.decode(), parse_float=number, object_pairs_hook=ordered if in_order else dict)
        text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise NotJSON from error
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def ordered(pairs):
    """JavaScript lists keys that look like array indices first, by number."""
    found = dict(pairs)
    indices = sorted((key for key in found if INDEX.fullmatch(key) and int(key) < INDEX_BELOW), key=int)
    return {key: found[key] for key in indices} | found


def number(text):
    """1.0 is written 1."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
