"""What can be told from the pixels of a prepared picture: how sharp, how light, and how much of it is filled.

Belongs in the worker process, like everything here that touches pixels. It measures and does not judge: `advice` does.
Only differences and extremes of neighbours are taken, which takes a tenth of a second and little memory.
"""

from collections.abc import Callable, Iterator

from PIL import Image, ImageChops

from services.photos.photo import Measures

# Fewer pixels than this hold no steps of nine pixels between its edges.
_SPECK = 16

# The steepest steps of a picture: this part of its places is steeper than all others.
_STEEPEST = 0.005
# Lower steps than this are grain, not drawing: such a picture shows nothing that could be sharp.
_LOWEST_STEP = 12

# Where something is printed there are steps of a third of the highest, or more; looked for in squares of this part of
# the longest side. Of the places found, so many may lie apart on each side: a crumb on the table is not the card.
_PRINTED = 0.35
_SQUARES = 50
_APART = 0.03

# A patch of light is nearly white in the mean of each square, and fades: most of what lies around it is light too.
# White paper, a white wall or a white shirt end at a line, or at the picture's edge.
_PATCH_SQUARES = 100
_NEARLY_WHITE = 235
_LIGHT = 210
_FADING = 0.6

_Choice = Callable[[Image.Image, Image.Image], Image.Image]


def measured(image: Image.Image) -> Measures:
    """Measure a picture of a few hundred pixels or more on each side; of a speck or a thread nothing can be told."""
    if min(image.size) < max(_SPECK, max(image.size) // _SQUARES + 2):
        return Measures(0, 0, 0, 0, 0)
    grey = image.convert("L")
    ranges = [_ranges(grey, axis) for axis in (0, 1)]
    sharpness, highest = _steps(ranges)
    return Measures(
        sharpness=sharpness,
        light=_grey_below(grey, 0.95),
        shade=_grey_below(grey, 0.005),
        glare=_glare(grey),
        fill=_fill([near for near, _far in ranges], max(1, max(grey.size) // _SQUARES), highest),
    )


def _steps(ranges: list[tuple[Image.Image, Image.Image]]) -> tuple[int, int]:
    """Sharpness, and how high the highest steps are.

    A step that is sharp rises within three pixels as far as within nine; one that is quite smooth a quarter as far. The
    less sharp direction counts, since a hand that shakes smears only one; but not where next to nothing crosses it.
    """
    found = []
    for each in ranges:
        near, far = (_grey_below(apart, 1 - _STEEPEST) for apart in each)
        found.append((1000 * near // max(1, far), far))
    highest = max(far for _sharpness, far in found)
    if highest < _LOWEST_STEP:
        return 0, highest
    return min(sharpness for sharpness, far in found if far * 2 >= highest), highest


def _fill(near: list[Image.Image], square: int, highest: int) -> int:
    steps = ImageChops.lighter(*near)
    squares = steps.width // square, steps.height // square
    across = _extreme(steps, square, 0, ImageChops.lighter)
    # Of what lies side by side one column of each square says all, so only those are compared downwards.
    columns = across.resize((squares[0], across.height), Image.Resampling.NEAREST)
    highest_in_each = _extreme(columns, square, 1, ImageChops.lighter)
    printed = highest_in_each.resize(squares, Image.Resampling.NEAREST).point(
        lambda value: 255 * (value >= max(1, highest * _PRINTED))
    )
    places = [(number % squares[0], number // squares[0]) for number, value in enumerate(printed.tobytes()) if value]
    if not places:
        return 0
    width, height = (_spread([place[axis] for place in places]) / squares[axis] for axis in (0, 1))
    return round(1000 * width * height)


def _spread(values: list[int]) -> int:
    """Over how many squares the values reach, without the few outermost."""
    values = sorted(values)
    apart = int(len(values) * _APART)
    return values[-1 - apart] - values[apart] + 1


def _glare(grey: Image.Image) -> int:
    small = grey.reduce(max(1, max(grey.size) // _PATCH_SQUARES))
    light, (width, height) = small.load(), small.size
    largest = 0
    for patch in _patches(light, width, height):
        if any(x in (0, width - 1) or y in (0, height - 1) for x, y in patch):
            continue
        around = {(x + right, y + down) for x, y in patch for right in (-1, 0, 1) for down in (-1, 0, 1)} - patch
        if sum(light[place] >= _LIGHT for place in around) >= _FADING * len(around):
            largest = max(largest, len(patch))
    return round(1000 * largest / (width * height))


def _patches(light, width: int, height: int) -> Iterator[set[tuple[int, int]]]:
    """The places that are nearly white, those that touch together."""
    left = {(x, y) for x in range(width) for y in range(height) if light[x, y] >= _NEARLY_WHITE}
    while left:
        patch, waiting = set(), [left.pop()]
        while waiting:
            x, y = place = waiting.pop()
            patch.add(place)
            for near in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
                if near in left:
                    left.remove(near)
                    waiting.append(near)
        yield patch


def _ranges(grey: Image.Image, axis: int) -> tuple[Image.Image, Image.Image]:
    """How far apart the lightest and the darkest of three neighbours are, and of nine."""
    lightest, darkest = ([], [])
    for found, choice in ((lightest, ImageChops.lighter), (darkest, ImageChops.darker)):
        found.append(_extreme(grey, 3, axis, choice))
        found.append(_extreme(found[0], 9, axis, choice, done=3))
    near, far = (ImageChops.subtract(light, dark) for light, dark in zip(lightest, darkest, strict=True))
    return near, far


def _extreme(grey: Image.Image, reach: int, axis: int, choice: _Choice, done: int = 1) -> Image.Image:
    """The extreme of `reach` neighbours along one axis; the picture becomes so much narrower or lower.

    `done` is how many neighbours each place of the picture is the extreme of already.
    """
    while done < reach:
        by = min(done, reach - done)
        moved = (by, 0, *grey.size) if axis == 0 else (0, by, *grey.size)
        # The chosen picture is as large as the smaller of the two: what juts out on the far side falls away.
        grey = choice(grey, grey.crop(moved))
        done += by
    return grey


def _grey_below(grey: Image.Image, part: float) -> int:
    """The grey that this part of the picture does not exceed."""
    left = part * grey.width * grey.height
    for value, count in enumerate(grey.histogram()):
        left -= count
        if left <= 0:
            return value
    return 255
