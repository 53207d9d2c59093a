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


def reports_behind_figures(con, least=9):
    """Clicks through every kind of figure; the query in the dialog must give as many rows as it says."""
    opened = 0
    for selector in ("#coverage-tiles", "#coverage-map", "#findings-rules", "#findings-map", "#worst-regions", "#fill-map"):
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
            check((max(told) if told else 0) == rows, f"{selector} ({label}): {note!r}, but {rows} rows by {query}")
            listed = len(all_of("#behind-body tbody tr"))
            check(listed == min(told[0] if told else 0, 25), f"{selector} ({label}): {listed} rows shown, {note!r}")
            opened += 1
            if opened == 1 and least == 9:
                shoot("behind", whole=False)
            one("#close").click()
    check(opened >= least, f"only {opened} figures opened")
    button = all_of("#captures-reasons td button")
    if button:
        js("arguments[0].click()", button[0])
        check(all_of("#behind-body tbody tr"), "no captures behind a reason")
        driver.find_element(By.CSS_SELECTOR, "body").send_keys(Keys.ESCAPE)
    check(one("#behind").get_attribute("open") is None, "the dialog does not close")


def pick(select, value):
    js("const s = document.querySelector(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))", select, value)
    check(js("return document.querySelector(arguments[0]).value", select) == value, f"{select} has no {value!r}")


def options_of(select):
    return js("return [...document.querySelectorAll(`${arguments[0]} option`)].map(o => o.value)", select)


def count_of(text):
    """A number as the page writes it."""
    return None if text in ("–", "") else float(text.replace(",", ""))


def rows_are_those_of_the_query(figure, con, exactly=False):
    """The rows shown below a chart stand in the answer to the query that is shown there; or are it."""
    if not all_of(f"#{figure} .chart svg"):
        return 0
    js("const d = document.querySelector(`#${arguments[0]} details.rows`); d.open = false; d.open = true", figure)
    WebDriverWait(driver, 5).until(lambda d: js("return document.querySelector(`#${arguments[0]} .table table`) !== null", figure))
    while js("const b = document.querySelector(`#${arguments[0]} .table .more`); if (b.hidden) return false; b.click(); return true", figure):
        pass
    query = js("return document.querySelector(`#${arguments[0]} .query pre`).textContent", figure)
    shown = js("return [...document.querySelectorAll(`#${arguments[0]} .table tbody tr`)].map(r => [...r.children].map(c => c.textContent))", figure)

    answer = con.execute(query).fetchall()
    kinds = [next((row[i] for row in answer if row[i] is not None), None) for i in range(len(answer[0]))] if answer else []
    read = lambda row: tuple("" if text in ("–", "") else text if isinstance(kind, str) or kind is None else round(float(text.replace(",", "")), 3) for text, kind in zip(row, kinds))
    known = {tuple("" if v is None or v == "" else v if isinstance(v, str) else round(float(v), 3) for v in row) for row in answer}
    strange = [row for row in shown if read(row) not in known]
    check(not strange, f"{figure}: {strange[:3]} are not in the answer to {query}")
    check(not exactly or len(shown) == len(answer), f"{figure}: {len(shown)} rows shown, {len(answer)} by {query}")
    js("document.querySelector(`#${arguments[0]} details.rows`).open = false", figure)
    return len(shown)


def sums_are_those_by_region(con):
    """What is added up is added up as the view does: nothing twice."""
    by_view = con.execute("SELECT year, region, level, reports, with_received, received FROM key_figures_by_region").fetchall()
    ours = {}
    names = data["figures"]["places"]["columns"]
    for row in data["figures"]["places"]["rows"]:
        row = dict(zip(names, row))
        of = ours.setdefault((row["year"], row["region"], row["level"]), [0, 0, None])
        of[0] += row["reports"]
        of[1] += row["with_received"]
        if row["received"] is not None:
            of[2] = (of[2] or 0) + row["received"]
    check(ours == {tuple(r[:3]): list(r[3:]) for r in by_view}, "requests by place are not those of key_figures_by_region")


