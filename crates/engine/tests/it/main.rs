//! The engine on a simulated world: everything that can go wrong, at every place where it can.
//!
//! `cargo test -p appia-engine -- --nocapture` prints how many scenarios each test ran.

#[cfg(test)]
mod tally;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod fence;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod order;
#[cfg(test)]
mod random;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod tell;
#[cfg(test)]
mod write;
