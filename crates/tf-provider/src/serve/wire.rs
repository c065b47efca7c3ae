//! Protocol buffers in so far as these messages ask for: numbers, texts and messages by field number.
//!
//! Start at [`Writer`] and [`fields`].

/// A message that is being written. What is empty or zero is left out, as the format has it.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn number(mut self, field: u32, value: u64) -> Writer {
        if value != 0 {
            self.varint(u64::from(field << 3));
            self.varint(value);
        }
        self
    }

    pub(super) fn flag(self, field: u32, value: bool) -> Writer {
        self.number(field, u64::from(value))
    }

    pub(super) fn bytes(self, field: u32, value: &[u8]) -> Writer {
        if value.is_empty() { self } else { self.message(field, value) }
    }

    /// A message inside of this one, which counts even when it is empty.
    pub(super) fn message(mut self, field: u32, value: &[u8]) -> Writer {
        self.varint(u64::from(field << 3 | 2));
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, value: u64) {
        let mut rest = value;
        while rest >= 0x80 {
            self.0.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }
}

/// The texts and messages of a message, by field number; none: it is broken.
pub(super) fn fields(message: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        match key & 7 {
            0 => {
                varint(&mut rest)?;
            }
            1 => rest = rest.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                found.push((key >> 3, rest.get(..length)?));
                rest = rest.get(length..)?;
            }
            5 => rest = rest.get(4..)?,
            _ => return None,
        }
    }
    Some(found)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        // The example of the format's own documentation: field 1 is 150, field 2 is `testing`.
        let message = Writer::default().number(1, 150).bytes(2, b"testing").bytes(3, b"").done();
        assert_eq!(message, b"\x08\x96\x01\x12\x07testing");
        assert_eq!(fields(&message), Some(vec![(2, b"testing".as_slice())]));
        assert_eq!(fields(b"\x12\x07test"), None);
        assert_eq!(fields(&[0xff; 12]), None);
    }
}
