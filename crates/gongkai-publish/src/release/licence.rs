//! The licences as files: of the data, with its whole text where that is one of those known here, and of the program, with the notices of
//! what went into both.

use super::folder::Folder;
use super::{Facts, ReleaseError};

/// Licences by their SPDX name, with the name of their file.
const KNOWN: [(&str, &str, &str); 3] = [
    ("CC-BY-4.0", "LICENSE-CC-BY", include_str!("../../../../data/release/licences/CC-BY-4.0.txt")),
    ("Apache-2.0", "LICENSE-APACHE", include_str!("../../../../LICENSE-APACHE")),
    ("MIT", "LICENSE-MIT", include_str!("../../../../LICENSE-MIT")),
];
const NOTICE: &str = include_str!("../../../../NOTICE");

pub(crate) fn write(facts: &Facts<'_>, folder: &Folder) -> Result<(), ReleaseError> {
    let (data, software) = (&facts.about.licence.data, &facts.about.licence.software);
    let known = |spdx: &str| KNOWN.iter().find(|(name, ..)| *name == spdx).map(|(.., text)| *text);
    let head = format!(
        "{}\n\nThe data of this release are under the {} ({}): {}\n{}\n",
        facts.about.title,
        data.name,
        data.spdx,
        data.url,
        data.note.trim()
    );
    let rule = "-".repeat(72);
    let text = known(&data.spdx).map_or(head.clone(), |text| format!("{head}\n{rule}\n\n{text}"));
    folder.write("LICENSE", &text)?;
    for (_, name, text) in KNOWN.iter().filter(|(id, ..)| software.spdx.split(' ').any(|word| word == *id)) {
        folder.write(name, text)?;
    }
    folder.write("NOTICE", NOTICE)
}
