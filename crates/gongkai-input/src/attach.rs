//! Which sidecar speaks for which file. Decided on the names as stored, so that names in any encoding match.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gongkai_model::Problem;

use crate::kind::{self, Kind};
use crate::plan::SidecarKind;
use crate::sidecar::{self, Reading, Stated};
use crate::walk::{Found, file_name};

/// Largest sidecar read, in bytes; a larger file holds data, not a page's address.
pub(crate) const MAX_SIDECAR: u64 = 1024 * 1024;
/// Endings added to a file's whole name, in the order in which they are believed. `<stem>.json` comes after the first
/// two, the transport's headers last.
const META_JSON: &str = ".meta.json";
const JSON: &str = ".json";
const HEADERS: &str = ".headers";
/// A folder's list of links beside its page (`page.txt`, `page.html`); it says nothing of the page's own address.
const LINKS: &str = "links.tsv";
const LINKS_PAGE: &str = "page";

/// What sidecars said, by index of the files found.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    /// For each file what its sidecars say of it.
    pub stated: Vec<Option<Box<Stated>>>,
    /// For each file whether it was used up as a sidecar, and as which kind.
    pub used: Vec<Option<SidecarKind>>,
    /// Sidecars, or statements in them, that could not be used: index and reason.
    pub doubts: Vec<(usize, String)>,
}

/// Whether a file of this name may be a sidecar that is read.
pub(crate) fn may_be_sidecar(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    strip_ending(bytes, JSON).or_else(|| strip_ending(bytes, HEADERS)).is_some()
}

/// The name of the file, or what it begins with, of which a file of this name may be a sidecar.
pub(crate) fn sidecar_of(name: &str) -> Option<&str> {
    [META_JSON, JSON, HEADERS].iter().find_map(|ending| name.strip_suffix(ending))
}

/// Whether the file says what sidecars say.
pub(crate) fn is_sidecar(path: &Path) -> bool {
    let kind = match strip_ending(path.as_os_str().as_encoded_bytes(), HEADERS) {
        Some(_) => SidecarKind::Headers,
        None => SidecarKind::Metadata,
    };
    matches!(read(kind, crate::file::load(path, MAX_SIDECAR)), Reading::Says(..))
}

/// Paths at which a file's sidecars would lie.
pub(crate) fn possible_sidecars(path: &Path) -> Vec<PathBuf> {
    let beside = |mut name: OsString, ending: &str| {
        name.push(ending);
        path.with_file_name(name)
    };
    let whole = file_name(path);
    let mut paths: Vec<_> = [META_JSON, JSON, HEADERS].iter().map(|e| beside(whole.to_owned(), e)).collect();
    if let Some(stem) = path.file_stem().filter(|stem| *stem != whole) {
        paths.push(beside(stem.to_owned(), JSON));
    }
    paths
}

/// Reads the sidecars among `found`, which is sorted by the bytes of its paths. `load` fetches one by its index, of at
/// most so many bytes.
pub(crate) fn attach(
    found: &[Found],
    load: &mut dyn FnMut(usize, u64) -> Result<Vec<u8>, Problem>,
) -> Attached {
    let mut attached =
        Attached { stated: vec![None; found.len()], used: vec![None; found.len()], doubts: Vec::new() };
    let mut statements = Vec::new();
    for (index, file) in found.iter().enumerate().filter(|(_, file)| file.problem.is_none()) {
        let Some(claim) = claim(found, &file.path) else { continue };
        if claim.kind == SidecarKind::Links {
            set(&mut attached.used, index, claim.kind);
            continue;
        }
        match read(claim.kind, load(index, MAX_SIDECAR)) {
            Reading::Says(stated, doubts) => {
                attached.doubts.extend(doubts.into_iter().map(|doubt| (index, doubt)));
                set(&mut attached.used, index, claim.kind);
                statements
                    .extend(claim.files.into_iter().map(|(rank, target)| (target, rank, stated.clone())));
            }
            Reading::Broken(why) => attached.doubts.push((index, why)),
            Reading::Other => {}
        }
    }
    statements.sort_by_key(|(target, rank, _)| (*target, *rank));
    for (target, _, stated) in statements {
        match attached.stated.get_mut(target) {
            Some(Some(known)) => known.fill(*stated),
            Some(empty) => *empty = Some(stated),
            None => {}
        }
    }
    attached
}

