import pytest

from receiver import settings
from receiver.doctor.arrivals import check_arrivals
from receiver.events import Delivery
from receiver.inbox import Inbox
from receiver.locales import Locale, localized
from receiver.operations import Routing, SourceSettings, add_source, disable_source
from tests.support.tools import in_zone, where_it_is

MINUTE_US = 60_000_000
UTC = Locale()


def keep(db, *minutes_ago):
    for n, minutes in enumerate(minutes_ago):
        received_us = db.now_us() - minutes * MINUTE_US - 1
        Inbox(db).keep(Delivery(key=f"d-{n}-{minutes}", body=b"{}", received_us=received_us))


@pytest.mark.parametrize(
    ("minutes", "age"),
    [(0, "0 min"), (14, "14 min"), (119, "119 min"), (120, "2 h"), (47 * 60, "47 h"), (72 * 60, "3 days")],
)
def test_it_says_how_long_ago_the_last_delivery_came(db, minutes, age):
    keep(db, minutes, minutes + 500)

    [finding] = check_arrivals(db, UTC, in_zone(db))

    assert (finding.severity, finding.message.split(",")[0]) == ("ok", f"last delivery {age} ago")


def test_today_is_the_businesss_day(db):
    """In a zone in which it is past one at night, and in one in which it is past ten in the evening."""
    keep(db, 5, 10, 200)
    early, late = (Locale(zone=where_it_is(hour)) for hour in (1, 22))

    numbers = [int(next(iter(check_arrivals(db, locale, in_zone(db)))).message.split()[-2]) for locale in (early, late)]

    assert numbers == [2, 3]


def test_before_the_first_delivery_it_says_so_in_the_readers_language(db):
    [finding] = check_arrivals(db, UTC, in_zone(db))

    assert finding.message == "no delivery has been received yet"
    assert localized(finding.message, Locale(language="es")) == "todavía no se recibió ninguna entrega"


def test_each_business_has_a_line_of_its_own(db, env):
    own = settings.read(env | {"SECRET_KEY": "a key for sealing, long enough"})
    for name in ("acme", "bolt", "crab"):
        add_source(db, Routing(own, {}, {}), name)
    disable_source(db, "crab", disabled=True)
    keep(db, 14)
    Inbox(db).keep(Delivery(key="d", body=b"{}", received_us=db.now_us() - 300 * MINUTE_US, source="acme"))

    lines = [
        (each.source, each.severity, each.message[:21]) for each in check_arrivals(db, UTC, SourceSettings(db, own))
    ]

    assert lines == [
        ("", "ok", "last delivery 14 min "),
        ("acme", "ok", "last delivery 5 h ago"),
        ("bolt", "advice", "no delivery of this b"),
    ]


def test_businesses_that_never_received_anything_are_named_together(db, env):
    own = settings.read(env | {"SECRET_KEY": "a key for sealing, long enough"})
    for name in ("acme", "bolt"):
        add_source(db, Routing(own, {}, {}), name)

    [_, together] = check_arrivals(db, UTC, SourceSettings(db, own))
    [_, alone] = check_arrivals(db, UTC, SourceSettings(db, own), "bolt")

    assert together.message == "no delivery has been received yet for 2 businesses: acme, bolt"
    assert together.do == "set in the InboundFlow of each the address that ends in /webhooks/inboundflow/ and its name"
    assert (alone.source, alone.message) == ("bolt", "no delivery of this business has been received yet")
