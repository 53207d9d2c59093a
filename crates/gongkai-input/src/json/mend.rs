//! JSON as programs write it that know the format less well than they should.
//!
//! Only what leaves no doubt about the rest is put right: numbers that are none (`NaN`), half a pair of surrogates, line ends
//! within a text, bytes of another charset. What stood there becomes `null` or U+FFFD, so that no figure comes of it.

use encoding_rs::GB18030;

/// Words that stand for a number that is none.
const NO_NUMBERS: [&[u8]; 6] = [b"NaN", b"Infinity", b"-Infinity", b"nan", b"-inf", b"inf"];
/// U+FFFD, escaped.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The same JSON, put right as far as that goes.
pub(super) fn mend(bytes: &[u8]) -> Vec<u8> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => match GB18030.decode(bytes) {
            (text, _, false) => text,
            _ => String::from_utf8_lossy(bytes),
        },
    };
    let mut out = Vec::with_capacity(text.len());
    let (mut rest, mut quoted) = (text.as_bytes(), false);
    while let Some((&byte, after)) = rest.split_first() {
        let (taken, put): (usize, &[u8]) = match byte {
            b'\\' if quoted => escape(rest),
            0..0x20 if quoted => {
                out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                (1, &[])
            }
            b'N' | b'I' | b'-' | b'n' | b'i' if !quoted => match no_number(rest) {
                Some(length) => (length, b"null"),
                None => (1, rest.get(..1).unwrap_or_default()),
            },
            _ => (1, rest.get(..1).unwrap_or_default()),
        };
        quoted ^= byte == b'"';
        out.extend_from_slice(put);
        rest = after.get(taken - 1..).unwrap_or_default();
    }
    out
}

/// How long an escape is, and what is put for it.
fn escape(rest: &[u8]) -> (usize, &[u8]) {
    let same = |length: usize| (length, rest.get(..length).unwrap_or(rest));
    match unit(rest) {
        Some(0xd800..0xdc00) => match rest.get(6..).and_then(unit) {
            Some(0xdc00..0xe000) => same(12),
            _ => (6, REPLACEMENT),
        },
        Some(0xdc00..0xe000) => (6, REPLACEMENT),
        Some(_) => same(6),
        // The escaped byte may be a quote.
        None => same(2),
    }
}

/// The code unit of `\uXXXX`.
fn unit(rest: &[u8]) -> Option<u16> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// The length of a word that stands for no number.
fn no_number(rest: &[u8]) -> Option<usize> {
    let word = NO_NUMBERS.into_iter().find(|word| rest.starts_with(word))?;
    let goes_on = rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on).then_some(word.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn mended(text: &[u8]) -> String {
        let value: Value = serde_json::from_slice(&mend(text)).unwrap();
        value.to_string()
    }

    #[test]
    fn what_is_no_json_becomes_nothing() {
        assert_eq!(
            mended(br#"{"a": NaN, "b": [-Infinity,Infinity], "c": "NaN"}"#),
            r#"{"a":null,"b":[null,null],"c":"NaN"}"#
        );
        assert_eq!(
            mended(br#"{"a": "\ud83d", "b": "x\ude00y", "c": "\ud83d\ude00\"\\"}"#),
            "{\"a\":\"\u{fffd}\",\"b\":\"x\u{fffd}y\",\"c\":\"😀\\\"\\\\\"}"
        );
        assert_eq!(mended(b"{\"a\": \"one\ntwo\"}"), r#"{"a":"one\ntwo"}"#);
        assert_eq!(mended(b"{\"a\": \"\xc4\xea\xb1\xa8\", \"b\": null}"), r#"{"a":"年报","b":null}"#);
    }

    proptest! {
        #[test]
        fn sound_json_stays_what_it_is(texts in prop::collection::vec("\\PC{0,20}", 0..5), number in any::<i64>()) {
            let value = serde_json::json!({"texts": texts, "number": number, "none": null, "is": true});
            prop_assert_eq!(serde_json::from_slice::<Value>(&mend(value.to_string().as_bytes())).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_mended_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = mend(&bytes);
        }
    }
}
