//! What stands beside a case: its truth and its snapshot.

pub mod snapshot;
pub mod truth;
