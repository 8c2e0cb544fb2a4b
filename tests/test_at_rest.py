"""What lies on the disk: names and states, and for all the rest bytes that open nowhere but in their own place."""

import shutil
from pathlib import Path

import pytest
import time_machine

import config
import tokens
from models import TABLES, Code, Dossier, Draft, Envelope, Photo, Request, database, is_postgresql
from services import drafts, holdings, retention, submissions, vault
from services.vault import Unreadable, WrongDataKey
from tests import canaries
from tests.answers import jpeg, upload
from tests.browser import Browser
from tests.cards import photo_saying
from tests.dossiers import file_one, fill
from tests.messages import newest_code

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
OF_A_PICTURE = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"JFIF\0", b"\x89PNG\r\n")


def at_rest(environ) -> bytes:
    """Every byte of every table, and of every file in the data folder but the keys."""
    with database.connection_context():
        rows = [
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for table in TABLES
            for row in table.select().tuples()
            for value in row
        ]
    files = [path.read_bytes() for path in sorted(Path(environ["QUAY_DATA"]).rglob("*")) if path.suffix != ".key"]
    assert files or is_postgresql()
    return b"\n".join(rows + files)


def kinds() -> dict:
    made = {
        kind: upload(canaries.FILE_NAME, jpeg(seed=n)) for n, kind in enumerate(("portrait", "id_front", "id_back"))
    }
    return made | {"id_front": upload(canaries.FILE_NAME, photo_saying(canaries.CARD_TEXT))}


def test_of_draft_and_dossier_nothing_but_the_name_can_be_read(app, environ, tmp_path):
    browser = Browser(app).fill_until("declaration").submit(canaries.PERSON, status=422)
    browser.page.select_one("input[value=typed]")["checked"] = ""
    browser.submit(canaries.PERSON).submit(kinds())
    assert canaries.CARD_NAME in browser.text, "the card was read"
    browser.submit(press="Giữ như tôi đã khai").submit({"email_copy": True, "email": canaries.EMAIL}).submit()
    code = newest_code(tmp_path / "sms")
    draft = at_rest(environ)
    browser.submit({"code": code})
    dossier = at_rest(environ)
    for bytes_at_rest in (draft, dossier):
        assert canaries.leaks(bytes_at_rest, [*canaries.all_of_them(), "0903 141 592"]) == []
        assert not any(sign in bytes_at_rest for sign in OF_A_PICTURE)
    assert canaries.leaks(draft, [canaries.NAME]) == []
    assert canaries.leaks(dossier, [canaries.NAME]) == [canaries.NAME], "the search does find what is there"
    with database.connection_context():
        kept = Code.get()
    assert code.encode() not in bytes(kept.secret) and code not in kept.code_hash


def test_what_is_half_typed_cannot_be_read_either(app, environ):
    browser = Browser(app).fill_until("photos").open("/register/adult")
    browser.fill_until("declaration").submit({**canaries.PERSON, **canaries.WRONG}, press="Xong")
    assert canaries.leaks(at_rest(environ), [canaries.NAME, *canaries.all_of_them()]) == []


def swap(table, column: str, one, other) -> None:
    """Exchange the values of a column between two rows."""
    key = table._meta.primary_key
    first, second = (bytes(getattr(row, column)) for row in (one, other))
    for row, value in ((one, second), (other, first)):
        table.update({column: value}).where(key == row._pk).execute()


def photo_row(dossier: Dossier, kind: str) -> Photo:
    return Photo.get((Photo.envelope == dossier.envelope_id) & (Photo.kind == kind))


def test_what_is_moved_to_another_row_or_place_does_not_open(app):
    with database.connection_context():
        anna, binh = file_one("0912345601"), file_one("0912345602")
        assert submissions.photo(anna, "portrait").endswith(b"portrait")
        swap(Photo, "image", photo_row(anna, "portrait"), photo_row(anna, "id_front"))
        with pytest.raises(Unreadable):
            submissions.photo(anna, "portrait")
        swap(Photo, "image", photo_row(anna, "id_back"), photo_row(binh, "id_back"))
        for dossier in (anna, binh):
            with pytest.raises(Unreadable):
                submissions.photo(dossier, "id_back")
        photo = photo_row(binh, "portrait")
        Photo.update(image=photo.thumbnail).where(Photo.id == photo.id).execute()
        with pytest.raises(Unreadable):
            submissions.photo(binh, "portrait")
        swap(Dossier, "answers", anna, binh)
        with pytest.raises(Unreadable):
            submissions.open_dossier(Dossier.get_by_id(anna.id))


def test_a_key_moved_to_another_registration_opens_nothing(app):
    with database.connection_context():
        anna, binh = file_one("0912345601"), fill("0912345602")
        swap(Envelope, "wrapped_key", anna.envelope, Envelope.get_by_id(binh.id))
        with pytest.raises(Unreadable):
            submissions.open_dossier(Dossier.get_by_id(anna.id))
        with pytest.raises(Unreadable):
            drafts.open_draft(binh.ticket())


def test_damaged_bytes_are_unreadable_and_never_something_else(app):
    with database.connection_context():
        draft = fill("0912345601")
        for damage in (b"", b"short", bytes(12), bytes(200)):
            Draft.update(answers=damage).execute()
            with pytest.raises(Unreadable):
                drafts.open_draft(draft.ticket())


def test_a_row_that_was_tampered_with_gives_hr_no_picture(app, sign_in):
    with database.connection_context():
        anna = file_one("0912345601")
        swap(Photo, "image", photo_row(anna, "portrait"), photo_row(anna, "id_front"))
    answer = sign_in().client.get(f"/staff/dossiers/{anna.reference}/photos/portrait")
    assert (answer.status_code, b"\xff\xd8\xff" in answer.data) == (500, False)


