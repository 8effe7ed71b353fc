"""Headless Chromium in a namespace, looking at the status page of a node."""

import base64
import contextlib
import json
import shutil

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from network import inside

PAGE = "http://127.0.0.1:9650/"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--hide-scrollbars", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")

# The contrast of each text with what is behind it, by WCAG 2.1 1.4.3 and its "relative luminance".
# Bars of the strips have no text; large text would be allowed less, and gets no discount.
CONTRAST = """
const parse = text => {
  const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
  return {rgb: [r, g, b], alpha: a};
};
const luminance = rgb => rgb.map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.alpha === 1) return colour.rgb;
  }
  return [255, 255, 255];
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const text = texts.currentNode.textContent.trim();
  if (!text || !element.checkVisibility() || element.closest("svg, script")) continue;
  const both = [luminance(parse(getComputedStyle(element).color).rgb), luminance(ground(element))];
  found.push([(Math.max(...both) + 0.05) / (Math.min(...both) + 0.05), text]);
}
return found;
"""


class Browser:
    """Every call is to be made on the thread that opened it: that thread is in the namespace."""

    def __init__(self, scripts=True):
        options = Options()
        options.binary_location = shutil.which("chromium")
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        if not scripts:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(
            service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(20)
        self.driver.set_script_timeout(20)

    def open(self):
        self.driver.get(PAGE)

    def look(self, width, scheme):
        """As on a screen of that width, light or dark."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900,
                     deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path, most):
        """Of the first so many lines of pixels."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most),
                "scale": 1}
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                            clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def run(self, script):
        return self.driver.execute_script(script)

    def texts(self):
        """What a screen reader finds, also without scripts."""
        tree = self.command("Accessibility.getFullAXTree")["nodes"]
        return [node["name"]["value"] for node in tree
                if node.get("role", {}).get("value") == "StaticText"]

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def requested(self):
        """The address of everything that was asked for since the last call."""
        events = [json.loads(entry["message"])["message"]
                  for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def command(self, method, **parameters):
        return self.driver.execute_cdp_cmd(method, parameters)


@contextlib.contextmanager
def browser_on(node, **options):
    """Runs on the machine of that node, as its page is for the loopback only."""
    with inside(node.lab.network.name(node.role)):
        browser = Browser(**options)
        try:
            yield browser
        finally:
            browser.driver.quit()
