"""Headers and bytes in, an authentic `Delivery` out, or a rejection. Bytes are verified before they are parsed."""

from .budget import Budget
from .verifier import HEADERS, Verifier

__all__ = ["HEADERS", "Budget", "Verifier"]
