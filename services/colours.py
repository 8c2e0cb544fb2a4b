"""One colour of the company's own, such that all can be read on and beside it, in light and in dark.

WCAG 2.2, 1.4.3 (AA): text needs a contrast of 4.5 to 1. In the light the colour stands as it is chosen, so it must pass
there; for the dark a lighter one of the same hue is worked out.
"""

import colorsys

OURS = "#0b5cab"
ENOUGH = 4.5

# The grounds of `static/site.css`.
_PAPER, _GROUND = "#ffffff", "#f3f6f9"
_DARK_PAPER, _DARK_GROUND = "#18212b", "#10171f"
_DARK_INK = "#0b1118"
_SOFT, _DARK_SOFT = 0.1, 0.15


def contrast(one: str, other: str) -> float:
    """How far two colours (`#rrggbb`) are apart, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def reads(colour: str) -> bool:
    """Whether it can be read on all our light grounds, and white on it."""
    return _is_enough(colour, (_PAPER, _GROUND, _mixed(colour, _PAPER, _SOFT)))


def nearest(colour: str) -> str:
    """The colour itself if it can be read, else the same in the least darker shade that can."""
    return next(shade for shade in _shades(colour, -1) if reads(shade))


def for_dark(colour: str) -> str:
    """The same in the least lighter shade that can be read on our dark grounds."""
    return next(shade for shade in _shades(colour, 1) if _reads_in_the_dark(shade))


def sheet(colour: str) -> str:
    """The stylesheet that puts this colour in the place of ours."""
    dark = for_dark(colour)
    light_rules = _rules(colour, "#fff", _mixed(colour, _PAPER, _SOFT))
    dark_rules = _rules(dark, _DARK_INK, _mixed(dark, _DARK_PAPER, _DARK_SOFT))
    return f"{light_rules}\n@media (prefers-color-scheme: dark) {{ {dark_rules} }}\n"


def _rules(main: str, ink: str, soft: str) -> str:
    return f":root {{ --main: {main}; --main-ink: {ink}; --main-soft: {soft}; }}"


def _reads_in_the_dark(colour: str) -> bool:
    return _is_enough(colour, (_DARK_PAPER, _DARK_GROUND, _mixed(colour, _DARK_PAPER, _DARK_SOFT), _DARK_INK))


def _is_enough(colour: str, grounds: tuple[str, ...]) -> bool:
    return all(contrast(colour, ground) >= ENOUGH for ground in grounds)


def _shades(colour: str, step: int):
    """The colour, then ever darker (-1) or lighter (1) ones of its hue, down to black or up to white."""
    hue, light, saturation = colorsys.rgb_to_hls(*_parts(colour))
    yield colour
    for level in range(round(light * 255) + step, -1 if step < 0 else 256, step):
        yield _written(colorsys.hls_to_rgb(hue, level / 255, saturation))


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return _written(tuple(one * share + other * (1 - share) for one, other in pairs))


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))


def _written(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