def tiles(con):
    """Every province has its tile, which can be reached with the keyboard, says what it is, and shows what SQL says."""
    parts = all_of("#coverage-tiles g.hot > *")
    check(len(parts) == len(data["tiles"]), f"{len(parts)} tiles")
    check(all(p.get_attribute("tabindex") == "0" and p.get_attribute("role") == "button" and p.get_attribute("aria-label") for p in parts), "a tile cannot be reached or read")
    check(all_of("#coverage-tiles .legend li"), "the tiles have no legend")
    regions = list(data["tiles"])
    pick("#coverage-tiles select[aria-label='Measure']", "received")
    level = js("return document.querySelector(`#coverage-tiles select[aria-label='Level']`).value")
    year = js("return document.querySelector(`#coverage-tiles select[aria-label='Year']`).value")
    said = [p.get_attribute("aria-label") for p in all_of("#coverage-tiles g.hot > *")]
    sums = dict(con.execute(f"SELECT region, received FROM key_figures_by_region WHERE year = {year} AND coalesce(level, 'null') = '{level}'").fetchall())
    for region, label in zip(regions, said):
        received = re.search(r"requests received: ([0-9,]+)", label)
        check((count_of(received[1]) if received else None) == sums.get(region), f"{region}: the tile says {label!r}, SQL {sums.get(region)}")
    rows_are_those_of_the_query("coverage-tiles", con)
    pick("#coverage-tiles select[aria-label='Measure']", "reports")
    part = all_of("#coverage-tiles g.hot > *")[0]
    js("arguments[0].focus()", part)
    part.send_keys(Keys.ENTER)
    check(one("#behind").get_attribute("open") is not None, "a tile does not answer to Enter")
    one("#close").click()


def grounds(con):
    """The counts in the cells are the sums of the lines over reports that can be added up."""
    if not all_of("#requests-grounds .chart svg"):
        return
    level = js("return document.querySelector(`#requests-grounds select[aria-label='Level']`).value")
    pick("#requests-grounds select[aria-label='Measure']", "count")
    shown = [t.text for t in all_of("#requests-grounds .chart svg g[aria-label=text] text")]
    sums = con.execute(
        "SELECT sum(total) FROM disclosure_requests JOIN (SELECT report_id, scope, agency_level FROM key_figures WHERE counted) USING (report_id, scope) "
        f"WHERE coalesce(agency_level, 'null') = '{level}' AND regexp_matches(item, '^(refused|unavailable|not_processed|other)([.]|$)') GROUP BY year, item HAVING sum(total) > 0").fetchall()
    sums = sorted(float(n) for (n,) in sums)
    if sums and sums[-1] < 10_000:
        check(sorted(count_of(t) for t in shown) == sums, f"grounds: {shown} on the page, {sums} by SQL")
    pick("#requests-grounds select[aria-label='Measure']", "group")
    for group in options_of("#requests-grounds select[aria-label='Kind']"):
        pick("#requests-grounds select[aria-label='Kind']", group)
        rows_are_those_of_the_query("requests-grounds", con)
    pick("#requests-grounds select[aria-label='Kind']", "")


def agencies(con):
    """All agencies that are in the page have the figures of the tables; they are found by name, and what is not is said."""
    told = data["agencies"]
    named = con.execute("SELECT count(*) FROM agencies WHERE agency_name IS NOT NULL").fetchone()[0]
    check(told["total"] == named, f"{told['total']} agencies, {named} by SQL")
    columns = ", ".join(told["figures"])
    by_agency = {}
    for agency, year, scope, counted, *values in con.execute(f"SELECT agency_id, year, scope, counted, {columns} FROM key_figures").fetchall():
        by_agency.setdefault(agency, []).append((year, scope, bool(counted), *values))
    for agency, name, _, _, years, *_ in told["rows"]:
        ours = [(y, told["scopes"][s], bool(c), *v, *[None] * (len(told["figures"]) - len(v))) for y, s, c, *v in years]
        check(sorted(map(repr, ours)) == sorted(map(repr, by_agency.get(agency, []))), f"{name}: {ours} on the page, {by_agency.get(agency)} by SQL")
    if not told["rows"]:
        return
    search = one("#agency-years input[type=search]")
    wanted = told["rows"][-1]
    js("arguments[0].scrollIntoView({block: 'center'})", search)
    search.send_keys(wanted[1])
    names = [b.text for b in all_of("#agency-years .found button")]
    check(names and all(wanted[1] in n for n in names), f"{wanted[1]} finds {names}")
    button = all_of("#agency-years .found button")[-1]
    button.send_keys(Keys.ENTER)
    check(one("#agency-years h4").text == names[-1], "Enter opens no agency")
    check(js("return document.activeElement.tagName") == "H4", "the focus does not follow")
    query = js("return document.querySelector('#agency-years .query pre').textContent")
    answer = con.execute(query)
    at = [c[0] for c in answer.description].index("received")
    rows = answer.fetchall()
    shown = [count_of(t) for t in texts("agency-years", 2)]
    check(shown == [None if r[at] is None else float(r[at]) for r in rows], f"{names[-1]}: received {shown} on the page, {rows} by {query}")
    shoot("agency", whole=False)
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys("no such agency' OR 1")
    check(not all_of("#agency-years .found button") and not all_of("#agency-years table"), "an agency that is not there is found")
    con.execute(js("return document.querySelector('#agency-years .query pre').textContent")).fetchall()
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(Keys.DELETE)


