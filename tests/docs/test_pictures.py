"""The pictures of the docs can be drawn: their pages are made as far as the browser."""

import subprocess
import sys

from tests.support.processes import CHECKOUT

WITHOUT_BROWSER = {"PATH": "/nowhere"}


def test_each_picture_of_the_docs_is_drawn_and_none_is_touched_where_there_is_no_browser():
    pictures = {path.name: path.stat().st_mtime_ns for path in (CHECKOUT / "docs" / "pictures").glob("*.png")}

    ran = subprocess.run(
        [sys.executable, "-m", "docs.pictures"], cwd=CHECKOUT, env=WITHOUT_BROWSER, capture_output=True, text=True
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert {line.split()[0] for line in ran.stdout.splitlines()} == set(pictures)
    after = {path.name: path.stat().st_mtime_ns for path in (CHECKOUT / "docs" / "pictures").glob("*.png")}
    assert after == pictures
