//! Which captures are copies of one report, and which copy speaks for it.

use crate::fingerprint::likeness;
use crate::ids::report_id_of_name;
use gongkai_model::{Finding, Number, ReportKey, Scope, SourceTrust};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// What becomes of a capture among its copies. Positions are those of the keys passed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It speaks for its report.
    Speaks {
        /// Captures of the report, this one and exact duplicates included.
        copies: u32,
    },
    /// Its bytes are those of another capture.
    Duplicate {
        /// The first capture with these bytes, by path.
        of: usize,
        /// Why: `same_bytes`.
        reason: String,
    },
    /// Another copy of the same report speaks.
    Superseded {
        /// The capture that speaks.
        by: usize,
        /// What made the difference: `still_there`, `more_trusted_host`, `more_cells_read`, `fewer_doubts`, `later_fetch`, `tie`; behind
        /// a colon what it is: `same_text`, `near_copy`, `revision`, `other_text`.
        reason: String,
    },
    /// It is no report.
    NotAReport,
}

/// The captures of a run as copies of reports.
#[derive(Debug, Clone, Default)]
pub struct Copies {
    /// For every key what becomes of it, in the same order.
    pub choices: Vec<Choice>,
    /// For every key the report it is a copy of, after near copies were joined and different bodies told apart.
    pub report_ids: Vec<Option<String>>,
    /// For every key the one whose text it has, itself where there is none: captures of one text were seen together.
    pub texts: Vec<usize>,
    /// Doubts about reports, by the key that speaks.
    pub findings: Vec<(usize, Finding)>,
}

/// Figures of a capture, by table, item and column. Asked only for reports with several different copies.
pub trait Figures {
    /// Cells read as numbers, sorted.
    fn figures(&self, capture: usize) -> Vec<(String, Number)>;
}

/// Two copies share so many of a hundred sentences to be near copies.
const NEAR: usize = 60;
/// Two texts share at most so many of a hundred sentences when they have nothing to do with each other.
const UNLIKE: usize = 5;
/// Cells that disagree are named up to this number.
const NAMED: usize = 5;

