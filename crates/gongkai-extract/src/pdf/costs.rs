//! What drawing a page will cost, before it is drawn. The library calls back for what it draws; it does not for what it only decodes, looks
//! up and repeats: forms that call themselves, colours with large tables, fonts, texts and paths that it gathers. All that is counted here, by
//! the same instructions that it follows, each form read once however often it is called.

use super::filters;
use super::measure::limit;
use crate::Limits;
use crate::work::Work;
use gongkai_model::Problem;
use hayro_interpret::hayro_syntax::content::UntypedIter;
use hayro_interpret::hayro_syntax::object::dict::keys::{ANNOTS, AP, AS, N, SUBTYPE};
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_interpret::hayro_syntax::page::{Page, Resources};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};

/// How deep forms are followed by the library.
const DEPTH: usize = 50;
/// How deep colours, functions and fonts refer to one another; the library follows them on its stack.
const NESTED: usize = 24;
/// Characters shown by one instruction, and those that are gathered to be cut out.
const AT_ONCE: usize = 100_000;
const CUT_OUT: usize = 10_000;
/// Points of one path.
const POINTS: usize = 1_000_000;
/// Bytes of a function that is a program, and how deep its procedures lie in one another.
const PROGRAM: u64 = 64 << 10;
const PROCEDURES: usize = 64;
/// Bytes of what one character means, as hexadecimal digits.
const MEANING: usize = 1024;
/// What a map of characters takes in memory, in times its bytes.
const MAPPED: u64 = 4;
/// Bytes that are a step: read as instructions, or as a font or a table that is kept.
const BYTES: u64 = 4;
/// Steps of an instruction, of a look into a dictionary, and of calling a form or an image.
const INSTRUCTION: u64 = 2;
const LOOK: u64 = 100;
const CALL: u64 = 1_500;

/// What is followed from a colour, a pattern, a state or a font: the library looks at no more.
const FOLLOWED: [&[u8]; 29] = [
    b"Alternate",
    b"Background",
    b"BG",
    b"BG2",
    b"CIDToGIDMap",
    b"ColorSpace",
    b"Colorants",
    b"CS",
    b"DescendantFonts",
    b"Encoding",
    b"Font",
    b"FontDescriptor",
    b"FontFile",
    b"FontFile2",
    b"FontFile3",
    b"Function",
    b"Functions",
    b"G",
    b"Group",
    b"Process",
    b"SMask",
    b"Shading",
    b"TR",
    b"TR2",
    b"ToUnicode",
    b"UseCMap",
    b"W",
    b"W2",
    b"Widths",
];

/// Steps, and bytes that are kept for the whole document.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    steps: u64,
    bytes: u64,
}

