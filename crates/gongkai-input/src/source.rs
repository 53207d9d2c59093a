//! The one thing every kind of container can do: hand out the bytes of a document it was planned for.

use std::fmt;

use gongkai_model::Problem;

/// A place a document's bytes can be fetched from: a file today; a record or a member of an archive later.
///
/// An implementation remembers as little as it can (a path, an offset): millions of them exist at once.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// The whole document, of at most `limit` bytes (also after decompression), or why it cannot be had.
    fn load(&self, limit: u64) -> Result<Vec<u8>, Problem>;
}
