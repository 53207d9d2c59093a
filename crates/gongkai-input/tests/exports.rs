//! Pages as services, interfaces, data frames, spreadsheets and browsers hand them over.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

mod make;
#[path = "make/tell.rs"]
mod tell;

use std::fs;

use gongkai_input::{InputOptions, Limits, Opened, find, open, plan};
use make::*;
use tell::*;
use tempfile::TempDir;

fn small() -> InputOptions {
    let limits = Limits {
        ratio: 50,
        ratio_after: 1 << 16,
        members: 3,
        nested_bytes: 1 << 20,
        total_bytes: 1 << 30,
        ..Limits::default()
    };
    InputOptions { max_bytes: 1 << 20, limits, ..InputOptions::default() }
}

fn tell_small(bytes: &[u8]) -> Vec<String> {
    told(&all_with("a", bytes, &small()).0)
}

/// What a file of this name in a folder becomes.
fn in_folder(name: &str, bytes: &[u8]) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(name), bytes).unwrap();
    let options = InputOptions::default();
    let planned = plan(&[dir.path().to_owned()], &options).unwrap();
    let mut captures = Vec::new();
    for entry in &planned.entries {
        match open(entry, &options) {
            Opened::Document(capture) => captures.push(*capture),
            Opened::Container(container) => container.each(&options, &mut |met| {
                if let gongkai_input::Met::Capture(capture) = met {
                    captures.push(*capture);
                }
                std::ops::ControlFlow::Continue(())
            }),
        }
    }
    told(&captures)
}

#[test]
fn pages_lie_deep_in_json() {
    let lines = tell("p.jsonl", &nested_json());
    let expected = [
        "p.jsonl#1/1 = <p>1",
        "p.jsonl#1/2 = <p>2",
        "p.jsonl#2 = <p>3\n<p>4",
        "p.jsonl#3 = <p>5",
        "p.jsonl#4 unreadable: bad_record: expected ident at line 1 column 2",
    ];
    assert_eq!(lines, expected);
    let captures = all("p.jsonl", &nested_json());
    assert_eq!(captures[0].provenance.uri.as_deref(), Some("http://a.gov.cn/1"));
    assert_eq!(captures[1].provenance.uri, None);
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("p.jsonl"), nested_json()).unwrap();
    let found = find(&dir.path().join("p.jsonl#1/2"), &InputOptions::default()).unwrap();
    assert_eq!(found.bytes, b"<p>2");
}

#[test]
fn the_first_line_decides_nothing() {
    let page = "{\"url\": \"http://a.gov.cn/1\", \"html\": \"<p>1\"}\n";
    let cases = [
        ("{\"html\": null, \"error\": \"timeout\"}\n", "p.jsonl#1 unreadable: empty"),
        (
            "{\"url\": \"x\", \"error\": \"timeout\"}\n",
            "p.jsonl#1 unreadable: no_document_field: fields are error, url",
        ),
        (
            "{\"url\": \"x\", \"html\": \"abc\n",
            "p.jsonl#1 unreadable: truncated: EOF while parsing a string at line 1 column 25",
        ),
        ("null\n", "p.jsonl#1 unreadable: bad_record: invalid type: null, expected a map at line 1 column 4"),
        ("timeout\n", "p.jsonl#1 unreadable: bad_record: expected ident at line 1 column 2"),
    ];
    for (first, reason) in cases {
        let file = [first, page].concat();
        assert_eq!(in_folder("p.jsonl", file.as_bytes()), [reason, "p.jsonl#2 = <p>1"], "{first}");
        assert_eq!(tell("p.jsonl", file.as_bytes()), [reason, "p.jsonl#2 = <p>1"], "{first}");
    }
    assert_eq!(in_folder("p.jsonl", format!("\n\n{page}").as_bytes()), ["p.jsonl#1 = <p>1"]);
    // Longer than what is looked at.
    let many = "{\"url\": \"x\", \"error\": \"timeout\"}\n".repeat(10_000) + page;
    let lines = in_folder("p.jsonl", many.as_bytes());
    assert_eq!((lines.len(), &*lines[10_000]), (10_001, "p.jsonl#10001 = <p>1"));
    let long = format!("{{\"url\": \"x\", \"html\": \"{}\n{page}", "x".repeat(300_000));
    let lines = in_folder("p.jsonl", long.as_bytes());
    assert_eq!((lines.len(), &*lines[1]), (2, "p.jsonl#2 = <p>1"));
}

