//! Calendar dates as days since 1970-01-01, the Arrow `Date32` convention.

use serde::{Deserialize, Serialize};

/// Days since 1970-01-01 in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(pub i32);
