"""InboundFlow's webhook in Django, in one file: uvicorn django_site:app

Under WSGI (gunicorn django_site:wsgi) Django takes a body in chunks for an empty one.

MISTAKE=csrf leaves csrf_exempt out, and Django refuses whatever comes without a cookie of its own.
"""

import hashlib
import hmac
import json
import os
import time

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

settings.configure(
    SECRET_KEY="of this test",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=1024 * 1024,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
)
seen = set()  # in earnest: a model with a unique field


def is_genuine(request):
    timestamp = request.headers.get("X-InboundFlow-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and abs(time.time() - int(timestamp[:12])) <= 300):
        return False
    key, message = os.environ["WEBHOOK_SECRET"].encode(), f"{timestamp}.".encode() + request.body
    expected = "sha256=" + hmac.new(key, message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), request.headers.get("X-InboundFlow-Signature", "").encode())


@require_POST
def webhook(request):
    if not is_genuine(request):
        return JsonResponse({"error": "invalid signature"}, status=401)
    try:
        key = str(json.loads(request.body)["delivery_id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        key = hashlib.sha256(request.body).hexdigest()
    is_new = key not in seen
    seen.add(key)
    return JsonResponse({"status": "stored" if is_new else "duplicate"})


view = webhook if os.environ.get("MISTAKE") == "csrf" else csrf_exempt(webhook)
urlpatterns = [path("webhook", view)]
app, wsgi = get_asgi_application(), get_wsgi_application()
