"""Mail: one small interface to whatever server the company has. Nothing set means that no mail is sent."""

from services.mail.letters import code_letter, form01_letter, invitation_letter, news_letter, test_letter
from services.mail.message import Words
from services.mail.smtp import MailSender

__all__ = [
    "MailSender",
    "Words",
    "code_letter",
    "form01_letter",
    "invitation_letter",
    "news_letter",
    "test_letter",
]
