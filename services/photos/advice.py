"""What one should think of a photo: each check with its threshold and the reason for it. Advice, never a refusal.

Tried on real pictures (phones, two portraits) and on spoilt ones; `tests/test_photo_advice.py` holds what was found. In
doubt a check is met: a complaint about a good photo costs more trust than a bad photo that slips through, which HR
sees all the same. No face is looked for and no word is read.
"""

from services.photos.photo import Photo

# An ID card is 85.6 mm wide: 1000 pixels are some 300 dots per inch, at which scanners record papers.
DOCUMENT_SIDES = 1000, 600

# A printed portrait of 3 by 4 cm at 300 dots per inch.
PORTRAIT_SIDES = 472, 354

# Of 1000; a quite smooth step has 250. Thirteen real photos have 370 to 700, blurred by three pixels (of 1600) at most
# 310; by one and a half, which can still be read, 300 to 410.
SHARP = 330

# The grey that the lightest twentieth exceeds. Real photos have 159 and more, cards lit by a third as usual 80.
LIGHT = 90

# Hardly anything is darker than this: washed out. Real photos have 49 at most; so has paper with few words.
SHADE = 120

# In 1/1000 of the picture: a card's photo and number are hidden by a lamp's mirror image of half a centimetre. In real
# photos the largest patch that fades has 2.
GLARE = 5

# What is printed takes a quarter of the picture, so a half in width and height: below, a card of 1600 pixels is left
# with less than 240 dots per inch. Real photos that are filled have 450 and more.
FILL = 250

PORTRAIT = "portrait"


def checks(kind: str, photo: Photo) -> dict[str, bool]:
    """Which checks this kind of photo is put to, and whether each is met; none where nothing was measured."""
    measures = photo.measures
    if measures is None:
        return {}
    is_portrait = kind == PORTRAIT
    longest, shortest = PORTRAIT_SIDES if is_portrait else DOCUMENT_SIDES
    found = {
        "size": max(photo.width, photo.height) >= longest and min(photo.width, photo.height) >= shortest,
        "sharp": measures.sharpness >= SHARP,
        "light": measures.light >= LIGHT,
        # On a portrait a patch of light may well be a white wall.
        "glare": measures.shade <= SHADE and (is_portrait or measures.glare < GLARE),
    }
    if is_portrait:
        return found | {"upright": photo.height >= photo.width}
    # Of a blurred one nobody can tell how far it reaches.
    return found | {"fills": measures.fill >= FILL or not found["sharp"]}
