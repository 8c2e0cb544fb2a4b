"""QR codes to show on a page and to print."""

import io

import segno

# Of those that keep the code free of large plain areas whatever it says.
MASK = 2


def svg(text: str) -> str:
    """`text` as an SVG element: black on white with the quiet zone that readers need, in dark mode too."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True)


def drawing(text: str) -> str:
    """`text` as an SVG file for a template of the typesetter; nothing for no text, or for more than a QR can hold."""
    if not text:
        return ""
    try:
        # Any of the eight masks does for a reader; to compare them takes nine tenths of the time.
        code = segno.make_qr(text, error="m", mask=MASK)
    except (segno.DataOverflowError, UnicodeError):
        return ""
    file = io.BytesIO()
    code.save(file, kind="svg", xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return file.getvalue().decode()
