//! The sockets that clients connect to: one for all host names, and one for each route with a port.
//!
//! [`Listeners::change`] goes from one set to the next: all new sockets are opened before any old one is closed, so
//! that a port in use changes nothing. What stays is not touched. What goes away first accepts whoever has already
//! connected, then lets its connections end after their last request.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::cancel::CancelSignal;
use super::config::{GatewayConfig, Route, RouteProtocol};
use super::connection;
use super::core::{Core, LeadsTo, ListenerHandle};
use super::error::ConfigError;
use super::tcp;

/// All open listeners of a gateway.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    open: HashMap<Wanted, Listener>,
}

/// What a listener is for; two configurations that want the same share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    leads_to: LeadsTo,
    addr: SocketAddr,
}

#[derive(Debug)]
struct Listener {
    addr: SocketAddr,
    closing: CancelSignal,
}

impl Wanted {
    /// The listener for all host names.
    pub(super) fn shared(addr: SocketAddr) -> Self {
        Self { leads_to: LeadsTo::HostNames, addr }
    }

    /// The listeners of all routes that have a port.
    pub(super) fn by(config: &GatewayConfig) -> impl Iterator<Item = Self> + '_ {
        config.routes.iter().filter_map(|route| {
            let port = route.listen?;
            Some(Self::of(&route.id, port))
        })
    }

    /// A port stays the same listener when another route takes it over.
    fn of(route: &str, port: u16) -> Self {
        let leads_to = if port == 0 { LeadsTo::Route(route.to_owned()) } else { LeadsTo::Port(port) };
        Self { leads_to, addr: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) }
    }
}

/// Sockets that are open but not yet accepted from.
pub(super) struct Change {
    keep: Vec<Wanted>,
    fresh: Vec<(Wanted, TcpListener, SocketAddr)>,
}

impl Listeners {
    /// Opens what is new; nothing is closed or accepted yet.
    pub(super) async fn prepare(&self, wanted: impl Iterator<Item = Wanted>) -> Result<Change, ConfigError> {
        let mut change = Change { keep: Vec::new(), fresh: Vec::new() };
        for wanted in wanted {
            if self.open.contains_key(&wanted) {
                change.keep.push(wanted);
            } else {
                let listen = |source| ConfigError::Listen { addr: wanted.addr, source };
                let socket = TcpListener::bind(wanted.addr).await.map_err(listen)?;
                let addr = socket.local_addr().map_err(listen)?;
                change.fresh.push((wanted, socket, addr));
            }
        }
        Ok(change)
    }

    /// Starts to accept from what is new and closes what is no longer wanted.
    pub(super) fn commit(&mut self, change: Change, core: &Arc<Core>) {
        self.open.retain(|wanted, listener| {
            let stays = change.keep.contains(wanted);
            if !stays {
                listener.closing.cancel();
            }
            stays
        });
        for (wanted, socket, addr) in change.fresh {
            let closing = CancelSignal::default();
            let handle =
                Arc::new(ListenerHandle { core: Arc::clone(core), leads_to: wanted.leads_to.clone() });
            core.tasks.spawn(accept(socket, handle, closing.clone()));
            self.open.insert(wanted, Listener { addr, closing });
        }
    }

    /// Where the listener of all host names is.
    pub(super) fn shared_addr(&self) -> Option<SocketAddr> {
        let mut all = self.open.iter();
        all.find(|(wanted, _)| wanted.leads_to == LeadsTo::HostNames).map(|(_, listener)| listener.addr)
    }

    /// Where a route listens.
    pub(super) fn addr_of(&self, route: &Route) -> Option<SocketAddr> {
        self.open.get(&Wanted::of(&route.id, route.listen?)).map(|listener| listener.addr)
    }

    /// Closes all.
    pub(super) fn close(&mut self) {
        self.open.drain().for_each(|(_, listener)| listener.closing.cancel());
    }
}

/// Accepts connections until told to stop, then whoever is already in the queue.
async fn accept(socket: TcpListener, handle: Arc<ListenerHandle>, closing: CancelSignal) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = closing.cancelled() => break,
            accepted = next(&socket, &handle) => accepted,
        };
        match accepted {
            Ok((stream, permit)) => welcome(stream, permit, &handle, &closing),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    while let Some(Ok((stream, permit))) = next(&socket, &handle).now_or_never() {
        welcome(stream, permit, &handle, &closing);
    }
}

type Permit = Option<tokio::sync::OwnedSemaphorePermit>;

/// The next connection, once there is a place for it.
async fn next(socket: &TcpListener, handle: &ListenerHandle) -> io::Result<(TcpStream, Permit)> {
    let permit = Arc::clone(&handle.core.places).acquire_owned().await.ok();
    let (stream, _) = socket.accept().await?;
    Ok((stream, permit))
}

fn welcome(stream: TcpStream, permit: Permit, handle: &Arc<ListenerHandle>, closing: &CancelSignal) {
    let (handle, closing) = (Arc::clone(handle), closing.clone());
    let tasks = handle.core.tasks.clone();
    let copied = match &handle.leads_to {
        LeadsTo::HostNames => None,
        LeadsTo::Port(_) | LeadsTo::Route(_) => {
            handle.route("", "").filter(|route| route.config.protocol == RouteProtocol::Tcp)
        }
    };
    tasks.spawn(async move {
        let served = match copied {
            Some(route) => tcp::serve(stream, handle, route).await,
            None => connection::serve(stream, handle, closing).await,
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a client connection ended early");
        }
        drop(permit);
    });
}
