"""Caddy before the web processes, whichever version is on the path."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

RETRIES_POSTS = (2, 11, 2)  # before, a request that is tried again goes without its body, or with another's: 502


def version() -> tuple[int, ...]:
    """(0,) where none is installed, or none that says."""
    try:
        output = subprocess.run(["caddy", "version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return (0,)
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", output)
    return tuple(int(part) for part in match.groups()) if match else (0,)


class Caddy:
    """Its files in `directory`. It tries for five seconds to reach one of the processes."""

    def __init__(self, directory: Path, port: int, env: Mapping[str, str]) -> None:
        self.file = directory / "Caddyfile"
        self.socket = directory / "caddy.sock"
        self.port = port
        self.env = {**env, "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}

    def command(self) -> Sequence[str]:
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(self.file)]

    def lead_to(self, ports: Sequence[int]) -> None:
        upstreams = " ".join(f"127.0.0.1:{port}" for port in ports)
        self.file.write_text(
            f"{{\n\tadmin unix/{self.socket}\n\tauto_https off\n}}\n"
            f"http://127.0.0.1:{self.port} {{\n\treverse_proxy {upstreams} {{\n\t\tlb_try_duration 8s\n\t}}\n}}\n"
        )

    def reload(self, ports: Sequence[int]) -> None:
        """From now on requests go to these; those under way are finished."""
        self.lead_to(ports)
        options = ["--adapter", "caddyfile", "--config", str(self.file), "--address", f"unix/{self.socket}"]
        subprocess.run(["caddy", "reload", *options], env=dict(self.env), check=True, capture_output=True, timeout=30)
