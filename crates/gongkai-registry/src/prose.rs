//! How reports give counts in sentences: words and phrases, in `data/forms/prose.toml` for the forms in use and in
//! `data/forms/pre2019/reading/prose.toml` for the years before.

use crate::forms::{Form, FormTable};
use crate::source::Source;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How counts are given in sentences; see the files for what each list is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Prose {
    #[serde(default)]
    pub anchors: Vec<String>,
    pub prefixes: Vec<String>,
    pub own_prefixes: Vec<String>,
    pub whole_prefixes: Vec<String>,
    pub whole_titles: Vec<String>,
    pub joints: Vec<String>,
    #[serde(default)]
    pub tails: Vec<String>,
    pub within: Vec<String>,
    pub units: Vec<String>,
    pub money: Vec<String>,
    pub this_year: Vec<String>,
    pub cumulative: Vec<String>,
    #[serde(default)]
    pub comparisons: Vec<String>,
    #[serde(default)]
    pub includes: Vec<String>,
    #[serde(default)]
    pub foreign: Vec<String>,
    pub none: Vec<String>,
    /// Lists of words that phrases name in braces.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    #[serde(rename = "count")]
    pub counts: Vec<Count>,
}

/// The phrases for one thing that is counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What is counted: of the years before 2019 the code of the indicator.
    #[serde(alias = "indicator")]
    pub code: Arc<str>,
    /// Sections in which the phrases mean it; all when empty.
    #[serde(default)]
    pub sections: Vec<String>,
    /// What it is a part of.
    #[serde(default)]
    pub of: Vec<Arc<str>>,
    /// Whether it counts only as a part of another count, named before in the same sentence, or in its sections.
    #[serde(default)]
    pub within: bool,
    /// Whether it is an amount of money.
    #[serde(default)]
    pub money: bool,
    /// Units, where fewer are meant than in other counts.
    #[serde(default)]
    pub units: Vec<String>,
    /// Whether it counts what there is, so that words such as 截至年底 say nothing against it.
    #[serde(default)]
    pub stock: bool,
    /// Whether it is recognised only to tell what its neighbours are.
    #[serde(default)]
    pub helper: bool,
    /// Phrases around the number `{n}`; before it where they do not say where it stands.
    pub phrases: Vec<String>,
    /// What there was none of.
    #[serde(default)]
    pub nouns: Vec<String>,
    /// The cells whose sum is the same count. Of several the first whose codes the form has.
    #[serde(rename = "target", default)]
    pub targets: Vec<Target>,
}

/// Cells of a statutory table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Table.
    pub table: String,
    /// Items, or groups for all of their items.
    pub items: Vec<String>,
    /// Columns.
    pub columns: Vec<String>,
}

impl Target {
    /// The table of a form and the positions of the items and columns in it, where it has them all.
    pub fn of<'f>(&self, form: &'f Form) -> Option<(&'f FormTable, Vec<usize>, Vec<usize>)> {
        let table = form.table(&self.table)?;
        let mut items = Vec::new();
        for code in &self.items {
            let own = |i: &crate::forms::Item| *i.code == **code || i.group.as_deref() == Some(code);
            let before = items.len();
            items.extend(table.items.iter().enumerate().filter(|(_, i)| own(i)).map(|(at, _)| at));
            if items.len() == before {
                return None;
            }
        }
        let columns: Option<Vec<usize>> = self.columns.iter().map(|c| table.column(c)).collect();
        Some((table, items, columns?))
    }
}

/// Most texts that one phrase may stand for.
const MOST_TEXTS: usize = 4_000;

