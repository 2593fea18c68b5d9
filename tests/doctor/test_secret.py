import pytest

from receiver import settings
from receiver.doctor.secret import check_secret
from receiver.registry import Activation
from tests.support.findings import told
from tests.support.handlers import a_handler

GOOD = "0123456789abcdef0123"


SECRET, PREVIOUS = "INBOUNDFLOW_SIGNING_SECRET", "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({SECRET: GOOD}, ("ok", "set")),
        ({}, ("advice", "not set for this command")),
        ({"RENDER": "1"}, ("problem", "not set")),
        ({SECRET: f'"{GOOD}"'}, ("problem", "it has quotation marks around it")),
        ({SECRET: "0123456789 0123456789"}, ("advice", "it has a space or a line end in it")),
        ({SECRET: "short"}, ("problem", "it has under 16 characters")),
        ({SECRET: GOOD + "\n"}, ("advice", "it has a space or a line end around it")),
        ({SECRET: GOOD, PREVIOUS: GOOD}, ("problem", f"it is the same as {SECRET}")),
        ({"INBOUNDFLOW_ALLOW_UNSIGNED": "1"}, ("problem", "deliveries are taken without a signature")),
    ],
)
def test_a_secret_that_is_not_as_it_should_be_is_told(env, said, tmp_path):
    found = list(check_secret(settings.read(env | {"DATA_DIR": str(tmp_path)}), env))

    assert said in told(found)
    assert not any(GOOD in str(one) for one in found)


def test_the_secret_that_a_start_here_would_use_is_told_by_its_place(tmp_path):
    (tmp_path / "signing_secret").write_text(GOOD)

    [found] = check_secret(settings.read({"DATA_DIR": str(tmp_path)}), {})

    assert (found.severity, found.message) == (
        "ok",
        f"not set for this command; without it `receiver up` uses the secret in {tmp_path}/signing_secret",
    )


@pytest.mark.parametrize(
    ("made", "says"), [(True, "uses the secret in"), (False, "each business has a secret of its own")]
)
def test_with_several_businesses_a_secret_that_was_made_here_counts_all_the_same(tmp_path, made, says):
    if made:
        (tmp_path / "signing_secret").write_text(GOOD)
    of_a_business = Activation(handler=a_handler(), state="on", source="acme")

    [found] = check_secret(settings.read({"DATA_DIR": str(tmp_path)}), {}, [of_a_business])

    assert (found.severity, says in found.message) == ("ok", True)


@pytest.mark.parametrize(
    ("made", "is_told"), [(GOOD, False), ("the-secret-of-before", False), ("another-secret-altogether", True)]
)
def test_a_made_secret_that_is_neither_of_those_in_use_is_told(tmp_path, made, is_told):
    (tmp_path / "signing_secret").write_text(made + "\n")
    env = {SECRET: GOOD, PREVIOUS: "the-secret-of-before"}

    found = list(check_secret(settings.read(env | {"DATA_DIR": str(tmp_path)}), env))

    assert (("advice", f"{tmp_path}/signing_secret holds another secret") in told(found)) == is_told
    assert not any(made in str(one) for one in found)
