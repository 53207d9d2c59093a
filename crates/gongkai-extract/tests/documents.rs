//! Office documents and pages: what is shown is read, what is hidden is not, and nothing costs more than its limit.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

mod make;

use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{Medium, paper_specs, print_as};
use gongkai_model::{Block, Cell, Format, Role};
use make::{Dice, docx, judge, mutant, package, pdf, read, seeds};

fn shown(bytes: &[u8]) -> Vec<String> {
    let show = |block: &Block| match block {
        Block::Paragraph(p) if p.role == Role::Navigation => format!("({})", p.text),
        Block::Paragraph(p) => p.text.clone(),
        Block::Table(t) => {
            let cell = |c: &Cell| match (c.rowspan, c.colspan) {
                (1, 1) => c.text.clone(),
                (rows, columns) => format!("[{rows}x{columns}]{}", c.text),
            };
            let row = |row: &[Cell]| row.iter().map(cell).collect::<Vec<_>>().join(" | ");
            t.cells
                .chunk_by(|a, b| a.row == b.row)
                .map(row)
                .collect::<Vec<_>>()
                .join(" // ")
                .replace('\n', "/")
        }
    };
    read(bytes).unwrap().blocks.iter().map(show).collect()
}

#[test]
fn tracked_changes_are_accepted_and_hidden_text_is_not_read() {
    let body = "<w:p><w:r><w:t>共</w:t></w:r><w:del><w:r><w:delText>7</w:delText></w:r></w:del>\
        <w:ins><w:r><w:t>12</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>3</w:t></w:r>\
        <w:r><w:rPr><w:strike/></w:rPr><w:t>4</w:t></w:r><w:r><w:t>件</w:t><w:br/><w:t>完</w:t></w:r></w:p>\
        <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前</w:t></w:r></w:p><w:p><w:r><w:t>后</w:t></w:r></w:p>";
    assert_eq!(shown(&docx(body)), ["共12件", "完", "前后"]);
}

#[test]
fn merged_cells_deleted_rows_and_tables_in_boxes() {
    let cell = |properties: &str, text: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let rows = [
        cell("<w:vMerge w:val='restart'/>", "甲") + &cell("<w:gridSpan w:val='2'/>", "乙"),
        cell("<w:vMerge/>", "") + &cell("", "1") + &cell("", "2"),
    ];
    let deleted = format!("<w:tr><w:trPr><w:del/></w:trPr>{}</w:tr>", cell("", "9"));
    let table: String = rows.iter().map(|r| format!("<w:tr>{r}</w:tr>")).collect();
    let table = format!("<w:tbl>{table}{deleted}</w:tbl>");
    let content = format!("<w:txbxContent>{table}<w:p/></w:txbxContent>");
    let boxed = format!(
        "<w:p><w:r><w:t>题</w:t><x:AlternateContent><x:Choice>{content}</x:Choice><x:Fallback>{content}</x:Fallback>\
         </x:AlternateContent></w:r></w:p>"
    );
    let expected = "[2x1]甲 | [1x2]乙 // 1 | 2";
    assert_eq!(shown(&docx(&table)), [expected]);
    assert_eq!(shown(&docx(&boxed)), [expected, "题"]);
    // A table in a single cell is a table; one in a cell of a table is text of the cell.
    let around = format!("<w:tbl><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>");
    assert_eq!(shown(&docx(&around)), [expected]);
    // A table of one column has lines, not values with labels.
    let line = |text: &str| format!("<w:tr>{}</w:tr>", cell("", text));
    let lines = format!("<w:tbl>{}{}<w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>", line("题"), line("前"));
    assert_eq!(shown(&docx(&lines)), ["题", "前", expected]);
}

#[test]
fn a_span_of_a_million_columns_is_cut() {
    let cell =
        "<w:tc><w:tcPr><w:gridSpan w:val='1000000'/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>";
    let document =
        read(&docx(&format!("<w:tbl><w:tr>{cell}{cell}</w:tr><w:tr>{cell}</w:tr></w:tbl>"))).unwrap();
    let Block::Table(table) = &document.blocks[0] else { panic!("no table") };
    assert_eq!((table.columns, table.cells.len(), document.oddities[0].code), (200, 2, "GK103"));
    let many = cell.repeat(200_000);
    let document = read(&docx(&format!("<w:tbl><w:tr>{many}</w:tr></w:tbl>"))).unwrap();
    assert_eq!(document.oddities[0].code, "GK103");
}

