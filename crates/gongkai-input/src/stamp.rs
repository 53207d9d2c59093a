//! By what a changed file shows without being read.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A file changed in the moment it was looked at may keep its times: file systems count time in steps, up to this long.
const STEP: Duration = Duration::from_secs(2);

/// Size and times of a file. Two equal stamps mean the same content, unless somebody went to great lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    /// Nanoseconds since 1970 at which the content was changed: a program may set it to anything.
    modified: i64,
    /// Nanoseconds since 1970 at which anything about the file was changed: no program can set it.
    changed: i64,
}

impl Stamp {
    /// The stamp of a file; `None` where it is so fresh that it could change again without showing it.
    pub(crate) fn of(metadata: &Metadata) -> Option<Self> {
        let modified = nanos(metadata.modified().ok()?);
        let changed = changed(metadata).unwrap_or(modified);
        let now = nanos(SystemTime::now());
        let settled = i64::try_from(STEP.as_nanos()).ok().and_then(|step| now.checked_sub(step))?;
        (modified < settled && changed < settled).then_some(Self { size: metadata.len(), modified, changed })
    }
}

fn nanos(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    i64::try_from(since).unwrap_or(i64::MAX)
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<i64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> Option<i64> {
    None
}
