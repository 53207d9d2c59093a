//! Containers as crawlers write them, and as strangers and accidents do, from the file to the bytes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

mod make;
#[path = "make/tables.rs"]
mod tables;
#[path = "make/tell.rs"]
mod tell;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use gongkai_input::{Declared, InputKind, InputOptions, Limits, Met, Opened, find, open, plan};
use gongkai_model::{Capture, CaptureStatus};
use make::*;
use tables::*;
use tell::*;
use tempfile::TempDir;

#[test]
fn a_record_file_in_every_wrapping() {
    let records = [
        warcinfo(),
        request("http://a.gov.cn/1"),
        response("http://a.gov.cn/1", "", b"<p>one"),
        resource("http://a.gov.cn/2", b"two"),
    ];
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|r| gzip(r)).collect();
    for bytes in [plain.clone(), members, gzip(&plain), zstd(&plain)] {
        let (captures, about) = all_with("c.warc.gz", &bytes, &InputOptions::default());
        assert_eq!(told(&captures), ["c.warc.gz#3 = <p>one", "c.warc.gz#4 = two"]);
        assert_eq!(about, 2);
        let one = &captures[0].provenance;
        assert_eq!(one.uri.as_deref(), Some("http://a.gov.cn/1"));
        assert_eq!(one.host.as_deref(), Some("a.gov.cn"));
        // 2024-01-31T04:05:06Z.
        assert_eq!(one.fetched_at, Some(1_706_673_906_000_000));
        assert_eq!(one.charset_hint.as_deref(), Some("gbk"));
    }
}

#[test]
fn bodies_as_servers_send_them() {
    let page = "<html>政府信息公开".as_bytes();
    let brotli: Vec<u8> = brotli_stored(page);
    let chunked = b"3\r\n<p>\r\n4\r\ntext\r\n0\r\n\r\n";
    let records = [
        response("http://a.cn/1", "Content-Encoding: gzip\r\n", &gzip(page)),
        response("http://a.cn/2", "Content-Encoding: br\r\n", &brotli),
        response("http://a.cn/3", "Content-Encoding: deflate\r\n", &deflate(page)),
        response("http://a.cn/4", "Content-Encoding: zstd\r\n", &zstd(page)),
        response("http://a.cn/5", "Content-Encoding: gzip\r\n", page),
        response("http://a.cn/6", "Transfer-Encoding: chunked\r\n", chunked),
        response("http://a.cn/7", "Content-Length: 99\r\n", page),
        response("http://a.cn/8", "Content-Encoding: gzip\r\n", gzip(page).get(..20).unwrap()),
        response("http://a.cn/9", "", b""),
        record("response", "http://a.cn/10", "WARC-Truncated: length\r\n", b"HTTP/1.1 200 OK\r\n\r\nhalf"),
    ];
    let page = String::from_utf8_lossy(page);
    let expected: Vec<String> = [
        &format!("= {page}"),
        &format!("= {page}"),
        &format!("= {page}"),
        &format!("= {page}"),
        &format!("= {page}"),
        "= <p>text",
        "unreadable: truncated_body: 24 of 99 bytes",
        "unreadable: truncated_body: gzip",
        "unreadable: empty: http status 200",
        "unreadable: truncated_body: length",
    ]
    .iter()
    .enumerate()
    .map(|(i, text)| format!("w#{} {text}", i + 1))
    .collect();
    assert_eq!(tell("w", &records.concat()), expected);
}

#[test]
fn revisits_are_fetches_without_content() {
    let digest = "WARC-Payload-Digest: sha1:ABC\r\n";
    let records = [
        record("response", "http://a.cn/1", digest, b"HTTP/1.1 200 OK\r\n\r\npage"),
        record("revisit", "http://a.cn/1", digest, b"HTTP/1.1 200 OK\r\n\r\n"),
    ];
    let captures = all("w", &records.concat());
    assert!(!captures[0].ties.revisit && captures[1].ties.revisit);
    assert_eq!(captures[0].ties.digest.as_deref(), Some("sha1:abc"));
    assert_eq!(captures[1].ties.digest, captures[0].ties.digest);
    assert_eq!(captures[1].problem.as_ref().unwrap().status, CaptureStatus::Duplicate);
}

