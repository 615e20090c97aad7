//! QAC041: which button leads where, drawn from the catalogue's ways.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::catalogue::{Entry, entries};
use super::{Page, served, shell_of};
use crate::scenario::Act;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{NavItem, Shell};
use crate::web::screens::{FLOWS, SCREENS};
use crate::web::shell::render;

const NODE_WIDTH: usize = 176;
const NODE_HEIGHT: usize = 52;
const COLUMN_GAP: usize = 84;
const ROW_GAP: usize = 18;
const MARGIN: usize = 16;
/// Letters of a title that fit a node.
const TITLE_MAX: usize = 12;
/// Times that each column is put in the order of those it is reached from.
const SWEEPS: usize = 4;

/// A button or a link from one screen to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// 画面ID.
    pub from: String,
    /// 画面ID.
    pub to: String,
    /// The words on it.
    pub label: String,
}

/// A screen in the drawing.
pub struct NodeView {
    /// 画面ID.
    pub id: String,
    /// Title, as far as it fits.
    pub short: String,
    /// Title.
    pub title: String,
    /// Left.
    pub x: usize,
    /// Top.
    pub y: usize,
}

/// A line in the drawing.
pub struct LineView {
    /// The path.
    pub d: String,
    /// What leads there.
    pub label: String,
}

/// The drawing by itself.
#[derive(Template)]
#[template(path = "qa/flow.svg")]
struct SvgPage {
    drawing: Drawing,
}

/// The drawing.
#[derive(Default)]
pub struct Drawing {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// The institution and the part of its screens.
    pub name: String,
    /// Screens.
    pub nodes: Vec<NodeView>,
    /// Lines.
    pub lines: Vec<LineView>,
}

impl Drawing {
    /// Sizes that the template needs.
    fn node_width(&self) -> usize {
        NODE_WIDTH
    }

    fn node_height(&self) -> usize {
        NODE_HEIGHT
    }
}

/// QAC041.
#[derive(Template)]
#[template(path = "qa/flow.html")]
pub struct FlowPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The portals.
    pub portals: Vec<NavItem>,
    /// The parts of the portal's screens.
    pub flows: Vec<NavItem>,
    /// The whole portal as one drawing.
    pub whole_url: String,
    /// The drawing of this part.
    pub drawing: Drawing,
    /// The same as lines.
    pub edges: Vec<Edge>,
}

#[derive(Deserialize)]
pub(super) struct FlowQuery {
    portal: Option<String>,
    flow: Option<String>,
}

/// What leads where in a portal, each pair of screens once with all words that lead there. Ways say
/// where they end; so the screens in the midst of one are known from the ways that end there.
fn edges(all: &[Entry], portal: &str) -> Vec<Edge> {
    let own: Vec<(&Entry, Vec<String>)> =
        all.iter().filter(|of| of.portal == portal).map(|of| (of, done(of))).collect();
    let mut shown: BTreeMap<&str, &str> = BTreeMap::new();
    for (entry, done) in &own {
        if let Some(whole) = done.last() {
            shown.entry(whole).or_insert(&entry.way.screen);
        }
    }
    let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (entry, done) in &own {
        let mut here: Option<&str> = None;
        for (step, done) in entry.way.steps.iter().zip(done) {
            let label = match &step.act {
                Act::Follow { link, .. } => Some(link.as_str()),
                Act::Press(press) => Some(press.button.as_str()),
                _ => None,
            };
            let next = shown.get(done.as_str()).copied();
            if let (Some(from), Some(label), Some(to)) = (here, label, next)
                && from != to
            {
                let labels = found.entry((from.to_owned(), to.to_owned())).or_default();
                labels.insert(label.to_owned());
            }
            // The clock and the worker leave the page as it is.
            let is_on_page = label.is_some() || matches!(step.act, Act::Open { .. });
            if is_on_page || matches!(step.act, Act::OpenMail { .. } | Act::Person { .. }) {
                here = next;
            }
        }
    }
    let joined = |labels: BTreeSet<String>| labels.into_iter().collect::<Vec<_>>().join("、");
    found.into_iter().map(|((from, to), labels)| Edge { from, to, label: joined(labels) }).collect()
}

/// All that was done up to each step, as text.
fn done(entry: &Entry) -> Vec<String> {
    let mut all = String::new();
    let mut each = Vec::new();
    for step in &entry.way.steps {
        all.push_str(&serde_json::to_string(&step.act).unwrap_or_default());
        all.push('\n');
        each.push(all.clone());
    }
    each
}

/// Whether a line belongs to the part: it begins or ends at one of its screens.
fn is_of(flow: &str, edge: &Edge) -> bool {
    [&edge.from, &edge.to].iter().any(|id| id.starts_with(flow))
}

