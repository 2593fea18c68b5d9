"""What to do about a receiver that is slow to wake, in the words of the platform that it runs on."""

from __future__ import annotations

import httpx

from ..settings import Settings

HOSTS = {  # the names that platforms give
    ".onrender.com": "Render",
    ".herokuapp.com": "Heroku",
    ".fly.dev": "Fly.io",
    ".up.railway.app": "Railway",
}
AWAKE = {
    "Render": "take the plan Starter or a larger one: a free web service sleeps after 15 minutes",
    "Heroku": "take Basic dynos or larger ones: Eco dynos sleep after 30 minutes, the worker too",
    "Fly.io": "set auto_stop_machines = 'off' and min_machines_running = 1 in fly.toml, and deploy",
    "Railway": "switch Serverless off in the service's settings",
}


def awake(url: str, settings: Settings) -> str:
    host = httpx.URL(url).host
    platform = next((name for end, name in HOSTS.items() if host.endswith(end)), settings.platform)
    return AWAKE.get(platform, "take a plan that does not sleep, or see what else keeps it busy")
