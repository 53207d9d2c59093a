//! A figure is a table, and the query that gives the same table.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The rows behind a chart, in the order of their query.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
    /// Gives the same rows over the views of the snapshot.
    pub(super) sql: String,
}

/// Figures by name.
pub(super) type Figures = BTreeMap<&'static str, Figure>;

/// Key columns of a row; sorted as SQL does, NULL last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Number(i64),
    Text(Box<str>),
    Null,
}

impl Key {
    pub(super) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |t| Self::Text(t.into()))
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Number(n) => (*n).into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Null => Value::Null,
        }
    }
}

impl From<i16> for Key {
    fn from(year: i16) -> Self {
        Self::Number(year.into())
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Counts by key.
pub(super) struct Groups<const K: usize, const N: usize>(BTreeMap<[Key; K], [i64; N]>);

impl<const K: usize, const N: usize> Default for Groups<K, N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<const K: usize, const N: usize> Groups<K, N> {
    /// The counts of a group, zero at first.
    pub(super) fn of(&mut self, key: [Key; K]) -> &mut [i64; N] {
        self.0.entry(key).or_insert([0; N])
    }

    pub(super) fn figure(self, columns: &[&str], sql: String) -> Figure {
        let row = |(key, counts): ([Key; K], [i64; N])| {
            key.iter().map(Key::value).chain(counts.into_iter().map(Value::from)).collect()
        };
        Figure {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            rows: self.0.into_iter().map(row).collect(),
            sql,
        }
    }
}
