"""The one way in which sending can fail."""


class SendFailed(Exception):
    """The gateway did not take the message; the text says why and names nobody."""
