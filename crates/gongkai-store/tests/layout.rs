//! What stands in the files: values, types, order, encoding, descriptions.
#![allow(missing_docs, clippy::unwrap_used, clippy::string_slice)]

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use common::*;
use gongkai_model::{CellStatus, Number};
use gongkai_registry::Registry;
use gongkai_store::{Evidence, PublishOptions, Store, arrow_schema};
use parquet::basic::Compression;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

fn text<'a>(batch: &'a RecordBatch, column: &str) -> Vec<Option<&'a str>> {
    batch.column_by_name(column).unwrap().as_string::<i32>().iter().collect()
}

fn long(batch: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().iter().collect()
}

fn only(snapshot: &Path, table: &str, partition: &str) -> RecordBatch {
    let files: Vec<_> = files(&snapshot.join(table), partition);
    assert_eq!(files.len(), 1, "{table}/{partition}");
    read(&files[0])
}

#[test]
fn requests_hold_one_row_an_item_with_the_printed_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch());
    let rows = only(&published.path, "disclosure_requests", "year=2023/region=CN-JS");
    assert_eq!(rows.num_rows(), 3 * 25);
    // County codes ascending, NULL last; lines in form order inside a report.
    let county = text(&rows, "county_code");
    assert_eq!((county[0], county[25], county[50]), (Some("320102"), Some("320113"), None));
    let numbers = rows.column_by_name("item_no").unwrap().as_primitive::<Int16Type>();
    assert_eq!(numbers.values().to_vec(), (0..3).flat_map(|_| 1..=25).collect::<Vec<i16>>());
    assert_eq!(text(&rows, "item")[0..3], [Some("new_received"), Some("carried_over"), Some("granted")]);
    assert_eq!(
        text(&rows, "item_group")[0..5],
        [None, None, Some("results"), Some("results"), Some("refused")]
    );
    assert_eq!(
        text(&rows, "item_label")[0..3],
        [Some("（一）印出的名称"), Some("上年结转政府信息公开申请数量"), Some("予以公开")]
    );
    // Report 2, cells 2.. in order: the eleventh is blank and NULL, the thirteenth a printed zero.
    assert_eq!(long(&rows, "natural_person")[0], Some(2));
    let row_of_cells: Vec<Option<i64>> =
        ["natural_person", "business", "research", "public_interest", "legal_service", "other_org", "total"]
            .iter()
            .map(|c| long(&rows, c)[1])
            .collect();
    assert_eq!(row_of_cells, [Some(9), Some(10), None, Some(12), Some(0), Some(14), Some(15)]);
    assert_eq!(text(&rows, "blank_columns")[0..2], [None, Some("research")]);
}

#[test]
fn a_row_says_which_of_its_columns_print_that_there_is_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut batch = batch();
    for cell in
        batch.reports.iter_mut().flat_map(|r| &mut r.parsed.cells).filter(|c| c.item == "granted".into())
    {
        (cell.status, cell.value) = match cell.column.as_ref() {
            "natural_person" => (CellStatus::Word, None),
            "business" => (CellStatus::Unreadable, None),
            "research" => (CellStatus::Missing, None),
            "public_interest" => (CellStatus::RunTogether, None),
            "legal_service" => (CellStatus::Dash, None),
            "other_org" => (CellStatus::Zero, Number::parse_plain("0")),
            _ => (CellStatus::Blank, None),
        };
    }
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch);
    let rows = only(&published.path, "disclosure_requests", "year=2023/region=CN-JS");
    assert_eq!(text(&rows, "item")[2], Some("granted"));
    assert_eq!(text(&rows, "blank_columns")[2], Some("natural_person,legal_service,total"));
}

