"""Reports that nobody published: agencies that exist, figures that obey the form, and what is printed in every cell.

Deterministic: everything follows from the name of the document. Nothing of the parser or of data/ is used; the labels are
typed here from the two circulars, so that a label the parser misses is missed here too.
"""
import random, zlib
from pathlib import Path

DEPTS = ["水利局", "财政局", "司法局", "民政局", "审计局", "统计局", "教育局", "交通运输局", "农业农村局", "卫生健康局",
         "应急管理局", "医疗保障局", "市场监督管理局", "退役军人事务局", "自然资源局", "发展和改革局", "人力资源和社会保障局", "人民政府办公室"]
# county as printed (unique in the country or with its prefecture), code, prefecture code, province code
PLACES = """凤冈县 520327 520300 520000|屏南县 350923 350900 350000|桂东县 431027 431000 430000|泾川县 620821 620800 620000|定边县 610825 610800 610000
绥棱县 231226 231200 230000|盱眙县 320830 320800 320000|云和县 331125 331100 330000|婺源县 361130 361100 360000|曹县 371721 371700 370000
光山县 411522 411500 410000|竹溪县 420324 420300 420000|佛冈县 441821 441800 440000|灵山县 450721 450700 450000|昭觉县 513431 513400 510000
巧家县 530622 530600 530000|平罗县 640221 640200 640000|玛多县 632626 632600 630000|若羌县 652824 652800 650000|墨竹工卡县 540127 540100 540000
喀喇沁旗 150428 150400 150000|绥中县 211421 211400 210000|抚松县 220621 220600 220000|繁峙县 140924 140900 140000|阜平县 130624 130600 130000
安溪县 350524 350500 350000|建始县 422822 422800 420000|沅陵县 431222 431200 430000|凤庆县 530921 530900 530000|武都区 621202 621200 620000
靖江市 321282 321200 320000|樟树市 360982 360900 360000|罗定市 445381 445300 440000|岑溪市 450481 450400 450000|简阳市 510185 510100 510000
彭阳县 640425 640400 640000|寿县 340422 340400 340000|枞阳县 340722 340700 340000|东至县 341721 341700 340000|石楼县 141126 141100 140000""".replace("\n", "|")
PLACES = [p.split() for p in PLACES.split("|")]

