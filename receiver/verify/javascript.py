"""`JSON.stringify(JSON.parse(text))`, as the verifier in InboundFlow's documentation computes it.

https://tc39.es/ecma262/#sec-json.parse, #sec-json.stringify, #sec-numeric-types-number-tostring
"""

from __future__ import annotations

import json
import math
import re
import secrets
from typing import Any

NESTING = 100  # documented payloads nest two deep
ARRAY_INDEX_BELOW = 2**32 - 1  # JavaScript lists such keys first, in numeric order
ARRAY_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
EXACT_BELOW = 2**53  # every whole number up to here is a double, and both languages write it the same way

# Both passes run in C, as anyone may send us a forgery. A number that Python would write differently travels
# through the encoder as a string that starts with MARK; no one outside can know it.
MARK = secrets.token_hex(8)
MARKED = re.compile(f'"{MARK}([^"]*)"')
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class NotReserialisable(ValueError):
    """JSON.parse would refuse it, or it is nested too deep for us."""


def reserialise(body: bytes) -> bytes:
    """The text that JavaScript would sign. Raises NotReserialisable, and nothing else.

    Invalid UTF-8 is refused: JavaScript would have put replacement characters into what it signed.
    """
    try:
        value = json.loads(
            body.decode(), parse_int=whole, parse_float=number, parse_constant=refuse, object_pairs_hook=ordered
        )
        check_nesting(value)
        text = MARKED.sub(r"\1", encode(value))
        return LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotReserialisable from error


def refuse(constant: str) -> None:
    """Python reads NaN and Infinity, JSON.parse does not."""
    raise NotReserialisable(constant)


def check_nesting(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(NESTING):
        inside = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer)]
        level = [item for item in inside if isinstance(item, (dict, list))]
        if not level:
            return
    raise NotReserialisable("nested too deep")


def ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last of equal keys, where the first stood; integer-like keys before all others."""
    members = dict(pairs)
    indices = sorted([key for key in members if key.isdecimal() and is_index(key)], key=int)
    return {key: members[key] for key in indices} | members if indices else members


def is_index(key: str) -> bool:
    return bool(ARRAY_INDEX.fullmatch(key)) and int(key) < ARRAY_INDEX_BELOW


def whole(text: str) -> int | float | str | None:
    return int(text) if len(text) < 16 else number(text)


def number(text: str) -> int | float | str | None:
    """The double that JavaScript reads, as a value that the encoder writes as JavaScript does."""
    value = float(text)
    if math.isinf(value):
        return None
    if value.is_integer() and abs(value) <= EXACT_BELOW:
        return int(value)  # 1.0 is written 1, and -0 is written 0
    return value if 1e-4 <= abs(value) < EXACT_BELOW else MARK + arranged(repr(value))


def arranged(shortest: str) -> str:
    """Python's shortest digits for a double, arranged as Number.prototype.toString does."""
    mantissa, _, exponent = shortest.removesuffix(".0").partition("e")
    if not exponent:
        return mantissa
    point = int(exponent) + 1
    if not -6 < point <= 21:
        return f"{mantissa}e{point - 1:+d}"  # Python pads the exponent: 1e-07
    sign, digits = mantissa[: mantissa.startswith("-")], mantissa.lstrip("-").replace(".", "")
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return sign + digits.ljust(point, "0")  # a double this large has no fraction