impl Cost {
    fn and(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_add(other.steps), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// A page or a form: what it costs by itself, and which forms it calls how often.
#[derive(Default)]
struct Node {
    own: u64,
    calls: BTreeMap<usize, u64>,
    /// With all it calls; known when its page is.
    all: u64,
}

/// By where in the file it stands, and whose resources it uses.
type Key = (usize, usize);

/// The costs of a document's pages.
pub(super) struct Costs<'a, 'w> {
    limits: &'w Limits,
    work: &'w Work,
    nodes: Vec<Node>,
    known: BTreeMap<Key, usize>,
    waiting: Vec<(usize, Stream<'a>, Resources<'a>)>,
    reached: BTreeMap<usize, Cost>,
    kept: BTreeSet<usize>,
    kept_left: u64,
}

/// A part of what is reached.
enum Step<'a> {
    Enter(Object<'a>, usize, bool),
    Leave(usize, Cost, Vec<usize>),
}

impl<'a, 'w> Costs<'a, 'w> {
    pub(super) fn new(limits: &'w Limits, work: &'w Work) -> Self {
        /// What fonts, colours and their tables may take, in times what streams may become.
        const KEPT: u64 = 2;
        Self {
            limits,
            work,
            nodes: Vec::new(),
            known: BTreeMap::new(),
            waiting: Vec::new(),
            reached: BTreeMap::new(),
            kept: BTreeSet::new(),
            kept_left: limits.unpacked_bytes.saturating_mul(KEPT),
        }
    }

    /// Pays for a page.
    ///
    /// # Errors
    /// A limit.
    pub(super) fn page(&mut self, page: &Page<'a>) -> Result<(), Problem> {
        let first = self.nodes.len();
        self.nodes.push(Node::default());
        self.read(first, page.page_stream().unwrap_or_default(), page.resources())?;
        let annotations = page.raw().get::<Array<'_>>(ANNOTS);
        for annotation in annotations.iter().flat_map(|all| all.iter::<Dict<'_>>()) {
            self.pay(LOOK.saturating_add(annotation.data().len() as u64))?;
            if let Some(form) = appearance(&annotation) {
                self.call(first, &form, page.resources(), 1)?;
            }
        }
        while let Some((node, form, resources)) = self.waiting.pop() {
            let size = self.size(&form)?;
            self.pay(size / BYTES)?;
            let content = form.decoded_data().unwrap_or_default();
            self.read(node, &content, &resources)?;
        }
        self.settle(first)?;
        let all = self.nodes.get(first).map_or(0, |node| node.all);
        self.pay(all)
    }

    fn pay(&self, steps: u64) -> Result<(), Problem> {
        self.work.spend(usize::try_from(steps).unwrap_or(usize::MAX))
    }

    /// Adds up what the nodes from `first` on call: forms that call themselves, as deep as the library follows them.
    fn settle(&mut self, first: usize) -> Result<(), Problem> {
        for node in self.nodes.iter_mut().skip(first) {
            node.all = node.own;
        }
        for _ in 0..=DEPTH {
            let edges: usize = self.nodes.iter().skip(first).map(|node| 1 + node.calls.len()).sum();
            self.work.spend(edges)?;
            let with_calls = |node: &Node| {
                let one = |(to, times): (&usize, &u64)| {
                    self.nodes.get(*to).map_or(0, |called| called.all.saturating_mul(*times))
                };
                node.calls.iter().map(one).fold(node.own, u64::saturating_add)
            };
            let all: Vec<u64> = self.nodes.iter().skip(first).map(with_calls).collect();
            let mut is_new = false;
            for (node, all) in self.nodes.iter_mut().skip(first).zip(all) {
                is_new |= node.all != all;
                node.all = all;
            }
            if !is_new {
                break;
            }
        }
        Ok(())
    }

    /// Enters that a node calls a form, or an image.
    fn call(
        &mut self,
        from: usize,
        form: &Stream<'a>,
        resources: &Resources<'a>,
        times: u64,
    ) -> Result<(), Problem> {
        let dict = form.dict();
        let mut steps = CALL.saturating_add(dict.data().len() as u64);
        let is_form = dict.get::<Name<'_>>(SUBTYPE).is_none_or(|name| &*name != b"Image");
        if is_form {
            let own = dict.get::<Dict<'a>>(b"Resources");
            steps = steps.saturating_add(own.as_ref().map_or(0, dictionaries));
            let place = own.as_ref().map_or_else(|| place_of(resources), |own| own.data().as_ptr() as usize);
            let resources = own.map_or_else(|| resources.clone(), Resources::new);
            let key = (dict.data().as_ptr() as usize, place);
            let to = match self.known.get(&key) {
                Some(to) => *to,
                None => {
                    let to = self.nodes.len();
                    self.nodes.push(Node::default());
                    self.known.insert(key, to);
                    self.waiting.push((to, form.clone(), resources));
                    to
                }
            };
            if let Some(node) = self.nodes.get_mut(from) {
                let count = node.calls.entry(to).or_default();
                *count = count.saturating_add(times);
            }
        }
        self.charge(from, steps.saturating_mul(times));
        Ok(())
    }

    fn charge(&mut self, node: usize, steps: u64) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.own = node.own.saturating_add(steps);
        }
    }

