"""A Chromium for tests: sizes, light and dark, scripts on or off, and what it
fetched or complained about."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict, List

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common import utils

OVERLAPS = """
const bad = [];
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) { continue; }
  const boxes = [...svg.querySelectorAll('text')].map(t => {
    const r = t.getBoundingClientRect();
    // A line's box is taller than its letters: what overlaps must be ink.
    return {text: t.textContent, l: r.left, r: r.right,
            t: r.top + r.height * .18, b: r.bottom - r.height * .18};
  });
  for (const [i, a] of boxes.entries()) {
    if (a.l < frame.left - 1 || a.r > frame.right + 1) {
      bad.push('cut: ' + a.text + ' in ' + svg.querySelector('title').textContent);
    }
    for (const b of boxes.slice(i + 1)) {
      if (a.l < b.r - .5 && b.l < a.r - .5 && a.t < b.b - .5 && b.t < a.b - .5) {
        bad.push(a.text + ' | ' + b.text + ' in '
                 + svg.querySelector('title').textContent);
      }
    }
  }
}
return bad;
"""


class Loopback(Service):
    """The driver by its address: a minimal system has no name `localhost`."""

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_connectable(self) -> bool:
        return utils.is_connectable(self.port, "127.0.0.1")


class Browser:
    """One headless Chromium; `show` opens a page in it."""

    def __init__(self, profile: Path) -> None:
        options = Options()
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking",
                     "--disable-component-update",
                     f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs",
                               {"performance": "ALL", "browser": "ALL"})
        # A browser that is slow to end is killed, and leaves its socket: here.
        self.temp = tempfile.mkdtemp(prefix="pmb")
        self.driver = webdriver.Chrome(options=options, service=Loopback(
            "/usr/bin/chromedriver", env={**os.environ, "TMPDIR": self.temp}))
        self.driver.set_page_load_timeout(180)
        self.driver.set_script_timeout(180)

    def show(self, page: Path, width: int = 1280, dark: bool = False,
             scripts: bool = True) -> None:
        """Open a page; what was fetched or logged before is forgotten."""
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=900,
                   deviceScaleFactor=1, mobile=False)
        self._tell("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._tell("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(page.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script, also where the page's own are off."""
        self._tell("Emulation.setScriptExecutionDisabled", value=False)
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script: str) -> Any:
        """Likewise; the script calls its last argument."""
        return self.driver.execute_async_script(script)

    def fetched(self, page: Path) -> List[str]:
        """Addresses asked for beside the page itself and data in it.

        What the browser's own first tab asks for (chrome://, and frames of
        chrome-untrusted://) is its affair: on a busy machine it comes as late
        as the first page.
        """
        urls = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent" and \
                    not message["params"]["documentURL"].startswith("chrome"):
                urls.append(message["params"]["request"]["url"])
        own = page.as_uri()
        return [u for u in urls if not u.startswith((own, "data:"))]

    def complaints(self) -> List[Dict[str, Any]]:
        """What the page wrote on the console."""
        return self.driver.get_log("browser")

    def open_all(self) -> None:
        """Every <details>."""
        self.run("document.querySelectorAll('details').forEach(d => d.open = true)")

    def overlaps(self) -> List[str]:
        """Texts of pictures that lie on each other or outside."""
        return self.run(OVERLAPS)

    def quit(self) -> None:
        """End it."""
        self.driver.quit()
        shutil.rmtree(self.temp, ignore_errors=True)

    def _tell(self, command: str, **parameters: Any) -> None:
        self.driver.execute_cdp_cmd(command, parameters)
