//! Models of what runs without a lock.
