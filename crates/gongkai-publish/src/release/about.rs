//! What a release says about the dataset beside what is read from the tables: title, authors, licences, known limits. Plain data in
//! `data/release/dataset.toml`; a file of the same shape may take its place.

use serde::Deserialize;
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("../../../../data/release/dataset.toml");

/// About the dataset.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Short name: letters, digits and `-`.
    pub name: String,
    /// Title in English.
    pub title: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// What it is.
    pub summary: String,
    /// Why it was made.
    pub why: String,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Where it is found; empty where that is not known yet.
    pub url: String,
    /// DOI of all versions; empty where there is none.
    pub doi: String,
    /// DOI of the version before; empty where there is none.
    pub previous_doi: String,
    /// Code of the European data theme.
    pub theme: String,
    /// Who made it.
    #[serde(rename = "creator")]
    pub creators: Vec<Agent>,
    /// Who publishes it.
    pub publisher: Agent,
    /// Of data and of software.
    pub licence: Licences,
    pub(crate) tables: Rules,
    /// What tells the rows of a table apart.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    /// Columns that tell the rows of a table apart for good: no two rows are alike in them.
    #[serde(default)]
    pub(crate) primary_keys: BTreeMap<String, Vec<String>>,
    /// Columns that name a row of another table.
    #[serde(rename = "reference", default)]
    pub(crate) references: Vec<Reference>,
    #[serde(rename = "limit", default)]
    pub(crate) limits: Vec<Limit>,
}

/// A person or a body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Name; of a person `Family, Given`.
    pub name: String,
    /// Where a person works.
    #[serde(default)]
    pub affiliation: String,
    /// ORCID of a person: the digits.
    #[serde(default)]
    pub orcid: String,
}

/// The licences.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licences {
    /// Of the data.
    pub data: Licence,
    /// Of the program that made them.
    pub software: Licence,
}

/// A licence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Name.
    pub name: String,
    /// SPDX expression.
    pub spdx: String,
    /// Its text.
    pub url: String,
    /// What it covers.
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// Rows up to which a table also comes as CSV.
    pub(crate) csv_rows: u64,
    /// The table a viewer shows first.
    pub(crate) first: String,
}

/// Columns that name a row of another table, in every table that has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    pub(crate) columns: Vec<String>,
    /// The other table.
    pub(crate) table: String,
    /// Its columns.
    pub(crate) key: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) text: String,
}

impl About {
    /// What this project says.
    ///
    /// # Errors
    /// Never with the file that is built in; a test sees to it.
    pub fn built_in() -> Result<Self, String> {
        Self::parse(BUILT_IN)
    }

    /// From the text of a file of the shape of `data/release/dataset.toml`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let about: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if about.name.is_empty() || !about.name.chars().all(plain) {
            return Err(format!("name {:?}: small letters, digits and `-` only", about.name));
        }
        if about.creators.is_empty() {
            return Err("no [[creator]]: a release needs somebody to be cited".to_owned());
        }
        Ok(about)
    }

    /// The licence as Zenodo and Hugging Face spell it.
    pub(crate) fn licence_id(&self) -> String {
        self.licence.data.spdx.to_lowercase()
    }

    /// The year to cite: that of a version which begins with one, such as 2026.11.0, or else that of the date.
    pub(crate) fn year<'a>(version: &'a str, date: &'a str) -> &'a str {
        let first = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let is_year = first.len() == 4 && ("1990".."2200").contains(&first);
        if is_year { first } else { date.split('-').next().unwrap_or_default() }
    }

    /// `Author and Other (2026). Title, version V.`, with the address where there is one.
    pub(crate) fn citation(&self, version: &str, date: &str) -> String {
        let names: Vec<&str> = self.creators.iter().map(|c| c.name.as_str()).collect();
        let year = Self::year(version, date);
        let place = match (&*self.doi, &*self.url) {
            ("", "") => String::new(),
            ("", url) => format!(" {url}"),
            (doi, _) => format!(" https://doi.org/{doi}"),
        };
        format!("{} ({year}). {} (version {version}) [Data set].{place}", names.join("; "), self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::About;
    use gongkai_registry::Registry;

    #[test]
    fn what_is_built_in_fits_the_tables() {
        let about = About::built_in().unwrap();
        let registry = Registry::embedded();
        assert!(registry.table(&about.tables.first).is_some());
        for (table, key) in &about.keys {
            // Keys of tables that are not there yet do no harm; columns of those that are must exist.
            let Some(spec) = registry.table(table) else { continue };
            for column in key {
                assert!(spec.columns.iter().any(|c| c.name == *column), "{table}.{column}");
            }
        }
    }

    #[test]
    fn a_mistake_is_told() {
        let built_in = super::BUILT_IN;
        assert!(About::parse(&built_in.replace("name = \"gongkai\"", "name = \"My Data\"")).is_err());
        assert!(
            About::parse(&built_in.replace("[publisher]", "[publischer]"))
                .unwrap_err()
                .contains("publischer")
        );
    }
}
