"""The pages for the owner, the receptionist and whoever runs it: read in a browser, signed in with DASHBOARD_PASSWORD.

It is an application of its own beside the webhook route (`app/pages.py`), and asks `operations` for everything.

A page is added with three files of one name, and no other file changes:

- `pages/problems.py` has `bp = Blueprint("problems", __name__)`. Its views say what they need with `@needs("look")`
  (`rights.py`), get the database and the settings from `desk()`, and end with `show("problems.html", …)`. A main view
  called `page` is in the navigation, where `frame.py` has a place for that name; a function `badge(db)` counts what is
  shown beside it. What changes something is a POST and ends with `redirect(url_for(…), 303)`.
- `templates/problems.html` begins with `{% extends layout %}` and fills the blocks `title` and `main`. Forms hold
  `{{ csrf() }}`. What is drawn again while somebody looks has an `id` and `data-part`, and `show(…, every=10)` says how
  often; one in which somebody types, has something selected or open is left alone.
- `texts/problems.py` has `TEXTS`: by name the English and the Spanish text; `t("name", n=3)` gives it, with the plural
  of `n`. Names are one table, so they begin with the page's own. The badge's words are `problems_badge`.

`{{ value|clean }}` is for what a caller or a destination said, inside `<bdi>`. Phone numbers go through `phone`, times
through `clock`, `day` and `age` (`shown.py`).
"""

from .app import busy_page, create_dashboard

__all__ = ["busy_page", "create_dashboard"]
