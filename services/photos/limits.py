"""Every limit on photos, each with its reason."""

from services.photos.kind import Kind

# --- What comes in

# A 12-megapixel phone JPEG is 2 to 5 MB; the largest an ordinary phone makes is about 8.
MAX_BYTES = 8_000_000

# Judged by the header, before any pixel is decoded. Together with MEMORY_BYTES these were measured: what passes them
# and is honest decodes within the memory allowed.
MAX_PIXELS = {
    # "50-megapixel" phones give up to 8192 x 6144 = 50.3. JPEG is scaled down while it is decoded, so this is cheap.
    Kind.JPEG: 50_400_000,
    # The same cameras; a HEIC is decoded whole, at 4.5 bytes a pixel.
    Kind.HEIC: 50_400_000,
    # 4 bytes a pixel. Screenshots and A4 scans at 500 dpi fit.
    Kind.PNG: 25_000_000,
    # 16 bytes a pixel in Pillow's only decoder for it (two canvases, a copy, the image).
    Kind.WEBP: 12_500_000,
}

# A progressive JPEG keeps all its coefficients until the end: 6 bytes a pixel, 8 if it is CMYK.
MAX_PIXELS_PROGRESSIVE = 25_000_000

# A profile for phones takes some 500 bytes, one for printing presses up to 2 MB. A larger one is ignored.
MAX_ICC_BYTES = 4_000_000

# --- What comes out

# An ID card fills 1600 pixels at 470 dpi: its smallest print stays readable, and so does the QR code.
LONGEST_SIDE = 1600

# Of the result. The small print of an ID card is 2 mm of its 54 mm height, so 7 pixels of 200: the least a person can
# make out. It also refuses strips more than eight times as long as wide.
SHORTEST_SIDE = 200

# Three of them and a dossier stay near one megabyte. Quality falls from step to step before the size does.
MAX_JPEG_BYTES = 400_000
JPEG_QUALITIES = (82, 76, 70, 65, 60)

# Shown back inside a page as base64, on mobile data.
THUMBNAIL_SIDE = 320
MAX_THUMBNAIL_BYTES = 12_000
THUMBNAIL_QUALITIES = (75, 65, 55, 45)

# Texts of cards on one picture: both sides of two people's cards. Each has at most `idcard.LONGEST` characters.
MAX_TEXTS = 4
MAX_TEXT_BYTES = 8_000

# --- What a worker process may use

# Wall time for one picture, enforced from outside by killing the worker. A 50-megapixel HEIC, the slowest of the
# honest, takes 3 to 5 s on two busy cores; a 12-megapixel JPEG 0.2 s.
SECONDS = 10

# Processor time for one picture, all threads together, enforced by the kernel: it ends a worker that loops while the
# server is gone and cannot kill it. Ample, for otherwise the wall time decides.
CPU_SECONDS = 30

# Writable memory (RLIMIT_DATA, so Linux only). The largest honest pictures occupy 250 MiB at their peak (a 50-megapixel
# HEIC; a 25-megapixel progressive CMYK JPEG needs 240, 12.5-megapixel WebP 225, a 12-megapixel JPEG 66). The limit also
# counts what threads reserve without using it, hence the rest.
MEMORY_BYTES = 288 * 1024 * 1024

# How long a caller waits for a free worker, and for a fresh one to start (a virus scanner may read every file first).
WAIT_SECONDS = 30
START_SECONDS = 30

# Two let a small photo pass while a large one is decoded; more would only compete for the processor.
WORKERS = 2

# A worker is replaced after so many pictures, lest small leaks in the decoders add up.
PICTURES_PER_WORKER = 200
