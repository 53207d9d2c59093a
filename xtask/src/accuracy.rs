//! How well documents are read of which it is known what they print: generated reports in every layout with every damage, samples
//! and heads of reports that people labelled. `cargo xtask accuracy [COUNT [SEED]] [statutory|legacy|documents|labelled]` prints the tables;
//! `--write` puts them into `tests/README.md` and `data/accuracy/measured.toml`.

mod labelled;
mod stages;

use anyhow::{Context, Result, bail};
use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{
    Certainty, Damage, Medium, Printed, Spec, TrueCell, legacy_specs, paper_specs, print, print_as, specs,
};
use gongkai_model::{CellFact, CellStatus, Document, Parsed, Provenance, Resolution, Verdict};
use gongkai_parse::Parser;
use gongkai_registry::{Registry, StageAccuracy};
use gongkai_resolve::Resolver;
use rayon::prelude::*;
use stages::{Code, Stages};
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
    /// Of these, said to be blank, a dash or a word.
    said_blank: u64,
    /// Another number than the printed one.
    wrong: u64,
    /// A number where none is printed.
    invented: u64,
    /// Printed, but not for certain; NULL.
    open_null: u64,
    /// Printed, but not for certain; read as printed.
    open_read: u64,
    /// What came out of each stage.
    stages: Stages,
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
        self.said_blank += other.said_blank;
        self.wrong += other.wrong;
        self.invented += other.invented;
        self.open_null += other.open_null;
        self.open_read += other.open_read;
        self.stages.add(&other.stages);
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

    /// Share of all cells that the documents leave open, or do not print.
    fn open(&self) -> f64 {
        let open = self.open_read + self.open_null + self.invented;
        let all = self.right + self.null + self.wrong + open;
        if all == 0 { 0.0 } else { open as f64 / all as f64 }
    }

    fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {:.3} % | {} | {} | {:.1} % |\n",
            self.documents,
            self.right,
            self.null,
            self.said_blank,
            self.wrong,
            self.invented,
            100.0 * self.share(),
            self.open_read,
            self.open_null,
            100.0 * self.open()
        )
    }
}

/// What reads a document.
struct Readers {
    parser: Parser<'static>,
    resolver: Resolver<'static>,
}

impl Readers {
    fn new() -> Self {
        let registry = Registry::embedded();
        Self { parser: Parser::new(registry), resolver: Resolver::new(registry) }
    }

    fn resolve(&self, printed: &Printed, (document, parsed): &(Document, Parsed)) -> Resolution {
        self.resolver.resolve(document, parsed, &Provenance::default(), &printed.name, "")
    }

    fn takes_for_report(&self, printed: &Printed, read: &(Document, Parsed)) -> bool {
        self.resolve(printed, read).verdict == Verdict::Report
    }

    /// What came out of each stage. A page of many does not say whose it is.
    fn stages(&self, spec: &Spec, printed: &Printed, read: Option<&(Document, Parsed)>) -> Stages {
        let mut stages = Stages::default();
        let truth = &printed.truth;
        if !truth.is_report {
            return stages;
        }
        stages.of_cells(&truth.cells, read.map(|(_, parsed)| parsed));
        if let Some(read) = read.filter(|_| !spec.has(Damage::PageOfMany)) {
            let resolution = self.resolve(printed, read);
            let county: (Code, _) = (|p| p.county_code.as_deref(), truth.county_code.as_deref());
            stages.of_report(&truth.agency, truth.year, &[county], &resolution);
        }
        stages
    }
}

