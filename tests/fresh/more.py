"""More tools, added to the makers of make.py: gnumeric, abiword, ghostscript, weasyprint, reportlab, fpdf2, typst, Chromium's MHTML, the small readers of Debian."""
import base64, json, re, subprocess, time
import reports as R
import make as M
from make import maker, run, save, src, soffice, tmpfile, pdf, pyv, CH


def T(name): return M.TMP / name


for fmt, ext, who in (("xls:xls", "xls", "Gnumeric_Excel:excel_biff8"), ("xlsx", "xlsx", "Gnumeric_Excel:xlsx"), ("html", "html", "Gnumeric_html:html40"), ("ods", "ods", "Gnumeric_OpenCalc:odf"), ("csv", "csv", "Gnumeric_stf:stf_csv"), ("tex", "tex", "Gnumeric_html:latex_table")):
    def f(q, ext=ext, who=who):
        o = T("g." + ext); run("ssconvert", "-T", who, src(q, "xlsx"), o, ok=range(256)); save(q, ext, o.read_bytes(), "gnumeric ssconvert (Debian 12) " + who)
    M.MAKERS.append((f"gnumeric-{ext}", f, {}))

for ext in ("rtf", "html", "doc", "odt", "txt"):
    def f(q, ext=ext):
        o = T("ab." + ext); o.unlink(missing_ok=True); run("abiword", "--to=" + ext, "--to-name=" + str(o), src(q, "docx"), ok=range(256)); save(q, ext, o.read_bytes(), "abiword (Debian 12)", **(dict(blanks="lost") if ext == "txt" else {}))
    M.MAKERS.append((f"abiword-{ext}", f, {}))


@maker("xls2csv")
def _(q): save(q, "csv", run("xls2csv", "-d", "utf-8", M.tmpfile(M.soffice(src(q, "xlsx"), "xls:MS Excel 97"), "x.xls")), "xls2csv of catdoc (Debian 12)")


@maker("odt2txt")
def _(q): save(q, "txt", run("odt2txt", "--width=-1", "--encoding=UTF-8", M.tmpfile(M.soffice(src(q, "docx"), "odt"), "o.odt")), "odt2txt (Debian 12)", blanks="lost")


@maker("wvtext")
def _(q):
    p = M.tmpfile(M.soffice(src(q, "docx"), "doc:MS Word 97"), "w.doc"); o = T("w.html"); run("wvHtml", "--targetdir=" + str(M.TMP), "--charset=utf-8", p, "w.html", ok=range(256)); d = o.read_bytes(); save(q, "html", d, "wvHtml (Debian 12)", text=M.strip(d.decode("utf8", "replace")))


@maker("gs-pdfwrite")
def _(q):
    o = T("gs.pdf"); run("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", f"-sOutputFile={o}", M.tmpfile(pdf(q), "in.pdf")); save(q, "pdf", o.read_bytes(), "ghostscript pdfwrite (Debian 12)")


@maker("gs-txtwrite")
def _(q):
    o = T("gs.txt"); run("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", f"-sOutputFile={o}", M.tmpfile(pdf(q, True), "in.pdf")); save(q, "txt", o.read_bytes(), "ghostscript txtwrite (Debian 12)", blanks="lost")


@maker("weasyprint")
def _(q):
    import weasyprint
    save(q, "pdf", weasyprint.HTML(string=R.html(q)).write_pdf(), pyv("weasyprint"))


@maker("weasyprint-landscape-noborder", style="wide")
def _(q):
    import weasyprint
    css = "@page{size:A4 landscape;margin:12mm}body{font-family:WenQuanYi Zen Hei;font-size:12px}td,th{padding:4px;font-size:11px;text-align:center}table{width:100%}"
    save(q, "pdf", weasyprint.HTML(string=R.html(q, css=css).replace(' border="1"', "")).write_pdf(), pyv("weasyprint") + ", no ruling lines")


