"""The table of mistakes, by slug."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mistake:
    slug: str
    sentence: str
    checks: tuple  # the numbers of those it must be found by
    rules: type


MISTAKES = {}


def made_for(*checks):
    """Enter a class in the table: AcceptsUnsigned is `accepts-unsigned`, and its docstring the sentence."""

    def enter(rules):
        slug = re.sub("(?<!^)([A-Z])", r"-\1", rules.__name__).lower()
        MISTAKES[slug] = Mistake(slug=slug, sentence=rules.__doc__, checks=checks, rules=rules)
        return rules

    return enter
