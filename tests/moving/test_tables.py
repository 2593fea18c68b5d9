import pytest

from receiver.moving.tables import TABLES, Table, columns_of, expected, md5

# Of the moment, or of this database alone; paces and rejections are those of the release before. Calls and their words
# are made again from the deliveries.
STAY = {
    *("leases", "throttles", "chores", "paces", "rejections", "calls", "call_words", "sessions"),
    *("metrics", "heartbeats"),
}
LEARNED_AGAIN = {"call_quarters", "new_fields", "concerns", "alerts"}
BY_NAME = {table.name: table for table in TABLES}

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite_only
def test_every_table_is_copied_or_stays_on_purpose(db):
    rows = db.read("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")

    assert {row["name"] for row in rows} == BY_NAME.keys() | STAY | LEARNED_AGAIN


@sqlite_only
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_copied(db, table):
    rows = db.read("SELECT name FROM pragma_table_info(?)", (table.name,))

    assert sorted(columns_of(table)) == sorted(row["name"] for row in rows)


@sqlite_only
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_compared_by_what_makes_them_unique(db, table):
    indexes = db.read('SELECT name FROM pragma_index_list(?) WHERE "unique" = 1', (table.name,))
    unique = [
        {row["name"] for row in db.read("SELECT name FROM pragma_index_info(?)", (index["name"],))} for index in indexes
    ]

    assert set(table.key.split(", ")) in [{"id"}, *unique]


RUN = {"state": "queued", "queued_us": 7, "outcome": None}


@pytest.mark.parametrize(
    ("table", "row", "arrives"),
    [
        ("runs", RUN, {"state": "pending", "queued_us": None, "outcome": None}),  # no job of it is there
        ("runs", RUN | {"state": "dead"}, RUN | {"state": "dead"}),
        ("audit", {"state": "queued"}, {"state": "queued"}),
        ("deliveries", {"body": b"{}", "received_body": None}, {"body": md5(b"{}"), "received_body": None}),
    ],
)
def test_a_row_stands_on_the_other_side_as_it_should(table, row, arrives):
    assert expected(BY_NAME[table], dict(row), whole=False) == arrives


def test_a_body_that_is_written_is_whole():
    table = Table(name="deliveries", columns="body", range="id", key="id")

    assert expected(table, {"body": b"{}"}, whole=True) == {"body": b"{}"}
