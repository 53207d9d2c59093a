"""The site, as built. book.py FOLDER makes text of links into the repository, which the site does not have, and checks all others;
book.py FOLDER search [FOLDER FOR SCREENSHOTS] uses its search in a browser."""
import html.parser
import os
import pathlib
import re
import shutil
import sys
import urllib.parse

site = pathlib.Path(sys.argv[1]).resolve()


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        self.anchors.update(v for k in ("id", "name") if (v := known.get(k)))
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])


def links() -> None:
    pages = sorted(p for p in site.rglob("*.html") if p.name not in ("404.html", "toc.html", "print.html"))
    assert len(pages) > 60, pages

    for path in pages:
        def outside(found: re.Match) -> str:
            target = (path.parent / urllib.parse.unquote(found[1]).split("#")[0]).resolve()
            if target.is_relative_to(site):
                return found[0]
            # Where it is in the repository: the site is its folder docs.
            return f'<span title="{os.path.relpath(target, site.parent)}">{found[2]}</span>'

        text = path.read_text(encoding="utf-8")
        # mdBook names a README index.html, and leaves links to it as they are.
        new = re.sub(r'(href="[^":]*?)README\.html', r"\1index.html", text)
        new = re.sub(r'<a href="(\.\./[^"]*)">(.*?)</a>', outside, new, flags=re.S)
        if new != text:
            path.write_text(new, encoding="utf-8")
    read = {p: Page(p.read_text(encoding="utf-8")) for p in pages}
    dead = []
    for path, page in read.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = urllib.parse.unquote(parts.fragment)
            if not target.exists() or (anchor and target in read and anchor not in read[target].anchors):
                dead.append((str(path.relative_to(site)), link))
    assert not dead, f"{len(dead)} dead links: {dead[:20]}"
    print(f"{len(pages)} pages, {sum(len(p.links) for p in read.values())} links, none dead")


def search(shots: pathlib.Path | None) -> None:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = os.environ["BROWSER_BINARY"]
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,800"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def shot(name: str) -> None:
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
            driver.save_screenshot(str(shots / f"{name}.png"))

    try:
        for query, page in [
            ("不予公开", "cookbook/outcomes.html"),
            ("行政复议纠正", "cookbook/review.html"),
            ("平衡面板", "cookbook/years.html"),
            ("换过代码", "cookbook/places.html"),
            ("区划 代码", "data-dictionary.html"),
            ("litigation", "cookbook/review.html"),
        ]:
            driver.get((site / "index.html").as_uri())
            driver.find_element(By.ID, "mdbook-search-toggle").click()
            bar = WebDriverWait(driver, 20).until(lambda d: (b := d.find_element(By.ID, "mdbook-searchbar")).is_displayed() and b)
            bar.send_keys(query)
            found = WebDriverWait(driver, 20).until(lambda d: d.find_elements(By.CSS_SELECTOR, "#mdbook-searchresults a"))
            places = [a.get_attribute("href") for a in found]
            assert any(page in place for place in places), (query, places)
            teasers = " ".join(t.text for t in driver.find_elements(By.CSS_SELECTOR, "#mdbook-searchresults .teaser"))
            assert query.split()[0].lower() in (teasers + " ".join(a.text for a in found)).lower(), (query, teasers)
            if query == "不予公开":
                shot("search")
                found[0].click()
                WebDriverWait(driver, 20).until(lambda d: d.find_elements(By.TAG_NAME, "mark"))
                shot("found")
        bar = driver.get((site / "index.html").as_uri())
        driver.find_element(By.ID, "mdbook-search-toggle").click()
        bar = WebDriverWait(driver, 20).until(lambda d: (b := d.find_element(By.ID, "mdbook-searchbar")).is_displayed() and b)
        bar.send_keys("没有这样的词")
        WebDriverWait(driver, 20).until(lambda d: "No search results" in d.find_element(By.ID, "mdbook-searchresults-header").text)
        driver.set_window_size(390, 844)
        driver.get((site / "cookbook/outcomes.html").as_uri())
        wide = driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        shot("phone")
        assert wide <= 1, f"a phone scrolls sideways by {wide}"
        driver.set_window_size(1280, 800)
        driver.get((site / "index.html").as_uri())
        shot("laptop")
    finally:
        driver.quit()
    print("search: Chinese and English words found, in a browser")


if "search" in sys.argv[2:]:
    search(pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None)
else:
    links()
