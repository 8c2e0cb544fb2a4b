"""What the administrator types: `flask --app app …`."""

from getpass import getpass

import click
from flask.cli import AppGroup

import config
from forms.staff import SHORTEST_PASSWORD, USERNAME
from models import database
from services import accounts, retention

staff = AppGroup("staff", help="Accounts of HR.")


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
    password = config.staff_password() or getpass("Password: ")
    if len(password) < SHORTEST_PASSWORD:
        raise click.UsageError(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    with database.connection_context():
        try:
            accounts.add(username, password, role, unit_name)
        except accounts.NameTaken as problem:
            raise click.ClickException(f"There is an account {username} already.") from problem
    click.echo(f"{username} can sign in.")


@click.command("purge")
def purge():
    """Delete what is older than its time."""
    with database.connection_context():
        for what, count in retention.purge().items():
            click.echo(f"{what}: {count}")


def init_app(app) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(staff)
    app.cli.add_command(purge)
