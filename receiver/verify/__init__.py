"""Headers and bytes in, an authentic `Delivery` out, or a rejection. Bytes are verified before they are parsed."""

from .budget import Budget
from .mistakes import Mistake, mistakes
from .verifier import Verifier

__all__ = ["Budget", "Mistake", "Verifier", "mistakes"]
