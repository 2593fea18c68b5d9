from receiver.doctor.report import Report
from receiver.doctor.text import lines
from receiver.locales import Locale
from receiver.operations import Destination, advice, fine, problem


def a_destination(**changes):
    return Destination(**{
        "source": "", "handler": "slack.post", "state": "on", "why": "", "events": ("lead.created",),
        "narrowed_to": None, "urgency": (), "targets": (), "urls": (), "waiting": 0, "dead": 0,
    } | changes)  # fmt: skip


def text(*findings, destinations=()):
    problems = tuple(finding for finding in findings if finding.severity == "problem")
    return [line for line, _ in lines(Report(destinations=destinations, problems=problems, checks=findings))]


def test_what_needs_attention_comes_first_then_advice_then_what_is_as_it_should_be():
    shown = text(
        fine("Redis", "it answers"),
        advice("worker", "none runs", do="start it"),
        problem("database", "it is away", why="nothing is kept", do="start that"),
    )

    assert shown == [
        "1 thing needs your attention:",
        "", "database: it is away", "  nothing is kept", "  → start that",
        "", "(advice) worker: none runs", "  → start it",
        "", "ok: Redis: it answers",
    ]  # fmt: skip


def test_where_there_is_no_problem_it_says_so_first():
    assert text(advice("worker", "none runs", do="start it"))[0] == "Nothing needs your attention."


def test_when_the_last_delivery_came_has_a_line_of_its_own():
    assert text(fine("deliveries", "last delivery 14 min ago, 27 today"))[1:3] == [
        "",
        "Last delivery 14 min ago, 27 today.",
    ]


def test_a_person_who_reads_spanish_gets_spanish():
    report = Report(destinations=(a_destination(waiting=3),), problems=(), checks=(advice("worker", "x", do="y"),))

    shown = [line for line, _ in lines(report, Locale(language="es"))]

    assert (shown[0], shown[2]) == ("Nada requiere tu atención.", "(consejo) worker: x")
    assert shown[-1].split("  ") == ["slack.post", "activo", "", "todos los eventos", "3 en espera"]


def test_each_destination_is_a_row_with_what_it_gets():
    shown = text(
        destinations=(
            a_destination(waiting=3, urgency=("high", "low")),
            a_destination(handler="fw.forward", source="bakery", narrowed_to=("lead.created",), targets=("a", "b")),
            a_destination(handler="crm.keep", state="off"),
        )
    )

    assert [[cell.strip() for cell in row.split("  ") if cell] for row in shown[2:]] == [
        ["destination", "state", "events"],
        ["slack.post", "on", "all events, urgency high or low only", "3 wait"],
        ["fw.forward [bakery]", "on", "2 targets", "lead.created"],
        [],
        ["off at every business: crm.keep"],
    ]


def businesses(number):
    names = [f"b{n}" for n in range(number)]
    on = [a_destination(source=name, waiting=1) for name in names]
    off = [a_destination(source=name, handler="crm.keep", state="off") for name in ["", *names]]
    asked = [fine(f"slack.post [{name}]", "Slack knows the token", source=name) for name in names]
    return [*on, a_destination(state="off"), *off], asked


def test_what_is_off_is_named_once_however_many_businesses_there_are():
    destinations, _ = businesses(3)

    assert text(destinations=tuple(destinations))[-1] == "off at every business: crm.keep"


def test_five_hundred_businesses_fit_a_screen():
    destinations, asked = businesses(500)

    shown = text(*asked, destinations=tuple(destinations))

    assert [[cell.strip() for cell in row.split("  ") if cell] for row in shown[2:]] == [
        ["destination", "state", "events"],
        ["slack.post [500 businesses]", "on", "all events", "500 wait"],
        [],
        ["off at every business: crm.keep"],
        [],
        ["ok: slack.post: as it should be at 500 businesses"],
    ]
