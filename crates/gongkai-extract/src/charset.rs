//! Bytes to text: which encoding the bytes are in, whatever the server and the page say.
//!
//! Names and labels are those of the WHATWG Encoding Standard. Chinese government pages are UTF-8 or GB18030 (labelled
//! GB2312 or GBK), copies from Hong Kong and Taiwan also Big5; labels are wrong often enough that the bytes decide.

use crate::oddity::{CHARSET_CONTRADICTION, UNDECODABLE, oddity};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use gongkai_model::Oddity;
use std::borrow::Cow;

/// How far into a page its own declaration is looked for. The standard says 1024 bytes; real pages put scripts first.
const PRESCAN_BYTES: usize = 4096;
/// How much of the bytes the statistics look at.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Decoded text with the encoding that was used.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) encoding: &'static Encoding,
    pub(crate) oddities: Vec<Oddity>,
}

/// A charset somebody announced.
struct Declared {
    by: &'static str,
    encoding: &'static Encoding,
}

/// Decodes a document. `hint` is the label the transport gave.
pub(crate) fn decode<'a>(bytes: &'a [u8], hint: Option<&str>) -> Decoded<'a> {
    let declared = declarations(bytes, hint);
    let (encoding, bom) = choose(bytes, &declared);
    let body = bytes.get(bom..).unwrap_or_default();
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    let mut oddities = Vec::new();
    if !body.is_ascii() {
        oddities.extend(declared.iter().filter(|d| d.encoding != encoding).map(|d| {
            let message = format!("{} says {}, bytes are {}", d.by, d.encoding.name(), encoding.name());
            oddity(CHARSET_CONTRADICTION, message)
        }));
    }
    if had_errors {
        let count = errors(encoding, body);
        oddities
            .push(oddity(UNDECODABLE, format!("{count} undecodable byte sequences in {}", encoding.name())));
    }
    Decoded { text, encoding, oddities }
}

fn declarations(bytes: &[u8], hint: Option<&str>) -> Vec<Declared> {
    let transport = hint
        .and_then(|label| from_label(label.as_bytes()))
        .map(|encoding| Declared { by: "transport", encoding });
    let page = prescan(bytes).map(|encoding| Declared { by: "page", encoding });
    transport.into_iter().chain(page).collect()
}

/// The encoding of a label; GB2312 and GBK are read as GB18030, which contains them.
fn from_label(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label(label).map(widen)
}

fn widen(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// The encoding and the length of a byte order mark.
fn choose(bytes: &[u8], declared: &[Declared]) -> (&'static Encoding, usize) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return (encoding, length);
    }
    let encoding =
        utf16_without_bom(bytes).or_else(|| mostly_utf8(bytes)).unwrap_or_else(|| legacy(bytes, declared));
    (encoding, 0)
}

/// UTF-16 shows by zero bytes at one parity: markup, digits and line ends are ASCII even in Chinese text.
/// The other parity has some as well (一 is U+4E00), but far fewer; other text has none at all.
pub(crate) fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE_BYTES.min(bytes.len() & !1))?;
    memchr::memchr(0, sample)?;
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    let pattern = |many: usize, few: usize| pairs >= 4 && many * 50 >= pairs && few * 3 <= many;
    let encoding = match () {
        () if pattern(odd, even) => UTF_16LE,
        () if pattern(even, odd) => UTF_16BE,
        () => return None,
    };
    (!encoding.decode_without_bom_handling(sample).1).then_some(encoding)
}

/// UTF-8, also when a few bytes are damaged or the end is cut off: text of any other Chinese encoding is invalid UTF-8
/// at nearly every character, so a small share of errors is still proof.
fn mostly_utf8(bytes: &[u8]) -> Option<&'static Encoding> {
    if std::str::from_utf8(bytes).is_ok() {
        return Some(UTF_8);
    }
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|&b| b >= 0xE0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    (bad * 20 <= good).then_some(UTF_8)
}

/// The encoding of bytes that are no Unicode encoding.
fn legacy(bytes: &[u8], declared: &[Declared]) -> &'static Encoding {
    let is_clean = |encoding: &&'static Encoding| is_clean(encoding, bytes);
    let chinese = |encoding: &&'static Encoding| *encoding == GB18030 || *encoding == BIG5;
    // A Western label (servers add ISO-8859-1 by default) decodes anything, so it proves nothing and is not asked first.
    let labels: Vec<_> = declared.iter().map(|d| d.encoding).filter(chinese).collect();
    if let Some(encoding) = labels.iter().copied().find(is_clean) {
        return encoding;
    }
    // Where only one of the Chinese encodings can be meant, and no other is announced, there is nothing to guess.
    if !declared.iter().any(|d| !chinese(&d.encoding) && d.encoding != UTF_8)
        && is_clean(&GB18030)
        && !is_clean(&BIG5)
    {
        return GB18030;
    }
    let guess = guess(bytes);
    if guess == BIG5 && is_clean(&BIG5) || !chinese(&guess) && declared.iter().any(|d| d.encoding == guess) {
        return guess;
    }
    if let Some(encoding) = [GB18030, BIG5].into_iter().find(is_clean) {
        return encoding;
    }
    fewest_errors(bytes, labels.into_iter().chain([GB18030, BIG5]), guess)
}

/// Whether bytes are whole characters of an encoding.
fn is_clean(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    malformed(encoding, bytes, 1) == 0
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..SAMPLE_BYTES).unwrap_or(bytes), true);
    widen(detector.guess(None, Utf8Detection::Deny))
}

