"""A page as a PNG, by headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-device-scale-factor=2",
)  # fmt: skip


MEASURING = "<script>document.title = Math.ceil(document.body.getBoundingClientRect().bottom)</script>"


def shoot(html: str, picture: Path, *, width: int, height: int | None = None) -> None:
    """Write the page's picture, by default as high as the page; without Chromium, say so and leave the old one."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print(f"{picture.name} is left as it is: there is no Chromium (on Debian: apt install chromium)")
        return
    if height is None:
        measured = run(chromium, html + MEASURING, "--dump-dom", f"--window-size={width},600")
        height = int(re.findall(r"<title>(\d+)</title>", measured)[0])
    run(chromium, html, f"--screenshot={picture}", f"--window-size={width},{height}")
    print(picture)


def run(chromium: str, html: str, *options: str) -> str:
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory, "page.html")
        page.write_text(html)
        command = [chromium, *FLAGS, f"--user-data-dir={directory}/profile", *options, page.as_uri()]
        return subprocess.run(command, check=True, capture_output=True, timeout=60, text=True).stdout
