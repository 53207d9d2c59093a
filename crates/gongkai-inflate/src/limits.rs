//! What strangers' bytes may cost.

/// What one container may cost. Whatever exceeds a limit ends with a reason; what came before it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Decompressed bytes for one compressed byte. Pages compress up to about 30 times, lists of equal lines 200 times;
    /// a bomb reaches 1,032 (deflate) or more. Looked at after [`Limits::ratio_after`] bytes only.
    pub ratio: u64,
    /// Decompressed bytes of one stream that are free of suspicion.
    pub ratio_after: u64,
    /// Decompressed bytes of one container.
    pub total_bytes: u64,
    /// Members or records of one container.
    pub members: u64,
    /// Documents that one container may hand out whatever its size.
    pub documents: u64,
    /// Bytes that a container must have for every document beyond those: each costs memory until the snapshot is published, and no
    /// report is so short, compressed or not.
    pub bytes_a_document: u64,
    /// Bytes of an archive that lies within another one and must be held in memory (zip, Parquet), and of one batch of
    /// an Arrow file.
    pub nested_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ratio: 400,
            ratio_after: 64 << 20,
            total_bytes: 1 << 40,
            members: 4_000_000,
            documents: 1 << 16,
            bytes_a_document: 128,
            nested_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// Documents that a container of so many bytes may hand out.
    pub fn documents_in(&self, bytes: u64) -> u64 {
        self.documents.max(bytes / self.bytes_a_document.max(1))
    }
}
