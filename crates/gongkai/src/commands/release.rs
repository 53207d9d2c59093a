//! `gongkai release`.

use super::check::failure as store_failure;
use super::print;
use crate::arguments::Release;
use crate::progress::Progress;
use crate::table::thousands;
use crate::{Failure, Status, signals};
use gongkai_pipeline::{Gate, Pipeline, Release as Wanted, TOOL_VERSION, breaches_of_record, export_cache};
use gongkai_publish::release::{About, Layout, Previous, ReleaseError, ReleaseOptions, Released, release};
use gongkai_registry::Registry;
use gongkai_store::{Draft, ReleaseMark, Snapshot, Store};
use std::path::Path;

/// What a release must be like, unless `--gates` names another file.
const GATES: &str = include_str!("../../../../pipelines/release.toml");

/// Makes a release.
pub(crate) fn run(registry: &Registry, options: &Release) -> Result<Status, Failure> {
    let store = Store::open(&options.store).map_err(store_failure)?;
    let snapshot = store.find(options.snapshot.as_deref().unwrap_or("CURRENT")).map_err(store_failure)?;
    let previous = options.previous.as_deref().map(|named| {
        Previous::find(&store, named).map_err(|e| {
            Failure::usage(format!(
                "--previous {named} is no folder of a release with its tables in folders, and {e}"
            ))
        })
    });
    let previous = previous.transpose()?;
    let about = about(options.about.as_deref())?;
    let gate = gate(registry, options.gates.as_deref())?;
    let breaches = breaches(&store, &snapshot, previous.as_ref(), &gate)?;
    let progress = Progress::new(options.quiet, options.log_format);
    let sources = |folder: &Path| export_cache(&store, folder);
    let stop = signals::stop();
    let made = release(
        registry,
        &snapshot,
        &options.output,
        &ReleaseOptions {
            version: &options.version,
            date: options.date.as_deref(),
            layout: match (options.flat, options.archive) {
                (true, _) => Layout::Flat,
                (_, true) => Layout::Archives,
                _ => Layout::Partitioned,
            },
            mask_contacts: options.mask_contacts,
            about: &about,
            previous: previous.as_ref(),
            breaches: &breaches,
            in_spite_of_breaches: options.in_spite_of_breaches,
            sources: if options.sources { Some(&sources) } else { None },
            tool_version: TOOL_VERSION,
            command: &command(options, previous.as_ref()),
            stop: &stop,
            events: &progress,
        },
    );
    progress.finish();
    let made = made.map_err(failure)?;
    if !options.quiet {
        print(&text(&options.version, &made, options.date.is_some()));
    }
    if breaches.is_empty() { Ok(Status::Done) } else { Ok(Status::Breached) }
}

/// Makes the release that a pipeline file asks for, of the snapshot its run has published: the gate of the file has passed it. `None` where
/// this release is there already.
pub(crate) fn nightly(
    registry: &Registry,
    store: &Store,
    wanted: &Wanted,
    file: &Path,
    progress: &Progress,
) -> Result<Option<String>, Failure> {
    let Some(snapshot) = store.current().map_err(store_failure)? else { return Ok(None) };
    let folder = wanted.dir.join(&wanted.version);
    // The same version never becomes other data.
    if let Some(mark) = ReleaseMark::read(&folder).map_err(store_failure)? {
        if mark.made_of == snapshot.name {
            return Ok(None);
        }
        return Err(Failure::usage(format!(
            "[release]: {} is a release of {} already, and the data are {} now; raise the version, or take [release] out",
            folder.display(),
            mark.made_of,
            snapshot.name
        )));
    }
    let stop = signals::stop();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let made = release(
        registry,
        &snapshot,
        &folder,
        &ReleaseOptions {
            version: &wanted.version,
            date: None,
            layout: if wanted.flat { Layout::Flat } else { Layout::Partitioned },
            mask_contacts: wanted.mask_contacts,
            about: &about(None)?,
            previous: None,
            breaches: &[],
            in_spite_of_breaches: false,
            sources: None,
            tool_version: TOOL_VERSION,
            command: &format!("gongkai run {name}"),
            stop: &stop,
            events: progress,
        },
    );
    progress.finish();
    made.map(|made| Some(text(&wanted.version, &made, false))).map_err(failure)
}

