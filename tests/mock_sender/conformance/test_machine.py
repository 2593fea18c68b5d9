import json
from xml.etree import ElementTree

from mock_sender.conformance.machine import as_json, as_junit
from tests.mock_sender.conformance.seen import a_report, a_result

REPORT = a_report(
    a_result("passed"),
    a_result("failed", 20, "authenticity", says="\x00\ud800<"),
    a_result("skipped", 31, "authenticity", says="no --previous-secret given"),
    a_result("warned", 80, "speed", says="slow"),
    lives_lost=3,
)


def test_the_json_has_the_counts_and_every_check():
    report = json.loads(as_json(REPORT))

    assert report["counts"] == {"passed": 1, "warned": 1, "failed": 1, "skipped": 1}
    assert (report["passed"], report["lives_lost"]) == (False, 3)
    assert [check["number"] for check in report["checks"]] == [1, 20, 31, 80]


def test_the_junit_has_a_suite_for_each_group_and_is_xml_whatever_came_back():
    suites = list(ElementTree.fromstring(as_junit(REPORT)))

    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in suites] == [
        ("acceptance", "1", "0", "0"), ("authenticity", "2", "1", "1"), ("speed", "1", "0", "0"),
    ]  # fmt: skip
    assert suites[1].find("testcase/failure").get("message") == "\ufffd\ufffd<"
    assert suites[2].find("testcase/system-out").text == "slow"
    assert suites[1].get("time") == "0.500"
