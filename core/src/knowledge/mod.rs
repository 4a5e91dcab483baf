//! knowledge (to come).
