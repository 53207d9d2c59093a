//! Small documents that would cost much: each ends in its status, within 400 MB, and the run goes on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// The most memory that reading it may take.
const MOST_KIB: u64 = 400_000;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What `ingest` says of one file, and the most memory it held, in KiB.
fn ingest(name: &str, bytes: &[u8]) -> (String, u64) {
    let dir = TempDir::new().unwrap();
    let (input, store, out) = (dir.path().join("in"), dir.path().join("store"), dir.path().join("out"));
    fs::create_dir(&input).unwrap();
    fs::write(input.join(name), bytes).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
    command.args(["ingest", text(&input), "--store", text(&store)]).stdout(File::create(&out).unwrap());
    let mut child = command.stderr(File::create(dir.path().join("err")).unwrap()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let now: Option<u64> = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert_eq!(code.code(), Some(0), "{name}: {}", fs::read_to_string(dir.path().join("err")).unwrap());
    (fs::read_to_string(out).unwrap(), peak)
}

/// Every document with the reason in which it ends (its status, where it is read).
fn all(documents: &BTreeMap<String, (Vec<u8>, &str)>) {
    let mut wrong = Vec::new();
    for (name, (bytes, reason)) in documents {
        assert!(bytes.len() < 10_000_000, "{name}: {} bytes", bytes.len());
        let (told, peak) = ingest(name, bytes);
        let line = told.lines().find(|line| line.contains(reason));
        println!("{name}: {} bytes, peak {} MB", bytes.len(), peak / 1000);
        if line.is_none() || told.contains("failed") || peak == 0 || peak > MOST_KIB {
            wrong.push(format!("{name}: {reason}, peak {peak} KiB\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// So much white space, compressed so many times.
fn blanks(start: &[u8], mebibytes: usize, times: usize) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(start).unwrap();
    let chunk = vec![b' '; 1 << 20];
    (0..mebibytes).for_each(|_| out.write_all(&chunk).unwrap());
    (1..times).fold(out.finish().unwrap(), |bytes, _| zlib(&bytes))
}

fn stream(dictionary: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("<<{dictionary}/Length {}>>\nstream\n", body.len());
    [head.as_bytes(), body, b"\nendstream"].concat()
}

const TEXT: &[u8] = b"BT /F 9 Tf 9 9 Td (abc def) Tj ET\n";
const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

/// A PDF of one page with this content; objects from the sixth on are given.
fn page(content: Vec<u8>, resources: &str, font: &str, more: Vec<Vec<u8>>) -> Vec<u8> {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>{resources}>>>>"
    );
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        page.into_bytes(),
        content,
        font.as_bytes().to_vec(),
    ];
    objects.extend(more);
    let (mut file, mut table) = (b"%PDF-1.7\n".to_vec(), String::from("0000000000 65535 f \n"));
    for (n, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n", n + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    let count = objects.len() + 1;
    file.extend(
        format!("xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")
            .bytes(),
    );
    file
}

/// A filter's name in a PDF, and what it makes of bytes.
type Filter<'a> = (&'a str, &'a dyn Fn(&[u8]) -> Vec<u8>);

/// The same in streams: the catalog and the pages in one, the table of all in another.
fn in_streams(of_objects: Filter<'_>, of_table: Filter<'_>) -> Vec<u8> {
    let parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R>>",
    ];
    let parts: String = parts.iter().map(|part| format!("{part:<40}")).collect();
    let objects = format!("1 0 2 40 3 80  {parts}");
    let mut file = b"%PDF-1.7\n".to_vec();
    let first = file.len() as u32;
    let dictionary = format!("/Type/ObjStm/N 3/First 15{}", of_objects.0);
    file.extend(
        [b"4 0 obj\n", stream(&dictionary, &of_objects.1(objects.as_bytes())).as_slice(), b"\nendobj\n"]
            .concat(),
    );
    let second = file.len() as u32;
    let rows = [(0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, first, 0), (1, second, 0)];
    let table: Vec<u8> = rows
        .iter()
        .flat_map(|(kind, a, b): &(u8, u32, u8)| [&[*kind][..], &a.to_be_bytes(), &[*b]].concat())
        .collect();
    let dictionary = format!("/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R{}", of_table.0);
    file.extend([b"5 0 obj\n", stream(&dictionary, &of_table.1(&table)).as_slice(), b"\nendobj\n"].concat());
    file.extend(format!("startxref\n{second}\n%%EOF\n").bytes());
    file
}

#[test]
fn filters_of_a_pdf_are_counted_before_they_are_undone() {
    const THREE: &str = "/Filter[/FlateDecode/FlateDecode/FlateDecode]";
    let deep = blanks(b"", 600, 3);
    let hex: String = deep.iter().map(|b| format!("{b:02x}")).collect();
    let plain = |dictionary: &str, body: &[u8]| page(stream(dictionary, body), "", FONT, Vec::new());
    let composite = "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2\
        /BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor<</Type/FontDescriptor/FontName/X\
        /Flags 4>>>>]/ToUnicode 6 0 R>>";
    let as_is = |bytes: &[u8]| bytes.to_vec();
    let inflated = |start: &[u8]| blanks(start, 600, 3);
    let sealed = "/Filter/FlateDecode".to_owned();
    let noisy = |start: &[u8]| zlib(&[start, noise(400_000).as_bytes()].concat());
    let runs = zlib(&b"\x81 ".repeat(9 << 20));
    let mut damaged = b"\x78\x9c\x04".to_vec();
    damaged.extend(deep.iter().skip(2));
    let all_of = [
        ("flate", plain("/Filter/FlateDecode", &blanks(b"", 600, 1))),
        ("three", plain(THREE, &deep)),
        ("escaped", plain("/Fi#6cter[/Fl#61teDecode/#46l/F#6c]", &deep)),
        ("hex", plain("/Filter[/AHx/Fl/Fl/Fl]", hex.as_bytes())),
        ("runs", plain("/Filter[/Fl/RunLengthDecode]", &runs)),
        ("indirect", page(stream("/Filter 6 0 R", &deep), "", FONT, vec![b"[/Fl/Fl/Fl]".to_vec()])),
        ("far", plain(&format!("{THREE}/X({})", "y".repeat(5000)), &deep)),
        ("objects", in_streams((THREE, &inflated), ("", &as_is))),
        ("table", in_streams(("", &as_is), (THREE, &inflated))),
        // Nobody knows what it becomes before it is opened, and it is opened with the file.
        ("sealed", in_streams((&sealed, &noisy), ("/Encrypt 9 0 R", &as_is))),
        ("sealed-deep", in_streams(("/Filter[/FlateDecode/LZWDecode]", &as_is), ("/Encrypt 9 0 R", &as_is))),
        ("meaning", page(stream("", TEXT), "", composite, vec![stream(THREE, &deep)])),
        (
            "damaged",
            plain("/Filter[/Fl/Fl]", &zlib(&[b"\x78\x9c\x07".as_slice(), &vec![0; 1 << 20]].concat())),
        ),
    ];
    let mut documents: BTreeMap<String, (Vec<u8>, &str)> = BTreeMap::new();
    documents
        .extend(all_of.into_iter().map(|(name, bytes)| (format!("{name}.pdf"), (bytes, "limit_unpacked 1"))));
    // It only says that it is an image: nothing is drawn.
    let image = format!("/Subtype/Image{THREE}");
    documents.insert("image.pdf".to_owned(), (plain(&image, &deep), "no_text_layer 1"));
    all(&documents);
}

#[test]
fn what_a_pdf_repeats_is_paid_for() {
    let flate = |content: &[u8]| stream("/Filter/FlateDecode", &zlib(content));
    let times = |n: usize, what: &str| flate(&[what.repeat(n).as_bytes(), TEXT].concat());
    let form = |content: &str, resources: &str| {
        stream(&format!("/Subtype/Form/BBox[0 0 1 1]/Resources<<{resources}>>"), content.as_bytes())
    };
    let large = |dictionary: &str| stream(&format!("{dictionary}/Filter/FlateDecode"), &blanks(b"", 10, 1));
    let one =
        |content: Vec<u8>, resources: &str, object: Vec<u8>| page(content, resources, FONT, vec![object]);
    const X: &str = "/XObject<</X 6 0 R>>";
    let calls = |n: usize| form("/X Do /X Do ", &format!("/XObject<</X {} 0 R>>", n + 1));
    let chain: Vec<Vec<u8>> = (6..40).map(calls).collect();
    let colours: String = (0..1000).map(|n| format!("/C{n}[/DeviceN[/a{n}]/DeviceGray 6 0 R]")).collect();
    let uses: String = (0..1000).map(|n| format!("/C{n} cs ")).collect();
    let function = stream(
        "/FunctionType 0/Domain[0 1]/Range[0 1]/Size[60000000]/BitsPerSample 8/Filter/FlateDecode",
        &blanks(b"", 58, 1),
    );
    let program = |depth: usize| {
        stream(
            "/FunctionType 4/Domain[0 1]/Range[0 1]",
            format!("{}{}", "{".repeat(depth), "}".repeat(depth)).as_bytes(),
        )
    };
    let colour = "/ColorSpace<</C[/Separation/a/DeviceGray 6 0 R]>>";
    let documents = [
        // What it calls stands in the resources of whoever calls it.
        (
            "itself",
            one(stream("", b"/X Do"), X, stream("/Subtype/Form/BBox[0 0 1 1]", b"/X Do /X Do ")),
            "limit_work 1",
        ),
        ("chain", page(stream("", b"/X Do"), X, FONT, chain), "limit_work 1"),
        (
            "images",
            one(times(5_000_000, "/X Do "), X, stream("/Subtype/Image/Width 1/Height 1", b"a")),
            "limit_work 1",
        ),
        ("large-forms", one(times(200_000, "/X Do "), X, large("/Subtype/Form")), "limit_work 1"),
        (
            "masks",
            one(
                times(200_000, "/X gs "),
                "/ExtGState<</X<</SMask<</S/Alpha/G 6 0 R>>>>>>",
                large("/Subtype/Form/BBox[0 0 1 1]"),
            ),
            "limit_work 1",
        ),
        (
            "meshes",
            one(
                times(2_000, "/X sh "),
                "/Shading<</X 6 0 R>>",
                large(
                    "/ShadingType 4/ColorSpace/DeviceGray/BitsPerCoordinate 1/BitsPerComponent 1/BitsPerFlag 2/Decode[0 1 0 1 0 1]",
                ),
            ),
            "limit_work 1",
        ),
        ("colours", one(flate(uses.as_bytes()), &format!("/ColorSpace<<{colours}>>"), function), "limit_"),
        ("programs", one(stream("", b"/C cs 1 sc"), colour, program(20_000)), "limit_work 1"),
        (
            "long-text",
            page(
                flate(format!("BT /F 9 Tf ({}) Tj ET", "a".repeat(40_000_000)).as_bytes()),
                "",
                FONT,
                Vec::new(),
            ),
            "limit_glyphs 1",
        ),
        ("long-path", page(times(8_000_000, "0 0 m\n"), "", FONT, Vec::new()), "limit_rules 1"),
        (
            "cut-out",
            page(
                stream(
                    "",
                    format!("BT /F 9 Tf 7 Tr {} ET", format!("({}) Tj ", "a".repeat(9_000)).repeat(20))
                        .as_bytes(),
                ),
                "",
                FONT,
                Vec::new(),
            ),
            "limit_glyphs 1",
        ),
    ];
    all(&documents
        .into_iter()
        .map(|(name, bytes, reason)| (format!("{name}.pdf"), (bytes, reason)))
        .collect());
}

/// A package of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(texts: &str, rows: &str, sheets: usize) -> Vec<u8> {
    let sheet: String =
        (0..sheets).map(|n| format!("<sheet name='S{n}' sheetId='{}' r:id='r1'/>", n + 1)).collect();
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationship Id='{id}' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}' Target='{target}'/>"
        )
    };
    let relations = |all: &[String]| {
        format!(
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{}</Relationships>",
            all.concat()
        )
    };
    package(&[
        (
            "[Content_Types].xml",
            "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Default Extension='xml' ContentType='application/xml'/></Types>",
        ),
        ("_rels/.rels", &relations(&[relation("r1", "officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets>{sheet}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(&[
                relation("r1", "worksheet", "worksheets/sheet1.xml"),
                relation("r2", "sharedStrings", "sharedStrings.xml"),
            ]),
        ),
        (
            "xl/sharedStrings.xml",
            &format!("<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>{texts}</sst>"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!(
                "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{rows}</sheetData></worksheet>"
            ),
        ),
    ])
}

/// A text that is hardly compressed.
fn noise(length: usize) -> String {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + (state >> 32) as u8 % 26)
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn texts_that_cells_share_count_in_every_cell() {
    let row = format!("<row>{}</row>", "<c t='s'><v>0</v></c>".repeat(100));
    let rows = row.repeat(500);
    let text = |length: usize| format!("<si><t>{}</t></si>", "x".repeat(length));
    // Rarely compressed better than a real workbook, so that no ratio gives it away.
    let noise = noise(250_000);
    let struck = format!("<si><r><rPr><strike/></rPr><t>{}</t></r></si>", "x".repeat(300_000));
    let rows_of = |count: usize| -> String {
        (0..count)
            .map(|n| format!("<row r='{}'><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row>", n + 2))
            .collect()
    };
    let head =
        "<row r='1'><c t='inlineStr'><is><t>url</t></is></c><c t='inlineStr'><is><t>html</t></is></c></row>";
    let pages = format!("{head}{}", rows_of(20_000));
    let open = "<?xml version='1.0'?><office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
        xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'>\
        <office:body><office:spreadsheet><table:table table:name='a'><table:table-row table:number-rows-repeated='1000'>\
        <table:table-cell table:number-columns-repeated='100'><text:p>";
    let close = "</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>";
    let repeated = format!("{open}{}{close}", "x".repeat(300_000));
    let ods = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &repeated)];
    let documents = [
        ("long.xlsx", workbook(&format!("<si><t>{noise}</t></si>"), &rows, 1), "unreadable"),
        ("sheets.xlsx", workbook(&text(300_000), &rows, 2_000), "unreadable"),
        ("struck.xlsx", workbook(&struck, &rows, 50), "unreadable"),
        ("pages.xlsx", workbook(&text(3_000_000), &pages, 1), "limit_ratio 1"),
        ("repeated.ods", package(&ods), "unreadable"),
    ];
    all(&documents.into_iter().map(|(name, bytes, reason)| (name.to_owned(), (bytes, reason))).collect());
}

