"""QR codes to show on a page."""

import segno


def svg(text: str) -> str:
    """`text` as an SVG element: black on white with the quiet zone that readers need, in dark mode too."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True)
