//! What the sources read and say, as text in and text out.
//!
//! The cases stand in `tests/<source>/*.txt`. After a wanted change, `APPIA_GOLDENS=write cargo test -p appia-sources`
//! writes what comes out now; read the difference before committing it.

#[cfg(test)]
mod appia;
#[cfg(test)]
mod code;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod find;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod score;
#[cfg(test)]
mod show;
mod shuffled;
