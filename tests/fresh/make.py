#!/usr/bin/env python3
"""make.py OUT [NAME...]: documents that other people's tools made from invented reports, each with its truth beside it.

Every document is a report of its own (see reports.py), rendered as plain HTML, DOCX or XLSX and then put through one tool.
A tool that is not installed is skipped and said so. The gold is what was printed; where the tool's text has lost which column
a figure stood in, it is {"ok": figure} (NULL is as right), and where the figure itself is gone, a string.
"""
import base64, csv, datetime, io, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
import reports as R

OUT = None; TMP = None; DONE = []; ONLY = set()
ENV = dict(os.environ, SOURCE_DATE_EPOCH="1700000000", LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=os.environ.get("HOME", "/tmp"), TZ="UTC")


def run(*a, inp=None, cwd=None, ok=(0,), timeout=60):
    p = subprocess.run([str(x) for x in a], input=inp, capture_output=True, timeout=timeout, env=ENV, cwd=cwd)
    if p.returncode not in ok: raise RuntimeError(f"{a[0]}: {p.returncode} {p.stderr[-200:]!r}")
    return p.stdout


def version(*a):
    try: return re.sub(r"\s+", " ", (run(*a, ok=range(256)) or b"").decode("utf8", "replace")).strip()[:60]
    except Exception: return "?"


def pyv(n):
    import importlib.metadata as m
    return f"{n} {m.version(n)}"


def src(q, kind, **kw):
    """The report as a file another tool reads."""
    p = TMP / f"{q['name']}.{kind}"
    if kind == "html": p.write_text(R.html(q, **kw), encoding="utf8")
    elif kind == "docx": R.docx(q, p, **kw)
    else: R.xlsx(q, p, **kw)
    return p


def soffice(p, fmt, to=None):
    d = TMP / "lo"; d.mkdir(exist_ok=True)
    run("soffice", f"-env:UserInstallation=file://{TMP}/profile", "--headless", "--convert-to", fmt, "--outdir", d, p, timeout=180)
    f = d / (p.stem + "." + fmt.split(":")[0]); return f.read_bytes()


def pdf(q, landscape=False): return soffice(src(q, "docx", landscape=landscape), "pdf")


def tmpfile(data, name):
    p = TMP / name; p.write_bytes(data if isinstance(data, bytes) else data.encode()); return p


def honest(gold, text, blanks):
    """Lower to {"ok": v} what this text does not prove: rows whose figures do not stand apart in order, and, where blanks are lost, rows with blanks."""
    low = 0; flat = re.sub(r"[ \t\r\n]+", " ", text)

    def seen(ps):
        ps = [p for p in ps if any(ch.isdigit() for ch in p)]  # dashes would make the search explode where lines are drawn with them
        if not ps: return True
        pats = [r"(?<![\d.,])" + r"[^0-9]{1,200}".join(re.escape(x) for x in xs) + r"(?!\d)" for xs in (ps, [p.replace(",", "") for p in ps])]
        return any(re.search(p, t, re.S) for p in pats for t in (flat, flat.replace("---", "—")))

    def lower(v): return {"ok": v} if isinstance(v, (int, float)) else v
    return seen, lower


def save(q, ext, data, tool, blanks="kept", text=None, drop=(), note=""):
    """blanks: kept (cells stand apart even when empty) or lost; text: what a reader of the file sees (default: the data); drop: parts the tool left out."""
    data = data if isinstance(data, bytes) else data.encode("utf8"); g = json.loads(json.dumps(q["gold"])); name = q["name"]
    g["path"] = f"{name}.{ext}"; g["notes"] = f"{tool}; figures: {q['style']}" + (f"; {note}" if note else ""); low = []
    if text is None and blanks == "lost": text = data.decode("utf8", "replace")
    if text is not None:
        seen, lower = honest(g, text, blanks)
        for part, cells in (("requests", q["cells"]), ("review_litigation", q["rcells"])):
            allp = [p for k in cells for p in cells[k]] if part == "review_litigation" else None
            for k, ps in cells.items():
                ps2 = allp or ps
                if not seen(ps2) or (blanks == "lost" and "" in ps2): g[part][k] = [lower(x) for x in g[part][k]]; low.append(k)
        groups = {}
        for k in q["P"]: groups.setdefault(k.split(".")[0], []).append(k)
        for k, ms in groups.items():
            ps = [q["P"][m] for m in ms]
            if not seen(ps) or (blanks == "lost" and "" in ps and len(ps) > 1):
                low.append(k)
                for m in ms: g["proactive"][m] = lower(g["proactive"][m])
    for part in drop: g[part] = {k: ([None] * len(v) if isinstance(v, list) else None) for k, v in g[part].items()}
    if low: g["notes"] += f"; order of figures not sure in {len(low)} rows"
    (OUT / g["path"]).write_bytes(data); (OUT / f"{name}.gold.json").write_text(json.dumps(g, ensure_ascii=False, indent=1), encoding="utf8"); DONE.append((name, low))


