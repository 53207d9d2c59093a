//! `gongkai trace`, run as a user runs it: from numbers of a store made of the samples back to the samples.

#![allow(clippy::unwrap_used)]

use gongkai_store::{RowQuery, Snapshot, Store};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const HUOSHAN: &str = "www.huoshan.example.gov.cn/slj/gknb/202301/t20230118_10231/page.html";
/// The same bytes at another path.
const HUOSHAN_COPY: &str = "www.huoshan.example.gov.cn/old/2023/xxgk/slj_10231.html";
/// Blanks, dashes, notes.
const SIPING: &str = "zjj.siping.example.gov.cn/xxgk/ndbg/202101/t20210118_612.html";
/// A text that lost all its line breaks and most of its blanks.
const NANJING: &str = "www.nanjing.example.gov.cn/lyj/gkml/202001/t20200115_30418/page.txt";
/// Columns aligned by blanks.
const DAXING: &str = "www.bjdx.example.gov.cn/lxz/2022/gknb/page.txt";
/// Bars.
const MANASI: &str = "www.mns.example.gov.cn/gaj/gknb/2024/0129/page.txt";

fn gongkai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample")
}

/// A store of some samples, and the folder they were read from.
struct Fixture {
    dir: TempDir,
}

impl Fixture {
    fn of(containers: &[&str], more: &[&str]) -> Self {
        let fixture = Self { dir: TempDir::new().unwrap() };
        for container in containers {
            let target = fixture.crawl().join(container);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(samples().join(container), target).unwrap();
        }
        fixture.ingest(more);
        fixture
    }

