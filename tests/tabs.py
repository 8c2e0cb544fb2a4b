"""A browser's tab that presses what is on its page, whatever is answered: for walks that nobody has planned.

`tests.browser` is a person who expects something. A tab only takes what comes, keeps it, and can send it again.
"""

from io import BytesIO
from urllib.parse import urljoin, urlsplit

from lxml import html

NO_PAGE = html.fromstring("<html><body></body></html>")


class Tab:
    """One page of one browser. `ask(method, url, data, headers)` sends a request and gives the answer."""

    def __init__(self, client, ask, *, htmx: bool = False):
        self.client = client
        self.ask = ask
        self.headers = {"HX-Request": "true"} if htmx else {}
        self.url, self.status, self.page, self.sent = "/", 200, NO_PAGE, None

    @property
    def path(self) -> str:
        """The address without its token."""
        return urlsplit(self.url).path

    @property
    def step(self) -> str:
        """The last part of the address; a flow's own address shows its first step."""
        parts = self.path.split("/")
        return "prepare" if parts[1] == "register" and len(parts) == 3 else parts[-1]

    @property
    def asked(self) -> set[str]:
        """The names of all fields of the page."""
        return {field.name for field in self.page.iter("input", "select", "textarea") if field.name}

    def copy(self) -> "Tab":
        """The same page in a tab beside this one."""
        other = Tab(self.client, self.ask)
        other.headers, other.url, other.status, other.page = self.headers, self.url, self.status, self.page
        return other

    def open(self, url: str) -> "Tab":
        """Type an address."""
        self._take(self.ask(self.client, "GET", url, {}, self.headers), url)
        return self

    def visit(self, step: str) -> "Tab":
        """Go to another step of the same draft, by its address."""
        url = urlsplit(self.url)
        return self.open(f"{url.path.rpartition('/')[0]}/{step}?{url.query}")

    def buttons(self) -> list:
        """All buttons of the page that send a form to the server."""
        return [button for button in self.page.iter("button") if _form(button) is not None]

    def links(self) -> list[str]:
        """All addresses of our own that the page leads to."""
        links = (a.get("href") for a in self.page.iter("a") if a.get("target") != "_blank")
        return [link for link in links if link and link.startswith("/")]

    def press(self, button=None, **values) -> "Tab":
        """Press a button, by itself the first one, with these values in the fields that there are; False unticks."""
        button = button if button is not None else next(iter(self.buttons()), None)
        if button is None:
            return self
        form = _form(button)
        data = dict(form.form_values())
        there = {field.name for field in form.inputs if field.name}
        for name, value in values.items():
            data.pop(name, None)
            if name in there and value is not False:
                data[name] = value
        if button.get("name"):
            data[button.get("name")] = button.get("value", "")
        self.sent = urljoin(self.url, button.get("formaction") or form.get("action")), data
        return self.send_again()

    def send_again(self) -> "Tab":
        """Send once more what was sent last, as it was: a double click, or an answer that was lost."""
        if self.sent:
            url, data = self.sent
            files = {name: (BytesIO(each), "anh.jpg") for name, each in data.items() if isinstance(each, bytes)}
            self._take(self.ask(self.client, "POST", url, {**data, **files}, self.headers), url)
        return self

    def _take(self, answer, url: str) -> None:
        hops = 0
        while answer.status_code == 303:
            url = urljoin(url, answer.headers["Location"])
            answer = self.ask(self.client, "GET", url, {}, self.headers)
            hops += 1
            assert hops < 6, "redirects in a circle"
        self.url, self.status = url, answer.status_code
        is_page = answer.mimetype == "text/html" and answer.data
        self.page = html.fromstring(answer.text) if is_page else NO_PAGE


def _form(button):
    form = next(button.iterancestors("form"), None)
    return form if form is not None and form.get("method") == "post" else None