/// Groups the captures of a run and chooses for every one; the result does not depend on the order of the keys.
///
/// Exact duplicates are found by content first, reports and other documents alike. Then captures whose agency, place or
/// year is open join a report of the same agency with the same text (or the same telling figures in nearly the same
/// text); bodies that share an id but neither name nor figures are told apart. Of different copies of one report one that is
/// still there speaks before those that are gone, then the one from the most trusted host, then the most completely read, then the one with the fewest doubts, the latest
/// fetched, and at last the one with the smallest hash.
pub fn choose_copies(keys: &[ReportKey], figures: &dyn Figures) -> Copies {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    let gone = |i: usize| keys.get(i).is_some_and(|key| key.gone);
    order.sort_by(|a, b| (gone(*a), path(keys, *a)).cmp(&(gone(*b), path(keys, *b))));
    let mut copies = Copies {
        choices: vec![Choice::NotAReport; keys.len()],
        report_ids: keys.iter().map(|k| k.report_id.clone()).collect(),
        texts: (0..keys.len()).collect(),
        findings: Vec::new(),
    };
    // Distinct contents, by path; what is gone behind what is there.
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut distinct: Vec<usize> = Vec::new();
    for i in order.iter().copied() {
        let Some(key) = keys.get(i) else { continue };
        match first.get(key.content_hash.as_str()) {
            Some(of) => {
                set(&mut copies.choices, i, Choice::Duplicate { of: *of, reason: "same_bytes".to_owned() });
            }
            None => {
                first.insert(&key.content_hash, i);
                distinct.push(i);
            }
        }
    }
    join_open(keys, &distinct, &mut copies.report_ids);
    join_scopes(keys, &distinct, &mut copies.report_ids);
    let same_id = groups(&distinct, &copies.report_ids);
    for members in same_id.into_iter().filter(|m| m.len() > 1) {
        tell_bodies_apart(keys, figures, &members, &mut copies);
    }
    // Exact duplicates go where their bytes went.
    for (i, key) in keys.iter().enumerate() {
        if let Some(of) = first.get(key.content_hash.as_str()).filter(|of| **of != i) {
            let id = copies.report_ids.get(*of).cloned().flatten();
            set(&mut copies.report_ids, i, id);
        }
    }
    let mut count: HashMap<String, u32> = HashMap::new();
    for id in copies.report_ids.iter().flatten() {
        *count.entry(id.clone()).or_default() += 1;
    }
    for members in groups(&distinct, &copies.report_ids) {
        let id = members.first().and_then(|i| copies.report_ids.get(*i).cloned().flatten());
        let all = id.and_then(|id| count.get(&id).copied()).unwrap_or(1);
        speak(keys, figures, &members, all, &mut copies);
    }
    for (i, key) in keys.iter().enumerate() {
        if let Some(of) = first.get(key.content_hash.as_str()).filter(|of| **of != i) {
            let text = copies.texts.get(*of).copied().unwrap_or(i);
            set(&mut copies.texts, i, text);
        }
    }
    copies
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

/// Members of each report, in the order given.
fn groups(members: &[usize], ids: &[Option<String>]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for i in members {
        if let Some(Some(id)) = ids.get(*i) {
            groups.entry(id).or_default().push(*i);
        }
    }
    groups.into_values().collect()
}

/// Captures with something open join the report of the same agency with the same text or figures.
fn join_open(keys: &[ReportKey], distinct: &[usize], ids: &mut [Option<String>]) {
    let mut by_text: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let mut by_figures: HashMap<(&str, u32), Vec<usize>> = HashMap::new();
    let reports =
        || distinct.iter().filter_map(|i| Some((*i, keys.get(*i).filter(|k| k.report_id.is_some())?)));
    for (i, key) in reports().filter(|(_, k)| k.resolved) {
        let Some(agency) = key.agency.as_deref() else { continue };
        if let Some(text) = key.fingerprint.text.as_deref() {
            by_text.entry((agency, text)).or_default().push(i);
        }
        if let Some(figures) = key.fingerprint.figures {
            by_figures.entry((agency, figures)).or_default().push(i);
        }
    }
    for (i, key) in reports().filter(|(_, k)| !k.resolved) {
        let Some(agency) = key.agency.as_deref() else { continue };
        let text = key.fingerprint.text.as_deref();
        let same_text = text.and_then(|t| by_text.get(&(agency, t)));
        let figures = key.fingerprint.figures.and_then(|f| by_figures.get(&(agency, f)));
        let alike = figures
            .into_iter()
            .flatten()
            .filter(|j| keys.get(**j).is_some_and(|k| likeness(&k.fingerprint, &key.fingerprint) >= NEAR));
        let candidates = same_text.into_iter().flatten().chain(alike).filter_map(|j| keys.get(*j));
        let mut found: Vec<&String> =
            candidates.filter(|k| may_be(key, k)).filter_map(|k| k.report_id.as_ref()).collect();
        found.sort_unstable();
        found.dedup();
        // Two reports with this text: it cannot be said whose copy it is.
        if let [one] = found.as_slice() {
            set(ids, i, Some((*one).clone()));
        }
    }
}

/// A capture that does not say for whom it counts (a copy that lost its title) joins the report of the same agency and year that
/// does, where it has the same text, or the same telling figures in nearly the same text.
fn join_scopes(keys: &[ReportKey], distinct: &[usize], ids: &mut [Option<String>]) {
    let filed = |k: &ReportKey| k.agency_id.clone().zip(k.year);
    let mut said: HashMap<(String, i16), Vec<usize>> = HashMap::new();
    for i in distinct {
        if let Some(key) = keys.get(*i).filter(|k| k.resolved && k.scope != Scope::Unknown)
            && let Some(filed) = filed(key)
        {
            said.entry(filed).or_default().push(*i);
        }
    }
    if said.is_empty() {
        return;
    }
    for i in distinct {
        let Some(key) = keys.get(*i).filter(|k| k.resolved && k.scope == Scope::Unknown) else { continue };
        let Some(others) = filed(key).and_then(|filed| said.get(&filed)) else { continue };
        let mine = &key.fingerprint;
        let same = |j: &&usize| {
            let Some(other) = keys.get(**j).map(|k| &k.fingerprint) else { return false };
            let figures = mine.figures.is_some() && mine.figures == other.figures;
            (mine.text.is_some() && mine.text == other.text) || (figures && likeness(mine, other) >= NEAR)
        };
        let mut found: Vec<String> =
            others.iter().filter(same).filter_map(|j| ids.get(*j).cloned().flatten()).collect();
        found.sort_unstable();
        found.dedup();
        // Where both say this text, it cannot be said whose copy it is.
        if let [one] = found.as_slice() {
            set(ids, *i, Some(one.clone()));
        }
    }
}

/// Nothing known of the open one contradicts the other.
fn may_be(open: &ReportKey, other: &ReportKey) -> bool {
    let years = open.year.is_none() || open.year == other.year;
    let names = match (&open.agency_name, &other.agency_name) {
        (Some(a), Some(b)) => a.ends_with(b.as_str()) || b.ends_with(a.as_str()),
        _ => false,
    };
    years && names
}

/// Bodies of one kind in one place and year (two development offices) share an id. Where neither the one name shortens
/// the other nor the figures are the same, they are different bodies: the one that comes first by name keeps the id.
fn tell_bodies_apart(keys: &[ReportKey], figures: &dyn Figures, members: &[usize], copies: &mut Copies) {
    let name = |i: usize| keys.get(i).and_then(|k| k.agency_name.as_deref()).unwrap_or("");
    let mut sorted = members.to_vec();
    sorted.sort_by(|a, b| (name(*a), path(keys, *a)).cmp(&(name(*b), path(keys, *b))));
    let mut bodies: Vec<Vec<usize>> = Vec::new();
    for i in sorted {
        let same = |body: &Vec<usize>| body.iter().any(|j| same_body(keys, figures, i, *j));
        match bodies.iter_mut().find(|b| same(b)) {
            Some(body) => body.push(i),
            None => bodies.push(vec![i]),
        }
    }
    let first = bodies.first().and_then(|b| b.first()).copied().unwrap_or_default();
    for body in bodies.iter().skip(1) {
        let Some(own) = body.first().copied() else { continue };
        let message =
            format!("{} and {} have one id, but neither name nor figures in common", name(own), name(first));
        let finding = Finding::report("GK308", message).raw(name(first).to_owned());
        copies.findings.push((own, finding));
        for i in body {
            let id = copies.report_ids.get(*i).cloned().flatten();
            set(&mut copies.report_ids, *i, id.map(|id| report_id_of_name(&id, name(own))));
        }
    }
}

fn same_body(keys: &[ReportKey], figures: &dyn Figures, a: usize, b: usize) -> bool {
    let (Some(x), Some(y)) = (keys.get(a), keys.get(b)) else { return true };
    let (Some(m), Some(n)) = (&x.function, &y.function) else { return true };
    if shortens(m, n) || shortens(n, m) {
        return true;
    }
    let shared_figures = (figures.figures(a), figures.figures(b));
    let shared = shared(&shared_figures.0, &shared_figures.1);
    if shared.is_empty() {
        // Two texts of some length without a sentence in common; else the registry's word stands that the names are
        // those of one body.
        let long = x.fingerprint.text.is_some() && y.fingerprint.text.is_some();
        return !long || likeness(&x.fingerprint, &y.fingerprint) > UNLIKE;
    }
    shared.iter().filter(|(_, a, b)| a == b).count() * 10 >= shared.len() * 9
}

/// Whether a function's characters all stand, in order, in the other (发改局 in 发展和改革局).
fn shortens(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    let last = short.chars().count().saturating_sub(1);
    // The last character is the rank: 局 and 委 of one body in successive years.
    short.chars().enumerate().all(|(i, c)| i == last || rest.any(|d| d == c))
}

/// Figures that both copies have.
fn shared<'f>(a: &'f [(String, Number)], b: &'f [(String, Number)]) -> Vec<(&'f str, Number, Number)> {
    let of = |cell: &str| b.binary_search_by(|(c, _)| c.as_str().cmp(cell)).ok().and_then(|i| b.get(i));
    a.iter().filter_map(|(cell, value)| Some((cell.as_str(), *value, of(cell)?.1))).collect()
}