#[test]
fn objects_side_by_side() {
    let one = "{\"html\": \"<p>1}{\"}";
    let two = "{\n  \"html\": \"<p>2\"\n}";
    let expected = ["p.json#1 = <p>1}{", "p.json#2 = <p>2"];
    for file in
        [format!("{one}{}", two.replace('\n', "")), format!("{two}{one}{two}"), format!("{one} {two}")]
    {
        let lines = in_folder("p.json", file.as_bytes());
        let mut pages: Vec<_> = lines.iter().map(|l| l.rsplit("<p>").next().unwrap().to_owned()).collect();
        pages.sort();
        pages.dedup();
        assert_eq!(pages, ["1}{", "2"], "{file}: {lines:?}");
    }
    assert_eq!(in_folder("p.json", format!("{one}{}", two.replace('\n', "")).as_bytes()), expected);
}

#[test]
fn texts_with_line_ends_in_them() {
    let object =
        |n: usize| format!("{{\"url\": \"http://a.gov.cn/{n}\", \"html\": \"<p>{n}\n<p>x\n<p>y\n\"}}\n");
    let lines = in_folder("p.json", (object(1) + &object(2)).as_bytes());
    assert_eq!(lines, ["p.json#1 = <p>1\n<p>x\n<p>y\n", "p.json#2 = <p>2\n<p>x\n<p>y\n"]);
}

#[test]
fn json_without_pages_is_one_thing_with_a_reason() {
    let lines = in_folder("p.json", b"{\"menu\": [{\"text\": \"a\"}], \"a\": 1}\n{\"b\": 1}\n");
    assert_eq!(lines, ["p.json unreadable: no_document_field: 2 objects, fields are a, b, menu"]);
    assert_eq!(in_folder("p.json", b"[1, 2]"), ["p.json unreadable: unsupported_type: json"]);
    assert_eq!(in_folder("p.txt", b"{\"a\": 1}"), ["p.txt = {\"a\": 1}"]);
    assert_eq!(in_folder("p.json", b""), ["p.json unreadable: empty"]);
}

#[test]
fn a_path_leads_to_the_page() {
    let mut options = InputOptions::default();
    options.fields.name("html", "result.rows.raw").unwrap();
    let line = b"{\"html\": \"<p>no\", \"result\": {\"rows\": [{\"raw\": \"1\"}, {\"raw\": \"2\"}]}}\n";
    assert_eq!(told(&all_with("p", line, &options).0), ["p#1/1 = 1", "p#1/2 = 2"]);
}

#[test]
fn charsets_of_json() {
    let line = b"{\"html\": \"<p>\xc4\xea\xb1\xa8\"}\n";
    assert_eq!(tell("p", line), ["p#1 = <p>年报"]);
}

