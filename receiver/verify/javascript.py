"""`JSON.stringify(JSON.parse(text))`, as the verifier in InboundFlow's documentation computes it.

https://tc39.es/ecma262/#sec-json.parse, #sec-json.stringify, #sec-numeric-types-number-tostring
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

NESTING = 100  # documented payloads nest two deep
ARRAY_INDEX_BELOW = 2**32 - 1  # JavaScript lists such keys first, in numeric order
ARRAY_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class NotReserialisable(ValueError):
    """JSON.parse would refuse it, or it is nested too deep for us."""


class Number(str):
    """A number, already written as JavaScript writes it."""


def reserialise(body: bytes) -> bytes:
    """The text that JavaScript would sign. Raises NotReserialisable, and nothing else.

    Invalid UTF-8 is refused: JavaScript would have put replacement characters into what it signed.
    """
    try:
        value = json.loads(
            body.decode(), parse_int=number, parse_float=number, parse_constant=refuse, object_pairs_hook=ordered
        )
        return written(value, NESTING).encode()
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotReserialisable from error


def refuse(constant: str) -> None:
    """Python reads NaN and Infinity, JSON.parse does not."""
    raise NotReserialisable(constant)


def ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last of equal keys, where the first stood; integer-like keys before all others."""
    found = dict(pairs)
    indices = sorted((key for key in found if is_index(key)), key=int)
    return {key: found[key] for key in indices} | found if indices else found


def is_index(key: str) -> bool:
    return bool(ARRAY_INDEX.fullmatch(key)) and int(key) < ARRAY_INDEX_BELOW


def written(value: Any, depth: int) -> str:
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return quoted(value)
    if depth == 0:
        raise NotReserialisable("nested too deep")
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(key)}:{written(value[key], depth - 1)}" for key in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item, depth - 1) for item in value) + "]"
    return {None: "null", True: "true", False: "false"}[value]


def quoted(text: str) -> str:
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", encode_basestring(text))


def number(text: str) -> Number:
    """Shortest digits that read back as the same double, as Number.prototype.toString arranges them."""
    value = float(text)
    if math.isinf(value):
        return Number("null")
    if value == 0:
        return Number("0")  # also for -0
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    shortest = "".join(map(str, digits))
    return Number(("-" if value < 0 else "") + arranged(shortest, len(shortest) + int(exponent)))


def arranged(digits: str, point: int) -> str:
    """`digits` with the decimal point after the first `point` of them."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
