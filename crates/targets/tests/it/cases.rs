//! Small applications that together use everything an intent can say.

use appia_intent::{Protocol, Ready, WorkloadKind};

use crate::build::{App, app, resource, workload};

/// A case and its name.
type Case = (&'static str, fn() -> App);

/// Every case.
pub(crate) const CASES: &[Case] = &[
    ("storefront", storefront),
    ("jobs", jobs),
    ("site", site),
    ("containers", containers),
    ("volumes", volumes),
    ("servers", servers),
    ("external", external),
    ("routes", routes),
    ("names", names),
    ("shop", shop),
];

/// Page, API, worker and database: public, calls, replicas.
fn storefront() -> App {
    let db = resource("db", "postgres")
        .param("version", "16")
        .param("storage", "50Gi")
        .param("max_connections", "200");
    app("storefront")
        .with(
            workload("web")
                .built("./web")
                .http(3000)
                .public(None)
                .calls("api")
                .env("API_URL", "${workloads.api.url}")
                .container("main", |main| main.readiness("/healthz")),
        )
        .with(
            workload("api")
                .built("./api/")
                .http(8080)
                .replicas(3)
                .env("DATABASE_URL", "${resources.db.url}?application_name=api")
                .container("main", |main| {
                    main.readiness("/healthz");
                    main.liveness("/healthz");
                    main.limits(500, 512);
                }),
        )
        .with(
            workload("worker")
                .kind(WorkloadKind::Worker)
                .built("./worker")
                .env("DATABASE_URL", "${resources.db.url}")
                .env("PGPASSWORD", "${resources.db.password}")
                .env("PACK_MS", "1500"),
        )
        .needs(db)
}

/// A job at each deployment and one each night.
fn jobs() -> App {
    app("jobs")
        .environment("staging")
        .with(
            workload("migrate")
                .kind(WorkloadKind::Job)
                .image("ghcr.io/example/migrate:1.4")
                .env("HOST", "${resources.db.host}:${resources.db.port}/${resources.db.name}")
                .container("main", |main| main.args(&["/bin/sh", "-c"], &["echo $(date) $HOME; exec migrate"])),
        )
        .with(
            workload("report")
                .kind(WorkloadKind::Cron)
                .schedule("0 3 * * *")
                .image("ghcr.io/example/report@sha256:3b1e9c0f5d7a2468ace013579bdf02468ace013579bdf02468ace013579bdf02")
                .env("API", "${workloads.ledger.url}"),
        )
        .with(workload("ledger").image("ghcr.io/example/ledger:2").http(80).target(8080))
        .needs(resource("db", "postgres"))
}

/// Static files and a function, both public under names of their own.
fn site() -> App {
    app("pages")
        .with(workload("docs").kind(WorkloadKind::Site).built("./docs").http(8080).public(Some("docs.example.org")))
        .with(workload("resize").kind(WorkloadKind::Function).built("./resize").http(9000).public(Some("resize.example.org")))
        .image("docs", "registry.example.org/docs@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")
}

/// One pod of several programs that start in an order, with files.
fn containers() -> App {
    let gate = workload("gate")
        .without_main()
        .http(80)
        .replicas(2)
        .public(Some("gate.example.org"))
        .container("migrate", |migrate| {
            migrate.image("ghcr.io/example/migrate:1.4");
            migrate.before("app", Ready::Complete);
        })
        .container("cache", |cache| {
            cache.image("ghcr.io/example/cache:3");
            cache.readiness_at("/ready", 6000);
            cache.before("app", Ready::Healthy);
        })
        .container("app", |app| {
            app.image("ghcr.io/example/gate:5");
            app.file(
                "/etc/gate/gate.yaml",
                "listen: 80\nupstream: ${workloads.other.url}\n# costs 5$\n",
                None,
            );
            app.file("/etc/gate/run.sh", "#!/bin/sh\nexec gate\n", Some(0o755));
            app.bytes("/etc/gate/logo.png", &[0x89, b'P', b'N', b'G', 0, 255]);
            app.file("/etc/gate/token", "key = ${resources.mail.token}\n", Some(0o400));
        });
    app("containers")
        .with(gate)
        .with(workload("other").image("ghcr.io/example/other:1").port("grpc", 9000, Protocol::Tcp).port(
            "dns",
            53,
            Protocol::Udp,
        ))
        .needs(resource("mail", "smtp"))
}

/// Volumes: one writer, several readers, one of the platform's own, and a set.
fn volumes() -> App {
    app("files")
        .with(workload("writer").image("ghcr.io/example/writer:1").container("main", |main| {
            main.volume("/data", "data", false);
            main.volume("/shared", "shared", false);
        }))
        .with(
            workload("reader")
                .image("ghcr.io/example/reader:1")
                .http(8080)
                .replicas(2)
                .annotation("k8s.score.dev/kind", "StatefulSet")
                .container("main", |main| {
                    main.volume("/shared", "shared", true);
                    main.named_volume("/tmp", "scratch-claim");
                }),
        )
        .needs(resource("data", "volume").param("size", "5Gi").param("class", "fast"))
        .needs(resource("shared", "volume"))
}

/// Every server that a target may run.
fn servers() -> App {
    app("servers")
        .with(
            workload("app")
                .image("ghcr.io/example/app:1")
                .http(8080)
                .env("CACHE", "${resources.cache.url}")
                .env(
                    "MYSQL",
                    "${resources.pg-main.host}:${resources.pg-main.port} ${resources.pg-main.username}",
                )
                .env("MYSQL_PASSWORD", "${resources.pg-main.password}"),
        )
        .needs(resource("cache", "redis"))
        .needs(resource("pg-main", "mysql"))
}

/// What exists already: stated, secret, and stated through another.
fn external() -> App {
    app("outside")
        .with(
            workload("app")
                .image("ghcr.io/example/app:1")
                .http(8080)
                .env("QUEUE", "amqp://${resources.queue.username}:${resources.queue.password}@${resources.queue.host}/$$(x)")
                .env("MAIL", "${resources.mail.url}")
                .env("SELF", "${workloads.app.ports.http.port}")
                .env("PRICE", "5$"),
        )
        .needs(resource("queue", "amqp"))
        .needs(
            resource("mail", "external").output("host", "mail.example.org").output("port", "587").output(
                "url",
                "smtp://${resources.mail.host}:${resources.mail.port}",
            ),
        )
}

/// Score's way to be reached: dns, route and service-port.
fn routes() -> App {
    app("demo")
        .with(
            workload("front")
                .image("ghcr.io/example/front:1")
                .port("web", 80, Protocol::Http)
                .target(8080)
                .env("ME", "https://${resources.front-dns.host}")
                .env("BACK", "${resources.back.hostname}:${resources.back.port}"),
        )
        .with(
            workload("back")
                .image("ghcr.io/example/back:1")
                .port("api", 8081, Protocol::Http)
                .env("FRONT", "${workloads.front.url}")
                .env("SELF", "http://${resources.back-front.name}:80")
                .env("OTHER", "http://${resources.back-elsewhere.name}:80"),
        )
        .needs(resource("front-dns", "dns").id("front.dns"))
        .needs(
            resource("front-route", "route")
                .id("front.route")
                .param("host", "${resources.front-dns.host}")
                .param("path", "/shop")
                .param("port", "80"),
        )
        .needs(resource("back-front", "service"))
        .needs(resource("back-elsewhere", "service"))
        .needs(resource("back", "service-port").param("workload", "back").param("port", "api"))
}

/// A shop under a name of its own, with everything that holds something.
fn shop() -> App {
    app("shop")
        .environment("prod")
        .with(
            workload("web")
                .image("ghcr.io/example/web@sha256:3b1e9c0f5d7a2468ace013579bdf02468ace013579bdf02468ace013579bdf02")
                .http(3000)
                .public(Some("shop.example.org"))
                .calls("api")
                .env("API", "${workloads.api.host}")
                .env("PICTURES", "${resources.pictures.name}")
                .env("KEY", "${resources.payment.value}"),
        )
        .with(
            workload("api")
                .built("./api")
                .http(8080)
                .replicas(2)
                .env("DATABASE_URL", "${resources.db.url}")
                .env("ORDERS", "${resources.orders.name}")
                .env("NEWS", "${resources.news.name}"),
        )
        .needs(resource("db", "postgres"))
        .needs(resource("pictures", "bucket"))
        .needs(resource("orders", "queue"))
        .needs(resource("news", "topic"))
        .needs(resource("payment", "secret"))
        .needs(resource("name", "dns").param("host", "shop.example.org").param("workload", "web"))
}

/// Names that are too long, begin with a digit, or are there twice.
fn names() -> App {
    let long = "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-x";
    let other = "a-name-so-long-that-nothing-fits-behind-it-and-then-some-more-y";
    app("names")
        .environment("pr-42")
        .with(
            workload(long)
                .image("ghcr.io/example/a:1")
                .http(8080)
                .env("OTHER", &format!("${{workloads.{other}.url}}")),
        )
        .with(workload(other).image("ghcr.io/example/b:1").http(8080))
        .with(
            workload("2fa")
                .kind(WorkloadKind::Cron)
                .schedule("@daily")
                .image("ghcr.io/example/c:1")
                .env("DB", "${resources.2fa.url}"),
        )
        .with(workload("default-deny").kind(WorkloadKind::Worker).image("ghcr.io/example/d:1"))
        .needs(resource("2fa", "postgres"))
}
