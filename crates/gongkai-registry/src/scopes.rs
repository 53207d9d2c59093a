//! For whom a report or a table counts, and in which words documents say so: `data/forms/scopes.toml`.

use crate::source::Source;
use crate::words::WordList;
use anyhow::{Result, bail};
use gongkai_model::Scope;
use serde::Deserialize;
use std::borrow::Cow;

/// Words about scopes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// Words that name a part of a year, whose figures are not the year's.
    pub parts: WordList,
    /// Words with which a caption begins that names another time than the report's.
    pub other_times: Vec<String>,
    /// Words that may follow them.
    pub of_figures: Vec<String>,
    /// Words that say that figures are the year's after all.
    pub whole_year: Vec<String>,
    /// Words of captions above figures that nobody counted.
    pub specimens: Vec<String>,
    /// What stands before the day until which figures are counted.
    pub until: Vec<String>,
    /// Words that count from some time on.
    pub since: Vec<String>,
    /// What stands before the name of the body whose figures a table has.
    pub body_labels: Vec<String>,
    /// What stands behind the name of a body with which a caption begins.
    pub behind_bodies: Vec<String>,
    /// How names of bodies end.
    pub bodies: Vec<String>,
    /// Words with which a note below a table begins.
    pub notes: Vec<String>,
    /// Words by which a line compares, and is no caption.
    pub comparing: WordList,
    /// Words that look like words about scopes and are none.
    apart: WordList,
    /// Words by which a clause speaks of what others ask for.
    asking: WordList,
    /// The scopes.
    #[serde(rename = "scope")]
    pub all: Vec<ScopeSpec>,
}

/// One scope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSpec {
    /// Code, as in the column `scope`.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Words that say so in a title or a caption.
    pub words: WordList,
    /// Words that say so in a title.
    pub titles: WordList,
    /// Words that tell two tables apart, and say nothing of one alone.
    pub pairs: WordList,
    /// Clauses that say so at the beginning of a report.
    #[serde(rename = "clause", default)]
    pub clauses: Vec<Clause>,
}

/// What a clause says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// It has one word of each group.
    pub has: Vec<WordList>,
    /// And none of these.
    #[serde(default)]
    pub without: WordList,
}

impl ScopeSpec {
    /// The scope.
    pub fn scope(&self) -> Scope {
        Scope::from_code(&self.code)
    }

    /// Whether a text has a word by which two tables are told apart.
    fn tells(&self, text: &str) -> bool {
        self.words.is_in(text) || self.titles.is_in(text) || self.pairs.is_in(text)
    }
}

impl Scopes {
    /// Position of the one scope that a title or caption has words of, those included that only tell two tables apart.
    pub fn named(&self, text: &str) -> Option<usize> {
        self.one(text, ScopeSpec::tells)
    }

    /// Whether a caption names a body of the same kind as a title does, and not that one: 填报单位：教育局 below the title of a
    /// 民政局. A name may be cut short (人社局 for 人力资源和社会保障局).
    pub fn names_other_body(&self, caption: &str, title: &str) -> bool {
        let is_mark = |c: char| !c.is_alphanumeric();
        let bare = caption.trim_matches(is_mark);
        let labelled =
            self.body_labels.iter().find_map(|l| bare.strip_prefix(l.as_str())?.strip_prefix(['：', ':']));
        let ends = |name: &str| self.bodies.iter().find(|b| name.ends_with(b.as_str()));
        let before = || {
            let cut =
                self.behind_bodies.iter().filter_map(|w| bare.split_once(w.as_str())).map(|(name, _)| name);
            cut.chain([bare]).min_by_key(|name| name.len())
        };
        let until_mark = |name: &str| {
            name.trim_start_matches(is_mark).split(is_mark).next().unwrap_or_default().to_owned()
        };
        let Some(name) = labelled.or_else(before).map(until_mark) else { return false };
        let own: Vec<char> = name.chars().rev().take(3).collect();
        let mut rest = own.iter().rev().peekable();
        title.chars().for_each(|c| {
            rest.next_if(|wanted| **wanted == c);
        });
        let is_named = rest.peek().is_none();
        own.len() == 3 && !is_named && ends(&name).is_some_and(|ending| title.contains(ending.as_str()))
    }

    /// Scope that a title says.
    pub fn of_title(&self, text: &str) -> Scope {
        self.scope(self.one(text, |s, text| s.words.is_in(text) || s.titles.is_in(text)))
    }

    /// Scope that a caption says, whatever other captions there are.
    pub fn of_caption(&self, text: &str) -> Scope {
        self.scope(self.one(text, |s, text| s.words.is_in(text)))
    }

    /// Scope that a sentence at the beginning of a report says.
    pub fn of_sentence(&self, sentence: &str) -> Scope {
        let mut found = None;
        for clause in sentence.split(['，', ',', '；', ';', '。']).filter(|c| !self.asking.is_in(c)) {
            let says = |c: &Clause| c.has.iter().all(|group| group.is_in(clause)) && !c.without.is_in(clause);
            let scope = self.one(clause, |s, _| s.clauses.iter().any(says));
            match (found, scope) {
                (Some(a), Some(b)) if a != b => return Scope::Unknown,
                _ => found = found.or(scope),
            }
        }
        self.scope(found)
    }