def test_a_phone_can_be_found_but_not_guessed_without_the_key(make_app):
    make_app()
    ours = drafts.phone_hash("0912345678")
    assert ours == drafts.phone_hash("0912345678") != drafts.phone_hash("0912345679")
    assert len({ours, vault.keyed_hash("sheet", "0912345678"), vault.keyed_hash("phone", "0912345678 ")}) == 3
    vault.use(bytes(32))
    assert drafts.phone_hash("0912345678") != ours


def test_a_database_does_not_start_with_another_key(make_app):
    make_app()
    with pytest.raises(WrongDataKey, match="QUAY_DATA_KEY.*data.key"):
        make_app(QUAY_DATA_KEY="0" * 64)
    make_app()


@SQLITE_ONLY
def test_a_stolen_database_without_its_key_opens_nothing(make_app, environ, tmp_path):
    make_app()
    with database.connection_context():
        anna = file_one("0912345601")
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    for file in Path(environ["QUAY_DATA"]).glob("quay.db*"):
        shutil.copy(file, stolen)
    with pytest.raises(WrongDataKey):
        make_app(QUAY_DATA=str(stolen))
    vault.use(config.read({"QUAY_DATA": str(stolen)}).data_key)
    with database.connection_context(), pytest.raises(Unreadable):
        submissions.open_dossier(Dossier.get_by_id(anna.id))


def test_of_a_deleted_dossier_nothing_is_left_not_even_the_name(app, environ, sign_in, tmp_path):
    browser = Browser(app).fill_until("declaration").submit(canaries.PERSON, status=422)
    browser.page.select_one("input[value=typed]")["checked"] = ""
    browser.submit(canaries.PERSON).submit(kinds()).submit({"email_copy": True, "email": canaries.EMAIL}).submit(
        press="gửi mã"
    )
    code = newest_code(tmp_path / "sms")
    reference = browser.submit({"code": code}).page.select_one("[data-reference]").get_text(strip=True)
    browser.follow("Dữ liệu của bạn").follow("Xoá hồ sơ").submit({"words": canaries.PASSWORD})
    asked = at_rest(environ)
    assert canaries.leaks(asked, [canaries.NAME, *canaries.all_of_them()]) == [canaries.NAME]
    with database.connection_context():
        sealed = [bytes(Envelope.get().wrapped_key), bytes(Dossier.get().answers), bytes(Request.get().words)]
        sealed += [bytes(row.image)[:200] for row in Photo.select()] + [bytes(row.secret) for row in Code.select()]
    assert all(secret in asked for secret in sealed) and len(sealed) == 7
    sign_in().open("/staff/requests").follow("Xoá hồ sơ").submit(press="Xoá hồ sơ")
    left = at_rest(environ)
    assert canaries.leaks(left, [canaries.NAME, "cờnary", "conary", *canaries.all_of_them()]) == []
    assert [secret for secret in sealed if secret in left] == []
    assert reference.encode() in left, "the line that stays says which dossier it was"


def test_of_a_draft_that_its_owner_deleted_nothing_is_left(app, environ):
    with database.connection_context():
        draft = fill("0912345601")
        sealed = [bytes(Draft.get().answers), bytes(Envelope.get().wrapped_key)]
        sealed += [bytes(row.image) for row in Photo.select()]
        assert all(secret in at_rest(environ) for secret in sealed)
        token = tokens.sign_rights(draft.ticket())
    Browser(app).open(f"/rights/delete-draft?t={token}").submit()
    left = at_rest(environ)
    assert not any(secret in left for secret in [*sealed, draft.id.encode()])


@SQLITE_ONLY
def test_an_old_copy_opens_with_the_key_that_it_holds_itself_and_with_no_other(make_app, environ, tmp_path):
    # As docs/privacy.md says: a deletion does not reach the copies that were made before it.
    make_app()
    with database.connection_context():
        anna, binh = file_one("0912345601"), file_one("0912345602")
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    old = tmp_path / "old"
    shutil.copytree(environ["QUAY_DATA"], old)
    with database.connection_context(), database.atomic():
        holdings.destroy(anna)
        keys = list(Envelope.select().tuples())
    make_app(QUAY_DATA=str(old))
    with database.connection_context():
        assert submissions.open_dossier(Dossier.get_by_id(anna.id)).phone == "0912345601"
        # The copy with only those keys that there are today: what docs/decisions/0027 proposes for backups.
        Envelope.update(wrapped_key=b"").where(Envelope.id.not_in([key[0] for key in keys])).execute()
        assert submissions.open_dossier(Dossier.get_by_id(binh.id)).phone == "0912345602"
        with pytest.raises(Unreadable):
            submissions.open_dossier(Dossier.get_by_id(anna.id))
        with pytest.raises(Unreadable):
            submissions.photo(Dossier.get_by_id(anna.id), "portrait")


@SQLITE_ONLY
def test_what_was_purged_is_gone_from_the_file_and_from_its_log_of_changes(app, environ):
    with time_machine.travel("2026-11-01 08:00", tick=True) as clock:
        with database.connection_context():
            draft = fill("0912345601")
            secrets = [bytes(Draft.get().answers), bytes(Envelope.get().wrapped_key)]
            secrets += [bytes(row.image) for row in Photo.select()]
        assert all(secret in at_rest(environ) for secret in secrets)
        clock.shift(15 * 24 * 60 * 60)
        with database.connection_context():
            retention.purge()
    left = at_rest(environ)
    assert not any(secret in left for secret in [*secrets, draft.id.encode()])