/// Reads one document and compares.
fn compare(readers: &Readers, spec: &Spec, printed: &Printed) -> Tally {
    let hints = Hints { charset: None, path: &printed.name };
    let document = extract(&printed.bytes, &hints, &Limits::default()).ok();
    let parsed = document.map(|d| {
        let parsed = readers.parser.parse(&d);
        (d, parsed)
    });
    let fact = |cell: &TrueCell| -> Option<&CellFact> {
        let cells = &parsed.as_ref()?.1.cells;
        cells.iter().find(|c| c.table == cell.table && c.item == cell.item && c.column == cell.column)
    };
    let stages = readers.stages(spec, printed, parsed.as_ref());
    let mut tally = Tally { documents: 1, stages, ..Tally::default() };
    if !printed.truth.is_report {
        // A page of many shows no title: it does not say which part of the year it is of.
        let tells = !spec.has(Damage::PageOfMany);
        if tells && parsed.as_ref().is_some_and(|read| readers.takes_for_report(printed, read)) {
            tally.invented += 1;
            tally.bad.push(format!("FALSE REPORT in {spec:?}"));
        }
        return tally;
    }
    for cell in &printed.truth.cells {
        let (value, status) = fact(cell).map_or((None, None), |f| (f.value, Some(f.status)));
        let place = || format!("{}.{}.{}", cell.table, cell.item, cell.column);
        match (cell.certainty, value) {
            (Certainty::Certain(n), Some(v)) if n == v => tally.right += 1,
            (Certainty::Certain(n), None) => {
                tally.null += 1;
                let nothing = [CellStatus::Blank, CellStatus::Dash, CellStatus::Word];
                tally.said_blank += u64::from(status.is_some_and(|s| nothing.contains(&s)));
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
    let readers = Readers::new();
    let specs: Vec<Spec> = specs.collect();
    let tallies: Vec<Tally> = specs.par_iter().map(|s| compare(&readers, s, &print(s))).collect();
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
        const HEAD: &str = "documents | right | NULL | said blank | wrong | invented | share read | open, read | open, NULL | share open |\n";
        let mut page = String::new();
        let maps = [("form", &self.forms), ("layout", &self.layouts), ("damage", &self.damages)];
        for (title, rows) in maps.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let _ = write!(page, "\n| {title} | {HEAD}|---|---|---|---|---|---|---|---|---|---|---|\n");
            for (name, tally) in rows {
                page.push_str(&tally.row(name));
            }
        }
        let _ = write!(
            page,
            "\n| all | {HEAD}|---|---|---|---|---|---|---|---|---|---|---|\n{}",
            self.all.row("all")
        );
        page
    }
}

/// A kind of generated documents.
struct Part {
    /// Argument that measures it alone.
    word: &'static str,
    /// Name in `data/accuracy/measured.toml`.
    set: &'static str,
    /// Of so many documents of a whole run one is of this kind.
    one_in: usize,
    measure: fn(usize, u64) -> Accuracy,
    /// Heading and text in `tests/README.md`.
    title: &'static str,
    text: &'static str,
}

const PARTS: [Part; 3] = [
    Part {
        word: "statutory",
        set: "generated_2019_2021",
        one_in: 1,
        measure: |count, seed| measure(specs(count, seed)),
        title: "Forms of 2019 and 2021",
        text: "Reports in every layout, with none, one or two kinds of damage, in both scripts and all charsets.",
    },
    Part {
        word: "legacy",
        set: "generated_2008_2018",
        one_in: 5,
        measure: |count, seed| measure(legacy_specs(count, seed)),
        title: "Statistics tables of 2008-2018",
        text: "Reports of every family of tables in `data/forms/pre2019/families/`, with one kind of damage; the counts that their \
               sentences give are cells as well.",
    },
    Part {
        word: "documents",
        set: "generated_documents",
        one_in: 20,
        measure: |count, seed| measure_papers(&Medium::ALL, count.div_ceil(Medium::ALL.len()), seed),
        title: "Office documents, pages and workbooks",
        text: "The forms of 2019 and 2021 as the programs of offices write them.",
    },
];

/// Argument that measures the labelled sets alone.
const LABELLED: &str = "labelled";

/// What the page says about the stages.
fn stage_table(rows: &[StageAccuracy]) -> String {
    let mut page = String::from(
        "\n| set | stage | compared | right | NULL | wrong | share right | 95 % interval |\n|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let (low, high) = row.interval();
        #[allow(clippy::cast_precision_loss)]
        let share = row.right as f64 / row.n as f64;
        let StageAccuracy { set, stage, n, right, null, wrong } = row;
        let _ = writeln!(
            page,
            "| {set} | {stage} | {n} | {right} | {null} | {wrong} | {:.3} % | {:.3}-{:.3} % |",
            100.0 * share,
            100.0 * low,
            100.0 * high
        );
    }
    page
}

fn page(measured: &[(&Part, Accuracy)], rows: &[StageAccuracy], count: usize, seed: u64) -> String {
    let mut page = format!(
        "# How well gongkai reads\n\n\
         Written by `cargo xtask accuracy {count} {seed} --write`, and with it `data/accuracy/measured.toml`, which a release prints: \
         generated reports whose every cell is known (`crates/gongkai-generator`), the samples with their gold (`data/sample/`), and \
         labelled heads of reports (`crates/gongkai-resolve/tests/heads*.tsv`).\n\n\
         ## By stage\n\n\
         What is compared in each stage, and why the figures of generated reports say nothing about how often a damage occurs: \
         [0015](../docs/decisions/0015-accuracy-by-stage.md).\n{}",
        stage_table(rows)
    );
    let _ = write!(
        page,
        "\n*Right*, *NULL* and *wrong* count cells that the document certainly prints; *invented* counts numbers read where none is \
         printed, and reports of a part of a year that are taken for annual ones. *Said blank* are those left NULL that are said to hold nothing: as untrue as a wrong number. *Open* cells are printed, but not for certain (digits run together, a value lost in a row): NULL is \
         right there, and so is the printed number, but nothing else. *Share open* is the share of all cells that are open, blank or not \
         printed: what the share read says nothing about. A document with two damages counts under both.\n"
    );
    for (part, accuracy) in measured {
        let _ = write!(page, "\n## {}\n\n{}\n{}", part.title, part.text, accuracy.tables());
    }
    page
}

/// `data/accuracy/measured.toml` and the page.
fn write(root: &Path, page: &str, rows: &[StageAccuracy], count: usize, seed: u64) -> Result<()> {
    let mut data = format!(
        "# How well gongkai reads, as measured: written by `cargo xtask accuracy {count} {seed} --write`, never by hand. A release prints it.\n\
         # `n` = `right` + `null` + `wrong`: *null* is nothing read where something is printed, *wrong* anything else than what is printed.\n\
         # docs/decisions/0015-accuracy-by-stage.md says what each stage compares.\n"
    );
    for StageAccuracy { set, stage, n, right, null, wrong } in rows {
        let _ = write!(
            data,
            "\n[[measured]]\nset = \"{set}\"\nstage = \"{stage}\"\nn = {n}\nright = {right}\nnull = {null}\nwrong = {wrong}\n"
        );
    }
    std::fs::create_dir_all(root.join("tests"))?;
    std::fs::write(root.join("tests/README.md"), page)?;
    std::fs::write(root.join("data/accuracy/measured.toml"), data)?;
    Ok(())
}

pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let numbers: Vec<u64> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let count = usize::try_from(numbers.first().copied().unwrap_or(20_000)).context("COUNT")?;
    let seed = numbers.get(1).copied().unwrap_or(1);
    let has = |word: &str| arguments.contains(&word);
    let whole = !has(LABELLED) && !PARTS.iter().any(|p| has(p.word));
    let chosen = PARTS.iter().filter(|p| whole || has(p.word));
    let size = |part: &Part| if whole { count.div_ceil(part.one_in) } else { count };
    let measured: Vec<(&Part, Accuracy)> = chosen.map(|p| (p, (p.measure)(size(p), seed))).collect();
    let mut rows: Vec<StageAccuracy> =
        measured.iter().flat_map(|(part, accuracy)| accuracy.all.stages.rows(part.set)).collect();
    if whole || has(LABELLED) {
        rows.extend(labelled::measure(root)?);
    }
    let page = page(&measured, &rows, count, seed);
    match (has("--write"), whole) {
        (true, true) => write(root, &page, &rows, count, seed)?,
        (true, false) => bail!("--write is for all parts together"),
        _ => {}
    }
    println!("{page}");
    for (_, accuracy) in measured.iter().filter(|_| has("--examples")) {
        accuracy.all.bad.iter().chain(&accuracy.all.unread).for_each(|e| println!("{e}"));
    }
    if measured.iter().any(|(_, a)| a.all.wrong + a.all.invented > 0) {
        bail!("wrong or invented cells");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing may be read that is not printed, and of the cells that the documents certainly print no more may be left
    /// out than one in fifty (`tests/README.md`). Documents without the kinds that other readers got wrong (misprinted and
    /// reworded labels, torn heads, layouts of converters, ...) have 99.7 % of them read.
    #[test]
    fn twenty_thousand_documents_without_a_wrong_cell() {
        const FLOOR: f64 = 0.98;
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
            let floor = match medium.as_str() {
                // Columns that nothing but blanks keeps apart are read where it is certain.
                "PdfUnruled" => 0.97,
                // On a sheet a lost value leaves a blank cell: a row with one is refused where its sums do not tell which.
                "Xlsx" => 0.99,
                // Raised marks behind figures are set off, not known as notes; labels are in other words.
                "PdfWord" => 0.994,
                _ => FLOOR,
            };
            assert!(
                tally.share() >= floor,
                "{medium}: only {:.3} % of the certain cells read",
                100.0 * tally.share()
            );
        }
    }

    /// Reports of 2008-2018, tables and sentences: nothing wrong, and nearly everything read.
    #[test]
    fn four_thousand_old_reports_without_a_wrong_cell() {
        const FLOOR: f64 = 0.995;
        let all = measure(legacy_specs(4_000, 1)).all;
        assert_eq!((all.wrong, all.invented), (0, 0), "{:#?}", all.bad);
        assert!(all.share() >= FLOOR, "only {:.3} % of the certain cells read", 100.0 * all.share());
    }
}
