import pytest

from receiver.operations import advice, fine, problem

DOCUMENTS = [
    (fine("Redis", "it answers"),
     {"severity": "ok", "what": "Redis", "said": "it answers", "why": "", "do": ""}),
    (advice("worker", "none runs", why="it waits", do="start it"),
     {"severity": "advice", "what": "worker", "said": "none runs", "why": "it waits", "do": "start it"}),
    (problem("crm.keep", "paused", do="fix it", source="bakery"),
     {"severity": "problem", "what": "crm.keep", "said": "paused", "why": "", "do": "fix it", "source": "bakery"}),
]  # fmt: skip


@pytest.mark.parametrize(("finding", "document"), DOCUMENTS)
def test_a_finding_is_a_document_that_names_a_source_where_there_is_one(finding, document):
    assert finding.to_json() == document


@pytest.mark.parametrize("source", [{}, {"source": "bakery"}])
def test_what_needs_attention_has_a_shorter_form(source):
    finding = problem("crm.keep", "paused", why="its token was revoked", do="fix it", **source)

    assert finding.problem_to_json() == {"what": "crm.keep", "problem": "paused", "do": "fix it"} | source