    /// Reads the instructions of a page or a form.
    fn read(&mut self, node: usize, content: &[u8], resources: &Resources<'a>) -> Result<(), Problem> {
        // Where an image ends that stands among them is looked for again and again.
        let images = memmem::find_iter(content, b"BI").count();
        self.work.spend_each(images, content.len() / 256)?;
        let bytes = content.len() as u64 / BYTES;
        self.pay(bytes)?;
        // Decoded and read at every call.
        self.charge(node, bytes);
        let mut uses: BTreeMap<(u8, Vec<u8>), u64> = BTreeMap::new();
        let (mut points, mut cut_out, mut is_cutting) = (0, 0, false);
        let mut operations = UntypedIter::new(content);
        while let Some(operation) = operations.next() {
            self.work.spend(INSTRUCTION as usize)?;
            self.charge(node, INSTRUCTION);
            let mut operands = operation.operands();
            let operator: &[u8] = operation.operator;
            let kind = match operator {
                b"Do" => b'x',
                b"gs" => b'g',
                b"cs" | b"CS" => b'c',
                b"scn" | b"SCN" => b'p',
                b"sh" => b's',
                b"Tf" => b'f',
                b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" => {
                    points += if operator == b"re" { 5 } else { 1 };
                    if points > POINTS {
                        return Err(Problem::unreadable(format!("limit_rules: {POINTS} points in a path")));
                    }
                    continue;
                }
                b"n" | b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"S" | b"s" => {
                    points = 0;
                    continue;
                }
                b"Tr" => {
                    is_cutting = operands.next().is_some_and(
                        |mode| matches!(mode, Object::Number(n) if (4..=7).contains(&n.as_i64())),
                    );
                    continue;
                }
                b"BT" | b"ET" => {
                    cut_out = 0;
                    continue;
                }
                b"Tj" | b"TJ" | b"'" | b"\"" => {
                    let length = |shown: &Object<'_>| match shown {
                        Object::String(text) => text.as_bytes().len(),
                        Object::Array(parts) => parts.data().len(),
                        _ => 0,
                    };
                    let shown: usize = operands.map(length).sum();
                    cut_out += if is_cutting { shown } else { 0 };
                    if shown > AT_ONCE || cut_out > CUT_OUT {
                        return Err(Problem::unreadable(format!("limit_glyphs: {AT_ONCE} at once allowed")));
                    }
                    continue;
                }
                _ => continue,
            };
            let name = match operands.last() {
                Some(Object::Name(name)) if kind != b'f' => name.to_vec(),
                _ if kind == b'f' => match operation.operands().next() {
                    Some(Object::Name(name)) => name.to_vec(),
                    _ => continue,
                },
                _ => continue,
            };
            let count = uses.entry((kind, name)).or_default();
            *count = count.saturating_add(1);
        }
        for ((kind, name), times) in uses {
            self.used(node, kind, &name, times, resources)?;
        }
        Ok(())
    }

    /// Charges what instructions name, as often as they do.
    fn used(
        &mut self,
        node: usize,
        kind: u8,
        name: &[u8],
        times: u64,
        resources: &Resources<'a>,
    ) -> Result<(), Problem> {
        if kind == b'x' {
            return match resources.x_objects.get::<Stream<'a>>(name) {
                Some(form) => self.call(node, &form, resources, times),
                None => {
                    self.charge(node, LOOK.saturating_mul(times));
                    Ok(())
                }
            };
        }
        let dict = match kind {
            b'g' => &resources.ext_g_states,
            b'c' => &resources.color_spaces,
            b'p' => &resources.patterns,
            b's' => &resources.shadings,
            _ => &resources.fonts,
        };
        let Some(object) = dict.get::<Object<'a>>(name) else {
            self.charge(node, LOOK.saturating_mul(times));
            return Ok(());
        };
        let steps = match (kind, &object) {
            // A pattern of tiles is decoded when it is drawn, and it is not.
            (b'p', Object::Stream(stream)) => {
                let own = stream.dict().get::<Dict<'_>>(b"Resources");
                (stream.dict().data().len() as u64).saturating_add(own.as_ref().map_or(0, dictionaries))
            }
            // Made once and kept.
            (b'c' | b'f', object) => {
                let length = length_of(object);
                self.keep(object.clone())?;
                length
            }
            _ => self.reach(object)?.steps,
        };
        self.charge(node, LOOK.saturating_add(steps).saturating_mul(times));
        Ok(())
    }

    /// Pays for what is made once, and for the memory it takes.
    fn keep(&mut self, object: Object<'a>) -> Result<(), Problem> {
        let place = place(&object);
        if self.kept.contains(&place) {
            return Ok(());
        }
        let cost = self.reach(object)?;
        self.kept.insert(place);
        self.pay(cost.steps / BYTES)?;
        self.kept_left =
            self.kept_left.checked_sub(cost.bytes).ok_or_else(|| limit(self.limits.unpacked_bytes))?;
        Ok(())
    }

    /// What a colour, a pattern, a state or a font comes to with all it refers to.
    fn reach(&mut self, start: Object<'a>) -> Result<Cost, Problem> {
        let first = place(&start);
        let mut above: BTreeSet<usize> = BTreeSet::new();
        let mut steps = vec![Step::Enter(start, 0, false)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(object, depth, is_map) => {
                    let here = place(&object);
                    if here == 0 || self.reached.contains_key(&here) {
                        continue;
                    }
                    // What refers to itself would be followed without end.
                    if depth > NESTED || !above.insert(here) {
                        return Err(self.work.problem());
                    }
                    self.pay(LOOK.saturating_add(length_of(&object)))?;
                    let own = self.own(&object, is_map)?;
                    let parts = parts(&object);
                    let places = parts.iter().map(|(part, _)| place(part)).filter(|at| *at != 0).collect();
                    steps.push(Step::Leave(here, own, places));
                    let parts = parts.into_iter().filter(|(part, _)| place(part) != 0);
                    steps.extend(parts.map(|(part, is_map)| Step::Enter(part, depth + 1, is_map)));
                }
                Step::Leave(here, own, parts) => {
                    above.remove(&here);
                    let cost = |at: &usize| self.reached.get(at).copied().unwrap_or_default();
                    let all = parts.iter().map(cost).fold(own, Cost::and);
                    self.reached.insert(here, all);
                }
            }
        }
        Ok(self.reached.get(&first).copied().unwrap_or_default())
    }

    /// What an object costs without those it refers to.
    fn own(&self, object: &Object<'a>, is_map: bool) -> Result<Cost, Problem> {
        let own = LOOK.saturating_add(length_of(object));
        let Object::Stream(stream) = object else { return Ok(Cost { steps: own, bytes: own }) };
        let size = self.size(stream)?;
        let mut cost = Cost { steps: own.saturating_add(size), bytes: own.saturating_add(size) };
        if stream.dict().get::<u32>(b"FunctionType") == Some(4) {
            let is_small =
                size <= PROGRAM && nesting(&stream.decoded_data().unwrap_or_default()) <= PROCEDURES;
            return if is_small { Ok(cost) } else { Err(self.work.problem()) };
        }
        if is_map {
            self.pay(size / BYTES)?;
            if longest_meaning(&stream.decoded_data().unwrap_or_default()) > MEANING {
                return Err(limit(self.limits.unpacked_bytes));
            }
            cost.bytes = cost.bytes.saturating_mul(MAPPED);
            cost.steps = cost.steps.saturating_mul(MAPPED);
        }
        Ok(cost)
    }

    /// How many bytes a stream becomes.
    fn size(&self, stream: &Stream<'_>) -> Result<u64, Problem> {
        filters::check_rows(stream.dict())?;
        let raw = stream.raw_data();
        let most = self.limits.unpacked_bytes;
        filters::length(&raw, &stream.filters(), most).ok_or_else(|| limit(most))
    }
}

