//! Apply, resume and undo a plan over drivers and a journal.
