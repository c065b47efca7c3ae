//! Ids for requests that come without one: an `x-request-id` and a W3C `traceparent`.
//!
//! Unique and unguessable enough to find a line in a log, not a secret. One [`RequestIds`] a gateway, seeded once.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::HeaderValue;

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Makes ids without a lock.
#[derive(Debug)]
pub(super) struct RequestIds(AtomicU64);

impl RequestIds {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Sixteen hexadecimal digits.
    pub(super) fn request_id(&self) -> HeaderValue {
        let mut text = [0; 16];
        write_hex(&mut text, self.next());
        value(&text)
    }

    /// Version, trace, span, and that the trace is sampled.
    pub(super) fn traceparent(&self) -> HeaderValue {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-01";
        for (at, id) in [(3, self.next()), (19, self.next()), (36, self.next() | 1)] {
            write_hex(text.get_mut(at..at + 16).unwrap_or_default(), id);
        }
        value(&text)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): a counter whose bits are well mixed.
    fn next(&self) -> u64 {
        let mut bits = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

fn write_hex(text: &mut [u8], id: u64) {
    for (place, letter) in text.iter_mut().rev().enumerate() {
        let digit = ((id >> (4 * place)) & 15) as u8;
        *letter = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
    }
}

fn value(text: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(text).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_that_others_read_and_differ() {
        let ids = RequestIds::new(7);
        let (one, two) = (ids.traceparent(), ids.traceparent());
        let text = one.to_str().unwrap();
        let lengths: Vec<_> = text.split('-').map(str::len).collect();
        assert_eq!(lengths, [2, 32, 16, 2], "{text}");
        assert!(text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{text}");
        assert_ne!(one, two);
        assert_eq!(ids.request_id().len(), 16);
    }
}
