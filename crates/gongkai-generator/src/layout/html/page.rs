//! What stands around the report on a page: metadata, navigation, scripts, footer.

use super::{Writer, escape};
use crate::report::Report;
use crate::spec::{Charset, Layout};
use gongkai_registry::Registry;

impl Writer<'_> {
    pub(super) fn head(&mut self, report: &Report) {
        let (year, (month, day)) = (report.year + 1, report.day);
        let charset = match self.spec.charset {
            Charset::Utf8 => "utf-8",
            Charset::Big5 => "big5",
            Charset::Gb18030 if self.rng.u32(0..3) > 0 => "gb2312",
            _ => "",
        };
        self.put("<!DOCTYPE html>\n<html>\n<head>\n");
        if !charset.is_empty() {
            self.put(&format!(
                "<meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\">\n"
            ));
        }
        let title = escape(&report.title);
        self.put(&format!("<title>{title}</title>\n"));
        if self.rng.bool() {
            let (agency, code) = (escape(&report.agency), report.county.code.clone());
            self.put(&format!("<meta name=\"SiteIDCode\" content=\"{code}0001\">\n"));
            self.put(&format!("<meta name=\"ArticleTitle\" content=\"{title}\">\n"));
            self.put(&format!("<meta name=\"PubDate\" content=\"{year}-{month:02}-{day:02} 09:30\">\n"));
            self.put(&format!("<meta name=\"ContentSource\" content=\"{agency}\">\n"));
        }
        self.put("<script>var total = 12; if (total < 15) { document.title = \"<table><tr><td>9</td></tr></table>\"; }</script>\n");
        self.put("<style>td { padding: 3px; } .dn { display: none; }</style>\n</head>\n<body>\n<ul class=\"nav\">\n");
        for link in ["首页", "政务公开", "依申请公开", "行政许可", "行政处罚", "政府信息公开年报"]
        {
            self.put(&format!("<li><a href=\"#\">{link}</a></li>\n"));
        }
        self.put("</ul>\n");
        if self.spec.layout == Layout::HtmlNested {
            self.put("<table width=\"1000\"><tr><td valign=\"top\">栏目导航</td><td>\n");
        }
        let views = self.rng.u32(3..2000);
        self.put("<div class=\"article\">\n");
        self.put(&format!(
            "<div class=\"info\">发布日期：{year}-{month:02}-{day:02} 浏览量：{views} 字号：大 中 小</div>\n"
        ));
    }

    pub(super) fn foot(&mut self, report: &Report) {
        let code = &report.county.code;
        let letter = Registry::embedded()
            .gazetteer
            .region(code)
            .and_then(|r| r.letters.first().copied())
            .unwrap_or('京');
        let number = self.rng.u32(10_000_000..20_000_000);
        self.put("</div>\n");
        if self.spec.layout == Layout::HtmlNested {
            self.put("</td></tr></table>\n");
        }
        let host = escape(report.county.name.as_str());
        self.put(&format!("<div class=\"footer\"><p>主办单位：{host}人民政府办公室</p>\n"));
        self.put(&format!("<p>{letter}ICP备{number}号 网站标识码：{code}0001</p></div>\n"));
        self.put("<script>count(1);</script>\n</body>\n</html>\n");
    }
}
