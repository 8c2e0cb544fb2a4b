"""The photos of a registration as they are kept: sealed, with what they were made from and what we think of them.

A photo that was turned or cut can always be made anew from the one that was sent, which is kept beside it until the
registration is submitted.
"""

import json
from dataclasses import dataclass, field

from models import Envelope, Photo, now
from services import photos, vault
from services.photos import CENTRE, Edit, Frame, advice
from services.photos import Photo as Picture
from services.sheets import SIGNED_SHEET


@dataclass(frozen=True, slots=True)
class Opinion:
    """Which checks a photo was put to and whether it met them; the second at which its person said to use it anyway."""

    checks: dict[str, bool] = field(default_factory=dict)
    accepted_at: int | None = None

    @property
    def failed(self) -> list[str]:
        """The checks that are not met."""
        return [name for name, is_met in self.checks.items() if not is_met]


@dataclass(frozen=True, slots=True)
class Preview(Opinion):
    """A stored photo as the applicant sees it again: a small JPEG and the size of the whole picture."""

    thumbnail: bytes = b""
    width: int = 0
    height: int = 0
    edit: Edit = Edit()

    @property
    def centre(self) -> tuple[int, int, int, int]:
        """The largest frame of three by four in its middle: left, top, right, bottom."""
        return CENTRE.box(self.width, self.height)


def previews(envelope: Envelope) -> dict[str, Preview]:
    """The photos of this registration, by kind."""
    shown = (Photo.kind, Photo.thumbnail, Photo.width, Photo.height, Photo.edit, Photo.checks, Photo.accepted_at)
    return {
        row.kind: Preview(
            json.loads(row.checks or "{}"),
            row.accepted_at,
            vault.unseal(envelope, f"thumbnail.{row.kind}", row.thumbnail),
            row.width,
            row.height,
            _edit_of(row.edit),
        )
        for row in Photo.select(*shown).where(Photo.envelope == envelope)
    }


def opinions(identity: str) -> dict[str, Opinion]:
    """What we think of the photos of this registration, by kind."""
    rows = Photo.select(Photo.kind, Photo.checks, Photo.accepted_at).where(Photo.envelope == identity)
    return {row.kind: Opinion(json.loads(row.checks or "{}"), row.accepted_at) for row in rows}


def edited(identity: str, kind: str, edit: Edit) -> Picture | None:
    """What `edit` makes of the photo that was sent; None when there is none any more. Raises `PhotoRefused`."""
    row = _row(identity, kind)
    return photos.edit(_sent(row), edit) if row else None


def keep(identity: str, kind: str, picture: Picture | None) -> None:
    """Put the picture in the place of the one of its kind; None leaves none."""
    before = _row(identity, kind)
    Photo.delete().where((Photo.envelope == identity) & (Photo.kind == kind)).execute()
    if picture is None:
        return
    envelope = Envelope.get_by_id(identity)
    checks = advice.checks(kind, picture)
    is_edited = before is not None and picture.edit not in (None, Edit())
    Photo.create(
        envelope=envelope,
        kind=kind,
        image=vault.seal(envelope, f"photo.{kind}", picture.jpeg),
        thumbnail=vault.seal(envelope, f"thumbnail.{kind}", picture.thumbnail),
        width=picture.width,
        height=picture.height,
        original=vault.seal(envelope, f"original.{kind}", _sent(before)) if is_edited else None,
        edit=_text_of(picture.edit) if is_edited else None,
        checks=json.dumps(checks),
        accepted_at=before.accepted_at if before and picture.edit and not _is_worse(before, checks) else None,
    )


def copy(source: Envelope, target: Envelope) -> None:
    """Give one registration the photos of another, as they are shown there, with what we think of them.

    Not the scan of what was signed: it belongs to the revision that it shows.
    """
    is_asked = Photo.kind != SIGNED_SHEET
    for row in Photo.select().where((Photo.envelope == source) & is_asked).order_by(Photo.id):
        Photo.create(
            envelope=target,
            kind=row.kind,
            image=_sealed_anew(row, "image", f"photo.{row.kind}", target),
            thumbnail=_sealed_anew(row, "thumbnail", f"thumbnail.{row.kind}", target),
            width=row.width,
            height=row.height,
            checks=row.checks,
            accepted_at=row.accepted_at,
        )


def accept(identity: str, kinds: tuple[str, ...]) -> None:
    """Note that these photos shall be used as they are."""
    mine = (Photo.envelope == identity) & Photo.kind.in_(kinds) & Photo.accepted_at.is_null()
    Photo.update(accepted_at=now()).where(mine).execute()


def holds(identity: str, kind: str, picture: Picture | None) -> bool:
    """Whether the photo of this kind is this very picture; for None, whether there is none."""
    row = _row(identity, kind)
    if row is None or picture is None:
        return row is picture
    return vault.unseal(row.envelope, f"photo.{kind}", row.image) == picture.jpeg


def forget_originals(identity: str) -> None:
    """Keep of every photo only what is shown: what was cut away is nobody's business any more."""
    Photo.update(original=None, edit=None).where(Photo.envelope == identity).execute()


def _sealed_anew(row: Photo, column: str, place: str, target: Envelope) -> bytes:
    return vault.seal(target, place, vault.unseal(row.envelope, place, getattr(row, column)))


def _row(identity: str, kind: str) -> Photo | None:
    return Photo.get_or_none((Photo.envelope == identity) & (Photo.kind == kind))


def _sent(row: Photo) -> bytes:
    if row.original is None:
        return vault.unseal(row.envelope, f"photo.{row.kind}", row.image)
    return vault.unseal(row.envelope, f"original.{row.kind}", row.original)


def _is_worse(before: Photo, checks: dict[str, bool]) -> bool:
    """Whether the photo fails in something that its person has not been told of."""
    known = json.loads(before.checks or "{}")
    return any(not is_met and known.get(name, True) for name, is_met in checks.items())


def _text_of(edit: Edit) -> str:
    """`1`, or `1 5000 5000 10000` with a frame."""
    frame = edit.frame
    return " ".join(map(str, (edit.quarters, *((frame.x, frame.y, frame.width) if frame else ()))))


def _edit_of(text: str | None) -> Edit:
    quarters, *place = map(int, (text or "0").split())
    return Edit(quarters, Frame(*place) if place else None)