/// A table of pages: so many rows, all of which have one text.
fn one_text(text: &str, rows: usize) -> RecordBatch {
    let keys = Int32Array::from(vec![0; rows]);
    let texts = DictionaryArray::new(keys, Arc::new(StringArray::from(vec![text])));
    RecordBatch::try_from_iter([("html", Arc::new(texts) as ArrayRef)]).unwrap()
}

fn parquet(text: &str, rows: usize) -> Vec<u8> {
    let level = parquet::basic::ZstdLevel::default();
    let properties = WriterProperties::builder()
        .set_compression(parquet::basic::Compression::ZSTD(level))
        .set_dictionary_page_size_limit(64 << 20)
        .build();
    let batch = one_text(text, rows);
    let mut out = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    out.write(&batch).unwrap();
    out.into_inner().unwrap()
}

fn arrow(text: &str, rows: usize) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let batch = one_text(text, rows);
    let mut out = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    out.write(&batch).unwrap();
    out.finish().unwrap();
    out.into_inner().unwrap()
}

#[test]
fn texts_that_rows_share_count_in_every_row() {
    let long = |length: usize| format!("<p>{}", "x".repeat(length));
    let documents = [
        ("equal.parquet", parquet(&long(3_000_000), 200), "limit_ratio 1"),
        ("dictionary.parquet", parquet(&long(30_000_000), 20), "limit_ratio 1"),
        ("too-large.parquet", parquet(&long(70_000_000), 1), "limit_page_size 1"),
        ("noise.parquet", parquet(&noise(300_000), 300), "limit_ratio 1"),
        ("tiny.parquet", parquet("<p>abc", 1_000_000), "limit_ratio 1"),
        ("tiny.jsonl", b"{\"html\":\"a\"}\n".repeat(700_000), "limit_documents 1"),
        (
            "tiny.csv",
            [b"url,html\n".as_slice(), &b"http://a.cn/,a\n".repeat(600_000)].concat(),
            "limit_documents 1",
        ),
        ("tiny.arrow", arrow("<p>abc", 1_000_000), "limit_ratio 1"),
        ("short.parquet", parquet(&long(2_000), 40_000), "limit_ratio 1"),
        ("equal.arrow", arrow(&long(3_000_000), 100_000), "limit_ratio 1"),
        ("dictionary.arrow", arrow(&long(30_000_000), 1_000), "limit_ratio 1"),
        ("too-large.arrow", arrow(&long(70_000_000), 1_000), "limit_batch_size 1"),
    ];
    all(&documents.into_iter().map(|(name, bytes, reason)| (name.to_owned(), (bytes, reason))).collect());
}

/// Every row of a table without a head asks the whole table for one; once answered, that is done in a moment.
#[test]
fn a_long_table_without_a_head_is_looked_through_once() {
    let rows = "<tr><td>1<td>2<td>3".repeat(500_000);
    let lines = "1\t2\t3\n".repeat(300_000);
    let title = "南京市民政局2015年政府信息公开工作年度报告";
    let page = format!("<title>{title}</title><h1>{title}</h1><table>{rows}");
    let documents = [
        ("rows.html", page.into_bytes(), "not_a_report"),
        ("rows.txt", format!("{title}\n{lines}").into_bytes(), "not_a_report"),
    ];
    all(&documents.into_iter().map(|(name, bytes, reason)| (name.to_owned(), (bytes, reason))).collect());
}
