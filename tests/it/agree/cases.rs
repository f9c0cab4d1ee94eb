//! Random networks with a cluster: mostly sound, now and then with one thing wrong, often near the limits.

use serde_json::{Value as Json, json};

pub const GROUP: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg";

/// Splitmix64: the same numbers for the same seed, on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// True in so many of a hundred cases.
    fn in_hundred(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    NodeSubnet,
    Pods,
    Blocks,
    Overlay,
    Kubenet,
    Byo,
    /// No network profile at all.
    Nothing,
}

/// What is sent to Azure, in order; the cluster last. Bodies carry their ids, so that they read as resources.
pub struct Case {
    pub writes: Vec<(String, Json)>,
    mode: Mode,
}

/// The place of one subnet: 10.1.x.0 of the third number given, with a length.
fn prefix(third: u64, fourth: u64, len: u64) -> String {
    let mask = u32::MAX.checked_shl(32 - len as u32).unwrap_or(0);
    let address = (0x0a01_0000 | (third as u32) << 8 | fourth as u32) & mask;
    format!("{}/{len}", std::net::Ipv4Addr::from(address))
}

fn network(kind: &str, name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Network/{kind}/{name}")
}

fn subnet_id(name: &str) -> String {
    format!("{}/subnets/{name}", network("virtualNetworks", "spoke"))
}

impl Case {
    pub fn random(random: &mut Random) -> Case {
        let mode = *random.pick(&[
            Mode::NodeSubnet,
            Mode::NodeSubnet,
            Mode::Pods,
            Mode::Blocks,
            Mode::Overlay,
            Mode::Overlay,
            Mode::Kubenet,
            Mode::Byo,
            Mode::Nothing,
        ]);
        let integrated = random.in_hundred(8);
        let delegated = random.in_hundred(4);
        let names = Names { more: if random.in_hundred(3) { "m".repeat(70) } else { "more".to_owned() } };
        let mut writes = Vec::new();
        let peered = random.in_hundred(10);
        if peered {
            writes.push(neighbour(random));
        }
        writes.push(vnet(random, mode, (integrated, delegated, peered), &names));
        for i in 0..if delegated { random.below(2) } else { random.below(5) } {
            writes.push(interface(random, i));
        }
        if random.in_hundred(8) {
            writes.push(tenant(random, mode));
        }
        writes.push(cluster(random, mode, integrated, &names));
        Case { writes, mode }
    }

    fn cluster(&self) -> (String, Json) {
        self.writes.last().cloned().unwrap_or_default()
    }

    /// The cluster with every pool that scales at its most; nothing when none does.
    pub fn at_maximum(&self) -> Option<(String, Json)> {
        let (path, mut body) = self.cluster();
        let mut any = false;
        for pool in body.pointer_mut("/properties/agentPoolProfiles")?.as_array_mut()? {
            if pool["enableAutoScaling"] == true {
                pool["count"] = pool["maxCount"].clone();
                any = true;
            }
        }
        any.then_some((path, body))
    }

    /// The cluster at its most with everything upgraded at once.
    pub fn upgraded(&self) -> (String, Json) {
        let (path, mut body) = self.at_maximum().unwrap_or_else(|| self.cluster());
        body["properties"]["kubernetesVersion"] = json!("1.34");
        for pool in body["properties"]["agentPoolProfiles"].as_array_mut().into_iter().flatten() {
            pool["orchestratorVersion"] = json!("1.34");
        }
        (path, body)
    }

    /// The network that the cluster is in.
    pub fn network(&self) -> String {
        network("virtualNetworks", "spoke")
    }

    /// Whether pods get their addresses in blocks.
    pub fn in_blocks(&self) -> bool {
        self.mode == Mode::Blocks
    }

    /// The bodies in few words.
    pub fn shown(&self) -> String {
        let bodies: Vec<String> = self.writes.iter().map(|(_, b)| b["properties"].to_string().replace(GROUP, "")).collect();
        format!("{:?}: {}", self.mode, bodies.join("\n     "))
    }
}

/// Names that may be too long.
struct Names {
    more: String,
}

/// Another network, to be peered with; now and then over the first.
fn neighbour(random: &mut Random) -> (String, Json) {
    let space = if random.in_hundred(20) { "10.1.128.0/20" } else { "10.2.0.0/16" };
    let path = network("virtualNetworks", "neighbour");
    (path.clone(), json!({ "id": path, "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": [space] } } }))
}

