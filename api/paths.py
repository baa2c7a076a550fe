"""Where a request goes."""

from starlette.types import Scope


def path_of(scope: Scope) -> str:
    """A request's path below where the service is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
