"""The scan of a signed sheet, filed with its dossier like a photo; it goes with the revision that was signed."""

from models import Dossier, Photo
from services import vault
from services.photos import Photo as Picture

SIGNED_SHEET = "signed_sheet"


def is_kept(row: Dossier) -> bool:
    """Whether the dossier has its scan."""
    return _kept(row).exists()


def keep(row: Dossier, picture: Picture) -> None:
    """File the scan with the dossier, which is held by the caller's transaction and has none yet."""
    Photo.create(
        envelope=row.envelope_id,
        kind=SIGNED_SHEET,
        image=vault.seal(row.envelope, f"photo.{SIGNED_SHEET}", picture.jpeg),
        thumbnail=vault.seal(row.envelope, f"thumbnail.{SIGNED_SHEET}", picture.thumbnail),
        width=picture.width,
        height=picture.height,
    )


def _kept(row: Dossier):
    return Photo.select().where((Photo.envelope == row.envelope_id) & (Photo.kind == SIGNED_SHEET))