/// Shows the map of a part of a portal's screens.
///
/// # Errors
/// A mistake in the shipped catalogue.
pub(super) async fn show(app: Data<WebApp>, query: Query<FlowQuery>) -> PageResult {
    let portals = served(&app);
    let first = portals.first().map(|(slug, _)| slug.clone()).unwrap_or_default();
    let query = query.into_inner();
    let wanted = query.portal.filter(|slug| portals.iter().any(|(known, _)| known == slug));
    let shown = wanted.unwrap_or(first);
    let all = edges(entries()?, &shown);
    let parts: Vec<(&str, &str)> = FLOWS
        .iter()
        .filter(|(flow, _)| all.iter().any(|edge| is_of(flow, edge)))
        .copied()
        .collect();
    let flow = query.flow.unwrap_or_default();
    let part = parts.iter().find(|(known, _)| *known == flow).or(parts.first()).copied();
    let (flow, name) = part.unwrap_or(("", "画面の流れ"));
    let own: Vec<Edge> = all.into_iter().filter(|edge| is_of(flow, edge)).collect();
    let drawing = draw(name, &own);
    let page = FlowPage {
        shell: shell_of(&app, Page::Flow),
        whole_url: format!("/qa/flow/{shown}.svg"),
        portals: portals
            .into_iter()
            .map(|(slug, label)| NavItem {
                url: format!("/qa/flow?portal={slug}"),
                is_current: slug == shown,
                label,
            })
            .collect(),
        flows: parts
            .into_iter()
            .map(|(of, label)| NavItem {
                url: format!("/qa/flow?portal={shown}&flow={of}"),
                is_current: of == flow,
                label: label.to_owned(),
            })
            .collect(),
        drawing,
        edges: own,
    };
    render(StatusCode::OK, &page)
}

/// The whole portal as one drawing.
///
/// # Errors
/// 404 for a portal that is not served; a mistake in the shipped catalogue.
pub(super) async fn whole(app: Data<WebApp>, path: Path<String>) -> PageResult {
    let file = path.into_inner();
    let slug = file.strip_suffix(".svg").ok_or(PageError::NotFound)?;
    let portals = served(&app);
    let (_, name) = portals.iter().find(|(known, _)| known == slug).ok_or(PageError::NotFound)?;
    let page = SvgPage { drawing: draw(name, &edges(entries()?, slug)) };
    let svg = page.render().map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "image/svg+xml")).body(svg))
}

fn draw(name: &str, edges: &[Edge]) -> Drawing {
    let columns = columns(edges);
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (column, ids) in columns.iter().enumerate() {
        for (row, id) in ids.iter().enumerate() {
            let x = MARGIN + column * (NODE_WIDTH + COLUMN_GAP);
            places.insert(id, (x, MARGIN + row * (NODE_HEIGHT + ROW_GAP)));
        }
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
    let line = |edge: &Edge| {
        let (from, to) = (places.get(edge.from.as_str())?, places.get(edge.to.as_str())?);
        Some(LineView { d: path(*from, *to), label: edge.label.clone() })
    };
    let node = |(id, (x, y)): (&&str, &(usize, usize))| {
        let title = SCREENS.iter().find(|screen| screen.id == *id).map_or("", |of| of.title);
        let is_long = title.chars().count() > TITLE_MAX;
        let cut: String = title.chars().take(TITLE_MAX - 1).collect();
        NodeView {
            id: (*id).to_owned(),
            short: if is_long { format!("{cut}…") } else { title.to_owned() },
            title: title.to_owned(),
            x: *x,
            y: *y,
        }
    };
    Drawing {
        width: MARGIN * 2 + columns.len() * (NODE_WIDTH + COLUMN_GAP),
        height: MARGIN * 2 + rows * (NODE_HEIGHT + ROW_GAP),
        name: name.to_owned(),
        nodes: places.iter().map(node).collect(),
        lines: edges.iter().filter_map(line).collect(),
    }
}

/// From the right side of one node to the left side of the other.
fn path((x, y): (usize, usize), (to_x, to_y): (usize, usize)) -> String {
    let (x, y) = (x + NODE_WIDTH, y + NODE_HEIGHT / 2);
    let to_y = to_y + NODE_HEIGHT / 2;
    let bend = COLUMN_GAP / 2;
    format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x + bend, to_x.saturating_sub(bend))
}