#[test]
fn each_form_fills_its_own_columns() {
    let dir = tempfile::tempdir().unwrap();
    let mut batch = batch();
    for report in &mut batch.reports {
        for cell in report.parsed.cells.iter_mut().filter(|c| c.column.ends_with("yuan")) {
            (cell.status, cell.value) = (CellStatus::Number, Number::parse_plain("24252.31"));
        }
        // A count with decimals does not fit its column.
        for cell in report.parsed.cells.iter_mut().filter(|c| c.column.as_ref() == "procurement_projects") {
            cell.value = Number::parse_plain("1.5");
        }
    }
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch);
    let old = only(&published.path, "proactive_disclosure", "year=2020/region=CN-BJ");
    assert_eq!(old.num_rows(), 8);
    assert_eq!(text(&old, "item")[7], Some("procurement"));
    assert_eq!(long(&old, "issued"), [None; 8]);
    assert_eq!(long(&old, "procurement_projects"), [None; 8]);
    let amount = old.column_by_name("procurement_amount_yuan").unwrap().as_primitive::<Decimal128Type>();
    assert_eq!(
        (amount.data_type(), amount.value_as_string(7)),
        (&DataType::Decimal128(20, 2), "24252.31".to_owned())
    );
    let new = only(&published.path, "proactive_disclosure", "year=2023/region=CN-JS");
    let fee = new.column_by_name("fee_wan_yuan").unwrap().as_primitive::<Decimal128Type>();
    assert_eq!((fee.value_as_string(5), fee.is_null(0)), ("24252.310000".to_owned(), true));
    let review = only(&published.path, "review_litigation", "year=2020/region=CN-BJ");
    assert_eq!(
        text(&review, "channel"),
        [Some("reconsideration"), Some("litigation_direct"), Some("litigation_after_reconsideration")]
    );
    assert_eq!(text(&review, "channel_label")[1], Some("未经复议直接起诉"));
}

#[test]
fn reports_sum_up_what_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch());
    let rows = only(&published.path, "reports", "year=2023/region=CN-JS");
    assert_eq!(
        text(&rows, "report_id"),
        [Some("r0000000000000002"), Some("r0000000000000001"), Some("r0000000000000003")]
    );
    let int = |c: &str| rows.column_by_name(c).unwrap().as_primitive::<Int32Type>().values().to_vec();
    assert_eq!(int("cells_expected"), [10 + 175 + 15; 3]);
    assert_eq!(int("cells_read"), [10 + 175 + 15 - 3; 3]);
    // Codes without a rule count as warnings.
    assert_eq!((int("findings_error"), int("findings_warning")), (vec![0; 3], vec![3; 3]));
    assert!(rows.column_by_name("has_review").unwrap().as_boolean().value(0));
    let day = rows.column_by_name("published_on").unwrap().as_primitive::<Date32Type>();
    assert_eq!((day.value(0), rows.column_by_name("signed_on").unwrap().is_null(0)), (19_000, true));
    assert_eq!((text(&rows, "year_evidence")[0], text(&rows, "region_evidence")[0]), (Some("title"), None));
    assert_eq!((text(&rows, "form")[0], text(&rows, "source_trust")[0]), (Some("2021"), Some("gov")));
    let lost = only(&published.path, "reports", "year=0/region=unknown");
    assert!(!lost.column_by_name("has_requests").unwrap().as_boolean().value(0));
}

#[test]
fn captures_findings_and_narratives_say_what_they_were_given() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch());
    let captures = only(&published.path, "captures", "year=0/region=unknown");
    assert_eq!(
        text(&captures, "container"),
        [Some("crawl/c-empty.html"), Some("crawl/c0000000000000005.html")]
    );
    assert_eq!(
        (text(&captures, "status")[0], text(&captures, "reason")[0]),
        (Some("unreadable"), Some("empty"))
    );
    let time = captures.column_by_name("fetched_at").unwrap().as_primitive::<TimestampMicrosecondType>();
    assert_eq!(time.value(0), 1_700_000_000_000_000);

    let findings = only(&published.path, "findings", "year=0/region=unknown");
    assert_eq!(
        text(&findings, "report_id"),
        [Some("r0000000000000005"), Some("r0000000000000005"), Some("r0000000000000005"), None]
    );
    assert_eq!(text(&findings, "expected")[0..3], [Some("3"), Some("5"), None], "in the order given");
    assert_eq!(text(&findings, "raw")[2], Some("二〇二三"));
    assert_eq!(text(&findings, "item"), [Some("total"), Some("total"), None, None]);
    let ids: BTreeSet<_> = text(&findings, "finding_id").into_iter().flatten().collect();
    assert_eq!(ids.len(), 4, "equal findings have ids of their own");
    assert!(ids.iter().all(|id| id.len() == 17 && id.starts_with('f')));

    let narratives = only(&published.path, "narratives", "year=0/region=unknown");
    assert_eq!(text(&narratives, "heading"), [None, Some("一、overview")], "a blank heading is NULL");
    assert_eq!(long(&narratives, "chars"), [Some(12), Some(17)]);
}

