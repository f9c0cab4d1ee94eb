//! Route tables and routes of a plan.

use crate::{
    base::ResourceId,
    network::{Cidr, Known, NextHop, Route, RouteTable},
};

use super::block::Block;

/// Tables, and routes that are not in their table yet.
#[derive(Default)]
pub struct Routes {
    tables: Vec<RouteTable>,
    routes: Vec<(ResourceId, Route)>,
}

impl Routes {
    pub fn table(&mut self, block: &Block) {
        let Some(id) = block.own_id() else { return };
        let inline = block.each("route");
        let routes = inline.iter().filter_map(|b| route(b, b.origin_at(&["name", "address_prefix"]))).collect();
        self.tables.push(RouteTable { id, origin: block.origin(), routes });
    }

    pub fn route(&mut self, block: &Block) {
        let table = block.own_id().and_then(|id| id.parent());
        self.routes.extend(table.and_then(|t| Some((t, route(block, block.origin())?))));
    }

    /// Each route in its table. A table lists all its routes, also those that are resources of their own, which say more.
    pub fn finish(mut self) -> Vec<RouteTable> {
        for (id, route) in self.routes {
            let place = self.tables.iter().position(|t| t.id == id);
            let origin = crate::network::Origin::new(&id, None);
            let place = place.unwrap_or_else(|| {
                self.tables.push(RouteTable { id, origin, routes: Vec::new() });
                self.tables.len() - 1
            });
            let Some(table) = self.tables.get_mut(place) else { continue };
            table.routes.retain(|r| !r.name.eq_ignore_ascii_case(&route.name));
            table.routes.push(route);
        }
        self.tables
    }
}

fn route(block: &Block, origin: crate::network::Origin) -> Option<Route> {
    let destination: Option<Cidr> = match block.text("address_prefix") {
        // A service tag is no range.
        Some(text) if !text.contains('/') => None,
        _ => block.cidr("address_prefix"),
    };
    Some(Route { name: block.text("name")?.to_owned(), origin, destination, next_hop: next_hop(block) })
}

fn next_hop(block: &Block) -> NextHop {
    if let Some(waits) = block.waits("next_hop_type") {
        return NextHop::Unknown(waits);
    }
    match (block.word("next_hop_type", "VirtualAppliance"), block.text("next_hop_in_ip_address")) {
        (true, None) => NextHop::Appliance(Known::Unknown(block.name_of("next_hop_in_ip_address"))),
        (_, address) => NextHop::of(block.text("next_hop_type"), address),
    }
}
