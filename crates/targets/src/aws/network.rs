//! The network: private and public subnets in each zone, ways out, and who may talk to whom.

use appia_intent::Address;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use crate::cloud::{Block, Reference, object, refer};

/// Letters of zones.
const LETTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Every address.
const EVERYWHERE: &str = "0.0.0.0/0";

/// Identities that others refer to.
pub(super) struct Network {
    pub(super) vpc: ObjectId,
    pub(super) public: Vec<ObjectId>,
    pub(super) private: Vec<ObjectId>,
}

/// Ways out of the private subnets: one for each zone where losing one has to be possible, else one.
pub(super) fn nats(spread: bool, zones: u32) -> u32 {
    if spread { zones } else { zones.min(1) }
}

impl Network {
    pub(super) fn new(zones: u32) -> Network {
        let letters = || LETTERS.iter().take(zones as usize);
        let subnet =
            |kind: &str| letters().map(|letter| id("aws_subnet", &format!("{kind}[\"{letter}\"]"))).collect();
        Network { vpc: id("aws_vpc", "main"), public: subnet("public"), private: subnet("private") }
    }

    /// The private subnets, for whatever runs in them.
    pub(super) fn private(&self) -> Vec<Reference> {
        self.private.iter().map(|subnet| refer(subnet, "id")).collect()
    }
}

#[derive(Serialize)]
struct Vpc {
    cidr_block: &'static str,
    enable_dns_hostnames: bool,
    enable_dns_support: bool,
}

#[derive(Serialize)]
struct Subnet {
    vpc_id: Reference,
    cidr_block: String,
    availability_zone: String,
    map_public_ip_on_launch: bool,
}

#[derive(Serialize)]
struct InternetGateway {
    vpc_id: Reference,
}

#[derive(Serialize)]
struct Eip {
    domain: &'static str,
}

#[derive(Serialize)]
struct NatGateway {
    allocation_id: Reference,
    subnet_id: Reference,
}

#[derive(Serialize)]
struct RouteTable {
    vpc_id: Reference,
    route: Block<Route>,
}

#[derive(Serialize)]
struct Route {
    cidr_block: &'static str,
    gateway_id: Option<Reference>,
    nat_gateway_id: Option<Reference>,
}

#[derive(Serialize)]
struct Association {
    subnet_id: Reference,
    route_table_id: Reference,
}

#[derive(Serialize)]
struct Endpoint {
    vpc_id: Reference,
    service_name: String,
    vpc_endpoint_type: &'static str,
    route_table_ids: Vec<Reference>,
}

#[derive(Serialize)]
struct DefaultGroup {
    vpc_id: Reference,
}

#[derive(Serialize)]
struct SecurityGroup {
    name: String,
    description: String,
    vpc_id: Reference,
}

/// Everything that all share.
pub(super) fn objects(scope: &Scope<'_>) -> Vec<Object> {
    let (at, network) = (&scope.place.shared, &scope.network);
    let vpc = || refer(&network.vpc, "id");
    let gateway = id("aws_internet_gateway", "main");
    let outside = id("aws_route_table", "public");
    let out = Route { cidr_block: EVERYWHERE, gateway_id: Some(refer(&gateway, "id")), nat_gateway_id: None };
    let main = Vpc { cidr_block: "10.0.0.0/16", enable_dns_hostnames: true, enable_dns_support: true };
    let mut objects = vec![
        object(&network.vpc, at, &[], &main),
        object(&gateway, at, &[&network.vpc], &InternetGateway { vpc_id: vpc() }),
        object(&outside, at, &[&network.vpc, &gateway], &RouteTable { vpc_id: vpc(), route: Block(out) }),
    ];
    let nats = nats(scope.place.app.spread, scope.zones) as usize;
    let mut tables = Vec::new();
    for (index, (public, private)) in network.public.iter().zip(&network.private).enumerate() {
        objects.extend(subnets(scope, index, (public, private)));
        objects.push(associate(at, public, &outside));
        if index < nats {
            objects.extend(nat(scope, index, public));
        }
        // With one way out, all zones take it.
        let table = id("aws_route_table", &keyed("private", letter(index)));
        let way = id("aws_nat_gateway", &keyed("main", letter(index.min(nats.saturating_sub(1)))));
        let out = Route { cidr_block: EVERYWHERE, gateway_id: None, nat_gateway_id: Some(refer(&way, "id")) };
        objects.push(object(
            &table,
            at,
            &[&network.vpc, &way],
            &RouteTable { vpc_id: vpc(), route: Block(out) },
        ));
        objects.push(associate(at, private, &table));
        tables.push(table);
    }
    objects.push(endpoint(scope, &tables));
    objects.push(closed(scope));
    objects
}

/// An instance of a resource that each zone has one of.
fn keyed(name: &str, key: &str) -> String {
    format!("{name}[\"{key}\"]")
}

fn letter(index: usize) -> &'static str {
    LETTERS.get(index).copied().unwrap_or("z")
}

