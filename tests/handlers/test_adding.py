"""The handler in ADDING_A_HANDLER.md runs as it stands there."""

import ast

from receiver import registry
from tests.support.acme import TOKEN, acme
from tests.support.pages import blocks, module
from tests.support.processes import CHECKOUT
from tests.support.tools import a_delivery, lead

PAGE = "ADDING_A_HANDLER.md"
HANDLER, CHECK, PACKAGE = blocks((CHECKOUT / PAGE).read_text())


def test_the_handler_keeps_a_lead_once_and_is_found_and_turned_on():
    with acme() as server, module("page.acme", HANDLER, PAGE) as page:
        handler = registry.discovery._registered["page.acme.upsert_lead"]
        activation = handler.activate({"ACME_TOKEN": TOKEN, "ACME_API_URL": server.url})
        run = registry.Run(
            id=1, handler=handler.name, settings=activation.targets[""], delivery=a_delivery("lead.created")
        )

        outcomes = [page.upsert_lead(lead(), run) for _ in range(2)]

    assert (activation.state, outcomes) == ("on", ["inboundflow-call-1"] * 2)
    assert server.things == {"/contacts/inboundflow-call-1": {"name": "Ada Moreno"}}


def test_its_check_says_who_the_token_belongs_to():
    with acme() as server, module("page.acme", CHECK, PAGE) as page:
        server.things["/me"] = {"name": "Ada's shop"}

        lines = list(page.check({"ACME_API_URL": server.url, "ACME_TOKEN": TOKEN}))

    assert lines == ["Acme knows the token as Ada's shop"]


def test_what_is_said_of_a_package_is_python():
    ast.parse(PACKAGE)