/// The copy that speaks, why the others do not, and where they disagree.
fn speak(keys: &[ReportKey], figures: &dyn Figures, members: &[usize], all: u32, copies: &mut Copies) {
    let Some(best) = members.iter().copied().min_by(|a, b| rank(keys, *a).cmp(&rank(keys, *b))) else {
        return;
    };
    set(&mut copies.choices, best, Choice::Speaks { copies: all });
    let own = if members.len() > 1 { figures.figures(best) } else { Vec::new() };
    let mut disagreeing: Vec<(usize, Vec<String>)> = Vec::new();
    for i in members.iter().copied().filter(|i| *i != best) {
        let other = figures.figures(i);
        let differ: Vec<String> = shared(&own, &other)
            .into_iter()
            .filter(|(_, a, b)| a != b)
            .map(|(cell, a, b)| format!("{cell} {a}, there {b}"))
            .collect();
        let relation = relation(keys, best, i, differ.is_empty());
        if relation == "same_text" {
            set(&mut copies.texts, i, best);
        }
        if !differ.is_empty() {
            disagreeing.push((i, differ));
        }
        let reason = format!("{}: {relation}", difference(keys, best, i));
        set(&mut copies.choices, i, Choice::Superseded { by: best, reason });
    }
    // One finding a report, on the copy that disagrees most.
    let count = disagreeing.len();
    if let Some((i, differ)) =
        disagreeing.into_iter().reduce(|a, b| if b.1.len() > a.1.len() { b } else { a })
    {
        let container = keys.get(i).map(|k| k.container.to_string()).unwrap_or_default();
        let named: Vec<&str> = differ.iter().take(NAMED).map(String::as_str).collect();
        let message = format!(
            "{count} of {} other copies disagree on figures; {} of them in {container}: {}",
            members.len() - 1,
            differ.len(),
            named.join("; ")
        );
        copies.findings.push((best, Finding::report("GK307", message).raw(container)));
    }
}

