//! 652 Transaction Correctness.
