//! Where a capture came from, as far as its path tells. Never more than is written there: a folder named after a
//! host gives the host, not an address.

use std::sync::LazyLock;

/// Top-level domains by which a folder's name is taken for a host; one a line, sorted.
static TOP_LEVEL: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("../data/top_level_domains.txt")
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect()
});

/// The longest host name (RFC 1035, 2.3.4).
const LONGEST_HOST: usize = 253;
/// The longest part of a host name (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// The host after which a folder of the path is named, the first from the left, in lower case.
///
/// The last part is a file's name and is not looked at. `path` has `/` between its parts.
///
/// ```
/// assert_eq!(gongkai_input::host_in_path("2024/WWW.Yanling.gov.cn/a/b.html").as_deref(), Some("www.yanling.gov.cn"));
/// assert_eq!(gongkai_input::host_in_path("v1.2/b.html"), None);
/// ```
pub fn host_in_path(path: &str) -> Option<String> {
    let (folders, _file) = path.rsplit_once('/')?;
    folders.split('/').find_map(host_name)
}

/// The host in an `http` or `https` address, in lower case, without user and port.
///
/// ```
/// assert_eq!(gongkai_input::host_of_uri("http://Www.Example.gov.cn:8080/a?b").as_deref(), Some("www.example.gov.cn"));
/// assert_eq!(gongkai_input::host_of_uri("mailto:a@example.gov.cn"), None);
/// ```
pub fn host_of_uri(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = without_port(host).trim_end_matches('.').to_lowercase();
    let labels_fit = host.split('.').all(|label| is_label(label, char::is_alphanumeric));
    (labels_fit && host.len() <= LONGEST_HOST).then_some(host)
}

/// The name as a host in lower case, if it looks like one. Only names of known top-level domains do: `page.files`
/// and `v1.2` are folders like any other.
pub(crate) fn host_name(name: &str) -> Option<String> {
    let host = without_port(name);
    let (_, top) = host.rsplit_once('.')?;
    if host.len() > LONGEST_HOST || !host.split('.').all(|l| is_label(l, |c| c.is_ascii_alphanumeric())) {
        return None;
    }
    let top = top.to_ascii_lowercase();
    let known = TOP_LEVEL.binary_search(&top.as_str()).is_ok() || top.starts_with("xn--");
    known.then(|| host.to_ascii_lowercase())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_label(label: &str, accepted: impl Fn(char) -> bool) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len())
        && label.chars().all(|c| c == '-' || accepted(c))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_list_is_sorted_and_lower_case() {
        assert!(TOP_LEVEL.is_sorted() && TOP_LEVEL.iter().all(|t| t.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn folders_named_after_hosts() {
        for (path, host) in [
            ("www.yanling.gov.cn/zwgk/1.html", Some("www.yanling.gov.cn")),
            ("crawl/http/WWW.YANLING.GOV.CN/1.html", Some("www.yanling.gov.cn")),
            ("http:/www.yanling.gov.cn:8080/1.html", Some("www.yanling.gov.cn")),
            ("mirror.example/www.yanling.gov.cn/1.html", Some("mirror.example")),
            ("xn--abc.xn--zfr164b/1.html", Some("xn--abc.xn--zfr164b")),
            ("a/www.yanling.gov.cn", None),
            ("www.yanling.gov.cn", None),
            ("v1.2/1.html", None),
            ("page.files/1.html", None),
            ("192.168.1.1/1.html", None),
            ("-a.gov.cn/1.html", None),
            ("a..cn/1.html", None),
            (".cn/1.html", None),
            ("年报.cn/1.html", None),
            ("", None),
        ] {
            assert_eq!(host_in_path(path).as_deref(), host, "{path}");
        }
    }

    #[test]
    fn hosts_of_addresses() {
        for (uri, host) in [
            ("https://a.gov.cn", Some("a.gov.cn")),
            ("HTTP://u:p@A.gov.cn:81/x@y", Some("a.gov.cn")),
            ("http://10.1.2.3/x", Some("10.1.2.3")),
            ("http://政务.cn/x", Some("政务.cn")),
            ("http:///x", None),
            ("ftp://a.gov.cn/", None),
            ("/a/b.html", None),
            ("http://a b.cn/", None),
        ] {
            assert_eq!(host_of_uri(uri).as_deref(), host, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn any_path_gives_a_clean_host_or_none(path in "\\PC{0,80}") {
            if let Some(host) = host_in_path(&path) {
                prop_assert!(host.contains('.') && !host.contains('/') && !host.contains(':'));
                prop_assert_eq!(host.to_ascii_lowercase(), host);
            }
        }

        #[test]
        fn any_dotted_name_is_judged_without_panic(name in "[-a-zA-Z0-9.:_年/]{0,300}") {
            let found = host_name(&name);
            prop_assert!(found.is_none_or(|host| host.len() <= LONGEST_HOST));
        }

        #[test]
        fn any_address_is_judged_without_panic(uri in "(https?://)?\\PC{0,80}") {
            let found = host_of_uri(&uri);
            prop_assert!(found.is_none_or(|host| !host.is_empty() && !host.contains('/')));
        }

        #[test]
        fn a_host_below_any_plain_folders_is_found(
            before in prop::collection::vec("[a-z0-9_]{1,8}", 0..4), host in "[a-z][a-z0-9]{0,8}\\.gov\\.cn",
        ) {
            let mut parts = before;
            parts.push(host.clone());
            parts.push("x.html".to_owned());
            prop_assert_eq!(host_in_path(&parts.join("/")), Some(host));
        }
    }
}