#[test]
fn bombs_and_bottomless_parts_end_in_their_reasons() {
    let relationships =
        "<Relationships><Relationship Type='x/officeDocument' Target='word/document.xml'/></Relationships>";
    let zeros = vec![b' '; 100 << 20];
    let bomb = package(&[("_rels/.rels", relationships.as_bytes()), ("word/document.xml", &zeros)]);
    let reason = read(&bomb).unwrap_err();
    assert!(reason.starts_with("limit_ratio") || reason.starts_with("limit_unpacked"), "{reason}");
    let deep = read(&docx(&"<w:sdt>".repeat(100_000))).unwrap_err();
    assert!(deep.starts_with("limit_depth"), "{deep}");
    let tables = "<w:tbl><w:tr><w:tc>".repeat(150)
        + "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
        + &"</w:tc></w:tr></w:tbl>".repeat(150);
    assert_eq!(shown(&docx(&tables)), ["x"]);
    assert_eq!(
        read(&package(&[("a.txt", "x")])).unwrap_err(),
        "unsupported_document: a zip without a main part"
    );
}

#[test]
fn pages_without_text_and_too_many_pages_are_told() {
    let pages = |count: usize| {
        let kids: String = (0..count).map(|n| format!("{} 0 R ", n + 3)).collect();
        let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
        objects.push(format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"));
        objects.extend((0..count).map(|_| "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_owned()));
        pdf(&objects)
    };
    assert_eq!(read(&pages(2)).unwrap_err(), "no_text_layer: 2 pages");
    assert_eq!(read(&pages(10_000)).unwrap_err(), "limit_pages: 10000, 2000 allowed");
    assert_eq!(read(b"%PDF-1.4 nothing").unwrap_err(), "truncated: pdf");
    assert_eq!(read(b"%PDF-1.4 nothing %%EOF").unwrap_err(), "damaged: pdf");
}

/// A PDF of pages that draw these instructions, with a font `F`, a layer `/Off` that is switched off and a picture `/P`.
fn drawn(pages: &[&str]) -> Vec<u8> {
    let stream = |dictionary: &str, body: &str| {
        format!("<<{dictionary}/Length {}>>\nstream\n{body}\nendstream", body.len())
    };
    let kids: String = (0..pages.len()).map(|n| format!("{} 0 R ", 6 + 2 * n)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[4 0 R]/D<</OFF[4 0 R]>>>>>>".to_owned(),
        format!("<</Type/Pages/Count {}/Kids[{kids}]>>", pages.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned(),
        "<</Type/OCG/Name(old)>>".to_owned(),
        stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "x"),
    ];
    for (n, page) in pages.iter().enumerate() {
        let resources = "/Resources<</Font<</F 3 0 R>>/Properties<</Off 4 0 R>>/XObject<</P 5 0 R>>>>";
        let contents = 7 + 2 * n;
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/CropBox[0 0 400 300]{resources}/Contents {contents} 0 R>>"
        ));
        objects.push(stream("", page));
    }
    pdf(&objects)
}

/// Instructions that write a text.
fn at(x: u32, y: u32, text: &str) -> String {
    format!("BT /F 10 Tf {x} {y} Td ({text}) Tj ET\n")
}

#[test]
fn text_that_is_not_to_be_seen_is_left_out() {
    let seen = at(20, 200, "seen 12");
    let cases = [
        ("a layer that is off", format!("/OC /Off BDC {} EMC", at(62, 200, "9"))),
        ("no mode of drawing", format!("q 3 Tr {} Q", at(62, 200, "9"))),
        ("white on white", format!("q 1 g {} Q", at(62, 200, "9"))),
        ("black on black", format!("0 g 60 195 20 20 re f {}", at(62, 200, "9"))),
        ("under a white box", format!("{} q 1 g 62 195 20 20 re f Q", at(62, 200, "9"))),
        ("cut off", format!("q 0 0 50 400 re W n {} Q", at(62, 200, "9"))),
        ("off the page", at(62, 350, "9")),
    ];
    for (what, instructions) in cases {
        let bytes = drawn(&[&format!("{seen}{instructions}")]);
        assert_eq!(shown(&bytes), ["seen 12"], "{what}");
        let told = read(&bytes).unwrap().oddities;
        let is_layer = what.contains("layer");
        assert_eq!(told.iter().any(|o| o.code == "GK112"), !is_layer, "{what}: {told:?}");
    }
    let cases = [
        ("a box over a part of it", format!("{} q 1 g 64 195 20 20 re f Q", at(62, 200, "9"))),
        ("white on black", format!("0 g 60 195 20 20 re f q 1 g {} Q", at(62, 200, "9"))),
        ("a box before it", format!("1 g 60 195 20 20 re f 0 g {}", at(62, 200, "9"))),
        ("a box that lets through", format!("{} q 1 g 62 195 20 20 re S Q", at(62, 200, "9"))),
        (
            "white on a round shape",
            format!("0 g 50 190 m 90 190 90 230 50 230 c f q 1 g {} Q", at(62, 200, "9")),
        ),
    ];
    for (what, instructions) in cases {
        let expected = if what.contains("part") { "seen 12\u{fffd}" } else { "seen 129" };
        assert_eq!(shown(&drawn(&[&format!("{seen}{instructions}")])), [expected], "{what}");
    }
}

#[test]
fn recognised_text_is_read_where_a_picture_shows_it() {
    let scan = "q 400 0 0 300 0 0 cm /P Do Q\n";
    let text = at(20, 200, "recognised 12");
    let behind = drawn(&[&format!("{text}{scan}")]);
    let invisible = drawn(&[&format!("{scan}3 Tr {text}")]);
    for bytes in [behind, invisible] {
        assert_eq!(shown(&bytes), ["recognised 12"]);
        assert!(read(&bytes).unwrap().oddities.iter().any(|o| o.code == "GK111"));
    }
    let without = drawn(&[&format!("{} 3 Tr {text}", at(20, 100, "seen"))]);
    assert_eq!(shown(&without), ["seen"], "nothing shows what it says");
}

#[test]
fn struck_text_is_no_part_of_a_figure() {
    let strike = "62 202.5 m 68 202.5 l S\n";
    let bytes = drawn(&[&format!("{}{}{strike}", at(20, 200, "total"), at(62, 200, "912"))]);
    assert_eq!(shown(&bytes), ["total  12"]);
    let underlined = drawn(&[&format!("{}62 198.5 m 80 198.5 l S\n", at(62, 200, "912"))]);
    assert_eq!(shown(&underlined), ["912"]);
}

#[test]
fn a_pdf_may_have_something_before_it() {
    let bytes = drawn(&[&at(20, 200, "text")]);
    for before in ["\u{feff}", "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", "\r\n"] {
        assert_eq!(shown(&[before.as_bytes(), &bytes].concat()), ["text"], "{before:?}");
    }
}

#[test]
fn a_row_torn_by_the_end_of_a_page_is_one() {
    let grid = |top: u32, rows: &[&[&str]]| {
        let mut out = String::new();
        for (n, row) in rows.iter().enumerate() {
            let y = top - 20 * n as u32;
            out += &format!("20 {y} m 340 {y} l S 20 {} m 340 {} l S\n", y - 20, y - 20);
            for x in 0..=row.len() {
                let x = if x == 0 { 20 } else { 60 + 40 * x as u32 };
                out += &format!("{x} {y} m {x} {} l S\n", y - 20);
            }
            for (x, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                out += &at(if x == 0 { 24 } else { 64 + 40 * x as u32 }, y - 15, text);
            }
        }
        out
    };
    let pages = |above: &[&[&str]], below: &[&[&str]]| shown(&drawn(&[&grid(280, above), &grid(290, below)]));
    let head: &[&str] = &["what", "a", "b", "c", "d", "e", "all"];
    let row: &[&str] = &["new ones", "56", "77", "35", "29", "37", "28"];
    let next: &[&str] = &["old ones", "0", "1", "0", "0", "0", "1"];
    let whole = "what | a | b | c | d | e | all // new ones | 56 | 77 | 35 | 29 | 37 | 28";
    // The rest of a figure; of a label and a figure; of a label.
    assert_eq!(
        pages(&[head, row], &[&["", "", "", "", "", "", "3"], next]),
        [format!("{whole}/3 // old ones | 0 | 1 | 0 | 0 | 0 | 1")]
    );
    assert_eq!(
        pages(&[head, row], &[&["of a year", "", "", "", "", "", "3"], next]),
        [format!(
            "{}/3 // old ones | 0 | 1 | 0 | 0 | 0 | 1",
            whole.replace("new ones", "new ones/of a year")
        )]
    );
    assert_eq!(
        pages(&[head, row], &[&["of a year", "", "", "", "", "", ""], next]),
        [format!("{} // old ones | 0 | 1 | 0 | 0 | 0 | 1", whole.replace("new ones", "new ones/of a year"))]
    );
    // A row of its own, also where it has little to tell.
    assert_eq!(
        pages(&[head, row], &[&["2.again", "", "", "", "", "", "3"], next]),
        [format!("{whole} // 2.again |  |  |  |  |  | 3 // old ones | 0 | 1 | 0 | 0 | 0 | 1")]
    );
}

#[test]
fn forms_within_forms_and_nested_arrays_end() {
    // Each form draws the next ten times: 10^9 letters from a few hundred bytes.
    let stream = |dictionary: &str, body: &str| {
        format!("<<{dictionary}/Length {}>>\nstream\n{body}\nendstream", body.len())
    };
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>>>".to_owned(),
        stream("", "/X Do"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for n in 0..9 {
        let form = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X {} 0 R>>/Font<</F 5 0 R>>>>",
            n + 7
        );
        objects.push(stream(&form, &"/X Do ".repeat(10)));
    }
    objects.push(stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>",
        "BT /F 9 Tf 9 9 Td (abc) Tj ET",
    ));
    let reason = read(&pdf(&objects)).unwrap_err();
    assert!(reason.starts_with("limit_work") || reason.starts_with("no_text_layer"), "{reason}");
    let nested =
        [objects[0].clone(), objects[1].clone(), objects[2].clone(), stream("", &"[".repeat(200_000))];
    assert_eq!(read(&pdf(&nested)).unwrap_err(), "no_text_layer: 1 pages");
    let nested = [objects[0].clone(), "[".repeat(200_000)];
    assert!(read(&pdf(&nested)).is_err());
}

