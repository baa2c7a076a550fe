"""The command `citewell`. Interrupted while it still imports, it ends as it does later."""

import sys


def main() -> None:
    """Run a command."""
    try:
        from rag import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
