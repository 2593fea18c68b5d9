"""What to do about a receiver that is slow to wake, in the words of the platform that it runs on."""

from __future__ import annotations

import httpx

from ..locales import Text, Texts
from ..settings import Settings

HOSTS = {  # the names that platforms give
    ".onrender.com": "Render",
    ".herokuapp.com": "Heroku",
    ".fly.dev": "Fly.io",
    ".up.railway.app": "Railway",
}
# fmt: off
TEXTS = Texts({
    "Render":  ("take the plan Starter or a larger one: a free web service sleeps after 15 minutes",
                "contrata el plan Starter o uno mayor: un servicio web gratuito se duerme a los 15 minutos"),
    "Heroku":  ("take Basic dynos or larger ones: Eco dynos sleep after 30 minutes, the worker too",
                "contrata dynos Basic o mayores: los Eco se duermen a los 30 minutos, también el worker"),
    "Fly.io":  ("set auto_stop_machines = 'off' and min_machines_running = 1 in fly.toml, and deploy",
                "define auto_stop_machines = 'off' y min_machines_running = 1 en fly.toml, y despliega"),
    "Railway": ("switch Serverless off in the service's settings", "desactiva Serverless en los ajustes del servicio"),
    "":        ("take a plan that does not sleep, or see what else keeps it busy",
                "contrata un plan que no se duerma, o mira qué más lo tiene ocupado"),
})
# fmt: on


def awake(url: str, settings: Settings) -> Text:
    host = httpx.URL(url).host
    return TEXTS(next((name for end, name in HOSTS.items() if host.endswith(end)), settings.platform))
