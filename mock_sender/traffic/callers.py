"""Who calls: people of a business's languages, each with a number of their own, some of whom call again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .businesses import Business

WITHHELD = 0.05  # of the callers hide their number
AGAIN = 0.12  # of the calls are made by someone who called before on that day
GIVE_EMAIL = 0.6  # of the callers spell their e-mail address out

NUMBERS = range(80_000)  # 800 area codes with the 100 numbers each that are kept for fiction, 555-0100 to 555-0199

NAMES = {
    "es": (
        "María José Ruiz", "Lucía Fernández", "Javier Ortega", "Íñigo Echeverría", "Ana Belén Núñez", "Ramón Peña",
        "Sofía Castillo", "Andrés Gutiérrez", "Pilar Domínguez", "Óscar Ibáñez",
    ),
    "en": (
        "Ada Moreno", "Sam O'Neill", "Priya Nair", "Grace Whitfield", "Tyrone Jackson", "Emily Carter", "Noah Brooks",
        "Hannah Kim", "Marcus Lee", "Olivia Bennett",
    ),
    "de": ("Jürgen Weiß", "Käthe Großmann", "Björn Schäfer", "Ulrike Möller"),
    "zh": ("陈伟", "王秀英", "李娜", "张敏"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One person; what they do not give is empty."""

    name: str
    email: str
    phone: str
    language: str


class Callers:
    """The people who call on one day."""

    def __init__(self, rng: random.Random, business: Business, calls: int) -> None:
        self.rng, self.business = rng, business
        self.numbers: Iterator[int] = iter(rng.sample(NUMBERS, calls))
        self.earlier: list[Caller] = []
        self.hung_up: dict[Caller, datetime] = {}

    def next(self, time: datetime) -> tuple[Caller, bool]:
        """Who calls at that time, and whether it is their first call."""
        if self.earlier and self.rng.random() < AGAIN:
            caller = self.rng.choice(self.earlier)
            if self.hung_up[caller] < time:
                return caller, False
        return self.new(), True

    def remember(self, caller: Caller, hung_up: datetime) -> None:
        """They may call again after that time; those without a number would not be recognised."""
        if not caller.phone:
            return
        if caller not in self.hung_up:
            self.earlier.append(caller)
        self.hung_up[caller] = hung_up

    def new(self) -> Caller:
        rng, number = self.rng, next(self.numbers)
        shares = self.business.languages
        language = rng.choices(list(shares), list(shares.values()))[0]
        return Caller(
            name=rng.choice(NAMES[language]),
            email=f"caller{number}@example.com" if rng.random() < GIVE_EMAIL else "",
            phone="" if rng.random() < WITHHELD else f"+1{200 + number // 100}55501{number % 100:02d}",
            language=language,
        )
