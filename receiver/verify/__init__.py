"""Headers and bytes in, an authentic `Delivery` out, or a rejection. Bytes are verified before they are parsed."""

from .budget import Budget
from .explaining import Mistake, mistakes
from .verifier import HEADERS, Verifier, decompressed

__all__ = ["HEADERS", "Budget", "Mistake", "Verifier", "decompressed", "mistakes"]