fn about(file: Option<&Path>) -> Result<About, Failure> {
    let Some(file) = file else { return About::built_in().map_err(Failure::usage) };
    let place = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::usage(format!("{place}: cannot be read: {e}")))?;
    About::parse(&text).map_err(|e| Failure::usage(format!("{place}: {e}")))
}

fn gate(registry: &Registry, file: Option<&Path>) -> Result<Gate, Failure> {
    let pipeline = match file {
        Some(file) => Pipeline::load(registry, file),
        None => Pipeline::parse(registry, Path::new("pipelines/release.toml"), GATES),
    };
    pipeline.map(|p| p.gate).map_err(Failure::usage)
}

/// The command, without the paths of this machine.
fn command(options: &Release, previous: Option<&Previous>) -> String {
    let mut words = vec![format!("gongkai release STORE --version {}", options.version)];
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    let named = [
        ("--snapshot", options.snapshot.clone()),
        ("--previous", previous.map(|p| p.version.clone())),
        ("--date", options.date.clone()),
        ("--about", options.about.as_deref().and_then(name)),
        ("--gates", options.gates.as_deref().and_then(name)),
    ];
    words.extend(named.into_iter().filter_map(|(flag, value)| Some(format!("{flag} {}", value?))));
    let flags = [
        ("--flat", options.flat),
        ("--archive", options.archive),
        ("--mask-contacts", options.mask_contacts),
        ("--sources", options.sources),
        ("--in-spite-of-breaches", options.in_spite_of_breaches),
    ];
    words.extend(flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned()));
    words.push("-o DIR".to_owned());
    words.join(" ")
}

/// What does not hold: of the snapshot as it is, and what the last run that made or met it found. A measure of change compares with
/// the release before.
fn breaches(
    store: &Store,
    snapshot: &Snapshot,
    previous: Option<&Previous>,
    gate: &Gate,
) -> Result<Vec<String>, Failure> {
    let draft = Draft { snapshot, parent: previous.map(|p| &p.snapshot) };
    let found = gate.snapshot(&draft, store).map_err(store_failure)?;
    let mut breaches: Vec<String> =
        found.iter().filter(|b| b.waived.is_none()).map(ToString::to_string).collect();
    for breach in breaches_of_record(store.path(), &snapshot.name) {
        if !breaches.contains(&breach) {
            breaches.push(breach);
        }
    }
    Ok(breaches)
}

fn text(version: &str, made: &Released, dated: bool) -> String {
    let rows: u64 = made.rows.values().sum();
    let mut text = format!(
        "release {version} of {}, {}: {}\n  {} files, {} rows, {} bytes\n",
        made.snapshot,
        made.date,
        made.folder.display(),
        made.files,
        thousands(rows),
        thousands(made.bytes)
    );
    let kinds: Vec<String> =
        made.personal_data.iter().map(|(k, n)| format!("{k} {}", thousands(*n))).collect();
    let kinds = if kinds.is_empty() { "none found".to_owned() } else { kinds.join(", ") };
    text.push_str(&format!("  personal data in running text: {kinds}"));
    if made.masked > 0 {
        text.push_str(&format!("; masked in {} values", thousands(made.masked)));
    }
    text.push('\n');
    if !dated {
        text.push_str("  dated by the latest date in the data; --date says another\n");
    }
    text
}

/// A release's error with the exit status it deserves.
pub(crate) fn failure(error: ReleaseError) -> Failure {
    match error {
        ReleaseError::Breached(_) => Failure::breached(error),
        _ if error.is_usage() => Failure::usage(error),
        _ => Failure::failed(error),
    }
}
