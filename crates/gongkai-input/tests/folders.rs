//! Folders as crawlers leave them, good and bad, from the walk to the bytes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gongkai_input::{Entry, InputError, InputOptions, Plan, SidecarKind, plan, read};
use gongkai_model::{Capture, CaptureStatus};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    write(dir.path(), files);
    dir
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn plan_of(inputs: &[&Path]) -> Plan {
    let inputs: Vec<PathBuf> = inputs.iter().map(|p| p.to_path_buf()).collect();
    plan(&inputs, &InputOptions::default()).unwrap()
}

fn containers(plan: &Plan) -> Vec<&str> {
    plan.entries.iter().map(|e| &*e.container).collect()
}

fn entry<'a>(plan: &'a Plan, container: &str) -> &'a Entry {
    plan.entries
        .iter()
        .find(|e| &*e.container == container)
        .unwrap_or_else(|| panic!("{container}: {plan:?}"))
}

fn capture(plan: &Plan, container: &str) -> Capture {
    read(entry(plan, container), &InputOptions::default())
}

fn reason(plan: &Plan, container: &str) -> String {
    let capture = capture(plan, container);
    let problem = capture.problem.unwrap_or_else(|| panic!("{container} was read"));
    assert_eq!(problem.status, CaptureStatus::Unreadable);
    assert!(capture.bytes.is_empty());
    problem.reason
}

#[test]
fn every_file_is_named_once_in_order() {
    let dir = folder(&[
        ("b/2.html", "two"),
        ("b/1.TXT", "one"),
        ("a", "no extension"),
        ("b/logo.PNG", "png"),
        ("b.md", "text"),
        ("show.jsp?id=3", "page"),
        (".git/config", "x"),
        (".git/HEAD.txt", "x"),
        ("b/.DS_Store", "x"),
    ]);
    let plan = plan_of(&[dir.path()]);
    assert_eq!(containers(&plan), ["a", "b.md", "b/1.TXT", "b/2.html", "b/logo.PNG", "show.jsp?id=3"]);
    assert_eq!(plan.hidden, 2);
    assert_eq!(
        (entry(&plan, "b/logo.PNG").size, reason(&plan, "b/logo.PNG")),
        (3, "unsupported_type: png".into())
    );
    let two = capture(&plan, "b/2.html");
    assert_eq!((two.bytes.as_slice(), two.size, two.problem), (b"two".as_slice(), 3, None));
}

#[test]
fn the_order_of_inputs_and_of_files_on_disk_changes_nothing() {
    let names: Vec<String> = (0..60).map(|i| format!("d{}/f{i}.html", i % 7)).collect();
    let forward: Vec<_> = names.iter().map(|n| (n.as_str(), "x")).collect();
    let backward: Vec<_> = forward.iter().rev().copied().collect();
    let (one, two) = (folder(&forward), folder(&backward));
    assert_eq!(containers(&plan_of(&[one.path()])), containers(&plan_of(&[two.path()])));

    let inputs = [one.path().join("d1"), one.path().join("d2"), one.path().join("d3/f3.html")];
    let [a, b, c] = [&inputs[0], &inputs[1], &inputs[2]].map(PathBuf::as_path);
    assert_eq!(containers(&plan_of(&[a, b, c])), containers(&plan_of(&[c, b, a])));
}

#[test]
fn files_that_cannot_be_captures_have_reasons() {
    let dir = folder(&[("empty.html", ""), ("big.html", "0123456789"), ("fits.html", "01234567")]);
    let options = InputOptions { max_bytes: 8, ..InputOptions::default() };
    let plan = plan(&[dir.path().to_owned()], &options).unwrap();
    assert_eq!(reason(&plan, "empty.html"), "empty");
    let big = read(entry(&plan, "big.html"), &options);
    assert_eq!(big.problem.unwrap().reason, "too_large: 10 bytes, limit 8");
    assert_eq!(big.size, 10);
    assert_eq!(read(entry(&plan, "fits.html"), &options).bytes.len(), 8);
}

