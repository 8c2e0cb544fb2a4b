"""Who may import whom: imports point down, and each danger has one room. Read from the sources, not by running them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("views", "wizard", "desk", "forms", "services", "models", "tokens", "config", "commands", "app")
MAY_IMPORT = {
    "app": {"config", "commands", "models", "tokens", "views", "services"},
    "commands": {"config", "forms", "models", "services"},
    "views": {"views", "wizard", "desk", "forms", "services", "tokens", "models"},
    "wizard": {"wizard", "forms"},
    "desk": {"desk", "services", "models"},
    "services": {"services", "models", "tokens"},
    "forms": {"forms"},
    "models": {"models"},
    "tokens": set(),
    "config": set(),
}
# Services know what a token says, and can neither sign nor check one.
OF_TOKENS_IN_SERVICES = {"Ticket"}
# Each library that is dangerous or hard to replace, and the only files that may know it.
ONLY = {
    "itsdangerous": {"tokens.py"},
    "cryptography": {"services/vault.py"},
    "PIL": {"services/photos/", "services/scans/"},
    "pypdfium2": {"services/scans/", "services/official/looking.py"},
    "pi_heif": {"services/photos/"},
    "zxingcpp": {"services/"},
    "pikepdf": {"services/pdf.py", "services/official/looking.py"},
    "zipfile": {"services/archive.py", "services/spreadsheets/"},
    "typst": {"services/typesetting.py"},
    "pyotp": {"services/secondfactor.py"},
    "segno": {"services/qr.py"},
    "playhouse": {"models/"},
    "psycopg": set(),
    "sqlite3": set(),
    "waitress": {"app.py"},
    "click": {"commands.py"},
    "openpyxl": {"services/spreadsheets/"},
    "xlsxwriter": {"services/spreadsheets/"},
    "subprocess": {"services/"},
    "ssl": {"services/official/fetching.py"},
    "http": {"services/official/fetching.py", "services/sms/http.py"},
    "phonenumbers": {"forms/validators.py"},
    "email_validator": {"forms/validators.py"},
    "urllib3": {"services/sms/http.py"},
    "requests": set(),
    # Not for secrets, not for strangers' bytes, not at all.
    "random": set(),
    "pickle": set(),
    "shelve": set(),
    "marshal": set(),
}
WITHOUT_FLASK = ("wizard", "desk", "services", "models", "forms", "tokens", "config")
# Lazy words and forms are not Flask: they know no request, no session and no application.
WORDS_AND_FORMS = {"flask_babel", "flask_wtf"}
ENVIRONMENT = {"config.py", "services/photos/pool.py"}


def sources() -> list[Path]:
    """Every module of ours, without tests, benchmarks and the scripts that rebuild data."""
    files = [ROOT / f"{room}.py" for room in ROOMS if (ROOT / f"{room}.py").exists()]
    files += [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts]


FILES = sources()


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """The modules that the file imports anywhere, with the names that it takes from them."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: write the whole name of {node.module}"
            found.append((node.module, tuple(alias.name for alias in node.names)))
    return found


def names_used(path: Path) -> set[str]:
    """Every dotted name in the file, such as `os.environ`."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_the_rooms_are_all_there():
    assert {room_of(path) for path in FILES} == set(ROOMS) == set(MAY_IMPORT)
    known = {*ROOMS, "tests", "benchmarks", "data"}
    rooms = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert rooms <= known, "a new room needs its line in MAY_IMPORT"


def test_imports_point_down():
    for path in FILES:
        ours = {module.split(".")[0] for module, _names in imports(path)} & set(ROOMS)
        assert ours <= MAY_IMPORT[room_of(path)], name_of(path)


def test_services_know_of_tokens_only_what_they_say():
    for path in FILES:
        taken = {name for module, names in imports(path) for name in names if module == "tokens"}
        assert room_of(path) != "services" or taken <= OF_TOKENS_IN_SERVICES, name_of(path)
        assert room_of(path) != "services" or ("tokens", ()) not in imports(path), name_of(path)


def test_each_danger_has_one_room():
    for path in FILES:
        for module, _names in imports(path):
            allowed = ONLY.get(module.split(".")[0])
            assert allowed is None or name_of(path).startswith(tuple(allowed)), f"{name_of(path)} imports {module}"


def test_the_lower_rooms_know_no_request():
    for path in FILES:
        flask = {module.split(".")[0] for module, _names in imports(path) if module.startswith(("flask", "htmx"))}
        allowed = WORDS_AND_FORMS if room_of(path) in {"forms", "wizard"} else set()
        assert room_of(path) not in WITHOUT_FLASK or flask <= allowed, name_of(path)


def test_only_the_settings_read_the_environment():
    reading = {"os.environ", "os.getenv", "os.environb", "os.putenv"}
    for path in FILES:
        taken = {f"os.{name}" for module, names in imports(path) if module == "os" for name in names}
        assert name_of(path) in ENVIRONMENT or not reading & (names_used(path) | taken), name_of(path)


def test_nothing_is_made_up_as_code():
    for path in FILES:
        calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        assert not names & {"eval", "exec", "compile", "__import__"}, name_of(path)


def test_no_sql_is_written_outside_the_models():
    for path in FILES:
        called = {name.rpartition(".")[2] for name in names_used(path)}
        assert room_of(path) == "models" or "execute_sql" not in called, name_of(path)


def test_no_room_is_called_after_nothing_and_none_is_too_large_to_be_read():
    for path in FILES:
        assert path.stem not in {"utils", "util", "helpers", "common", "misc"}
        assert len(path.read_text("utf-8").splitlines()) <= 340, f"{name_of(path)} wants a door"
