//! How markup keeps a reader from seeing a text: hidden elements and struck text.

use memchr::memchr_iter;

/// Elements of struck text: `<strike>` is the old name of `<s>`, `<del>` marks what an editor took out.
const STRUCK: &[&str] = &["s", "del", "strike"];

/// What a browser does with an element's text besides showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not there at all, a cell takes no place in its row: `display: none` and the attribute `hidden`.
    Absent,
    /// Not shown, but its place is kept: `visibility: hidden`.
    Invisible,
    /// Struck through: no longer meant.
    Struck,
}

/// The mark of an element by its name, its `style` and whether it has the attribute `hidden`.
///
/// Only what stands on the element itself is known; style sheets are not read. Of several declarations of a property the
/// last one counts. A `display` of the author overrides `hidden` (HTML standard, 15.3.1 "Hidden elements").
pub(super) fn mark(name: &str, style: Option<&str>, is_hidden: bool) -> Option<Mark> {
    let mut is_absent = is_hidden;
    let mut is_invisible = false;
    let mut is_struck = name.len() <= 6 && STRUCK.iter().any(|struck| struck.eq_ignore_ascii_case(name));
    for (property, value) in style.into_iter().flat_map(declarations) {
        match property {
            Property::Display => is_absent = has_word(value, "none"),
            Property::Visibility => is_invisible = has_word(value, "hidden") || has_word(value, "collapse"),
            Property::Decoration => is_struck = has_word(value, "line-through"),
        }
    }
    match () {
        () if is_absent => Some(Mark::Absent),
        () if is_invisible => Some(Mark::Invisible),
        () if is_struck => Some(Mark::Struck),
        () => None,
    }
}

/// Whether a `style` may have a declaration that matters to [`mark`]: never wrongly no, and fast, as nearly none has.
pub(super) fn is_telling(style: &str) -> bool {
    let bytes = style.as_bytes();
    memchr_iter(b':', bytes).any(|at| {
        let name = bytes.get(..at).unwrap_or_default();
        match name.last_chunk::<2>().map(|[a, b]| [a | 0x20, b | 0x20]) {
            // display, visibility, text-decoration, text-decoration-line; or white space before the colon.
            Some([b'a' | b't', b'y'] | [b'o', b'n'] | [b'n', b'e']) => declarations(style).next().is_some(),
            _ => name.last().is_some_and(u8::is_ascii_whitespace),
        }
    })
}

enum Property {
    Display,
    Visibility,
    Decoration,
}

/// The declarations of a `style` that matter here.
fn declarations(style: &str) -> impl Iterator<Item = (Property, &str)> {
    style.split(';').filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        Some((property(name.trim())?, value))
    })
}

fn property(name: &str) -> Option<Property> {
    let is = |property: &str| name.eq_ignore_ascii_case(property);
    match name.len() {
        7 if is("display") => Some(Property::Display),
        10 if is("visibility") => Some(Property::Visibility),
        15 if is("text-decoration") => Some(Property::Decoration),
        20 if is("text-decoration-line") => Some(Property::Decoration),
        _ => None,
    }
}

/// Whether a word is among those of a value; `!important` may follow without a blank.
fn has_word(value: &str, word: &str) -> bool {
    value.split(|c: char| c.is_whitespace() || c == '!').any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_attributes_are_read_as_by_a_browser() {
        let cases = [
            ("p", Some("color:red"), false, None),
            ("p", Some("Display : None!important"), false, Some(Mark::Absent)),
            ("p", Some("border:none;display:block"), false, None),
            ("p", Some("display:none;display:block"), false, None),
            ("p", Some("width:1px; visibility: hidden"), false, Some(Mark::Invisible)),
            ("p", Some("overflow:hidden"), false, None),
            ("p", None, true, Some(Mark::Absent)),
            ("p", Some("display:block"), true, None),
            ("DEL", None, false, Some(Mark::Struck)),
            ("s", Some("text-decoration:none"), false, None),
            ("span", Some("text-decoration: underline line-through"), false, Some(Mark::Struck)),
            ("span", Some("text-decoration-line\n:line-through"), false, Some(Mark::Struck)),
            ("td", Some("text-decoration:line-through;display:none"), false, Some(Mark::Absent)),
            ("span", None, false, None),
        ];
        for (name, style, is_hidden, expected) in cases {
            assert_eq!(mark(name, style, is_hidden), expected, "{name} {style:?} {is_hidden}");
            let is_by_style = expected.is_some() && !is_hidden && name != "DEL";
            assert!(!is_by_style || style.is_some_and(is_telling), "{style:?}");
        }
    }
}
