"""One phone number as the different gateways write it. Ours is national: 0 and nine digits."""


def international(phone: str) -> str:
    """With plus and the country's number: +84912345678."""
    return f"+84{phone[1:]}"


def without_plus(phone: str) -> str:
    """With the country's number alone: 84912345678."""
    return f"84{phone[1:]}"
