"""What looks like the annual report of a year and is none, in the same dress: every one has is_annual_report false."""
import json, re
import reports as R

NEG = {}


def neg(name, ext="html"):
    def deco(f): NEG[name] = (ext, f); return f
    return deco


def swap(q, a, b):
    """The report with another title and other words, figures and all."""
    def t(x): return re.sub(a, b, x) if isinstance(x, str) else x
    return dict(q, title=t(q["title"]), blocks=[(k, t(x)) if k != "t" else (k, x) for k, x in q["blocks"]])


Y = r"(\d{4})年度?政府信息公开(?:工作)?年度报告"


def part(q, words, period): return swap(swap(q, Y, rf"\1年{words}政府信息公开工作情况报告"), r"数据统计期限为(\d{4})年1月1日至\d{4}年12月31日", period)


def page(q): return R.html(q, page=True)


@neg("neg-half-year")
def _(q): return page(part(q, "上半年", r"数据统计期限为\1年1月1日至\1年6月30日"))


@neg("neg-third-quarter")
def _(q): return page(part(q, "第三季度", r"数据统计期限为\1年7月1日至\1年9月30日"))


@neg("neg-nine-months", "docx")
def _(q): return part(q, "1—9月", r"数据统计期限为\1年1月1日至\1年9月30日")


@neg("neg-half-year-period-only")
def _(q): return page(swap(swap(q, r"\d{4}年度?政府信息公开(?:工作)?年度报告", "政府信息公开工作情况报告"), r"数据统计期限为(\d{4})年1月1日至\d{4}年12月31日", r"数据统计期限为\1年1月1日至\1年6月30日"))


@neg("neg-monthly-sheet", "xlsx")
def _(q): return dict(q, blocks=[("title", f"{q['agency']}{q['year']}年11月政府信息公开情况统计表")] + [b for b in q["blocks"] if b[0] == "t"])


def blanked(q): return [(k, [[(("" if re.fullmatch(r"[-+\d.,/—]*", t) else t), a, b, h) for t, a, b, h in r] for r in x]) if k == "t" else (k, x) for k, x in q["blocks"]]


@neg("neg-blank-form", "docx")
def _(q): return dict(q, blocks=[("title", "××（单位名称）××年政府信息公开工作年度报告"), ("p", "（本报告由各单位按照统一格式填写后于1月31日前报送）")] + [b for b in blanked(q)[2:] if b[0] in ("h", "t")])


@neg("neg-blank-form-sheet", "xlsx")
def _(q): return dict(q, blocks=[("title", "政府信息公开工作年度报告统计表（空表）"), ("p", "填报单位（盖章）：            填报日期：    年  月  日")] + [b for b in blanked(q) if b[0] == "t"])


@neg("neg-reading-aid")
def _(q): return page(dict(q, blocks=[("title", f"【图解】一图读懂{q['title']}"), ("p", f"近日，{q['agency']}发布了{q['title']}。为便于群众了解，现将报告主要内容解读如下。"), ("p", f"一、去年收到多少件申请？全年新收{q['gold']['requests']['new_received'][6]}件，其中自然人占大多数。"), ("p", "二、主要问题是什么？解读材料写得偏专业，下一步将改进。"), ("p", "三、如何查看报告全文？请登录门户网站政府信息公开年报栏目。")], title=f"【图解】一图读懂{q['title']}"))


@neg("neg-reading-aid-table")
def _(q): return page(dict(q, blocks=[("title", f"《{q['title']}》解读"), ("p", f"{q['title']}已经公布，现就报告中的申请办理数据作如下说明：")] + [b for b in q["blocks"] if b[0] == "t"][1:2] + [("p", "从上表可以看出，申请人以自然人为主。")], title=f"《{q['title']}》解读"))


@neg("neg-two-years")
def _(q):
    v = q["gold"]["requests"]; a = lambda k: (v[k][6] or 0)
    T = [[R.C("项目", 1, 1, 1), R.C(f"{q['year']}年", 1, 1, 1), R.C(f"{q['year'] - 1}年", 1, 1, 1), R.C("增减", 1, 1, 1)]] + [[R.C(l), R.C(str(a(k))), R.C(str(a(k) + 3)), R.C("-3")] for k, l in (("new_received", "本年新收政府信息公开申请数量"), ("granted", "予以公开"), ("partially_granted", "部分公开"), ("total", "总计"), ("carried_forward", "结转下年度继续办理"))]
    t = f"{q['agency']}{q['year'] - 1}年和{q['year']}年政府信息公开工作主要数据对比"; return page(dict(q, title=t, blocks=[("title", t), ("p", "为掌握变化趋势，现将两年的数据对照如下。"), ("t", T)]))


