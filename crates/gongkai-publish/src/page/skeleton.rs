//! The page without its figures: headings, explanations, and the places that the script fills.

use super::words::both;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("../../assets/page.css");
const SCRIPT: &str = include_str!("../../assets/page.js");
const D3: &str = include_str!("../../assets/vendor/d3.min.js");
const PLOT: &str = include_str!("../../assets/vendor/plot.umd.min.js");
const LICENCES: [&str; 2] =
    [include_str!("../../assets/vendor/d3.LICENSE"), include_str!("../../assets/vendor/plot.LICENSE")];
/// Nothing is fetched from anywhere, whatever a report may contain.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// The whole document; `data` must not be able to leave a script element.
pub(super) fn document(snapshot: &str, tool_version: &str, data: &str) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="zh-Hans" data-lang="zh" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "gongkai " (tool_version) };
                meta name="color-scheme" content="light dark";
                title { "数据质量 · Data quality — gongkai " (snapshot) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(snapshot))
                main {
                    noscript { p.empty { (both("noscript")) } }
                    (coverage())
                    (captures())
                    (findings())
                    (worst())
                    (fill())
                    (requests())
                    (agency())
                    (changes())
                    (about())
                }
                (behind())
                (licences())
                script #data type="application/json" { (PreEscaped(data)) }
                script { (PreEscaped(D3)) }
                script { (PreEscaped(PLOT)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string()
}

fn head(snapshot: &str) -> Markup {
    let sections =
        ["coverage", "captures", "findings", "worst", "fill", "requests", "agency", "changes", "about"];
    html! {
        header.top {
            div.brand {
                p.kicker { "gongkai 公开" }
                h1 { (both("title")) }
                p.sub { (both("subtitle")) " " code { (snapshot) } }
            }
            div.tools {
                button #lang type="button" { "English" }
                button #theme type="button" {}
                button #print type="button" { (both("print")) }
            }
            div #tiles {}
        }
        nav {
            ul {
                @for section in sections {
                    li { a href={ "#" (section) } { (both(&format!("nav.{section}"))) } }
                }
            }
            div #filters role="group" {}
        }
    }
}

/// A section with its heading and first sentence.
fn section(id: &str, body: Markup) -> Markup {
    html! {
        section id=(id) {
            h2 { (both(&format!("{id}.title"))) }
            p.lead { (both(&format!("{id}.lead"))) }
            (body)
        }
    }
}

/// The place of a chart: its heading, its controls, itself, its legend, a note, and the rows behind it with their query.
fn figure(id: &str) -> Markup {
    html! {
        figure id=(id) {
            figcaption {
                h3 { (both(&format!("{id}.title"))) }
                div.controls {}
            }
            div.chart {}
            p.note { (both(&format!("{id}.note"))) }
            details.rows {
                summary { (both("figure.rows")) }
                div.query {}
                div.table {}
            }
        }
    }
}

/// The place of a table.
fn table(id: &str) -> Markup {
    html! {
        figure id=(id) {
            figcaption { h3 { (both(&format!("{id}.title"))) } }
            div.table {}
            p.note { (both(&format!("{id}.note"))) }
        }
    }
}

fn coverage() -> Markup {
    section(
        "coverage",
        html! { (figure("coverage-tiles")) (figure("coverage-map")) (table("coverage-table")) },
    )
}

fn captures() -> Markup {
    section("captures", html! { div.pair { (figure("captures-status")) (table("captures-reasons")) } })
}

fn findings() -> Markup {
    section(
        "findings",
        html! { div.pair { (figure("findings-trend")) (figure("findings-rules")) } (figure("findings-map")) },
    )
}

fn worst() -> Markup {
    section("worst", html! { div.pair { (figure("worst-regions")) (table("worst-agencies")) } })
}

fn fill() -> Markup {
    section("fill", html! { (figure("fill-map")) })
}

fn requests() -> Markup {
    section(
        "requests",
        html! {
            (figure("requests-received"))
            div.pair { (figure("requests-outcomes")) (figure("requests-reviews")) }
            (figure("requests-grounds"))
        },
    )
}

/// One agency, looked up by its name.
fn agency() -> Markup {
    section("agency", html! { (figure("agency-years")) })
}

fn changes() -> Markup {
    section("changes", html! { div #changes-summary {} (table("changes-rows")) })
}

fn about() -> Markup {
    section(
        "about",
        html! {
            ul.notes {
                @for key in ["about.reported", "about.null", "about.listed", "about.sql", "about.colours", "about.again"] {
                    li { (both(key)) }
                }
            }
            dl #facts {}
        },
    )
}

/// The reports behind a figure.
fn behind() -> Markup {
    html! {
        dialog #behind aria-labelledby="behind-title" {
            div.bar {
                h2 #behind-title {}
                button #close type="button" { (both("close")) }
            }
            div #behind-body {}
        }
    }
}

/// The notices that the libraries' licences ask for.
fn licences() -> Markup {
    html! {
        footer {
            p { (both("footer")) }
            details {
                summary { (both("licences")) }
                p { "D3 7.9.0, Observable Plot 0.6.17" }
                @for licence in LICENCES { pre { (licence) } }
            }
        }
    }
}