    fn ingest(&self, more: &[&str]) {
        let (crawl, store) = (self.crawl(), self.store());
        let mut arguments =
            vec!["ingest", crawl.to_str().unwrap(), "--store", store.to_str().unwrap(), "--quiet"];
        arguments.extend(more);
        let output = gongkai(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn crawl(&self) -> PathBuf {
        self.dir.path().join("crawl")
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    fn snapshot(&self) -> Snapshot {
        Store::open(&self.store()).unwrap().current().unwrap().unwrap()
    }

    /// The report a capture is a copy of.
    fn report(&self, container: &str) -> String {
        let equals = [("container", container)];
        let query = RowQuery { table: "captures", equals: &equals, ..RowQuery::default() };
        let rows = self.snapshot().rows(&query).unwrap();
        rows.first().and_then(|r| r.text("report_id")).unwrap().to_owned()
    }

    fn trace(&self, report: &str, item: &str, column: &str, more: &[&str]) -> Output {
        let (crawl, store) = (self.crawl(), self.store());
        let mut arguments = vec!["trace", store.to_str().unwrap(), report, item, column];
        if !more.contains(&"--input") {
            arguments.extend(["--input", crawl.to_str().unwrap()]);
        }
        arguments.extend(more);
        gongkai(&arguments)
    }

    fn text(&self, container: &str, item: &str, column: &str) -> String {
        out(&self.trace(&self.report(container), item, column, &[]))
    }

    fn json(&self, container: &str, item: &str, column: &str) -> Value {
        let output = self.trace(&self.report(container), item, column, &["--json"]);
        serde_json::from_str(&out(&output)).unwrap()
    }
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The message of a call that was wrong.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The text marked as the cell in the context of a trace.
fn marked(trace: &Value) -> Option<&str> {
    let rows = trace["reread"]["place"]["context"].as_array()?;
    let row = rows.iter().find(|r| r["here"] == true)?;
    row["pieces"][usize::try_from(row["marked"].as_u64()?).unwrap()].as_str()
}

#[test]
fn a_plain_number_leads_to_its_table_row_and_column() {
    let fixture = Fixture::of(&[HUOSHAN, HUOSHAN_COPY], &[]);
    let trace = fixture.json(HUOSHAN, "new_received", "natural_person");
    assert_eq!((trace["value"].as_str(), trace["status"].as_str()), (Some("44"), Some("number")));
    assert_eq!(trace["table"], "disclosure_requests");
    assert!(trace["evidence"].is_null(), "a plain number needs none");
    assert_eq!(trace["source"]["state"], "found");
    let place = &trace["reread"]["place"];
    assert_eq!(
        (place["table"].as_u64(), place["row"].as_u64(), place["column"].as_u64()),
        (Some(1), Some(3), Some(3))
    );
    assert_eq!(marked(&trace), Some("44"));
    assert_eq!(trace["reread"]["label"], "一、本年新收政府信息公开申请数量");
    assert!(trace["difference"].is_null(), "{}", trace["difference"]);
    assert_eq!(trace["capture"]["blake3"].as_str().map(str::len), Some(64));
    assert_eq!(trace["copies"].as_array().map(Vec::len), Some(1));
    assert_eq!(trace["copies"][0]["status"], "duplicate");

    let text = fixture.text(HUOSHAN, "new_received", "natural_person");
    for part in [
        "value    44",
        "»44«",
        "table 1 (html), row 3, column 3",
        "duplicate (same_bytes)",
        "一、本年新收政府信息公开申请数量",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}

#[test]
fn a_blank_is_null_with_the_finding_about_its_row() {
    let fixture = Fixture::of(&[SIPING], &[]);
    let trace = fixture.json(SIPING, "refused.state_secret", "natural_person");
    assert!(trace["value"].is_null());
    assert_eq!((trace["status"].as_str(), trace["evidence"]["raw"].as_str()), (Some("blank"), Some("")));
    assert_eq!(marked(&trace), Some(""));
    let finding = &trace["findings"][0];
    assert_eq!((finding["code"].as_str(), finding["about"].as_str()), (Some("GK204"), Some("row")));
    // The store alone tells the same place.
    assert_eq!(trace["evidence"]["row"], trace["reread"]["place"]["row"]);
    let text = fixture.text(SIPING, "refused.state_secret", "natural_person");
    assert!(text.contains("»«") && text.contains("status   blank"), "{text}");
}

#[test]
fn digits_run_together_are_shown_where_they_stand() {
    let fixture = Fixture::of(&[NANJING], &[]);
    let trace = fixture.json(NANJING, "disclosure_requests.total", "natural_person");
    assert!(trace["value"].is_null());
    assert_eq!(trace["status"], "run_together");
    assert_eq!(trace["evidence"]["raw"], "4010144665");
    assert_eq!(marked(&trace), Some("4010144665"));
    assert!(trace["reread"]["place"]["table"].is_null(), "it stands in a line");
    assert!(trace["evidence"]["byte_end"].as_u64() > trace["evidence"]["byte_start"].as_u64());
    assert!(fixture.text(NANJING, "total", "total").contains("»4010144665«"));
}

#[test]
fn every_layout_leads_back_to_the_printed_text() {
    let containers = [HUOSHAN, SIPING, DAXING, MANASI];
    let fixture = Fixture::of(&containers, &[]);
    for container in containers {
        for (item, column) in
            [("carried_over", "total"), ("total", "other_org"), ("reconsideration", "upheld")]
        {
            let trace = fixture.json(container, item, column);
            assert_eq!(trace["value"], trace["reread"]["value"], "{container} {item} {column}");
            assert_eq!(marked(&trace), trace["reread"]["raw"].as_str(), "{container} {item} {column}");
        }
    }
    // Text formats have bytes, and the bytes of a cell of a table are the cell.
    let trace = fixture.json(MANASI, "total", "total");
    let place = &trace["reread"]["place"];
    let range = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    let source = fs::read(samples().join(MANASI)).unwrap();
    let bytes = &source[range("byte_start")..range("byte_end")];
    assert_eq!(std::str::from_utf8(bytes).unwrap().trim(), trace["reread"]["raw"].as_str().unwrap());
}

#[test]
fn items_and_columns_are_named_by_code_by_table_or_by_label() {
    let fixture = Fixture::of(&[HUOSHAN], &[]);
    let code = fixture.json(HUOSHAN, "granted", "natural_person");
    assert_eq!(code["value"], "7");
    assert_eq!(code, fixture.json(HUOSHAN, "disclosure_requests.granted", "natural_person"));
    assert_eq!(code, fixture.json(HUOSHAN, "（一）予以公开".trim_start_matches("（一）"), "自然人"));
    // An item code has dots of its own; a channel is an item.
    assert_eq!(fixture.json(HUOSHAN, "refused.three_safeties", "business")["value"], "3");
    let channel = fixture.json(HUOSHAN, "litigation_direct", "结果维持");
    assert_eq!(
        (channel["table"].as_str(), channel["column"].as_str()),
        (Some("review_litigation"), Some("upheld"))
    );
    assert_eq!(fixture.json(HUOSHAN, "fees", "fee_wan_yuan")["table"], "proactive_disclosure");
}

#[test]
fn what_is_not_there_is_said_with_what_may_be_meant() {
    let fixture = Fixture::of(&[HUOSHAN], &[]);
    let report = fixture.report(HUOSHAN);
    let trace = |report: &str, item: &str, column: &str| refused(&fixture.trace(report, item, column, &[]));
    let near = format!("{}0", report.get(..16).unwrap());
    let near = if near == report { format!("{}1", report.get(..16).unwrap()) } else { near };
    let message = trace(&near, "granted", "total");
    assert!(message.contains(&near) && message.contains(&format!("did you mean {report}")), "{message}");
    let item = trace(&report, "new_recieved", "total");
    assert!(item.contains("did you mean new_received"), "{item}");
    let column = trace(&report, "new_received", "natural_persons");
    assert!(column.contains("did you mean natural_person") && column.contains("legal_service"), "{column}");
    // A column of another item of the table is none of this one.
    assert!(trace(&report, "fees", "issued").contains("fee_wan_yuan"));
    let capture =
        fixture.json(HUOSHAN, "granted", "total")["capture"]["capture_id"].as_str().unwrap().to_owned();
    assert!(trace(&capture, "granted", "total").contains(&format!("copy of report {report}")));
    let nowhere = gongkai(&["trace", fixture.dir.path().join("no").to_str().unwrap(), "r", "total", "total"]);
    assert!(refused(&nowhere).contains("no gongkai store"));
}

#[test]
fn indicators_of_old_tables_and_counts_in_sentences_are_traced() {
    let table = "www.huangshi.example.gov.cn/xxgk/ndbg/201703/t20170327_84512/page.html";
    let sentence = "www.yongfu.example.gov.cn/gtj/xxgk/ndbg/2014/page.html";
    let fixture = Fixture::of(&[table, sentence], &[]);
    let received = fixture.json(table, "requests.received", "value");
    assert_eq!(marked(&received), Some("309"));
    let fees = fixture.text(table, "fees.charged", "value");
    assert!(fees.contains("0.36") && fees.contains("七、依申请公开信息收取的费用"), "{fees}");
    // By its label as well; and the sentence stands as evidence.
    let told = fixture.text(sentence, "proactive.total", "narrative");
    assert!(told.contains("743") && told.contains("»全年公开信息743条"), "{told}");
    let unknown = refused(&fixture.trace(&fixture.report(table), "requests.recieved", "value", &[]));
    assert!(unknown.contains("did you mean requests.received"), "{unknown}");
}

#[test]
fn a_document_that_is_gone_or_changed_is_not_taken_for_the_source() {
    let fixture = Fixture::of(&[SIPING, HUOSHAN, HUOSHAN_COPY], &["--evidence", "all"]);
    // One copy is gone: the other has the same bytes.
    let speaking =
        fixture.json(HUOSHAN, "granted", "total")["capture"]["container"].as_str().unwrap().to_owned();
    fs::remove_file(fixture.crawl().join(&speaking)).unwrap();
    let twin = fixture.json(HUOSHAN, "granted", "total");
    assert_eq!(twin["source"]["state"], "found");
    assert_ne!(twin["source"]["container"].as_str(), Some(speaking.as_str()));
    assert_eq!(marked(&twin), Some("13"));

    let path = fixture.crawl().join(SIPING);
    let page = fs::read_to_string(&path).unwrap();
    fs::write(&path, page.replace("251000元", "252000元")).unwrap();
    let changed = fixture.json(SIPING, "new_received", "natural_person");
    assert_eq!(changed["source"]["state"], "changed");
    assert!(changed["reread"].is_null(), "another document is not shown as the source");
    assert_eq!((changed["value"].as_str(), changed["evidence"]["row"].as_u64()), (Some("20"), Some(3)));
    assert!(fixture.text(SIPING, "granted", "total").contains("is not the document the store was made from"));

    fs::remove_file(&path).unwrap();
    let gone = fixture.text(SIPING, "new_received", "natural_person");
    for part in ["name the folder the run read with --input", "table 1, row 3, column 3", "value    20"] {
        assert!(gone.contains(part), "{part} is missing in:\n{gone}");
    }
    // The document itself may be named, wherever it lies now.
    fs::write(fixture.dir.path().join("t20210118_612.html"), page).unwrap();
    let file = fixture.dir.path().join("t20210118_612.html");
    let named = fixture.trace(
        &fixture.report(SIPING),
        "new_received",
        "natural_person",
        &["--json", "--input", "/", "--input", file.to_str().unwrap()],
    );
    let named: Value = serde_json::from_str(&out(&named)).unwrap();
    assert_eq!((named["source"]["state"].as_str(), marked(&named)), (Some("found"), Some("20")));
}

#[test]
fn a_version_that_reads_otherwise_says_so() {
    // The store is made with a registry that takes the first outcome for the second.
    let dir = TempDir::new().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut open = vec![data.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(&data).unwrap().to_owned();
            if path.is_dir() {
                if !path.ends_with("sample") {
                    open.push(path);
                }
            } else {
                let target = dir.path().join(below);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::copy(path, target).unwrap();
            }
        }
    }
    let form = dir.path().join("forms/2021/review_litigation.toml");
    let text = fs::read_to_string(&form).unwrap();
    let swapped = text.replace("结果维持", "?").replace("结果纠正", "结果维持").replace('?', "结果纠正");
    fs::write(&form, swapped).unwrap();

    let fixture = Fixture::of(&[DAXING], &["--data", dir.path().to_str().unwrap()]);
    let trace = fixture.json(DAXING, "reconsideration", "upheld");
    assert_ne!(trace["value"], trace["reread"]["value"]);
    let difference = trace["difference"].as_str().unwrap();
    assert!(
        difference.contains("registry digest differs") && difference.contains("the store has"),
        "{difference}"
    );
    assert!(fixture.text(DAXING, "reconsideration", "upheld").contains("NOTE read again, this cell is"));
}
