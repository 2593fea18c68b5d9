"""What destinations share: a guarded HTTP client, and one table from an answer's status to what becomes of a run."""

from .http import get_json, patch_json, post_json, put_json, send
from .outcomes import check, retry_after_s

__all__ = ["check", "get_json", "patch_json", "post_json", "put_json", "retry_after_s", "send"]
