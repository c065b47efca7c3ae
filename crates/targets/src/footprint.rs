//! What a region of a cloud emits, put together from the figures of its tables.
//!
//! Called by the catalogue of each cloud, which brings the names of its figures. Start reading at [`emissions`].

use appia_plan::{Emissions, Fact, Machine};

use crate::book::Book;

/// Under which names a cloud's table has the figures.
pub(crate) struct Figures {
    /// Watts for a GiB of memory.
    pub(crate) memory: &'static str,
    /// Kilowatt-hours for a TiB of solid-state storage and hour.
    pub(crate) storage: &'static str,
    /// Kilowatt-hours for a GiB on the network.
    pub(crate) network: &'static str,
    /// Hours that a server lives.
    pub(crate) life: &'static str,
    /// Machines, by a word in the names of what is bought; the last for any.
    pub(crate) machines: &'static [(&'static str, Power)],
    /// Copies of what is stored, by the beginning of the name of what is bought.
    pub(crate) copies: &'static [(&'static str, &'static str)],
    /// Words in the names of what is bought to leave for people outside.
    pub(crate) outward: &'static [&'static str],
}

/// Under which names a cloud's table has the figures of a machine.
pub(crate) struct Power {
    /// Watts of a processor that rests.
    pub(crate) idle: &'static str,
    /// Watts of a processor that never rests.
    pub(crate) full: &'static str,
    /// Kilograms that making a server emits.
    pub(crate) server: &'static str,
    /// Processors of that server.
    pub(crate) vcpus: &'static str,
}

/// What a region emits; none where the table lacks a figure, which the test of the tables finds.
pub(crate) fn emissions(book: &Book, region: &str, figures: &Figures) -> Option<Emissions> {
    let life = book.figure(figures.life)?.value;
    let machine = |(word, power): &(&'static str, Power)| {
        let (idle, full) = (book.figure(power.idle)?, book.figure(power.full)?);
        let (server, vcpus) = (book.figure(power.server)?, book.figure(power.vcpus)?);
        let source = if idle.source == server.source {
            idle.source.to_string()
        } else {
            format!("{}; of making it: {}", idle.source, server.source)
        };
        let embodied_kg = server.value / vcpus.value / life;
        Some(Machine { word, idle_w: idle.value, full_w: full.value, embodied_kg, source })
    };
    let copies = |(beginning, figure): &(&'static str, &str)| Some((*beginning, book.figure(figure)?.value));
    let (grid, pue): (Fact<f64>, Fact<f64>) = book.grid(region)?;
    Some(Emissions {
        grid,
        pue,
        memory: book.figure(figures.memory)?,
        storage: book.figure(figures.storage)?,
        network: book.figure(figures.network)?,
        machines: figures.machines.iter().map(machine).collect::<Option<_>>()?,
        copies: figures.copies.iter().map(copies).collect::<Option<_>>()?,
        outward: figures.outward,
    })
}