#[test]
fn steps_are_counted_and_real_documents_need_few_of_them() {
    let with = |work: u64, bytes: &[u8]| {
        let read = extract(bytes, &Hints::default(), &Limits { work, ..Limits::default() });
        read.map(|document| document.blocks.len()).map_err(|problem| problem.reason)
    };
    for seed in seeds() {
        let bytes = seed.bytes();
        let few = with(Limits::default().work / 100, &bytes);
        assert_eq!(few, with(Limits::default().work, &bytes));
        assert!(few.unwrap() > 0);
    }
    for medium in [Medium::PdfWord, Medium::Ofd, Medium::Xlsx] {
        let spec = paper_specs(medium, 1, 1).next().unwrap();
        assert_eq!(with(50, &print_as(&spec, medium).bytes), Err("limit_work: 50 steps allowed".to_owned()));
    }
    let row = "{\\rtf1 \\trowd\\cellx9\\intbl 1\\cell\\row}";
    assert_eq!(with(50, row.as_bytes()), Err("limit_work: 50 steps allowed".to_owned()));
}

#[test]
fn pages_that_share_what_they_draw_are_each_paid_for() {
    let stream = |body: &str| format!("<</Length {}>>\nstream\n{body}\nendstream", body.len());
    let file = |pages: usize, contents: &str, body: &str| {
        let kids: String = (0..pages).map(|n| format!("{} 0 R ", n + 4)).collect();
        let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
        objects.push(format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>"));
        objects.push(stream(body));
        let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents}>>");
        objects.extend((0..pages).map(|_| page.clone()));
        pdf(&objects)
    };
    // A state that is kept and given back draws nothing.
    let nothing = "q Q\n".repeat(1 << 20);
    let reason = read(&file(100, "3 0 R", &nothing)).unwrap_err();
    assert!(reason.starts_with("limit_unpacked: pages"), "{reason}");
    let reason = read(&file(1, &format!("[{}]", "3 0 R ".repeat(100)), &nothing)).unwrap_err();
    assert!(reason.starts_with("limit_unpacked: pages"), "{reason}");
    let line = |n: usize| format!("0 {n} m 400 {n} l S\n");
    let lines: String = (0..800).map(|n| line(n * 5)).collect();
    assert_eq!(read(&file(1_500, "3 0 R", &lines)).unwrap_err(), "limit_rules: 100000 allowed");
}

