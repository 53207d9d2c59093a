//! One printed cell to a number, by the list in `docs/forms.md`: plain numbers in any width, thousands separators,
//! units and notes behind a number, dashes, words. What is not certainly one number is none.

use gongkai_model::{CellStatus, Number};
use gongkai_registry::{is_invisible, is_longer};

/// What a cell prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// How it is printed.
    pub status: CellStatus,
    /// The number, where one is certainly printed.
    pub number: Option<Number>,
    /// The unit printed behind the number.
    pub unit: Option<String>,
    /// Digits in several pieces (`2 6`): the number if the pieces are one number, which only arithmetic can tell.
    pub joined: Option<Number>,
}

impl Value {
    fn of(status: CellStatus, number: Option<Number>) -> Self {
        Self { status, number, unit: None, joined: None }
    }

    /// Whether it is certainly several figures: no figure begins with a zero, and none has so many digits.
    pub(crate) fn is_run(&self) -> bool {
        self.status == CellStatus::RunTogether && self.joined.is_none()
    }

    /// Whether nothing is printed.
    pub(crate) fn is_blank(&self) -> bool {
        self.status == CellStatus::Blank
    }
}

/// Longest text that is looked at as a value; a longer one is prose.
const MAX_CHARS: usize = 60;

/// A cell in which something is printed that is no figure.
pub(crate) fn unreadable() -> Value {
    Value::of(CellStatus::Unreadable, None)
}

/// A cell in which several figures are run together.
pub(crate) fn several() -> Value {
    Value::of(CellStatus::RunTogether, None)
}

/// Reads a cell. `None` when the text is no value at all but words (a label, prose).
pub(crate) fn read(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Value::of(CellStatus::Blank, None));
    }
    // Most cells of most reports: nothing to normalise.
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(digits(text));
    }
    if begins_label(text) || is_longer(text, MAX_CHARS) {
        return None;
    }
    let mut half = String::with_capacity(text.len());
    half.extend(text.chars().filter(|c| !is_invisible(*c)).map(half_width));
    let half = half.trim();
    if half.is_empty() {
        return Some(Value::of(CellStatus::Blank, None));
    }
    if half.chars().all(|c| is_dash(c) || c.is_whitespace()) {
        return Some(Value::of(CellStatus::Dash, None));
    }
    if is_nothing(half) {
        return Some(Value::of(CellStatus::Word, None));
    }
    if NO_FIGURE.contains(&half) {
        return Some(unreadable());
    }
    if !half.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    Some(figure(half))
}

/// Whether a text begins as labels do and no value does, not even a word that says there is nothing.
fn begins_label(text: &str) -> bool {
    let is_word = |c: char| matches!(c, '(' | '（') || ('\u{4e01}'..='\u{9fff}').contains(&c);
    text.starts_with(is_word) && !NOTHING.iter().any(|word| text.starts_with(word))
}

/// A text that begins with a digit or sign.
fn figure(text: &str) -> Value {
    let (head, tail) = split_figure(text);
    let tail = tail.trim();
    let Some(number) = separated(head) else {
        return if head.contains(char::is_whitespace) && tail.is_empty() {
            pieces(head)
        } else {
            Value::of(CellStatus::Unreadable, None)
        };
    };
    if tail.is_empty() {
        return if number.status == CellStatus::RunTogether {
            number
        } else {
            Value { unit: None, ..number }
        };
    }
    let Some(value) = number.number else { return number };
    match annotation(tail) {
        Some(unit) => Value { status: CellStatus::Annotated, number: Some(value), unit, joined: None },
        None => Value::of(CellStatus::Unreadable, None),
    }
}

/// The figure at the start of a text, and the rest.
fn split_figure(text: &str) -> (&str, &str) {
    let end = text
        .char_indices()
        .find(|(i, c)| {
            !(c.is_ascii_digit()
                || matches!(c, '.' | ',' | ' ' | '\n')
                || (*i == 0 && matches!(c, '+' | '-')))
        })
        .map_or(text.len(), |(i, _)| i);
    let (head, tail) = text.split_at_checked(end).unwrap_or((text, ""));
    (head.trim_end(), tail)
}

/// What stands behind a number and leaves it certain: a unit, a note in brackets, or both. Returns the unit.
fn annotation(tail: &str) -> Option<Option<String>> {
    let (unit, note) = match tail.find('(') {
        Some(at) => tail.split_at_checked(at)?,
        None => (tail, ""),
    };
    let note_ok =
        note.is_empty() || (note.ends_with(')') && note.matches('(').count() == note.matches(')').count());
    // `251000(元)`: the brackets hold a unit, not a note.
    let inner = note.trim_start_matches('(').trim_end_matches(')').trim();
    let unit = if unit.trim().is_empty() && inner.ends_with('元') { inner } else { unit.trim() };
    let unit_ok = unit.chars().count() <= 3 && unit.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    (note_ok && unit_ok).then(|| (!unit.is_empty()).then(|| unit.to_owned()))
}

