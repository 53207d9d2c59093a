//! How wide characters are for whoever lined text up: tools do not agree.

use unicode_width::UnicodeWidthChar;

/// A way to count columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// Chinese characters are two columns wide.
    Terminal,
    /// So are quotes, boxes and whatever else Chinese fonts have as wide.
    Chinese,
    /// Every character is one column wide.
    Characters,
}

impl Width {
    pub(crate) const ALL: [Self; 3] = [Self::Terminal, Self::Chinese, Self::Characters];

    /// Columns of a character.
    pub(crate) fn of(self, c: char) -> usize {
        match self {
            Self::Terminal => c.width().unwrap_or(0),
            Self::Chinese => c.width_cjk().unwrap_or(0),
            Self::Characters => 1,
        }
    }
}