fn set(used: &mut [Option<SidecarKind>], index: usize, kind: SidecarKind) {
    if let Some(slot) = used.get_mut(index) {
        *slot = Some(kind);
    }
}

/// The files a name claims to speak for, with the rank of the claim.
struct Claim {
    kind: SidecarKind,
    files: Vec<(u8, usize)>,
}

fn claim(found: &[Found], path: &Path) -> Option<Claim> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if file_name(path) == LINKS {
        let page = path.with_file_name(LINKS_PAGE);
        let files = same_stem(found, page.as_os_str().as_encoded_bytes());
        return non_empty(SidecarKind::Links, files.map(|at| (0, at)).collect());
    }
    if let Some(base) = strip_ending(bytes, HEADERS) {
        return non_empty(SidecarKind::Headers, exact(found, base).map(|at| (3, at)).into_iter().collect());
    }
    let base = strip_ending(bytes, JSON)?;
    let mut files = Vec::new();
    files.extend(strip_ending(bytes, META_JSON).and_then(|base| exact(found, base)).map(|at| (0, at)));
    files.extend(exact(found, base).map(|at| (1, at)));
    if files.is_empty() {
        files.extend(same_stem(found, base).map(|at| (2, at)));
    }
    non_empty(SidecarKind::Metadata, files)
}

fn non_empty(kind: SidecarKind, files: Vec<(u8, usize)>) -> Option<Claim> {
    (!files.is_empty()).then_some(Claim { kind, files })
}

fn strip_ending<'a>(path: &'a [u8], ending: &str) -> Option<&'a [u8]> {
    let (base, tail) = path.split_at_checked(path.len().checked_sub(ending.len())?)?;
    tail.eq_ignore_ascii_case(ending.as_bytes()).then_some(base)
}

/// The file of exactly this path.
fn exact(found: &[Found], path: &[u8]) -> Option<usize> {
    let at = found.binary_search_by(|file| path_bytes(file).cmp(path)).ok()?;
    found.get(at).filter(|file| !file.beside).map(|_| at)
}

/// Pages and texts whose path is `stem`, a dot and an extension.
fn same_stem(found: &[Found], stem: &[u8]) -> impl Iterator<Item = usize> {
    let mut prefix = stem.to_vec();
    prefix.push(b'.');
    let stem_length = stem.len();
    let from = found.partition_point(|file| path_bytes(file) < prefix.as_slice());
    let near = found.iter().enumerate().skip(from);
    near.take_while(move |(_, file)| path_bytes(file).starts_with(&prefix))
        .filter(move |(_, file)| {
            // `page.files/about.html` starts with `page.` and lies elsewhere.
            let name_has_stem = Path::new(file_name(&file.path)).file_stem().is_some_and(|own| {
                path_bytes(file).len() - file_name(&file.path).len() + own.len() == stem_length
            });
            name_has_stem && !file.beside && kind::of(file_name(&file.path)) == Kind::Capture
        })
        .map(|(at, _)| at)
}

fn path_bytes(file: &Found) -> &[u8] {
    file.path.as_os_str().as_encoded_bytes()
}

fn read(kind: SidecarKind, bytes: Result<Vec<u8>, Problem>) -> Reading {
    match bytes {
        Ok(bytes) if kind == SidecarKind::Headers => sidecar::headers(&bytes),
        Ok(bytes) => sidecar::json(&bytes),
        Err(problem) => Reading::Broken(problem.reason),
    }
}