#[test]
fn files_that_change_after_the_plan() {
    let dir = folder(&[("gone.html", "x"), ("grown.html", "x"), ("folder.html", "x")]);
    let plan = plan_of(&[dir.path()]);
    fs::remove_file(dir.path().join("gone.html")).unwrap();
    fs::remove_file(dir.path().join("folder.html")).unwrap();
    fs::create_dir(dir.path().join("folder.html")).unwrap();
    fs::write(dir.path().join("grown.html"), "xyz").unwrap();
    assert_eq!(reason(&plan, "gone.html"), "vanished");
    assert_eq!(reason(&plan, "folder.html"), "not_a_regular_file: folder");
    let grown = capture(&plan, "grown.html");
    assert_eq!((grown.bytes.as_slice(), grown.size), (b"xyz".as_slice(), 3));
}

#[test]
fn inputs_that_share_a_path_are_told_apart_by_their_folders() {
    let dir = folder(&[
        ("x/crawl/p.html", "1"),
        ("y/crawl/p.html", "2"),
        ("y/crawl/q.html", "3"),
        ("z/r.html", "4"),
    ]);
    let [x, y, z] = ["x/crawl", "y/crawl", "z"].map(|n| dir.path().join(n));
    let plan = plan_of(&[&z, &y, &x]);
    assert_eq!(containers(&plan), ["x/crawl/p.html", "y/crawl/p.html", "y/crawl/q.html", "z/r.html"]);
    assert_eq!(capture(&plan, "x/crawl/p.html").bytes, b"1");
    assert_eq!(capture(&plan, "y/crawl/p.html").bytes, b"2");
    assert_eq!(containers(&plan_of(&[&x, &z])), ["crawl/p.html", "z/r.html"]);

    // Names are what they were, whatever joins or leaves.
    let again = |inputs: &[&Path], before: &Plan| {
        let inputs: Vec<PathBuf> = inputs.iter().map(|path| (*path).to_owned()).collect();
        gongkai_input::plan(
            &inputs,
            &InputOptions { labels: before.labels.clone(), ..InputOptions::default() },
        )
        .unwrap()
    };
    let alone = plan_of(&[&y]);
    assert_eq!(containers(&alone), ["p.html", "q.html"]);
    let joined = again(&[&x, &y], &alone);
    assert_eq!(containers(&joined), ["crawl/p.html", "p.html", "q.html"]);
    assert_eq!(containers(&again(&[&x], &joined)), ["crawl/p.html"]);
    fs::create_dir(y.join("z")).unwrap();
    fs::write(y.join("z/r.html"), "5").unwrap();
    let joined = again(&[&y, &z], &alone);
    assert_eq!(containers(&joined).len(), 4);
    assert_eq!(containers(&joined)[..3], ["p.html", "q.html", "z/r.html"]);
    assert_eq!(capture(&joined, "z/r.html").bytes, b"5");
    assert_eq!(capture(&joined, "z~2/r.html").bytes, b"4");

    // Names begin behind the folder that is told, whatever is found below it.
    let bases = [&x, &z].map(|path| (path.to_owned(), dir.path().to_owned())).into();
    let options = InputOptions { bases, ..InputOptions::default() };
    let below = gongkai_input::plan(&[x, z], &options).unwrap();
    assert_eq!(containers(&below), ["x/crawl/p.html", "z/r.html"]);
}

#[test]
fn the_store_of_the_run_is_no_input() {
    let dir = folder(&[
        ("p.html", "1"),
        ("store/CURRENT", "2"),
        ("store/runs/1.json", "3"),
        ("a/store/q.html", "4"),
    ]);
    let store = fs::canonicalize(dir.path().join("store")).unwrap();
    let options = InputOptions { store: Some(store.clone()), ..InputOptions::default() };
    let plan = plan(&[dir.path().to_owned()], &options).unwrap();
    assert_eq!(containers(&plan), ["a/store/q.html", "p.html"]);
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
    assert!(plan.notes[0].message.starts_with("store_skipped"));
    let inside = gongkai_input::plan(&[store.join("runs")], &options).unwrap_err();
    assert!(inside.to_string().contains("lies in the store"), "{inside}");
}

