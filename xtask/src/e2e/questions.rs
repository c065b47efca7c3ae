//! What each application is told and asked, in its own API.
//!
//! Each pair tells something that only this application can do, and reads it back; what is told is kept by the
//! application, so that it must still be there after a deployment and after kills.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::http::{Request, get, send};

/// The form of the shop's page, as a browser sends it.
pub(super) fn place_order(url: &str) -> Result<String> {
    let customer = "Julia Agrippina";
    let body = "sku=milestone&quantity=3&customer=Julia+Agrippina".to_owned();
    let form = Request { method: "POST", path: "/orders", kind: "application/x-www-form-urlencoded", body };
    let status = send(url, &form)?.status;
    ensure!(status == 303, "the order was answered with status {status}");
    Ok(customer.to_owned())
}

/// The page has the order, packed by the worker, and shows what the README says of it: topology, releases, queue.
pub(super) fn packed_order(url: &str, customer: &str) -> Result<()> {
    let page = get(url, "/")?.ok()?;
    let order =
        page.split("<tr>").find(|row| row.contains(customer)).context("the order is not on the page")?;
    ensure!(order.contains("3 × Milestone") && order.contains(">packed<"), "another order: {order}");
    let shown = ["web calls api, api uses db, worker uses db", "all well", "The packing queue", "of release"];
    for words in shown {
        ensure!(page.contains(words), "`{words}` is not on the page");
    }
    ensure!(!page.contains("unknown"), "a release is not known");
    Ok(())
}

pub(super) fn number(_: &str) -> Result<String> {
    Ok("1999".to_owned())
}

/// Node asks Python, which computes it with a package; the page leads to the site.
pub(super) fn roman_number(url: &str, number: &str) -> Result<()> {
    let page = get(url, &format!("/?number={number}"))?.ok()?;
    ensure!(page.contains(">MCMXCIX<"), "another number: {page}");
    ensure!(page.contains("carved by Python"), "somebody else carved it: {page}");
    let link =
        page.split("href=\"").find(|part| part.contains("How it is read")).context("no link to the site")?;
    let site = link.split('"').next().unwrap_or_default();
    ensure!(get(site, "/")?.ok()?.contains("How a milestone is read"), "the site shows another page");
    ensure!(get(site, "/faq/")?.ok()?.contains("<h1>"), "the folder `faq` shows no page");
    Ok(())
}

/// A site is told nothing: it is what was built.
pub(super) fn nothing(_: &str) -> Result<String> {
    Ok(String::new())
}

pub(super) fn documentation(url: &str, _: &str) -> Result<()> {
    ensure!(get(url, "/jinja2/environment.html")?.ok()?.contains("autoescape"), "the page is another one");
    ensure!(get(url, "/search.js")?.ok()?.contains("render_async"), "the index of the search is another one");
    ensure!(get(url, "/no-such-page.html")?.status == 404, "a page that is not there was found");
    Ok(())
}

/// Flower hands a task to the worker by Redis, and the worker puts the result there.
pub(super) fn run_task(url: &str) -> Result<String> {
    let task = post(url, "/api/task/async-apply/celery.accumulate", &json!({ "args": ["ave"] }))?;
    text(&task, "/task-id")
}

pub(super) fn task_result(url: &str, id: &str) -> Result<()> {
    let result = get(url, &format!("/api/task/result/{id}"))?.json()?;
    expect(&result, "/result/0", "ave")
}

/// Three times what Pushgateway is told to wait between two writes of its file.
const WRITTEN: Duration = Duration::from_secs(3);

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Appia//EN\r\nBEGIN:VEVENT\r\nUID:ides\r\nDTSTAMP:20260315T090000Z\r\nDTSTART:20260315T090000Z\r\nSUMMARY:Senate\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// CalDAV: a home and a calendar in it are made, then an event is put into it.
pub(super) fn put_event(url: &str) -> Result<String> {
    for (method, path) in [("MKCOL", "/caesar/"), ("MKCALENDAR", "/caesar/march/")] {
        send(url, &Request { method, path, kind: "text/xml", body: String::new() })?.ok()?;
    }
    let path = "/caesar/march/ides.ics";
    send(url, &Request { method: "PUT", path, kind: "text/calendar", body: EVENT.to_owned() })?.ok()?;
    Ok(path.to_owned())
}

