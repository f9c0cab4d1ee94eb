//! A strip of the drawn map: an address space row by row and to scale, each part a box with its name, range and use.

use crate::{
    base::{Prefix, cidr::from_bits},
    network::report::Demand,
};

use super::{
    ip_rows::{Row, rows},
    ip_view::{Part, SpaceView},
    ip_words::{addresses, amount},
    svg::{Anchor, Area, Svg, fit, width_of},
};

/// What is drawn in a part's box.
pub struct Look {
    pub class: String,
    pub name: String,
    /// The name for a narrow box.
    pub short: String,
    /// A short sign for boxes too small for a name.
    pub mark: String,
    pub range: String,
    /// All of it, for a pointer or a screen reader.
    pub title: String,
    /// What is asked of how much.
    pub usage: Option<(Demand, u64)>,
}

/// Height of a lane of a row, and of a row that stands for much free space.
const LANE: f64 = 42.0;
const FREE: f64 = 20.0;
/// So many rows of one use are drawn at their full height; more are drawn as one.
const TALL: u128 = 3;
/// Rows of one strip at most, as far as what is in it allows.
const MOST: usize = 14;
/// The smallest subnet is at least a 64th of a row.
const FINE: u8 = 6;
/// Width of the column that says where a row begins.
fn labels(space: &SpaceView) -> f64 {
    if space.prefix.v6 { 200.0 } else { 136.0 }
}

/// Draws a space from `y` on, within `left` and `right`; gives where it ends. `look` says what a part looks like; nothing: free.
pub fn strip(svg: &mut Svg, space: &SpaceView, (left, right): (f64, f64), y: f64, look: &dyn Fn(&Part) -> Option<Look>) -> f64 {
    let rows = rows(space, MOST, FINE);
    let mut y = y;
    let labels = labels(space);
    let area = |y: f64, height: f64| Area { x: left + labels, y, width: right - left - labels, height };
    for row in &rows.rows {
        let free = row.lanes.iter().flatten().all(|p| look(p).is_none());
        let height = match (free, row.count) {
            (true, _) => FREE,
            (false, n) if n <= TALL => LANE * n as f64 * row.lanes.len() as f64,
            (false, _) => LANE * row.lanes.len() as f64,
        };
        label(svg, space, row, rows.len, (left, y, height));
        let lane_height = height / row.lanes.len().max(1) as f64;
        for (lane, parts) in row.lanes.iter().enumerate() {
            let lane_area = area(y + lane_height * lane as f64, lane_height);
            let mut unnamed = Vec::new();
            for part in parts {
                let (from, to) = (row.place(part.first), row.place(part.last) + 1.0 / ((row.last - row.first) as f64 + 1.0));
                let x = lane_area.x + from * lane_area.width;
                let cell = inset(Area { x, width: (to - from) * lane_area.width, ..lane_area });
                match look(part) {
                    Some(look) => {
                        // What lies over another part is wrong, whatever else is said of it.
                        let look = if lane > 0 { Look { class: "bad".to_owned(), ..look } } else { look };
                        if !cell_box(svg, cell, &look) && look.mark.is_empty() {
                            unnamed.push(format!("{} {}", look.name, look.range));
                        }
                    }
                    None => free_box(svg, cell, space.prefix.v6, part, &std::mem::take(&mut unnamed)),
                }
            }
        }
        y += height;
    }
    y
}

/// A gap between neighbours that does not eat small boxes.
fn inset(area: Area) -> Area {
    let gap = (area.width * 0.1).min(1.0);
    Area { x: area.x + gap, y: area.y + 1.5, width: area.width - 2.0 * gap, height: area.height - 3.0 }
}

fn label(svg: &mut Svg, space: &SpaceView, row: &Row, len: u8, (x, y, height): (f64, f64, f64)) {
    let room = labels(space) - 12.0;
    let first = from_bits(space.prefix.v6, row.first);
    let text = if row.count == 1 { format!("{}", Prefix { v6: space.prefix.v6, base: row.first, len }) } else { first.to_string() };
    let small = height < 30.0;
    let middle = y + height / 2.0 + 4.0;
    let text = fit(&text, room, 11.0, true).unwrap_or_default();
    svg.text("mono quiet", (x, if small || row.count == 1 { middle } else { y + 16.0 }), Anchor::Start, &text);
    if row.count > 1 && !small {
        let last = from_bits(space.prefix.v6, row.last).to_string();
        let last = fit(&format!("to {last}"), room, 11.0, true).unwrap_or_default();
        svg.text("mono quiet", (x, y + 31.0), Anchor::Start, &last);
    }
}

