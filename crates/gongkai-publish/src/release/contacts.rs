//! Personal data in running text: where phone numbers, e-mail addresses and names of officials stand, and how they are masked. The patterns
//! are data, `data/release/contacts.toml`.

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use regex::Regex;
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;

const BUILT_IN: &str = include_str!("../../../../data/release/contacts.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    columns: Vec<String>,
    mask: char,
    surnames: String,
    titles: Vec<String>,
    #[serde(rename = "pattern")]
    patterns: Vec<RawPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    kind: String,
    regex: String,
}

/// What is looked for, and where.
pub(crate) struct Contacts {
    columns: Vec<(String, String)>,
    mask: char,
    patterns: Vec<(String, Regex)>,
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit<'a> {
    pub(crate) kind: &'a str,
    /// Bytes of the text.
    range: Range<usize>,
    /// First character, from 0.
    pub(crate) start: usize,
    /// Characters.
    pub(crate) chars: usize,
}

impl Contacts {
    /// What this project looks for.
    pub(crate) fn built_in() -> Result<Self, String> {
        Self::parse(BUILT_IN)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|e| e.to_string())?;
        let surname = format!("[{}]", raw.surnames);
        let mut titles = raw.titles;
        // The longest first: 副书记 before 书记.
        titles.sort_by_key(|t| std::cmp::Reverse(t.chars().count()));
        let title = format!("(?:{})", titles.join("|"));
        let pattern = |p: RawPattern| {
            let regex = p.regex.replace("{surname}", &surname).replace("{title}", &title);
            Ok((p.kind, Regex::new(&regex).map_err(|e| e.to_string())?))
        };
        let column = |c: &String| {
            let (table, column) = c.split_once('.').ok_or_else(|| format!("{c:?} is no TABLE.COLUMN"))?;
            Ok((table.to_owned(), column.to_owned()))
        };
        Ok(Self {
            columns: raw.columns.iter().map(column).collect::<Result<_, String>>()?,
            mask: raw.mask,
            patterns: raw.patterns.into_iter().map(pattern).collect::<Result<_, String>>()?,
        })
    }

    /// The columns of a table that are looked at.
    pub(crate) fn columns(&self, table: &str) -> Vec<&str> {
        self.columns.iter().filter(|(t, _)| t == table).map(|(_, c)| c.as_str()).collect()
    }

    /// Where they are looked for: `table.column`.
    pub(crate) fn places(&self) -> Vec<String> {
        self.columns.iter().map(|(table, column)| format!("{table}.{column}")).collect()
    }

    /// What stands in a text, by place. Where two patterns find the same place, the one that stands first in the file has it.
    pub(crate) fn find(&self, text: &str) -> Vec<Hit<'_>> {
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        for (kind, regex) in &self.patterns {
            for captures in regex.captures_iter(text) {
                let Some(hit) = captures.name("hit").or_else(|| captures.get(0)) else { continue };
                let range = hit.range();
                if !found.iter().any(|(r, _)| r.start < range.end && range.start < r.end) {
                    found.push((range, kind.as_str()));
                }
            }
        }
        found.sort_by_key(|(range, _)| range.start);
        let chars = |range: Range<usize>| text.get(range).map_or(0, |t| t.chars().count());
        let hit = |(range, kind): (Range<usize>, _)| {
            let (start, chars) = (chars(0..range.start), chars(range.clone()));
            Hit { kind, range, start, chars }
        };
        found.into_iter().map(hit).collect()
    }

    /// A text with what was found in it masked: as long as it was, punctuation kept. `None` where nothing was found. Masking what is
    /// masked changes nothing.
    pub(crate) fn mask(&self, text: &str) -> Option<String> {
        let mut masked: Option<String> = None;
        loop {
            let now = masked.as_deref().unwrap_or(text);
            let hits = self.find(now);
            let hidden =
                |at: usize, c: char| c.is_alphanumeric() && hits.iter().any(|h| h.range.contains(&at));
            // What is left when a part is masked may be something by itself. Every round hides at least one character.
            if !now.char_indices().any(|(at, c)| hidden(at, c)) {
                return masked;
            }
            let next = now.char_indices().map(|(at, c)| if hidden(at, c) { self.mask } else { c }).collect();
            masked = Some(next);
        }
    }

    /// Rows of a table with the columns that are looked at masked; how many values that changed.
    pub(crate) fn mask_batch(&self, table: &str, batch: RecordBatch) -> (RecordBatch, u64) {
        let wanted = self.columns(table);
        let mut changed = 0;
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        for (field, array) in batch.schema().fields().iter().zip(&mut columns) {
            if !wanted.contains(&field.name().as_str()) {
                continue;
            }
            let Some(texts) = array.as_any().downcast_ref::<StringArray>() else { continue };
            let masked: Vec<Option<String>> = texts.iter().map(|t| self.mask(t?)).collect();
            let here = masked.iter().flatten().count() as u64;
            if here > 0 {
                let values = masked.iter().zip(texts.iter()).map(|(new, old)| new.as_deref().or(old));
                *array = Arc::new(StringArray::from_iter(values));
                changed += here;
            }
        }
        // The same types and number of rows: this cannot fail.
        let masked = RecordBatch::try_new(batch.schema(), columns).unwrap_or(batch);
        (masked, changed)
    }
}

