//! Takes out of the source what nobody reads, before the tree is built.
//!
//! Pages pasted from word processors are four fifths markup: attributes of style, and `<span>` and `<font>` around every
//! few characters. Building a tree of that costs more than all other stages together, so attributes that mean nothing to
//! the walk and tags of inline elements are left out first. The source is read as by the tokenizer of the HTML standard
//! (13.2.5), so what is left builds the same lines, cells and metadata; a property test holds the two against each other.

use memchr::{memchr, memmem};

/// Elements that neither break lines nor carry anything: their tags are left out, their text stays.
const TRANSPARENT: &[&str] = &["span", "font", "b", "strong", "i", "em", "u", "o:p"];
/// Elements whose content is no markup until their own end tag.
const RAW: &[&str] =
    &["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript"];

/// The source without the markup nobody reads.
pub(super) fn slim(source: &str) -> String {
    let mut out = String::with_capacity(source.len() / 2);
    let mut rest = source;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        let (text, markup) = rest.split_at_checked(at).unwrap_or((rest, ""));
        copy_text(text, &mut out);
        rest = copy_markup(markup, &mut out);
    }
    copy_text(rest, &mut out);
    out
}

/// Copies text; indentation between tags becomes one white space, and the commonest character reference its character.
fn copy_text(text: &str, out: &mut String) {
    if text.bytes().all(|b| b.is_ascii_whitespace()) {
        let space = if text.contains('\n') { "\n" } else { " " };
        out.push_str(if text.is_empty() { "" } else { space });
        return;
    }
    let mut rest = text;
    while let Some((before, after)) = memchr(b'&', rest.as_bytes()).and(rest.split_once("&nbsp;")) {
        out.push_str(before);
        out.push('\u{a0}');
        rest = after;
    }
    out.push_str(rest);
}

/// Copies one piece of markup, which starts with `<`; hands back what follows it.
fn copy_markup<'a>(markup: &'a str, out: &mut String) -> &'a str {
    let bytes = markup.as_bytes();
    match (bytes.get(1).copied().unwrap_or(b' '), bytes.get(2).copied().unwrap_or(b' ')) {
        (c, _) if c.is_ascii_alphabetic() => copy_tag(markup, 1, out),
        (b'/', c) if c.is_ascii_alphabetic() => copy_tag(markup, 2, out),
        (b'!', _) if markup.starts_with("<!--") => copy_to(markup, comment_end(bytes), out),
        (b'!' | b'?' | b'/', _) => copy_to(markup, memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1), out),
        _ => {
            // Text. Escaped, as it could become markup together with what follows a tag left out.
            out.push_str("&lt;");
            markup.strip_prefix('<').unwrap_or_default()
        }
    }
}

fn copy_to<'a>(markup: &'a str, end: usize, out: &mut String) -> &'a str {
    let (copied, rest) = markup.split_at_checked(end).unwrap_or((markup, ""));
    out.push_str(copied);
    rest
}

/// "Comment state" and its neighbours: `<!-->` and `<!--->` are whole, `--!>` ends a comment as well.
fn comment_end(bytes: &[u8]) -> usize {
    if bytes.get(4) == Some(&b'>') {
        return 5;
    }
    if bytes.get(4..6) == Some(b"->") {
        return 6;
    }
    let mut at = 4;
    while let Some(found) = memmem::find(bytes.get(at..).unwrap_or_default(), b"--") {
        at += found + 2;
        match bytes.get(at..) {
            Some([b'>', ..]) => return at + 1,
            Some([b'!', b'>', ..]) => return at + 2,
            _ => at -= 1,
        }
    }
    bytes.len()
}

/// Copies a start or end tag with the attributes that count, and raw text after a start tag.
fn copy_tag<'a>(markup: &'a str, name_start: usize, out: &mut String) -> &'a str {
    let bytes = markup.as_bytes();
    let name_end = position(bytes, name_start, |b| b.is_ascii_whitespace() || b == b'/' || b == b'>');
    let Some(name) = markup.get(name_start..name_end) else { return copy_to(markup, bytes.len(), out) };
    let is = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let is_transparent = is(TRANSPARENT);
    let begin = out.len();
    out.push_str(markup.get(..name_end).unwrap_or_default());
    let Some(tag_end) = copy_attributes(markup, name_end, name, out) else {
        // The source ends inside the tag: the standard drops it.
        out.truncate(begin);
        return "";
    };
    if is_transparent {
        out.truncate(begin);
    }
    let rest = markup.get(tag_end..).unwrap_or_default();
    if name_start == 1 && is(RAW) { copy_to(rest, raw_end(rest, name), out) } else { rest }
}

