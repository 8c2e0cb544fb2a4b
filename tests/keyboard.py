"""A page without a mouse."""

from playwright.sync_api import expect


class Keyboard:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page):
        self.page = page

    def go_to(self, locator):
        """Press Tab until it is there; wherever that leads, one sees where one is."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(SEES_FOCUS), self.page.evaluate("document.activeElement.outerHTML")
            if locator.evaluate("element => element === document.activeElement"):
                return self.page.keyboard
        raise AssertionError(f"Tab never leads to {locator}")

    def press(self, words, heading, *, role="button", key="Enter"):
        self.go_to(self.page.get_by_role(role, name=words)).press(key)
        self.arrive_at(heading)

    def arrive_at(self, heading):
        expect(self.page.locator("h1")).to_have_text(heading)
        expect(self.page.locator("#main :focus")).to_have_count(1)


SEES_FOCUS = """() => {
  const element = document.activeElement, style = getComputedStyle(element), place = element.getBoundingClientRect();
  return element.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && place.bottom > 0 && place.top < innerHeight;
}"""
