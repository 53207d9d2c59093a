//! Codes of what extraction can find odd, and their wording.

use gongkai_model::Oddity;

/// The declared charset is not the one the bytes are written in.
pub(crate) const CHARSET_CONTRADICTION: &str = "GK101";
/// Bytes that the charset cannot decode; each is U+FFFD in the text.
pub(crate) const UNDECODABLE: &str = "GK102";
/// A table wider or larger than the limits; cells were dropped.
pub(crate) const TABLE_TOO_LARGE: &str = "GK103";
/// Markup nested too deeply; the rest was read as plain text.
pub(crate) const NESTED_TOO_DEEPLY: &str = "GK104";
/// Pinyin in brackets after characters was taken out.
pub(crate) const PINYIN_REMOVED: &str = "GK105";
/// More blocks than the limit; the rest was dropped.
pub(crate) const TOO_MANY_BLOCKS: &str = "GK106";
/// Text that is struck through was left out.
pub(crate) const STRUCK_DROPPED: &str = "GK107";
/// Content marked as hidden or struck was kept, as most of the document would be lost without it.
pub(crate) const HIDDEN_KEPT: &str = "GK108";

/// Text that runs askew over the page, as watermarks and stamps do, was left out.
pub(crate) const ASKEW_DROPPED: &str = "GK109";
/// Characters whose code says nothing were left out.
pub(crate) const UNMAPPED: &str = "GK110";
/// The text was made by recognition of a picture.
pub(crate) const RECOGNISED: &str = "GK111";
/// Text that is on a page and not to be seen was left out: without colour, painted over, cut off.
pub(crate) const UNSEEN_DROPPED: &str = "GK112";
/// The file ends before its end.
pub(crate) const CUT_OFF: &str = "GK113";

/// Hidden rows, columns or sheets of a workbook were left out.
pub(crate) const HIDDEN_LEFT_OUT: &str = "GK115";

/// Builds an oddity.
pub(crate) fn oddity(code: &'static str, message: impl Into<String>) -> Oddity {
    Oddity { code, message: message.into() }
}
