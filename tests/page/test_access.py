"""The page by keyboard alone, on a phone, in the dark, and without motion."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.browsing import Visits, ask, highlighted

TROOPS = "How many troops marched through Red Square?"
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


def test_everything_can_be_done_with_the_keyboard(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url)
    press = page.keyboard.press
    page.locator("#article-count").wait_for()
    expect(page.locator("#question")).to_be_focused()
    press("Tab")
    press("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("How many troops")
    press("Shift+Enter")
    page.keyboard.type("marched through Red Square?")
    press("Enter")
    page.wait_for_selector(".about")
    _tab_to(page, "[aria-label^='Quote 1:']", "Shift+Tab")
    _is_seen(page)
    press("Enter")
    assert "11,000 troops" in highlighted(page)
    expect(page.locator("#article-title")).to_be_focused()
    _tab_to(page, ".copy")
    _tab_to(page, ".article-text")
    _is_seen(page)
    press("Escape")
    expect(page.locator("#article")).to_be_hidden()
    expect(page.locator(".chip").first).to_be_focused()
    _tab_to(page, "nav [data-view=library]", "Shift+Tab")
    press("Enter")
    _tab_to(page, ".row-title")
    press("Enter")
    page.wait_for_selector(".article-text")
    press("Escape")
    expect(page.locator(".row-title").first).to_be_focused()
    _tab_to(page, "nav [data-view=check]", "Shift+Tab")
    press("Enter")
    _tab_to(page, "#draft")
    page.keyboard.type("Tickets to the Louvre cost 22 euros.")
    press("Tab")
    press("Enter")
    expect(page.locator(".check-summary")).to_be_focused()


def test_the_focus_goes_round_without_a_trap(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url)
    page.locator("#article-count").wait_for()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert len(set(seen)) < len(seen) > seen.index(seen[-1]) + 5
    assert any("skip" in focused for focused in seen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(visit: Visits, seeds_url: str, scheme: str) -> None:
    page = visit(seeds_url, **PHONE, color_scheme=scheme)
    page.locator("#article-count").wait_for()
    _fits(page)
    ask(page, f"{TROOPS} {'Donaudampfschifffahrtsgesellschaft' * 9}")
    _fits(page)
    ask(page, TROOPS)
    page.locator(".chip").first.tap()
    highlighted(page)
    _fits(page)
    covered = page.locator("#article").bounding_box()
    assert covered
    assert (covered["x"], covered["y"], covered["width"]) == (0, 0, 375)
    assert page.evaluate("document.getElementById('main').inert")
    page.locator("button[aria-label='Close the article']").tap()
    assert not page.evaluate("document.getElementById('main').inert")
    for view in ("check", "library"):
        page.locator(f"nav [data-view={view}]").tap()
        _fits(page)


def test_on_a_phone_going_back_uncovers_the_page(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url, **PHONE)
    ask(page, TROOPS)
    for _ in range(2):
        page.locator(".chip").first.tap()
        highlighted(page)
        page.go_back()
        expect(page.locator("#article")).to_be_hidden()
        expect(page.locator(".chip").first).to_be_focused()
        expect(page.locator(".exchange")).to_have_count(1)
        assert not page.evaluate("document.getElementById('main').inert")


def test_on_a_phone_an_article_that_was_closed_is_not_in_the_way_back(
    visit: Visits, seeds_url: str
) -> None:
    page = visit(seeds_url, **PHONE)
    page.locator("nav [data-view=library]").tap()
    for _ in range(2):
        page.locator(".row-title").first.tap()
        page.wait_for_selector(".article-text")
        page.locator("button[aria-label='Close the article']").tap()
        expect(page.locator("#article")).to_be_hidden()
        page.wait_for_function("!history.state")
    page.go_back()
    expect(page.locator("#view-ask")).to_be_visible()


def test_beside_the_page_an_article_is_no_step_of_the_way_back(
    visit: Visits, seeds_url: str
) -> None:
    page = visit(seeds_url)
    ask(page, TROOPS)
    steps = page.evaluate("history.length")
    page.locator(".chip").first.click()
    highlighted(page)
    assert (page.evaluate("history.length"), page.evaluate("history.state")) == (steps, None)
    page.click("nav [data-view=library]")
    expect(page.locator("#view-library")).to_be_visible()
    page.go_back()
    expect(page.locator("#view-ask")).to_be_visible()
    expect(page.locator("#article mark.current").first).to_be_visible()
    page.click("button[aria-label='Close the article']")
    expect(page.locator("#article")).to_be_hidden()
    expect(page.locator("#view-ask")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marker_stand_out_in_both_schemes(
    visit: Visits, seeds_url: str, scheme: str
) -> None:
    page = visit(seeds_url, color_scheme=scheme, reduced_motion="reduce")
    ask(page, TROOPS)
    page.locator(".chip").first.click()
    highlighted(page)
    darkness = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(_rgb(darkness)) < 200) == (scheme == "dark")
    pairs = page.evaluate(
        """() => {
            const style = getComputedStyle(document.documentElement);
            const colour = (name) => {
                const probe = document.body.appendChild(document.createElement('i'));
                probe.style.color = `var(--${name})`;
                const found = getComputedStyle(probe).color;
                probe.remove();
                return found;
            };
            return [['ink', 'paper'], ['soft', 'paper'], ['soft', 'sheet'], ['soft', 'wash'],
                ['on-marker', 'marker'], ['on-marker-soft', 'marker-soft'], ['accent', 'paper'],
                ['on-accent', 'accent'], ['bad', 'paper'], ['bad', 'wash']]
                .map((pair) => [pair.join(' on '), ...pair.map(colour)]);
        }"""
    )
    weak = {
        name: _contrast(one, other) for name, one, other in pairs if _contrast(one, other) < 4.5
    }
    assert weak == {}


def test_nothing_moves_for_those_who_want_that(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url, reduced_motion="reduce")
    ask(page, TROOPS)
    page.locator(".chip").first.click()
    highlighted(page)
    assert page.evaluate("document.getAnimations().length") == 0


def test_listeners_hear_how_far_the_answer_is(visit: Visits, seeds_url: str) -> None:
    page = visit(seeds_url)
    ask(page, TROOPS)
    expect(page.locator("#announcer")).to_contain_text("Answer done")
    expect(page.locator(".claims")).to_have_attribute("aria-live", "polite")
    label = page.locator(".chip").first.get_attribute("aria-label") or ""
    assert label.startswith("Quote 1: ")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a, input, textarea, summary')]
            .filter((e) => e.checkVisibility())
            .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []


def _tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by {key}")


def _is_seen(page: Page) -> None:
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.scroll, #article, .article-text')]
            .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className || e.id)"""
    )
    assert wide == []


def _rgb(colour: str) -> list[int]:
    return [int(part) for part in colour[4:-1].split(",")]


def _contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [part / 255 for part in _rgb(colour)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