pub(super) fn event(url: &str, path: &str) -> Result<()> {
    let event = get(url, path)?.ok()?;
    ensure!(event.contains("SUMMARY:Senate"), "the event is another one: {event}");
    Ok(())
}

pub(super) fn create_experiment(url: &str) -> Result<String> {
    let made = post(url, "/api/2.0/mlflow/experiments/create", &json!({ "name": "aqueduct" }))?;
    let id = text(&made, "/experiment_id")?;
    let run = post(url, "/api/2.0/mlflow/runs/create", &json!({ "experiment_id": id }))?;
    let run = text(&run, "/run/info/run_id")?;
    let metric = json!({ "run_id": run, "key": "flow", "value": 0.75, "timestamp": 1, "step": 1 });
    post(url, "/api/2.0/mlflow/runs/log-metric", &metric)?;
    Ok(id)
}

pub(super) fn experiment(url: &str, id: &str) -> Result<()> {
    let search = json!({ "experiment_ids": [id], "filter": "metrics.flow > 0.5" });
    let found = post(url, "/api/2.0/mlflow/runs/search", &search)?;
    expect(&found, "/runs/0/data/metrics/0/key", "flow")?;
    let named = get(url, "/api/2.0/mlflow/experiments/get-by-name?experiment_name=aqueduct")?.json()?;
    expect(&named, "/experiment/experiment_id", id)
}

/// A flow with an address of its own, whose answer is computed.
pub(super) fn deploy_flow(url: &str) -> Result<String> {
    let flow = json!([
        { "id": "tab", "type": "tab", "label": "numbers" },
        { "id": "in", "type": "http in", "z": "tab", "url": "/answer", "method": "get", "wires": [["by"]] },
        { "id": "by", "type": "function", "z": "tab", "func": "msg.payload = { answer: 6 * 7 }; return msg;", "outputs": 1, "wires": [["out"]] },
        { "id": "out", "type": "http response", "z": "tab", "wires": [] }
    ]);
    let request =
        Request { method: "POST", path: "/flows", kind: "application/json", body: flow.to_string() };
    send(url, &request)?.ok()?;
    Ok("/answer".to_owned())
}

pub(super) fn flow_answers(url: &str, path: &str) -> Result<()> {
    let answer = get(url, path)?.json()?;
    ensure!(answer.pointer("/answer") == Some(&json!(42)), "another answer: {answer}");
    Ok(())
}

/// A metric, until the program has surely written it down, which it does once a second: two releases overlap for a
/// moment, and the new one reads that file when it starts.
pub(super) fn push_metric(url: &str) -> Result<String> {
    let path = "/metrics/job/aqueduct/instance/one";
    send(url, &Request { method: "PUT", path, kind: "text/plain", body: "flow_litres 1500\n".to_owned() })?
        .ok()?;
    std::thread::sleep(WRITTEN);
    Ok("flow_litres{instance=\"one\",job=\"aqueduct\"} 1500".to_owned())
}

pub(super) fn metric(url: &str, line: &str) -> Result<()> {
    let metrics = get(url, "/metrics")?.ok()?;
    ensure!(metrics.lines().any(|found| found == line), "`{line}` is not among the metrics");
    Ok(())
}

/// A stub that WireMock keeps in a file.
pub(super) fn add_stub(url: &str) -> Result<String> {
    let stub = json!({
        "persistent": true,
        "request": { "method": "GET", "urlPath": "/salve" },
        "response": { "status": 200, "body": "salve {{request.query.name}}", "transformers": ["response-template"] }
    });
    post(url, "/__admin/mappings", &stub)?;
    Ok("/salve?name=viator".to_owned())
}

pub(super) fn stub_answers(url: &str, path: &str) -> Result<()> {
    let answer = get(url, path)?.ok()?;
    ensure!(answer == "salve viator", "another answer: {answer}");
    Ok(())
}

fn post(url: &str, path: &str, body: &Value) -> Result<Value> {
    send(url, &Request { method: "POST", path, kind: "application/json", body: body.to_string() })?.json()
}

fn text(document: &Value, pointer: &str) -> Result<String> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("no `{pointer}` in {document}"))
}

fn expect(document: &Value, pointer: &str, value: &str) -> Result<()> {
    match document.pointer(pointer).and_then(Value::as_str) {
        Some(found) if found == value => Ok(()),
        _ => bail!("`{pointer}` is not `{value}` in {document}"),
    }
}
