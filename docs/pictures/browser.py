"""A page as a PNG, by headless Chromium."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-device-scale-factor=2",
)  # fmt: skip


def shoot(html: str, picture: Path, *, width: int, height: int) -> None:
    """Write the page's picture; without Chromium, say so and leave the old one."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print(f"{picture.name} is left as it is: there is no Chromium (on Debian: apt install chromium)")
        return
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory, "page.html")
        page.write_text(html)
        where = (f"--user-data-dir={directory}/profile", f"--screenshot={picture}", f"--window-size={width},{height}")
        subprocess.run([chromium, *FLAGS, *where, page.as_uri()], check=True, capture_output=True, timeout=60)
    print(picture)
