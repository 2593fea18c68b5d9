"""Our own web process with storing switched off: what is left when the disk costs nothing."""

import os

from flask import Flask

from receiver import settings
from receiver.app.server import Server
from receiver.settings import Settings
from receiver.verify import Verifier
from receiver.web import webhooks


class Nowhere:
    """Keeps nothing."""

    def keep(self, delivery: object, *, timeout_s: float) -> str:
        return "stored"

    def knows(self, source: str, key: str) -> bool:
        return False

    def count(self, reason: str, facts: object) -> None:
        pass


def create_app(found: Settings) -> Flask:
    app = Flask("no_store", static_folder=None)
    verifier = Verifier(secrets=found.secrets.values)
    nowhere = Nowhere()
    app.register_blueprint(
        webhooks(verifier, nowhere, nowhere, max_body_bytes=found.max_body_bytes, nudge=lambda: None)  # type: ignore[arg-type]
    )
    return app


class NoStore(Server):
    def load(self) -> Flask:
        return create_app(self.settings)


if __name__ == "__main__":
    found = settings.read(os.environ)
    NoStore(found, f"{found.host}:{found.port}").run()