/// Copies the attributes that count and the end of the tag; the offset behind it, `None` if the source ends before.
fn copy_attributes(markup: &str, start: usize, tag: &str, out: &mut String) -> Option<usize> {
    let bytes = markup.as_bytes();
    let mut at = start;
    loop {
        at = position(bytes, at, |b| !(b.is_ascii_whitespace() || b == b'/'));
        if *bytes.get(at)? == b'>' {
            out.push_str(if bytes.get(at - 1) == Some(&b'/') { " />" } else { ">" });
            return Some(at + 1);
        }
        let name_end =
            position(bytes, at + 1, |b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'='));
        let value_end = value_end(bytes, name_end)?;
        match counts(tag, markup.get(at..name_end)?) {
            Counts::No => {}
            Counts::Presence => push(out, markup.get(at..name_end)?),
            Counts::Value => push(out, markup.get(at..value_end)?),
        }
        at = value_end;
    }
}

fn push(out: &mut String, attribute: &str) {
    out.push(' ');
    out.push_str(attribute);
}

/// Where the value of an attribute ends whose name ends at `at`; the end of the name if it has none.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let equals = position(bytes, at, |b| !b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        return Some(at);
    }
    let value = position(bytes, equals + 1, |b| !b.is_ascii_whitespace());
    match *bytes.get(value)? {
        quote @ (b'"' | b'\'') => Some(value + 2 + memchr(quote, bytes.get(value + 1..)?)?),
        b'>' => Some(value),
        _ => Some(position(bytes, value, |b| b.is_ascii_whitespace() || b == b'>')),
    }
}

/// How much of an attribute the walk reads.
enum Counts {
    No,
    Presence,
    Value,
}

fn counts(tag: &str, attribute: &str) -> Counts {
    let is = |name: &str| name.eq_ignore_ascii_case(attribute);
    let values: &[&str] = match tag.len() {
        1 if tag.eq_ignore_ascii_case("a") && is("href") => return Counts::Presence,
        2 if tag.eq_ignore_ascii_case("td") || tag.eq_ignore_ascii_case("th") => &["colspan", "rowspan"],
        4 if tag.eq_ignore_ascii_case("meta") => &["name", "property", "http-equiv", "content"],
        5 if tag.eq_ignore_ascii_case("input") => &["type", "id", "name", "value"],
        _ => &["role"],
    };
    if values.iter().any(|name| is(name)) { Counts::Value } else { Counts::No }
}

/// Where raw text ends: before the end tag of its element.
fn raw_end(text: &str, name: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|tail| memchr(b'<', tail)) {
        at += found;
        let tail = bytes.get(at + 2..).unwrap_or_default();
        let is_name = tail.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()));
        let ends = tail.get(name.len()).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        if bytes.get(at + 1) == Some(&b'/') && is_name && ends {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The first place from `start` on whose byte fits, or the end.
fn position(bytes: &[u8], start: usize, fits: impl Fn(u8) -> bool) -> usize {
    let tail = bytes.get(start..).unwrap_or_default();
    tail.iter().position(|&b| fits(b)).map_or(bytes.len(), |at| start + at)
}

#[cfg(test)]
mod tests {
    use super::slim;

    #[test]
    fn only_what_counts_is_left() {
        let cases = [
            ("<td style='a>b' ColSpan=3 width=1>0</td>", "<td ColSpan=3>0</td>"),
            ("<p class=x><span lang=EN-US>20</span><FONT size=2>23</FONT></p>", "<p>2023</p>"),
            ("<a class=x href='/a>b' title=\"t\">甲</a>", "<a href>甲</a>"),
            ("<br/><img src=x/ alt=''/>", "<br /><img />"),
            ("3 < 5 <!-- <p class=x> --><!--><p id=1>", "3 &lt; 5 <!-- <p class=x> --><!--><p>"),
            (
                "<script a=1>if (a<b && '</p class>') {}</SCRIPT ><p>",
                "<script>if (a<b && '</p class>') {}</SCRIPT><p>",
            ),
            ("<p>末<p class='", "<p>末"),
            ("<tr>\n\t\t<td> 甲&nbsp;&amp; </td>  <td>", "<tr>\n<td> 甲\u{a0}&amp; </td> <td>"),
        ];
        for (source, expected) in cases {
            assert_eq!(slim(source), expected);
        }
    }
}
