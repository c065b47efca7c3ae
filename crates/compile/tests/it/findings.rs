//! One broken intent for each diagnostic of the compiler, with the line at fault and the way out.

use super::compile_text;
use appia_diag::Severity;

/// Compiles for this machine and compares `code line: message | help | help` for each error and warning.
fn check(text: &str, expect: &[&str]) {
    let (_, found) = compile_text(text, "local");
    let shown: Vec<String> = found
        .iter()
        .filter(|diagnostic| diagnostic.severity != Severity::Note)
        .map(|diagnostic| {
            let line = diagnostic.span.as_ref().map_or(0, |span| span.start.line);
            let mut parts = vec![format!("{} {line}: {}", diagnostic.code.id, diagnostic.message)];
            parts.extend(diagnostic.help.iter().cloned());
            parts.join(" | ")
        })
        .collect();
    assert_eq!(shown, expect, "in\n{text}");
}

/// A workload `api` with an environment variable, and a database.
fn with_env(value: &str) -> String {
    format!(
        "app: shop
workloads:
  api:
    image: example/api@sha256:{}
    port: 8080
    env: {{ X: \"{value}\" }}
resources:
  db: {{ type: postgres }}
",
        "0".repeat(64)
    )
}

#[test]
fn placeholders_name_something() {
    check(
        &with_env("${resources.db.hsot}"),
        &[
            "APP0105 6: `postgres` resource `db` has no output `hsot` | did you mean `host`? | it has host, port, name, database, username, socket, password, url",
        ],
    );
    check(
        &with_env("${resources.bd.host}"),
        &[
            "APP0104 6: there is no resource `bd` | did you mean `db`? | declare it: `resources: { bd: { type: ... } }`",
            "APP0108 8: no workload uses the resource `db` | refer to it, for example `env: { X: \"${resources.db.host}\" }`, or take it out",
        ],
    );
    check(
        &with_env("${resources.db.host} ${workloads.ap.url}"),
        &["APP0103 6: there is no workload `ap` | did you mean `api`?"],
    );
}

#[test]
fn circles_are_told_once() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, calls: { b: 1 } }
  b: { image: example/b@sha256:0, port: 2, calls: { c: 1 } }
  c: { image: example/c@sha256:0, port: 3, env: { A: \"${workloads.a.url}\" } }
",
        &[
            "APP0301 5: workloads depend on each other in a circle: a -> b -> c -> a | take one of these edges out, for example by a queue between the two or by merging them",
        ],
    );
}

#[test]
fn resources_and_starts_go_in_no_circle() {
    check(
        "app: shop
workloads:
  a:
    containers:
      main: { image: example/a@sha256:0, env: { X: \"${resources.one.host}\" }, before: { side: started } }
      side: { image: example/b@sha256:0, before: { main: started } }
resources:
  one: { type: external, outputs: { host: \"${resources.two.host}\" } }
  two: { type: external, outputs: { host: \"${resources.one.host}\" } }
",
        &[
            "APP0303 6: the containers of `a` wait for each other in a circle: main -> side -> main | take one of these edges out, for example by a queue between the two or by merging them",
            "APP0302 9: resources depend on each other in a circle: one -> two -> one | take one of these edges out, for example by a queue between the two or by merging them",
        ],
    );
}

#[test]
fn parameters_are_known_and_fit() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, env: { X: \"${resources.db.host}\" } }
resources:
  db: { type: postgres, params: { versoin: 16, storage: much } }
",
        &[
            "APP0403 5: `postgres` takes no parameter `versoin` | did you mean `version`? | it takes version, storage, max_connections",
            "APP0403 5: `resources.db.params.storage` takes an amount of storage, such as `50Gi` | room for its data; not enforced on this machine",
        ],
    );
}

#[test]
fn ports_do_not_meet() {
    check(
        "app: shop
workloads:
  a:
    image: example/a@sha256:0
    ports: { http: 80, web: 80 }
",
        &[
            "APP0304 5: ports `http` and `web` of `a` are both 80 | give each port of a workload a number of its own",
        ],
    );
}

#[test]
fn types_are_provided() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, env: { X: \"${resources.db.host}\" } }
resources:
  db: { type: postgers }
",
        &[
            "APP0401 5: nothing provides `postgers` on local | did you mean `postgres`? | local provides postgres, redis, volume, dns, route, service-port, external | to use what exists already, write `type: external` and state its `outputs`",
        ],
    );
}

#[test]
fn calls_need_a_port() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, calls: { b: 1 } }
  b: { image: example/b@sha256:0 }
",
        &["APP0306 3: `b` is called but listens on no port | give `b` a `port`"],
    );
}

#[test]
fn a_workload_may_know_its_own_address() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, env: { A: \"${workloads.a.url}\" } }
",
        &[
            "APP0802 3: `a` runs the image `example/a@sha256:0`, which `appia up` cannot start here | on this machine programs run as plain processes: give it a `build`, or `appia export --target kubernetes`",
        ],
    );
}

#[test]
fn a_name_that_is_like_no_other_gets_the_whole_list() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, env: { A: \"${workloads.b.ports.metrics.url} ${workloads.billing.url}\" } }
  b: { image: example/b@sha256:0, port: 1 }
",
        &[
            "APP0103 3: there is no workload `billing` | there are `a`, `b`",
            "APP0107 3: `b` has no port `metrics` | there is only `http`",
        ],
    );
}

