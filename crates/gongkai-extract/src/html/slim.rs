//! Takes out of the source what nobody reads, before the tree is built.
//!
//! Pages pasted from word processors are four fifths markup: attributes of style, and `<span>` and `<font>` around every
//! few characters. Building a tree of that costs more than all other stages together, so attributes that mean nothing to
//! the walk and tags of inline elements are left out first. The source is read as by the tokenizer of the HTML standard
//! (13.2.5), so what is left builds the same lines, cells and metadata; a property test holds the two against each other.

use super::elements::Kind;
use super::marks::{self, Look, mark};
use super::styles::Styles;
use memchr::{memchr, memmem};

/// Elements that no end tag of a transparent element closes, be it "special" in the standard or empty. A mark on any
/// other element ends where the tags around it say, so that none of them may be left out.
const BOUNDED: &[&str] = &[
    "a", "article", "aside", "body", "br", "button", "caption", "center", "dd", "div", "dl", "dt", "embed",
    "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "iframe", "img",
    "input", "li", "link", "main", "menu", "meta", "nav", "object", "ol", "p", "pre", "script", "section",
    "select", "style", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "tr", "ul",
];

/// What is left of a source.
#[derive(Default)]
pub(super) struct Slim<'s> {
    pub(super) text: String,
    /// The style sheets in it.
    sheets: String,
    styles: Option<&'s Styles>,
    /// The values of `class` and `id` in it, as long as no style sheet is known, with the mark before such names.
    names: Vec<(&'s str, char)>,
    /// Whether an element is hidden or struck.
    pub(super) is_marked: bool,
    /// Whether the bounds of a mark depend on the tags of transparent elements.
    needs_inline: bool,
    keeps_inline: bool,
    /// Tables begun and not ended.
    tables: usize,
    /// Whether the tag before is one of the frame of a table.
    behind_frame: bool,
}

/// The source without the markup nobody reads, and what its style sheets hide.
pub(super) fn slim(source: &str) -> (String, bool, Styles) {
    let first = copy_as_needed(source, false, None);
    let styles = Styles::read(&first.sheets);
    // Most style sheets hide nothing that is there.
    if !first.names.iter().any(|(names, mark)| styles.asks_for(names, *mark)) {
        return (first.text, first.is_marked, styles);
    }
    let slim = copy_as_needed(source, first.keeps_inline, Some(&styles));
    let (text, is_marked) = (slim.text, slim.is_marked);
    (text, is_marked, styles)
}

/// With the tags of transparent elements, if the bounds of a mark depend on them.
fn copy_as_needed<'s>(source: &'s str, keeps_inline: bool, styles: Option<&'s Styles>) -> Slim<'s> {
    let slim = copy(source, keeps_inline, styles);
    if slim.needs_inline && !keeps_inline { copy(source, true, styles) } else { slim }
}

fn copy<'s>(source: &'s str, keeps_inline: bool, styles: Option<&'s Styles>) -> Slim<'s> {
    let text = String::with_capacity(source.len() / 2);
    let mut out = Slim { text, keeps_inline, styles, ..Slim::default() };
    let mut rest = source;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        let (text, markup) = rest.split_at_checked(at).unwrap_or((rest, ""));
        // White space inside the frame of a table, cells aside, is never shown.
        let is_frame = out.tables > 0 && out.behind_frame && begins_frame(markup);
        if !(is_frame && text.bytes().all(|b| b.is_ascii_whitespace())) {
            copy_text(text, &mut out.text);
        }
        rest = copy_markup(markup, &mut out);
        if out.needs_inline && !keeps_inline {
            return out;
        }
    }
    copy_text(rest, &mut out.text);
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
    while let Some((before, after)) = memchr(b'&', rest.as_bytes()).and_then(|_| rest.split_once("&nbsp;")) {
        out.push_str(before);
        out.push('\u{a0}');
        rest = after;
    }
    out.push_str(rest);
}

/// Copies one piece of markup, which starts with `<`; hands back what follows it.
fn copy_markup<'a>(markup: &'a str, out: &mut Slim<'a>) -> &'a str {
    let bytes = markup.as_bytes();
    match (bytes.get(1).copied().unwrap_or(b' '), bytes.get(2).copied().unwrap_or(b' ')) {
        (c, _) if c.is_ascii_alphabetic() => copy_tag(markup, 1, out),
        (b'/', c) if c.is_ascii_alphabetic() => copy_tag(markup, 2, out),
        (b'!', _) if markup.starts_with("<!--") => markup.get(comment_end(bytes)..).unwrap_or_default(),
        (b'!' | b'?' | b'/', _) => {
            copy_to(markup, memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1), &mut out.text)
        }
        _ => {
            // Text. Escaped, as it could become markup together with what follows a tag left out.
            out.text.push_str("&lt;");
            markup.strip_prefix('<').unwrap_or_default()
        }
    }
}