/// A piece of a phrase.
enum Piece<'p> {
    /// Printed as it is; `{n}` is such a piece.
    Text(&'p str),
    /// One of these words.
    Words(&'p [String]),
}

impl Prose {
    /// All texts that a phrase stands for: each list it names in braces, `{n}` aside, word by word.
    ///
    /// # Errors
    /// A list that there is none of; too many texts.
    pub fn texts(&self, phrase: &str) -> Result<Vec<String>> {
        let pieces = self.pieces(phrase)?;
        let mut texts = vec![String::new()];
        for piece in pieces {
            match piece {
                Piece::Text(text) => texts.iter_mut().for_each(|t| t.push_str(text)),
                Piece::Words(words) => {
                    let with = |t: &String, w: &String| [t.as_str(), w.as_str()].concat();
                    texts = texts.iter().flat_map(|t| words.iter().map(move |w| with(t, w))).collect();
                }
            }
        }
        Ok(texts)
    }

    /// The pieces of a phrase, if they stand for no more texts than is sensible.
    fn pieces<'p>(&'p self, phrase: &'p str) -> Result<Vec<Piece<'p>>> {
        let (mut pieces, mut size) = (Vec::new(), 1_usize);
        let mut rest = phrase;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) =
                behind.split_once('}').with_context(|| format!("{phrase}: no closing brace"))?;
            pieces.push(Piece::Text(before));
            if name == "n" {
                pieces.push(Piece::Text("{n}"));
            } else {
                let words =
                    self.words.get(name).with_context(|| format!("{phrase}: no list of words {name}"))?;
                size = size.saturating_mul(words.len());
                pieces.push(Piece::Words(words));
            }
            rest = after;
        }
        pieces.push(Piece::Text(rest));
        if size > MOST_TEXTS {
            bail!("{phrase} stands for more than {MOST_TEXTS} texts");
        }
        Ok(pieces)
    }

    /// The first cells of a form that a count can be compared with.
    pub fn target<'f>(&self, code: &str, form: &'f Form) -> Option<(&'f FormTable, Vec<usize>, Vec<usize>)> {
        let count = self.counts.iter().find(|c| *c.code == *code && !c.targets.is_empty())?;
        count.targets.iter().find_map(|t| t.of(form))
    }
}

/// The sentences of reports in the forms in use.
pub(crate) fn load(source: &Source, forms: &[Form]) -> Result<Prose> {
    const FILE: &str = "forms/prose.toml";
    let prose: Prose = source.toml(FILE)?;
    for count in &prose.counts {
        let place = || format!("data/{FILE}, count {}", count.code);
        for phrase in count.phrases.iter().chain(&count.nouns) {
            prose.pieces(phrase).with_context(place)?;
        }
        if let Some(of) = count.of.iter().find(|of| !prose.counts.iter().any(|c| c.code == **of)) {
            bail!("{}: is part of unknown {of}", place());
        }
        if let Some(target) = count.targets.iter().find(|t| !forms.iter().any(|f| t.of(f).is_some())) {
            bail!("{}: no form has the cells {target:?}", place());
        }
    }
    Ok(prose)
}

#[cfg(test)]
mod tests {
    use crate::Registry;

    #[test]
    fn phrases_stand_for_texts() {
        let mut prose = Registry::embedded().prose.clone();
        prose.words = [("a", vec!["x", ""]), ("b", vec!["1", "2"])]
            .map(|(k, v)| (k.to_owned(), v.into_iter().map(str::to_owned).collect()))
            .into();
        assert_eq!(prose.texts("{a}-{n}{b}").unwrap(), ["x-{n}1", "x-{n}2", "-{n}1", "-{n}2"]);
        assert!(prose.texts("{c}").is_err() && prose.texts("{a").is_err());
    }

    #[test]
    fn counts_lead_to_cells_of_both_forms() {
        let registry = Registry::embedded();
        let cells = |code: &str, form: &str| {
            let (_, items, columns) = registry.prose.target(code, registry.form(form).unwrap()).unwrap();
            items.len() * columns.len()
        };
        // Counted on the printed forms: eight reasons to refuse; one line of other handling in 2019, three in 2021.
        assert_eq!([cells("refused", "2019"), cells("refused", "2021")], [8, 8]);
        assert_eq!([cells("other_handled", "2019"), cells("other_handled", "2021")], [1, 3]);
        assert_eq!([cells("normative.issued", "2019"), cells("normative.issued", "2021")], [1, 1]);
        assert!(registry.prose.target("fees", registry.form("2019").unwrap()).is_none());
    }
}
