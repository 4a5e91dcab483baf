//! The pages of these rules.

use crate::evidence::rules::pages::Page;

/// Identifier and text, in their order.
pub const PAGES: &[Page] = &[
    ("P1", include_str!("../pages/P1.md")),
    ("P2", include_str!("../pages/P2.md")),
    ("P3", include_str!("../pages/P3.md")),
    ("P4", include_str!("../pages/P4.md")),
    ("P5", include_str!("../pages/P5.md")),
    ("P6", include_str!("../pages/P6.md")),
    ("P7", include_str!("../pages/P7.md")),
    ("P8", include_str!("../pages/P8.md")),
    ("P9", include_str!("../pages/P9.md")),
    ("P10", include_str!("../pages/P10.md")),
    ("P11", include_str!("../pages/P11.md")),
    ("P12", include_str!("../pages/P12.md")),
    ("P13", include_str!("../pages/P13.md")),
    ("P14", include_str!("../pages/P14.md")),
    ("P15", include_str!("../pages/P15.md")),
    ("P16", include_str!("../pages/P16.md")),
    ("P17", include_str!("../pages/P17.md")),
    ("P18", include_str!("../pages/P18.md")),
    ("P19", include_str!("../pages/P19.md")),
    ("P20", include_str!("../pages/P20.md")),
    ("P21", include_str!("../pages/P21.md")),
    ("P22", include_str!("../pages/P22.md")),
    ("Q1", include_str!("../pages/Q1.md")),
    ("Q2", include_str!("../pages/Q2.md")),
    ("Q3", include_str!("../pages/Q3.md")),
    ("Q4", include_str!("../pages/Q4.md")),
    ("Q5", include_str!("../pages/Q5.md")),
    ("Q6", include_str!("../pages/Q6.md")),
    ("Q7", include_str!("../pages/Q7.md")),
    ("Q8", include_str!("../pages/Q8.md")),
    ("Q9", include_str!("../pages/Q9.md")),
    ("Q10", include_str!("../pages/Q10.md")),
];
