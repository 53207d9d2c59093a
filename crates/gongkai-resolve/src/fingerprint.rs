//! What a report says, without what its page says around it: the same for copies with other navigation, counters,
//! footers or script.

use crate::text::is_han;
use gongkai_model::{Fingerprint, Number, Parsed};

/// A text with fewer characters is not told from other short texts.
const ENOUGH_CHARS: usize = 300;
/// A sentence with fewer characters is a heading or a label.
const SENTENCE_CHARS: usize = 8;
/// Sentences kept of a text: those with the smallest hashes, the same in every copy.
const SKETCH: usize = 32;
/// Figures with fewer different values above 9 are those of many small agencies.
const TELLING_FIGURES: usize = 6;

/// Reads a document's fingerprint. Only whole sentences count: footers and counters are none.
pub(crate) fn fingerprint(parsed: &Parsed) -> Fingerprint {
    let mut whole = String::new();
    let mut sketch: Vec<u32> = Vec::new();
    let mut chars = 0;
    for section in &parsed.sections {
        for line in section.text.lines() {
            let mut rest = line;
            while let Some((sentence, behind)) = rest.split_once('。') {
                rest = behind;
                let plain: String = sentence.chars().filter(|c| is_han(*c) || c.is_ascii_digit()).collect();
                let count = plain.chars().count();
                if count >= SENTENCE_CHARS {
                    chars += count;
                    whole.push_str(&plain);
                    whole.push('\n');
                    sketch.push(short(&blake3::hash(plain.as_bytes())));
                }
            }
        }
    }
    sketch.sort_unstable();
    sketch.dedup();
    sketch.truncate(SKETCH);
    let text = (chars >= ENOUGH_CHARS).then(|| {
        let hex = blake3::hash(whole.as_bytes()).to_hex();
        hex.chars().take(32).collect()
    });
    Fingerprint { text, sketch, figures: figures(parsed) }
}

/// A hash of all figures, where they are telling.
fn figures(parsed: &Parsed) -> Option<u32> {
    let mut all = String::new();
    let mut values: Vec<Number> = Vec::new();
    for cell in &parsed.cells {
        if let Some(value) = cell.value {
            let text = value.to_string();
            for part in [&*cell.table, &*cell.item, &*cell.column, &text] {
                all.push_str(part);
                all.push('\0');
            }
            values.extend((text.len() >= 2).then_some(value));
        }
    }
    values.sort_unstable();
    values.dedup();
    (values.len() >= TELLING_FIGURES).then(|| short(&blake3::hash(all.as_bytes())))
}

fn short(hash: &blake3::Hash) -> u32 {
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Share of sentences that two sketches have in common, in percent: of the smallest hashes of both together, those in
/// both.
pub(crate) fn likeness(a: &Fingerprint, b: &Fingerprint) -> usize {
    let mut both: Vec<u32> = a.sketch.iter().chain(&b.sketch).copied().collect();
    both.sort_unstable();
    both.dedup();
    both.truncate(SKETCH);
    let shared =
        both.iter().filter(|h| a.sketch.binary_search(h).is_ok() && b.sketch.binary_search(h).is_ok());
    (shared.count() * 100).checked_div(both.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, likeness};
    use gongkai_model::{Parsed, Section};

    fn text(sentences: &[String], tail: &str) -> Parsed {
        let text = format!("浏览量：{tail}\n{}\n主办单位：某县人民政府 {tail}", sentences.concat());
        let section = Section { section: "overview".into(), heading: String::new(), text };
        Parsed { sections: vec![section], ..Parsed::default() }
    }

    fn sentences(from: usize) -> Vec<String> {
        (from..from + 30).map(|i| format!("本机关第{i}次公开各类信息并及时回应关切。")).collect()
    }

    #[test]
    fn counters_and_footers_do_not_count_and_sentences_do() {
        let a = fingerprint(&text(&sentences(100), "17"));
        assert!(a.text.is_some());
        assert_eq!(a, fingerprint(&text(&sentences(100), "2345")));
        let other = fingerprint(&text(&sentences(500), "17"));
        assert!(a.text != other.text && likeness(&a, &other) == 0);
        let mut changed = sentences(100);
        changed[3] = "本机关更正一项数据并说明理由。".to_owned();
        let changed = fingerprint(&text(&changed, "17"));
        assert!(a.text != changed.text && likeness(&a, &changed) > 80, "{}", likeness(&a, &changed));
        assert_eq!(likeness(&a, &a), 100);
        let short = fingerprint(&text(&sentences(1)[..2], "1"));
        assert!(short.text.is_none());
        assert_eq!(likeness(&fingerprint(&Parsed::default()), &fingerprint(&Parsed::default())), 0);
    }
}