/// What a copy is to the one that speaks.
fn relation(keys: &[ReportKey], best: usize, other: usize, figures_agree: bool) -> &'static str {
    let (Some(a), Some(b)) = (keys.get(best), keys.get(other)) else { return "other_text" };
    let same_text = a.fingerprint.text.is_some() && a.fingerprint.text == b.fingerprint.text;
    if same_text && figures_agree {
        "same_text"
    } else if a.uri.is_some() && a.uri == b.uri {
        "revision"
    } else if figures_agree && likeness(&a.fingerprint, &b.fingerprint) >= NEAR {
        "near_copy"
    } else {
        "other_text"
    }
}

/// Order of paths; captures of one path (which should not occur) by their bytes.
fn path(keys: &[ReportKey], i: usize) -> Option<(&str, &str, usize)> {
    keys.get(i).map(|k| (&*k.container, k.content_hash.as_str(), k.capture))
}

fn trust(trust: SourceTrust) -> u8 {
    match trust {
        SourceTrust::Gov => 0,
        SourceTrust::Unknown => 1,
        SourceTrust::Mirror => 2,
    }
}

type Rank<'k> = (bool, u8, Reverse<u32>, u32, Reverse<Option<i64>>, &'k str);

/// The lowest speaks.
fn rank(keys: &[ReportKey], i: usize) -> Option<Rank<'_>> {
    let k = keys.get(i)?;
    let hash = k.content_hash.as_str();
    Some((k.gone, trust(k.trust), Reverse(k.cells_read), k.doubts, Reverse(k.fetched_at), hash))
}

fn difference(keys: &[ReportKey], best: usize, other: usize) -> &'static str {
    let (Some(a), Some(b)) = (keys.get(best), keys.get(other)) else { return "tie" };
    if a.gone != b.gone {
        "still_there"
    } else if trust(a.trust) != trust(b.trust) {
        "more_trusted_host"
    } else if a.cells_read != b.cells_read {
        "more_cells_read"
    } else if a.doubts != b.doubts {
        "fewer_doubts"
    } else if a.fetched_at != b.fetched_at {
        "later_fetch"
    } else {
        "tie"
    }
}
