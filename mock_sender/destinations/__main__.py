"""`python -m mock_sender.destinations`: serves until it is killed; its one line of output says where."""

from __future__ import annotations

import json
import threading

from .server import Destinations

with Destinations() as world:
    print(json.dumps({"state_url": f"{world.url}/state", "env": world.env}), flush=True)
    threading.Event().wait()