#[test]
fn damage_costs_the_record_it_lies_in() {
    let records: Vec<Vec<u8>> =
        (1..=5).map(|i| response(&format!("http://a.cn/{i}"), "", format!("page {i}").as_bytes())).collect();
    // A member with a flipped bit, so that only its checksum is wrong or its stream breaks off.
    let members: Vec<Vec<u8>> = records.iter().map(|r| gzip(r)).collect();
    let start: usize = members[..2].iter().map(Vec::len).sum();
    let end = start + members[2].len();
    for at in [start + 12, start + 40, end - 6, end - 1] {
        let mut bytes = members.concat();
        bytes[at] ^= 0x10;
        let captures = all("w", &bytes);
        let lines = told(&captures);
        assert_eq!(lines.len(), 5, "{lines:#?}");
        for i in [0, 1, 3, 4] {
            assert_eq!(lines[i], format!("w#{} = page {}", i + 1, i + 1));
        }
        assert!(lines[2].starts_with("w#3 unreadable: "), "{lines:#?}");
        assert!(lines[2].ends_with(&format!("(bytes {start} to {end} of the file are lost)")), "{lines:#?}");
        assert_eq!(captures[2].size, (end - start) as u64);
    }
    // A member whose very mark is gone.
    let mut bytes = members.concat();
    bytes[start] = b'x';
    let lines = tell("w", &bytes);
    assert_eq!(lines.len(), 5);
    assert!(lines[2].contains("(bytes") && lines[3] == "w#4 = page 4", "{lines:#?}");
    // Cut off in the last record.
    let bytes = members.concat();
    let lines = tell("w", &bytes[..bytes.len() - 10]);
    assert_eq!(lines.len(), 5);
    assert!(lines[4].starts_with("w#5 unreadable: truncated: gzip stream ends early (bytes"), "{lines:#?}");
}

#[test]
fn damage_in_a_plain_file() {
    let records: Vec<Vec<u8>> =
        (1..=4).map(|i| response(&format!("http://a.cn/{i}"), "", format!("page {i}").as_bytes())).collect();
    // Bytes put in: the length is wrong, the next record is found behind it.
    let mut longer = records.clone();
    let at = longer[1].len() - 8;
    longer[1].splice(at..at, *b"more");
    let lines = tell("w", &longer.concat());
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(
        lines[1].contains("w#2 unreadable: damaged: the record does not end where its length says (bytes")
    );
    assert_eq!((&*lines[2], &*lines[3]), ("w#3 = page 3", "w#4 = page 4"));
    // A record without its length.
    let mut headless = records.clone();
    headless[2] = b"WARC/1.0\r\nWARC-Type: response\r\n\r\nsomething\r\n\r\n".to_vec();
    let lines = tell("w", &headless.concat());
    assert!(lines[2].starts_with("w#3 unreadable: damaged: no length of the record"), "{lines:#?}");
    assert_eq!(lines[3], "w#4 = page 4");
    let lines = tell("w", &records.concat()[..records.concat().len() - 10]);
    assert!(lines[3].starts_with("w#4 unreadable: truncated: "), "{lines:#?}");
}

