"""Runs at several URLs, some of which are not set any more."""

from receiver.toolkit.forwarding import short
from tests.support.tools import claim, finish

OLD, NEW, OTHER = (f"https://crm.example.com/{name}" for name in ("old", "new", "other"))


def forwards(story):
    sql = "SELECT target, state FROM runs WHERE handler = 'forward.forward' ORDER BY id"
    return [(row["target"], row["state"]) for row in story.db.read(sql)]


def given_forwards(story, *urls, verdict):
    """Delivery a at each of these URLs, where it ended so, or waits."""
    [delivery] = story.db.read("SELECT * FROM deliveries WHERE key = 'a'")
    story.runs.open([(delivery, "forward.forward", short(url)) for url in urls], [delivery["id"]], 1)
    for row in story.db.read("SELECT id FROM runs WHERE handler = 'forward.forward'") if verdict else []:
        finish(story.runs, claim(story.runs, row["id"], "me", 2), "me", verdict, 3)