fn subnets(scope: &Scope<'_>, index: usize, (public, private): (&ObjectId, &ObjectId)) -> [Object; 2] {
    let subnet = |id: &ObjectId, cidr_block: String| {
        let subnet = Subnet {
            vpc_id: refer(&scope.network.vpc, "id"),
            cidr_block,
            availability_zone: format!("{}{}", scope.place.region, letter(index)),
            // Addresses are given to what needs one, never to all.
            map_public_ip_on_launch: false,
        };
        object(id, &scope.place.shared, &[&scope.network.vpc], &subnet)
    };
    [subnet(public, format!("10.0.{index}.0/24")), subnet(private, format!("10.0.{}.0/20", 16 * (index + 1)))]
}

fn nat(scope: &Scope<'_>, index: usize, public: &ObjectId) -> [Object; 2] {
    let (address, gateway) =
        (id("aws_eip", &keyed("nat", letter(index))), id("aws_nat_gateway", &keyed("main", letter(index))));
    let nat = NatGateway { allocation_id: refer(&address, "id"), subnet_id: refer(public, "id") };
    [
        object(&address, &scope.place.shared, &[], &Eip { domain: "vpc" }),
        object(&gateway, &scope.place.shared, &[&address, public], &nat),
    ]
}

fn associate(at: &Address, subnet: &ObjectId, table: &ObjectId) -> Object {
    let association = Association { subnet_id: refer(subnet, "id"), route_table_id: refer(table, "id") };
    object(&id("aws_route_table_association", &subnet.name), at, &[subnet, table], &association)
}

/// Files in buckets do not leave the network: costs nothing.
fn endpoint(scope: &Scope<'_>, tables: &[ObjectId]) -> Object {
    let endpoint = Endpoint {
        vpc_id: refer(&scope.network.vpc, "id"),
        service_name: format!("com.amazonaws.{}.s3", scope.place.region),
        vpc_endpoint_type: "Gateway",
        route_table_ids: tables.iter().map(|table| refer(table, "id")).collect(),
    };
    let needs: Vec<&ObjectId> = tables.iter().chain([&scope.network.vpc]).collect();
    object(&id("aws_vpc_endpoint", "s3"), &scope.place.shared, &needs, &endpoint)
}

/// The group that a network has from the beginning: without rules, so that nothing is reached by mistake.
fn closed(scope: &Scope<'_>) -> Object {
    let group = DefaultGroup { vpc_id: refer(&scope.network.vpc, "id") };
    object(&id("aws_default_security_group", "main"), &scope.place.shared, &[&scope.network.vpc], &group)
}

/// The group of a workload or resource, closed until a rule opens it.
pub(super) fn group(scope: &Scope<'_>, name: &str, address: &Address) -> Object {
    let group = SecurityGroup {
        name: scope.name(name),
        description: format!("what may reach {name}"),
        vpc_id: refer(&scope.network.vpc, "id"),
    };
    object(&group_id(name), address, &[&scope.network.vpc], &group)
}

pub(super) fn group_id(name: &str) -> ObjectId {
    id("aws_security_group", name)
}

#[derive(Serialize)]
struct Rule {
    security_group_id: Reference,
    referenced_security_group_id: Option<Reference>,
    cidr_ipv4: Option<&'static str>,
    from_port: u16,
    to_port: u16,
    ip_protocol: &'static str,
    description: String,
}

impl Rule {
    /// A rule of a group for a port that says nobody yet.
    fn tcp(group: &ObjectId, port: u16) -> Rule {
        Rule {
            security_group_id: refer(group, "id"),
            referenced_security_group_id: None,
            cidr_ipv4: None,
            from_port: port,
            to_port: port,
            ip_protocol: "tcp",
            description: String::new(),
        }
    }
}

const IN: &str = "aws_vpc_security_group_ingress_rule";
const OUT: &str = "aws_vpc_security_group_egress_rule";

/// Lets one group reach another on a port: a rule on each side.
pub(super) fn allow(address: &Address, (from, to): (&str, &str), port: u16) -> [Object; 2] {
    let (caller, callee) = (group_id(from), group_id(to));
    let rule = |own: &ObjectId, other: &ObjectId| Rule {
        referenced_security_group_id: Some(refer(other, "id")),
        description: format!("{from} calls {to}"),
        ..Rule::tcp(own, port)
    };
    let name = format!("{to}_from_{from}_{port}");
    [
        object(&id(IN, &name), address, &[&caller, &callee], &rule(&callee, &caller)),
        object(&id(OUT, &name), address, &[&caller, &callee], &rule(&caller, &callee)),
    ]
}

/// Lets everyone reach a group on a port.
pub(super) fn allow_all(address: &Address, to: &str, port: u16) -> Object {
    let callee = group_id(to);
    let description = format!("everyone calls {to}");
    let rule = Rule { cidr_ipv4: Some(EVERYWHERE), description, ..Rule::tcp(&callee, port) };
    object(&id(IN, &format!("{to}_from_everyone_{port}")), address, &[&callee], &rule)
}

/// Lets what starts a workload fetch its image and its secrets and send its logs; nothing else is open to the outside.
pub(super) fn out(name: &str, address: &Address) -> Object {
    let own = group_id(name);
    let description = "images, secrets and logs".to_owned();
    let rule = Rule { cidr_ipv4: Some(EVERYWHERE), description, ..Rule::tcp(&own, 443) };
    object(&id(OUT, &format!("{name}_out_443")), address, &[&own], &rule)
}
