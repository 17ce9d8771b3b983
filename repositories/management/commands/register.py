"""`manage.py register <git-url>`: register a repository from the command line."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from repositories.forms import RegisterForm
from repositories.models import Repository

BAD_INPUT = 2  # exit code


class Command(BaseCommand):
    help = "Register a git repository; prints its addresses, and the webhook's secret."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="git-url")
        parser.add_argument("--name", default="", metavar="owner/name", help="default: taken from the URL")
        parser.add_argument("--branch", default="", help="default: the default branch of the remote")
        parser.add_argument("--registrant", default="", metavar="USER", help="default: the first superuser")
        parser.add_argument("--private", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        form = RegisterForm(
            {
                "clone_url": options["url"],
                "name": options["name"],
                "default_branch": options["branch"],
                "is_private": options["private"],
            }
        )
        registrant = find_registrant(options["registrant"])
        repository = form.register(registrant) if form.is_valid() else None
        if repository is None:
            errors = [str(error) for messages in form.errors.values() for error in messages]
            raise CommandError(" ".join(errors), returncode=BAD_INPUT)
        self.report(repository)

    def report(self, repository: Repository) -> None:
        lines = {
            "page": repository.page_url,
            "docs": repository.docs_url,
            "badge": repository.badge_url,
            "webhook": repository.webhook_url,
            "secret": str(repository.webhook_secret),
        }
        self.stdout.write(f"{repository.full_name} is registered.")
        for label, value in lines.items():
            self.stdout.write(f"  {label:<8} {value}")


def find_registrant(name: str) -> User:
    """Raises CommandError where there is no such user, or no superuser to fall back to."""
    if name:
        found = User.objects.filter(username=name).first()
        missing = f"There is no user called {name}."
    else:
        found = User.objects.filter(is_superuser=True).order_by("pk").first()
        missing = "There is no superuser yet: name a user with --registrant, or run manage.py createsuperuser."
    if found is None:
        raise CommandError(missing, returncode=BAD_INPUT)
    return found
