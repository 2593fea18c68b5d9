import httpcore
import httpx
import pytest

from receiver.toolkit.connections import ERRORS, httpx_errors


def errors(module, root):
    """The leaves of a library's errors below `root`."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, root)]
    return sorted((kind for kind in kinds if len([k for k in kinds if issubclass(k, kind)]) == 1), key=str)


ROOTS = [httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError]


@pytest.mark.parametrize("kind", [kind for root in ROOTS for kind in errors(httpcore, root)])
def test_an_error_of_httpcores_arrives_as_the_one_of_that_name_at_httpx(kind):
    with pytest.raises(httpx.TransportError) as raised, httpx_errors():
        raise kind("text")

    assert (type(raised.value).__name__, str(raised.value)) == (kind.__name__, "text")
    assert isinstance(raised.value.__cause__, kind)


def test_an_error_is_looked_up_by_its_most_special_kind():
    kinds = list(ERRORS)

    assert [k for n, k in enumerate(kinds) if any(issubclass(later, k) for later in kinds[n + 1 :])] == []