/// A small cluster that is in the subnet of the nodes already. Its upgrades take no room.
fn tenant(random: &mut Random, mode: Mode) -> (String, Json) {
    let plugin = if mode == Mode::Kubenet && random.in_hundred(50) { "kubenet" } else { "none" };
    let pool = json!({
        "name": "sys", "mode": "System", "count": 2, "vmSize": "Standard_D4s_v5", "vnetSubnetID": subnet_id("nodes"), "maxPods": 30,
        "upgradeSettings": { "maxSurge": "0", "maxUnavailable": "1" }
    });
    let profile = json!({ "networkPlugin": plugin, "serviceCidr": "172.20.0.0/16", "dnsServiceIP": "172.20.0.10" });
    let path = format!("{GROUP}/providers/Microsoft.ContainerService/managedClusters/tenant");
    let properties = json!({ "dnsPrefix": "tenant", "kubernetesVersion": "1.33", "agentPoolProfiles": [pool], "networkProfile": profile });
    (path.clone(), json!({ "id": path, "location": "westeurope", "identity": { "type": "SystemAssigned" }, "properties": properties }))
}

/// A network with subnets for nodes, pods, API servers and something else.
fn vnet(random: &mut Random, mode: Mode, (integrated, delegated, peered): (bool, bool, bool), names: &Names) -> (String, Json) {
    let mut subnets = Vec::new();
    let mut add = |name: &str, prefix: String, delegated: Option<&str>| {
        let delegations: Vec<Json> = delegated.iter().map(|s| json!({ "name": "d", "properties": { "serviceName": s } })).collect();
        subnets.push(json!({ "id": subnet_id(name), "name": name, "properties": { "addressPrefix": prefix, "delegations": delegations } }));
    };
    let roomy = if mode == Mode::NodeSubnet { [24, 23, 22, 22, 21, 20, 19] } else { [27, 26, 26, 25, 25, 24, 22] };
    let len = *random.pick(&roomy);
    add("nodes", prefix(0, 0, len), delegated.then_some("Microsoft.Sql/managedInstances"));
    let second = *random.pick(&[29, 28, 26, 24, 22]);
    add(&names.more, prefix(64, 0, second), None);
    if matches!(mode, Mode::Pods | Mode::Blocks) {
        let len = *random.pick(&[25, 24, 23, 22, 21, 20]);
        let theirs = random.in_hundred(3).then_some("Microsoft.Web/serverFarms");
        add("pods", prefix(96, 0, len), theirs);
    }
    if integrated {
        let len = *random.pick(&[28, 28, 28, 28, 27, 29]);
        add("api", prefix(128, 0, len), Some("Microsoft.ContainerService/managedClusters"));
    }
    // Something else: in its place, over the nodes, outside, too small, crooked.
    match random.below(70) {
        0 | 1 => add("other", prefix(0, 0, 26), None),
        2 => add("other", "10.9.0.0/24".to_owned(), None),
        3 => add("other", prefix(200, 0, 30), None),
        4 => add("other", "10.1.200.7/24".to_owned(), None),
        5 => add("AzureBastionSubnet", prefix(200, 0, 27), None),
        6 => add("GatewaySubnet", prefix(200, 0, 27), None),
        _ => add("other", prefix(200, 0, 24), None),
    }
    let space = match random.below(90) {
        0 => json!(["10.1.0.0/16", "169.254.8.0/24"]),
        1 => json!(["10.1.0.0/16", "10.1.8.0/24"]),
        2 => json!(["10.1.0.0/16", "172.31.8.0/24"]),
        _ => json!(["10.1.0.0/16"]),
    };
    let path = network("virtualNetworks", "spoke");
    let mut body = json!({ "id": path, "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": space }, "subnets": subnets } });
    if peered {
        let peering = json!({ "name": "p", "properties": { "remoteVirtualNetwork": { "id": network("virtualNetworks", "neighbour") } } });
        body["properties"]["virtualNetworkPeerings"] = json!([peering]);
    }
    (path, body)
}

/// An interface among the nodes, now and then with an address that it cannot have.
fn interface(random: &mut Random, i: u64) -> (String, Json) {
    let mut properties = json!({ "subnet": { "id": subnet_id("nodes") } });
    let address = match random.below(120) {
        0 => Some("10.1.0.3".to_owned()),
        1 => Some("10.8.0.9".to_owned()),
        2 => Some("10.1.0.8".to_owned()),
        _ => None,
    };
    if let Some(address) = address {
        properties["privateIPAllocationMethod"] = json!("Static");
        properties["privateIPAddress"] = json!(address);
    }
    let path = network("networkInterfaces", &format!("nic{i}"));
    let config = json!({ "name": "c", "properties": properties });
    (path.clone(), json!({ "id": path, "location": "westeurope", "properties": { "ipConfigurations": [config] } }))
}