@maker("reportlab-cid")
def _(q):
    from reportlab.platypus import SimpleDocTemplate, Table, Paragraph
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.lib.pagesizes import A4, landscape
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light")); st = ParagraphStyle("a", fontName="STSong-Light", fontSize=8, leading=10, wordWrap="CJK"); big = ParagraphStyle("b", parent=st, fontSize=15, leading=20)
    out = []
    for k, b in q["blocks"]:
        if k != "t": out.append(Paragraph(b, big if k == "title" else st)); continue
        n, w, pl = R.grid(b); g = [[""] * w for _ in range(n)]; sp = [("GRID", (0, 0), (-1, -1), .5, "black")]
        for i, j, rs, cs, x, h in pl:
            g[i][j] = Paragraph(x, st)
            if rs * cs > 1: sp.append(("SPAN", (j, i), (j + cs - 1, i + rs - 1)))
        out.append(Table(g, style=sp, colWidths=[760 / w] * w if w != 10 else [55, 75, 180] + [60] * 7))
    o = T("rl.pdf"); SimpleDocTemplate(str(o), pagesize=landscape(A4), invariant=1, leftMargin=30, rightMargin=30).build(out); save(q, "pdf", o.read_bytes(), pyv("reportlab") + ", font not embedded (STSong-Light)")


@maker("fpdf2")
def _(q):
    from fpdf import FPDF
    import datetime
    p = FPDF(orientation="L"); p.set_creation_date(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)); p.add_font("w", fname="/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"); p.set_font("w", size=9); p.add_page()
    for k, b in q["blocks"]:
        if k != "t": p.multi_cell(0, 6, b, new_x="LMARGIN", new_y="NEXT"); continue
        n, w, pl = R.grid(b); cw = (14, 14, 50) + (26,) * 7 if w == 10 else None; it = {}
        for i, j, rs, cs, x, h in pl: it.setdefault(i, []).append((x, rs, cs))
        with p.table(col_widths=cw, num_heading_rows=0, first_row_as_headings=False, line_height=5) as t:
            for i in range(n):
                r = t.row()
                for x, rs, cs in it.get(i, []): r.cell(x, rowspan=rs, colspan=cs)
    save(q, "pdf", bytes(p.output()), pyv("fpdf2"))


@maker("typst")
def _(q):
    import typst
    esc = lambda t: re.sub(r"([#*_$@<>\[\]\\/`~=+\-])", r"\\\1", t); o = ['#set page(flipped: true, margin: 12mm)\n#set text(font: "WenQuanYi Zen Hei", size: 9pt)\n']
    for k, b in q["blocks"]:
        if k != "t": o.append(esc(b) + "\n\n"); continue
        n, w, pl = R.grid(b); cells = ", ".join(f"table.cell(rowspan: {rs}, colspan: {cs})[{esc(x)}]" for i, j, rs, cs, x, h in pl); o.append(f"#table(columns: ({', '.join(['auto'] * w)}), {cells})\n\n")
    p = M.tmpfile("".join(o), "t.typ"); d = typst.compile(str(p)); save(q, "pdf", d, pyv("typst"))


@maker("chromium-mhtml")
def _(q):
    import urllib.request, websocket
    port = 9377; p = subprocess.Popen([*CH[:4], f"--user-data-dir={M.TMP}/ch2", f"--remote-debugging-port={port}", "--remote-allow-origins=*", f"file://{src(q, 'html', page=True)}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=M.ENV)
    try:
        for _i in range(60):
            try: tabs = [t for t in json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json")) if t["type"] == "page"]; break
            except Exception: time.sleep(.5)
        w = websocket.create_connection(tabs[0]["webSocketDebuggerUrl"], timeout=60); time.sleep(2); w.send(json.dumps(dict(id=1, method="Page.captureSnapshot", params=dict(format="mhtml"))))
        while True:
            m = json.loads(w.recv())
            if m.get("id") == 1: break
        w.close()
    finally: p.terminate(); p.wait(20)
    d = re.sub(rb"frame-[0-9A-F]+@", b"frame-0@", m["result"]["data"].encode()); save(q, "mhtml", d, M.CHROMIUM + " Page.captureSnapshot")


for n, opts in (("w3m-narrow", ("w3m", "-dump", "-cols", "60")),):
    MK = M.browser((*opts, "-O", "UTF-8", "-I", "UTF-8"), " ".join(opts)); M.MAKERS.append((n, MK, {"style": "thousands"}))
