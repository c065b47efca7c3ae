//! The agent's socket: one task a connection, one request a connection.
//!
//! A step goes on when the one who asked goes away: whoever asks again waits for its turn and finds it done.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::Agent;
use super::protocol::{Failure, Hello, PROTOCOL, Reply, Request};

/// A longer request is not one of ours.
const LONGEST_REQUEST: u64 = 256 << 20;

/// Where lines of progress go; nobody need listen.
#[derive(Debug, Clone)]
pub(super) struct Say(UnboundedSender<Reply>);

impl Say {
    pub(super) fn to(sender: UnboundedSender<Reply>) -> Say {
        Say(sender)
    }

    pub(super) fn line(&self, line: String) {
        let _ = self.0.send(Reply::Progress(line));
    }
}

/// Answers until the process ends.
pub(super) async fn serve(agent: Arc<Agent>, listener: UnixListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if crate::peer::is_ours(&stream) => {
                drop(tokio::spawn(converse(Arc::clone(&agent), stream)));
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(agent: Arc<Agent>, stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut line = zeroize::Zeroizing::new(Vec::new());
    if BufReader::new(reader.take(LONGEST_REQUEST)).read_until(b'\n', &mut line).await.is_err() {
        return;
    }
    let (replies, mut coming) = unbounded_channel();
    match serde_json::from_slice::<Request>(&line) {
        Ok(request) => agent.work.spawn(answer(Arc::clone(&agent), request, replies)),
        Err(error) => {
            let _ = replies
                .send(Reply::Failed(Failure::permanent(format!("the request cannot be read: {error}"))));
            drop(replies);
        }
    }
    while let Some(reply) = coming.recv().await {
        let Ok(mut bytes) = serde_json::to_vec(&reply) else { return };
        bytes.push(b'\n');
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn answer(agent: Arc<Agent>, request: Request, replies: UnboundedSender<Reply>) {
    let reply = match request {
        Request::Hello => Reply::Hello(Hello {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            gateway_port: agent.gateway.shared_addr().await.map(|addr| addr.port()),
        }),
        Request::Take(order) => match agent.take(*order, &Say(replies.clone())).await {
            Ok(observed) => Reply::Taken(observed),
            Err(failure) => Reply::Failed(failure),
        },
        Request::Observe(owner) => {
            let slots = agent.slots_of(&owner);
            Reply::Observed(slots.iter().map(|slot| (slot.record().id, agent.observe(slot))).collect())
        }
        Request::Status(owner) => Reply::Status(Box::new(agent.status(&owner).await)),
        Request::Owners => {
            let mut owners: Vec<_> = agent.all_slots().iter().map(|slot| slot.record().owner).collect();
            owners.dedup();
            Reply::Owners(owners)
        }
        Request::Metrics => Reply::Text(agent.metrics()),
        Request::GiveUp(owner) => {
            agent.slots_of(&owner).iter().for_each(|slot| slot.give_up());
            Reply::Done
        }
        Request::Shutdown(how) => {
            agent.ending.send_replace(Some(how));
            Reply::Done
        }
    };
    let _ = replies.send(reply);
}
