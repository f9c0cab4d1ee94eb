//! Which resources stand inside another's body, and where: parts by their nature, and children that a first request may hold.

use crate::{
    base::ResourceId,
    schema::{Place, PlaceStep, ResourceType, Target},
};

/// Child resources whose parent's PUT creates them along with it, by type, with the member of `properties` that holds them.
/// Subnets are not among them: a network's PUT never carries `properties.subnets`, as it would remove what it does not name.
const CHILDREN: [(&str, &str); 3] = [
    ("Microsoft.Network/loadBalancers/backendAddressPools", "backendAddressPools"),
    ("Microsoft.Network/networkSecurityGroups/securityRules", "securityRules"),
    ("Microsoft.Network/routeTables/routes", "routes"),
];

fn member(ty: &ResourceType) -> Option<&'static str> {
    CHILDREN.iter().find(|(kind, _)| ty.is_own() && ty.arm_type.eq_ignore_ascii_case(kind)).map(|(_, member)| *member)
}

/// The resource that holds the target, and the place in its body.
pub fn place(ty: &ResourceType, target: &Target) -> Option<(ResourceId, Place)> {
    match target {
        Target::Part { owner, place, .. } => Some((owner.clone(), place.clone())),
        Target::Own { id } => {
            let element = PlaceStep::Element { key: "name".to_owned(), value: id.name().to_owned() };
            let steps = vec![PlaceStep::Member("properties".to_owned()), PlaceStep::Member(member(ty)?.to_owned()), element];
            Some((id.parent()?, Place { steps }))
        }
        _ => None,
    }
}

/// The ARM type of what holds such resources; nothing for what stands alone.
pub fn owner_type(ty: &ResourceType) -> Option<&str> {
    match member(ty) {
        Some(_) => ty.arm_type.rsplit_once('/').map(|(parent, _)| parent),
        None if ty.is_own() => None,
        None => Some(&ty.arm_type),
    }
}