MAKERS = []


def maker(*names, **kw):
    def deco(f):
        for n in names: MAKERS.append((n, f, kw))
        return f
    return deco


STYLES = {l.split("\t")[0]: l.split("\t")[1:] for l in (Path(__file__).parent / "styles.tsv").read_text().splitlines()}


def rep(name, **kw):
    """The manner of printing and the form of each document are written down in styles.tsv, so that a new one shifts no other."""
    style, form = STYLES.get(name) or (R.STYLES[len(name) % len(R.STYLES)], "2021")
    return R.report(name, style=kw.get("style") or style, form=form)


# ---- office suites
for fmt, ext in (("docx:MS Word 2007 XML", "docx"), ("doc:MS Word 97", "doc"), ("rtf", "rtf"), ("odt", "odt"), ("fodt", "fodt"), ("html:HTML (StarWriter)", "html"), ("xhtml:XHTML Writer File", "xhtml"), ("txt:Text (encoded):UTF8", "txt"), ("pdf", "pdf")):
    def f(q, fmt=fmt, ext=ext):
        data = soffice(src(q, "docx"), fmt)
        save(q, ext, data, LO, **(dict(blanks="lost", text=data.decode("utf8", "replace")) if ext == "txt" else {}))
    MAKERS.append((f"lo-writer-{ext}", f, {}))
for fmt, ext in (("doc:MS Word 97", "doc"), ("odt:writer8", "odt"), ("docx:MS Word 2007 XML", "docx"), ("rtf:Rich Text Format", "rtf")):
    def f(q, fmt=fmt, ext=ext): save(q, ext, soffice_html(q, fmt), LO + " from HTML")
    MAKERS.append((f"lo-html-{ext}", f, {}))


def soffice_html(q, fmt):
    p = src(q, "html", page=True); d = TMP / "lo"; d.mkdir(exist_ok=True)
    run("soffice", f"-env:UserInstallation=file://{TMP}/profile", "--headless", "--infilter=HTML (StarWriter)", "--convert-to", fmt, "--outdir", d, p, timeout=180)
    return (d / (p.stem + "." + fmt.split(":")[0])).read_bytes()


for fmt, ext in (("xls:MS Excel 97", "xls"), ("ods", "ods"), ("fods", "fods"), ("csv:Text - txt - csv (StarCalc):44,34,76,1", "csv"), ("html:HTML (StarCalc)", "html"), ("pdf", "pdf")):
    def f(q, fmt=fmt, ext=ext):
        # printed without "fit to page" the sheet's columns run over several pages: nobody must join them again
        save(q, ext, soffice(src(q, "xlsx"), fmt), LO, **(dict(text="", note="columns of a table on different pages") if ext == "pdf" else {}))
    MAKERS.append((f"lo-calc-{ext}", f, {}))


@maker("lo-calc-tsv")
def _(q): save(q, "txt", soffice(src(q, "xlsx"), "csv:Text - txt - csv (StarCalc):9,34,76,1"), LO + " tab-separated")


@maker("python-docx")
def _(q): save(q, "docx", src(q, "docx").read_bytes(), pyv("python-docx"))


@maker("openpyxl")
def _(q): save(q, "xlsx", src(q, "xlsx").read_bytes(), pyv("openpyxl"))


@maker("openpyxl-text")
def _(q): save(q, "xlsx", src(q, "xlsx", numbers=False).read_bytes(), pyv("openpyxl") + ", figures as text")


@maker("xlsxwriter-sheets")
def _(q):
    import xlsxwriter
    p = TMP / "xw.xlsx"; wb = xlsxwriter.Workbook(str(p)); fm = wb.add_format({"border": 1, "text_wrap": True}); n = 0; wb.set_properties({"created": datetime.datetime(q["year"] + 1, 1, 9)})
    ws = wb.add_worksheet("说明"); i = 0
    for k, b in q["blocks"]:
        if k != "t": ws.write(i, 0, b); i += 1
    for k, b in q["blocks"]:
        if k != "t": continue
        n += 1; s = wb.add_worksheet(f"表{n}"); s.merge_range(0, 0, 0, 8, ["主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况"][n - 1], fm)
        for r, c, rs, cs, x, h in R.grid(b)[2]:
            v = int(x) if x.isdigit() else x
            (s.merge_range(r + 1, c, r + rs, c + cs - 1, v, fm) if rs * cs > 1 else s.write(r + 1, c, v, fm))
    wb.close(); save(q, "xlsx", p.read_bytes(), pyv("xlsxwriter") + ", one sheet a table")


@maker("docx2txt", style="wide")
def _(q):
    import docx2txt
    save(q, "txt", docx2txt.process(str(src(q, "docx"))), pyv("docx2txt"), blanks="lost")


@maker("docx2txt-blank", style="blank")
def _(q):
    import docx2txt
    save(q, "txt", docx2txt.process(str(src(q, "docx"))), pyv("docx2txt"), blanks="lost")


