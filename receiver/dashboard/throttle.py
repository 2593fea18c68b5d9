"""How often a wrong password may be tried, counted in each process: of an address, and of all together."""

from __future__ import annotations

import ipaddress
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

OF_ADDRESS = (parse("5/15minutes"), parse("20/day"))
OF_ALL = (parse("100/hour"),)  # so many addresses as somebody may have: a password of 12 signs outlasts that


class Throttle:
    def __init__(self) -> None:
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, address: str) -> int:
        """Until when another try is taken, in seconds; 0 where it may be made now."""
        now = time.time()
        full = [limit for limit in limits_of(address) if not self.limiter.test(*limit)]
        resets = [self.limiter.get_window_stats(*limit).reset_time for limit in full]
        return max((max(1, int(reset - now) + 1) for reset in resets), default=0)

    def failed(self, address: str) -> None:
        for limit in limits_of(address):
            self.limiter.hit(*limit)


def limits_of(address: str) -> list[tuple[RateLimitItem, str]]:
    return [(item, network(address)) for item in OF_ADDRESS] + [(item, "all") for item in OF_ALL]


def network(address: str) -> str:
    """Of an IPv6 address the 64 bits that a household or a server has for itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
