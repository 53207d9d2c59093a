//! How a file is named in the data: by its path below the input, never by a path of the machine.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::roots::Root;
use crate::walk::Found;

/// A relative path with `/` between its parts.
pub(crate) fn from_relative(path: &Path) -> String {
    let mut out = String::new();
    for part in path.components() {
        if let Component::Normal(name) = part {
            if !out.is_empty() {
                out.push('/');
            }
            out.push_str(&part_name(name));
        }
    }
    out
}

/// One part of a path. Names that are not UTF-8 (GBK names from archives) all look alike once their bytes are
/// replaced, so a short hash of the bytes keeps them apart.
pub(crate) fn part_name(name: &OsStr) -> String {
    match name.to_str() {
        Some(text) => text.to_owned(),
        None => {
            let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
            format!("{}~{:.8}", name.to_string_lossy(), hash.as_str())
        }
    }
}

/// Makes container names distinct, the same way for any order of inputs and files, and says what was put before the names of each
/// input.
///
/// A single input has nothing put before its names. Several are told apart by the names of their folders, whether or not a path occurs
/// in two of them; one that an earlier run met keeps what it had.
pub(crate) fn settle(
    roots: &[Root],
    found: &mut [Found],
    before: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let labels = labels(roots, found, before);
    for file in found.iter_mut() {
        let label = roots.get(file.root).and_then(|root| labels.get(root.base.as_path()));
        if let Some(label) = label.filter(|label| !label.is_empty()) {
            file.container = format!("{label}/{}", file.container).into();
        }
    }
    number_repeats(found);
    labels.into_iter().map(|(base, label)| (hash(base), label)).collect()
}

/// By what an input is known again: paths of the machine are kept nowhere.
fn hash(base: &Path) -> String {
    blake3::hash(base.as_os_str().as_encoded_bytes()).to_hex().chars().take(32).collect()
}

/// What is put before the names of each input.
fn labels<'r>(
    roots: &'r [Root],
    found: &[Found],
    before: &BTreeMap<String, String>,
) -> BTreeMap<&'r Path, String> {
    let bases: BTreeSet<&Path> = roots.iter().map(|root| root.base.as_path()).collect();
    let (mut labels, mut taken) = (BTreeMap::new(), HashSet::new());
    for base in &bases {
        if let Some(label) = before.get(&hash(base)).filter(|label| taken.insert((*label).clone())) {
            labels.insert(*base, label.clone());
        }
    }
    let news: Vec<&Path> = bases.iter().filter(|base| !labels.contains_key(*base)).copied().collect();
    if bases.len() == 1 {
        labels.extend(news.into_iter().map(|base| (base, String::new())));
        return labels;
    }
    // What stands at the beginning of names that nothing is put before.
    let bare = |file: &&Found| {
        roots.get(file.root).and_then(|root| labels.get(root.base.as_path())).is_some_and(String::is_empty)
    };
    let first_of = |file: &Found| file.container.split('/').next().map(str::to_owned);
    let firsts: HashSet<String> = found.iter().filter(bare).filter_map(first_of).collect();
    for base in &news {
        // As much of the path as tells it from the others.
        let depth = base.components().count();
        let ends = |parts: usize| {
            let name = end(base, parts);
            let alone = news.iter().all(|other| other == base || end(other, parts) != name);
            (alone && !name.is_empty()).then_some(name)
        };
        let label = (1..=depth).find_map(ends).unwrap_or_else(|| end(base, 1));
        if label.split('/').next().is_some_and(|first| firsts.contains(first)) {
            taken.insert(label.clone());
        }
        labels.insert(*base, distinct(&label, &mut taken));
    }
    labels
}

/// The last parts of a path.
fn end(path: &Path, parts: usize) -> String {
    let all = path.components().count();
    from_relative(&path.components().skip(all.saturating_sub(parts)).collect::<PathBuf>())
}

/// Numbers names that are still the same; only odd names (`a~2` beside two `a`) come here.
pub(crate) fn number_repeats(found: &mut [Found]) {
    let mut seen: HashSet<&str> = HashSet::with_capacity(found.len());
    let given = found.iter().enumerate().filter(|(_, file)| !file.beside);
    let repeats: Vec<usize> =
        given.filter(|(_, file)| !seen.insert(&file.container)).map(|(i, _)| i).collect();
    if repeats.is_empty() {
        return;
    }
    let mut taken: HashSet<String> = seen.into_iter().map(str::to_owned).collect();
    for i in repeats {
        if let Some(file) = found.get_mut(i) {
            file.container = distinct(&file.container, &mut taken).into();
        }
    }
}

fn distinct(name: &str, taken: &mut HashSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 1_usize;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{name}~{number}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_with_slashes() {
        assert_eq!(from_relative(Path::new("a/./b/c.html")), "a/b/c.html");
        assert_eq!(from_relative(Path::new("")), "");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let (a, b) =
            (part_name(OsStr::from_bytes(b"\xc4\xea.txt")), part_name(OsStr::from_bytes(b"\xb1\xa8.txt")));
        assert_ne!(a, b);
        assert!(a.starts_with('\u{fffd}') && b.starts_with('\u{fffd}'));
    }

    #[test]
    fn repeats_are_numbered() {
        let mut taken = HashSet::new();
        let names: Vec<_> = ["a", "a", "a~2", "a"].iter().map(|n| distinct(n, &mut taken)).collect();
        assert_eq!(names, ["a", "a~2", "a~2~2", "a~3"]);
    }
}
