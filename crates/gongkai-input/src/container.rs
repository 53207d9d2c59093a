//! How a file is named in the data: by its path below the input, never by a path of the machine.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path};

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

/// Makes container names distinct, the same way for any order of inputs and files.
///
/// Inputs that share a relative path are told apart by their folder's name in front of everything they hold.
pub(crate) fn settle(roots: &[Root], found: &mut [Found]) {
    let clashing = clashing_roots(roots.len(), found);
    if clashing.contains(&true) {
        let labels = labels(roots);
        for file in found.iter_mut().filter(|f| clashing.get(f.root) == Some(&true)) {
            if let Some(label) = roots.get(file.root).and_then(|root| labels.get(root.folder.as_path())) {
                file.container = format!("{label}/{}", file.container).into();
            }
        }
    }
    number_repeats(found);
}

/// Which inputs hold a relative path that another input holds too.
fn clashing_roots(roots: usize, found: &[Found]) -> Vec<bool> {
    let mut clashing = vec![false; roots];
    if roots < 2 {
        return clashing;
    }
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(found.len());
    for file in found.iter().filter(|f| !f.beside) {
        let holder = *first.entry(&file.container).or_insert(file.root);
        if holder != file.root {
            for root in [holder, file.root] {
                if let Some(mark) = clashing.get_mut(root) {
                    *mark = true;
                }
            }
        }
    }
    clashing
}

/// A distinct label for each input folder: its name, numbered where names repeat.
fn labels(roots: &[Root]) -> BTreeMap<&Path, String> {
    let mut taken = HashSet::new();
    let mut labels = BTreeMap::new();
    for root in roots {
        labels.entry(root.folder.as_ref()).or_insert_with(|| distinct(&root.name, &mut taken));
    }
    labels
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
