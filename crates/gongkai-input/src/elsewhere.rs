//! Files that no walk of this process met: one that a plan of another process names, or one whose bytes another program hands over.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gongkai_model::{Problem, Provenance};

use crate::kind::{self, Kind};
use crate::plan::{Entry, Source};
use crate::sidecar::Stated;
use crate::walk::file_name;

/// Where the bytes are.
#[derive(Debug, Clone)]
pub enum Content {
    /// In a file.
    File(PathBuf),
    /// Here.
    Bytes(Vec<u8>),
    /// Nowhere: why.
    Lost(Problem),
}

/// What is told of a file beside its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The host that a folder of it is named after.
    pub folder_host: Option<String>,
    /// What a sidecar or a table says: address, time, title, media type and charset. Its host is that of the address.
    pub provenance: Provenance,
    /// HTTP status of the response it was the body of.
    pub http_status: Option<u16>,
}

impl Told {
    /// A media type with or without its charset, as in HTTP, where the charset is not told already.
    pub fn content_type(&mut self, text: &str) {
        let mut stated = Stated::default();
        stated.content_type(text);
        self.provenance.media_type_hint = stated.provenance.media_type_hint;
        self.provenance.charset_hint = self.provenance.charset_hint.take().or(stated.provenance.charset_hint);
    }

    fn stated(&self) -> Option<Stated> {
        let mut stated = Stated { provenance: self.provenance.clone(), http_status: self.http_status };
        // What is no address of the web is none.
        (stated.provenance.uri, stated.provenance.host) = (None, None);
        if let Some(uri) = &self.provenance.uri {
            stated.address(uri);
        }
        (stated != Stated::default()).then_some(stated)
    }
}

impl Entry {
    /// A file by its name in the data, what is told of it and where its bytes are. It is opened as one that a walk met.
    pub fn elsewhere(name: &str, size: u64, told: &Told, content: Content) -> Self {
        let of_path = |path: &Path| match kind::of(file_name(path)) {
            Kind::Capture => None,
            Kind::Unsupported(extension) => Some(extension.into()),
        };
        let (unsupported, size, content) = match content {
            Content::File(path) => (of_path(&path), size, Ok(Source::File(path.into()))),
            Content::Bytes(bytes) => {
                (of_path(Path::new(name)), bytes.len() as u64, Ok(Source::Bytes(bytes.into())))
            }
            Content::Lost(problem) => (None, size, Err(problem)),
        };
        Self {
            container: name.into(),
            size,
            host: told.folder_host.as_deref().map(|host| host.to_lowercase().into()),
            stated: told.stated().map(Arc::new),
            unsupported,
            declared: None,
            stamp: None,
            content,
        }
    }

    /// What is told of it beside its content, so that [`Entry::elsewhere`] makes the same of it.
    pub fn told(&self) -> Told {
        let stated = self.stated.as_deref().cloned().unwrap_or_default();
        Told {
            folder_host: self.host.as_deref().map(str::to_owned),
            provenance: stated.provenance,
            http_status: stated.http_status,
        }
    }

    /// The file it is, where it is one.
    pub fn location(&self) -> Option<&Path> {
        match &self.content {
            Ok(Source::File(path)) => Some(path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{InputOptions, Met, Opened, open, plan};
    use std::ops::ControlFlow;

    /// All captures of an entry, as text to compare.
    fn captures(entry: &Entry) -> Vec<String> {
        let options = InputOptions::default();
        match open(entry, &options) {
            Opened::Document(capture) => vec![format!("{capture:?}")],
            Opened::Container(container) => {
                let mut all = Vec::new();
                container.each(&options, &mut |met| {
                    if let Met::Capture(capture) = met {
                        all.push(format!("{capture:?}"));
                    }
                    ControlFlow::Continue(())
                });
                all
            }
        }
    }

    #[test]
    fn a_file_is_what_it_is_whoever_hands_it_over() {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("www.yanling.gov.cn");
        fs::create_dir(&site).unwrap();
        for (name, text) in [
            ("a.html", "<p>\u{5e74}\u{62a5}</p>"),
            (
                "a.html.json",
                r#"{"url": "http://www.yanling.gov.cn/a.html", "fetched_at": "2024-01-31T00:00:00Z", "title": "t"}"#,
            ),
            (
                "b.jsonl",
                "{\"html\": \"<p>1</p>\", \"url\": \"http://a.gov.cn/1\"}\n{\"html\": \"<p>2</p>\"}\n",
            ),
            ("empty.html", ""),
            ("picture.png", "\u{89}PNG"),
        ] {
            fs::write(site.join(name), text).unwrap();
        }
        let planned = plan(&[dir.path().to_owned()], &InputOptions::default()).unwrap();
        assert_eq!(planned.entries.len(), 4);
        for entry in &planned.entries {
            let told = entry.told();
            let path = entry.location().unwrap();
            let bytes = fs::read(path).unwrap();
            let by_file =
                Entry::elsewhere(&entry.container, entry.size, &told, Content::File(path.to_owned()));
            let by_bytes = Entry::elsewhere(&entry.container, entry.size, &told, Content::Bytes(bytes));
            let own = captures(entry);
            assert!(
                own.iter()
                    .all(|capture| capture.contains("www.yanling.gov.cn") || capture.contains("a.gov.cn"))
            );
            assert_eq!(captures(&by_file), own);
            assert_eq!(captures(&by_bytes), own);
            assert_eq!(by_file.is_told_of(), entry.is_told_of());
        }
    }

    #[test]
    fn what_is_told_badly_is_not_told() {
        let provenance = Provenance { uri: Some("mailto:a@b".to_owned()), ..Provenance::default() };
        let mut told = Told { provenance, ..Told::default() };
        let entry = |told: &Told| Entry::elsewhere("a", 0, told, Content::Lost(Problem::unreadable("gone")));
        assert!(!entry(&told).is_told_of() && entry(&told).problem().is_some());
        told.content_type("Text/HTML; charset=gbk");
        let provenance = entry(&told).provenance();
        assert_eq!(provenance.media_type_hint.as_deref(), Some("text/html"));
        assert_eq!((provenance.charset_hint.as_deref(), provenance.uri), (Some("gbk"), None));
    }
}
