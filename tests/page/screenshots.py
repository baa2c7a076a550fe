"""Makes the README's pictures of the page from the seeds: `python -m tests.page.screenshots`.

Every picture is of the real page over the real service. Fonts are the machine's own; where
pngquant is installed it makes the files smaller.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.page.browsing import Visits, ask, open_browser, served

ROOT = Path(__file__).parent.parent.parent
QUESTION = "How many troops marched through Red Square?"
DRAFT = (
    "11,000 troops marched through Red Square. Leaders from 27 countries attended the parade. "
    "The parade was cancelled because of rain."
)


def main() -> None:
    """Make docs/answer.png, docs/check.png and docs/phone.png."""
    (ROOT / "docs").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        service = open_service(Settings(data=Path(folder), model="extractive"), Encoders.bundled())
        service.ingest([ROOT / "seeds"])
        service.load()  # as `citewell serve` does
        with served(service) as url, open_browser() as browser:
            _answer(browser, url)
            _check(browser, url)
            _phone(browser, url)
        service.close()


def _answer(browser: Browser, url: str) -> None:
    page = Visits(browser)(url, reduced_motion="reduce")
    ask(page, QUESTION)
    page.locator(".chip").first.click()
    _shoot(page, "answer")


def _check(browser: Browser, url: str) -> None:
    page = Visits(browser)(url, "#check", reduced_motion="reduce")
    page.fill("#draft", DRAFT)
    page.click("#check-button")
    page.wait_for_selector(".checks")
    _shoot(page, "check")


def _phone(browser: Browser, url: str) -> None:
    page = Visits(browser)(
        url,
        viewport={"width": 375, "height": 740},
        device_scale_factor=2,
        color_scheme="dark",
        reduced_motion="reduce",
    )
    ask(page, QUESTION)
    page.locator(".chip").first.click()
    _shoot(page, "phone")


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    picture = ROOT / "docs" / f"{name}.png"
    page.screenshot(path=picture)
    if smaller := shutil.which("pngquant"):
        subprocess.run([smaller, "--force", "--ext", ".png", "--speed", "1", picture], check=True)


if __name__ == "__main__":
    main()
