//! `PROVENANCE`: from what, by what and how the release was made. JSON.

use super::{Facts, pretty};
use serde_json::json;

pub(crate) fn json(facts: &Facts<'_>) -> String {
    let manifest = facts.manifest;
    pretty(&json!({
        "release": facts.version,
        "command": facts.command,
        "snapshot": {
            "name": manifest.snapshot,
            "content_blake3": manifest.content_hash(),
            "parent": manifest.parent,
        },
        "made_by": {
            "program": "gongkai",
            "release_version": facts.tool_version,
            "tables_version": manifest.tool_version,
            "schema_version": manifest.schema_version,
            "registry_blake3": manifest.registry_digest,
        },
        "inputs": {
            "documents": manifest.account.captures_met,
            "by_status": manifest.account.by_status,
            "hashes": "table captures: columns container, bytes, blake3 of every document",
            "sha256": facts.counts.inputs,
            "sha256_of": "for every row of table captures, files by path, rows as they stand: blake3 (`-` where it was not read), two blanks, container, line feed",
        },
        "expectations_breached": facts.breaches,
        "personal_data": { "places": facts.found.kinds, "masked_values": facts.found.masked, "columns": facts.looked_at },
    }))
}
