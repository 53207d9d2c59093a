//! How fast record files are read: from the file to the documents, HTTP heads read, on one thread. Run with the path of a
//! file it reads that one; else it writes one of its own. Times are those of the processor. Where Python with the package fastwarc is at hand
//! (`GONGKAI_PYTHON`, or python3), the same file goes through it, and the ratio is printed.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use gongkai_input::{InputOptions, Met, Opened, open, plan};
use rustix::time::{ClockId, clock_gettime};

/// Times each is read; the fastest counts.
const ROUNDS: usize = 5;

fn main() {
    let given = std::env::args().skip(1).find(|a| !a.starts_with('-')).map(PathBuf::from);
    let folder = std::env::temp_dir().join(format!("gongkai-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let files = match given {
        Some(file) => vec![file],
        None => vec![write(&folder.join("pages.warc.gz"), true), write(&folder.join("pages.warc"), false)],
    };
    for file in files {
        compare(&file);
    }
    let _ = fs::remove_dir_all(&folder);
}

/// Processor time of this thread: what else the machine does is nobody's merit.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn compare(file: &Path) {
    let (mut documents, mut bytes, mut best) = (0, 0, f64::MAX);
    let mut fastest_peer: Option<(f64, (u64, u64))> = None;
    // In turn, so that both have the machine as it is at the time.
    for _ in 0..ROUNDS {
        let started = seconds();
        (documents, bytes) = read(file);
        best = best.min(seconds() - started);
        let of_peer = peer(file);
        fastest_peer = match (fastest_peer, of_peer) {
            (Some(known), Some(new)) if known.0 <= new.0 => Some(known),
            (known, new) => new.or(known),
        };
    }
    let name = file.file_name().unwrap().to_string_lossy();
    let size = fs::metadata(file).unwrap().len() as f64 / 1e6;
    let rate = bytes as f64 / 1e6 / best;
    println!("{name}: {size:.0} MB, {documents} documents, {:.0} MB of them", bytes as f64 / 1e6);
    println!("  gongkai   {rate:6.0} MB/s of documents, {:6.0} MB/s of the file", size / best);
    match fastest_peer {
        Some((theirs, same)) => {
            println!(
                "  fastwarc  {:6.0} MB/s of documents, {:6.0} MB/s of the file",
                bytes as f64 / 1e6 / theirs,
                size / theirs
            );
            println!(
                "  ratio     {:.2} (above 1 gongkai is faster); same documents: {}",
                theirs / best,
                same == (documents, bytes)
            );
        }
        None => println!("  fastwarc  not at hand (pip install fastwarc; GONGKAI_PYTHON names the Python)"),
    }
}

fn read(file: &Path) -> (u64, u64) {
    let options = InputOptions::default();
    let planned = plan(&[file.to_owned()], &options).unwrap();
    let (mut documents, mut bytes) = (0, 0);
    if let Opened::Container(container) = open(&planned.entries[0], &options) {
        container.each(&options, &mut |met| {
            if let Met::Capture(capture) = met {
                documents += 1;
                bytes += capture.bytes.len() as u64;
            }
            ControlFlow::Continue(())
        });
    }
    (documents, bytes)
}

/// Seconds that fastwarc takes, the better of two, and what it saw.
fn peer(file: &Path) -> Option<(f64, (u64, u64))> {
    let python = std::env::var("GONGKAI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fastwarc_read.py");
    let out = Command::new(python).arg(script).arg(file).arg("2").output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let mut words = text.split_whitespace();
    let seconds = words.next()?.parse().ok()?;
    Some((seconds, (words.next()?.parse().ok()?, words.next()?.parse().ok()?)))
}

/// Pages of about 40 KB that compress as pages do, each with its request.
fn write(path: &Path, gzip: bool) -> PathBuf {
    const PAGES: u64 = 4000;
    const WORDS: [&str; 16] = [
        "<div class=\"row\">",
        "</div>",
        "<td>",
        "</td>",
        "政府信息公开",
        "年度报告",
        "依申请公开",
        "行政机关",
        "<p style=\"text-indent: 2em\">",
        "</p>",
        "规范性文件",
        "<a href=\"/zwgk/\">",
        "</a>",
        "\n",
        "受理",
        "总计",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = BufWriter::new(File::create(path).unwrap());
    for page in 0..PAGES {
        let mut body = String::from("<!DOCTYPE html><html><body>");
        while body.len() < 40_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            body.push_str(WORDS[(state >> 60) as usize]);
            if state & 3 == 0 {
                body.push_str(&(state >> 40).to_string());
            }
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: nginx\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        for (kind, block) in
            [("request", "GET / HTTP/1.1\r\nHost: a.gov.cn\r\n\r\n".to_owned()), ("response", head + &body)]
        {
            let record = format!(
                "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{page:032x}>\r\nWARC-Date: 2024-01-31T04:05:06Z\r\n\
                 WARC-Target-URI: http://www.a.gov.cn/{page}.html\r\nContent-Type: application/http; msgtype={kind}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
                block.len()
            );
            if gzip {
                let mut member = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
                member.write_all(record.as_bytes()).unwrap();
                member.finish().unwrap();
            } else {
                out.write_all(record.as_bytes()).unwrap();
            }
        }
    }
    out.flush().unwrap();
    path.to_owned()
}