/// Draws a part that has no place in any space, on a row of its own; gives where it ends.
pub fn stray(svg: &mut Svg, why: &str, (left, right): (f64, f64), y: f64, look: &Look) -> f64 {
    svg.text("quiet", (left, y + LANE / 2.0 + 4.0), Anchor::Start, why);
    let x = left + 136.0;
    let wanted = width_of(&look.name, 12.0, false).max(width_of(&look.range, 11.0, true)) + 16.0;
    cell_box(svg, inset(Area { x, y, width: wanted.clamp(120.0, right - x), height: LANE }), look);
    y + LANE
}

/// Draws a part; gives whether its name is in it.
fn cell_box(svg: &mut Svg, area: Area, look: &Look) -> bool {
    svg.open(&look.title);
    svg.rect(&look.class, area, if area.width > 8.0 { 3.0 } else { 0.0 });
    let room = area.width - 10.0;
    let whole = |text: &str| width_of(text, 12.0, false) <= room;
    let name = [&look.name, &look.short].into_iter().find(|n| whole(n)).cloned();
    let name = name.or_else(|| fit(&look.short, room, 12.0, false).filter(|n| n.chars().count() > 8));
    let (x, middle) = (area.x + 5.0, area.y + area.height / 2.0);
    let is_named = name.is_some();
    match name {
        Some(name) => {
            let range = fit(&look.range, room, 11.0, true).filter(|r| *r == look.range);
            svg.text("h3", (x, if range.is_some() { area.y + 15.0 } else { middle + 2.0 }), Anchor::Start, &name);
            if let Some(range) = range {
                svg.text("mono", (x, area.y + 29.0), Anchor::Start, &range);
            }
        }
        None if width_of(&look.mark, 10.0, false) + 0.5 <= area.width => {
            svg.text("tiny", (area.x + area.width / 2.0, middle + 2.0), Anchor::Middle, &look.mark);
        }
        None => {}
    }
    if let Some((demand, usable)) = &look.usage
        && area.width >= 5.0
    {
        let bar = Area { x: area.x + 2.0, y: area.y + area.height - 6.0, width: area.width - 4.0, height: 4.0 };
        usage(svg, bar, demand, *usable);
    }
    svg.close();
    is_named
}

/// Draws free space. Names of parts before it that had no room for them stand here.
fn free_box(svg: &mut Svg, area: Area, v6: bool, part: &Part, before: &[String]) {
    let size = part.size();
    let (first, last) = (from_bits(v6, part.first), from_bits(v6, part.last));
    svg.open(&format!("free: {first} to {last}, {}", addresses(size)));
    svg.rect("free", area, if area.width > 8.0 { 3.0 } else { 0.0 });
    if !before.is_empty() {
        let text = fit(&format!("◂ {}", before.join(", ")), area.width - 10.0, 12.0, false).unwrap_or_default();
        svg.text("h3", (area.x + 5.0, area.y + 15.0), Anchor::Start, &text);
    }
    let base = if before.is_empty() { area.y + area.height / 2.0 + 3.5 } else { area.y + 30.0 };
    let long = format!("free: {} ({first} – {last})", addresses(size));
    let all = [long, format!("{} free", amount(size)), "free".to_owned()];
    if let Some(text) = all.iter().find(|t| width_of(t, 10.0, false) <= area.width - 12.0) {
        svg.text("tiny quiet", (area.x + 6.0, base), Anchor::Start, text);
    }
    svg.close();
}

/// A bar of what is used: now dark, at the peak lighter, more than there is in red up to the end.
pub fn usage(svg: &mut Svg, area: Area, demand: &Demand, usable: u64) {
    let most = demand.most();
    svg.rect("track", area, area.height / 2.0);
    if most == 0 {
        return;
    }
    let whole = usable.max(most).max(1) as f64;
    let share = |n: u64| area.width * n as f64 / whole;
    // Anything at all is to be seen.
    let seen = |width: f64| width.max(1.0).min(area.width);
    if most > usable {
        let room = share(usable);
        svg.rect("over", Area { x: area.x + room, width: area.width - room, ..area }, 0.0);
    }
    svg.rect("later", Area { width: seen(share(most.min(usable))), ..area }, 0.0);
    if demand.now > 0 {
        svg.rect("now", Area { width: seen(share(demand.now.min(usable))), ..area }, 0.0);
    }
}
