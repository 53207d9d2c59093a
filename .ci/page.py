"""Opens a page about quality in headless Chromium and uses it as a reader would; recomputes its figures with DuckDB.

page.py PAGE STORE [FOLDER FOR SCREENSHOTS]
"""
import base64
import json
import os
import pathlib
import re
import shutil
import sys

import duckdb
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

page, store = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
shots = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
LAPTOP, PHONE = (1280, 800), (390, 844)
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"FAILED: {what}")


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("BROWSER_BINARY", "/usr/bin/chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-US"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # The driver that came with the browser: nothing is looked up anywhere.
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def show(width, height, dark=False, phone=False):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    driver.get(page.as_uri())
    WebDriverWait(driver, 30).until(lambda d: d.execute_script("return document.documentElement.dataset.ready === 'true'"))
    js("document.documentElement.style.scrollBehavior = 'auto'")


def js(script, *arguments):
    return driver.execute_script(script, *arguments)


def one(selector):
    return driver.find_element(By.CSS_SELECTOR, selector)


def all_of(selector):
    return driver.find_elements(By.CSS_SELECTOR, selector)


def shoot(name, whole=True):
    if not shots:
        return
    shots.mkdir(parents=True, exist_ok=True)
    asked = {"captureBeyondViewport": whole}
    if whole:
        size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        asked["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", asked)
    (shots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def no_complaints(when):
    said = [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check(not said, f"{when}: the console says {said}")


def no_overflow(width, when):
    wide = js("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    check(wide[0] <= wide[1] == width, f"{when}: {wide} at {width} px")


def plain(value):
    """A value of DuckDB or JSON as one that compares."""
    if value is None or isinstance(value, (str, bool)):
        return value
    return round(float(value), 6)


def figures_are_those_of_sql():
    con = duckdb.connect()
    con.execute((store / "views.sql").read_text(encoding="utf-8"))
    for name, figure in data["figures"].items():
        answer = con.execute(figure["sql"])
        columns = [c[0] for c in answer.description]
        check(columns == figure["columns"], f"{name}: columns {columns}, on the page {figure['columns']}")
        rows = [[plain(v) for v in row] for row in answer.fetchall()]
        shown = [[plain(v) for v in row] for row in figure["rows"]]
        for ours, theirs in zip(shown, rows):
            check(ours == theirs, f"{name}: the page says {ours}, SQL {theirs}\n{figure['sql']}")
        check(len(rows) == len(shown), f"{name}: {len(shown)} rows on the page, {len(rows)} by SQL")
    return con


def texts(figure, column):
    return js("return [...document.querySelectorAll(`#${arguments[0]} .scroll tbody tr`)].map(r => r.children[arguments[1]].textContent)", figure, column)


def tables_sort_and_filter():
    table = one("#coverage-table .scroll table")
    heads = table.find_elements(By.CSS_SELECTOR, "th button")
    js("arguments[0].scrollIntoView({block: 'center'})", table)
    number = [h for h in heads if h.text.strip().startswith("Reports")][0]
    at = heads.index(number)
    # The table begins sorted by it, greatest first.
    values = lambda: [int(t.replace(",", "")) for t in texts("coverage-table", at)]
    check(values() == sorted(values(), reverse=True) and len(values()) > 3, f"not sorted at first: {values()}")
    number.click()
    check(values() == sorted(values()), f"not sorted upwards: {values()}")
    number.click()
    check(values() == sorted(values(), reverse=True), f"not sorted downwards: {values()}")
    heads[0].click()
    names = texts("coverage-table", 0)
    check(names == sorted(names), f"names are not sorted: {names}")
    search = one("#coverage-table input[type=search]")
    wanted = names[0]
    search.send_keys(wanted.upper())
    found = texts("coverage-table", 0)
    check(found and set(found) == {wanted}, f"filtered by {wanted}: {found}")
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(Keys.DELETE)
    check(len(texts("coverage-table", 0)) == len(names), "the filter does not go away")


def reports_behind_figures(con):
    """Clicks through every kind of figure; the query in the dialog must give as many rows as it says."""
    opened = 0
    for selector in ("#coverage-map", "#findings-rules", "#findings-map", "#worst-regions", "#fill-map"):
        parts = all_of(f"{selector} g.hot > *")
        if not parts:
            continue
        for part in (parts[0], parts[len(parts) // 2], parts[-1]):
            js("arguments[0].scrollIntoView({block: 'center'})", part)
            js("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", part)
            label = part.get_attribute("aria-label")
            check(one("#behind").get_attribute("open") is not None, f"{selector} opens nothing")
            note = one("#behind-body .note").text
            query = js("return document.querySelector('#behind-body pre').textContent")
            rows = len(con.execute(query).fetchall())
            told = [int(w.replace(",", "")) for w in note.replace(".", " ").split() if w.replace(",", "").isdigit()]
            check(max(told) == rows, f"{selector} ({label}): {note!r}, but {rows} rows by {query}")
            listed = len(all_of("#behind-body tbody tr"))
            check(listed == min(told[0], 25), f"{selector} ({label}): {listed} rows shown, {note!r}")
            opened += 1
            if opened == 1:
                shoot("behind", whole=False)
            one("#close").click()
    check(opened >= 9, f"only {opened} figures opened")
    button = all_of("#captures-reasons td button")
    if button:
        js("arguments[0].click()", button[0])
        check(all_of("#behind-body tbody tr"), "no captures behind a reason")
        driver.find_element(By.CSS_SELECTOR, "body").send_keys(Keys.ESCAPE)
    check(one("#behind").get_attribute("open") is None, "the dialog does not close")


def language_toggles():
    english = one("h1").text
    check(english == "Data quality", f"the heading is {english!r}")
    one("#lang").click()
    check(one("h1").text == "数据质量报告", "the heading is not Chinese")
    check(js("return document.documentElement.lang") == "zh-Hans", "the document's language is not told")
    # Codes, queries and what reports say stay as they are; headings, notes, tiles and legends do not.
    said = """return [...document.querySelectorAll('h2, h3, p.lead, p.note, summary, .tile span, nav a, .legend li, .count, .notes li, #facts dt')]
        .filter(e => e.checkVisibility()).map(e => e.innerText)"""
    chinese = lambda text: any("\u4e00" <= c <= "\u9fff" for c in text)
    left = [text for text in js(said) if not chinese(text) and re.search("[A-Za-z]{3}", text)]
    check(not left, f"still English: {left}")
    shoot("laptop-zh")
    one("#lang").click()
    left = [text for text in js(said) if chinese(text)]
    check(not left, f"still Chinese: {left}")


driver = browser()
try:
    show(*LAPTOP)
    data = json.loads(js("return document.getElementById('data').textContent"))
    for figure in ("coverage-map", "captures-status", "findings-trend", "findings-rules", "findings-map", "worst-regions", "fill-map", "requests-received", "requests-outcomes", "requests-reviews"):
        check(all_of(f"#{figure} .chart svg") or all_of(f"#{figure} .chart .empty"), f"{figure} is not drawn")
        check(one(f"#{figure}").is_displayed(), f"{figure} is not shown")
    check(len(all_of(".chart svg")) >= 8, "most charts are empty")
    no_overflow(LAPTOP[0], "laptop")
    shoot("laptop")
    con = figures_are_those_of_sql()
    tables_sort_and_filter()
    reports_behind_figures(con)
    details = one("#coverage-map details")
    js("arguments[0].open = true", details)
    WebDriverWait(driver, 5).until(lambda d: all_of("#coverage-map details pre"))
    check("FROM coverage" in one("#coverage-map details pre").text, "a chart does not tell its query")
    # Every choice of every chart can be drawn.
    for index in range(len(all_of(".controls select"))):
        for option in range(js("return document.querySelectorAll('.controls select')[arguments[0]]?.options.length ?? 0", index)):
            js("const s = document.querySelectorAll('.controls select')[arguments[0]]; s.selectedIndex = arguments[1]; s.dispatchEvent(new Event('change'))", index, option)
    no_complaints("laptop")
    show(*LAPTOP)
    language_toggles()
    one("#theme").click()
    one("#theme").click()
    check(js("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)", "no dark colours")
    one("#theme").click()
    pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})["data"])
    check(pdf.startswith(b"%PDF") and len(pdf) > 50_000, "the page cannot be printed")
    if shots:
        (shots / "print.pdf").write_bytes(pdf)
    no_complaints("languages, themes, print")
    show(*LAPTOP, dark=True)
    shoot("laptop-dark")
    show(*PHONE, phone=True)
    no_overflow(PHONE[0], "phone")
    shoot("phone")
    part = all_of("#findings-rules g.hot > *")
    if part:
        js("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", part[0])
        overflow = js("const d = document.getElementById('behind'); return [d.scrollWidth, d.clientWidth]")
        check(overflow[0] <= overflow[1], f"the dialog is too wide on a phone: {overflow}")
        shoot("phone-behind", whole=False)
    no_complaints("phone")
finally:
    driver.quit()
print(f"{checks} passed, 0 failed: {len(data['figures'])} figures equal SQL; laptop, phone, dark, print")
