"""When each means last worked and last failed, for HR to see; kept beside the messages, which come and go."""

from dataclasses import dataclass

from models import Setting, now


@dataclass(frozen=True, slots=True)
class Health:
    """Seconds since 1970, 0 for never; `answer` says why the last failure was one."""

    taken_at: int = 0
    failed_at: int = 0
    answer: str = ""

    @property
    def is_well(self) -> bool:
        """Whether the last that was heard of it was good."""
        return self.taken_at >= self.failed_at


def note_taken(means: str) -> None:
    """A message was taken just now."""
    Setting.keep(f"outside.{means}.taken", str(now()))


def note_failed(means: str, answer: str) -> None:
    """A message was not taken just now."""
    Setting.keep(f"outside.{means}.failed", f"{now()} {answer}")


def of(means: str) -> Health:
    """What is known of this means."""
    names = [f"outside.{means}.taken", f"outside.{means}.failed"]
    kept = {row.name: row.value for row in Setting.select().where(Setting.name.in_(names))}
    failed_at, _space, answer = kept.get(names[1], "0").partition(" ")
    return Health(int(kept.get(names[0], "0")), int(failed_at), answer)
