import re
from pathlib import Path

from receiver import dashboard
from tests.support.processes import CHECKOUT

STATIC = Path(dashboard.__file__).parent / "static"
PANEL = CHECKOUT / "mock_sender" / "panel" / "static" / "panel.css"


def tokens(path):
    return [
        set(re.findall(r"--([a-z-]+): ([^;]+);", block))
        for block in re.findall(r":root \{(.*?)\}", path.read_text(), re.DOTALL)
    ]


def test_a_file_lives_for_a_year_under_a_name_that_changes_with_it(stranger):
    stranger.get("/sign-in")
    names = re.findall(r'"(/static/[^"]+)"', stranger.page.text)
    assert len({*names}) == 3

    for name in names:
        answer = stranger.get(name)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert stranger.get("/static/dashboard.css").status_code == 404
    assert stranger.get("/static/../app.py").status_code in (302, 404)


def test_the_script_is_small_and_nothing_comes_from_elsewhere():
    assert len((STATIC / "dashboard.js").read_text().splitlines()) < 150
    for path in STATIC.iterdir():
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text()), path


def test_its_colours_are_those_of_the_panel_but_for_the_edges_of_fields():
    ours, panels = tokens(STATIC / "dashboard.css"), tokens(PANEL)

    assert ours[0] - panels[0] == {("edge", "#767f98")}
    assert ours[1] == panels[1]
