//! Containers, written the way crawlers write them.

#![allow(dead_code, reason = "every test file uses some")]

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// One uncompressed meta-block (RFC 7932, 9.2): window of 16 bits, then the length less one in 16 bits, then the bytes.
pub fn brotli_stored(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    // Bits from the lowest: WBITS 0; not last 0; MNIBBLES 00; MLEN - 1; uncompressed 1.
    let header = length << 4 | 1 << 20;
    let mut out = header.to_le_bytes()[..3].to_vec();
    out.extend(bytes);
    // Last, empty.
    out.push(0b11);
    out
}

/// Bytes that do not compress, the same ones every time.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub fn record(kind: &str, uri: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let http = if kind == "resource" { "text/html" } else { "application/http; msgtype=response" };
    let mut out = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-01-31T04:05:06Z\r\n\
         Content-Type: {http}\r\n{more}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    out.extend(block);
    out.extend(b"\r\n\r\n");
    out
}

pub fn warcinfo() -> Vec<u8> {
    record("warcinfo", "urn:x", "", b"software: test\r\n")
}

pub fn request(uri: &str) -> Vec<u8> {
    record("request", uri, "", b"GET / HTTP/1.1\r\n\r\n")
}

pub fn resource(uri: &str, body: &[u8]) -> Vec<u8> {
    record("resource", uri, "", body)
}

pub fn response(uri: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n{more}\r\n");
    record("response", uri, "", &[head.as_bytes(), body].concat())
}

pub fn zip(files: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let method = if deflated { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method);
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        out.append_data(&mut header, name, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}

/// Names as they are, for those that are no UTF-8.
pub fn tar_raw(files: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        out.append(&header, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}

/// A record file of the old kind, record after record.
pub fn arc(pages: &[(&str, &[u8])]) -> Vec<Vec<u8>> {
    let about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n";
    let head =
        |uri: &str, length: usize| format!("{uri} 1.2.3.4 20240131040506 text/html {length}\n").into_bytes();
    let mut records = vec![
        [head("filedesc://a.arc", about.len()).as_slice(), about, b"\n"].concat(),
        [head("dns:a.gov.cn", 9).as_slice(), b"a 1.2.3.4", b"\n"].concat(),
    ];
    for (uri, page) in pages {
        let block = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n\r\n", *page].concat();
        records.push([head(uri, block.len()), block, b"\n".to_vec()].concat());
    }
    records
}

/// What a browser's network panel saves.
pub fn har() -> Vec<u8> {
    r#"{
  "log": {
    "version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
    "pages": [{"startedDateTime": "2024-01-31T04:05:06.000Z", "id": "page_1", "title": "the [entries]"}],
    "entries": [
      {"startedDateTime": "2024-01-31T04:05:06.000Z", "time": 12.5,
       "request": {"method": "GET", "url": "http://a.gov.cn/1", "headers": []},
       "response": {"status": 200, "content": {"size": 4, "mimeType": "text/html; charset=gbk", "text": "<p>一"}}},
      {"request": {"url": "http://a.gov.cn/2"}, "response": {"status": 200, "content":
       {"mimeType": "application/octet-stream", "text": "PHA+dHdv", "encoding": "base64"}}},
      {"request": {"url": "http://a.gov.cn/3"}, "response": {"status": 404, "content": {"size": 0}}}
    ],
    "comment": "x"
  }
}"#
    .as_bytes()
    .to_vec()
}

/// A page as browsers save it with its parts, of which one is a page in a frame.
pub fn mhtml() -> Vec<u8> {
    [
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://a.gov.cn/1.html\r\n",
        "Subject: =?utf-8?Q?=E5=B9=B4=E6=8A=A5?=\r\nDate: Wed, 31 Jan 2024 04:05:06 +0000\r\nMIME-Version: 1.0\r\n",
        "Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----x----\"\r\n\r\n\r\n",
        "------x----\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        "Content-Location: http://a.gov.cn/1.html\r\n\r\n<html><p class=3D\"a\">=E5=B9=B4=\r\n=E6=8A=A5</html>\r\n",
        "------x----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
        "------x----\r\nContent-Type: text/html; charset=\"gb2312\"\r\nContent-Transfer-Encoding: base64\r\n",
        "Content-Location: http://a.gov.cn/frame.html\r\n\r\nPHA+xOqx\r\nqA==\r\n------x------\r\n",
    ]
    .concat()
    .into_bytes()
}

/// A data frame as text.
pub fn csv() -> Vec<u8> {
    "\u{feff},url,标题,html,fetched_at\r\n0,http://a.gov.cn/1,甲,\"<p>一, \"\"二\"\"\n</p>\",2024-01-31T04:05:06Z\r\n1,,,,\r\n2,http://a.gov.cn/3,丙,<p>三,\r\n"
        .as_bytes()
        .to_vec()
}

/// What an interface answers, and what programs write that know JSON less well than they should.
pub fn nested_json() -> Vec<u8> {
    concat!(
        "{\"code\": 0, \"data\": {\"list\": [{\"content\": \"<p>1\", \"link\": \"http://a.gov.cn/1\"}, {\"content\": \"<p>2\"}]}}\n",
        "{\"score\": NaN, \"note\": \"\\ud83d\", \"html\": [\"<p>3\", \"<p>4\"]}{\"html\": \"<p>5\"}\n",
        "not JSON\n",
    )
    .as_bytes()
    .to_vec()
}

/// A workbook with one sheet of texts.
pub fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut sheet = String::new();
    for (row, cells) in (1..).zip(rows) {
        sheet += &format!("<row r=\"{row}\">");
        for (column, text) in ('A'..='Z').zip(*cells) {
            sheet += &format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escape(text));
        }
        sheet += "</row>";
    }
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let sheet = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{sheet}</sheetData></worksheet>");
    let parts: [(&str, &str); 5] = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        ),
        ("_rels/.rels", &relations("rId1", "officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations("rId1", "worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zip(&parts, true)
}