fn cluster(random: &mut Random, mode: Mode, integrated: bool, names: &Names) -> (String, Json) {
    let mut properties = json!({ "dnsPrefix": "aks", "kubernetesVersion": "1.33" });
    if let Some(profile) = profile(random, mode) {
        properties["networkProfile"] = profile;
    }
    if random.in_hundred(15) {
        properties["apiServerAccessProfile"]["enablePrivateCluster"] = json!(true);
    }
    if integrated {
        properties["apiServerAccessProfile"]["enableVnetIntegration"] = json!(true);
        properties["apiServerAccessProfile"]["subnetId"] = json!(subnet_id("api"));
    }
    let pools: Vec<Json> = (0..1 + random.below(3)).map(|i| pool(random, mode, i, names)).collect();
    properties["agentPoolProfiles"] = json!(pools);
    let path = format!("{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks");
    (path.clone(), json!({ "id": path, "location": "westeurope", "identity": { "type": "SystemAssigned" }, "properties": properties }))
}

fn profile(random: &mut Random, mode: Mode) -> Option<Json> {
    let mut profile = match mode {
        Mode::Nothing => return None,
        Mode::NodeSubnet | Mode::Pods | Mode::Blocks => json!({ "networkPlugin": "azure" }),
        Mode::Overlay => json!({ "networkPlugin": "azure", "networkPluginMode": "overlay" }),
        Mode::Kubenet => json!({ "networkPlugin": "kubenet" }),
        Mode::Byo => json!({ "networkPlugin": "none" }),
    };
    let (service, dns) = match random.below(60) {
        0 => ("10.1.200.0/24", "10.1.200.10"),
        1 => ("10.1.0.0/22", "10.1.0.10"),
        2 => ("172.16.0.0/12", "172.16.0.10"),
        3 => ("172.30.0.0/16", "172.30.0.10"),
        4 => ("10.1.240.0/24", "10.1.240.10"),
        5 => ("20.0.0.0/16", "20.0.0.10"),
        6 | 7 => ("172.16.0.0/16", "10.0.0.10"),
        8 => ("172.16.0.0/16", "172.16.0.1"),
        9 => ("172.16.0.0/16", "172.16.255.255"),
        10 => ("10.244.128.0/18", "10.244.128.10"),
        _ => *random.pick(&[("172.16.0.0/16", "172.16.0.10"), ("172.16.0.0/20", "172.16.0.10"), ("192.168.0.0/24", "192.168.0.53")]),
    };
    profile["serviceCidr"] = json!(service);
    profile["dnsServiceIP"] = json!(dns);
    if matches!(mode, Mode::Overlay | Mode::Kubenet) {
        let pods = match random.below(20) {
            0 => "10.1.0.0/16",
            1 => "172.30.0.0/18",
            2 => "172.16.0.0/17",
            // The kubelets of kubenet find out late that the range is too small: Azure does not look.
            _ if mode == Mode::Kubenet => "10.244.0.0/14",
            _ => *random.pick(&["10.244.0.0/16", "10.244.0.0/17", "10.244.0.0/18", "10.244.0.0/19", "10.244.0.0/20", "10.244.0.0/22"]),
        };
        profile["podCidr"] = json!(pods);
    }
    Some(profile)
}

fn pool(random: &mut Random, mode: Mode, i: u64, names: &Names) -> Json {
    let name = ["sys", "apps", "batch"][i as usize];
    let few = mode == Mode::NodeSubnet;
    let count = 1 + random.below(if few { 8 } else { 25 });
    let subnet = if i > 0 && random.in_hundred(25) { names.more.as_str() } else { "nodes" };
    let mut pool = json!({
        "name": name, "mode": if i == 0 { "System" } else { "User" }, "count": count, "vmSize": "Standard_D4s_v5", "vnetSubnetID": subnet_id(subnet),
    });
    let most = match random.below(90) {
        0 => Some(5),
        1 => Some(300),
        _ => [None, None, Some(30), Some(31), Some(50), Some(110)][random.below(6) as usize],
    };
    if let Some(most) = most {
        pool["maxPods"] = json!(most);
    }
    if matches!(mode, Mode::Pods | Mode::Blocks) {
        pool["podSubnetID"] = json!(subnet_id("pods"));
        // Now and then a second pool that gives out addresses in the other way.
        let odd = i > 0 && random.in_hundred(4);
        if (mode == Mode::Blocks) != odd {
            pool["podIPAllocationMode"] = json!("StaticBlock");
        }
    }
    if random.in_hundred(40) {
        pool["enableAutoScaling"] = json!(true);
        pool["minCount"] = json!(1);
        pool["maxCount"] = json!(count + random.below(if few { 8 } else { 20 }));
    }
    if i > 0 && random.in_hundred(15) {
        pool["scaleSetPriority"] = json!("Spot");
        return pool;
    }
    let surge = match random.below(80) {
        0 => Some("many"),
        1..=3 => Some("0"),
        _ => [None, Some("1"), Some("5"), Some("33%"), Some("50%"), Some("100%"), Some("200%")][random.below(7) as usize],
    };
    if let Some(surge) = surge {
        pool["upgradeSettings"] = if surge == "0" { json!({ "maxSurge": "0", "maxUnavailable": "1" }) } else { json!({ "maxSurge": surge }) };
    }
    pool
}
