//! Inline marks of Markdown reduced to the text a reader sees.

use std::borrow::Cow;

/// Takes off bold marks, links, images, code marks, formulas and backslashes; leaves out what is struck.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['*', '[', '`', '\\', '&', '<', '~', '$']) {
        return Cow::Borrowed(text);
    }
    let text = formulas(&without_struck(text));
    let text = links(&tags(&text).replace("**", ""));
    let text = text.replace('`', "").replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    Cow::Owned(unescape(&text.replace("&amp;", "&")))
}

/// Text between `~~`, and in elements of struck text, is no longer meant.
fn without_struck(text: &str) -> String {
    const MARKS: [(&str, &str); 4] =
        [("~~", "~~"), ("<del>", "</del>"), ("<s>", "</s>"), ("<strike>", "</strike>")];
    let mut out = text.to_owned();
    for (open, close) in MARKS {
        let mut kept = String::with_capacity(out.len());
        let mut rest = out.as_str();
        while let Some((before, after)) = rest.split_once(open) {
            let Some((_, behind)) = after.split_once(close) else { break };
            kept.extend([before, " "]);
            rest = behind;
        }
        kept.push_str(rest);
        out = kept;
    }
    out
}

/// `$12$`, and `\(12\)` where nothing else is printed, as the figure it prints; money and other text with such signs stays.
fn formulas(text: &str) -> String {
    let is_formula = |inner: &str| {
        let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
        inner.contains(digit) && inner.chars().all(|c| digit(c) || " .,+-/%{}^\\．，＋－".contains(c))
    };
    let alone = text.trim().strip_prefix("\\(").and_then(|t| t.strip_suffix("\\)"));
    if let Some(inner) = alone.filter(|inner| is_formula(inner)) {
        return crate::tabular::plain(inner);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        match after.split_once('$').filter(|(inner, _)| is_formula(inner)) {
            Some((inner, behind)) => {
                // `12$^{1}$`: what is raised stands apart from the figure before it.
                if inner.trim_start().starts_with(['^', '_']) {
                    out.push(' ');
                }
                out.push_str(crate::tabular::plain(inner).trim());
                rest = behind;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What follows the tag of an element of running text, in a text behind its `<`, and whether what it holds is set off.
pub(super) fn behind_inline(text: &str) -> Option<(&str, bool)> {
    const NAMES: &[(&str, bool)] = &[
        ("sup>", true),
        ("sub>", true),
        ("b>", false),
        ("i>", false),
        ("u>", false),
        ("em>", false),
        ("strong>", false),
        ("span>", false),
        ("del>", false),
        ("s>", false),
        ("strike>", false),
        ("mark>", false),
    ];
    let text = text.strip_prefix('/').unwrap_or(text);
    NAMES.iter().find_map(|(name, apart)| Some((text.strip_prefix(name)?, *apart)))
}

/// What follows a line break, in a text behind its `<`.
pub(super) fn behind_break(text: &str) -> Option<&str> {
    ["br>", "br/>", "br />", "BR>", "BR/>", "BR />"].iter().find_map(|tag| text.strip_prefix(tag))
}

/// Line breaks written as tags, and text without the tags of its elements.
fn tags(text: &str) -> String {
    let mut pieces = text.split('<');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match (behind_break(piece), behind_inline(piece)) {
            (Some(rest), _) => out.extend(["\n", rest]),
            (None, Some((rest, is_apart))) => out.extend([if is_apart { " " } else { "" }, rest]),
            (None, None) => out.extend(["<", piece]),
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
            ("~~9~~12", " 12"),
            ("12<sup>1</sup>", "12 1 "),
            ("$12$ 件，$5", "12 件，$5"),
            ("第\\(7\\)项", "第(7)项"),
            (" \\( 41 \\) ", "41"),
            ("[一](", "[一]("),
            ("[一[二](x)](y)", "[一二](y)"),
        ];
        for (marked, expected) in cases {
            assert_eq!(plain(marked), expected);
        }
    }
}
