//! Inline marks of Markdown reduced to the text a reader sees.

use std::borrow::Cow;

/// Takes off bold marks, links, images, code marks and backslashes.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['*', '[', '`', '\\', '&', '<']) {
        return Cow::Borrowed(text);
    }
    let text = links(&breaks(text).replace("**", ""));
    let text = text.replace('`', "").replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    Cow::Owned(unescape(&text.replace("&amp;", "&")))
}

/// What follows a line break, in a text behind its `<`.
pub(super) fn behind_break(text: &str) -> Option<&str> {
    ["br>", "br/>", "br />", "BR>", "BR/>", "BR />"].iter().find_map(|tag| text.strip_prefix(tag))
}

/// Line breaks written as tags.
fn breaks(text: &str) -> String {
    let mut pieces = text.split('<');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match behind_break(piece) {
            Some(rest) => out.extend(["\n", rest]),
            None => out.extend(["<", piece]),
        }
    }
    out
}

/// `[text](target)` and `![text](target)` to `text`.
fn links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        match after.split_once("](").and_then(|(label, tail)| Some((label, tail.split_once(')')?.1))) {
            Some((label, tail)) if !label.contains(['[', ']']) => {
                out.push_str(before.strip_suffix('!').unwrap_or(before));
                out.push_str(label);
                rest = tail;
            }
            _ => {
                out.push_str(before);
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A backslash before ASCII punctuation is a mark, not text.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            out.push(c);
        } else if let Some(next) = chars.next() {
            out.push(next);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn marks_go_text_stays() {
        let cases = [
            ("**一是**加强", "一是加强"),
            ("单<br>位 <br/>1 < 2", "单\n位 \n1 < 2"),
            ("见[附件](a.pdf)与![图](b.png)", "见附件与图"),
            ("1\\. 其他 [注]", "1. 其他 [注]"),
            ("3*4", "3*4"),
            ("[一](", "[一]("),
        ];
        for (marked, expected) in cases {
            assert_eq!(plain(marked), expected);
        }
    }
}