/// The text column of a batch.
pub(crate) fn text_column<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b StringArray> {
    batch.column_by_name(column)?.as_any().downcast_ref()
}

/// A text of a row.
pub(crate) fn text_at(texts: Option<&StringArray>, row: usize) -> Option<&str> {
    texts.filter(|t| t.is_valid(row)).map(|t| t.value(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let contacts = Contacts::built_in().unwrap();
        let hits = contacts.find(text);
        let part = |h: &Hit<'_>| text.chars().skip(h.start).take(h.chars).collect::<String>();
        hits.iter().map(|h| (h.kind.to_owned(), part(h))).collect()
    }

    #[test]
    fn contacts_are_found() {
        for (text, kind, hit) in [
            ("邮箱：xxgk_2023@abc-d.gov.cn。", "email", "xxgk_2023@abc-d.gov.cn"),
            ("手机13912345678，", "mobile", "13912345678"),
            ("手机139-1234-5678，", "mobile", "139-1234-5678"),
            ("咨询电话：0512-12345678转801。", "phone", "0512-12345678转801"),
            ("电话（021）12345678", "phone", "（021）12345678"),
            ("联系电话：1234567。", "phone", "1234567"),
            ("联系人：张三，", "person", "张三"),
            ("联系人:欧阳 ", "person", ""),
            ("由副局长李小四同志负责", "person", "李小四"),
            ("成立了由局长王五任组长的领导小组", "person", "王五"),
            ("组长：赵 六\n", "person", "赵 六"),
            ("身份证11010119900101123X号", "id_number", "11010119900101123X"),
        ] {
            let wanted = if hit.is_empty() { vec![] } else { vec![(kind.to_owned(), hit.to_owned())] };
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn figures_and_words_are_no_contacts() {
        for text in [
            "2023年共收到申请1234567件，总金额13912345678901元。",
            "接听热线电话1234567次，办结率100%。",
            "主任高度重视，常委会听取汇报。",
            "局长任组长，分管副局长任副组长。",
            "负责人：详见附件",
            "党组书记、局长同志们",
            "拨打12345热线",
            "（国办公开办函〔2021〕30号）",
            "仍不明确15711055477.属于行政执法案卷17101041004无3798",
            "予以公开72（截至2月末）17410766501（二）部分公开",
            "申请820174191601495842.重复申请",
        ] {
            assert_eq!(found(text), vec![], "{text}");
        }
    }

    #[test]
    fn a_mask_keeps_length_and_kind() {
        let contacts = Contacts::built_in().unwrap();
        assert_eq!(
            contacts.mask("联系人：张三，电话0512-12345678").unwrap(),
            "联系人：**，电话****-********"
        );
        assert_eq!(contacts.mask("a.b@c.cn").unwrap(), "*.*@*.**");
        assert_eq!(contacts.mask("共收到申请12件"), None);
    }

    proptest! {
        #[test]
        fn masking_is_total_and_done_once(text in "[0-9a-z@.：:，。联系人电话局长张三李同志任组 -]{0,60}") {
            let contacts = Contacts::built_in().unwrap();
            if let Some(masked) = contacts.mask(&text) {
                prop_assert_eq!(contacts.mask(&masked), None);
                prop_assert_eq!(masked.chars().count(), text.chars().count());
                for hit in contacts.find(&text) {
                    let part: String = masked.chars().skip(hit.start).take(hit.chars).collect();
                    prop_assert!(!part.chars().any(char::is_alphanumeric), "{} {}", text, masked);
                }
            }
        }
    }
}