#[test]
fn a_path_is_one_thing_and_only_volumes_are_mounted() {
    check(
        "app: shop
workloads:
  a:
    image: example/a@sha256:0
    files: { /data/x: text }
    volumes:
      /data/x/: data
      /db: db
resources:
  data: { type: volume }
  db: { type: postgres }
",
        &[
            "APP0102 7: two things stand at `/data/x/` in the container `main` | give each file and each volume a path of its own",
            "APP0004 8: `db` is a `postgres`, which cannot be mounted | mount a resource of type `volume`, and reach this one by its outputs in `env`",
        ],
    );
}

#[test]
fn what_is_public_answers_at_a_host_of_its_own() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, public: { host: shop.example.com } }
  b: { image: example/b@sha256:0, port: 1, public: { host: SHOP.example.com } }
  c: { image: example/c@sha256:0, ports: { dns: { port: 53, protocol: udp } }, public: true }
",
        &[
            "APP0304 4: `a` and `b` both ask for `shop.example.com/` | give one of them another `host` or `path`",
            "APP0306 5: `c` is public, and none of its ports speaks HTTP | give it a port with `protocol: http`, or take `public` away",
        ],
    );
}

#[test]
fn one_run_tells_what_is_wrong_with_form_and_with_references_and_no_more() {
    check(
        "app: shop
nope: 1
workloads:
  a: { image: example/a@sha256:0, port: 99999, env: { A: \"${resources.db.hsot} ${resources.bare.host}\", B: \"${bad}\" } }
  b: { image: example/b@sha256:0, port: 1, calls: [a, nobody], env: { A: \"${workloads.a.url}\" } }
resources:
  db: { type: postgres }
  bare: { tpye: postgres }
",
        &[
            "APP0002 2: unknown key `nope` in appia.yaml | appia.yaml takes `app`, `owner`, `outcomes`, `constraints`, `workloads`, `resources`",
            "APP0202 4: `99999` does not lie between 1 and 65535 | write a number from 1 to 65535",
            "APP0105 4: `postgres` resource `db` has no output `hsot` | did you mean `host`? | it has host, port, name, database, username, socket, password, url",
            "APP0106 4: `${bad}` names nothing: write `${resources.NAME.OUTPUT}` or `${workloads.NAME.OUTPUT}` | write `$$` where a plain `$` is meant",
            "APP0103 5: there is no workload `nobody` | there are `a`, `b`",
            "APP0002 8: unknown key `tpye` in a resource | did you mean `type`?",
        ],
    );
}

#[test]
fn a_part_that_could_not_be_read_makes_nothing_else_wrong() {
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, volumes: { /data: 7 }, env: { A: \"${resources.db.host}\" } }
resorces:
  db: { type: postgres }
",
        &[
            "APP0004 3: `/data` takes a resource, such as `data` or `${resources.data}`, or a mapping (`source`, `path`, `read_only`), not the number `7` | `/data` takes a resource, such as `data` or `${resources.data}`, or a mapping (`source`, `path`, `read_only`)",
            "APP0002 4: unknown key `resorces` in appia.yaml | did you mean `resources`?",
        ],
    );
    check(
        "app: shop
workloads:
  a: { image: example/a@sha256:0, port: 1, env: { A: \"${resources.db.host}\" } }
resources:
  db: { type: \"-1\" }
",
        &["APP0101 5: `-1` is not a resource type | use letters, digits and `-`, such as `postgres`"],
    );
}
