//! The loopback ports of endpoints and resources: chosen once, kept on disk, the same after every restart.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use appia_intent::PortName;

use super::Agent;
use super::protocol::Failure;
use super::slot::Slot;
use crate::supervisor::ports::{self, ENDPOINTS, INSTANCES};

impl Agent {
    /// Gives each of these ports of an object a number, unless it has one. Only the step that holds the object's turn
    /// calls this; no other object gets the same numbers meanwhile.
    pub(super) fn reserve(&self, slot: &Slot, names: &[PortName]) -> Result<(), Failure> {
        let before = slot.record().endpoints;
        self.choose(slot, names)?;
        let record = slot.record();
        if record.endpoints == before {
            return Ok(());
        }
        self.record_folder(&record.owner).begin(&record).map_err(|error| {
            slot.state().record.endpoints = before;
            Failure::system("the ports cannot be kept")(error)
        })
    }

    fn choose(&self, slot: &Slot, names: &[PortName]) -> Result<(), Failure> {
        let _choosing = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.endpoint_ports();
        let mut endpoints = slot.record().endpoints;
        for name in names {
            if !endpoints.contains_key(name) {
                let port = ports::free(ENDPOINTS, &taken).ok_or_else(no_port)?;
                taken.insert(port);
                endpoints.insert(name.clone(), port);
            }
        }
        slot.state().record.endpoints = endpoints;
        Ok(())
    }

    /// A port for an instance that is about to start; not given again soon.
    pub(super) fn instance_port(&self) -> Result<u16, Failure> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if given.len() > INSTANCES.len() / 2 {
            given.clear();
        }
        let port = ports::free(INSTANCES, &given).ok_or_else(no_port)?;
        given.insert(port);
        Ok(port)
    }

    fn endpoint_ports(&self) -> BTreeSet<u16> {
        self.all_slots().iter().flat_map(|slot| slot.record().endpoints.into_values()).collect()
    }
}

fn no_port() -> Failure {
    Failure::Transient("no loopback port is free between 20000 and 32700".to_owned())
}
