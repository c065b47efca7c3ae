//! The runtime with real processes, real HTTP and a real PostgreSQL, each test in a home of its own.

#[cfg(test)]
mod artifacts;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod first_slice;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod leftovers;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod mounts;
#[cfg(test)]
mod order;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod rollouts;
#[cfg(test)]
mod supervision;
#[cfg(test)]
mod trials;
