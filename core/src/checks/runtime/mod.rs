//! 653 Runtime Performance.
