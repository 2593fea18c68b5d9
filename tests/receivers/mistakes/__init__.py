"""Mistakes that people make in a receiver: each is the right one with a step done otherwise.

A mistake is a class; its name is the slug, its docstring says what is wrong, and `@made_for` which checks it is made for.
"""

from . import (
    acceptance,
    authenticity,
    bad_input,
    duplicates,
    freshness,
    policy,
    speed,
    tolerance,
)  # they fill the table
from .table import MISTAKES, Mistake

__all__ = [
    "MISTAKES", "Mistake",
    "acceptance", "authenticity", "bad_input", "duplicates", "freshness", "policy", "speed", "tolerance",
]  # fmt: skip
