//! Compressed CSV as RFC 4180 has it: for lists, and for twins of small tables, for programs that read no Parquet. gzip, which every
//! program and system opens. NULL is the empty text, which
//! no table has otherwise.

use super::ReleaseError;
use super::folder::Written;
use super::tables::Work;
use super::texts::Texts;
use flate2::Compression;
use flate2::write::GzEncoder;
use gongkai_registry::TableSpec;
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// A compressed CSV file being written, on one thread, so that the bytes are always the same.
pub(crate) struct Csv {
    out: BufWriter<GzEncoder<BufWriter<File>>>,
    path: PathBuf,
}

impl Csv {
    pub(crate) fn begin(path: PathBuf) -> Result<Self, ReleaseError> {
        let file = File::create(&path).map_err(ReleaseError::io("write", &path))?;
        // The head of the file has neither name nor time.
        let encoder = GzEncoder::new(BufWriter::new(file), Compression::default());
        Ok(Self { out: BufWriter::new(encoder), path })
    }

    pub(crate) fn line<T: AsRef<str>>(
        &mut self,
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), ReleaseError> {
        let mut line = String::new();
        for (n, value) in values.into_iter().enumerate() {
            if n > 0 {
                line.push(',');
            }
            field(&mut line, value.as_ref());
        }
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes()).map_err(ReleaseError::io("write", &self.path))
    }

    pub(crate) fn finish(self) -> Result<(), ReleaseError> {
        let Self { out, path } = self;
        let encoder = out.into_inner().map_err(|e| e.into_error());
        let file = encoder.and_then(|e| e.finish());
        file.and_then(|mut f| f.flush()).map_err(ReleaseError::io("write", &path))
    }
}

/// A text that a spreadsheet would take for a formula, and that is no number: it gets a `'` in front, as spreadsheets themselves mark text.
/// So does one that looks as if it had got one already, so that taking one away always gives back the text.
pub(crate) fn is_formula(value: &str) -> bool {
    let text = value.trim_start_matches('\'');
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'+' | b'-')) && text.parse::<f64>().is_ok()
}

/// A value, in quotes where it must be.
pub(crate) fn field(line: &mut String, value: &str) {
    let defused = is_formula(value).then(|| format!("'{value}"));
    let value = defused.as_deref().unwrap_or(value);
    if value.contains([',', '"', '\r', '\n']) {
        line.push('"');
        line.push_str(&value.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(value);
    }
}

/// The name of the CSV of a table.
pub(crate) fn twin_of(table: &str) -> String {
    format!("{table}.csv.gz")
}

impl Work<'_> {
    /// Writes the twins of all tables with at most so many rows, the partition columns behind the others.
    pub(crate) fn csv(&self, rows: u64) -> Result<Vec<Written>, ReleaseError> {
        let count = |spec: &TableSpec| self.snapshot.manifest.rows.get(&spec.name).copied().unwrap_or(0);
        let small: Vec<&TableSpec> = self.registry.tables.iter().filter(|t| count(t) <= rows).collect();
        self.events.begin("csv", small.len());
        let written = small.par_iter().map(|spec| self.twin(spec)).collect::<Result<Vec<_>, _>>()?;
        self.events.progress(small.len());
        Ok(written)
    }

    fn twin(&self, spec: &TableSpec) -> Result<Written, ReleaseError> {
        let name = twin_of(&spec.name);
        let mut csv = Csv::begin(self.folder.at(&name))?;
        csv.line(spec.columns.iter().map(|c| c.name.as_str()).chain(["year", "region"]))?;
        let mut rows = 0;
        for entry in self.snapshot.manifest.files.iter().filter(|f| f.table() == spec.name) {
            self.go_on()?;
            let (year, region) = entry.partition();
            let year = year.to_string();
            for batch in self.snapshot.file_batches(entry)? {
                let batch = batch?;
                let columns: Vec<Option<Texts<'_>>> =
                    spec.columns.iter().map(|c| Texts::of(batch.column_by_name(&c.name)?)).collect();
                for row in 0..batch.num_rows() {
                    let value = |c: &Option<Texts<'_>>| {
                        c.as_ref().and_then(|c| c.get(row)).unwrap_or_default().into_owned()
                    };
                    let partition = [year.clone(), region.to_owned()];
                    csv.line(columns.iter().map(value).chain(partition))?;
                }
                rows += batch.num_rows() as u64;
            }
        }
        csv.finish()?;
        self.folder.take_in(&name, rows)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_are_defused() {
        let mut line = String::new();
        for value in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-",
            "-1+2",
            "@SUM(A1)",
            "\tx",
            "'=1",
            "=HYPERLINK(\"http://a.cn\")",
        ] {
            super::field(&mut line, value);
            line.push('|');
        }
        let expected =
            "'=1+1|'+cmd|' /C calc'!A0|'-|'-1+2|'@SUM(A1)|'\tx|''=1|\"'=HYPERLINK(\"\"http://a.cn\"\")\"|";
        assert_eq!(line, expected);
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let mut line = String::new();
        for value in ["a", "", "b,c", "d\"e", "f\ng", " h", "-12.5", "+3", "'a"] {
            super::field(&mut line, value);
            line.push('|');
        }
        assert_eq!(line, "a||\"b,c\"|\"d\"\"e\"|\"f\ng\"| h|-12.5|+3|'a|");
    }
}