#[test]
fn no_part_of_a_package_has_a_double() {
    let parts = [("xl/a.xml", "<a/>"), ("/xl/a.xml", "<b/>")];
    assert_eq!(read(&package(&parts)).unwrap_err(), "damaged: two parts of one name");
}

#[test]
fn parts_are_found_whatever_the_case_of_their_names() {
    let page = "<Page><Content><Layer><TextObject Boundary='10 10 90 9' Size='4'><TextCode X='0' Y='4'>text</TextCode></TextObject></Layer></Content></Page>";
    let root = "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>";
    let document = "<Document><Pages><Page ID='1' BaseLoc='PAGES/Page_0/content.xml'/></Pages></Document>";
    let parts =
        [("ofd.xml", root), ("doc_0/Document.xml", document), ("Doc_0/Pages/Page_0/Content.xml", page)];
    assert_eq!(shown(&package(&parts)), ["text"]);
    let [root, document, page] = parts;
    let twice = [root, document, page, ("Doc_0/pages/Page_0/Content.xml", "<Page/>")];
    assert!(read(&package(&twice)).unwrap_err().starts_with("missing_part"), "which of the two nobody knows");
}

#[test]
fn formats_are_told_by_their_content() {
    let document = read(make::RTF).unwrap();
    assert_eq!((document.format, document.charset.as_str()), (Format::Rtf, ""));
    assert_eq!(read(&docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>")).unwrap().format, Format::Docx);
}

/// A run of mutants found it: a library made room for all that a sheet says it has.
#[test]
fn a_workbook_that_says_what_cannot_be_costs_nothing() {
    let sound = include_bytes!("data/written/libreoffice-2019.xls");
    let expected = shown(sound);
    // DIMENSIONS of 14 bytes: first row, last row.
    let head = [0x00, 0x02, 14, 0];
    let at = sound.windows(4).position(|bytes| bytes == head).unwrap() + 4;
    for (first, last) in [(0, u32::MAX), (9, 8), (0, 1 << 24)] {
        let mut broken = sound.to_vec();
        broken[at..at + 4].copy_from_slice(&u32::to_le_bytes(first));
        broken[at + 4..at + 8].copy_from_slice(&u32::to_le_bytes(last));
        assert_eq!(shown(&broken), expected, "{first} to {last}");
    }
}

/// A cell of a table with these runs.
fn tc(runs: &str) -> String {
    format!("<w:tc><w:p>{runs}</w:p></w:tc>")
}

/// A run with these properties.
fn run(properties: &str, text: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>")
}

const RELATIONSHIPS: &str =
    "<Relationships><Relationship Type='x/officeDocument' Target='word/document.xml'/></Relationships>";

#[test]
fn digits_that_do_not_belong_to_a_figure_never_join_it() {
    let styles = "<w:styles><w:style w:type='character' w:styleId='N'><w:rPr><w:vertAlign w:val='superscript'/></w:rPr></w:style>\
        <w:style w:type='character' w:styleId='M'><w:basedOn w:val='N'/></w:style>\
        <w:style w:type='character' w:styleId='H'><w:rPr><w:vanish/></w:rPr></w:style>\
        <w:style w:type='paragraph' w:styleId='S'><w:rPr><w:strike/></w:rPr></w:style></w:styles>";
    let plain = run("", "97");
    let cells = [
        tc(&(plain.clone() + &run("<w:vertAlign w:val='superscript'/>", "1"))),
        tc(&(plain.clone() + &run("<w:position w:val='8'/><w:sz w:val='12'/>", "1"))),
        tc(&(plain.clone() + &run("<w:rStyle w:val='M'/>", "1"))),
        tc(&(run("<w:rStyle w:val='H'/>", "9") + &plain)),
        tc(&(run("<w:rStyle w:val='H'/><w:vanish w:val='0'/>", "9") + &plain)),
        tc(&format!(
            "<w:pPr><w:pStyle w:val='S'/></w:pPr>{}{}",
            run("", "5"),
            run("<w:strike w:val='0'/>", "97")
        )),
        tc(&run("<w:strike/>", "97")),
        tc("<m:sSup><m:e><m:r><m:t>97</m:t></m:r></m:e><m:sup><m:r><m:t>1</m:t></m:r></m:sup></m:sSup>"),
        tc(
            "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='96'/>\
            <w:listEntry w:val='97'/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r>",
        ),
    ];
    let main = format!(
        "<w:document xmlns:w='x'><w:body><w:tbl><w:tr>{0}</w:tr><w:tr>{0}</w:tr></w:tbl></w:body></w:document>",
        cells.concat()
    );
    let parts =
        [("_rels/.rels", RELATIONSHIPS), ("word/document.xml", main.as_str()), ("word/styles.xml", styles)];
    let row = "97(1) | 97(1) | 97(1) | 97 | 997 | 97 | 97\u{fffd} | 97 1 | 97";
    assert_eq!(shown(&package(&parts)), [format!("{row} // {row}")]);
}

/// What these documents show was written down before they were read.
#[test]
fn marks_that_other_programs_wrote_are_understood() {
    let rows = [
        "上标 | 97(1)",
        "位置 | 97(1)",
        "上标样式 | 97(1)",
        "隐藏 | 97",
        "隐藏样式 | 97",
        "删除线 | 97",
        "只有删除线 | 97\u{fffd}",
        "修订删除 | 97",
        "修订插入 | 97",
    ];
    let expected = [rows.join(" // "), "完".to_owned()];
    for (name, bytes) in make::written().iter().filter(|(name, _)| name.starts_with("libreoffice-marks")) {
        assert_eq!(shown(bytes), expected, "{name}");
    }
    let rows = ["项目 | 数量", "上标 | 97(1)", "删除线 | 97", "只有删除线 | 97\u{fffd}", "数字 | 97"];
    assert_eq!(shown(include_bytes!("data/written/xlwt-marks.xls")), [rows.join(" // ")]);
}

#[test]
fn documents_within_a_document_are_read_in_their_place() {
    let main = "<w:document><w:body><w:p><w:r><w:t>前</w:t></w:r></w:p><w:altChunk r:id='c'/>\
        <w:p><w:r><w:t>后</w:t></w:r></w:p></w:body></w:document>";
    let links = "<Relationships><Relationship Id='c' Type='x/aFChunk' Target='page.mht'/></Relationships>";
    let page = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n\
        Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
        <html><body><p>=E6=96=87</p><table><tr><td>=E7=94=B2<td>1<tr><td>=E4=B9=99<td>2</table></body></html>\n--b--\n";
    let parts = [
        ("_rels/.rels", RELATIONSHIPS),
        ("word/document.xml", main),
        ("word/_rels/document.xml.rels", links),
        ("word/page.mht", page),
    ];
    assert_eq!(shown(&package(&parts)), ["前", "文", "甲 | 1 // 乙 | 2", "后"]);
    let missing = package(&parts[..3]);
    assert_eq!(read(&missing).unwrap_err(), "missing_part: word/page.mht");
    // The same parts in one file.
    let part = |(name, xml): &(&str, &str)| {
        format!("<pkg:part pkg:name='/{name}'><pkg:xmlData>{xml}</pkg:xmlData></pkg:part>")
    };
    let text = "<w:document><w:body><w:p><w:r><w:t>文</w:t></w:r></w:p></w:body></w:document>";
    let flat: String =
        [("_rels/.rels", RELATIONSHIPS), ("word/document.xml", text)].iter().map(part).collect();
    let flat = format!(
        "<?xml version='1.0'?><pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>{flat}</pkg:package>"
    );
    let document = read(flat.as_bytes()).unwrap();
    assert_eq!((document.format, shown(flat.as_bytes())), (Format::Docx, vec!["文".to_owned()]));
}

#[test]
fn the_xml_of_word_2003_is_read_with_its_changes() {
    let source = "<?xml version='1.0'?><w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>\
        <w:styles><w:style w:type='character' w:styleId='H'><w:rPr><w:vanish/></w:rPr></w:style></w:styles><w:body><w:p>\
        <aml:annotation w:type='Word.Deletion'><aml:content><w:r><w:delText>9</w:delText></w:r></aml:content></aml:annotation>\
        <aml:annotation w:type='Word.Insertion'><aml:content><w:r><w:t>12</w:t></w:r></aml:content></aml:annotation>\
        <aml:annotation w:type='Word.Comment'><aml:content><w:p><w:r><w:t>8</w:t></w:r></w:p></aml:content></aml:annotation>\
        <w:r><w:rPr><w:rStyle w:val='H'/></w:rPr><w:t>3</w:t></w:r><w:r><w:t>件</w:t></w:r>\
        <w:r><w:footnote><w:p><w:r><w:t>注</w:t></w:r></w:p></w:footnote></w:r></w:p></w:body></w:wordDocument>";
    let document = read(source.as_bytes()).unwrap();
    assert_eq!((document.format, shown(source.as_bytes())), (Format::Doc, vec!["12件".to_owned()]));
    assert_eq!(read(source.split_at(source.len() / 2 + 3).0.as_bytes()).unwrap_err(), "truncated: xml");
}

/// A workbook of one sheet that is shown and one that is not.
fn xlsx(sheet: &str, texts: &str, styles: &str) -> Vec<u8> {
    let links = |links: &[(&str, &str, &str)]| {
        let link = |(id, kind, target): &(&str, &str, &str)| {
            format!("<Relationship Id='{id}' Type='x/{kind}' Target='{target}'/>")
        };
        format!("<Relationships>{}</Relationships>", links.iter().map(link).collect::<String>())
    };
    let hidden = "<worksheet><sheetData><row r='1'><c r='A1'><v>888</v></c></row></sheetData></worksheet>";
    let book = "<workbook><sheets><sheet name='a' r:id='1'/><sheet name='b' state='hidden' r:id='2'/></sheets></workbook>";
    let parts = [
        ("_rels/.rels", links(&[("1", "officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", book.to_owned()),
        (
            "xl/_rels/workbook.xml.rels",
            links(&[
                ("1", "worksheet", "worksheets/a.xml"),
                ("2", "worksheet", "/xl/worksheets/b.xml"),
                ("3", "sharedStrings", "sharedStrings.xml"),
                ("4", "styles", "styles.xml"),
            ]),
        ),
        ("xl/worksheets/a.xml", format!("<worksheet>{sheet}</worksheet>")),
        ("xl/worksheets/b.xml", hidden.to_owned()),
        ("xl/sharedStrings.xml", format!("<sst>{texts}</sst>")),
        ("xl/styles.xml", format!("<styleSheet>{styles}</styleSheet>")),
    ];
    package(&parts)
}

#[test]
fn workbooks_show_what_their_reader_sees() {
    let texts = "<si><r><t>97</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r></si>\
        <si><t>甲</t><rPh><t>9</t></rPh></si><si><r><rPr><strike/></rPr><t>5</t></r><r><rPr/><t>97</t></r></si>";
    let styles = "<fonts><font/><font><strike/></font></fonts><cellXfs><xf fontId='0' numFmtId='0'/><xf fontId='1' numFmtId='0'/>\
        <xf fontId='0' numFmtId='14'/></cellXfs>";
    let sheet = "<cols><col min='3' max='3' hidden='1'/></cols><sheetData>\
        <row r='1'><c r='A1' t='s'><v>1</v></c><c r='B1' t='s'><v>0</v></c><c r='C1'><v>555</v></c><c r='D1' t='s'><v>2</v></c></row>\
        <row r='2' hidden='1'><c r='A2'><v>777</v></c><c r='B2'><v>777</v></c></row>\
        <row r='3'><c><f>1+1</f><v>2</v></c><c s='1'><v>97</v></c><c><v>555</v></c><c s='2'><v>45292</v></c></row>\
        <row r='4'><c r='A4' t='inlineStr'><is><t>乙</t></is></c><c r='B4'><v>0.30000000000000004</v></c><c r='D4' t='e'><v>#REF!</v></c></row>\
        <row r='65536'><c r='Z65536' s='1'/></row></sheetData><mergeCells><mergeCell ref='B4:D4'/></mergeCells>";
    let bytes = xlsx(sheet, texts, styles);
    assert_eq!(shown(&bytes), ["甲 | 97(1) | 97 // 2 | 97\u{fffd} | 2024年1月1日 // 乙 | [1x2]0.3"]);
    let told: Vec<&str> = read(&bytes).unwrap().oddities.iter().map(|o| o.code).collect();
    assert_eq!(told, ["GK115", "GK107"]);
}

#[test]
fn the_xml_of_excel_2003_is_read_as_a_workbook() {
    let source = "<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Styles><Style ss:ID='s'>\
        <Font ss:StrikeThrough='1'/></Style></Styles><Worksheet><Table><Column ss:Index='2' ss:Hidden='1'/>\
        <Row><Cell><Data ss:Type='String'>甲</Data><Comment><ss:Data>9</ss:Data></Comment></Cell><Cell ss:Index='3'>\
        <ss:Data ss:Type='String'>97<Sup>1</Sup></ss:Data></Cell></Row><Row ss:Hidden='1'><Cell><Data ss:Type='Number'>7</Data></Cell></Row>\
        <Row ss:Index='5'><Cell ss:MergeAcross='1'><Data ss:Type='Number'>5</Data></Cell>\
        <Cell ss:StyleID='s'><Data ss:Type='Number'>6</Data></Cell></Row></Table></Worksheet>\
        <Worksheet><Table><Row><Cell><Data ss:Type='Number'>8</Data></Cell></Row></Table><WorksheetOptions>\
        <Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>";
    let document = read(source.as_bytes()).unwrap();
    assert_eq!(
        (document.format, shown(source.as_bytes())),
        (Format::Xls, vec!["甲 | 97(1) // 5 | 6\u{fffd}".to_owned()])
    );
}

#[test]
fn texts_and_workbooks_of_open_document_are_read() {
    let file = |kind: &str, styles: &str, body: &str| {
        format!(
            "<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
             office:mimetype='application/vnd.oasis.opendocument.{kind}'><office:automatic-styles>{styles}</office:automatic-styles>\
             <office:body>{body}</office:body></office:document>"
        )
    };
    let styles = "<style:style style:name='u' style:family='text'><style:text-properties style:text-position='super 58%'/></style:style>\
        <style:style style:name='h' style:family='text'><style:text-properties text:display='none'/></style:style>\
        <style:style style:name='t' style:family='table'><style:table-properties table:display='false'/></style:style>";
    let rows = "<table:table-row><table:table-cell table:number-rows-spanned='2'><text:p>甲</text:p></table:table-cell>\
        <table:table-cell table:number-columns-spanned='2'><text:p>97<text:span text:style-name='u'>1</text:span></text:p></table:table-cell>\
        <table:covered-table-cell/></table:table-row><table:table-row><table:covered-table-cell/>\
        <table:table-cell><text:p><text:span text:style-name='h'>9</text:span>1<text:note><text:p>注</text:p></text:note></text:p></table:table-cell>\
        <table:table-cell><text:p>2</text:p><office:annotation><text:p>8</text:p></office:annotation></table:table-cell></table:table-row>";
    let text = format!(
        "<office:text><text:tracked-changes><text:p>7</text:p></text:tracked-changes><text:h>题</text:h><table:table>{rows}</table:table></office:text>"
    );
    let text = file("text", styles, &text);
    assert_eq!(shown(text.as_bytes()), ["题", "[2x1]甲 | [1x2]97(1) // 1 | 2"]);
    assert_eq!(read(text.as_bytes()).unwrap().format, Format::Odt);
    let book = format!(
        "<office:spreadsheet><table:table><table:table-column table:number-columns-repeated='3'/>{rows}\
         <table:table-row table:visibility='collapse'><table:table-cell><text:p>6</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated='1048570'><table:table-cell table:number-columns-repeated='16384'/></table:table-row></table:table>\
         <table:table table:style-name='t'>{rows}</table:table></office:spreadsheet>"
    );
    let book = file("spreadsheet", styles, &book);
    assert_eq!(shown(book.as_bytes()), ["[2x1]甲 | [1x2]97(1) // 1 | 2"]);
    assert_eq!(read(book.as_bytes()).unwrap().format, Format::Ods);
}

#[test]
fn documents_with_a_password_are_encrypted() {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("EncryptedPackage").unwrap();
    let bytes = file.into_inner().into_inner();
    assert_eq!(read(&bytes).unwrap_err(), "encrypted");
    // FILEPASS behind the beginning of a workbook; the flag in a text.
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let records = [0x09, 0x08, 4, 0, 0, 6, 5, 0, 0x2f, 0, 2, 0, 1, 0, 0x0a, 0, 0, 0];
    std::io::Write::write_all(&mut file.create_stream("Workbook").unwrap(), &records).unwrap();
    assert_eq!(read(&file.into_inner().into_inner()).unwrap_err(), "encrypted");
}

#[test]
fn documents_that_are_cut_say_so() {
    for (name, bytes) in make::written() {
        for part in [3, 6, 9] {
            let cut = bytes.get(..bytes.len() * part / 10).unwrap();
            let reason = read(cut).unwrap_err();
            assert!(reason.starts_with("truncated: "), "{name}, {part} tenths: {reason}");
        }
    }
}

#[test]
fn broken_documents_end_in_reasons() {
    const RUNS: u64 = 1500;
    let seeds = seeds();
    for run in 1..=RUNS {
        let bytes = mutant(&seeds, &mut Dice(run.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if let Err(why) = judge(&bytes) {
            panic!("run {run}: {why}");
        }
    }
}
