"""Our own web process with storing switched off: what is left when the disk costs nothing."""

import os

from flask import Flask

from receiver import settings
from receiver.app.server import Server
from receiver.settings import Settings
from receiver.sources import Source
from receiver.verify import Verifier
from receiver.web import Application, webhook_routes


class Nowhere:
    """Keeps nothing."""

    def keep(self, delivery: object, *, timeout_s: float) -> str:
        return "stored"

    def count(self, reason: str, headers: object, *, source: str) -> None:
        pass


def create_app(config: Settings) -> Flask:
    app = Application("no_store", static_folder=None)
    nowhere, sources = Nowhere(), {"": Source(secrets=config.secrets.values)}
    app.register_blueprint(
        webhook_routes(sources, nowhere, nowhere, verifier_of=Verifier, max_body_bytes=config.max_body_bytes)
    )
    return app


class NoStore(Server):
    def load(self) -> Flask:
        return create_app(self.settings)


if __name__ == "__main__":
    config = settings.read(os.environ)
    NoStore(config, f"{config.host}:{config.port}", narrows=False).run()
