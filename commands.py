"""What the administrator types: `flask --app app …`."""

import signal
import sys
import threading
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

import config
from forms.agencies import understand as understand_agencies
from forms.headings import WrongHeadings
from forms.official import told
from forms.roster import REFUSALS, understand
from forms.staff import SHORTEST_PASSWORD, USERNAME
from models import database
from services import (
    accounts,
    agencies,
    agency_list,
    backup,
    lookup,
    official,
    outbox,
    retention,
    roster,
    spreadsheets,
)
from services.doctor import FAILURE, examine

staff = AppGroup("staff", help="Accounts of HR.")
people = AppGroup("roster", help="Who works here.")
list_of_agencies = AppGroup("agencies", help="The list of agencies.")


@staff.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(accounts.ROLES), required=True)
@click.option("--unit", "unit_name", help="The unit, for the role unit.")
def add_staff(username, role, unit_name):
    """Make an account; the password comes from QUAY_STAFF_PASSWORD or is asked for."""
    if (role == "unit") != bool(unit_name):
        raise click.UsageError("--unit goes with --role unit, and only with it.")
    if not USERNAME.fullmatch(username):
        raise click.UsageError("USERNAME: write 3 to 64 letters without accents, digits, dots or hyphens.")
    password = _password()
    with database.connection_context():
        try:
            accounts.add(username, password, role, unit_name)
        except accounts.NameTaken as problem:
            raise click.ClickException(f"There is an account {username} already.") from problem
    click.echo(f"{username} can sign in.")


def _password() -> str:
    password = config.staff_password() or getpass("Password: ")
    if len(password) < SHORTEST_PASSWORD:
        raise click.UsageError(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    return password


@staff.command("reset")
@click.argument("username")
def reset_staff(username):
    """Give an account a new password, without second factor, and enable it; the password as for `add`."""
    password = _password()
    with database.connection_context():
        if not accounts.rescue(username, password):
            raise click.ClickException(f"There is no account {username}.")
    click.echo(f"{username} can sign in with the new password; the second factor is off.")


@list_of_agencies.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-wrong", is_flag=True, help="Take the good rows though others are wrong.")
def import_agencies(file, skip_wrong):
    """Add the agencies in FILE (XLSX or CSV), and update those whose code is known; none is ever deleted."""
    with database.connection_context():
        with _readable():
            read = understand_agencies(spreadsheets.read(file.read_bytes()), agencies.provinces())
        for number, label, sentence in read.errors:
            click.echo(f"row {number}, {label}: {sentence}", err=True)
        if read.errors and not skip_wrong:
            raise click.ClickException("Some rows are wrong; nothing was written.")
        new, changed = agency_list.confirm("import_agencies", agency_list.stage(read.rows).key)
    click.echo(f"new: {new}, changed: {changed}, unchanged: {len(read.rows) - new - changed}")


@click.command("doctor")
@with_appcontext
def doctor():
    """Look whether everything is well; ends with 1 where something is not."""
    with database.connection_context():
        findings = list(examine(current_app.config["SETTINGS"].data))
    for finding in findings:
        click.echo(f"{finding.state:8}{finding.what}: {finding.words}")
    if any(finding.state == FAILURE for finding in findings):
        sys.exit(1)


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-wrong", is_flag=True, help="Take the good rows though others are wrong.")
def import_roster(file, skip_wrong):
    """Add the employees in FILE (XLSX or CSV), and update those whose code is known."""
    with database.connection_context():
        with _readable():
            key = roster.stage(None, understand(spreadsheets.read(file.read_bytes())).rows)
        _upload, report = roster.uploaded(None, key)
        for number, label, sentence in report.errors:
            click.echo(f"row {number}, {label}: {sentence}", err=True)
        if report.wrong and not skip_wrong:
            roster.discard(None, key)
            raise click.ClickException(f"{report.wrong} rows are wrong; nothing was written.")
        done = roster.confirm(None, key)
    click.echo(f"new: {done.new}, changed: {done.changed}, unchanged: {done.unchanged}, left out: {done.wrong}")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make_backup(file):
    """Write everything into FILE, and the keys of today into quay.keys beside it; the desk goes on meanwhile."""
    with database.connection_context(), _sentences(backup.BackupRefused):
        count = backup.make(file)
    click.echo(f"{file}: {count} registrations; {backup.KEYS} was renewed. Neither opens without data.key.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file):
    """Bring the backup FILE into an empty database; the newest quay.keys lies beside it."""
    with database.connection_context(), _sentences(backup.BackupRefused):
        restored = backup.restore(file)
    click.echo(f"registrations: {restored.kept}, left out, for they were deleted or corrected since: {restored.gone}")


@contextmanager
def _readable():
    """Show the administrator why a list cannot be read, or what its headings lack."""
    try:
        yield
    except spreadsheets.Refused as refused:
        raise click.ClickException(str(REFUSALS[refused.why.value])) from refused
    except WrongHeadings as wrong:
        raise click.ClickException(str(wrong.sentence)) from wrong


@contextmanager
def _sentences(problem: type[Exception]):
    """Show the administrator what a refusal says, instead of where it was raised; or why a file cannot be written."""
    try:
        yield
    except (problem, OSError) as refused:
        raise click.ClickException(str(refused)) from refused


@click.command("purge")
def purge():
    """Delete what is older than its time."""
    with database.connection_context():
        for what, count in retention.purge().items():
            click.echo(f"{what}: {count}")


@click.command("fetch-form01")
@with_appcontext
def fetch_form01():
    """Fetch the official Form 01 now; ends with 1 where that fails."""
    ended = official.work(is_asked=True)
    if ended is None:
        raise click.ClickException("There is no address (QUAY_FORM01_URL, or the settings), or a try is under way.")
    if ended.outcome not in {official.TAKEN, official.SAME}:
        raise click.ClickException(" ".join(told(ended.outcome, ended.detail)))
    with database.connection_context():
        click.echo(f"{ended.outcome}: {official.kept(official.PORTAL).sha256}")


@click.command("worker")
def worker():
    """Send what is in the outbox until stopped, beside or instead of the server's own threads."""
    at_work = outbox.Worker(also=lookup.take_up_code).start()
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stopped.set())
    click.echo("sending; stop with Ctrl-C")
    # In pieces: on Windows a signal does not end a wait.
    while not stopped.wait(1):
        pass
    at_work.stop()


def init_app(app) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(staff)
    app.cli.add_command(people)
    app.cli.add_command(list_of_agencies)
    app.cli.add_command(purge)
    app.cli.add_command(make_backup)
    app.cli.add_command(restore)
    app.cli.add_command(doctor)
    app.cli.add_command(fetch_form01)
    app.cli.add_command(worker)