#[test]
fn evidence_is_every_cell_or_those_that_are_no_plain_number() {
    for (evidence, all) in [(Evidence::NotPlain, false), (Evidence::All, true)] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create_or_open(dir.path()).unwrap();
        let batch = batch();
        let options = PublishOptions { evidence, ..options() };
        let published = store.publish(Registry::embedded(), &batch, &options).unwrap();
        let cells = batch.reports.iter().flat_map(|r| &r.parsed.cells);
        let wanted = cells.filter(|c| all || !c.status.is_plain()).count();
        assert_eq!(published.rows["cells"], wanted as u64);
        let rows = only(&published.path, "cells", "year=2020/region=CN-BJ");
        let statuses: BTreeSet<_> = text(&rows, "status").into_iter().flatten().collect();
        assert_eq!(statuses.contains("number"), all);
        assert!(statuses.contains("blank"));
    }
}

#[test]
fn files_have_the_agreed_layout() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &batch());
    let registry = Registry::embedded();
    for table in &registry.tables {
        for path in files(&published.path, &table.name) {
            let file = File::open(&path).unwrap();
            let meta = ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .parse_and_finish(&file)
                .unwrap();
            let footer = meta.file_metadata();
            assert_eq!(footer.created_by(), Some("gongkai version 0.0.0-test"));
            let pairs = footer.key_value_metadata().unwrap();
            let pair = |key: &str| pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone()).unwrap();
            assert_eq!(pair("schema_version"), "1");
            assert_eq!(pair("tool_version"), VERSION);
            assert_eq!(pair("registry_digest"), registry.digest);
            assert_eq!(pair("table"), table.name);
            let bytes = std::fs::read(&path).unwrap();
            let name = format!("part-{}.parquet", &blake3::hash(&bytes).to_hex()[..16]);
            assert_eq!(path.file_name().unwrap().to_str().unwrap(), name);
            for group in meta.row_groups() {
                assert_eq!(group.sorting_columns().unwrap().len(), table.sort.len());
                for column in group.columns() {
                    assert!(matches!(column.compression(), Compression::ZSTD(_)), "{}", path.display());
                    assert!(column.statistics().is_some());
                    assert!(column.column_index_offset().is_some() && column.offset_index_offset().is_some());
                }
            }
        }
    }
}

#[test]
fn every_table_can_be_read_in_every_snapshot_with_its_full_schema() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(&Store::create_or_open(dir.path()).unwrap(), &Default::default());
    let registry = Registry::embedded();
    for table in &registry.tables {
        let rows = only(&published.path, &table.name, "year=0/region=unknown");
        // What codes mean, and the divisions, are known without any report.
        let known = ["codes", "divisions"].contains(&table.name.as_str());
        let count = rows.num_rows() as u64;
        assert_eq!((count > 0, published.rows[&table.name]), (known, count), "{}", table.name);
        assert_eq!(rows.schema().fields(), arrow_schema(registry, &table.name).fields());
        assert!(table.columns.iter().all(|c| c.name != "year" && c.name != "region"));
    }
    let amount = arrow_schema(registry, "proactive_disclosure");
    let amount = amount.field_with_name("procurement_amount_yuan").unwrap();
    assert_eq!(amount.metadata().get("unit").map(String::as_str), Some("元"));
    assert!(amount.metadata().get("clause").unwrap().contains("第二十条"));
    for key in ["description_zh", "description_en"] {
        assert!(!amount.metadata().get(key).unwrap().is_empty());
    }
}