@maker("mammoth-html")
def _(q):
    import mammoth
    save(q, "html", "<html><head><meta charset=utf-8></head><body>" + mammoth.convert_to_html(open(src(q, "docx"), "rb")).value + "</body></html>", pyv("mammoth"))


@maker("mammoth-md", style="thousands")
def _(q):
    import mammoth
    save(q, "md", mammoth.convert_to_markdown(open(src(q, "docx"), "rb")).value, pyv("mammoth"), blanks="lost")


def antiword_maker(tool):
    def f(q):
        p = tmpfile(soffice(src(q, "docx"), "doc:MS Word 97"), f"{q['name']}.doc")
        a = {"antiword": ("antiword", "-m", "UTF-8.txt", "-w", "0", p), "antiword-w": ("antiword", "-m", "UTF-8.txt", "-w", "120", p), "catdoc": ("catdoc", "-d", "utf-8", p), "catdoc-wide": ("catdoc", "-w", "-d", "utf-8", p)}[tool]
        save(q, "txt", run(*a), tool + " (Debian 12)", blanks="lost")
    return f


for t in ("antiword", "antiword-w", "catdoc", "catdoc-wide"): MAKERS.append((t, antiword_maker(t), {"style": "wide" if t == "antiword" else "zeros" if t == "catdoc" else None}))


@maker("unrtf-html")
def _(q): save(q, "html", run("unrtf", "--html", tmpfile(soffice(src(q, "docx"), "rtf"), f"{q['name']}.rtf")), "unrtf (Debian 12)")


@maker("striprtf")
def _(q):
    from striprtf.striprtf import rtf_to_text
    save(q, "txt", rtf_to_text(soffice(src(q, "docx"), "rtf").decode("latin1")), pyv("striprtf"))


# ---- pandoc
PD = [("docx", "html", "docx"), ("html", "gfm", "md"), ("docx", "gfm", "md"), ("docx", "markdown-grid_tables-pipe_tables", "md"), ("docx", "markdown-simple_tables-multiline_tables-grid_tables+pipe_tables", "md"), ("docx", "markdown-pipe_tables-simple_tables-multiline_tables+grid_tables", "md"),
      ("docx", "rst", "rst"), ("docx", "plain", "txt"), ("docx", "latex", "tex"), ("docx", "asciidoc", "adoc"), ("docx", "rtf", "rtf"), ("docx", "html5", "html"), ("docx", "mediawiki", "txt"), ("docx", "org", "txt"), ("html", "plain", "txt"), ("html", "odt", "odt"), ("html", "commonmark", "md"), ("html", "rst", "txt"), ("docx", "commonmark_x", "md"), ("html", "docbook5", "xml"), ("html", "epub3", "epub")]
PD[0] = ("html", "docx", "docx")
for i, (a, b, ext) in enumerate(PD):
    def f(q, a=a, b=b, ext=ext):
        p = src(q, a); o = TMP / f"{q['name']}.out.{ext}"; run("pandoc", "--columns=200" if "plain" in b or b == "rst" else "--columns=72", "-s", "-f", a, "-t", b, "-o", o, p); d = o.read_bytes()
        if ext in ("md", "txt", "rst", "tex", "adoc"):
            t = d.decode(); save(q, ext, d, f"{PANDOC} {a} to {b}", text=re.sub(r"<[^>]*>|[|&\\]", lambda m: " " if m.group()[0] in "<" else m.group(), t))
        else: save(q, ext, d, f"{PANDOC} {a} to {b}")
    MAKERS.append((f"pandoc-{a}-{re.sub('[^a-z0-9]+', '', b.split('-')[0].split('+')[0]) + ('-grid' if b.endswith('+grid_tables') else '-pipe' if b.endswith('+pipe_tables') else '-multi' if 'grid_tables-pipe' in b else '')}", f, {}))


# ---- browsers and PDF
CH = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000")


@maker("chromium-print")
def _(q):
    o = TMP / "c.pdf"; run(*CH, f"--user-data-dir={TMP}/ch", "--no-pdf-header-footer", f"--print-to-pdf={o}", f"file://{src(q, 'html', page=True)}"); save(q, "pdf", o.read_bytes(), CHROMIUM)


@maker("chromium-print-headers", style="wide")
def _(q):
    o = TMP / "c.pdf"; run(*CH, f"--user-data-dir={TMP}/ch", f"--print-to-pdf={o}", f"file://{src(q, 'html', page=True)}"); save(q, "pdf", o.read_bytes(), CHROMIUM + " with header and footer")


@maker("chromium-print-narrow", style="wide")
def _(q):
    css = "@page{size:A4;margin:30mm}body{font-family:WenQuanYi Zen Hei;font-size:16px}td,th{border:1px solid #000;font-size:16px;word-break:break-all;padding:2px}table{border-collapse:collapse;width:100%;table-layout:fixed}"
    o = TMP / "c.pdf"; run(*CH, f"--user-data-dir={TMP}/ch", "--no-pdf-header-footer", f"--print-to-pdf={o}", f"file://{src(q, 'html', css=css)}"); save(q, "pdf", o.read_bytes(), CHROMIUM + ", narrow columns: figures wrapped in their cells")


