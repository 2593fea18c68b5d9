"""What destinations share: a guarded HTTP client, and one table from an answer's status to what becomes of a run."""

from .addresses import check_url, masked
from .http import get_json, patch_json, post_json, put_json, send
from .outcomes import check, retry_after_s
from .readable import BUSINESS, check_business, clean, read_time, shown_phone, shown_time

__all__ = [
    "BUSINESS",
    "check",
    "check_business",
    "check_url",
    "clean",
    "get_json",
    "masked",
    "patch_json",
    "post_json",
    "put_json",
    "read_time",
    "retry_after_s",
    "send",
    "shown_phone",
    "shown_time",
]
