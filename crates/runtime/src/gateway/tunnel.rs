//! WebSockets and other upgrades: once both sides have agreed, bytes are copied until one of them stops.
//!
//! `attempt.rs` sends the request through [`attempt`]; `forward.rs` hands an answer of 101 to [`deliver`]. A tunnel
//! counts as a request in flight, so that draining waits for it; when the grace is over it is cut.

use std::time::Duration;

use hyper::body::Incoming;
use hyper::header;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::attempt::{self, Again, Missed, Opened};
use super::body::{RequestBody, ResponseBody};
use super::cancel::CancelSignal;
use super::core::Core;
use super::headers;
use super::instance::Ticket;
use super::link;
use super::meter::Meter;
use super::problem::Problem;
use super::route::LiveRoute;

/// One try, over a connection of its own that is driven by a task of its own.
pub(super) async fn attempt(
    ticket: &Ticket,
    route: &LiveRoute,
    request: Request<RequestBody>,
    core: &Core,
) -> Result<Opened, Missed> {
    let (addr, timeouts) = (ticket.instance.addr, &route.config.timeouts);
    let (mut sender, driver) = match link::connect(addr, timeouts.connect).await {
        Ok(halves) => halves,
        Err(error) => return Err(attempt::unreachable(addr, error, request)),
    };
    core.tasks.spawn(driver.with_upgrades());
    let missed = |problem| Missed { problem, again: Again::Never };
    match tokio::time::timeout(timeouts.response, sender.send_request(request)).await {
        Ok(Ok(response)) => Ok(Opened { response, link: None }),
        Ok(Err(error)) => Err(missed(Problem::Broken { addr, error: error.to_string() })),
        Err(_) => Err(missed(Problem::Silent { addr, after: timeouts.response })),
    }
}

/// Answers 101 and copies bytes from then on.
pub(super) fn deliver(
    mut response: Response<Incoming>,
    client: OnUpgrade,
    mut meter: Meter,
    core: &Core,
) -> Response<ResponseBody> {
    let instance = hyper::upgrade::on(&mut response);
    let (mut parts, _) = response.into_parts();
    let protocol = parts.headers.remove(header::UPGRADE);
    headers::to_client(&mut parts.headers);
    headers::upgraded(&mut parts.headers, protocol);
    meter.stop_watch();
    let cuts = [meter.cut(), Some(core.cut.clone())].into_iter().flatten().collect();
    core.tasks.spawn(async move {
        join(client, instance, cuts).await;
        drop(meter);
    });
    Response::from_parts(parts, ResponseBody::page(bytes::Bytes::new()))
}

async fn join(client: OnUpgrade, instance: OnUpgrade, cuts: Vec<CancelSignal>) {
    let both = tokio::time::timeout(Duration::from_secs(10), futures::future::try_join(client, instance));
    let Ok(Ok((client, instance))) = both.await else { return };
    let (client, instance): (TokioIo<Upgraded>, TokioIo<Upgraded>) =
        (TokioIo::new(client), TokioIo::new(instance));
    copy(client, instance, cuts).await;
}

/// Copies both ways until both sides have ended, or one of the bells says that it is enough.
pub(super) async fn copy(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut instance: impl AsyncRead + AsyncWrite + Unpin,
    cuts: Vec<CancelSignal>,
) {
    let cut = futures::future::select_all(cuts.iter().map(|cut| Box::pin(cut.cancelled())));
    tokio::select! {
        // Either side may vanish at any time; there is nobody left to tell.
        _ = tokio::io::copy_bidirectional(&mut client, &mut instance) => {}
        _ = cut => {}
    }
}
