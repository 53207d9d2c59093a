//! What matters of an element before the tree is built, by its name.

/// A kind of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// They neither break lines nor carry anything.
    Transparent,
    /// Their content is no markup until their own end tag.
    Raw,
    /// They make the frame of a table. Between the tags of two of them stand only other elements of it.
    Frame,
    /// Raised or lowered text.
    Apart,
    /// All others.
    Other,
}

impl Kind {
    /// The kind of elements of a name, in any case.
    pub(super) fn of(name: &str) -> Self {
        let is = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        // By length: nearly every tag of a page is asked about.
        match name.len() {
            1 if is(&["b", "i", "u"]) => Self::Transparent,
            2 if is(&["td", "tr", "th"]) => Self::Frame,
            2 if is(&["em"]) => Self::Transparent,
            2 if is(&["rt", "rp"]) => Self::Apart,
            3 if is(&["o:p"]) => Self::Transparent,
            3 if is(&["sup", "sub"]) => Self::Apart,
            3 if is(&["xmp"]) => Self::Raw,
            4 if is(&["span", "font"]) => Self::Transparent,
            5 if is(&["table", "tbody", "thead", "tfoot"]) => Self::Frame,
            5 if is(&["style", "title"]) => Self::Raw,
            6 if is(&["strong"]) => Self::Transparent,
            6 if is(&["script", "iframe"]) => Self::Raw,
            7 if is(&["noembed"]) => Self::Raw,
            8 if is(&["textarea", "noframes", "noscript"]) => Self::Raw,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Kind::of("NoScript"), Kind::Raw);
        assert_eq!(Kind::of("TD"), Kind::Frame);
        assert_eq!(Kind::of("O:P"), Kind::Transparent);
        assert_eq!(Kind::of(""), Kind::Other);
        assert_eq!(Kind::of("blockquote"), Kind::Other);
    }
}
