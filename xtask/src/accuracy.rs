//! How well the parser reads documents of which it is known what they print: generated reports in every layout with
//! every damage. `cargo xtask accuracy [COUNT [SEED]] [legacy|documents]` prints the table, `--write` puts it into `tests/README.md`.

use anyhow::{Context, Result, bail};
use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{
    Certainty, Medium, Printed, Spec, legacy_specs, paper_specs, print, print_as, specs,
};
use gongkai_model::Number;
use gongkai_parse::Parser;
use gongkai_registry::Registry;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Cells compared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    documents: u64,
    /// Certainly printed, and read so.
    right: u64,
    /// Certainly printed, and NULL.
    null: u64,
    /// Another number than the printed one.
    wrong: u64,
    /// A number where none is printed.
    invented: u64,
    /// Printed, but not for certain; NULL.
    open_null: u64,
    /// Printed, but not for certain; read as printed.
    open_read: u64,
    /// One example a document of something wrong.
    bad: Vec<String>,
    /// One example a document of something not read.
    unread: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.right += other.right;
        self.null += other.null;
        self.wrong += other.wrong;
        self.invented += other.invented;
        self.open_null += other.open_null;
        self.open_read += other.open_read;
        /// More examples than this nobody reads.
        const SHOWN: usize = 1_000;
        let room = |v: &Vec<String>| SHOWN.saturating_sub(v.len());
        self.bad.extend(other.bad.iter().take(room(&self.bad)).cloned());
        self.unread.extend(other.unread.iter().take(room(&self.unread)).cloned());
    }

    /// Share of the certainly printed cells that was read.
    fn share(&self) -> f64 {
        let certain = self.right + self.null + self.wrong;
        if certain == 0 { 1.0 } else { self.right as f64 / certain as f64 }
    }

    fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {} | {} | {} | {:.3} % | {} | {} |\n",
            self.documents,
            self.right,
            self.null,
            self.wrong,
            self.invented,
            100.0 * self.share(),
            self.open_read,
            self.open_null
        )
    }
}

/// Reads one document and compares.
fn compare(parser: &Parser<'_>, spec: &Spec, printed: &Printed) -> Tally {
    let hints = Hints { charset: None, path: &printed.name };
    let parsed = extract(&printed.bytes, &hints, &Limits::default()).map(|d| parser.parse(&d));
    let read = |table: &str, item: &str, column: &str| -> Option<Number> {
        let cells = &parsed.as_ref().ok()?.cells;
        cells.iter().find(|c| *c.table == *table && *c.item == *item && *c.column == *column)?.value
    };
    let mut tally = Tally { documents: 1, ..Tally::default() };
    for cell in &printed.truth.cells {
        let value = read(&cell.table, &cell.item, &cell.column);
        let place = || format!("{}.{}.{}", cell.table, cell.item, cell.column);
        match (cell.certainty, value) {
            (Certainty::Certain(n), Some(v)) if n == v => tally.right += 1,
            (Certainty::Certain(n), None) => {
                tally.null += 1;
                tally.unread.push(format!("null: {} is {n} in {spec:?}", place()));
            }
            (Certainty::Open(Some(n)), Some(v)) if n == v => tally.open_read += 1,
            (Certainty::Open(_) | Certainty::Absent, None) => tally.open_null += 1,
            (Certainty::Certain(n) | Certainty::Open(Some(n)), Some(v)) => {
                tally.wrong += 1;
                tally.bad.push(format!("WRONG: {} is {n}, read {v} in {spec:?}", place()));
            }
            (Certainty::Open(None) | Certainty::Absent, Some(v)) => {
                tally.invented += 1;
                tally.bad.push(format!("INVENTED: {} = {v} in {spec:?}", place()));
            }
        }
    }
    tally.bad.truncate(1);
    tally.unread.truncate(1);
    tally
}

/// Tallies by form, by layout and by damage, and all together.
#[derive(Default)]
pub(crate) struct Accuracy {
    forms: BTreeMap<String, Tally>,
    layouts: BTreeMap<String, Tally>,
    damages: BTreeMap<String, Tally>,
    pub(crate) all: Tally,
}

/// Prints and reads so many documents.
pub(crate) fn measure(specs: impl Iterator<Item = Spec>) -> Accuracy {
    let layout = |spec: &Spec| format!("{:?}", spec.layout);
    measure_as(specs, print, layout)
}

/// Prints so many documents in every medium of office and page programs, and reads them.
pub(crate) fn measure_papers(media: &[Medium], count: usize, seed: u64) -> Accuracy {
    let mut all = Accuracy::default();
    for medium in media {
        let specs = paper_specs(*medium, count, seed);
        all.add(&measure_as(specs, |spec| print_as(spec, *medium), |_| medium.to_string()));
    }
    all
}

fn measure_as(
    specs: impl Iterator<Item = Spec>,
    print: impl Fn(&Spec) -> Printed + Sync,
    layout: impl Fn(&Spec) -> String,
) -> Accuracy {
    let parser = Parser::new(Registry::embedded());
    let specs: Vec<Spec> = specs.collect();
    let tallies: Vec<Tally> = specs.par_iter().map(|s| compare(&parser, s, &print(s))).collect();
    let mut accuracy = Accuracy::default();
    for (spec, tally) in specs.iter().zip(&tallies) {
        accuracy.forms.entry(spec.form.to_owned()).or_default().add(tally);
        accuracy.layouts.entry(layout(spec)).or_default().add(tally);
        for damage in &spec.damages {
            accuracy.damages.entry(format!("{damage:?}")).or_default().add(tally);
        }
        accuracy.all.add(tally);
    }
    accuracy
}