/// The screens by how many clicks they are away from where a way begins, each column in the order
/// that lets lines cross little.
fn columns(edges: &[Edge]) -> Vec<Vec<String>> {
    let ids: BTreeSet<&str> =
        edges.iter().flat_map(|edge| [edge.from.as_str(), edge.to.as_str()]).collect();
    let has_way = |id: &&str| edges.iter().any(|edge| edge.to == **id);
    let mut begin: BTreeSet<&str> = ids.iter().copied().filter(|id| !has_way(id)).collect();
    // Where every screen can be come to, the first of them.
    if begin.is_empty() {
        begin.extend(ids.first());
    }
    let mut columns: Vec<Vec<String>> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut now = begin;
    loop {
        if now.is_empty() {
            // A circle that nothing leads into.
            let Some(rest) = ids.iter().find(|id| !seen.contains(*id)) else { break };
            now.insert(rest);
        }
        seen.extend(now.iter().copied());
        columns.push(now.iter().map(|id| (*id).to_owned()).collect());
        let leads = |edge: &&Edge| now.contains(edge.from.as_str());
        let next = edges.iter().filter(leads).map(|edge| edge.to.as_str());
        now = next.filter(|id| !seen.contains(id)).collect();
    }
    for _ in 0..SWEEPS {
        for at in 1..columns.len() {
            let (before, after) = columns.split_at_mut(at);
            if let (Some(before), Some(column)) = (before.last(), after.first_mut()) {
                column.sort_by_key(|id| middle(edges, before, id));
            }
        }
    }
    columns
}

/// The mean row, in hundredths, of what leads here from the column before.
fn middle(edges: &[Edge], before: &[String], id: &str) -> usize {
    let rows: Vec<usize> = before
        .iter()
        .enumerate()
        .filter(|(_, from)| edges.iter().any(|edge| edge.from == **from && edge.to == id))
        .map(|(row, _)| row * 100)
        .collect();
    if rows.is_empty() { usize::MAX } else { rows.iter().sum::<usize>() / rows.len() }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::NO_PORTAL;
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned(), label: "次へ".to_owned() }
    }

    #[test]
    fn screens_stand_by_their_clicks() {
        let edges =
            [edge("A", "B"), edge("A", "C"), edge("B", "D"), edge("C", "D"), edge("D", "A")];
        // Everything leads somewhere: the first one begins.
        assert_eq!(columns(&edges), [vec!["A"], vec!["B", "C"], vec!["D"]]);
        assert_eq!(columns(&edges[..4]), [vec!["A"], vec!["B", "C"], vec!["D"]]);
        let crossed = [edge("A", "B"), edge("A", "C"), edge("B", "E"), edge("C", "D")];
        assert_eq!(columns(&crossed), [vec!["A"], vec!["B", "C"], vec!["E", "D"]]);
        assert_eq!(columns(&[]), Vec::<Vec<String>>::new());
        let drawing = draw("x", &edges);
        assert_eq!((drawing.nodes.len(), drawing.lines.len()), (4, 5));
        let svg = SvgPage { drawing }.render().unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains(">D<"), "{svg}");
    }

    #[test]
    fn most_screens_stand_on_the_map() {
        let all = entries().unwrap();
        for portal in ["shirakaba", "kodama", "minori", "inaho", "aoba"] {
            let edges = edges(all, portal);
            let has = |from: &str, to: &str| edges.iter().any(|e| e.from == from && e.to == to);
            assert!(edges.len() > 60, "{portal}: {}", edges.len());
            assert!(has("STF001", "STF002"), "{portal}");
        }
        let login = edges(all, "shirakaba").into_iter().find(|edge| edge.to == "BLG010").unwrap();
        assert_eq!((login.from.as_str(), login.label.as_str()), ("BLG001", "ログイン"));
    }

    /// Screens to which no way leads: a fault of the program; what takes a code from a mail that
    /// comes with another act; and what a script makes in the browser.
    const WITHOUT_WAY: [&str; 7] =
        ["BER500", "BSP002", "TOK001", "TOK002", "TOK003", "TOK004", "TOK005"];

    #[test]
    fn every_screen_has_a_way() {
        let all = entries().unwrap();
        for screen in SCREENS {
            let has_way = all.iter().any(|entry| entry.way.screen == screen.id);
            assert_eq!(has_way, !WITHOUT_WAY.contains(&screen.id), "{}", screen.id);
        }
    }

    #[test]
    fn the_shipped_ways_can_be_read() {
        let all = entries().unwrap();
        assert!(!all.is_empty());
        let known = |id: &str| SCREENS.iter().any(|screen| screen.id == id);
        for entry in all {
            assert!(known(&entry.way.screen), "{} {}", entry.portal, entry.key);
            assert!(entry.portal != NO_PORTAL || entry.way.screen.starts_with("TOK"));
        }
    }
}
