"""What holds of every template: it parses, somebody uses it, and every word of it can be translated."""

import ast
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Comment, Doctype
from jinja2 import Environment, nodes

from wizard.flows import FLOWS

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-label")
# The same in every language: names of shops, an address, and what is printed on the card.
SAME_EVERYWHERE = {
    "Google Play",
    "App Store",
    "dichvucong.baohiemxahoi.gov.vn/#/dang-ky",
    "THẺ BẢO HIỂM Y TẾ",
    "HS 4 01",
}
CALLS = {"_", "gettext", "ngettext", "_l", "lazy_gettext"}
VIETNAMESE = re.compile(r"[à-ỹđÀ-ỸĐ]")

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
EACH = pytest.mark.parametrize("name", NAMES)


def source(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


@SQLITE_ONLY
def test_every_template_parses_and_knows_every_name_that_it_imports(app):
    for name in NAMES:
        tree = app.jinja_env.parse(source(name), name)
        for imported in tree.find_all(nodes.FromImport):
            macros = {
                macro.name for macro in app.jinja_env.parse(source(imported.template.value)).find_all(nodes.Macro)
            }
            taken = {each[0] if isinstance(each, tuple) else each for each in imported.names}
            assert taken <= macros, name
            used = {each.name for each in tree.find_all(nodes.Name)}
            called = {each[1] if isinstance(each, tuple) else each for each in imported.names}
            assert called <= used, f"{name} imports what it does not use"


@SQLITE_ONLY
def test_every_template_is_used_by_somebody(app):
    used = {f"wizard/{step.name}.html" for flow in FLOWS.values() for step in flow}
    used |= {f"wizard/{name}_{step.name}.html" for name, flow in FLOWS.items() for step in flow}
    for name in NAMES:
        for kind in (nodes.Extends, nodes.Include, nodes.FromImport, nodes.Import):
            for node in app.jinja_env.parse(source(name)).find_all(kind):
                used |= {each.value for each in node.find_all(nodes.Const)}
    for path in (ROOT / "views").rglob("*.py"):
        strings = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
        used |= {node.value for node in strings if isinstance(node.value, str) and node.value.endswith(".html")}
    assert set(NAMES) <= used


@EACH
def test_every_word_goes_through_gettext(name):
    text = re.sub(r"\{#.*?#\}", "", source(name), flags=re.S)
    # What Jinja says is not the page's own text; a number stands for it, so that no words grow together.
    page = BeautifulSoup(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " 0 ", text, flags=re.S), "html.parser")
    said = [string for string in page.find_all(string=True) if not isinstance(string, Comment | Doctype)]
    said += [tag[attribute] for tag in page.find_all(True) for attribute in SPOKEN if tag.has_attr(attribute)]
    for words in said:
        words = " ".join(re.sub(r"\b0\b", " ", words).split()).strip(" –·,.:()←✓“”")
        assert words in SAME_EVERYWHERE or not re.search(r"[^\W\d_]", words), f"{words!r} stands outside _()"


@EACH
def test_what_jinja_says_is_translated_too(name):
    for node in Environment().parse(source(name)).find_all(nodes.Const):
        if isinstance(node.value, str) and VIETNAMESE.search(node.value):
            assert node.value in translated(name), f"{node.value!r} stands outside _()"


def translated(name: str) -> set[str]:
    """The texts that the template hands to gettext."""
    calls = Environment().parse(source(name)).find_all(nodes.Call)
    return {
        argument.value
        for call in calls
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS
        for argument in call.find_all(nodes.Const)
        if isinstance(argument.value, str)
    }


@pytest.mark.parametrize("room", ["forms", "wizard", "views", "desk"])
def test_every_word_of_forms_and_views_goes_through_gettext(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        excused = {id(node) for each in ast.walk(tree) for node in documented(each)}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") in CALLS:
                excused |= {id(node) for node in ast.walk(call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and VIETNAMESE.search(node.value):
                assert id(node) in excused, f"{path.name}: {node.value!r} stands outside _()"


def documented(node) -> list:
    """The docstring of a module, class or function."""
    body = getattr(node, "body", None)
    is_documented = isinstance(body, list) and body and isinstance(body[0], ast.Expr)
    return [body[0].value] if is_documented else []


@EACH
def test_no_template_lets_markup_through_unless_we_made_it(name):
    filters = re.findall(r"([\w.]+)\s*\|\s*safe", source(name))
    assert set(filters) <= {"phone.qr", "qr"}
    assert "Markup" not in source(name) and "autoescape" not in source(name)