#[test]
fn single_files_and_inputs_within_inputs() {
    let dir = folder(&[("a/p.html", "1"), ("b/p.html", "2"), ("b/.old/p.html", "3")]);
    let [a, b, old] = ["a/p.html", "b", "b/.old"].map(|n| dir.path().join(n));
    assert_eq!(containers(&plan_of(&[&a])), ["p.html"]);
    assert_eq!(containers(&plan_of(&[&a, &b])), ["a/p.html", "b/p.html"]);

    let within = plan_of(&[&b.join("p.html"), &b, &b]);
    assert_eq!(containers(&within), ["p.html"]);
    assert_eq!(within.notes.len(), 2, "{:?}", within.notes);

    let hidden_but_named = plan_of(&[&b, &old]);
    assert_eq!(containers(&hidden_but_named), [".old/p.html", "b/p.html"]);
}

#[test]
fn no_machine_path_is_in_a_plan() {
    let dir = folder(&[("a/p.html", "1"), ("b/p.html", "2"), ("b/p.json", "{"), ("b/x.png", "")]);
    let machine = dir.path().file_name().unwrap().to_str().unwrap();
    let plan = plan_of(&[&dir.path().join("a"), &dir.path().join("b")]);
    let shown: Vec<String> = containers(&plan)
        .into_iter()
        .map(str::to_owned)
        .chain(plan.notes.iter().map(|n| format!("{} {}", n.container, n.message)))
        .chain(plan.entries.iter().map(|e| format!("{:?}", read(e, &InputOptions::default()).problem)))
        .collect();
    assert!(shown.iter().all(|text| !text.contains(machine)), "{shown:?}");
}

#[test]
fn a_missing_input_says_what_and_what_to_do() {
    let dir = folder(&[]);
    let input = dir.path().join("nothing");
    let error = plan(std::slice::from_ref(&input), &InputOptions::default()).unwrap_err();
    assert_eq!(error, InputError::Missing { input: input.clone() });
    let text = error.to_string();
    assert!(text.contains(input.to_str().unwrap()) && text.contains("check"), "{text}");
}

#[test]
fn hosts_come_from_folders_and_from_the_input_folder() {
    let dir = folder(&[
        ("www.yanling.gov.cn/zwgk/1.html", "x"),
        ("plain/1.html", "x"),
        ("www.yanling.gov.cn.html", "x"),
    ]);
    let plan = plan_of(&[dir.path()]);
    let host = |container: &str| capture(&plan, container).provenance.host;
    assert_eq!(host("www.yanling.gov.cn/zwgk/1.html").as_deref(), Some("www.yanling.gov.cn"));
    assert_eq!((host("plain/1.html"), host("www.yanling.gov.cn.html")), (None, None));
    assert_eq!(capture(&plan, "plain/1.html").provenance.uri, None);

    let site = dir.path().join("www.yanling.gov.cn");
    let site_plan = plan_of(&[&site]);
    assert_eq!(capture(&site_plan, "zwgk/1.html").provenance.host.as_deref(), Some("www.yanling.gov.cn"));
}