impl Accuracy {
    fn add(&mut self, other: &Self) {
        let maps = [
            (&mut self.forms, &other.forms),
            (&mut self.layouts, &other.layouts),
            (&mut self.damages, &other.damages),
        ];
        for (own, others) in maps {
            others.iter().for_each(|(name, tally)| own.entry(name.clone()).or_default().add(tally));
        }
        self.all.add(&other.all);
    }

    /// The tallies as tables.
    fn tables(&self) -> String {
        const HEAD: &str =
            "documents | right | NULL | wrong | invented | share read | open, read | open, NULL |\n";
        let mut page = String::new();
        let maps = [("form", &self.forms), ("layout", &self.layouts), ("damage", &self.damages)];
        for (title, rows) in maps.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let _ = write!(page, "\n| {title} | {HEAD}|---|---|---|---|---|---|---|---|---|\n");
            for (name, tally) in rows {
                page.push_str(&tally.row(name));
            }
        }
        let _ =
            write!(page, "\n| all | {HEAD}|---|---|---|---|---|---|---|---|---|\n{}", self.all.row("all"));
        page
    }
}

/// Reports of the statistics tables of 2008-2018 for so many others.
fn legacy_count(count: usize) -> usize {
    count.div_ceil(5)
}

fn page(statutory: &Accuracy, legacy: &Accuracy, count: usize, seed: u64) -> String {
    format!(
        "# How well the parser reads\n\n\
         Written by `cargo xtask accuracy {count} {seed} --write`: generated reports whose every cell is known, in every \
         layout, with none, one or two kinds of damage, in both scripts and all charsets (`crates/gongkai-generator`).\n\n\
         *Right*, *NULL* and *wrong* count cells that the document certainly prints; *invented* counts numbers read where none is \
         printed. *Open* cells are printed, but not for certain (digits run together, a value lost in a row): NULL is \
         right there, and so is the printed number, but nothing else. A document with two damages counts under both.\n{}\n\
         ## Statistics tables of 2008-2018\n\n\
         Reports of every family of tables in `data/forms/pre2019/families/`, with one kind of damage; the counts that their sentences \
         give are cells as well. `cargo xtask accuracy legacy` measures these alone.\n{}",
        statutory.tables(),
        legacy.tables()
    )
}

pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let numbers: Vec<u64> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let count = usize::try_from(numbers.first().copied().unwrap_or(20_000)).context("COUNT")?;
    let seed = numbers.get(1).copied().unwrap_or(1);
    if arguments.contains(&"documents") {
        let accuracy = measure_papers(&Medium::ALL, count, seed);
        println!("{}", accuracy.tables());
        if arguments.contains(&"--examples") {
            accuracy.all.bad.iter().chain(&accuracy.all.unread).for_each(|e| println!("{e}"));
        }
        if accuracy.all.wrong + accuracy.all.invented > 0 {
            bail!("wrong or invented cells");
        }
        return Ok(());
    }
    let (statutory, legacy) = if arguments.contains(&"legacy") {
        (Accuracy::default(), measure(legacy_specs(count, seed)))
    } else {
        (measure(specs(count, seed)), measure(legacy_specs(legacy_count(count), seed)))
    };
    let page = page(&statutory, &legacy, count, seed);
    if arguments.contains(&"--write") {
        std::fs::create_dir_all(root.join("tests"))?;
        std::fs::write(root.join("tests/README.md"), &page)?;
    }
    println!("{page}");
    for tally in [&statutory.all, &legacy.all] {
        if arguments.contains(&"--examples") {
            tally.bad.iter().chain(&tally.unread).for_each(|e| println!("{e}"));
        }
    }
    if [&statutory.all, &legacy.all].iter().any(|t| t.wrong + t.invented > 0) {
        bail!("wrong or invented cells");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing may be read that is not printed, and of the cells that the documents certainly print no more may be left
    /// out than one in five hundred (`tests/README.md`).
    #[test]
    fn twenty_thousand_documents_without_a_wrong_cell() {
        const FLOOR: f64 = 0.998;
        let all = measure(specs(20_000, 1)).all;
        assert_eq!((all.wrong, all.invented), (0, 0), "{:#?}", all.bad);
        assert!(all.share() >= FLOOR, "only {:.3} % of the certain cells read", 100.0 * all.share());
    }

    /// Office documents, pages and workbooks: nothing wrong, nothing invented, in each of them.
    #[test]
    fn a_thousand_documents_of_every_kind_without_a_wrong_cell() {
        const FLOOR: f64 = 0.995;
        let all = measure_papers(&Medium::ALL, 1_000 / Medium::ALL.len(), 1);
        assert_eq!((all.all.wrong, all.all.invented), (0, 0), "{:#?}", all.all.bad);
        for (medium, tally) in &all.layouts {
            // Columns that nothing but blanks keeps apart are read where it is certain.
            let floor = if medium == "PdfUnruled" { 0.97 } else { FLOOR };
            assert!(
                tally.share() >= floor,
                "{medium}: only {:.3} % of the certain cells read",
                100.0 * tally.share()
            );
        }
    }

    /// Reports of 2008-2018, tables and sentences: nothing wrong, and nearly everything read.
    #[test]
    fn three_thousand_old_reports_without_a_wrong_cell() {
        const FLOOR: f64 = 0.99;
        let all = measure(legacy_specs(3_000, 1)).all;
        assert_eq!((all.wrong, all.invented), (0, 0), "{:#?}", all.bad);
        assert!(all.share() >= FLOOR, "only {:.3} % of the certain cells read", 100.0 * all.share());
    }
}