@maker("chromium-dump-dom")
def _(q): save(q, "html", run(*CH, f"--user-data-dir={TMP}/ch", "--dump-dom", f"file://{src(q, 'html', page=True)}"), CHROMIUM)


@maker("wkhtmltopdf")
def _(q):
    o = TMP / "w.pdf"; run("wkhtmltopdf", "-q", "--enable-local-file-access", src(q, "html", page=True), o); save(q, "pdf", o.read_bytes(), WK)


@maker("wkhtmltopdf-landscape", style="thousands")
def _(q):
    o = TMP / "w.pdf"; run("wkhtmltopdf", "-q", "-O", "Landscape", src(q, "html"), o); save(q, "pdf", o.read_bytes(), WK)


def pdftext(opts, tool, land):
    def f(q):
        d = run("pdftotext", *opts, tmpfile(pdf(q, land), f"{q['name']}.pdf"), "-"); save(q, "txt", d, f"{POP} {' '.join(opts)} of LibreOffice PDF", blanks="lost")
    return f


for n, o, land in (("pdftotext-layout", ["-layout"], False), ("pdftotext-layout-wide", ["-layout"], True), ("pdftotext-raw", ["-raw"], True), ("pdftotext-plain", [], True), ("pdftotext-plain-portrait", [], False), ("pdftotext-raw-portrait", ["-raw"], False), ("pdftotext-layout-nopgbrk", ["-layout", "-nopgbrk"], True)):
    MAKERS.append((n, pdftext(o, n, land), {"style": "wide" if n.endswith("wide") or n == "pdftotext-raw-portrait" else "full" if n in ("pdftotext-plain", "pdftotext-raw") else None}))


@maker("pdftotext-chromium-layout")
def _(q):
    o = TMP / "c.pdf"; run(*CH, f"--user-data-dir={TMP}/ch", "--no-pdf-header-footer", f"--print-to-pdf={o}", f"file://{src(q, 'html', page=True)}"); save(q, "txt", run("pdftotext", "-layout", o, "-"), POP + " -layout of Chromium PDF", blanks="lost")


@maker("pdftotext-htmlmeta")
def _(q): save(q, "html", run("pdftotext", "-htmlmeta", tmpfile(pdf(q, True), "h.pdf"), "-"), POP + " -htmlmeta", blanks="lost")


@maker("pdftotext-tsv")
def _(q): save(q, "tsv", run("pdftotext", "-tsv", tmpfile(pdf(q, True), "h.pdf"), "-"), POP + " -tsv: a word a line with its box", text="")


@maker("pdftohtml-single")
def _(q): save(q, "html", run("pdftohtml", "-s", "-i", "-noframes", "-stdout", tmpfile(pdf(q, True), "h.pdf")), POP.replace("pdftotext", "pdftohtml"), text=strip(run("pdftohtml", "-s", "-i", "-noframes", "-stdout", TMP / "h.pdf").decode()), blanks="lost")


@maker("pdftohtml-plain")
def _(q):
    d = run("pdftohtml", "-i", "-noframes", "-stdout", tmpfile(pdf(q, True), "h.pdf")); save(q, "html", d, POP.replace("pdftotext", "pdftohtml"), text=strip(d.decode()), blanks="lost")


def strip(t):
    from bs4 import BeautifulSoup
    return BeautifulSoup(t, "lxml").get_text(" ")


for fmt in ("text", "html", "xhtml"):
    def f(q, fmt=fmt):
        d = run("mutool", "draw", "-q", "-F", fmt, "-o", "-", tmpfile(pdf(q, True), "m.pdf")); save(q, "txt" if fmt == "text" else "html", d, MU + " -F " + fmt, text=d.decode() if fmt == "text" else strip(d.decode()), blanks="lost")
    MAKERS.append((f"mutool-{fmt}", f, {}))


@maker("pymupdf-text")
def _(q):
    import pymupdf as fitz
    save(q, "txt", "\n".join(p.get_text() for p in fitz.open(tmpfile(pdf(q, True), "m.pdf"))), pyv("pymupdf"), blanks="lost")


@maker("pymupdf-text-sorted", style="full")
def _(q):
    import pymupdf as fitz
    save(q, "txt", "\n".join(p.get_text(sort=True) for p in fitz.open(tmpfile(pdf(q, True), "m.pdf"))), pyv("pymupdf") + " sort=True", blanks="lost")


@maker("pymupdf-tables-md")
def _(q):
    import pymupdf as fitz
    t = []
    for p in fitz.open(tmpfile(pdf(q, True), "m.pdf")):
        tabs = p.find_tables().tables; t.append(p.get_text() if not tabs else q["title"] if not t else ""); t += [x.to_markdown() for x in tabs]
    s = "\n\n".join(t); save(q, "md", s, pyv("pymupdf") + " find_tables().to_markdown()", text=s.replace("|", " ").replace("<br>", " "))


