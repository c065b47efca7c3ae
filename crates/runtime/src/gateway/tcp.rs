//! One client connection on a route that copies bytes.
//!
//! Started by `listener.rs`, and left alone when the listener goes away: bytes have no last request to wait for. A connection counts as one request, which fails if no instance accepts it.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::attempt;
use super::config::Stage;
use super::core::{Core, ListenerHandle};
use super::instance::Ticket;
use super::link;
use super::meter::Meter;
use super::route::LiveRoute;
use super::tunnel;
use crate::telemetry::{CodeClass, Outcome};

/// Serves one connection to its end.
pub(super) async fn serve(
    client: TcpStream,
    listener: Arc<ListenerHandle>,
    route: Arc<LiveRoute>,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut meter = Meter::begin(route, &listener.core.settings.clock);
    let Some((ticket, instance)) = connect(&mut meter, &listener.core).await else {
        meter.failed(502);
        return Ok(());
    };
    meter.answered(ticket, 200);
    let cuts = [meter.cut(), Some(listener.core.cut.clone())].into_iter().flatten().collect();
    tunnel::copy(client, instance, cuts).await;
    Ok(())
}

/// A connection to the first instance that accepts one.
async fn connect(meter: &mut Meter, core: &Core) -> Option<(Ticket, TcpStream)> {
    let mut tried = Vec::new();
    while let Some(mut ticket) = attempt::choose(meter, core, &tried, Stage::Proven) {
        match link::dial(ticket.instance.addr, meter.route.config.timeouts.connect).await {
            Ok(stream) => {
                ticket.instance.health.succeeded();
                return Some((ticket, stream));
            }
            Err(_) => {
                tried.push(ticket.instance.serial);
                let now = meter.now();
                ticket.instance.health.failed(&meter.route.config.ejection, now);
                ticket.end(Outcome::Failed(CodeClass::ServerError), now);
            }
        }
    }
    None
}