@neg("neg-specimen", "docx")
def _(q): return dict(q, blocks=[("title", "政府信息公开工作年度报告（样表）"), ("p", "填写示例：表中数字仅为演示勾稽关系之用，不代表任何单位的实际情况。")] + [b for b in q["blocks"] if b[0] in ("h", "t")])


@neg("neg-format-notice")
def _(q): return page(dict(q, title=f"关于报送{q['year']}年政府信息公开工作年度报告的通知", blocks=[("title", f"{q['place']}人民政府办公室关于报送{q['year']}年政府信息公开工作年度报告的通知"), ("p", "各乡镇人民政府，县直各单位："), ("p", "按照条例规定，请各单位于1月20日前报送年度报告，报告格式见附件，表内数据须符合勾稽关系。"), ("h", "附件：政府信息公开工作年度报告格式")] + [b for b in blanked(q) if b[0] in ("h", "t")] + [("sign", f"{q['place']}人民政府办公室"), ("sign", q["date"])]))


@neg("neg-list-page")
def _(q):
    items = "".join(f'<li><a href="/nb/{i}.html">{q["place"]}{d}{q["year"]}年政府信息公开工作年度报告</a><span>{q["year"] + 1}-01-{10 + i}</span></li>' for i, d in enumerate(R.DEPTS[:12]))
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>政府信息公开年报_{q["place"]}人民政府</title></head><body><div>当前位置：<a href="/">首页</a> &gt; 政府信息公开年报</div><ul>{items}</ul><div>共 3 页 1 2 3 下一页</div></body></html>'


@neg("neg-plan")
def _(q): return page(dict(q, title=f"{q['agency']}{q['year']}年政府信息公开工作计划", blocks=[("title", f"{q['agency']}{q['year']}年政府信息公开工作计划"), ("p", "为做好本年度公开工作，制定本计划。"), ("h", "一、工作目标"), ("p", "全年主动公开信息不少于200条，依申请公开按时答复率100%。"), ("h", "二、主动公开政府信息"), ("p", "每月更新栏目，规范性文件自制发之日起20日内公开。"), ("h", "三、政府信息公开年度报告"), ("p", "明年1月31日前公布年度报告。")]))


@neg("neg-guide")
def _(q): return page(dict(q, title=f"{q['agency']}政府信息公开指南", blocks=[("title", f"{q['agency']}政府信息公开指南（{q['year']}年版）"), ("p", "为方便公民、法人和其他组织获取政府信息，编制本指南。"), ("h", "一、主动公开"), ("p", "公开范围见目录；政府信息公开年报在门户网站公布。"), ("h", "二、依申请公开"), ("p", "申请人可当面、邮寄或者网上提交申请表，本机关自收到之日起20个工作日内答复。"), ("h", "三、监督和救济"), ("p", "认为本机关不依法履行义务的，可以申请行政复议或者提起行政诉讼。")]))


@neg("neg-news")
def _(q): return page(dict(q, title=f"我县召开{q['year']}年政府信息公开工作年度报告编制培训会", blocks=[("title", f"{q['place']}召开{q['year']}年政府信息公开工作年度报告编制培训会"), ("p", f"日前，{q['place']}举办年度报告编制培训会，各乡镇和县直部门六十余人参加。会上逐项讲解了主动公开、依申请公开、行政复议和行政诉讼三张表的填报口径。"), ("p", "会议要求，各单位要在1月31日前完成公布。")]))


def make(out, only):
    for name, (ext, f) in NEG.items():
        if only and name not in only: continue
        q = R.report(name, style="full", form="2021"); x = f(q)
        if ext == "html": (out / f"{name}.html").write_text(x, encoding="utf8")
        elif ext == "docx": R.docx(x, out / f"{name}.docx")
        else: R.xlsx(x, out / f"{name}.xlsx")
        (out / f"{name}.gold.json").write_text(json.dumps(dict(path=f"{name}.{ext}", is_annual_report=False, notes=(f.__doc__ or "looks like an annual report of the year and is none: " + name[4:])), ensure_ascii=False), encoding="utf8")
