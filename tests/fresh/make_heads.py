#!/usr/bin/env python3
"""make_heads.py OUT DIVISIONS.tsv: the heads of heads_src.py over invented bodies (docs.jsonl) with their gold (heads.jsonl).

The codes of the gold are looked up by name and year in the table of divisions, so that a mistyped place stops the script.
Traditional script by OpenCC; needs opencc-python-reimplemented.
"""
import json, re, sys
from pathlib import Path
import heads_src, reports as R

PIN = dict(zip("務開關報對據發縣區現統計進機經編製時間張標題號與從",
               "wù kāi guān bào duì jù fā xiàn qū xiàn tǒng jì jìn jī jīng biān zhì shí jiān zhāng biāo tí hào yǔ cóng".split()))
DIFF = {"title", "body", "url", "ambiguous"}


def divisions(path):
    D = {}
    for l in open(path, encoding="utf8").read().splitlines()[1:]:
        c, n, lv, p, f, t = l.split("\t"); D.setdefault(n, []).append((c, lv, p, int(f), int(t or 9999)))
    return D


def codes(D, place, year):
    if place == "中央": return "000000", None, None
    out = dict(province=None, prefecture=None, county=None); parent = ""
    for i, n in enumerate(x for x in place.split("/") if x):
        hit = [d for d in D.get(n, []) if d[3] <= year <= d[4] and (i == 0 and d[1] == "province" or d[2] == parent and i > 0)]
        if len(hit) != 1: raise SystemExit(f"{place} {year}: {n} {hit or D.get(n)}")
        parent = hit[0][0]; out[hit[0][1]] = parent
    return out["province"], out["prefecture"], out["county"]


def pipe(T):
    g = lambda row: " | ".join(c[0] for c in row) + " |" + "|" * sum(c[2] - 1 for c in row)
    return "\n".join(g(r) for r in T)


OLD = [
    "一、概述\n我们把公开当作日常工作,由一位负责人牵头,两名人员办理,栏目每周更新。\n二、主动公开政府信息的情况\n全年在网站公布信息 {a} 条,其中业务类 {b} 条。\n三、依申请公开政府信息办理情况\n收到申请 {c} 件,全部答复。\n四、行政复议、行政诉讼情况\n没有因公开引起的复议和诉讼。\n五、存在的不足和改进措施\n公开不够及时,下一年加强督促。",
    "一、主动公开政府信息情况\n共公开 {a} 条,通过公报、网站、公告栏三种途径。\n二、依申请公开政府信息情况\n没有收到申请。\n三、收费及减免情况\n没有收费。\n四、存在问题\n人手不足。",
    "一、基本情况\n成立了工作小组,制订了审核办法。\n二、主动公开情况\n{a} 条。\n三、申请与复议\n申请 {c} 件,复议 0 件,诉讼 0 件。\n四、主要问题和下步打算\n加强学习。"]


def body(name, year):
    r = R.rng(name)
    if year < 2019: return r.choice(OLD).format(a=r.randint(40, 900), b=r.randint(5, 39), c=r.randint(0, 4))
    q = R.report(name, form="2021" if year >= 2021 else "2019", style="zeros"); out = []
    for k, b in q["blocks"][2:]:
        if k == "t": out.append(pipe(b))
        elif k == "h": out.append(b)
        elif k == "p": out.append(re.sub(re.escape(q["agency"]), "本单位", b) if "民生" in b or "全年" in b else "各项工作按计划推进,材料先审后发。")
    return "\n".join(out)


def pinyin(t, r): return "".join(c + (f"({PIN[c]})" if c in PIN and r.random() < .5 else "") for c in t)


def main():
    from opencc import OpenCC
    s2t, s2tw = OpenCC("s2t").convert, lambda t: OpenCC("s2t").convert(t.replace("信息", "資訊").replace("公布", "公佈"))
    out = Path(sys.argv[1]); D = divisions(sys.argv[2]); docs, heads = [], []; seen = set()
    for i, e in enumerate(heads_src.POS):
        assert e["d"] in DIFF; url = e["url"].replace(".html", f"{i}.html") if e["url"] in seen else e["url"]; seen.add(url); r = R.rng(url)
        p, c, k = codes(D, e["place"], e["year"]) if e["place"] else (None, None, None)
        h, t, b = e["head"], e["tail"], body(url, e["year"]); tr = {"s": lambda x: x, "t": s2t, "h": s2t, "w": s2tw, "p": s2t}[e["s"]]
        h, t = tr(h), t and tr(t); b = b if e["s"] == "h" else tr(b)
        if e["s"] == "p": h = pinyin(h, r); b = pinyin(b, r) if i % 2 else b
        docs.append(dict(url=url, text=h + "\n" + b + ("\n" + t if t else "")))
        host = url.split("/")[2]
        heads.append(dict(url=url, head=h, tail=t, is_annual_report=True, agency=e["agency"], year=e["year"], province_code=p, city_code=c, county_code=k,
                          host_trust="gov" if re.search(r"\.gov\.cn(:|$)", host) else "mirror", script={"s": "simplified"}.get(e["s"], "traditional"), difficulty=e["d"], why=e["why"]))
    for e in heads_src.NEG:
        t = s2t(e["text"]) if e["s"] == "t" else e["text"]; docs.append(dict(url=e["url"], text=t))
        heads.append(dict(url=e["url"], head=t[:120], tail=None, is_annual_report=False, agency=None, year=None, province_code=None, city_code=None, county_code=None, host_trust="gov", script="simplified", difficulty="title", why=e["why"]))
    out.mkdir(parents=True, exist_ok=True)
    assert len({d["url"] for d in docs}) == len(docs)
    for n, rows in (("docs", docs), ("heads", heads)): (out / f"{n}.jsonl").write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in rows), encoding="utf8")
    print(len(heads_src.POS), "reports", len(heads_src.NEG), "others")


if __name__ == "__main__": main()
