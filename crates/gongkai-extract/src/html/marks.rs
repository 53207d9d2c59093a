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

/// What declarations say of whether an element is seen; `None`: nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    is_absent: Option<bool>,
    is_invisible: Option<bool>,
    is_clear: Option<bool>,
    is_struck: Option<bool>,
    /// Letters of no height. Elements inside may have a height of their own.
    is_tiny: Option<bool>,
}

impl Look {
    /// The declarations of a `style` or of a rule. Of several of one property the last one counts.
    pub(super) fn read(style: &str) -> Self {
        let mut look = Self::default();
        for (property, value) in declarations(style) {
            match property {
                Property::Display => look.is_absent = Some(has_word(value, "none")),
                Property::Visibility => {
                    look.is_invisible = Some(has_word(value, "hidden") || has_word(value, "collapse"));
                }
                Property::Decoration => look.is_struck = Some(has_word(value, "line-through")),
                Property::Opacity => look.is_clear = Some(is_zero(value)),
                Property::FontSize => look.is_tiny = Some(is_zero(value)),
            }
        }
        look
    }

    /// These declarations where they say something, weaker ones elsewhere.
    pub(super) fn over(self, weaker: Self) -> Self {
        Self {
            is_absent: self.is_absent.or(weaker.is_absent),
            is_invisible: self.is_invisible.or(weaker.is_invisible),
            is_clear: self.is_clear.or(weaker.is_clear),
            is_struck: self.is_struck.or(weaker.is_struck),
            is_tiny: self.is_tiny.or(weaker.is_tiny),
        }
    }

    pub(super) fn says_nothing(self) -> bool {
        self == Self::default()
    }

    /// Whether an element may be hidden or struck by it.
    pub(super) fn hides(self) -> bool {
        let all = [self.is_absent, self.is_invisible, self.is_clear, self.is_struck, self.is_tiny];
        all.contains(&Some(true))
    }
}

/// The mark of an element by its name, its look, whether it has the attribute `hidden`, and whether it holds text only.
///
/// A `display` of the author overrides `hidden` (HTML standard, 15.3.1 "Hidden elements").
pub(super) fn mark(name: &str, look: Look, is_hidden: bool, is_leaf: bool) -> Option<Mark> {
    let is_taken_back = name.len() <= 6 && STRUCK.iter().any(|struck| struck.eq_ignore_ascii_case(name));
    let is = |said: Option<bool>| said == Some(true);
    match () {
        () if look.is_absent.unwrap_or(is_hidden) => Some(Mark::Absent),
        () if is(look.is_invisible) || is(look.is_clear) => Some(Mark::Invisible),
        () if is_leaf && is(look.is_tiny) => Some(Mark::Invisible),
        () if look.is_struck.unwrap_or(is_taken_back) => Some(Mark::Struck),
        () => None,
    }
}

/// Whether a `style` may have a declaration that matters to [`mark`]: never wrongly no, and fast, as nearly none has.
pub(super) fn is_telling(style: &str) -> bool {
    let bytes = style.as_bytes();
    memchr_iter(b':', bytes).any(|at| {
        let name = bytes.get(..at).unwrap_or_default();
        match name.last_chunk::<2>().map(|[a, b]| [a | 0x20, b | 0x20]) {
            // display, visibility, opacity; text-decoration; text-decoration-line; font-size.
            Some([b'a' | b't', b'y'] | [b'o', b'n'] | [b'n', b'e']) => {
                declarations(style).next().is_some() || stands_apart(style)
            }
            // Nearly every style has a size of letters, and nearly none is nothing.
            Some([b'z', b'e']) => Look::read(style).hides() || stands_apart(style),
            Some([b'g', b'n'] | [b'o', b'r']) => stands_apart(style),
            _ => name.last().is_some_and(u8::is_ascii_whitespace),
        }
    })
}

/// Whether a `style` takes text out of its line: raised or lowered, placed elsewhere, or white, which on most grounds is
/// not seen. Such text never joins a figure beside it.
pub(super) fn stands_apart(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(name, value)| {
        let is = |property: &str| name.trim().eq_ignore_ascii_case(property);
        let has = |words: &[&str]| words.iter().any(|word| has_word(value, word));
        (is("vertical-align") && has(&["super", "sub"]))
            || (is("position") && has(&["absolute", "fixed"]))
            || (is("color") && is_white(value))
    })
}

/// White, by its name or in hexadecimal.
pub(super) fn is_white(color: &str) -> bool {
    let color = color.trim().trim_end_matches("!important").trim();
    ["white", "#fff", "#ffffff"].iter().any(|white| white.eq_ignore_ascii_case(color))
}

enum Property {
    Display,
    Visibility,
    Decoration,
    Opacity,
    FontSize,
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
        7 if is("opacity") => Some(Property::Opacity),
        9 if is("font-size") => Some(Property::FontSize),
        10 if is("visibility") => Some(Property::Visibility),
        15 if is("text-decoration") => Some(Property::Decoration),
        20 if is("text-decoration-line") => Some(Property::Decoration),
        _ => None,
    }
}

/// `0`, `0px`, `0.0%` and the like.
fn is_zero(value: &str) -> bool {
    let value = value.split('!').next().unwrap_or_default().trim();
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f32>().is_ok_and(|n| n == 0.0)
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
            ("span", Some("font-size: 0"), false, Some(Mark::Invisible)),
            ("span", Some("font-size:10.5pt"), false, None),
            ("span", Some("opacity:0 !important"), false, Some(Mark::Invisible)),
        ];
        let tiny = Look::read("font-size:0");
        assert_eq!(mark("div", tiny, false, false), None, "elements inside may have another size");
        for (name, style, is_hidden, expected) in cases {
            let look = style.map(Look::read).unwrap_or_default();
            assert_eq!(mark(name, look, is_hidden, true), expected, "{name} {style:?} {is_hidden}");
            let is_by_style = expected.is_some() && !is_hidden && name != "DEL";
            assert!(!is_by_style || style.is_some_and(is_telling), "{style:?}");
        }
    }
}
