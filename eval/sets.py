"""Which sets of cases are run, and the library that each of them is about."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.cases import CaseSet, load_cases, says
from eval.figures import figures
from eval.result import SetRun
from eval.runner import Progress
from eval.runner import run as run_cases
from eval.squad import SQUAD, read_squad, squad_set
from eval.subject import Subject, in_process, over_http, temporary_library
from rag.encoders import Encoders
from rag.errors import InputError
from rag.evidence.answers import calibration
from rag.service import Service, open_service
from rag.settings import Settings

BUILT_IN = "seeds"
ARTICLES = Path("seeds")


@dataclass(frozen=True, slots=True)
class Opened:
    """A set ready to run; `service` is None where it runs over HTTP."""

    cases: CaseSet
    subject: Subject
    service: Service | None
    built_in: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for on the command line."""

    sets: Sequence[str] = ()
    squad: Path | None = None
    questions: int = 300
    articles: Path | None = None
    url: str | None = None
    seed: int = 0

    @property
    def chosen(self) -> Sequence[str]:
        """The sets to run besides SQuAD: the built-in one where nothing else is named."""
        return self.sets or ([] if self.squad else [BUILT_IN])


@contextmanager
def opened(
    choice: Choice, settings: Settings, progress: Progress, encoders: Encoders | None = None
) -> Iterator[list[Opened]]:
    """The chosen sets, loaded and checked, in order; SQuAD comes last, with a library of its own.

    Raises InputError for a choice that cannot be run or articles that cannot be used, CaseError for
    a set that does not fit them, ServiceError where a service cannot be reached.
    """
    names = [_name(given) for given in choice.chosen] + [SQUAD] * bool(choice.squad)
    if doubled := {name for name in names if names.count(name) > 1}:
        raise InputError(f"Two sets are called {', '.join(sorted(doubled))}: rename one")
    if choice.squad and choice.url:
        raise InputError("--squad needs a library of its own: leave out --url")
    if choice.articles and choice.url:
        raise InputError("A service answers from its own library: leave out --articles or --url")
    encoders = encoders or Encoders.bundled()
    with ExitStack() as stack:
        found: list[Opened] = []
        if choice.chosen:
            subject, service = stack.enter_context(_subject(choice, settings, progress, encoders))
            for given in choice.chosen:
                cases = CaseSet(
                    _name(given), load_cases(_file(given), subject.texts), subject.texts, says
                )
                found.append(Opened(cases, subject, service, given == BUILT_IN))
        if choice.squad:
            squad = _squad(choice.squad, choice, settings, progress, encoders)
            found.append(stack.enter_context(squad))
        yield found


def run(one: Opened, seed: int, progress: Progress) -> SetRun:
    """Run a set and measure it, intervals drawn with `seed`."""
    outcomes = run_cases(one.cases, one.subject, progress)
    measured = figures(outcomes, one.cases.accuracy, seed)
    return SetRun(one.cases, outcomes, measured, one.built_in)


def described(choice: Choice, found: Sequence[Opened]) -> dict[str, Any]:
    """How a result was made, for whoever reads it later."""
    services = [one.service for one in found if one.service]
    return {
        "seed": choice.seed,
        "url": choice.url,
        "squad": choice.squad.name if choice.squad else None,
        "articles": len(found[0].subject.texts),
        "made_with": services[0].made_with if services else None,
        "calibration": asdict(calibration()) if services else None,
    }


def _name(given: str) -> str:
    return BUILT_IN if given == BUILT_IN else Path(given).stem


def _file(given: str) -> Path:
    return Path(str(files("eval") / "cases" / "seeds.jsonl")) if given == BUILT_IN else Path(given)


@contextmanager
def _subject(
    choice: Choice, settings: Settings, progress: Progress, encoders: Encoders
) -> Iterator[tuple[Subject, Service | None]]:
    """What the sets are asked of: a service at a URL, a folder of articles, or the user's library.

    The built-in set, by itself, brings its folder.
    """
    if choice.url:
        with over_http(choice.url, next(iter(settings.api_keys), None)) as subject:
            yield subject, None
        return
    articles = choice.articles or (ARTICLES if list(choice.chosen) == [BUILT_IN] else None)
    if not articles:
        library = _library(settings, encoders)
    elif articles.is_dir():
        library = temporary_library(articles, settings, partial(progress, "Ingesting"), encoders)
    elif choice.articles:
        raise InputError(f"{articles} is no folder: name the one that holds the articles")
    else:
        raise InputError(
            f"There is no folder {articles}/ here, which the known facts are about: run this in a "
            "checkout of Citewell, or name a set of your own"
        )
    with library as service:
        yield in_process(service), service


@contextmanager
def _library(settings: Settings, encoders: Encoders) -> Iterator[Service]:
    """The user's library."""
    service = open_service(settings, encoders)
    try:
        if not service.sources():
            raise InputError(
                "The library is empty: ingest the articles that the set is about first, or name "
                "their folder with --articles"
            )
        service.load()
        yield service
    finally:
        service.close()


@contextmanager
def _squad(
    path: Path, choice: Choice, settings: Settings, progress: Progress, encoders: Encoders
) -> Iterator[Opened]:
    squad = read_squad(path)
    with TemporaryDirectory(prefix="citewell-") as folder:
        squad.write(Path(folder))
        told = partial(progress, "Ingesting SQuAD")
        with temporary_library(Path(folder), settings, told, encoders) as service:
            cases = squad_set(squad, choice.questions, choice.seed)
            yield Opened(cases, in_process(service), service)