/// The form that shows an annotation, as the library chooses it.
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'_>>(AP)?.get::<Object<'_>>(N)? {
        Object::Stream(stream) => Some(stream),
        Object::Dict(states) => annotation
            .get::<Name<'_>>(AS)
            .and_then(|state| states.get::<Stream<'_>>(state))
            .or_else(|| states.get::<Stream<'_>>(b"Off")),
        _ => None,
    }
}

/// Bytes of resources and of what is listed in them: all is read at every call.
fn dictionaries(resources: &Dict<'_>) -> u64 {
    let all = Resources::new(resources.clone());
    let parts = [
        &all.ext_g_states,
        &all.fonts,
        &all.properties,
        &all.color_spaces,
        &all.x_objects,
        &all.patterns,
        &all.shadings,
    ];
    parts.iter().map(|part| part.data().len() as u64).fold(resources.data().len() as u64, u64::saturating_add)
}

/// Where resources stand: those of two pages may be one.
fn place_of(resources: &Resources<'_>) -> usize {
    let parts = [
        &resources.x_objects,
        &resources.color_spaces,
        &resources.ext_g_states,
        &resources.patterns,
        &resources.fonts,
        &resources.shadings,
    ];
    parts.iter().fold(0, |sum: usize, part| sum.rotate_left(7) ^ (part.data().as_ptr() as usize))
}

/// Where an object stands; 0 for what refers to nothing. What is in a list may begin where the list does.
fn place(object: &Object<'_>) -> usize {
    let at = |bytes: &[u8], kind: usize| (bytes.as_ptr() as usize).rotate_left(2) ^ kind;
    match object {
        Object::Dict(dict) => at(dict.data(), 1),
        Object::Array(array) => at(array.data(), 2),
        Object::Stream(stream) => at(stream.dict().data(), 3),
        _ => 0,
    }
}

fn length_of(object: &Object<'_>) -> u64 {
    match object {
        Object::Dict(dict) => dict.data().len() as u64,
        Object::Array(array) => array.data().len() as u64,
        Object::Stream(stream) => stream.dict().data().len() as u64,
        _ => 0,
    }
}

/// What an object refers to, and whether it says what characters mean.
fn parts<'a>(object: &Object<'a>) -> Vec<(Object<'a>, bool)> {
    let of_dict = |dict: &Dict<'a>| {
        let part = |key: &&[u8]| {
            let is_map = matches!(*key, b"ToUnicode" | b"Encoding" | b"UseCMap");
            Some((dict.get::<Object<'a>>(*key)?, is_map))
        };
        FOLLOWED.iter().filter_map(part).collect()
    };
    match object {
        Object::Dict(dict) => of_dict(dict),
        Object::Stream(stream) => of_dict(stream.dict()),
        Object::Array(array) => array.iter::<Object<'a>>().map(|part| (part, false)).collect(),
        _ => Vec::new(),
    }
}

/// How deep braces lie in one another.
fn nesting(program: &[u8]) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in program {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        most = most.max(depth);
    }
    most
}

/// The longest text in angle brackets.
fn longest_meaning(map: &[u8]) -> usize {
    let (mut longest, mut rest) = (0, map);
    while let Some(start) = memchr::memchr(b'<', rest) {
        rest = rest.get(start + 1..).unwrap_or_default();
        let length = memchr::memchr2(b'<', b'>', rest).unwrap_or(rest.len());
        longest = longest.max(length);
        rest = rest.get(length..).unwrap_or_default();
    }
    longest
}