/// Whether markup begins with a tag of the frame of a table.
fn begins_frame(markup: &str) -> bool {
    let tag = markup.trim_start_matches(['<', '/']);
    let name =
        tag.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).next().unwrap_or_default();
    Kind::of(name) == Kind::Frame
}

fn copy_to<'a>(markup: &'a str, end: usize, out: &mut String) -> &'a str {
    let (copied, rest) = markup.split_at_checked(end).unwrap_or((markup, ""));
    out.push_str(copied);
    rest
}

/// "Comment state" and its neighbours: `<!-->` and `<!--->` are whole, `--!>` ends a comment as well.
pub(super) fn comment_end(bytes: &[u8]) -> usize {
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
fn copy_tag<'a>(markup: &'a str, name_start: usize, out: &mut Slim<'a>) -> &'a str {
    let bytes = markup.as_bytes();
    let name_end = position(bytes, name_start, |b| b.is_ascii_whitespace() || b == b'/' || b == b'>');
    let Some(name) = markup.get(name_start..name_end) else {
        return copy_to(markup, bytes.len(), &mut out.text);
    };
    let kind = Kind::of(name);
    let begin = out.text.len();
    out.text.push_str(markup.get(..name_end).unwrap_or_default());
    let Some((tag_end, seen)) = copy_attributes(markup, name_end, name, out) else {
        // The source ends inside the tag: the standard drops it.
        out.text.truncate(begin);
        return "";
    };
    let is_start = name_start == 1;
    out.behind_frame = kind == Kind::Frame;
    if name.eq_ignore_ascii_case("table") {
        out.tables = if is_start { out.tables + 1 } else { out.tables.saturating_sub(1) };
    }
    let look = seen.style.map(Look::read).unwrap_or_default();
    if is_start && (seen.may_be_hidden || mark(name, look, seen.is_hidden, true).is_some()) {
        out.is_marked = true;
        out.needs_inline |= !BOUNDED.iter().any(|n| n.eq_ignore_ascii_case(name));
    }
    // Raised text ends with the elements around it.
    let is_apart = kind == Kind::Apart || seen.style.is_some_and(marks::stands_apart);
    out.needs_inline |= is_start && is_apart;
    if kind == Kind::Transparent && !out.keeps_inline {
        out.text.truncate(begin);
    }
    let rest = markup.get(tag_end..).unwrap_or_default();
    if !(is_start && kind == Kind::Raw) {
        return rest;
    }
    let end = raw_end(rest, name);
    let content = rest.get(..end).unwrap_or_default();
    if name.eq_ignore_ascii_case("style") && is_for_screens(markup.get(..tag_end).unwrap_or_default()) {
        out.sheets.push_str(content);
        out.sheets.push('\n');
    }
    if is_unread(name, content) {
        // Its end tag stays, which alone is nothing.
        out.text.truncate(begin);
        return rest.get(end..).unwrap_or_default();
    }
    copy_to(rest, end, &mut out.text)
}

/// Whether an element of raw text is nothing but a script or a style. A comment in a script may hide the tag that seems to
/// end it ("script data double escaped state").
fn is_unread(name: &str, content: &str) -> bool {
    name.eq_ignore_ascii_case("style") || (name.eq_ignore_ascii_case("script") && !content.contains("<!--"))
}

/// Whether a style sheet is not for printers only.
fn is_for_screens(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    !tag.contains("print") || tag.contains("screen") || tag.contains("all")
}

/// The attributes of a tag that can hide its element.
#[derive(Default, Clone, Copy)]
struct Seen<'a> {
    /// A `style` that may tell something.
    style: Option<&'a str>,
    is_hidden: bool,
    /// A name by which a style sheet may hide it.
    may_be_hidden: bool,
}

/// Copies the attributes that count and the end of the tag; the offset behind it, `None` if the source ends before.
fn copy_attributes<'a>(
    markup: &'a str,
    start: usize,
    tag: &str,
    slim: &mut Slim<'a>,
) -> Option<(usize, Seen<'a>)> {
    let (styles, out, all_names) = (slim.styles, &mut slim.text, &mut slim.names);
    let bytes = markup.as_bytes();
    let mut at = start;
    let mut seen = Seen::default();
    let mut has_style = false;
    loop {
        at = position(bytes, at, |b| !(b.is_ascii_whitespace() || b == b'/'));
        if *bytes.get(at)? == b'>' {
            out.push_str(if bytes.get(at - 1) == Some(&b'/') { " />" } else { ">" });
            return Some((at + 1, seen));
        }
        let name_end = attribute_end(bytes, at);
        let value_end = value_end(bytes, name_end)?;
        match counts(tag, markup.get(at..name_end)?) {
            Counts::No => {}
            Counts::Presence => push(out, markup.get(at..name_end)?),
            Counts::Value => push(out, markup.get(at..value_end)?),
            Counts::Name(mark) => {
                let names = value(markup.get(name_end..value_end)?);
                if styles.is_none() {
                    all_names.push((names, mark));
                }
                if styles.is_some_and(|styles| styles.asks_for(names, mark)) {
                    seen.may_be_hidden |= styles.is_some_and(|styles| styles.may_hide(names, mark));
                    push(out, markup.get(at..value_end)?);
                } else if mark == '#' && tag.eq_ignore_ascii_case("input") {
                    push(out, markup.get(at..value_end)?);
                }
            }
            Counts::Hidden => {
                seen.is_hidden = true;
                push(out, "hidden");
            }
            // Of an attribute given twice the first one counts.
            Counts::Style if has_style => {}
            Counts::Style => {
                has_style = true;
                let style = value(markup.get(name_end..value_end)?);
                if marks::is_telling(style) {
                    seen.style = Some(style);
                    push(out, markup.get(at..value_end)?);
                }
            }
        }
        at = value_end;
    }
}

