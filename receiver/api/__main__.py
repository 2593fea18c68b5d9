"""`python -m receiver.api > docs/openapi.json`"""

from __future__ import annotations

import json

from .openapi import openapi

print(json.dumps(openapi(), indent=2))
