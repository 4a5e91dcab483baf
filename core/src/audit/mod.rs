//! audit (to come).
