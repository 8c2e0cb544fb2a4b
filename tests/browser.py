"""A person with a browser: opens, reads, fills in, presses. Every page that it sees is held to the house rules."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from tests.answers import code_of, good
from tests.messages import newest_code


class Browser:
    """Plain, or as htmx would ask. CSRF and tokens are on: what the page does not hold cannot be sent."""

    def __init__(self, app, *, htmx: bool = False):
        self.app = app
        self.client = app.test_client()
        self.htmx = htmx
        self.url = "/"
        self.page = None
        self.response = None

    # What a person does

    def open(self, url: str, status: int = 200) -> "Browser":
        """Type an address (or follow a link)."""
        self._take(self.client.get(url, headers=self._headers()), url, status)
        return self

    def reload(self, status: int = 200) -> "Browser":
        """Ask for the same address again, as a whole page."""
        self._take(self.client.get(self.url), self.url, status, is_fragment=False)
        return self

    def follow(self, text: str, status: int = 200) -> "Browser":
        """Press the link that says `text`."""
        link = next(a for a in self.page.select("a[href]") if text in a.get_text(" ", strip=True))
        return self.open(urljoin(self.url, link["href"]), status)

    def submit(
        self, values: dict | None = None, *, press: str | None = None, status: int = 200, form=None
    ) -> "Browser":
        """Fill in the form and press its first button, or the one that says `press`."""
        form, button = self._form(press) if form is None else (form, _first_button(form))
        action = (button.get("formaction") if button else None) or form["action"]
        data = self._values(form, values or {}, button)
        url = urljoin(self.url, action)
        self._take(
            self.client.post(url, data=data, headers=self._headers(), content_type="multipart/form-data"), url, status
        )
        return self

    def start(self, flow: str = "adult") -> "Browser":
        """Open the first step."""
        return self.open(f"/register/{flow}")

    def answer(self, step_name: str, **changes) -> "Browser":
        """Give the step's good answer, with changes; a phone that is asked for first is proved.

        Another phone is another person's.
        """
        if step_name == "declaration" and "phone" in changes and "social_insurance_code" not in changes:
            changes["social_insurance_code"] = code_of(changes["phone"])
        values = {**good(step_name, self.flow), **changes}
        if step_name == "guardian" and "guardian_full_name" not in self.asked:
            self.prove(values["phone"])
        return self.submit(values) if self.step == step_name else self

    def prove(self, phone: str) -> "Browser":
        """At the guardian's step: have a code sent to the phone, and enter it."""
        self.submit({"phone": phone})
        return self.submit({"code": newest_code(Path(self.app.config["SETTINGS"].sms_url.removeprefix("file://")))})

    def fill_until(self, step_name: str, flow: str = "adult") -> "Browser":
        """Start, and answer well until the page of this step (or `review`) is reached."""
        self.start(flow)
        for _ in range(20):
            if self.step == step_name:
                return self
            self.answer(self.step)
        raise AssertionError(f"{step_name} was never reached")

    # What a person sees

    @property
    def step(self) -> str:
        """The last part of the address; the first step may be shown at the flow's own address."""
        parts = urlsplit(self.url).path.split("/")
        return "prepare" if parts[1:2] == ["register"] and len(parts) == 3 else parts[-1]

    @property
    def flow(self) -> str:
        """The registration that the address is about."""
        return urlsplit(self.url).path.split("/")[2]

    @property
    def asked(self) -> set[str]:
        """The names of the fields that can be filled in."""
        fields = self.page.select("main input:not([type=hidden]), main select, body > form input:not([type=hidden])")
        fields += self.page.select("body > form select")
        return {field["name"] for field in fields}

    @property
    def text(self) -> str:
        """All words of the page."""
        return re.sub(r"\s+", " ", self.page.get_text(" ", strip=True))

    @property
    def heading(self) -> str:
        """The h1."""
        return self.page.h1.get_text(" ", strip=True)

    def value(self, name: str):
        """What stands in the field."""
        field = self.page.find(attrs={"name": name})
        if field.name == "select":
            return (field.select_one("option[selected]") or {}).get("value")
        if field.get("type") == "checkbox":
            return field.has_attr("checked")
        if field.name == "textarea":
            return field.get_text().removeprefix("\n")
        return field.get("value", "")

    def errors(self) -> list[str]:
        """The sentences beside the fields."""
        return [error.get_text(strip=True) for error in self.page.select("p.error")]

    @property
    def token(self) -> str:
        """The page's step token."""
        return self.page.find("input", attrs={"name": "step_token"})["value"]

    # How it is done

    def _headers(self) -> dict[str, str]:
        return {"HX-Request": "true"} if self.htmx else {}

    def _take(self, response, url: str, status: int, is_fragment: bool | None = None) -> None:
        hops = 0
        while response.status_code in {301, 302, 303, 307, 308}:
            assert response.status_code == 303 or "/register" not in url, "a form ends in 303"
            url = urljoin(url, response.headers["Location"])
            response = self.client.get(url, headers=self._headers())
            hops += 1
            assert hops < 6, "redirects in a circle"
        self.response, self.url = response, url
        assert response.status_code == status, f"{response.status_code} instead of {status}: {_words(response)}"
        if response.mimetype == "text/html":
            self.page = BeautifulSoup(response.text, "lxml")
            self._check(self.htmx if is_fragment is None else is_fragment)

    def _form(self, press: str | None):
        forms = self.page.select("main form[method=post], body:not(:has(main)) form[method=post]")
        if press is None:
            return forms[0], _first_button(forms[0])
        for form in forms:
            for button in form.select("button"):
                if press in button.get_text(" ", strip=True):
                    return form, button
        raise AssertionError(f"no button says {press!r}")

    def _values(self, form, values: dict, button) -> dict:
        data = {}
        names = set()
        for field in form.select("input[name], select[name], textarea[name]"):
            name, kind = field["name"], field.get("type", "")
            names.add(name)
            if kind in {"checkbox", "radio"}:
                if field.has_attr("checked"):
                    data[name] = field.get("value", "on")
            elif field.name == "select":
                chosen = field.select_one("option[selected]") or field.select_one("option")
                data[name] = chosen["value"] if chosen else ""
            elif field.name == "textarea":
                data[name] = field.get_text().removeprefix("\n")
            elif kind != "file":
                data[name] = field.get("value", "")
        unknown = set(values) - names
        assert not unknown, f"the page has no field {unknown}"
        for name, value in values.items():
            if value is False:
                data.pop(name, None)
            else:
                data[name] = "y" if value is True else value
        if button is not None and button.get("name"):
            data[button["name"]] = button.get("value", "")
        return data

    def _check(self, is_fragment: bool) -> None:
        page, text = self.page, self.response.text
        assert text.lstrip().startswith("<!doctype html>") is not is_fragment, "a page where a page is due"
        assert "HX-Request" in self.response.headers.get("Vary", ""), "Vary: HX-Request"
        title = page.title.get_text(strip=True)
        assert title.count("–") >= 1 and len(title) > 12, "the title says what the page is"
        tags = page.find_all(True)
        assert len([tag for tag in tags if tag.name == "h1"]) == 1, "one h1"
        ids = [tag["id"] for tag in tags if tag.has_attr("id")]
        assert len(ids) == len(set(ids)), f"ids stand twice: {sorted(i for i in ids if ids.count(i) > 1)}"
        assert is_fragment or page.html["lang"] == "vi"
        labelled = {tag["for"] for tag in tags if tag.name == "label" and tag.has_attr("for")}
        for tag in tags:
            self._check_tag(tag, ids, labelled)
        assert "{{" not in text, "no template leaks"
        assert "None" not in page.get_text(), "None is not a word for people"

    def _check_tag(self, tag, ids: list[str], labelled: set[str]) -> None:
        if tag.name == "form":
            assert tag.get("action"), "every form has an action"
            if tag.get("method") == "post":
                assert tag.select_one("[name=step_token], [name=csrf_token]"), "every form is guarded"
        elif tag.name in {"input", "select", "textarea"} and tag.get("type") != "hidden":
            is_labelled = tag.get("aria-label") or tag.get("id") in labelled or tag.find_parent("label")
            assert is_labelled, f"{tag.get('name')} has a label"
        elif tag.name == "a" and tag.get("href", "").startswith("#"):
            assert tag["href"][1:] in [*ids, "main"], f"{tag['href']} leads nowhere"
        elif tag.name == "script":
            assert tag.get("src"), "nothing inline"
        for target in tag.get("aria-describedby", "").split():
            assert target in ids, f"{target} describes a field but is not there"
        if tag.has_attr("hx-get") or tag.has_attr("hx-post"):
            plain = tag.get("href") or tag.get("action") or tag.get("formaction")
            # What polls has a link inside that asks for the same by hand.
            plain = plain or (tag.get("hx-trigger", "").startswith("every") and tag.select_one("a[href]"))
            assert plain or tag.name == "input", "every hx- has its plain twin"
        assert not tag.has_attr("style") and not tag.has_attr("onclick"), "nothing inline"


def _words(response) -> str:
    return BeautifulSoup(response.data, "lxml").get_text(" ", strip=True)[:600]


def _first_button(form):
    return form.select_one("button.primary") or form.select_one("button")