@maker("pymupdf4llm")
def _(q):
    import pymupdf4llm
    s = pymupdf4llm.to_markdown(str(tmpfile(pdf(q, True), "m.pdf")), show_progress=False); save(q, "md", s, pyv("pymupdf4llm"), text=s.replace("|", " ").replace("<br>", " "))


@maker("pymupdf4llm-portrait", style="blank")
def _(q):
    import pymupdf4llm
    s = pymupdf4llm.to_markdown(str(tmpfile(pdf(q), "m.pdf")), show_progress=False); save(q, "md", s, pyv("pymupdf4llm"), text=s.replace("|", " ").replace("<br>", " "))


@maker("pypdf")
def _(q):
    import pypdf
    save(q, "txt", "\n".join(p.extract_text() for p in pypdf.PdfReader(tmpfile(pdf(q, True), "m.pdf")).pages), pyv("pypdf"), blanks="lost")


@maker("pypdf-layout")
def _(q):
    import pypdf
    save(q, "txt", "\n".join(p.extract_text(extraction_mode="layout") for p in pypdf.PdfReader(tmpfile(pdf(q, True), "m.pdf")).pages), pyv("pypdf") + " layout", blanks="lost")


@maker("pdfplumber-text")
def _(q):
    import pdfplumber
    save(q, "txt", "\n".join(p.extract_text() for p in pdfplumber.open(tmpfile(pdf(q, True), "m.pdf")).pages), pyv("pdfplumber"), blanks="lost")


@maker("pdfplumber-layout", style="wide")
def _(q):
    import pdfplumber
    save(q, "txt", "\n".join(p.extract_text(layout=True) for p in pdfplumber.open(tmpfile(pdf(q, True), "m.pdf")).pages), pyv("pdfplumber") + " layout=True", blanks="lost")


@maker("pdfplumber-tables-csv")
def _(q):
    import pdfplumber
    o = io.StringIO(); w = csv.writer(o); w.writerow([q["title"]])
    for p in pdfplumber.open(tmpfile(pdf(q, True), "m.pdf")).pages:
        for t in p.extract_tables(): w.writerows([[(c or "").replace("\n", "") for c in r] for r in t])
    save(q, "csv", o.getvalue(), pyv("pdfplumber") + " extract_tables to csv", text=o.getvalue().replace(",", " "))


@maker("pdfminer")
def _(q):
    from pdfminer.high_level import extract_text
    save(q, "txt", extract_text(str(tmpfile(pdf(q, True), "m.pdf"))), pyv("pdfminer.six"), blanks="lost")


@maker("pdf-qpdf-linear")
def _(q):
    tmpfile(pdf(q), "m.pdf"); run("qpdf", "--linearize", "--object-streams=generate", "--deterministic-id", TMP / "m.pdf", TMP / "n.pdf"); save(q, "pdf", (TMP / "n.pdf").read_bytes(), "qpdf (Debian 12) of LibreOffice PDF")


@maker("pdf-pymupdf-story", style="thousands")
def _(q):
    import pymupdf as fitz
    st = fitz.Story(html=R.body_html(q)); o = TMP / "s.pdf"; w = fitz.DocumentWriter(str(o)); more = 1
    while more:
        dev = w.begin_page(fitz.paper_rect("a4-l")); more, _x = st.place(fitz.paper_rect("a4-l") + (36, 36, -36, -36)); st.draw(dev); w.end_page()
    w.close(); d = fitz.open(o); d.subset_fonts(); save(q, "pdf", d.tobytes(garbage=4, deflate=True, no_new_id=True), pyv("pymupdf") + " Story", note="no ruling lines")


# ---- text browsers and HTML to text
def browser(cmd, note, style=None):
    def f(q): save(q, "txt", run(*cmd, src(q, "html", page=True)), note, blanks="lost")
    return f


for n, c, s in (("w3m", ("w3m", "-dump", "-cols", "160", "-O", "UTF-8", "-I", "UTF-8"), None), ("w3m-80", ("w3m", "-dump", "-cols", "80", "-O", "UTF-8", "-I", "UTF-8"), "wide"), ("lynx", ("lynx", "-dump", "-nolist", "-width=200", "-display_charset=utf-8", "-assume_charset=utf-8"), None), ("lynx-80", ("lynx", "-dump", "-display_charset=utf-8", "-assume_charset=utf-8"), "full"),
                ("elinks", ("elinks", "-dump", "1", "-dump-charset", "utf-8", "-dump-width", "160", "-no-references"), None), ("links", ("links", "-codepage", "utf-8", "-width", "160", "-dump"), None), ("debian-html2text", ("html2text", "-utf8", "-width", "160"), None)):
    MAKERS.append((n, browser(c, n + " (Debian 12) " + " ".join(c[1:])), {"style": s}))


