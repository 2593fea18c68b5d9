import json
import os
import random
import shutil
import struct
import subprocess

import pytest

from receiver.verify.javascript import NotReserialisable, reserialise
from tests.support.processes import CHECKOUT

VECTORS = json.loads((CHECKOUT / "tests" / "vectors.json").read_text())["javascript"]
NUMBERS = [
    "0", "-0", "1.0", "1E5", "0.1e1", "100.00", "1e21", "1e20", "123456789012345680000", "1e-6", "1e-7", "0.0000001",
    "5e-324", "1.7976931348623157e308", "1e400", "-1e400", "9007199254740993", "4.35", "0.1",
    "9007199254740992", "1e-5", "-1.5e-5", "0.0001", "1e16", "-1.25e20", "9.99e21", "-1e-7", "-0.0", "1e-400",
]  # fmt: skip
PIECES = [
    "a", "é", "😀", "\u2028", "\x7f", r"\ud800", r"\udc00", r"\ud83d\ude00", r"\u2028", r"\n", r"\/", r"\u0000",
    r"\u001F", r"\b", r"\f", r"\"", r"\\", r"\u00e9",
]  # fmt: skip
KEYS = [
    "0",
    "1",
    "10",
    "2",
    "01",
    "-1",
    "1.5",
    "4294967294",
    "4294967295",
    "99999999999",
    "__proto__",
    "a",
    "b",
    "",
    "length",
]
SEPARATOR = "\x01"
SCRIPT = (
    "process.stdout.write(require('fs').readFileSync(0, 'utf8').split('\\u0001')"
    ".map((text) => JSON.stringify(JSON.parse(text))).join('\\u0001'))"
)


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_it_is_written_as_javascript_writes_it(text, expected):
    assert reserialise(text.encode()).decode() == expected


REFUSED = [b"", b"NaN", b"[Infinity]", b"{'a':1}", b"[1,]", b"01", b"\xef\xbb\xbf{}", b"\xff", b'"\t"', b"[" * 101 + b"]" * 101, b"[" * 100_000, b"{} {}"]  # fmt: skip


@pytest.mark.parametrize("body", REFUSED, ids=range(len(REFUSED)))
def test_what_javascript_would_not_read_or_nests_too_deep_is_refused(body):
    with pytest.raises(NotReserialisable):
        reserialise(body)


@pytest.mark.skipif(not shutil.which("node") and not os.environ.get("CI"), reason="needs node; the vectors stand in")
def test_thousands_of_generated_documents_come_out_as_from_node():
    rng = random.Random(20260224)
    documents = [a_document(rng, 4) for _ in range(5000)]

    said = subprocess.run(
        ["node", "-e", SCRIPT], input=SEPARATOR.join(documents).encode(), capture_output=True, check=True
    )

    assert [reserialise(document.encode()).decode() for document in documents] == said.stdout.decode().split(SEPARATOR)


def a_document(rng, depth):
    choice = rng.random()
    if depth == 0 or choice < 0.35:
        return a_number(rng)
    if choice < 0.6:
        return rng.choice([a_string(rng), "null", "true", "false"])
    blank = rng.choice(["", " ", "\n", "\t "])
    if choice < 0.75:
        return f"[{blank}{f'{blank},'.join(a_document(rng, depth - 1) for _ in range(rng.randint(0, 4)))}]"
    members = [f"{blank}{a_key(rng)}{blank}:{a_document(rng, depth - 1)}" for _ in range(rng.randint(0, 7))]
    return f"{{{','.join(members)}{blank}}}"


def a_number(rng):
    choice = rng.random()
    if choice < 0.3:
        return rng.choice(NUMBERS)
    if choice < 0.5:
        return str(rng.randint(-(10 ** rng.randint(1, 25)), 10 ** rng.randint(1, 25)))
    (value,) = struct.unpack("d", rng.randbytes(8))
    return repr(value) if abs(value) < float("inf") else "1"


def a_string(rng):
    return '"' + "".join(rng.choice(PIECES) for _ in range(rng.randint(0, 6))) + '"'


def a_key(rng):
    return a_string(rng) if rng.random() < 0.3 else f'"{rng.choice(KEYS)}"'
