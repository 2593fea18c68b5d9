"""What a function reads, and how SQLite goes about it."""


class Watched:
    """A database that notes what is read, and counts what is committed."""

    def __init__(self, db, asked):
        self.db, self.asked, self.shared, self.now_us = db, asked, db.shared, db.now_us
        self.commits = 0

    def commit(self, work, **options):
        self.commits += 1
        return self.db.commit(work, **options)

    def read(self, sql, values=()):
        [rows] = self.read_each(sql, [values])
        return rows

    def read_each(self, sql, each):
        self.asked.append((sql, each[0]))
        return self.db.read_each(sql, each)


def plan(db, sql, values):
    return [row["detail"] for row in db.read(f"EXPLAIN QUERY PLAN {sql}", values)]


def reads_all(step):
    """A scan but for one of a few rows: a partial index of open or dead runs, one per destination, or a subquery."""
    few = ("runs_open", "runs_dead", "SCAN pauses", "SCAN throttles", "SCAN counted", "SCAN sources")
    by_source = "sqlite_autoindex_deliveries_1 (source=?)"  # with one business that is every delivery
    return (step.startswith("SCAN") and not any(part in step for part in few)) or step.endswith(by_source)
