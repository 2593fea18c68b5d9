"""A lane that waits until somebody resumes it."""


def test_a_pause_is_made_listed_and_ended(story):
    assert "paused by hand" in story.cli("pause", "slack.post")
    [paused] = story.cli("pause", "--json")["paused"]
    assert (paused["handler"], paused["reason"]) == ("slack.post", "paused by hand")
    assert "is paused" in story.cli("replay", "a")
    assert story.cli("resume", "slack.post", "--json")["resumed"] == [{"handler": "slack.post", "target": ""}]
    assert "Nothing is paused" in story.cli("pause")
    actions = [row["action"] for row in story.db.read("SELECT action FROM audit ORDER BY id")]
    assert actions == ["pause", "replay", "resume"]
