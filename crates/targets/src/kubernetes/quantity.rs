//! Amounts as Kubernetes writes them: `256Mi`, `250m`.

use appia_intent::units::{Bytes, Cpu};

/// Bytes in the largest unit that keeps them whole.
pub(super) fn bytes(amount: Bytes) -> String {
    let units = [(1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let whole = units.iter().find(|(unit, _)| amount.get() > 0 && amount.get().is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{}{name}", amount.get() / unit),
        None => amount.get().to_string(),
    }
}

/// Cores, or thousandths of one.
pub(super) fn cpu(amount: Cpu) -> String {
    match amount.millis() {
        millis if millis % 1000 == 0 => (millis / 1000).to_string(),
        millis => format!("{millis}m"),
    }
}

/// Bytes as [`bytes`] writes them.
pub(super) fn read_bytes(text: &str) -> Option<u64> {
    text.parse::<Bytes>().ok().map(Bytes::get)
}

/// Thousandths of a core as [`cpu`] writes them.
pub(super) fn read_cpu(text: &str) -> Option<u64> {
    text.parse::<Cpu>().ok().map(Cpu::millis)
}

#[cfg(test)]
mod tests {
    use super::{bytes, cpu, read_bytes, read_cpu};
    use appia_intent::units::{Bytes, Cpu};

    #[test]
    fn is_exact() {
        for (amount, expect) in
            [(256 << 20, "256Mi"), (3 << 29, "1536Mi"), (1 << 30, "1Gi"), (1_000, "1000"), (0, "0")]
        {
            assert_eq!(bytes(Bytes::new(amount)), expect);
            assert_eq!(read_bytes(expect), Some(amount), "{expect}");
        }
        assert_eq!(cpu(Cpu::from_millis(250)), "250m");
        assert_eq!(cpu(Cpu::from_millis(2000)), "2");
        assert_eq!((read_cpu("250m"), read_cpu("2")), (Some(250), Some(2000)));
    }
}
