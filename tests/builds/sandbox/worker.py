"""A worker for the tests of the sandbox: reads a command per line, runs it in a tier, answers with its outcome."""

import json
import os
import sys
from pathlib import Path


def main():
    user = int(sys.argv[1])
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    import django

    django.setup()
    from builds.errors import BuildError
    from builds.sandbox import Command, Limits, Reach, Tier, directories, give, running
    from builds.sandbox.sweep import end_survivors

    for line in sys.stdin:
        ask = json.loads(line)
        if ask["script"].endswith("sweep"):
            end_survivors()
            print(json.dumps("swept"), flush=True)
            continue
        tier = Tier(ask["tier"])
        root = directories.build_directory_of(tier)
        source, output = root / "versions/1/source", root / "versions/1/output"
        for path in (source, output, root / "versions/2/source", root / "environments"):
            path.mkdir(parents=True, exist_ok=True)
        (root / "versions/2/source/theirs.txt").write_text("theirs")
        (source / "script.py").write_text(ask["script"])
        give(output)
        command = Command(
            argv=[ask["python"], "-I", str(source / "script.py"), json.dumps(ask["facts"] | {"root": str(root)})],
            cwd=output,
            readable=[source],
            writable=[output],
            environment={"YAYDOC_TEST": "given", "YAYDOC": "True"},
            reach=Reach[ask["reach"]],
            hosts=ask["hosts"],
        )
        printed = bytearray()
        Path(os.environ["DATA_DIR"], "started").touch()
        try:
            outcome = running.run_in(
                tier,
                command,
                Limits(**ask["limits"]),
                write=printed.extend,
                should_stop=Path(os.environ["DATA_DIR"], "stop").exists,
                max_output=ask["max_output"],
            )
        except BuildError as error:
            answer = {"error": str(error)}
        else:
            answer = {
                "exit_code": outcome.exit_code,
                "exceeded": outcome.exceeded,
                "seconds": outcome.seconds,
                "peak_memory": outcome.peak_memory,
            }
        print(
            json.dumps(answer | {"printed": printed.decode(errors="replace"), "output": str(output)}), flush=True
        )


if __name__ == "__main__":
    main()