def pytext(name, fn, ext="txt", blanks="lost", clean=None, **kw):
    def f(q):
        s = fn(R.html(q, page=True))
        if not s: raise RuntimeError("empty")
        save(q, ext, s, name() if callable(name) else name, blanks=blanks, text=(clean or (lambda x: x))(s))
    return f, kw


def lib(n, expr, ext="txt", blanks="lost", dist=None, clean=None, **kw):
    def fn(h):
        ns = {}; exec(expr, ns); return ns["f"](h)
    f, k = pytext(lambda: pyv(dist or n.split("-")[0]) + f" ({n})", fn, ext, blanks, clean); MAKERS.append((n, f, kw))


pipes = lambda s: s.replace("|", " ")
lib("html2text", "import html2text\ndef f(h): return html2text.html2text(h)", "md", "kept", clean=pipes)
lib("html2text-nowrap", "import html2text\ndef f(h):\n c=html2text.HTML2Text(bodywidth=0); c.pad_tables=True; c.ignore_links=True; return c.handle(h)", "md", "kept", dist="html2text", clean=pipes)
lib("html2text-wrapped", "import html2text\ndef f(h):\n c=html2text.HTML2Text(bodywidth=78); c.wrap_tables=True; return c.handle(h)", "md", "kept", dist="html2text", clean=pipes)
lib("markdownify", "from markdownify import markdownify\ndef f(h): return markdownify(h,heading_style='ATX')", "md", "kept", clean=pipes)
lib("trafilatura-txt", "import trafilatura\ndef f(h): return trafilatura.extract(h,include_tables=True,favor_recall=True)", "txt", "kept", clean=pipes)
lib("trafilatura-md", "import trafilatura\ndef f(h): return trafilatura.extract(h,output_format='markdown',include_tables=True,favor_recall=True,with_metadata=True)", "md", "kept", dist="trafilatura", clean=pipes)
lib("trafilatura-json", "import trafilatura\ndef f(h): return trafilatura.extract(h,output_format='json',include_tables=True,favor_recall=True,with_metadata=True,url='http://www.example.gov.cn/zwgk/nb/1.html')", "json", "kept", dist="trafilatura", clean=pipes)
lib("trafilatura-xml", "import trafilatura\ndef f(h): return trafilatura.extract(h,output_format='xml',include_tables=True,favor_recall=True,with_metadata=True)", "xml", "kept", dist="trafilatura", clean=lambda s: re.sub("<[^>]+>", " ", s))
lib("readability", "from readability import Document\ndef f(h): d=Document(h); return '<html><head><title>'+d.title()+'</title></head>'+d.summary()[6:]", "html", "kept", dist="readability-lxml", clean=lambda s: re.sub("<[^>]+>", " ", s))
lib("resiliparse-plain", "from resiliparse.extract.html2text import extract_plain_text as e\ndef f(h): return e(h)", dist="resiliparse")
lib("resiliparse-main", "from resiliparse.extract.html2text import extract_plain_text as e\ndef f(h): return e(h,main_content=True,preserve_formatting=True,list_bullets=True)", dist="resiliparse")
lib("inscriptis", "from inscriptis import get_text\ndef f(h): return get_text(h)")
lib("justext", "import justext\ndef f(h): return '\\n'.join(p.text for p in justext.justext(h.encode(),justext.get_stoplist('English'),encoding='utf8'))", dist="jusText")
lib("boilerpy3", "from boilerpy3 import extractors\ndef f(h): return extractors.KeepEverythingExtractor().get_content(h)")
lib("bs4-newline", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').get_text('\\n',strip=True)", dist="beautifulsoup4")
lib("bs4-space", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').get_text(' ',strip=True)", dist="beautifulsoup4")
lib("bs4-pipe", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').get_text('|',strip=True)", dist="beautifulsoup4", clean=pipes)
lib("bs4-tab", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').get_text('\\t',strip=True)", dist="beautifulsoup4")
lib("bs4-none", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').get_text()", dist="beautifulsoup4", style="wide")
lib("bs4-prettify", "from bs4 import BeautifulSoup as B\ndef f(h): return B(h,'lxml').prettify()", "html", "kept", dist="beautifulsoup4", clean=lambda s: re.sub("<[^>]+>", " ", s))
lib("lxml-text-content", "import lxml.html\ndef f(h): return lxml.html.fromstring(h).text_content()", dist="lxml", style="full")
lib("html-to-markdown", "from html_to_markdown import convert\ndef f(h):\n r=convert(h); return getattr(r,'content',None) or (r['content'] if isinstance(r,dict) else str(r))", "md", "kept", dist="html-to-markdown", clean=pipes)
lib("selectolax", "from selectolax.lexbor import LexborHTMLParser\ndef f(h): return LexborHTMLParser(h).body.text(separator='\\n',strip=True)")
lib("newspaper", "import newspaper\ndef f(h):\n a=newspaper.Article('http://x/',language='zh'); a.download(input_html=h); a.parse(); return a.title+'\\n'+a.text", dist="newspaper4k")


@maker("tidy-xhtml")
def _(q): save(q, "html", run("tidy", "-q", "-asxhtml", "-utf8", "-i", src(q, "html", page=True), ok=(0, 1)), "tidy (Debian 12)")


@maker("tidy-bare-ascii", style="thousands")
def _(q): save(q, "html", run("tidy", "-q", "-ashtml", "--input-encoding", "utf8", "--output-encoding", "ascii", "-w", "60", src(q, "html"), ok=(0, 1)), "tidy (Debian 12), character references")


def markitdown(kind, ext_in):
    def f(q):
        from markitdown import MarkItDown
        p = tmpfile(pdf(q, True), f"{q['name']}.pdf") if ext_in == "pdf" else src(q, ext_in)
        s = MarkItDown().convert(str(p)).text_content; save(q, "md", s, pyv("markitdown") + " " + ext_in, blanks="lost" if ext_in == "pdf" else "kept", text=pipes(s))
    return f


for e in ("docx", "xlsx", "pdf", "html"): MAKERS.append((f"markitdown-{e}", markitdown(e, e), {}))


# ---- pandas and tabulate
def framed(q, fmt, ext, join="\n\n", **kw):
    import pandas as pd
    out = []
    for k, b in q["blocks"]:
        if k != "t": out.append(("# " if k == "title" and ext == "md" else "## " if k == "h" and ext == "md" else "") + b); continue
        df = pd.read_html(io.StringIO(R.html_table(b)), header=None, thousands=None, converters={i: str for i in range(R.grid(b)[1])}, keep_default_na=False)[0]
        out.append(fmt(df))
    return join.join(out)


def plain_th(q):
    """All cells as td: pandas then makes no header of them."""
    return dict(q, blocks=[(k, [[(t, a, b, False) for t, a, b, _ in r] for r in x]) if k == "t" else (k, x) for k, x in q["blocks"]])


for n, ext, fmt in (("pandas-md", "md", lambda d: d.to_markdown(index=False)), ("pandas-csv", "csv", lambda d: d.to_csv(index=False, header=False)), ("pandas-string", "txt", lambda d: d.to_string(index=False, header=False)), ("pandas-html", "html", lambda d: d.to_html(index=False, header=False)),
                    ("pandas-md-index", "md", lambda d: d.to_markdown()), ("pandas-latex", "tex", lambda d: "\\begin{tabular}{" + "l" * d.shape[1] + "}\n" + "\n".join(" & ".join(map(str, r)) + " \\\\" for r in d.values.tolist()) + "\n\\end{tabular}")):
    def f(q, fmt=fmt, ext=ext, n=n):
        s = framed(plain_th(q), fmt, ext); s = f"<html><head><meta charset='utf-8'></head><body>{s.replace(chr(10) + chr(10), '<br>')}</body></html>" if ext == "html" else s
        save(q, ext, s, pyv("pandas") + " read_html, " + n, blanks="lost" if n == "pandas-string" else "kept", text=s.replace("|", " ").replace(",", " ") if n == "pandas-csv" and q["style"] != "thousands" else None)
    MAKERS.append((n, f, {"style": "thousands"} if n == "pandas-csv" else {}))


@maker("pandas-json")
def _(q):
    import pandas as pd
    recs = [dict(title=q["title"], url=f"http://{q['host']}/nb/1.html", content=[b for k, b in q["blocks"] if k != "t"], tables=[json.loads(pd.read_html(io.StringIO(R.html_table(b)), converters={i: str for i in range(R.grid(b)[1])}, keep_default_na=False)[0].to_json(orient="values", force_ascii=False)) for k, b in plain_th(q)["blocks"] if k == "t"])]
    save(q, "json", json.dumps(recs[0], ensure_ascii=False), pyv("pandas") + " to_json(orient=values), tables as lists of lists")


for fmt in ("grid", "rst", "pipe", "simple", "psql", "latex", "html", "jira", "fancy_grid", "tsv"):
    def f(q, fmt=fmt):
        from tabulate import tabulate
        ext = {"pipe": "md", "html": "html", "latex": "tex"}.get(fmt, "txt")
        def t(b):
            n, w, pl = R.grid(b); g = [[""] * w for _ in range(n)]
            for i, j, rs, cs, x, h in pl: g[i][j] = x
            return tabulate(g[1:], headers=g[0], tablefmt=fmt, disable_numparse=True)
        s = "\n\n".join(t(b) if k == "t" else b for k, b in q["blocks"]); s = "<html><head><meta charset='utf-8'></head><body>" + s + "</body></html>" if fmt == "html" else s
        save(q, ext, s, pyv("tabulate") + f" {fmt}; spans: only the first cell filled", blanks="lost" if fmt in ("simple", "rst", "tsv") else "kept")
    MAKERS.append((f"tabulate-{fmt}", f, {}))


# ---- crawlers' containers
@maker("scrapy-jsonl")
def _(q): save(q, "jsonl", json.dumps(dict(url=f"http://{q['host']}/zwgk/nb/3.html", status=200, title=q["title"], publish_date=q["date"], body=R.html(q, page=True), spider="gov", ts="2025-03-01T00:00:00")) + "\n", "json.dumps, a Scrapy feed: body is the page, ASCII escapes")


@maker("firecrawl-json")
def _(q):
    from markdownify import markdownify
    h = R.html(q, page=True); save(q, "json", json.dumps(dict(success=True, data=dict(markdown=markdownify(h, heading_style="ATX"), html=h, metadata=dict(title=q["title"], sourceURL=f"http://{q['host']}/nb.html", statusCode=200, language="zh-CN"))), ensure_ascii=False, indent=2), "shape of Firecrawl's scrape answer: data.markdown and data.html")


@maker("firecrawl-jsonl")
def _(q):
    from markdownify import markdownify
    save(q, "jsonl", json.dumps(dict(markdown=markdownify(R.html(q, page=True), heading_style="ATX"), metadata=dict(title=q["title"], url=f"http://{q['host']}/nb.html", statusCode=200)), ensure_ascii=False) + "\n", "shape of Firecrawl's crawl answer, one a line, markdown only")


@maker("warcio")
def _(q):
    from warcio.warcwriter import WARCWriter
    from warcio.statusandheaders import StatusAndHeaders
    b = io.BytesIO(); w = WARCWriter(b, gzip=True)
    r = w.create_warc_record(f"http://{q['host']}/zwgk/nb/1.html", "response", payload=io.BytesIO(R.html(q, page=True).encode("gb18030")), warc_headers_dict={"WARC-Date": "2025-03-01T00:00:00Z", "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000001>"},
                             http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=gb18030")], protocol="HTTP/1.1"))
    w.write_record(r); save(q, "warc.gz", b.getvalue(), pyv("warcio") + ", gb18030")


@maker("mhtml-email")
def _(q):
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText
    m = MIMEMultipart("related", type="text/html", boundary="----=_Part_7"); m["Subject"] = q["title"]; m["Snapshot-Content-Location"] = f"http://{q['host']}/nb.html"
    t = MIMEText(R.html(q, page=True), "html", "utf-8"); t["Content-Location"] = f"http://{q['host']}/nb.html"; m.attach(t); save(q, "mht", m.as_bytes(), "Python email package, base64 part")


@maker("single-file")
def _(q):
    h = R.html(q, page=True); uri = "data:text/html;base64," + base64.b64encode(b"<p>ad</p>" * 50).decode()
    h = h.replace("<head>", "<head><meta name='generator' content='SingleFile'><meta http-equiv='content-security-policy' content=\"default-src 'none'\">").replace('<div class="foot">', f'<iframe src="{uri}"></iframe><div class="foot">')
    save(q, "html", h, "page saved in one file, data URIs", note="shape of SingleFile and monolith")


@maker("html-gb2312")
def _(q): save(q, "htm", R.html(q, page=True).replace('charset="utf-8"', 'http-equiv="Content-Type" content="text/html; charset=gb2312"').encode("gb18030"), "page in GBK with a meta tag")


@maker("html-utf16")
def _(q): save(q, "html", R.html(q).replace('<meta charset="utf-8">', "").encode("utf-16"), "page saved as UTF-16 with its mark")


@maker("camelot-csv", style="full")
def _(q):
    import camelot
    ts = camelot.read_pdf(str(tmpfile(pdf(q, True), "cm.pdf")), pages="all", flavor="lattice"); s = q["title"] + "\n" + "\n".join(t.df.to_csv(index=False, header=False) for t in ts); save(q, "csv", s, pyv("camelot-py") + " lattice", text=s.replace(",", " "))


def main():
    global OUT, TMP, LO, PANDOC, CHROMIUM, WK, POP, MU
    OUT = Path(sys.argv[1]); OUT.mkdir(parents=True, exist_ok=True); ONLY.update(sys.argv[2:])
    LO = version("soffice", "--version"); PANDOC = version("pandoc", "--version")[:14]; CHROMIUM = version("chromium", "--version"); WK = version("wkhtmltopdf", "--version"); MU = "mutool (Debian 12)"
    POP = "pdftotext " + (re.search(rb"version (\S+)", subprocess.run(["pdftotext", "-v"], capture_output=True).stderr) or [b"", b"?"])[1].decode() if shutil.which("pdftotext") else "pdftotext"
    with tempfile.TemporaryDirectory() as d:
        TMP = Path(d)
        for n, f, kw in MAKERS:
            if ONLY and n not in ONLY: continue
            try: f(rep(n, **kw))
            except Exception as e: print(f"skipped {n}: {type(e).__name__} {str(e)[:150]}", flush=True)
        import odd
        odd.make(OUT, ONLY)
    for n, low in DONE:
        if low: print(f"{n}: figures not sure in {len(low)} rows: {' '.join(low[:6])}")
    print(f"{len(DONE)} documents")


if __name__ == "__main__":
    sys.modules["make"] = sys.modules["__main__"]  # more.py adds its makers to this very module
    import more
    main()
