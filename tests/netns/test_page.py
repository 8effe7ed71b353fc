"""The status page, as a browser shows it: in both states, on a phone and on a screen, light and
dark, live, and without scripts. The pictures are kept in $ARTIFACTS."""

import os
import pathlib
import signal

import pytest

from browser import CONTRAST, PAGE, browser_on
from daemons import wait_until

HEIGHTS = {400: 1500, 1400: 900}  # by width
SCHEMES = ("light", "dark")
ARTIFACTS = pathlib.Path(os.environ.get("ARTIFACTS", "artifacts"))

# One that fails and costs some priority, so that there is a sum to show.
CHECKS = """
[[check]]
name = "web"
type = "tcp"
target = "127.0.0.1:81"
weight = -5
interval = "500ms"
timeout = "250ms"
"""

WORDS = "return [...document.querySelectorAll('.glance strong')].map(e => e.innerText).join()"


@pytest.fixture
def lab(make_lab):
    lab = make_lab()
    for node in lab.nodes:
        node.start_haproxy()
        node.start_haguard(CHECKS)
    lab.node1.wait_active()
    return lab


def look_at(browser, state):
    """From all sides; what is wrong with any of them."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    flaws = []
    for width, height in HEIGHTS.items():
        for scheme in SCHEMES:
            browser.look(width, scheme)
            shown = browser.run("return document.documentElement.scrollWidth")
            if shown > width:
                flaws.append(f"{state} at {width}: {shown} wide")
            flaws += [f"{state}, {scheme}: {ratio:.2f} of '{text}'"
                      for ratio, text in browser.run(CONTRAST) if ratio < 4.5]
            browser.picture(ARTIFACTS / f"page-{state}-{width}-{scheme}.png", height)
    return flaws


def test_the_page_is_live_and_can_be_read_in_every_state(lab):
    with browser_on(lab.node1) as browser:
        browser.open()
        assert "ACTIVE" in browser.run(WORDS)
        assert "proxy-1" in browser.run("return document.title")
        flaws = look_at(browser, "active")

        browser.run("window.loaded_once = true")
        lab.node1.haproxy.signal_worker(signal.SIGKILL)
        wait_until(lambda: "FAULT" in browser.run(WORDS), 10, "the page shows the fault", 0.1)
        assert "FAULT" in browser.run("return document.getElementById('spoken').textContent")
        lab.node2.wait_active()
        flaws += look_at(browser, "fault")

        lab.node1.router.stop(signal.SIGTERM)
        wait_until(lambda: browser.run("return !document.getElementById('lost').hidden"), 10,
                   "the page tells that nobody answers", 0.1)
        flaws += look_at(browser, "lost")
        assert browser.run("return window.loaded_once") is True
        assert not flaws, "\n".join(flaws)


def test_it_asks_nobody_else_and_the_browser_does_not_complain(lab):
    with browser_on(lab.node1) as browser:
        browser.open()
        browser.run("window.first = document.querySelector('main').firstElementChild")
        wait_until(lambda: not browser.run("return window.first.isConnected"), 10,
                   "new content", 0.1)
        assert browser.complaints() == []
        asked = browser.requested()
        assert PAGE + "?fragment" in asked
        assert [url for url in asked if not url.startswith((PAGE, "data:", "chrome"))] == []


def test_without_scripts_everything_is_there_and_new_by_itself(lab):
    with browser_on(lab.node1, scripts=False) as browser:
        browser.open()
        texts = " ".join(browser.texts())
        for expected in ("proxy-1", "ACTIVE", "edge/ipv4", "172.28.1.254/32", "configured", "web",
                         "HAProxy", "initialize -> backup"):
            assert expected in texts, expected
        lab.node1.router.cli("drain", "--timeout", "1s")
        wait_until(lambda: "DRAINED" in " ".join(browser.texts()), 15, "the page loads again", 0.3)


def test_the_structure_is_there_for_those_who_do_not_see_it(lab):
    with browser_on(lab.node1) as browser:
        browser.open()
        assert browser.run("return document.querySelectorAll('h1').length") == 1
        assert browser.run("""return [...document.querySelectorAll('table')].every(
            table => table.caption && table.querySelector('th[scope]'))""")
        assert browser.run("""return [...document.querySelectorAll('section')].every(
            part => document.getElementById(part.getAttribute('aria-labelledby')))""")
        assert browser.run("""return [...document.querySelectorAll('svg')].every(
            strip => strip.getAttribute('aria-label'))""")
        assert browser.run("return document.querySelector('[role=status]') !== null")
        assert browser.run("return document.documentElement.lang") == "en"