fn fewest_errors(
    bytes: &[u8],
    candidates: impl Iterator<Item = &'static Encoding>,
    otherwise: &'static Encoding,
) -> &'static Encoding {
    let best = candidates.map(|e| (errors(e, bytes), e)).min_by_key(|(count, _)| *count);
    let high_bytes = bytes.iter().filter(|b| !b.is_ascii()).count();
    match best {
        Some((count, encoding)) if count * 20 <= high_bytes => encoding,
        _ => otherwise,
    }
}

/// Number of malformed byte sequences.
fn errors(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    malformed(encoding, bytes, usize::MAX)
}

/// The same, counted up to `most`.
fn malformed(encoding: &'static Encoding, bytes: &[u8], most: usize) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut buffer = [0_u8; 4096];
    let (mut rest, mut count) = (bytes, 0);
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut buffer, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return count,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                count += 1;
                if count >= most {
                    return count;
                }
            }
        }
    }
}

/// The charset a page declares for itself: `<meta charset>`, `<meta http-equiv content="…; charset=…">` or `<?xml encoding?>`.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN_BYTES).unwrap_or(bytes).to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = rest.get(at..)?;
        if rest.starts_with(b"<!--") {
            rest = after(rest, b"-->")?;
            continue;
        }
        let length = rest.iter().position(|&b| b == b'>').unwrap_or(rest.len());
        let (tag, tail) = rest.split_at(length.max(1));
        let label = match () {
            () if tag.starts_with(b"<meta") => value_of(tag, b"charset"),
            () if tag.starts_with(b"<?xml") => value_of(tag, b"encoding"),
            () => None,
        };
        if let Some(encoding) = label.and_then(from_label) {
            // HTML standard, 13.2.3.2: a page whose ASCII bytes could be read so far is not UTF-16.
            return Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding });
        }
        rest = tail;
    }
    None
}

/// What follows `name` and an equals sign in a tag, quotes taken off.
fn value_of<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = tag;
    loop {
        rest = after(rest, name)?;
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
            let end = value.iter().position(|&b| !(b.is_ascii_alphanumeric() || b"-_:.".contains(&b)));
            return value.get(..end.unwrap_or(value.len()));
        }
    }
}

fn after<'a>(bytes: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(needle.len()).position(|window| window == needle)?;
    bytes.get(at + needle.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><meta charset=\"LABEL\"></head><p>某某县人民政府办公室政府信息公开工作年度报告，\
        本年新收政府信息公开申请数量为三件。</p></html>";

    fn page(label: &str) -> String {
        PAGE.replace("LABEL", label)
    }

    fn read(bytes: &[u8], hint: Option<&str>) -> (String, String, Vec<&'static str>) {
        let decoded = decode(bytes, hint);
        let codes = decoded.oddities.iter().map(|o| o.code).collect();
        (decoded.text.into_owned(), decoded.encoding.name().to_owned(), codes)
    }

    #[test]
    fn labels_that_tell_the_truth_are_quiet() {
        for (label, encoding, name) in
            [("utf-8", UTF_8, "UTF-8"), ("gb2312", GB18030, "gb18030"), ("gbk", GB18030, "gb18030")]
        {
            let text = page(label);
            assert_eq!(read(&encoding.encode(&text).0, None), (text, name.to_owned(), vec![]), "{label}");
        }
        let text = "<meta charset=big5><p>臺北市政府資訊公開工作年度報告</p>".to_owned();
        assert_eq!(read(&BIG5.encode(&text).0, None), (text, "Big5".to_owned(), vec![]));
    }

    #[test]
    fn bytes_win_over_labels() {
        let text = page("gb2312");
        assert_eq!(read(text.as_bytes(), None), (text.clone(), "UTF-8".to_owned(), vec!["GK101"]));
        let text = page("utf-8");
        let bytes = GB18030.encode(&text).0;
        assert_eq!(read(&bytes, Some("ISO-8859-1")), (text, "gb18030".to_owned(), vec!["GK101", "GK101"]));
    }

    #[test]
    fn undeclared_text_is_detected() {
        let text =
            "臺北市政府民政局資訊公開工作年度報告：本年度辦理結果，予以公開三件，不予公開零件，總計三件。";
        assert_eq!(read(&BIG5.encode(text).0, None).1, "Big5");
        let text =
            "某某市民政局政府信息公开工作年度报告：本年度办理结果，予以公开三件，不予公开零件，总计三件。";
        assert_eq!(read(&GB18030.encode(text).0, None).1, "gb18030");
    }

    #[test]
    fn utf16_needs_no_mark() {
        let text = page("utf-16");
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&little, None), (text.clone(), "UTF-16LE".to_owned(), vec![]));
        assert_eq!(read(&big, None), (text.clone(), "UTF-16BE".to_owned(), vec![]));
        let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(little).collect();
        assert_eq!(read(&marked, None), (text, "UTF-16LE".to_owned(), vec![]));
    }

    #[test]
    fn damage_is_counted_not_fatal() {
        let mut bytes = page("utf-8").into_bytes();
        bytes.truncate(page("utf-8").find("三件").unwrap() + 1);
        let (text, name, codes) = read(&bytes, None);
        assert!(text.contains("年度报告"));
        assert_eq!((name.as_str(), codes), ("UTF-8", vec!["GK102"]));
        let mut bytes = GB18030.encode(&page("gbk")).0.into_owned();
        bytes.push(0xB0);
        assert_eq!(read(&bytes, None).1, "gb18030");
    }

    #[test]
    fn declarations_in_comments_do_not_count() {
        assert!(prescan(b"<!-- <meta charset=gbk> --><p>").is_none());
        assert_eq!(
            prescan(b"<META http-equiv=Content-Type content='text/html; charset = GB2312'>"),
            Some(GB18030)
        );
        assert_eq!(prescan(b"<?xml version=\"1.0\" encoding='big5'?>"), Some(BIG5));
    }
}