#[test]
fn pages_in_json() {
    let lines = concat!(
        "{\"url\": \"http://a.gov.cn/1\", \"html\": \"<p>一\", \"fetched_at\": \"2024-01-31T04:05:06Z\", \"title\": \"甲\"}\n",
        "\n",
        "{\"html\": broken}\n",
        "{\"url\": \"http://a.gov.cn/3\"}\n",
        "{\"URL\": \"http://a.gov.cn/4\", \"text\": \"四\", \"content-type\": \"text/plain; charset=utf-8\"}",
    );
    let captures = all("p.jsonl", lines.as_bytes());
    let told_lines = told(&captures);
    assert_eq!(told_lines[0], "p.jsonl#1 = <p>一");
    assert!(told_lines[1].starts_with("p.jsonl#2 unreadable: bad_record: "), "{told_lines:?}");
    assert_eq!(told_lines[2], "p.jsonl#3 unreadable: no_document_field: fields are url");
    assert_eq!(told_lines[3], "p.jsonl#4 = 四");
    assert_eq!(captures[0].provenance.title.as_deref(), Some("甲"));
    assert_eq!(captures[0].provenance.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!(captures[3].provenance.media_type_hint.as_deref(), Some("text/plain"));
    for packed in [gzip(lines.as_bytes()), zstd(lines.as_bytes())] {
        assert_eq!(tell("p.jsonl", &packed), told_lines);
    }
}

#[test]
fn json_in_arrays_and_over_lines() {
    let array = "\u{feff}[{\"html\": \"<p>{1}\"},\n {\"html\": \"a \\\" ] }\"}]";
    assert_eq!(tell("p.json", array.as_bytes()), ["p.json#1 = <p>{1}", "p.json#2 = a \" ] }"]);
    let pretty = "{\n  \"url\": \"http://a.cn/\",\n  \"content\": \"x\"\n}\n{\n  \"content\": \"y\"\n}\n";
    assert_eq!(tell("p.json", pretty.as_bytes()), ["p.json#1 = x", "p.json#2 = y"]);
    assert_eq!(
        tell("p.json", b"[{\"html\": \"x\"}, {\"html\": \"y"),
        ["p.json#1 = x", "p.json#2 unreadable: truncated"]
    );
    // About something else: a document, which the next stage will judge.
    assert_eq!(tell("p.json", b"{\"links\": {\"html\": \"x\"}}").len(), 1);
}

#[test]
fn a_record_with_two_representations_is_one_page() {
    let captures = all("p", b"{\"text\": \"plain\", \"html\": \"<p>markup\"}\n");
    assert_eq!(told(&captures), ["p#1 = <p>markup", "p#1/text = plain"]);
    assert_eq!(captures[0].ties.page.as_deref(), Some("p#1"));
    assert_eq!(captures[1].ties.page, captures[0].ties.page);
}

#[test]
fn columns_of_other_names() {
    let mut options = InputOptions::default();
    options.fields.name("html", "raw_page").unwrap();
    options.fields.name("url", "link").unwrap();
    assert!(options.fields.name("colour", "x").is_err());
    let line = b"{\"link\": \"http://a.gov.cn/\", \"raw_page\": \"x\"}\n";
    let (captures, _) = all_with("p", line, &options);
    assert_eq!(told(&captures), ["p#1 = x"]);
    assert_eq!(captures[0].provenance.host.as_deref(), Some("a.gov.cn"));
}

#[test]
fn tables_with_pages() {
    let expected = ["t#1 = <p>一", "t#2 unreadable: empty", "t#3 = 三"];
    for bytes in [
        parquet_file("zstd"),
        parquet_file("snappy"),
        parquet_file("none"),
        arrow_file(false),
        arrow_file(true),
        arrow_file_at(32, false),
        arrow_file_at(64, true),
        arrow_stream(),
    ] {
        let captures = all("t", &bytes);
        assert_eq!(told(&captures), expected);
        assert_eq!(captures[0].provenance.uri.as_deref(), Some("http://a.gov.cn/1"));
        assert_eq!(captures[0].provenance.fetched_at, Some(1_706_673_906_000_000));
    }
    let lines = tell("t", &arrow_stream()[..700]);
    assert!(lines.last().unwrap().contains("truncated: arrow"), "{lines:?}");
    assert_eq!(tell("t", b"PAR1 and nothing else PAR1"), ["t unreadable: damaged: parquet"]);
    let cut = parquet_file("zstd");
    assert_eq!(tell("t", &cut[..cut.len() - 10]), ["t unreadable: truncated: parquet without its directory"]);
    let lines = tell("t", &parquet_of("colour"));
    assert_eq!(lines, ["t unreadable: no_document_column: columns are url, colour, fetched_at"]);
}

#[test]
fn archives_are_folders() {
    let files: [(&str, &[u8]); 7] = [
        ("www.a.gov.cn/page.html", b"<p>page"),
        ("www.a.gov.cn/page.txt", b"page"),
        ("www.a.gov.cn/page.html.meta.json", b"{\"url\": \"http://www.a.gov.cn/p\"}"),
        ("logo.png", b"\x89PNG"),
        (".git/config", b"x"),
        ("misnamed.png", b"<!DOCTYPE html><p>page"),
        ("empty.html", b""),
    ];
    let expected = [
        "empty.html unreadable: empty",
        "logo.png unreadable: unsupported_type: png",
        "misnamed.png = <!DOCTYPE html><p>page",
        "www.a.gov.cn/page.html = <p>page",
        "www.a.gov.cn/page.txt = page",
    ];
    for bytes in [zip(&files, true), zip(&files, false), tar(&files), gzip(&tar(&files)), zstd(&tar(&files))]
    {
        let (mut captures, about) = all_with("a", &bytes, &InputOptions::default());
        captures.sort_by(|a, b| a.container.cmp(&b.container));
        assert_eq!(told(&captures), expected.map(|e| format!("a/{e}")));
        assert_eq!(about, 1);
        let page = &captures[3];
        assert_eq!(page.provenance.uri.as_deref(), Some("http://www.a.gov.cn/p"));
        assert_eq!(page.provenance.host.as_deref(), Some("www.a.gov.cn"));
        // A page and its text: their names tie them.
        let ties = gongkai_input::ties_of_names(captures.iter().map(|capture| &*capture.container));
        assert_eq!(ties[3].page.as_deref(), Some("a/www.a.gov.cn/page"));
        assert_eq!(ties[4].page, ties[3].page);
    }
}

#[test]
fn names_in_gbk() {
    let name = [b"\xc4\xea\xb1\xa8/".as_slice(), b"1.html"].concat();
    let bytes = tar_raw(&[(&name, b"x")]);
    assert_eq!(tell("a.tar", &bytes), ["a.tar/年报/1.html = x"]);
}

#[test]
fn long_names() {
    let name = format!("{}/{}.html", "a".repeat(90), "b".repeat(90));
    assert_eq!(tell("a", &tar(&[(&name, b"x")])), [format!("a/{name} = x")]);
}

#[test]
fn one_level_of_nesting() {
    let page: (&str, &[u8]) = ("p.html", b"<p>x");
    let inner = zip(&[page], true);
    assert_eq!(tell("o", &zip(&[("i.zip", &inner)], true)), ["o/i.zip/p.html = <p>x"]);
    assert_eq!(tell("o", &tar(&[("i.zip", &inner)])), ["o/i.zip/p.html = <p>x"]);
    assert_eq!(tell("o", &gzip(&tar(&[("i.tar.gz", &gzip(&tar(&[page])))]))), ["o/i.tar.gz/p.html = <p>x"]);
    assert_eq!(tell("o", &response("http://a.cn/1", "", &inner)), ["o#1/p.html = <p>x"]);
    assert_eq!(tell("o", &zip(&[("i.parquet", &parquet_file("zstd"))], false)).len(), 3);
    let twice = zip(&[("o.zip", &zip(&[("i.zip", &inner)], true))], true);
    assert_eq!(tell("o", &twice), ["o/o.zip/i.zip unreadable: nested_too_deep: 2 containers"]);
    assert_eq!(tell("o", &gzip(&gzip(b"x"))), ["o unreadable: nested_too_deep: compressed twice"]);
    assert_eq!(tell("p.html.gz", &gzip(b"<p>x")), ["p.html.gz = <p>x"]);
}

#[test]
fn a_wacz_is_its_record_files() {
    let records = gzip(&response("http://a.cn/1", "", b"<p>x"));
    let files: [(&str, &[u8]); 4] = [
        ("archive/data.warc.gz", &records),
        ("datapackage.json", b"{\"profile\": \"data-package\"}"),
        ("indexes/index.cdx.gz", &gzip(b"index")),
        ("pages/pages.jsonl", b"{\"url\": \"http://a.cn/1\", \"text\": \"x\"}"),
    ];
    let (captures, about) = all_with("c.wacz", &zip(&files, false), &InputOptions::default());
    assert_eq!(told(&captures), ["c.wacz/archive/data.warc.gz#1 = <p>x"]);
    assert_eq!(about, 3);
}

#[test]
fn office_documents_are_documents() {
    let files: [(&str, &[u8]); 2] = [("word/document.xml", b"<w/>"), ("[Content_Types].xml", b"<Types/>")];
    let bytes = zip(&files, true);
    let captures = all("a.docx", &bytes);
    assert_eq!((captures.len(), &captures[0].bytes), (1, &bytes));
}

#[test]
fn what_is_wrong_with_archives() {
    assert_eq!(tell("a", &zip(&[], true)), ["a unreadable: empty_archive"]);
    assert_eq!(tell("a", b"PK\x03\x04 and nothing"), ["a unreadable: truncated: zip without its directory"]);
    let whole = zip(&[("p.html", b"<p>")], true);
    let mut broken = whole.clone();
    let at = memchr::memmem::find(&broken, b"PK\x01\x02").unwrap();
    broken[at] = b'x';
    assert_eq!(tell("a", &broken), ["a unreadable: damaged: zip directory"]);
    assert_eq!(tell("a", &whole[..whole.len() - 22]), ["a unreadable: truncated: zip without its directory"]);
    let mut bytes = zip(&[("p.html", b"<p>some text"), ("q.html", b"<p>q")], false);
    let at = memchr::memmem::find(&bytes, b"some").unwrap();
    bytes[at] = b'S';
    assert_eq!(tell("a", &bytes), ["a/p.html unreadable: damaged: zip checksum", "a/q.html = <p>q"]);
    let bytes = tar(&[("p.html", b"<p>p"), ("q.html", &[b'q'; 600])]);
    let lines = tell("a", &bytes[..1600]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "a/p.html = <p>p");
    assert!(
        lines[1].starts_with("a/q.html unreadable: ") && lines[2].starts_with("a unreadable: "),
        "{lines:?}"
    );
}

#[test]
fn caps_end_in_a_reason() {
    let limits = Limits {
        ratio: 50,
        ratio_after: 1 << 16,
        members: 3,
        nested_bytes: 1 << 20,
        total_bytes: 1 << 30,
        ..Limits::default()
    };
    let options = InputOptions { max_bytes: 1 << 20, limits, ..InputOptions::default() };
    let reasons = |bytes: &[u8]| told(&all_with("a", bytes, &options).0);
    let zeros = vec![b' '; 4 << 20];
    let bomb = ["a/z.html unreadable: limit_ratio: more than 50 times its size", "a/p.html = <p>x"];
    assert_eq!(reasons(&zip(&[("z.html", &zeros), ("p.html", b"<p>x")], true)), bomb);
    assert_eq!(reasons(&gzip(&zeros)), ["a unreadable: limit_ratio: more than 50 times its size"]);
    let noise = noise(2 << 20);
    assert_eq!(
        reasons(&zip(&[("n.html", &noise)], false)),
        ["a/n.html unreadable: too_large: more than 1048576 bytes"]
    );
    let one = response("http://a.cn/", "", b"x");
    let lines = reasons(&one.repeat(5));
    assert_eq!((lines.len(), &*lines[3]), (4, "a#4 unreadable: limit_members: more than 3"));
    let many = zip(&[("1.html", b"1"), ("2.html", b"2"), ("3.html", b"3"), ("4.html", b"4")], true);
    assert_eq!(reasons(&many), ["a unreadable: limit_members: 4, 3 allowed"]);
    let json = [b"{\"html\": \"".as_slice(), &zeros, b"\"}\n{\"html\": \"x\"}\n"].concat();
    let lines = reasons(&json);
    assert_eq!(lines, ["a#1 unreadable: too_large: more than 2097152 bytes of JSON", "a#2 = x"]);
    let big = [
        gzip(&response("http://a.cn/1", "", &noise)),
        gzip(&response("http://a.cn/2", "", &zeros)),
        gzip(&one),
    ]
    .concat();
    let lines = reasons(&big);
    assert!(lines[0].starts_with("a#1 unreadable: too_large"), "{lines:?}");
    assert!(lines[1].contains("limit_ratio") && lines[2] == "a#3 = x", "{lines:?}");
}

#[test]
fn documents_too_small_to_be_any_are_not_read_without_end() {
    let limits = Limits { documents: 3, bytes_a_document: 100, ..Limits::default() };
    let options = InputOptions { limits, ..InputOptions::default() };
    let line = |n: usize| format!("{{\"html\":\"{n}\"}}\n");
    let lines = |count: usize| (0..count).map(line).collect::<String>().into_bytes();
    let few = told(&all_with("a", &lines(3), &options).0);
    assert_eq!(few, ["a#1 = 0", "a#2 = 1", "a#3 = 2"]);
    // One more is told, and stands for all that follow.
    let many = told(&all_with("a", &lines(9), &options).0);
    assert_eq!(many[..3], few);
    let why = "limit_documents: more than 3 in 117 bytes; this one and what follows is not read";
    assert_eq!(many[3..], [format!("a#4 unreadable: {why}")]);
    // A file that is large enough may have as many.
    let long = [lines(5), format!("{{\"html\":\"{}\"}}\n", "x".repeat(600)).into_bytes()].concat();
    assert_eq!(told(&all_with("a", &long, &options).0).len(), 6);
    // However deep they lie, and whatever they lie in.
    let table = [b"url,html\n".as_slice(), &b"http://a.cn/,1\n".repeat(7)].concat();
    let members: [(&str, &[u8]); 5] = [("1", b"1"), ("2", b"2"), ("3", b"3"), ("4", b"4"), ("5", b"5")];
    let warc = response("http://a.cn/", "", b"x").repeat(9);
    let zip = zip(&[("a.jsonl", &lines(40))], true);
    for bytes in [gzip(&lines(40)), table, gzip(&tar(&members)), zip, gzip(&warc)] {
        assert!(bytes.len() < 400, "{}", bytes.len());
        let told = told(&all_with("a", &bytes, &options).0);
        assert!(
            told.len() == 4 && told[3].contains("unreadable: limit_documents: more than 3 in "),
            "{told:?}"
        );
    }
}

#[test]
fn members_that_share_their_bytes_are_a_bomb() {
    let mut bytes = zip(&[("1.html", &noise(4000)), ("2.html", b"2")], false);
    // The second member's directory entry leads to the first one's bytes.
    let first = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    let second = first + 4 + memchr::memmem::find(&bytes[first + 4..], b"PK\x01\x02").unwrap();
    for (at, length) in [(20, 8), (42, 4)] {
        let copy = bytes[first + at..first + at + length].to_vec();
        bytes[second + at..second + at + length].copy_from_slice(&copy);
    }
    assert_eq!(tell("a", &bytes), ["a unreadable: limit_overlap: the members are larger than the archive"]);
}

#[test]
fn a_file_is_what_it_contains() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("crawl.dat"), gzip(&response("http://a.cn/1", "", b"<p>x"))).unwrap();
    fs::write(at("pages.txt"), "{\"html\": \"<p>y\"}\n").unwrap();
    fs::write(at("scan.bin"), "<html><p>z").unwrap();
    let options = InputOptions::default();
    let planned = plan(&[dir.path().to_owned()], &options).unwrap();
    let kinds: Vec<_> = planned
        .entries
        .iter()
        .map(|e| (e.container.to_string(), matches!(open(e, &options), Opened::Container(_))))
        .collect();
    assert_eq!(kinds, [("crawl.dat".into(), true), ("pages.txt".into(), true), ("scan.bin".into(), false)]);
    let capture = |path: &str| find(&at(path), &options).map(|c| (c.container.to_string(), c.bytes));
    assert_eq!(capture("crawl.dat#1").unwrap(), ("crawl.dat#1".into(), b"<p>x".to_vec()));
    assert_eq!(capture("scan.bin").unwrap().1, b"<html><p>z");
    assert!(capture("crawl.dat#2").is_err() && capture("nothing#1").is_err());
    assert!(find(Path::new("crawl.dat#1"), &options).is_err());
}

