//! Script and charset.

use crate::spec::{Charset, Spec};
use encoding_rs::{BIG5, Encoding, GB18030};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::OnceLock;

#[allow(clippy::expect_used)]
fn converters() -> &'static [OpenCC; 2] {
    static CONVERTERS: OnceLock<[OpenCC; 2]> = OnceLock::new();
    CONVERTERS.get_or_init(|| {
        [BuiltinConfig::S2t, BuiltinConfig::S2tw]
            .map(|config| OpenCC::from_config(config).expect("the conversion is built in"))
    })
}

/// The text in traditional characters, for Big5 in the shapes it has (為, not 爲). Runs of Chinese characters are
/// converted one by one and remembered: reports repeat themselves.
pub(crate) fn traditional(text: &str, charset: Charset) -> String {
    thread_local! {
        static SEEN: RefCell<[HashMap<String, String>; 2]> = RefCell::default();
    }
    let [common, big5] = converters();
    let is_big5 = charset == Charset::Big5;
    let converter = if is_big5 { big5 } else { common };
    let is_han = |c: char| ('\u{2e80}'..'\u{e000}').contains(&c);
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    SEEN.with_borrow_mut(|[common, big5]| {
        let seen = if is_big5 { big5 } else { common };
        for c in text.chars().chain(['\n']) {
            if is_han(c) {
                run.push(c);
                continue;
            }
            if !run.is_empty() {
                if seen.len() > 20_000 {
                    seen.clear();
                }
                out.push_str(seen.entry(run.clone()).or_insert_with(|| converter.convert(&run)));
                run.clear();
            }
            out.push(c);
        }
    });
    out.pop();
    out
}

/// The bytes of the text.
pub(crate) fn encode(text: &str, spec: &Spec) -> Vec<u8> {
    match spec.charset {
        Charset::Utf8 => text.as_bytes().to_vec(),
        Charset::Utf8Bom => ["\u{feff}", text].concat().into_bytes(),
        Charset::Utf16Le => {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
        Charset::Gb18030 => old(text, GB18030, spec),
        Charset::Big5 => old(text, BIG5, spec),
    }
}

fn old(text: &str, encoding: &'static Encoding, spec: &Spec) -> Vec<u8> {
    if spec.layout.is_html() {
        return encoding.encode(text).0.into_owned();
    }
    // Plain text has no character references.
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        let fits = |c: char| {
            let mut one = [0; 4];
            let (bytes, _, failed): (Cow<'_, [u8]>, _, _) = encoding.encode(c.encode_utf8(&mut one));
            !failed && !bytes.is_empty()
        };
        match c {
            _ if c.is_ascii() || fits(c) => clean.push(c),
            '\u{a0}' | '\u{2003}' => clean.push(' '),
            _ => clean.push('?'),
        }
    }
    encoding.encode(&clean).0.into_owned()
}
