//! Partitions: by report year and region.

/// Partition value of an unresolved place.
const UNKNOWN: &str = "unknown";

/// A partition: year, region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionKey {
    /// Report year, 0 when unresolved.
    pub(crate) year: i16,
    /// ISO 3166-2:CN code, `CN`, or `unknown`.
    pub(crate) region: String,
}

impl PartitionKey {
    /// The partition of a year and region. A region that could not be the name of a folder is `unknown`.
    pub fn new(year: Option<i16>, region: &str) -> Self {
        let plain = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let region = if plain { region } else { UNKNOWN };
        Self { year: year.filter(|y| *y > 0).unwrap_or(0), region: region.to_owned() }
    }

    /// The partition of a host: hosts are of no year.
    pub fn of_host(region: &str) -> Self {
        Self::new(None, region)
    }

    /// Where the one file of a table without any rows goes.
    pub(crate) fn nowhere() -> Self {
        Self::new(None, UNKNOWN)
    }

    /// The folder below the table's.
    pub(crate) fn folder(&self) -> String {
        format!("year={}/region={}", self.year, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::PartitionKey;

    #[test]
    fn partition_values_are_safe_folder_names() {
        for (year, region, folder) in [
            (Some(2023), "CN-JS", "year=2023/region=CN-JS"),
            (Some(2023), "CN", "year=2023/region=CN"),
            (None, "unknown", "year=0/region=unknown"),
            (Some(-5), "", "year=0/region=unknown"),
            (Some(2023), "../x", "year=2023/region=unknown"),
            (Some(2023), "江苏", "year=2023/region=unknown"),
        ] {
            assert_eq!(PartitionKey::new(year, region).folder(), folder);
        }
    }
}
