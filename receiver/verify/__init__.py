"""Headers and bytes in, an authentic `Delivery` out, or a rejection. Bytes are verified before they are parsed."""

from .budget import Budget
from .explaining import Mistake, mistakes
from .verifier import Verifier, decompressed

__all__ = ["Budget", "Mistake", "Verifier", "decompressed", "mistakes"]
