//! Where a page came from and when it was published.

use crate::scan::{Scan, date_of};
use chrono::NaiveDate;
use gongkai_model::{Provenance, SourceTrust};
use gongkai_registry::SaysOf;

/// Address, host and date of a page.
#[derive(Debug)]
pub(crate) struct Source {
    /// Address from the crawl, else from the page.
    pub uri: Option<String>,
    /// Its host, lower case.
    pub host: Option<String>,
    /// Trust in the host.
    pub trust: SourceTrust,
    /// Publication date of the page.
    pub published: Option<NaiveDate>,
}

pub(crate) fn read(scan: &Scan<'_>, provenance: &Provenance) -> Source {
    let own = || {
        let urls = scan.values(SaysOf::Url).map(|f| f.value.as_str());
        urls.filter(|u| u.starts_with("http://") || u.starts_with("https://")).map(str::to_owned).next()
    };
    let uri = provenance.uri.clone().or_else(own);
    let host = provenance.host.clone().or_else(|| uri.as_deref().and_then(host_of)).map(|h| h.to_lowercase());
    let trust = match host.as_deref() {
        Some(h) if h == "gov.cn" || h.ends_with(".gov.cn") => SourceTrust::Gov,
        Some(_) => SourceTrust::Mirror,
        None => SourceTrust::Unknown,
    };
    Source { uri, host, trust, published: published(scan) }
}

/// Host of an address, without user and port.
fn host_of(uri: &str) -> Option<String> {
    let rest = uri.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty()).then(|| host.to_owned())
}

/// Metadata first, then a labelled date in the upper part of the page: dates in its footer are the site's.
fn published(scan: &Scan<'_>) -> Option<NaiveDate> {
    let upper = scan.lines.len() / 3 + 10;
    date_of(scan, SaysOf::Published, |f| f.line.is_none())
        .or_else(|| date_of(scan, SaysOf::Published, |f| f.line.is_some_and(|l| l <= upper)))
}