#[test]
fn what_browsers_fetched() {
    let captures = all("a.har", &har());
    let expected = ["a.har#1 = <p>一", "a.har#2 = <p>two", "a.har#3 unreadable: empty: http status 404"];
    assert_eq!(told(&captures), expected);
    assert_eq!(captures[0].provenance.uri.as_deref(), Some("http://a.gov.cn/1"));
    assert_eq!(captures[0].provenance.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!(captures[0].provenance.charset_hint, None, "the browser decoded it");
    assert_eq!(in_folder("a.har", &har()).len(), 3);
    let bytes = har();
    let cut = memchr::memmem::find(&bytes, b"dHdv").unwrap();
    assert_eq!(tell("a", &bytes[..cut]), ["a#1 = <p>一", "a#2 unreadable: truncated"]);
    let cut = memchr::memmem::find(&bytes, b"\"entries\": [").unwrap();
    assert_eq!(tell("a", &bytes[..cut]), ["a unreadable: truncated: no list of entries"]);
    let empty = b"{\"log\": {\"version\": \"1.2\", \"entries\": []}}";
    assert_eq!(tell("a", empty), ["a unreadable: empty_archive"]);
    let entry = "{\"request\": {}, \"response\": {\"content\": {\"text\": \"x\"}}},";
    let many = format!("{{\"log\": {{\"creator\": {{}}, \"entries\": [{}]}}}}", entry.repeat(5));
    assert_eq!(tell_small(many.as_bytes()).last().unwrap(), "a#4 unreadable: limit_members: more than 3");
    let large =
        format!("{{\"log\": {{\"entries\": [{}{entry}]}}}}", entry.replace('x', &"x".repeat(3 << 20)));
    let lines = tell_small(large.as_bytes());
    assert_eq!(lines, ["a#1 unreadable: too_large: more than 2097152 bytes of JSON", "a#2 = x"]);
    let entry = entry.replace("\"x\"", "\"not base64!\", \"encoding\": \"base64\"");
    let broken = format!("{{\"log\": {{\"entries\": [{entry}]}}}}");
    assert_eq!(tell("a", broken.as_bytes()), ["a#1 unreadable: damaged: base64"]);
}

#[test]
fn tables_of_separated_values() {
    let captures = all("a.csv", &csv());
    let expected = ["a.csv#1 = <p>一, \"二\"\n</p>", "a.csv#2 unreadable: empty", "a.csv#3 = <p>三"];
    assert_eq!(told(&captures), expected);
    assert_eq!(captures[0].provenance.uri.as_deref(), Some("http://a.gov.cn/1"));
    assert_eq!(captures[0].provenance.title.as_deref(), Some("甲"));
    assert_eq!(captures[0].provenance.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!(in_folder("a.csv", &csv()), expected);
    assert_eq!(tell("a.csv", &gzip(&csv())), expected);
    let gbk = b"\xcd\xf8\xd6\xb7;\xd5\xfd\xce\xc4\nhttp://a.gov.cn/1;<p>\xd2\xbb\n";
    let captures = all("a", gbk);
    assert_eq!(captures[0].bytes, b"<p>\xd2\xbb");
    assert_eq!(captures[0].provenance.host.as_deref(), Some("a.gov.cn"));
    assert_eq!(tell("a", b"id\ttext\n1\tone\n"), ["a#1 = one"]);
    // A report that is a table itself.
    let report = "某市2021年政府信息公开工作年度报告,,\n信息内容,本年制发件数,本年废止件数\n规章,1,2\n";
    assert_eq!(in_folder("a.csv", report.as_bytes()), [format!("a.csv = {report}")]);
    // Without an end, with nothing, with too much.
    let bytes = csv();
    let cut = memchr::memmem::find(&bytes, "二".as_bytes()).unwrap();
    assert_eq!(tell("a", &bytes[..cut]), ["a#1 unreadable: truncated: csv"]);
    assert_eq!(
        tell("a", "url,html\nhttp://a.cn/1,<p>1\nhttp://a.cn/2".as_bytes())[1],
        "a#2 unreadable: truncated: csv"
    );
    assert_eq!(tell("a", b"url,html\n"), ["a unreadable: empty_archive"]);
    let open = format!("url,html\n1,\"{}\n2,x\n", "x".repeat(3 << 20));
    let reason = "a#1 unreadable: too_large: more than 2097152 bytes in a row (is a quote not closed?)";
    assert_eq!(tell_small(open.as_bytes()), [reason]);
    let many = format!("url,html\n{}", "1,x\n".repeat(5));
    assert_eq!(tell_small(many.as_bytes()).last().unwrap(), "a#4 unreadable: limit_members: more than 3");
}

#[test]
fn a_cell_that_a_spreadsheet_cut_is_not_read() {
    let page = |length: usize| format!("url,html\n1,{}\n", "x".repeat(length));
    let lines = tell("a", page(32_767).as_bytes());
    assert_eq!(lines, ["a#1 unreadable: truncated_body: 32767 characters, where spreadsheets cut a cell"]);
    assert!(tell("a", page(32_766).as_bytes())[0].starts_with("a#1 = xx"));
}

#[test]
fn workbooks_of_pages() {
    let book = workbook(&[
        &["链接", "标题", "正文"],
        &["http://a.gov.cn/1", "甲", "<p>1 & 2"],
        &["http://a.gov.cn/2", "乙", ""],
    ]);
    let expected = ["a.xlsx#1 = <p>1 & 2", "a.xlsx#2 unreadable: empty"];
    assert_eq!(tell("a.xlsx", &book), expected);
    assert_eq!(in_folder("a.xlsx", &book), expected);
    assert_eq!(all("a.xlsx", &book)[0].provenance.title.as_deref(), Some("甲"));
    // A report.
    let report =
        workbook(&[&["某市2021年政府信息公开工作年度报告"], &["信息内容", "本年制发件数"], &["规章", "1"]]);
    assert_eq!(all("a.xlsx", &report)[0].bytes, report);
    assert_eq!(tell("a", &workbook(&[&["url", "html"]])), ["a unreadable: empty_archive"]);
    assert_eq!(tell("a", &book[..book.len() - 30]), ["a unreadable: truncated: zip without its directory"]);
    let limits = Limits { members: 6, ..small().limits };
    let small = InputOptions { limits, ..small() };
    let bomb = workbook(&[&["url", "html"], &["1", &" ".repeat(8 << 20)]]);
    // It is a document then, and whoever reads it says why not.
    assert!(all_with("a", &bomb, &small).0[0].bytes == bomb);
    let rows = [["1", "x"]; 8];
    let rows: Vec<&[&str]> =
        std::iter::once(["url", "html"].as_slice()).chain(rows.iter().map(|r| r.as_slice())).collect();
    let lines = told(&all_with("a", &workbook(&rows), &small).0);
    assert_eq!(lines.last().unwrap(), "a#7 unreadable: limit_members: more than 6");
}

#[test]
fn pages_saved_with_their_parts() {
    let captures = all("a.mhtml", &mhtml());
    assert_eq!(captures.iter().map(|c| &*c.container).collect::<Vec<_>>(), ["a.mhtml", "a.mhtml#2"]);
    assert_eq!(String::from_utf8_lossy(&captures[0].bytes), "<html><p class=\"a\">年报</html>");
    assert_eq!(captures[1].bytes, b"<p>\xc4\xea\xb1\xa8");
    assert_eq!(captures[1].provenance.charset_hint.as_deref(), Some("gb2312"));
    let own = &captures[0].provenance;
    assert_eq!(own.uri.as_deref(), Some("http://a.gov.cn/1.html"));
    assert_eq!(own.title.as_deref(), Some("年报"));
    assert_eq!(own.fetched_at, Some(1_706_673_906_000_000));
    assert_eq!(captures[0].ties.page.as_deref(), Some("a.mhtml"));
    assert_eq!(captures[1].ties.page, captures[0].ties.page);
    assert_eq!(in_folder("a.doc", &mhtml()).len(), 2);
    let zipped = zip(&[("x.zip", &zip(&[("a.mht", &mhtml())], true))], true);
    assert_eq!(tell("o", &zipped)[0], "o/x.zip/a.mht = <html><p class=\"a\">年报</html>");
    // Without its end, without a page, with broken or too much of it.
    let bytes = mhtml();
    let cut = |at: &str| tell("a", &bytes[..memchr::memmem::find(&bytes, at.as_bytes()).unwrap()]);
    assert_eq!(cut("=A5</html>"), ["a unreadable: truncated: the message ends within the page"]);
    // The page was whole, a picture behind it was not.
    assert_eq!(cut("iVBOR"), ["a = <html><p class=\"a\">年报</html>"]);
    assert_eq!(
        cut("xOqx"),
        [
            "a = <html><p class=\"a\">年报</html>",
            "a#2 unreadable: truncated: the message ends within the page"
        ]
    );
    let text = |from: &str, to: &str| String::from_utf8_lossy(&mhtml()).replace(from, to).into_bytes();
    assert_eq!(
        tell("a", &text("text/html", "text/css")),
        ["a unreadable: no_page: none of its parts is HTML"]
    );
    assert_eq!(tell("a", &text("=E5=B9", "=E5=ZZ"))[0], "a unreadable: damaged: quoted-printable");
    assert_eq!(
        tell("a", &text("quoted-printable", "x-uuencode"))[0],
        "a unreadable: unsupported_encoding: x-uuencode"
    );
    let large = text("=E5=B9", &"x".repeat(2 << 20));
    assert_eq!(tell_small(&large), ["a unreadable: too_large: more than 1048576 bytes"]);
    // A page alone, and a letter that has nothing to do with pages.
    let alone = b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+eA==";
    assert_eq!(tell("a", alone), ["a = <p>x"]);
    let letter = "Subject: 1\nMIME-Version: 1.0\nContent-Type: text/plain\n\nx";
    assert_eq!(tell("a", letter.as_bytes()), [format!("a = {letter}")]);
}

#[test]
fn a_message_of_ever_deeper_parts_ends() {
    let part = |at: usize| format!("Content-Type: multipart/related; boundary=\"b{at}\"\n\n--b{at}\n");
    let deep: String = (0..20_000).map(part).collect();
    let lines = tell("a", format!("MIME-Version: 1.0\n{deep}").as_bytes());
    assert_eq!(lines, ["a unreadable: no_page: none of its parts is HTML"]);
    let wide = "--b\nContent-Type: text/html\n\n\n".repeat(20_000);
    let wide = format!("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n{wide}--b--\n");
    let lines = told(&all_with("a", wide.as_bytes(), &InputOptions::default()).0);
    assert_eq!(lines.last().unwrap(), "a#101 unreadable: limit_members: more than 100 pages in a page");
}

#[test]
fn record_files_of_the_old_kind() {
    let records = arc(&[("http://a.gov.cn/1", b"<p>one"), ("http://a.gov.cn/a b", b"<p>two")]);
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|r| gzip(r)).collect();
    for bytes in [plain.clone(), members.clone(), gzip(&plain), zstd(&plain)] {
        let (captures, about) = all_with("a.arc", &bytes, &InputOptions::default());
        assert_eq!(told(&captures), ["a.arc#3 = <p>one", "a.arc#4 = <p>two"]);
        assert_eq!(about, 2);
        assert_eq!(captures[0].provenance.uri.as_deref(), Some("http://a.gov.cn/1"));
        assert_eq!(captures[0].provenance.fetched_at, Some(1_706_673_906_000_000));
        assert_eq!(captures[0].provenance.charset_hint.as_deref(), Some("gbk"));
    }
    // Version 2 tells more of a record.
    let line = b"http://a.gov.cn/1 1.2.3.4 20240131040506 text/html 200 abc - 0 a.arc 22\n";
    let second = [&records[0], line.as_slice(), b"HTTP/1.0 200 OK\n\n<p>xy\n"].concat();
    assert_eq!(tell("a", &second), ["a#2 = <p>xy"]);
    // Damage costs the record it lies in.
    let at = memchr::memmem::find(&plain, b"<p>one").unwrap();
    let mut longer = plain.clone();
    longer.splice(at..at, *b"more");
    let lines = tell("a", &longer);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("a#3 unreadable: damaged: the record does not end where its length says"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "a#4 = <p>two");
    let lines = tell("a", &plain[..plain.len() - 3]);
    assert!(lines[1].starts_with("a#4 unreadable: truncated: "), "{lines:?}");
    let lines = tell("a", &members[..members.len() - 3]);
    assert!(lines[1].starts_with("a#4 unreadable: truncated: "), "{lines:?}");
    assert_eq!(all_with("a", &records[0], &InputOptions::default()).1, 1);
    let lines = tell("a", b"filedesc:");
    assert!(lines[0].starts_with("a#1 unreadable: damaged: no record header"), "{lines:?}");
    let zeros = vec![b' '; 4 << 20];
    let bomb = arc(&[("http://a.cn/1", &zeros)]);
    let lines = tell_small(&bomb.concat());
    assert!(lines[0].starts_with("a#3 unreadable: too_large"), "{lines:?}");
    let lines = tell_small(&bomb.iter().flat_map(|r| gzip(r)).collect::<Vec<u8>>());
    assert!(
        lines[0].starts_with("a#3 unreadable: limit_ratio")
            || lines[0].starts_with("a#3 unreadable: too_large"),
        "{lines:?}"
    );
}