/// A number with or without thousands separators.
fn separated(text: &str) -> Option<Value> {
    if !text.contains(',') {
        return plain(text);
    }
    let (sign, digits) = match text.chars().next() {
        Some('+' | '-') => text.split_at_checked(1)?,
        _ => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    if !grouped || fraction.is_some_and(|f| f.contains(',')) {
        return None;
    }
    plain(&format!("{sign}{}{}", whole.replace(',', ""), fraction.map_or(String::new(), |f| format!(".{f}"))))
}

fn plain(text: &str) -> Option<Value> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(digits(text));
    }
    let number = Number::parse_plain(text)?;
    let unsigned = text.trim_start_matches(['+', '-']);
    if unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0.") {
        return Some(Value::of(CellStatus::RunTogether, None));
    }
    // `-0` is a dash and a zero.
    if number.is_zero() && text.starts_with('-') {
        return Some(several());
    }
    let status = if number.is_zero() { CellStatus::Zero } else { CellStatus::Number };
    Some(Value::of(status, Some(number)))
}

/// ASCII digits only. No figure is printed with a leading zero: `007` is several cells run together.
fn digits(text: &str) -> Value {
    if text.len() > 1 && text.starts_with('0') {
        return Value::of(CellStatus::RunTogether, None);
    }
    match Number::parse_plain(text) {
        Some(n) if n.is_zero() => Value::of(CellStatus::Zero, Some(n)),
        Some(n) => Value::of(CellStatus::Number, Some(n)),
        None => Value::of(CellStatus::RunTogether, None),
    }
}

/// Digits in several pieces.
fn pieces(text: &str) -> Value {
    let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let joined = separated(&whole).filter(|v| v.status != CellStatus::RunTogether).and_then(|v| v.number);
    Value { joined, ..Value::of(CellStatus::RunTogether, None) }
}

/// Full-width forms to ASCII; the rest as it is.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2212}' => '-',
        _ => c,
    }
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '/' | '\\' | '_' | '\u{2010}'
            ..='\u{2015}' | '\u{2500}' | '\u{2501}' | '\u{4e00}' | '\u{ff0f}' | '\u{2f00}'
    )
}

/// Words that say there is nothing to report. They are not a printed zero.
const NOTHING: &[&str] = &["无", "没有", "暂无", "不适用", "未发生", "空", "零", "〇", "无。", "N/A", "n/a"];

/// What a program writes where it had no figure, which need not be where the page had none.
const NO_FIGURE: &[&str] = &["nan", "NaN", "None", "<NA>"];

/// Whether a cell holds such a word.
pub(crate) fn is_no_figure(text: &str) -> bool {
    NO_FIGURE.contains(&text.trim())
}

fn is_nothing(text: &str) -> bool {
    NOTHING.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use CellStatus::{Annotated, Blank, Dash, Number as Plain, RunTogether, Unreadable, Word, Zero};

    #[test]
    fn cells_read_as_a_careful_person_would() {
        let cases: &[(&str, CellStatus, Option<&str>)] = &[
            ("", Blank, None),
            (" \u{a0}\u{3000}", Blank, None),
            ("0", Zero, Some("0")),
            ("26", Plain, Some("26")),
            ("１２", Plain, Some("12")),
            ("1,234", Plain, Some("1234")),
            ("1，234，567", Plain, Some("1234567")),
            ("12,34", Unreadable, None),
            ("+1", Plain, Some("1")),
            ("-18", Plain, Some("-18")),
            ("－18", Plain, Some("-18")),
            ("4068.208", Plain, Some("4068.208")),
            ("0.00", Zero, Some("0")),
            ("/", Dash, None),
            ("—", Dash, None),
            ("--", Dash, None),
            ("无", Word, None),
            ("零", Word, None),
            ("3件", Annotated, Some("3")),
            ("75394432.52元", Annotated, Some("75394432.52")),
            ("174（社会组织法人登记证）", Annotated, Some("174")),
            ("12件(含延期2件)", Annotated, Some("12")),
            ("12(含", Unreadable, None),
            ("+23/-10", Unreadable, None),
            ("2648-18538", Unreadable, None),
            ("00", RunTogether, None),
            ("007", RunTogether, None),
            ("346085376123456789012", RunTogether, None),
            ("2 6", RunTogether, None),
            ("3\n4", RunTogether, None),
            ("1.2.3", Unreadable, None),
            ("nan", Unreadable, None),
            ("-0", RunTogether, None),
            ("+0", Zero, Some("0")),
        ];
        for (text, status, number) in cases {
            let v = read(text).unwrap_or_else(|| panic!("{text} is a value"));
            assert_eq!((v.status, v.number.map(|n| n.to_string()).as_deref()), (*status, *number), "{text}");
        }
    }

    #[test]
    fn words_are_no_values() {
        for text in ["规章", "1.属于国家秘密件事", "三、本年度办理结果"] {
            assert!(read(text).is_none_or(|v| v.number.is_none()), "{text}");
        }
    }

    #[test]
    fn pieces_keep_the_joined_number_for_arithmetic_to_prove() {
        assert_eq!(read("2\n6").and_then(|v| v.joined), Some(Number::from_integer(26)));
        assert_eq!(read("0 0").and_then(|v| v.joined), None);
    }
}
