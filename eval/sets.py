"""Which sets of cases are run, and the library that each of them is about."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.ablation import STAGES, Stage, earnings, without
from eval.cases import CaseSet, Known, Texts, load, says
from eval.figures import figures
from eval.generated import generated
from eval.judge import judge, judged_figures
from eval.progress import Progress
from eval.result import Result, SetRun, result
from eval.runner import check
from eval.runner import run as run_cases
from eval.saved import SavedEarning
from eval.squad import SQUAD, read_squad, squad_set
from eval.subject import Subject, in_process, over_http, temporary_library
from rag.encoders import Encoders
from rag.errors import InputError
from rag.evidence.calibration import calibration
from rag.models import ChatModel
from rag.service import Service, open_service
from rag.settings import Settings

SEEDS = "seeds"
"""The built-in set that has gates, and the folder of a checkout that it is about."""

INVENTED = "invented"
"""The built-in set about articles that nothing was fitted on, which it brings along."""

_CASES = Path(str(files("eval") / "cases"))


@dataclass(frozen=True, slots=True)
class Opened:
    """A set ready to run; `service` is None where it runs over HTTP."""

    cases: CaseSet
    subject: Subject
    service: Service | None
    built_in: bool = False
    squad: bool = False

    def without(self, stage: Stage, model: str | None) -> "Opened":
        """The same set, asked of the engine in this process without one stage."""
        assert self.service
        service = without(self.service, stage, self.cases)
        return replace(self, service=service, subject=in_process(service, model))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for on the command line."""

    sets: Sequence[str] = ()
    squad: Path | None = None
    questions: int = 300
    articles: Path | None = None
    url: str | None = None
    model: str | None = None
    judge: str | None = None
    without: Stage | None = None
    ablate: bool = False
    seed: int = 0
    jobs: int = 1

    @property
    def chosen(self) -> Sequence[str]:
        """The sets to run besides SQuAD: the one about the seeds where nothing else is named."""
        return self.sets or ([] if self.squad else [SEEDS])


@contextmanager
def opened(
    choice: Choice, settings: Settings, progress: Progress, encoders: Encoders | None = None
) -> Iterator[list[Opened]]:
    """The chosen sets, loaded and checked, in order; SQuAD comes last. It and the invented set have
    a library of their own.

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
    if choice.url and (choice.without or choice.ablate):
        raise InputError("A service's stages cannot be turned off from here: leave out --url")
    encoders = encoders or Encoders.bundled()
    with ExitStack() as stack:
        found: list[Opened] = []
        parts = (settings, progress, encoders)
        shared: tuple[Subject, Service | None] | None = None
        for given in choice.chosen:
            if given == INVENTED and not (choice.url or choice.articles):
                own = replace(choice, articles=_CASES / INVENTED)
                asked = stack.enter_context(_subject(own, *parts))
            else:
                asked = shared = shared or stack.enter_context(_subject(choice, *parts))
            found.append(Opened(_cases(given, asked[0].texts), *asked, given == SEEDS))
        if choice.squad:
            squad = _squad(choice.squad, choice, settings, progress, encoders)
            found.append(stack.enter_context(squad))
        if choice.without:
            found = [one.without(choice.without, choice.model) for one in found]
        yield found


def run(
    one: Opened, choice: Choice, progress: Progress, judging: ChatModel | None = None
) -> SetRun:
    """Run a set and measure it; with a model `judging`, have it judge the answers too."""
    outcomes = run_cases(one.cases, one.subject, progress, choice.jobs)
    verdicts = check(one.cases, one.subject, progress, choice.jobs)
    measured = figures(outcomes, verdicts, choice.seed)
    judgements = judge(outcomes, judging, progress, choice.jobs) if judging else []
    if judgements:
        measured |= judged_figures(judgements, choice.seed)
    return SetRun(one.cases, outcomes, verdicts, measured, one.built_in, one.squad, judgements)


def ablated(
    found: Sequence[Opened], choice: Choice, whole: Result, progress: Progress
) -> list[dict[str, Any]]:
    """What each stage earns: the sets once more without it, against `whole`, their result."""
    earned: list[SavedEarning] = []
    for stage in STAGES:
        told = partial(_telling, progress, f"without {stage}")
        runs = [run(one.without(stage, choice.model), choice, told) for one in found]
        earned += earnings(whole, result(runs, {}), stage)
    return [asdict(one) for one in earned]


def _telling(progress: Progress, how: str, what: str, done: int, total: int) -> None:
    progress(f"{what} {how}", done, total)


def described(choice: Choice, found: Sequence[Opened]) -> dict[str, Any]:
    """How a result was made, for whoever reads it later."""
    services = [one.service for one in found if one.service]
    return {
        "seed": choice.seed,
        "url": choice.url,
        "model": choice.model,
        "judge": choice.judge,
        "without": choice.without,
        "squad": choice.squad.name if choice.squad else None,
        "articles": len(found[0].subject.texts),
        "made_with": services[0].made_with if services else None,
        "calibration": asdict(calibration()) if services else None,
    }


def _name(given: str) -> str:
    return given if given in (SEEDS, INVENTED) else Path(given).stem


def _cases(given: str, texts: Texts) -> CaseSet:
    """The set of that name: a file's, or a built-in one."""
    known = sum((load(file, texts) for file in _files(given)), Known())
    return CaseSet(_name(given), known.cases, texts, says, known.statements)


def _files(given: str) -> list[Path]:
    if given == SEEDS:
        return [_CASES / "seeds.jsonl", _CASES / "statements.jsonl"]
    return [_CASES / "invented.jsonl"] if given == INVENTED else [Path(given)]


@contextmanager
def _subject(
    choice: Choice, settings: Settings, progress: Progress, encoders: Encoders
) -> Iterator[tuple[Subject, Service | None]]:
    """What the sets are asked of: a service at a URL, a folder of articles, or the user's library.

    The set about the seeds, where no other shares its library, brings its folder.
    """
    if choice.url:
        key = next(iter(settings.api_keys), None)
        with over_http(choice.url, key, choice.model) as subject:
            yield subject, None
        return
    seeds = {*choice.chosen} - {INVENTED} == {SEEDS}
    articles = choice.articles or (Path(SEEDS) if seeds else None)
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
        yield in_process(service, choice.model), service


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
            cases = replace(
                squad_set(squad, choice.questions, choice.seed),
                statements=generated(squad, 2 * choice.questions, choice.seed),
            )
            yield Opened(cases, in_process(service, choice.model), service, squad=True)
