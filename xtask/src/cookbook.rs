//! The cookbook: pages of questions in SQL, and `llms.txt`, from `docs/cookbook/questions/`. The results beside the questions are what
//! `.ci/cookbook.py --write` got from the store of `.ci/nation`; here they are only shown.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const FOLDER: &str = "docs/cookbook";
/// Lines a query should have at most, for `docs/cookbook/README.md`.
const SHORT: usize = 5;

#[derive(Deserialize)]
struct Themes {
    #[serde(rename = "theme")]
    all: Vec<Theme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    code: String,
    zh: String,
    en: String,
}

struct Question {
    slug: String,
    theme: String,
    zh: String,
    en: String,
    trap: String,
    sql: String,
    /// Head and rows.
    result: Vec<Vec<String>>,
}

impl Question {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let said = |key: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(&format!("-- {key}: ")));
            line.map(str::to_owned).with_context(|| format!("{}: no line -- {key}:", path.display()))
        };
        let lines: Vec<&str> = text.lines().filter(|l| !l.starts_with("--")).collect();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let slug =
            stem.split_once('-').map(|(_, slug)| slug.to_owned()).context("a question is NN-name.sql")?;
        let result = std::fs::read_to_string(path.with_extension("tsv"))
            .with_context(|| format!("{slug} has no result: .ci/cookbook.py STORE --write"))?;
        let result = result.lines().map(|l| l.split('\t').map(str::to_owned).collect()).collect();
        let sql = lines.join("\n").trim().to_owned();
        Ok(Self {
            slug,
            theme: said("theme")?,
            zh: said("zh")?,
            en: said("en")?,
            trap: said("trap")?,
            sql,
            result,
        })
    }

    fn section(&self, page: &mut String) {
        let Self { slug, zh, en, trap, sql, .. } = self;
        let _ = write!(
            page,
            "\n## <a id=\"{slug}\"></a>{en}\n\n**{zh}**\n\n```sql\n{sql}\n```\n\n{}\n*Mind:* {trap}\n",
            self.table()
        );
    }

    fn table(&self) -> String {
        let [head, rows @ ..] = self.result.as_slice() else { return String::new() };
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        // A column of figures stands to the right; years and codes of places are words.
        let is_figure = |at: usize| {
            let mut cells = rows.iter().filter_map(|row| row.get(at)).filter(|c| *c != "NULL").peekable();
            let word = head.get(at).is_some_and(|name| name.ends_with("year") || name.ends_with("code"));
            !word && cells.peek().is_some() && cells.all(|c| c.parse::<f64>().is_ok())
        };
        let rules = (0..head.len()).map(|at| if is_figure(at) { "|---:" } else { "|---" });
        let mut table = line(head) + &rules.collect::<String>() + "|\n";
        rows.iter().for_each(|row| table.push_str(&line(row)));
        if rows.is_empty() {
            table.push_str("\nThere is no such row in that store.\n");
        }
        table
    }
}

/// A text without its links, whose addresses hold on another page.
fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (label, behind))) =
        rest.split_once('[').and_then(|(before, more)| Some((before, more.split_once("](")?)))
    {
        out.push_str(before);
        out.push_str(label);
        rest = behind.split_once(')').map_or("", |(_, rest)| rest);
    }
    out + rest
}

fn questions(root: &Path) -> Result<(Vec<Theme>, Vec<Question>)> {
    let folder = root.join(FOLDER);
    let themes: Themes = toml::from_str(&std::fs::read_to_string(folder.join("themes.toml"))?)?;
    let mut paths: Vec<_> = std::fs::read_dir(folder.join("questions"))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "sql"));
    paths.sort();
    let questions = paths.iter().map(|p| Question::read(p)).collect::<Result<Vec<_>>>()?;
    if let Some(lost) = questions.iter().find(|q| !themes.all.iter().any(|t| t.code == q.theme)) {
        bail!("{} has the theme {}, which docs/cookbook/themes.toml does not have", lost.slug, lost.theme);
    }
    Ok((themes.all, questions))
}

/// Path below the workspace, and content.
pub(crate) fn pages(root: &Path) -> Result<BTreeMap<String, String>> {
    let (themes, questions) = questions(root)?;
    let mut pages = BTreeMap::new();
    let (mut list, mut links) = (String::new(), String::new());
    for theme in &themes {
        let Theme { code, zh, en } = theme;
        let mut page = format!(
            "# {en} ({zh})\n\nGenerated by `cargo xtask docs` from `docs/cookbook/questions/`. Results are those of the samples and a \
             generated country: places and bodies are real, all figures are invented. [All questions](README.md).\n"
        );
        let _ = write!(list, "\n## [{en}]({code}.md) ({zh})\n\n");
        for question in questions.iter().filter(|q| q.theme == *code) {
            question.section(&mut page);
            let Question { slug, zh, en, trap, .. } = question;
            let _ = writeln!(list, "- [{en}]({code}.md#{slug}) {zh}");
            let _ = writeln!(links, "- [{en}]({FOLDER}/{code}.md#{slug}): {zh} {}", unlinked(trap));
        }
        pages.insert(format!("{FOLDER}/{code}.md"), page);
    }
    let short = questions.iter().filter(|q| q.sql.lines().count() <= SHORT).count();
    let fill = |name: &str, list: &str| -> Result<String> {
        let text = std::fs::read_to_string(root.join(FOLDER).join(name))?;
        Ok(text
            .replace("{questions}", &questions.len().to_string())
            .replace("{short}", &short.to_string())
            .replace("{list}", list))
    };
    pages.insert(format!("{FOLDER}/README.md"), fill("README.template", &list)?);
    pages.insert("llms.txt".to_owned(), fill("llms.template", &links)?);
    Ok(pages)
}
