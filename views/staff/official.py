"""The official blank of Form 01: what is given out, how the portal does, and a file in its stead."""

from flask import g, redirect, render_template, url_for

from forms.official import OfficialFileForm, told
from services import official, preferences
from services.official import NoBlank, Why
from views.staff.session import for_role, shows_nobody

for_department = for_role("admin", "department")


def add_to(bp) -> None:
    """Register the views about the official blank."""
    bp.get("/form01", endpoint="official")(index)
    bp.post("/form01", endpoint="upload_official")(upload)
    bp.post("/form01/fetch", endpoint="fetch_official")(fetch)
    bp.post("/form01/remove", endpoint="remove_official")(remove)


@shows_nobody
def index():
    """Show what is given out and how the tries went; while one is under way the page asks again by itself."""
    return _page(OfficialFileForm(None))


@for_department
def fetch():
    """Begin a try; the page that comes does not wait for it."""
    official.begin()
    return redirect(url_for("staff.official"), 303)


@for_department
def upload():
    """Take a file in the portal's stead."""
    form = OfficialFileForm()
    if not form.validate():
        return _page(form), 422
    data = form.file.data.read(official.MOST_BYTES + 1)
    try:
        if len(data) > official.MOST_BYTES:
            raise NoBlank(Why.TOO_LARGE)
        blank = official.check(data)
    except NoBlank as refused:
        form.file.errors = [" ".join(told(refused.why.value, refused.detail))]
        return _page(form), 422
    official.upload(g.staff, data, blank)
    return redirect(url_for("staff.official"), 303)


@for_department
def remove():
    """Give out the portal's again."""
    official.remove()
    return redirect(url_for("staff.official"), 303)


def failure_of(fetch) -> tuple[str, str] | tuple[()]:
    """What a try failed of and what can be done; nothing of one that did not fail."""
    has_failed = fetch is not None and fetch.outcome not in {"", official.TAKEN, official.SAME}
    return told(fetch.outcome, fetch.detail) if has_failed else ()


def _page(form: OfficialFileForm):
    url, newest = preferences.current().form01_url, official.newest_try()
    return render_template(
        "staff/official.html",
        form=form,
        official=official.offered(),
        portal=official.kept(official.PORTAL),
        url=url,
        newest=newest,
        # The first one of an address begins by itself, in a moment; so does the next where whoever made one is gone.
        is_busy=newest is None or newest.ended_at is None,
        failure=failure_of(newest),
        tries=[(row, failure_of(row)) for row in official.tries() if row.ended_at],
    )