#[test]
fn a_file_of_another_kind_than_declared_is_told_and_not_read() {
    let dir = TempDir::new().unwrap();
    let files: [(&str, Vec<u8>); 13] = [
        ("a.warc.gz", gzip(&response("http://a.cn/1", "", b"<p>x"))),
        ("b.jsonl", b"{\"html\": \"<p>y\"}\n".to_vec()),
        ("c.html", b"<html><p>z".to_vec()),
        ("d.txt", b"text".to_vec()),
        ("e.zip", zip(&[("a.html", b"<p>")], true)),
        ("f.tar.gz", gzip(&tar(&[("a.html", b"<p>")]))),
        ("g.parquet", parquet_file("zstd")),
        ("h.arrow", arrow_file(false)),
        ("i.html.gz", gzip(b"<html><p>z")),
        ("j.csv", csv()),
        ("k.mhtml", mhtml()),
        ("l.har", har()),
        ("m.arc", arc(&[("http://a.cn/1", b"<p>x")]).concat()),
    ];
    for (name, bytes) in &files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let reads = |kind: Option<InputKind>| -> Vec<String> {
        let declared = Declared { kind, fields: None };
        let declared = [(dir.path().to_owned(), declared)].into_iter().collect();
        let options = InputOptions { declared, ..InputOptions::default() };
        let mut read = Vec::new();
        for entry in plan(&[dir.path().to_owned()], &options).unwrap().entries {
            let mut captures = Vec::new();
            match open(&entry, &options) {
                Opened::Document(capture) => captures.push(*capture),
                Opened::Container(container) => container.each(&options, &mut |met| {
                    if let Met::Capture(capture) = met {
                        captures.push(*capture);
                    }
                    ControlFlow::Continue(())
                }),
            }
            let is_refused =
                |c: &&Capture| c.problem.as_ref().is_some_and(|p| p.reason.starts_with("other_kind: "));
            let refused = captures.iter().filter(is_refused).count();
            assert!(!captures.is_empty(), "nothing disappears");
            assert!(refused == 0 || refused == captures.len(), "{captures:?}");
            if refused == 0 {
                read.push(entry.container.chars().take(1).collect());
            }
        }
        read
    };
    let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];
    assert_eq!(reads(None), all);
    for (kind, expected) in [
        (InputKind::Folder, all.as_slice()),
        (InputKind::Document, &["c", "d", "i", "k"]),
        (InputKind::Warc, &["a", "m"]),
        (InputKind::Jsonl, &["b", "l"]),
        (InputKind::Csv, &["j"]),
        (InputKind::Parquet, &["g"]),
        (InputKind::Arrow, &["h"]),
        (InputKind::Zip, &["e"]),
        (InputKind::Tar, &["f"]),
    ] {
        assert_eq!(reads(Some(kind)), expected, "{kind}");
    }
    // What lies in another input cannot be something else there.
    let inside = dir.path().join("b.jsonl");
    let kind = Some(InputKind::Jsonl);
    let declared = [(inside.clone(), Declared { kind, fields: None })].into_iter().collect();
    let options = InputOptions { declared, ..InputOptions::default() };
    let error = plan(&[dir.path().to_owned(), inside], &options).unwrap_err();
    assert!(error.to_string().contains("lies in another input"), "{error}");
}