ORG = ["natural_person", "business", "research", "public_interest", "legal_service", "other_org"]
RESULTS = [
    ("granted", "（一）予以公开", None), ("partially_granted", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", None),
    ("refused.state_secret", "1.属于国家秘密", "（三）不予公开"), ("refused.other_law", "2.其他法律行政法规禁止公开", ""),
    ("refused.three_safeties", "3.危及“三安全一稳定”", ""), ("refused.third_party", "4.保护第三方合法权益", ""),
    ("refused.internal", "5.属于三类内部事务信息", ""), ("refused.process", "6.属于四类过程性信息", ""),
    ("refused.enforcement_file", "7.属于行政执法案卷", ""), ("refused.inquiry", "8.属于行政查询事项", ""),
    ("unavailable.not_held", "1.本机关不掌握相关政府信息", "（四）无法提供"), ("unavailable.needs_creation", "2.没有现成信息需要另行制作", ""),
    ("unavailable.unclear", "3.补正后申请内容仍不明确", ""),
    ("not_processed.petition", "1.信访举报投诉类申请", "（五）不予处理"), ("not_processed.repeated", "2.重复申请", ""),
    ("not_processed.publication", "3.要求提供公开出版物", ""), ("not_processed.excessive", "4.无正当理由大量反复申请", ""),
    ("not_processed.confirmation", "5.要求行政机关确认或重新出具已获取信息", ""),
]
OTHER21 = [("other.no_correction", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请", "（六）其他处理"),
           ("other.fee_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", ""), ("other.other", "3.其他", "")]
OTHER19 = [("other", "（六）其他处理", None)]
STYLES = ["full", "zeros", "blank", "dash", "wide", "thousands", "mixed"]
TALK = [
    "围绕民生实事和项目建设，{a}把公开要求写进各股室的年度任务，由专人每周清点栏目。",
    "全年召开两次碰头会研究公开事项，对过期内容逐条下架，群众来电当天登记、三天内回音。",
    "对拟公开的材料一律先审后发，涉及个人住址和电话的作遮挡处理。",
    "在政务大厅摆放查询机和意见簿，收集建议并按月整理答复。"]
TODO = ["一是解读材料写得偏专业，群众不易看懂；二是镇村公开栏更换不及时。下一步将请一线人员参与撰写，并按季抽查公开栏。",
        "主要是栏目分类过细、检索不便。明年拟合并相近栏目，补上检索说明。"]


def rng(name): return random.Random(zlib.crc32(name.encode()))


def thousand(v): return f"{v:,}"


def report(name, form=None, style=None, place=None, dept=None, year=None):
    """Figures, printed cells and gold of one report."""
    r = rng(name); form = form or r.choice(["2021", "2021", "2019"]); style = style or r.choice(STYLES)
    place, county, city, province = place or r.choice(PLACES); dept = dept or r.choice(DEPTS)
    year = year or (r.choice([2019, 2020]) if form == "2019" else r.choice([2021, 2022, 2023, 2024]))
    agency = place + dept
    hi = {"wide": 90000, "thousands": 9000, "zeros": 3}.get(style, 60); some = {"zeros": .25, "full": 1, "wide": 1, "thousands": .9}.get(style, .45)
    fig = lambda h=None: r.randint(1, h or hi) if r.random() < some else 0
    keys = RESULTS + (OTHER21 if form == "2021" else OTHER19)
    v = {k: [fig() for _ in ORG] for k, _, _ in keys}
    v["total"] = [sum(v[k][c] for k, _, _ in keys) for c in range(6)]
    v["carried_forward"] = [fig(max(2, hi // 4)) for _ in ORG]
    v["carried_over"] = [min(fig(max(2, hi // 5)), v["total"][c] + v["carried_forward"][c]) for c in range(6)]
    v["new_received"] = [v["total"][c] + v["carried_forward"][c] - v["carried_over"][c] for c in range(6)]
    for k in v: v[k] = v[k] + [sum(v[k])]
    rl = {}
    for k in ("reconsideration", "litigation_direct", "litigation_after_reconsideration"):
        q = [fig(max(3, min(hi, 400))) for _ in range(4)]; rl[k] = q + [sum(q)]
    mode = {"blank": "", "dash": "—", "mixed": None}.get(style, "0")

    def put(x, strong=False):
        """What is printed for x, and what gold says of it."""
        if x == 0:
            m = mode if mode is not None else r.choice(["0", "0", "", "/", "-"])
            if strong and mode is None: m = "0"
            return m, (0 if m == "0" else None)
        return (thousand(x) if style in ("thousands",) else str(x)), x
    P, gold_pro = {}, {}

    def pro(key, x, printed=None):
        s, g = (printed, x) if printed is not None else put(x); P[key] = s; gold_pro[key] = g
    big = {"wide": 400000, "thousands": 50000}.get(style, 900)
    if form == "2021":
        for k, h in (("regulations", 3), ("normative_documents", 40)):
            a, b, c = fig(h), fig(h), fig(h * 5)
            pro(f"{k}.issued", a); pro(f"{k}.abolished", b); pro(f"{k}.in_force", c)
        for k in ("licensing", "penalty", "coercion"): pro(f"{k}.decisions", fig(big))
        fee = round(r.uniform(.1, 9000), r.choice([1, 2, 3, 4])) if r.random() < .7 else 0
        pro("fees.amount_wan_yuan", fee, None if fee == 0 else (f"{fee:,}" if style == "thousands" else f"{fee}"))
    else:
        for k, h in (("regulations", 3), ("normative_documents", 40)):
            for m in ("made", "published", "total"): pro(f"{k}.{m}", fig(h * (4 if m == "total" else 1)))
        for k in ("licensing", "other_services", "penalty", "coercion", "fees"):
            pro(f"{k}.items_last_year", fig(300)); c = r.randint(-40, 40) if r.random() < some else 0
            pro(f"{k}.change", c, None if c == 0 else (f"+{c}" if c > 0 and r.random() < .5 else str(c)))
            if k != "fees": pro(f"{k}.decisions", fig(big))
        pro("procurement.projects", fig(90)); m = round(r.uniform(1000, 9e7), r.choice([0, 2])) if r.random() < .8 else 0
        m = int(m) if m == int(m) else m
        pro("procurement.amount", m, None if m == 0 else (f"{m:,}" if style == "thousands" else f"{m}"))
    cells, gold_req = {}, {}
    for k in v:
        ps = [put(x) for x in v[k]]; cells[k] = [p for p, _ in ps]; gold_req[k] = [g for _, g in ps]
    rcells, gold_rl = {}, {}
    for k in rl:
        ps = [put(x, True) for x in rl[k]]; rcells[k] = [p for p, _ in ps]; gold_rl[k] = [g for _, g in ps]
    title = r.choice(["{a}{y}年政府信息公开工作年度报告", "{a}{y}年度政府信息公开工作年度报告", "{a}{y}年政府信息公开年度报告"]).format(a=agency, y=year)
    gold = dict(path=None, title=title, agency=agency, year=year, province_code=province, city_code=city, county_code=county, form=form,
                proactive=gold_pro, requests=gold_req, review_litigation=gold_rl, pre2019={}, notes="")
    rep = dict(name=name, form=form, style=style, place=place, agency=agency, year=year, title=title, P=P, cells=cells, rcells=rcells, keys=keys, gold=gold,
               pre=f"根据《中华人民共和国政府信息公开条例》第五十条，编制本报告。数据统计期限为{year}年1月1日至{year}年12月31日。如有疑问，请与{agency}联系（电话：0{r.randint(310, 999)}-{r.randint(2000000, 8999999)}）。",
               talk=[t.format(a=agency) for t in r.sample(TALK, 3)], todo=r.choice(TODO), date=f"{year + 1}年1月{r.randint(5, 28)}日", host=f"www.{zlib.crc32(place.encode()):x}.example.cn")
    rep["blocks"] = blocks(rep)
    return rep


def C(t, rs=1, cs=1, h=False): return (t, rs, cs, h)


def table1(q):
    P = q["P"]; T = []
    if q["form"] == "2021":
        W = 4
        T += [[C("第二十条第（一）项", 1, 4, 1)], [C(x, 1, 1, 1) for x in ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")]]
        for k, l in (("regulations", "规章"), ("normative_documents", "行政规范性文件")): T.append([C(l)] + [C(P[f"{k}.{m}"]) for m in ("issued", "abolished", "in_force")])
        for n, rows in (("五", [("licensing", "行政许可")]), ("六", [("penalty", "行政处罚"), ("coercion", "行政强制")])):
            T += [[C(f"第二十条第（{n}）项", 1, 4, 1)], [C("信息内容", 1, 1, 1), C("本年处理决定数量", 1, 3, 1)]] + [[C(l), C(P[f"{k}.decisions"], 1, 3)] for k, l in rows]
        T += [[C("第二十条第（八）项", 1, 4, 1)], [C("信息内容", 1, 1, 1), C("本年收费金额（单位：万元）", 1, 3, 1)], [C("行政事业性收费"), C(P["fees.amount_wan_yuan"], 1, 3)]]
    else:
        T += [[C("第二十条第（一）项", 1, 4, 1)], [C(x, 1, 1, 1) for x in ("信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量")]]
        for k, l in (("regulations", "规章"), ("normative_documents", "规范性文件")): T.append([C(l)] + [C(P[f"{k}.{m}"]) for m in ("made", "published", "total")])
        for n, rows in (("五", [("licensing", "行政许可"), ("other_services", "其他对外管理服务事项")]), ("六", [("penalty", "行政处罚"), ("coercion", "行政强制")])):
            T += [[C(f"第二十条第（{n}）项", 1, 4, 1)], [C(x, 1, 1, 1) for x in ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量")]]
            T += [[C(l)] + [C(P[f"{k}.{m}"]) for m in ("items_last_year", "change", "decisions")] for k, l in rows]
        T += [[C("第二十条第（八）项", 1, 4, 1)], [C("信息内容", 1, 1, 1), C("上一年项目数量", 1, 1, 1), C("本年增/减", 1, 2, 1)], [C("行政事业性收费"), C(P["fees.items_last_year"]), C(P["fees.change"], 1, 2)]]
        T += [[C("第二十条第（九）项", 1, 4, 1)], [C("信息内容", 1, 1, 1), C("采购项目数量", 1, 1, 1), C("采购总金额", 1, 2, 1)], [C("政府集中采购"), C(P["procurement.projects"]), C(P["procurement.amount"], 1, 2)]]
    return T


def table2(q):
    K = q["keys"]; c = q["cells"]; row = lambda k: [C(x) for x in c[k]]
    T = [[C("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3, 1), C("申请人情况", 1, 7, 1)],
         [C("自然人", 2, 1, 1), C("法人或其他组织", 1, 5, 1), C("总计", 2, 1, 1)], [C(x, 1, 1, 1) for x in ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")],
         [C("一、本年新收政府信息公开申请数量", 1, 3)] + row("new_received"), [C("二、上年结转政府信息公开申请数量", 1, 3)] + row("carried_over")]
    first = True
    for i, (k, l, g) in enumerate(K):
        lead = [C("三、本年度办理结果", len(K) + 1, 1)] if first else []; first = False
        if g is None: T.append(lead + [C(l, 1, 2)] + row(k))
        else:
            if g: n = 1 + next((j for j, x in enumerate(K[i + 1:]) if x[2] != ""), len(K) - i - 1); lead = lead + [C(g, n, 1)]
            T.append(lead + [C(l)] + row(k))
    T += [[C("（七）总计", 1, 2)] + row("total"), [C("四、结转下年度继续办理", 1, 3)] + row("carried_forward")]
    return T


def table3(q):
    five = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]; r = q["rcells"]
    return [[C("行政复议", 1, 5, 1), C("行政诉讼", 1, 10, 1)], [C(x, 2, 1, 1) for x in five] + [C("未经复议直接起诉", 1, 5, 1), C("复议后起诉", 1, 5, 1)],
            [C(x, 1, 1, 1) for x in five + five], [C(x) for k in ("reconsideration", "litigation_direct", "litigation_after_reconsideration") for x in r[k]]]


def blocks(q):
    p = lambda t: ("p", t); h = lambda t: ("h", t); s4 = "四、政府信息公开行政复议、行政诉讼情况"
    return [("title", q["title"]), p(q["pre"]), h("一、总体情况")] + [p(t) for t in q["talk"]] + [h("二、主动公开政府信息情况"), ("t", table1(q)), h("三、收到和处理政府信息公开申请情况"), ("t", table2(q)),
            h(s4), ("t", table3(q)), h("五、存在的主要问题及改进情况"), p(q["todo"]), h("六、其他需要报告的事项"), p("本年度未收取信息处理费。"), ("sign", q["agency"]), ("sign", q["date"])]


def esc(t): return t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def html_table(T):
    a = lambda c: (f' rowspan="{c[1]}"' if c[1] > 1 else "") + (f' colspan="{c[2]}"' if c[2] > 1 else "")
    return "<table border=\"1\" cellspacing=\"0\">\n<tbody>\n" + "\n".join("<tr>" + "".join(f"<{'th' if c[3] else 'td'}{a(c)}>{esc(c[0])}</{'th' if c[3] else 'td'}>" for c in row) + "</tr>" for row in T) + "\n</tbody>\n</table>"


def body_html(q, B=None):
    tag = {"title": "h1", "p": "p", "h": "h2", "sign": "p"}
    style = {"sign": ' style="text-align:right"'}
    return "\n".join(html_table(b) if k == "t" else f"<{tag[k]}{style.get(k, '')}>{esc(b)}</{tag[k]}>" for k, b in (B or q["blocks"]))


def html(q, page=False, css="body{font-family:WenQuanYi Zen Hei,SimSun,serif;font-size:14px}table{border-collapse:collapse;width:100%}td,th{border:1px solid #333;padding:3px;text-align:center;font-size:12px}", B=None):
    head = f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{q["title"]}</title>\n<style>{css}</style>\n</head>\n<body>\n'
    if not page: return head + body_html(q, B) + "\n</body>\n</html>\n"
    return (head + f'<div class="top"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/zwfw/">政务服务</a></li><li><a href="/hdjl/">互动交流</a></li></ul></div>\n'
            f'<div class="pos">您现在的位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="/zwgk/nb/">政府信息公开年报</a></div>\n<div id="main" class="article">\n'
            + body_html(q, B).replace("</h1>", f'</h1>\n<div class="meta"><span>发布时间：{q["year"] + 1}-01-{10 + len(q["place"])}</span> <span>来源：{q["agency"]}</span> <span>浏览次数：<b>312</b></span></div>', 1)
            + f'\n</div>\n<div class="foot"><p>主办：{q["place"]}人民政府　承办：{q["place"]}人民政府办公室</p><p>网站标识码：{q["gold"]["county_code"]}0001</p></div>\n</body>\n</html>\n')


def grid(T):
    """Spans to a grid: rows x columns and the placed cells (row, column, rowspan, colspan, text, head)."""
    used, placed, width = set(), [], 0
    for i, row in enumerate(T):
        j = 0
        for t, rs, cs, h in row:
            while (i, j) in used: j += 1
            placed.append((i, j, rs, cs, t, h)); used |= {(a, b) for a in range(i, i + rs) for b in range(j, j + cs)}; j += cs; width = max(width, j)
    return len(T), width, placed


def docx(q, path, landscape=False, B=None):
    import docx as D, datetime
    from docx.shared import Pt, Mm
    from docx.oxml.ns import qn
    d = D.Document(); st = d.styles["Normal"]; st.font.name = "WenQuanYi Zen Hei"; st.font.size = Pt(10.5); st.element.rPr.rFonts.set(qn("w:eastAsia"), "WenQuanYi Zen Hei")
    s = d.sections[0]; s.page_width, s.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297)); s.left_margin = s.right_margin = Mm(15)
    d.core_properties.created = d.core_properties.modified = datetime.datetime(q["year"] + 1, 1, 15)
    for k, b in B or q["blocks"]:
        if k == "t":
            n, w, pl = grid(b); t = d.add_table(n, w); t.style = "Table Grid"
            for i, j, rs, cs, x, h in pl:
                c = t.cell(i, j)
                if rs > 1 or cs > 1: c = c.merge(t.cell(i + rs - 1, j + cs - 1))
                c.text = x
                for p in c.paragraphs:
                    for run in p.runs: run.font.size = Pt(8)
        elif k == "title": p = d.add_paragraph(); run = p.add_run(b); run.bold = True; run.font.size = Pt(18); p.alignment = 1
        elif k == "h": p = d.add_paragraph(); p.add_run(b).bold = True
        else:
            p = d.add_paragraph(b)
            if k == "sign": p.alignment = 2
    d.save(path)


def xlsx(q, path, numbers=True, B=None):
    import openpyxl, datetime
    from openpyxl.styles import Alignment
    wb = openpyxl.Workbook(); ws = wb.active; ws.title = "年报"; i = 1
    wb.properties.created = wb.properties.modified = datetime.datetime(q["year"] + 1, 1, 15)
    for k, b in B or q["blocks"]:
        if k != "t": ws.cell(i, 1, b); ws.merge_cells(start_row=i, start_column=1, end_row=i, end_column=15); i += 1; continue
        n, w, pl = grid(b)
        for r, c, rs, cs, x, h in pl:
            y = x
            if numbers and x and x.replace(",", "").replace(".", "", 1).isdigit(): y = float(x.replace(",", "")) if "." in x else int(x.replace(",", ""))
            cell = ws.cell(i + r, c + 1, y if x != "" else None); cell.alignment = Alignment(horizontal="center", wrap_text=True)
            if isinstance(y, (int, float)) and "," in x: cell.number_format = "#,##0.####" if "." in x else "#,##0"
            if rs > 1 or cs > 1: ws.merge_cells(start_row=i + r, start_column=c + 1, end_row=i + r + rs - 1, end_column=c + cs)
        i += n
    ws.column_dimensions["A"].width = 22; ws.column_dimensions["B"].width = 14; ws.column_dimensions["C"].width = 40
    wb.save(path)
