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

/// `[text](target)` and `![text](target)` to `text`. No bracket is looked at more than twice, however many there are.
fn links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut may_close = true;
    while let Some((before, after)) = rest.split_once('[') {
        let label = after.find(['[', ']']).and_then(|at| after.split_at_checked(at));
        let label = label.and_then(|(label, tail)| Some((label, tail.strip_prefix("](")?)));
        let link = label.filter(|_| may_close).and_then(|(label, target)| {
            let behind = target.split_once(')').map(|(_, behind)| behind);
            may_close = behind.is_some();
            Some((label, behind?))
        });
        match link {
            Some((label, tail)) => {
                out.push_str(before.strip_suffix('!').unwrap_or(before));
                out.push_str(label);
                rest = tail;
            }
            None => {
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
            ("[一[二](x)](y)", "[一二](y)"),
        ];
        for (marked, expected) in cases {
            assert_eq!(plain(marked), expected);
        }
    }
}