/// The value in `= "value"`.
fn value(text: &str) -> &str {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('=').unwrap_or(text).trim_ascii_start();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

fn push(out: &mut String, attribute: &str) {
    out.push(' ');
    out.push_str(attribute);
}

/// Where a tag ends whose name begins at `name`, behind its `>`; `None` if the source ends before.
pub(super) fn tag_end(markup: &str, name: usize) -> Option<usize> {
    let bytes = markup.as_bytes();
    let mut at = position(bytes, name, |b| b.is_ascii_whitespace() || b == b'/' || b == b'>');
    loop {
        at = position(bytes, at, |b| !(b.is_ascii_whitespace() || b == b'/'));
        if *bytes.get(at)? == b'>' {
            return Some(at + 1);
        }
        at = value_end(bytes, attribute_end(bytes, at))?;
    }
}

/// Where the name of an attribute ends that begins at `at`. Its first character may be anything.
fn attribute_end(bytes: &[u8], at: usize) -> usize {
    position(bytes, at + 1, |b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'='))
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
    /// The attribute `hidden`.
    Hidden,
    /// Its declarations that can hide an element.
    Style,
    /// A `class` or an `id`, by which style sheets name elements; the mark before it in a selector.
    Name(char),
}

fn counts(tag: &str, attribute: &str) -> Counts {
    let is = |name: &str| name.eq_ignore_ascii_case(attribute);
    match attribute.len() {
        2 if is("id") => return Counts::Name('#'),
        5 if is("class") => return Counts::Name('.'),
        5 if is("style") => return Counts::Style,
        6 if is("hidden") => return Counts::Hidden,
        _ => {}
    }
    let values: &[&str] = match tag.len() {
        1 if tag.eq_ignore_ascii_case("a") && is("href") => return Counts::Presence,
        2 if tag.eq_ignore_ascii_case("td") || tag.eq_ignore_ascii_case("th") => &["colspan", "rowspan"],
        4 if tag.eq_ignore_ascii_case("meta") => &["name", "property", "http-equiv", "content"],
        5 if tag.eq_ignore_ascii_case("input") => &["type", "name", "value", "checked"],
        6 if tag.eq_ignore_ascii_case("option") => &["selected"],
        _ => &["role"],
    };
    if values.iter().any(|name| is(name)) { Counts::Value } else { Counts::No }
}

/// Where raw text ends: before the end tag of its element.
pub(super) fn raw_end(text: &str, name: &str) -> usize {
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
            ("3 < 5 <!-- <p class=x> --><!--><p id=1>", "3 &lt; 5 <p>"),
            ("<script a=1>if (a<b && '</p class>') {}</SCRIPT ><p>", "</SCRIPT><p>"),
            ("<script><!-- <script> </script> <p>", "<script><!-- <script> </script> <p>"),
            ("<style>p{}<!-- </style><title a>p{}", "</style><title>p{}"),
            ("<p>末<p class='", "<p>末"),
            ("<p hidden=x Style=color:red>甲</p>", "<p hidden>甲</p>"),
            ("<p style='a:b' style='display:none'>甲</p>", "<p>甲</p>"),
            ("<div class=x style='DISPLAY: none'><b>甲</b></div>", "<div style='DISPLAY: none'>甲</div>"),
            ("<b>甲</b><i class=x hidden>乙</i>", "<b>甲</b><i hidden>乙</i>"),
            ("<b>甲</b><s>乙</s>", "<b>甲</b><s>乙</s>"),
            ("<tr>\n\t\t<td> 甲&nbsp;&amp; </td>  <td>", "<tr>\n<td> 甲\u{a0}&amp; </td> <td>"),
            (
                "<table>\n <tr> <td> <b>3</b> </td>\n<td>4 </table> 5",
                "<table><tr><td> 3 </td><td>4 </table> 5",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(slim(source).0, expected);
        }
    }
}
