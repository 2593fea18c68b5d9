"""What tests and benchmarks share: verbs, processes, servers."""

import pkgutil

import pytest

# so that their assertions say what they compared
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
