//! Files whose folders are listed in another order than by name, as file systems do.

use std::sync::Arc;

use appia_sources::{FileProblem, Files, MemoryFiles};

/// The orders that a folder is listed in.
pub(crate) const ORDERS: [Order; 3] = [Order::Sorted, Order::Reversed, Order::Rotated];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Sorted,
    Reversed,
    Rotated,
}

/// Files in memory, listed in an order.
pub(crate) struct Shuffled {
    pub(crate) files: MemoryFiles,
    pub(crate) order: Order,
}

impl Files for Shuffled {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        self.files.read(path)
    }

    fn entries(&self, folder: &str) -> Vec<String> {
        let mut names = self.files.entries(folder);
        names.sort();
        match self.order {
            Order::Sorted => {}
            Order::Reversed => names.reverse(),
            Order::Rotated => {
                let by = names.len() / 2;
                names.rotate_left(by);
            }
        }
        names
    }
}

#[test]
fn the_orders_differ_in_what_is_entered_and_not_in_what_is_listed() {
    let files = ["a", "B", "ab", "a-b"].iter().fold(MemoryFiles::new(), |files, name| files.with(name, ""));
    let shuffled = ORDERS.map(|order| Shuffled { files: files.clone(), order });
    let [sorted, reversed, rotated] = shuffled.each_ref().map(|files| files.entries("."));
    assert!(sorted != reversed && reversed != rotated && rotated != sorted);
    for files in &shuffled {
        assert_eq!(files.list("."), ["B", "a", "a-b", "ab"]);
    }
}