CHARTS = ("coverage-tiles", "coverage-map", "findings-trend", "findings-rules", "findings-map", "worst-regions", "fill-map", "requests-received", "requests-outcomes", "requests-reviews", "requests-grounds")


def filters_filter(con):
    """Under every level and every scope the charts, the rows, the queries and the reports behind them agree."""
    levels, scopes = options_of("#filter-level"), options_of("#filter-scope")
    check(len(levels) > 1 and len(scopes) > 1, f"nothing to filter by: {levels} {scopes}")
    for level, scope in [(l, "") for l in levels] + [("", s) for s in scopes[1:]] + [(levels[-1], scopes[-1])]:
        pick("#filter-level", level)
        pick("#filter-scope", scope)
        for chart in CHARTS:
            rows_are_those_of_the_query(chart, con)
        reports_behind_figures(con, least=1)
        where = " AND ".join([f"coalesce({c}, 'null') = '{v}'" for c, v in (("agency_level", level), ("scope", scope)) if v] or ["true"])
        pick("#coverage-tiles select[aria-label='Year']", "")
        said = {r: int(count_of(re.search(r"([0-9,]+) reports", p.get_attribute("aria-label"))[1])) for r, p in zip(data["tiles"], all_of("#coverage-tiles g.hot > *"))}
        counts = dict(con.execute(f"SELECT region, count(*) FROM reports WHERE year > 0 AND {where} GROUP BY region").fetchall())
        check(said == {r: counts.get(r, 0) for r in said}, f"{level or 'all'}, {scope or 'all'}: the tiles say {said}, SQL {counts}")
        deaf = [f.get_attribute("id") for f in all_of("figure") if f.find_elements(By.CSS_SELECTOR, ".unfiltered")]
        check(("worst-agencies" in deaf) == bool(level or scope), f"{level} {scope}: told as not filtered: {deaf}")
        no_overflow(LAPTOP[0], f"filtered by {level} {scope}")
    shoot("laptop-filtered")
    pick("#filter-level", "")
    pick("#filter-scope", "")


def language_toggles():
    english = one("h1").text
    check(english == "Data quality", f"the heading is {english!r}")
    one("#lang").click()
    check(one("h1").text == "数据质量报告", "the heading is not Chinese")
    check(js("return document.documentElement.lang") == "zh-Hans", "the document's language is not told")
    # Codes, queries and what reports say stay as they are; headings, notes, tiles and legends do not.
    said = """return [...document.querySelectorAll('h2, h3, p.lead, p.note, summary, .tile span, nav a, .legend li, .count, .notes li, #facts dt, #filters span')]
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
    for figure in ("coverage-tiles", "coverage-map", "captures-status", "findings-trend", "findings-rules", "findings-map", "worst-regions", "fill-map", "requests-received", "requests-outcomes", "requests-reviews", "requests-grounds", "agency-years"):
        check(all_of(f"#{figure} .chart svg") or all_of(f"#{figure} .chart .empty") or all_of(f"#{figure} .chart table"), f"{figure} is not drawn")
        check(one(f"#{figure}").is_displayed(), f"{figure} is not shown")
    check(len(all_of(".chart svg")) >= 8, "most charts are empty")
    no_overflow(LAPTOP[0], "laptop")
    shoot("laptop")
    con = figures_are_those_of_sql()
    tables_sort_and_filter()
    reports_behind_figures(con)
    sums_are_those_by_region(con)
    tiles(con)
    grounds(con)
    agencies(con)
    filters_filter(con)
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
    for level in options_of("#filter-level"):
        pick("#filter-level", level)
        no_overflow(PHONE[0], f"phone, {level}")
    shoot("phone-filtered")
    pick("#filter-level", "")
    one("#lang").click()
    no_overflow(PHONE[0], "phone, Chinese")
    shoot("phone-zh")
    one("#lang").click()
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