#[test]
fn sidecars_tell_where_a_page_came_from_and_are_no_captures() {
    let dir = folder(&[
        ("a.html", "x"),
        ("a.html.json", r#"{"fetched_at": "2024-01-31 12:05:06", "url": "http://second.cn/"}"#),
        ("a.html.meta.json", r#"{"url": "http://www.yanling.gov.cn/a.html", "status": 404}"#),
        ("a.html.headers", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n"),
        ("b.txt", "x"),
        ("b.json", r#"{"crawled_at": 1706673906}"#),
        ("b.files/c", "x"),
        ("page/page.txt", "x"),
        ("page/links.tsv", "http://x.cn/\tx"),
        ("doc.pdf", "x"),
        ("doc.pdf.json", r#"{"url": "http://www.yanling.gov.cn/doc.pdf"}"#),
    ]);
    let plan = plan_of(&[dir.path()]);
    assert_eq!(containers(&plan), ["a.html", "b.files/c", "b.txt", "doc.pdf", "page/page.txt"]);
    let sidecars: Vec<_> = plan.sidecars.iter().map(|s| (&*s.container, s.kind)).collect();
    let expected = [
        ("a.html.headers", SidecarKind::Headers),
        ("a.html.json", SidecarKind::Metadata),
        ("a.html.meta.json", SidecarKind::Metadata),
        ("b.json", SidecarKind::Metadata),
        ("doc.pdf.json", SidecarKind::Metadata),
        ("page/links.tsv", SidecarKind::Links),
    ];
    assert_eq!(sidecars, expected);
    assert_eq!(plan.notes, []);

    let a = capture(&plan, "a.html").provenance;
    assert_eq!(a.uri.as_deref(), Some("http://www.yanling.gov.cn/a.html"));
    assert_eq!(a.host.as_deref(), Some("www.yanling.gov.cn"));
    assert_eq!(a.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!((a.charset_hint.as_deref(), a.media_type_hint.as_deref()), (Some("gbk"), Some("text/html")));
    assert_eq!(entry(&plan, "a.html").http_status(), Some(404));
    assert_eq!(capture(&plan, "b.txt").provenance.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!(capture(&plan, "b.files/c").provenance, Default::default());
    assert!(capture(&plan, "doc.pdf").provenance.uri.is_some());
}

#[test]
fn sidecars_that_are_none_stay_visible() {
    let large = format!(r#"{{"url": "http://a.cn/", "x": "{}"}}"#, "x".repeat(2 << 20));
    let dir = folder(&[
        ("a.html", "x"),
        ("a.html.json", "{\"url\": "),
        ("b.html", "x"),
        ("b.json", r#"{"title": "about something else"}"#),
        ("c.html", "x"),
        ("c.json", r#"{"url": "not an address", "fetched_at": "2024-01-31T04:05:06Z"}"#),
        ("d.html", "x"),
        ("d.json", &large),
        ("lonely.json", r#"{"url": "http://www.yanling.gov.cn/"}"#),
        ("links.ts", "x"),
    ]);
    let plan = plan_of(&[dir.path()]);
    assert_eq!(reason(&plan, "a.html.json"), "truncated: EOF while parsing a value at line 1 column 8");
    for (name, fields) in [("b.json", "title"), ("d.json", "url, x"), ("lonely.json", "url")] {
        assert_eq!(
            reason(&plan, name),
            format!("no_document_field: 1 objects, fields are {fields}"),
            "{name}"
        );
    }
    assert_eq!(reason(&plan, "links.ts"), "unsupported_type: ts");
    let sidecars: Vec<_> = plan.sidecars.iter().map(|s| &*s.container).collect();
    assert_eq!(sidecars, ["c.json"]);
    let c = capture(&plan, "c.html").provenance;
    assert_eq!((c.uri, c.host, c.fetched_at), (None, None, Some(1_706_673_906_000_000)));
    assert_eq!(capture(&plan, "a.html").provenance, Default::default());
    let noted: Vec<_> = plan.notes.iter().map(|n| &*n.container).collect();
    assert_eq!(noted, ["a.html.json", "c.json", "d.json"]);
    assert!(plan.notes.iter().all(|n| n.message.starts_with("bad_sidecar: ")));
}

#[test]
fn a_single_file_is_told_about_by_the_sidecar_beside_it() {
    let dir = folder(&[
        ("a.html", "x"),
        ("a.json", r#"{"url": "http://www.yanling.gov.cn/a.html"}"#),
        ("b.html", "x"),
        ("b.json", r#"{"title": "about something else"}"#),
    ]);
    let [a, b, json] = ["a.html", "b.html", "a.json"].map(|n| dir.path().join(n));
    for inputs in [vec![a.as_path(), &b], vec![&a, &b, &json]] {
        let plan = plan_of(&inputs);
        assert_eq!(containers(&plan), ["a.html", "b.html"]);
        assert!(capture(&plan, "a.html").provenance.uri.is_some());
        assert_eq!(plan.sidecars.len(), 1);
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn names_in_other_encodings_stay_distinct_and_readable() {
        let dir = folder(&[]);
        for (bytes, text) in [(b"\xc4\xea.txt".as_slice(), "1"), (b"\xb1\xa8.txt", "2")] {
            fs::write(dir.path().join(OsStr::from_bytes(bytes)), text).unwrap();
        }
        let json = OsStr::from_bytes(b"\xc4\xea.txt.json");
        fs::write(dir.path().join(json), r#"{"url": "http://www.yanling.gov.cn/1"}"#).unwrap();
        let plan = plan_of(&[dir.path()]);
        let distinct: BTreeSet<_> = containers(&plan).into_iter().collect();
        assert_eq!((distinct.len(), plan.sidecars.len()), (2, 1), "{distinct:?}");
        let captures: Vec<_> = plan.entries.iter().map(|e| read(e, &InputOptions::default())).collect();
        let texts: BTreeSet<_> = captures.iter().map(|c| c.bytes.clone()).collect();
        assert_eq!(texts, BTreeSet::from([b"1".to_vec(), b"2".to_vec()]));
        assert_eq!(captures.iter().filter(|c| c.provenance.uri.is_some()).count(), 1);
    }

    #[test]
    fn links_are_followed_loops_and_dead_ends_are_not() {
        let dir = folder(&[("real/p.html", "x"), ("real/deep/q.html", "y")]);
        let at = |name: &str| dir.path().join(name);
        symlink(at("real"), at("second")).unwrap();
        symlink(at("real"), at("real/deep/up")).unwrap();
        symlink(at("nowhere"), at("dead.html")).unwrap();
        symlink("self.html", at("self.html")).unwrap();
        symlink(at("nowhere"), at(".hidden")).unwrap();
        let plan = plan_of(&[dir.path()]);
        let expected = [
            "dead.html",
            "real/deep/q.html",
            "real/deep/up",
            "real/p.html",
            "second/deep/q.html",
            "second/deep/up",
            "second/p.html",
            "self.html",
        ];
        assert_eq!(containers(&plan), expected);
        assert_eq!(reason(&plan, "dead.html"), "dangling_link");
        for name in ["real/deep/up", "second/deep/up", "self.html"] {
            assert_eq!(reason(&plan, name), "symlink_loop", "{name}");
        }
        assert_eq!(plan.hidden, 1);
        assert_eq!(capture(&plan, "second/p.html").bytes, b"x");
    }

    #[test]
    fn links_that_lead_out_of_the_input_are_followed_only_when_asked() {
        let outside = folder(&[
            ("passwd", "root:x"),
            ("deep/q.html", "y"),
            ("p.html.json", r#"{"url": "http://a.cn/"}"#),
        ]);
        let dir = folder(&[("in/p.html", "x"), ("beside/p.html", "x")]);
        let (at, out) = (|name: &str| dir.path().join(name), |name: &str| outside.path().join(name));
        symlink(out("passwd"), at("in/passwd.html")).unwrap();
        symlink(out("deep"), at("in/deep")).unwrap();
        symlink("../beside/p.html", at("in/other.html")).unwrap();
        symlink("/proc/self", at("in/self")).unwrap();
        symlink(out("p.html.json"), at("beside/p.html.json")).unwrap();
        let plan = plan_of(&[&dir.path().join("in")]);
        assert_eq!(containers(&plan), ["deep", "other.html", "p.html", "passwd.html", "self"]);
        for name in ["deep", "other.html", "passwd.html", "self"] {
            assert_eq!(reason(&plan, name), "symlink_not_followed: it leads out of the input", "{name}");
        }
        // A file given by itself: what lies beside it counts where it lies there.
        let given = plan_of(&[&dir.path().join("beside/p.html")]);
        assert!(given.sidecars.is_empty() && capture(&given, "p.html").provenance.uri.is_none());
        fs::remove_file(at("in/self")).unwrap();
        let options = InputOptions { follow_links: true, ..InputOptions::default() };
        let plan = super::plan(&[dir.path().join("in")], &options).unwrap();
        assert_eq!(containers(&plan), ["deep/q.html", "other.html", "p.html", "passwd.html"]);
        assert_eq!(capture(&plan, "passwd.html").bytes, b"root:x");
    }

    #[test]
    fn links_to_folders_do_not_multiply() {
        let dir = folder(&[("f0/p.html", "x")]);
        for n in 1..25 {
            let name = dir.path().join(format!("f{n}"));
            fs::create_dir(&name).unwrap();
            for link in ["a", "b"] {
                symlink(format!("../f{}", n - 1), name.join(link)).unwrap();
            }
        }
        // Each of 24 folders leads to the one before it by two links, in which two further ones end.
        assert_eq!(plan_of(&[dir.path()]).entries.len(), 1 + 2 + 23 * 2 * 2);
    }

    #[test]
    fn a_linked_file_is_met_under_its_own_name() {
        let dir = folder(&[("blob.bin", "x")]);
        let link = dir.path().join("page.html");
        symlink(dir.path().join("blob.bin"), &link).unwrap();
        assert_eq!(capture(&plan_of(&[&link]), "page.html").bytes, b"x");
        assert_eq!(capture(&plan_of(&[dir.path()]), "page.html").bytes, b"x");
        symlink(dir.path().join("nowhere"), dir.path().join("dead")).unwrap();
        let error = plan(&[dir.path().join("dead")], &InputOptions::default()).unwrap_err();
        assert!(matches!(error, InputError::Dangling { .. }), "{error}");
    }

    #[test]
    fn pipes_and_sockets_are_never_opened() {
        let dir = folder(&[("later.html", "x")]);
        let fifo = dir.path().join("pipe.html");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let _listener = UnixListener::bind(dir.path().join("socket.html")).unwrap();
        let plan = plan_of(&[dir.path()]);
        assert_eq!(reason(&plan, "pipe.html"), "not_a_regular_file: fifo");
        assert_eq!(reason(&plan, "socket.html"), "not_a_regular_file: socket");
        assert_eq!(reason(&plan_of(&[&fifo]), "pipe.html"), "not_a_regular_file: fifo");

        fs::remove_file(dir.path().join("later.html")).unwrap();
        fs::rename(&fifo, dir.path().join("later.html")).unwrap();
        assert_eq!(reason(&plan, "later.html"), "not_a_regular_file: fifo");
    }

    #[test]
    fn what_must_not_be_read_is_told() {
        let dir = folder(&[("closed/p.html", "x"), ("p.html", "x"), ("q.html", "x")]);
        let (closed, file) = (dir.path().join("closed"), dir.path().join("p.html"));
        for path in [&closed, &file] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        }
        let binds = fs::File::open(&file).is_err();
        let plan = plan_of(&[dir.path()]);
        let error = super::plan(std::slice::from_ref(&closed), &InputOptions::default());
        let reasons = ["closed", "p.html"].map(|name| {
            plan.entries
                .iter()
                .any(|e| &*e.container == name)
                .then(|| read(entry(&plan, name), &InputOptions::default()))
        });
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(capture(&plan, "q.html").bytes, b"x");
        // The superuser reads everything.
        if binds {
            let reasons = reasons.map(|capture| capture.and_then(|c| c.problem).map(|p| p.reason));
            let folder = "permission_denied: folder, nothing below it was read";
            assert_eq!(reasons, [Some(folder.to_owned()), Some("permission_denied".to_owned())]);
            assert!(matches!(error, Err(InputError::Unreadable { .. })));
        }
    }
}
