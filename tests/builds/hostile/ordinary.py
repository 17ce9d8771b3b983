"""`ordinary.py <user id> <git url>`: set up, register and build as that user, and print the end as JSON."""

import json
import os
import sys


def main():
    user, url = int(sys.argv[1]), sys.argv[2]
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from builds import logs, pipeline, sandbox
    from builds.models import Build

    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        User.objects.create_superuser("olivia", "olivia@example.org", "correct horse battery")
    name = f"octo/{sandbox.tier()}"
    call_command("register", url, name=name, stdout=sys.stderr)
    build = Build.objects.get(repository__slug=name)
    assert build.claim()
    pipeline.run(build)
    build.refresh_from_db()
    page = build.release.directory / "index.html" if build.release else None
    told = {"tier": sandbox.tier(), "state": build.state, "log": "".join(logs.read_all(build))}
    print(json.dumps(told | {"page": page.read_text() if page else "", "user": page.stat().st_uid if page else 0}))


if __name__ == "__main__":
    main()