    /// The scope at a position.
    pub fn scope(&self, at: Option<usize>) -> Scope {
        at.and_then(|at| self.all.get(at)).map_or(Scope::Unknown, ScopeSpec::scope)
    }

    /// Position of a scope.
    pub fn position(&self, scope: Scope) -> Option<usize> {
        self.all.iter().position(|s| s.scope() == scope)
    }

    /// The one scope that a text speaks of; a text that speaks of two speaks of neither.
    fn one(&self, text: &str, speaks: impl Fn(&ScopeSpec, &str) -> bool) -> Option<usize> {
        let mut text = Cow::Borrowed(text);
        if self.apart.is_in(&text) {
            self.apart.iter().for_each(|word| text = Cow::Owned(text.replace(word.as_str(), " ")));
        }
        let mut found = self.all.iter().enumerate().filter(|(_, s)| speaks(s, &text)).map(|(at, _)| at);
        found.next().filter(|_| found.next().is_none())
    }
}

pub(crate) fn load(source: &Source) -> Result<Scopes> {
    let scopes: Scopes = source.toml("forms/scopes.toml")?;
    if let Some(spec) = scopes.all.iter().find(|s| s.scope() == Scope::Unknown) {
        bail!("data/forms/scopes.toml: there is no scope {}", spec.code);
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use crate::Registry;
    use gongkai_model::Scope::{self, Own, Unknown, Whole};

    fn check(of: impl Fn(&str) -> Scope, cases: &[(&str, Scope)]) {
        for (text, scope) in cases {
            assert_eq!(of(text), *scope, "{text}");
        }
    }

    #[test]
    fn captions_name_another_body() {
        let scopes = &Registry::embedded().scopes;
        let is = |caption: &str, title: &str| scopes.names_other_body(caption, title);
        for caption in [
            "填报单位：江口县教育局",
            "单位: 教育局",
            "江口县教育局：",
            "县教育局收到和处理申请情况",
            "教育局",
        ] {
            assert!(is(caption, "铜仁市江口县民政局"), "{caption}");
        }
        let own = [
            ("填报单位：县人社局", "江口县人力资源和社会保障局"),
            ("填报单位：民政局（盖章）", "江口县民政局"),
        ];
        let others = [
            ("填报单位：县政务服务局", "江口县人民政府"),
            ("单位：件", "江口县民政局"),
            ("收到和处理情况", "江口县民政局"),
        ];
        for (caption, title) in own.into_iter().chain(others) {
            assert!(!is(caption, title), "{caption}");
        }
    }

    #[test]
    fn titles_say_for_whom_a_report_counts() {
        let scopes = &Registry::embedded().scopes;
        let cases = [
            ("某县2021年政府信息公开工作年度报告（汇总）", Whole),
            ("某市2022年政府信息公开工作年度报告（各县区综合）", Whole),
            ("2020年全县政府信息公开工作年度报告", Whole),
            ("某市民政局（本级）2021年政府信息公开工作年度报告", Own),
            ("某县2021年政府信息公开工作年度报告", Unknown),
            // A county of this name, and safety.
            ("全州县人民政府2021年政府信息公开工作年度报告", Unknown),
            ("食品安全市场监管局2021年政府信息公开工作年度报告", Unknown),
            ("某市（本级）及各县区2021年政府信息公开工作年度报告（汇总）", Unknown),
        ];
        check(|t| scopes.of_title(t), &cases);
    }

    #[test]
    fn captions_say_it_in_fewer_words() {
        let scopes = &Registry::embedded().scopes;
        let cases = [
            ("表二（全县）", Whole),
            ("县本级", Own),
            ("依申请公开情况汇总表", Unknown),
            ("本单位申请情况", Unknown),
        ];
        check(|t| scopes.of_caption(t), &cases);
        assert!(scopes.named("依申请公开情况汇总表").is_some() && scopes.named("本单位申请情况").is_some());
    }

    #[test]
    fn sentences_say_it_in_a_clause() {
        let scopes = &Registry::embedded().scopes;
        let cases = [
            ("本报告由县政府办公室根据各乡镇、县直各部门的年度报告汇总编制", Whole),
            ("按照有关规定，汇总全镇信息公开情况编制本年度报告", Whole),
            ("本报告涵盖局机关及所属单位", Whole),
            ("本报告不包括各乡镇，所列数据为县本级数据", Own),
            ("本报告所列数据不包含所属单位", Own),
            // What others ask for is not what the report is.
            ("根据《关于做好各乡镇年度报告汇总工作的通知》要求，编制本报告", Unknown),
            ("本年度，全市共公开信息100条", Unknown),
            ("根据市政府关于各部门年报汇总工作的要求，现公布本报告", Unknown),
        ];
        check(|t| scopes.of_sentence(t), &cases);
    }
}
