"""`mock-sender panel`: serves InboundFlow's panel to a browser on this machine."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import click
from werkzeug.serving import make_server

from ..cli import options
from ..sender import is_loopback
from .app import create_app
from .business import Business
from .texts import LANGUAGES


@click.command(short_help="Play InboundFlow's panel in a browser.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="es", show_default=True, help="Its language at first.")
@options.database
def panel(port: int, host: str, lang: str, db: Path) -> None:
    """Play InboundFlow's page Configuración → Integraciones in a browser.

    It has no password: whoever reaches it can send to your receivers. So it listens on this machine only, unless
    --host says otherwise.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every look of every open page helps nobody
    with options.account(db, new=True) as flow, Business(flow) as business:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = socket.create_server((host, port), family=family)
        except OSError as error:
            raise options.CannotGoOn(f"Cannot listen on {host}:{port}: give --port or --host another.") from error
        app = create_app(flow, business, lang=lang, host=host)
        server = make_server(host, port, app, threaded=True, fd=listener.fileno())
        if not is_loopback(host):
            click.echo("Anybody who can reach this address can use it: it has no password.", err=True)
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"The panel is at http://{shown}:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
        server.serve_forever()  # until Ctrl-C, after which it closes
